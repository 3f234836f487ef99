"""Gradio's own HTTP API with named endpoints, for scripts: ``/ask``, ``/stream``, ``/passages`` and ``/documents``."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr
from gradio.events import api
from pydantic import ValidationError

from rag.answers import Answer
from rag.assembling import answer_passage
from rag.choices import first_problem
from rag.errors import QuestionError, WenyuanError
from rag.pipeline import DraftText, DraftWithdrawn, PassagesFound, QuestionCompleted
from rag.service import Service
from rag.service_status import Waiting
from ui.messages import Question


def add_endpoints(service: Service) -> None:
    """Register the endpoints on the Gradio app whose context is open."""

    def ask(
        question: str,
        history: list[Any] | None = None,
        documents: list[str] | None = None,
        top_k: int | None = None,
        language: str = "auto",
        since: str | None = None,
        until: str | None = None,
    ) -> dict[str, Any]:
        """Answer one question; see `rag ask --json` for the shape."""
        for record in stream(question, history, documents, top_k, language, since, until):
            if record["event"] == "answer":
                answer: dict[str, Any] = record["answer"]
                return answer
        raise AssertionError("a stream ends with an answer")

    def stream(
        question: str,
        history: list[Any] | None = None,
        documents: list[str] | None = None,
        top_k: int | None = None,
        language: str = "auto",
        since: str | None = None,
        until: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Answer one question step by step: {"event": "passages" | "waiting" | "draft" | "withdrawn" | "answer", …}."""
        chosen = {
            "documents": documents,
            "top_k": top_k,
            "language": language,
            "since": since,
            "until": until,
        }
        for event in _events(service, _read(question, history, chosen)):
            yield _record(event)

    def passages(
        question: str,
        documents: list[str] | None = None,
        top_k: int | None = None,
        since: str | None = None,
        until: str | None = None,
    ) -> list[dict[str, Any]]:
        """Return the passages found for a question, the best first; nothing is generated."""
        chosen = {"documents": documents, "top_k": top_k, "since": since, "until": until}
        asked = _read(question, None, chosen)
        try:
            found = service.find(asked.question, options=asked.options())[1]
        except WenyuanError as error:
            raise gr.Error(str(error), print_exception=False) from error
        return [answer_passage(passage).model_dump() for passage in found]

    def documents() -> list[dict[str, Any]]:
        """Return the indexed documents."""
        return [dataclasses.asdict(document) for document in service.documents()]

    for function in (ask, stream, passages, documents):
        api(function, api_name=function.__name__, concurrency_limit=None)


def _events(service: Service, asked: Question) -> Iterator[Any]:
    try:
        yield from service.stream(asked.question, history=asked.exchanges(), options=asked.options())
    except WenyuanError as error:
        raise gr.Error(str(error), print_exception=False) from error


def _read(question: str, history: list[Any] | None, chosen: Mapping[str, object]) -> Question:
    try:
        return Question.model_validate({"question": question, "history": history or [], **chosen})
    except ValidationError as error:
        raise gr.Error(first_problem(error), print_exception=False) from error


def _record(event: object) -> dict[str, Any]:
    if isinstance(event, Answer):
        return {"event": "answer", "answer": event.model_dump()}
    if isinstance(event, PassagesFound):
        return {"event": "passages", "count": len(event.passages)}
    if isinstance(event, QuestionCompleted):
        return {"event": "completed", "question": event.question}
    if isinstance(event, DraftText):
        return {"event": "draft", "text": event.text}
    if isinstance(event, DraftWithdrawn):
        return {"event": "withdrawn"}
    if isinstance(event, Waiting):
        return {"event": "waiting", "ahead": event.ahead}
    raise QuestionError(f"unknown event {type(event).__name__}")
