"""The page: a Gradio app with one component of our own, drawn by the scripts in ``static/``.

Text of documents, models and users only ever travels as JSON, and the scripts put it into text nodes; no HTML is made
from it anywhere.
"""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from pydantic import ValidationError

from index.loading import SUFFIXES
from rag.answers import Answer
from rag.assembling import answer_passage
from rag.errors import WenyuanError
from rag.pipeline import (
    DraftText,
    DraftWithdrawn,
    Event,
    PassagesFound,
    QuestionCompleted,
    readable_question,
)
from rag.retrieval import Passage
from rag.service import Service
from rag.service_status import Waiting
from ui.endpoints import add_endpoints
from ui.export import export
from ui.messages import AddRequest, AskRequest, ExportRequest, LibraryRequest, RemoveRequest, SourceRequest

logger = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"
_HEAD = """
<meta name="referrer" content="no-referrer">
<link rel="stylesheet" href="page/page.css">
"""
# Gradio finds out from this text that the component has the events 'ask' and 'stop'.
_ON_LOAD = """
const events = { ask: () => trigger('ask'), stop: () => trigger('stop') };
import(new URL('page/main.js', document.baseURI).href).then((page) =>
  page.start({ element, events, props, server, upload, watch, limits: %s }));
"""

Reply = dict[str, Any]


def build_page(service: Service, most_upload_bytes: int) -> tuple[gr.Blocks, str]:
    """Return the Gradio app and what belongs into the page's head.

    Args:
        service: answers, and manages the documents.
        most_upload_bytes: the largest file that is taken.
    """
    with gr.Blocks(title="问源 Wenyuan", analytics_enabled=False, fill_width=True, fill_height=True) as page:
        room = gr.HTML(
            value={},
            html_template='<div id="wenyuan"></div>',
            js_on_load=_ON_LOAD % json.dumps({"bytes": most_upload_bytes, "suffixes": sorted(SUFFIXES)}),
            server_functions=_server_functions(service, most_upload_bytes),
            apply_default_css=False,
        )

        def ask(message: object) -> Iterator[Reply]:
            # Gradio streams what a generator function yields, so this must be one itself.
            yield from answered(service, message)

        asking = room.ask(
            ask,
            room,
            room,
            api_name="page",  # "ask" is the name for programs
            api_visibility="private",
            show_progress="hidden",
            concurrency_limit=None,
            trigger_mode="multiple",
        )
        room.stop(None, cancels=[asking], api_visibility="private")
        add_endpoints(service)
    return page, _HEAD


def answered(service: Service, message: object) -> Iterator[Reply]:
    """Answer one question of the page, step by step.

    Each reply holds the turn it is for, the step that it has reached (``searched``, ``waiting``, ``writing``, ``done``
    or ``error``) and what is known by then. What goes wrong ends in a reply, not in an exception.
    """
    try:
        request = AskRequest.model_validate(message)
    except ValidationError:
        yield {
            "turn": _turn(message),
            "step": "error",
            "error": "the page sent a question that cannot be read",
        }
        return
    reply: Reply = {"turn": request.turn}
    try:
        if request.passages_only:
            asked, found = service.find(
                request.question, history=request.exchanges(), options=request.options()
            )
            standalone = asked if asked != readable_question(request.question) else None
            yield {**reply, "step": "done", "standalone": standalone, "passages": _shown(found)}
            return
        events = service.stream(request.question, history=request.exchanges(), options=request.options())
        for event in events:
            _follow(reply, event)
            yield dict(reply)
    except WenyuanError as error:
        yield {**reply, "step": "error", "error": str(error)}
    except Exception:
        logger.exception("answering failed")
        yield {
            **reply,
            "step": "error",
            "error": "something went wrong; the terminal of the program says what",
        }


def _follow(reply: Reply, event: Event | Waiting) -> None:
    """Bring a reply up to date with what has happened."""
    if isinstance(event, QuestionCompleted):
        reply.update(step="searching", standalone=event.question)
    elif isinstance(event, PassagesFound):
        reply.update(step="searched", passages=_shown(event.passages), draft="")
    elif isinstance(event, Waiting):
        reply.update(step="waiting", ahead=event.ahead)
    elif isinstance(event, DraftText):
        reply.update(step="writing", draft=reply.get("draft", "") + event.text)
    elif isinstance(event, DraftWithdrawn):
        reply.update(step="searched", draft="")
    elif isinstance(event, Answer):
        # The passages are there already, and need not travel twice.
        reply.update(step="done", draft="", answer=event.model_dump(exclude={"passages"}))


def _shown(passages: Sequence[Passage]) -> list[Reply]:
    return [
        {
            **answer_passage(passage).model_dump(),
            "title": passage.headline,
            "date": passage.chunk.dateline.date,
        }
        for passage in passages
    ]


def _turn(message: object) -> str:
    turn = message.get("turn") if isinstance(message, dict) else None
    # Half a surrogate pair is no JSON, in which this goes back.
    return turn.encode(errors="replace").decode() if isinstance(turn, str) else ""


def _server_functions(service: Service, most_upload_bytes: int) -> list[Callable[[object], Reply]]:
    """Return what the page's scripts call; each takes and returns JSON, and reports errors as ``{"error": …}``."""

    def status(_: object) -> Reply:
        return dataclasses.asdict(service.status())

    def library(message: object) -> Reply:
        request = LibraryRequest.model_validate(message)
        return {
            "documents": [dataclasses.asdict(document) for document in service.documents()],
            "examples": service.examples(request.examples),
        }

    def source(message: object) -> Reply:
        request = SourceRequest.model_validate(message)
        return service.source(request.doc, request.start, request.end, request.quote).model_dump()

    def add(message: object) -> Reply:
        uploads = AddRequest.model_validate(message).uploads()
        try:
            refused = service.add(uploads, most_upload_bytes)
        finally:
            for _, path in uploads:
                path.unlink(missing_ok=True)  # the library has its own copy
        return {"refused": [dataclasses.asdict(one) for one in refused]}

    def remove(message: object) -> Reply:
        service.remove(RemoveRequest.model_validate(message).ids)
        return {}

    def rebuild(_: object) -> Reply:
        service.rebuild()
        return {}

    def set_up(_: object) -> Reply:
        service.start()
        return {}

    def export_conversation(message: object) -> Reply:
        return export(ExportRequest.model_validate(message))

    export_conversation.__name__ = "export"
    functions = [status, library, source, add, remove, rebuild, set_up, export_conversation]
    return [_reporting(function) for function in functions]


def _reporting(function: Callable[[object], Reply]) -> Callable[[object], Reply]:
    """Let a function report what goes wrong instead of raising it."""

    def call(message: object) -> Reply:
        try:
            return function(message)
        except ValidationError:
            return {"error": "the page sent a message that cannot be read; reload it"}
        except WenyuanError as error:
            return {"error": str(error)}
        except OSError as error:
            return {"error": error.strerror or str(error)}

    call.__name__ = function.__name__
    return call
