"""``/v1/chat/completions`` and ``/v1/models``, so that programs written for OpenAI's API can ask.

The answers carry two fields more than OpenAI's: ``citations``, and ``wenyuan``, the whole
:class:`~rag.answers.Answer`. Only checked text is ever sent: this protocol cannot take words back.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from functools import partial
from typing import Any, Protocol

import anyio
from anyio import from_thread, to_thread
from anyio.lowlevel import RunVar
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from rag.answers import Answer
from rag.conversation import Exchange
from rag.pipeline import AskOptions, PassagesFound
from ui.access import Logins
from ui.openai_errors import ApiError, error_response
from ui.openai_request import Asked, read_request
from ui.openai_response import MODEL, Chunks, completion

_KEEP_ALIVE_S = 5.0
_LARGEST_BODY = 4 << 20
_NO_OPTIONS = AskOptions()

# Threads of their own: questions that wait for their turn, or guessed passwords, must not take those of the page.
_QUESTIONS_AT_ONCE, _LOGINS_AT_ONCE = 64, 16
_questions: RunVar[anyio.CapacityLimiter] = RunVar("questions")
_logins: RunVar[anyio.CapacityLimiter] = RunVar("logins")


class Answering(Protocol):
    """Who answers: :class:`rag.service.Service`, or an assistant behind an adapter."""

    def stream(
        self, question: str, *, history: Sequence[Exchange] = (), options: AskOptions = _NO_OPTIONS
    ) -> Iterator[object]:
        """Answer step by step; the last event is the :class:`~rag.answers.Answer`.

        The iterator is used in one worker thread from its beginning to its end. When the client has gone it is
        closed at its next event, so the longer it goes without one, the longer it works for nobody.

        Raises:
            QuestionError: the question cannot be answered as it is.
            NotReadyError: it can be asked later.
            WenyuanError: anything else that the owner can mend.
        """
        ...


def openai_router(service: Answering, logins: Logins | None) -> APIRouter:
    """Return the routes below ``/v1``.

    Args:
        service: who answers.
        logins: who may ask, with ``Authorization: Bearer NAME:PASSWORD`` or HTTP Basic; everyone when ``None``.
    """
    began = int(time.time())

    async def logged_in(request: Request) -> None:
        if logins is not None and not await _may_ask(request, logins):
            raise ApiError(
                401,
                "log in with the API key NAME:PASSWORD",
                code="invalid_api_key",
                # Not Basic: a browser would ask for the password, keep it, and send it with other pages' requests.
                headers={"WWW-Authenticate": 'Bearer realm="wenyuan"'},
            )

    router = APIRouter(prefix="/v1", route_class=_Route, dependencies=[Depends(logged_in)], tags=["openai"])
    model = {"id": MODEL, "object": "model", "created": began, "owned_by": "local"}

    @router.post("/chat/completions")
    async def chat(request: Request) -> Response:
        asked = read_request(await _json_body(request))
        if asked.streamed:
            return _StreamedAnswer(service, asked)
        return await _whole_answer(service, asked, request)

    @router.get("/models")
    async def models() -> Response:
        return JSONResponse({"object": "list", "data": [model]})

    @router.get("/models/{name:path}")
    async def one_model(name: str) -> Response:
        if name != MODEL:
            raise ApiError(404, f"there is one model here: {MODEL}", param="model", code="model_not_found")
        return JSONResponse(model)

    return router


class _Route(APIRoute):
    """Gives every error the shape of OpenAI's."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_in_shape(request: Request) -> Response:
            try:
                return await handle(request)
            except ClientDisconnect:
                return _nobody_there()
            except Exception as error:
                return error_response(error)

        return handle_in_shape


async def _json_body(request: Request) -> bytes:
    """Return the body; a form of another site's page, which needs nobody's leave, is refused by its type."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ApiError(415, "send JSON, with Content-Type: application/json")
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            raise ApiError(413, f"the request is larger than {_LARGEST_BODY >> 20} MiB: leave messages out")
    return bytes(body)


async def _may_ask(request: Request, logins: Logins) -> bool:
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    try:
        # Headers come as Latin-1; names and passwords are UTF-8.
        login = credentials.strip().encode("latin-1")
        if scheme.lower() == "basic":
            login = base64.b64decode(login, validate=True)
        elif scheme.lower() != "bearer":
            return False
        name, colon, password = login.decode().partition(":")
    except (ValueError, binascii.Error):
        return False
    if not colon:
        return False
    check = partial(logins.check, name, password)
    return await to_thread.run_sync(check, limiter=_limiter(_logins, _LOGINS_AT_ONCE))


def _limiter(kept: RunVar[anyio.CapacityLimiter], threads: int) -> anyio.CapacityLimiter:
    """Return the event loop's limiter."""
    try:
        return kept.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(threads)
        kept.set(limiter)
        return limiter


