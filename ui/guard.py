"""What stands before every request: who may send it, and what a browser may do with the response."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Gradio makes functions out of strings and writes styles into the page; all of it comes from this server. Nothing may
# be fetched from, or sent to, any other place: the browser itself enforces that the page stays local.
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_UNKNOWN_HOST = (
    "This server is not known by the name in the address; open the address that `rag chat` printed, "
    "or start it with --host NAME."
)
_SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class Guard:
    """Refuses requests that another site's page makes, and sends protective headers with every response."""

    def __init__(self, app: ASGIApp, hosts: Collection[str] | None) -> None:
        """Guard ``app``.

        Args:
            app: what is guarded.
            hosts: the names under which the server may be addressed; any when ``None``. A page elsewhere that has its
                own name point to this machine (DNS rebinding) is refused by them.
        """
        self._app = app
        self._hosts = None if hosts is None else frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Headers(scope=scope), scope.get("method", "GET"), scope["type"])
        if refusal is not None and scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        await self._app(scope, receive, protected)

    def _refusal(self, headers: Headers, method: str, kind: str) -> PlainTextResponse | None:
        """Return what a request is refused with, if it is."""
        host = headers.get("host", "")
        if self._hosts is not None and _host_name(host) not in self._hosts:
            return PlainTextResponse(_UNKNOWN_HOST, 421)
        origin = headers.get("origin")
        # A browser asks nobody before another site's page opens a websocket.
        reads_only = kind == "http" and method in _SAFE_METHODS
        if origin is not None and not reads_only and origin.partition("//")[2] != host:
            return PlainTextResponse("requests from other sites are refused", 403)
        return None


def _host_name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
