"""Serving the page and its API on one port."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import socket
import threading
import webbrowser
from typing import TYPE_CHECKING

import uvicorn
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.types import ASGIApp

from rag.service import Service
from rag.settings import ChatSettings, Settings
from ui.access import Logins
from ui.errors import AccessError, ServerError
from ui.guard import Guard
from ui.openai_api import openai_router

if TYPE_CHECKING:
    import gradio as gr

_FIRST_PORT = 7860
_PORTS_TRIED = 20
_SHUTDOWN_S = 3
_LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def create_app(service: Service, settings: Settings, logins: Logins | None) -> ASGIApp:
    """Return the whole web application.

    Args:
        service: answers, and manages the documents; it may still be setting up.
        settings: the whole tree.
        logins: who may ask; everyone when ``None``.
    """
    # Gradio reads these when it is imported: nothing is reported anywhere, and no page is loaded from elsewhere.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    import gradio as gr

    from ui.page import STATIC, build_page

    most_bytes = int(settings.chat.max_upload_mb * 1_000_000)
    page, head = build_page(service, most_bytes)
    app = FastAPI(title="Wenyuan", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount("/page", StaticFiles(directory=STATIC))
    app.include_router(openai_router(service, logins))
    gr.mount_gradio_app(
        app,
        page.queue(default_concurrency_limit=None, max_size=256),
        "/",
        auth=logins.check if logins is not None else None,
        max_file_size=most_bytes,
        ssr_mode=False,
        run_history=False,
        footer_links=[],
        favicon_path=str(STATIC / "icon.png"),
        theme=_theme(),
        auth_message="问源 Wenyuan",
        head=head,
        show_error=False,
    )
    host = settings.chat.host
    return Guard(app, (*_LOCAL_NAMES, host) if _is_local(host) else None)


def _theme() -> gr.Theme:
    """Dress what Gradio draws itself, the login form; fonts are those of the machine."""
    import gradio as gr

    plain = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    return plain.set(
        body_background_fill="#faf9f6",
        body_background_fill_dark="#14171a",
        button_primary_background_fill="#0b5d5b",
        button_primary_background_fill_hover="#0d6e6b",
        button_primary_background_fill_dark="#0b5d5b",
    )


def open_logins(chat: ChatSettings) -> Logins | None:
    """Return who may ask, or ``None`` for everyone on this machine.

    Raises:
        AccessError: the file cannot be used, or others could ask and there is none.
    """
    if chat.logins is not None:
        return Logins.load(chat.logins)
    if not _is_local(chat.host):
        raise AccessError(
            f"on {chat.host} everyone on the network could ask and add documents: give --auth FILE "
            "(make one with `rag password FILE NAME`), or leave out --host"
        )
    return None


def serve(settings: Settings, *, open_browser: bool) -> None:
    """Serve the page until it is interrupted; the models are fetched and loaded meanwhile.

    Raises:
        AccessError: see :func:`open_logins`.
        ServerError: the address cannot be used.
    """
    chat = settings.chat
    logins = open_logins(chat)
    listening = _listen(chat)
    port = listening.getsockname()[1]
    address = f"http://{_in_url(chat.host)}:{port}/"
    corpus = chat.first_corpus if chat.first_corpus.is_dir() else None
    service = Service(settings, corpus)
    app = create_app(service, settings, logins)
    config = uvicorn.Config(
        app, log_level="warning", timeout_graceful_shutdown=_SHUTDOWN_S, server_header=False
    )
    service.start()
    if open_browser:
        threading.Timer(1.0, webbrowser.open, (address,)).start()
    _say(address, logins)
    try:
        # Ctrl-C is how the page is meant to be ended; uvicorn hands it on when it has shut down.
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])
    finally:
        service.close()


def _say(address: str, logins: Logins | None) -> None:
    import click

    click.echo(f"Wenyuan 问源 is at {address}  (Ctrl-C stops it)", err=True)
    who = "asks for a login" if logins is not None else "only this machine can reach it"
    click.echo(f"the page shows how far setting up is; {who}", err=True)


def _listen(chat: ChatSettings) -> socket.socket:
    """Bind the port that was asked for, or by default the first free one."""
    ports = [chat.port] if chat.port is not None else range(_FIRST_PORT, _FIRST_PORT + _PORTS_TRIED)
    for port in ports:
        try:
            family, kind, protocol, _, where = socket.getaddrinfo(
                chat.host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )[0]
            listening = socket.socket(family, kind, protocol)
        except (OSError, UnicodeError) as error:  # the latter for what can be no name at all
            reason = error.strerror if isinstance(error, OSError) else "it is not a host name"
            raise ServerError(
                f"the address {chat.host} cannot be used ({reason}): give --host another, or leave it out"
            ) from error
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(where)
            listening.listen()  # from now on the port is taken; who comes before the server has begun waits
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE:
                raise ServerError(
                    f"cannot listen on {chat.host}, port {port} ({error.strerror}): "
                    "choose others with --host and --port"
                ) from error
            continue
        return listening
    if chat.port is not None:
        raise ServerError(f"port {chat.port} is in use: choose another with --port")
    raise ServerError(
        f"the ports {_FIRST_PORT} to {_FIRST_PORT + _PORTS_TRIED - 1} are all in use: choose one with --port"
    )


def _is_local(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