class _Tick:
    """It is time to show that the question is being worked on."""


@contextlib.asynccontextmanager
async def _answering(
    service: Answering, asked: Asked, receive: Receive
) -> AsyncIterator[MemoryObjectReceiveStream[object]]:
    """Answer in a worker thread; the block reads events, ticks, and last the :class:`Answer` or an exception.

    When the client goes, the block is cancelled, and the service's iterator is closed.
    """
    send, events = anyio.create_memory_object_stream[object](math.inf)
    async with send, events, anyio.create_task_group() as tasks:
        tasks.start_soon(_cancel_when_gone, receive, tasks.cancel_scope)
        tasks.start_soon(_tick, send)
        tasks.start_soon(_work, service, asked, send)
        yield events
        tasks.cancel_scope.cancel()


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _tick(send: MemoryObjectSendStream[object]) -> None:
    while True:
        await anyio.sleep(_KEEP_ALIVE_S)
        send.send_nowait(_Tick())


async def _work(service: Answering, asked: Asked, send: MemoryObjectSendStream[object]) -> None:
    def pass_on(event: object) -> None:
        from_thread.run_sync(send.send_nowait, event)

    work = partial(_answer, service, asked, pass_on)
    try:
        outcome: object = await to_thread.run_sync(work, limiter=_limiter(_questions, _QUESTIONS_AT_ONCE))
    except Exception as error:
        outcome = error
    send.send_nowait(outcome)


def _answer(service: Answering, asked: Asked, pass_on: Callable[[object], None]) -> Answer:
    """Go through the service's events; all in this one thread, as locks and generators may be bound to theirs."""
    events = service.stream(asked.question, history=asked.history, options=asked.options)
    answer: Answer | None = None
    try:
        for event in events:
            from_thread.check_cancelled()
            if isinstance(event, Answer):
                answer = event
            else:
                pass_on(event)
    finally:
        if close := getattr(events, "close", None):
            close()
    if answer is None:
        raise RuntimeError("the service's events ended without an answer")
    return answer


async def _whole_answer(service: Answering, asked: Asked, request: Request) -> Response:
    outcome: object = None
    async with _answering(service, asked, request.receive) as events:
        async for outcome in events:
            if isinstance(outcome, Answer | Exception):
                break
    if isinstance(outcome, Exception):
        return error_response(outcome)
    if not isinstance(outcome, Answer):
        return _nobody_there()
    return JSONResponse(completion(outcome))


class _StreamedAnswer(Response):
    """Server-sent events: signs of life while the answer is written and checked, then its sentences."""

    media_type = "text/event-stream"

    def __init__(self, service: Answering, asked: Asked) -> None:
        super().__init__(headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._service = service
        self._asked = asked
        self._chunks = Chunks(asked.usage)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused: Exception | None = None
        async with _answering(self._service, self._asked, receive) as events:
            # What is wrong from the start is still told with an HTTP status.
            event = await events.receive()
            if isinstance(event, Exception):
                refused = event
            else:
                with contextlib.suppress(OSError):  # so some servers tell that the client has gone
                    await self._send_events(event, events, send)
        if refused is not None:
            await error_response(refused)(scope, receive, send)

    async def _send_events(
        self, event: object, events: MemoryObjectReceiveStream[object], send: Send
    ) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        doing = ": searching"
        await _send_line(send, self._chunks.begin())
        await _send_line(send, doing)
        while not isinstance(event, Answer | Exception):
            if isinstance(event, PassagesFound):
                doing = ": writing"
            if isinstance(event, PassagesFound | _Tick):
                await _send_line(send, doing)
            event = await events.receive()
        lines = self._chunks.failed(event) if isinstance(event, Exception) else self._chunks.answered(event)
        for line in lines:
            await _send_line(send, line)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_line(send: Callable[[dict[str, Any]], Awaitable[None]], line: str) -> None:
    await send({"type": "http.response.body", "body": f"{line}\n\n".encode(), "more_body": True})


def _nobody_there() -> Response:
    """Return what is written to the access log when the client has gone."""
    return Response(status_code=499)
