"""OpenAI's API over the seeds, or over a service that does what a test says, and a client that asks it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openai
import pytest
from fakes import BELIEVED, FakeEmbedder, ScriptedGenerator
from fastapi import FastAPI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from serving import ASK_METRO, ASK_SIGNED, LONG_S, SIGNED, running

from index.store import open_index
from rag.conversation import Exchange
from rag.errors import GeneratorError
from rag.generators.base import Message
from rag.pipeline import AskOptions, Assistant, PassagesFound
from rag.retrieval import Retriever
from rag.settings import load_settings
from ui.access import Logins
from ui.openai_api import Answering, openai_router

NO_OPTIONS = AskOptions()
ASK_MEETING = "许昌市委经济工作会议提出了什么要求？"
ASK_BROKEN = "东湖社区的图书流动车开进了哪个小区？"


def reply(messages: Sequence[Message]) -> str:
    question = messages[-1]["content"].rpartition("\n")[2]
    if ASK_SIGNED in question:
        return f"依据：{SIGNED}\n答案：现场签约合同金额3400万元[1]。"
    if ASK_METRO in question:
        return "依据：无\n答案：资料中没有相关内容。"
    if ASK_BROKEN in question:
        raise GeneratorError("the generator fell over: start it again")
    lines = [line for line in messages[-1]["content"].splitlines() if line.startswith("[")]
    return "答案：" + "".join(f"{line.partition(']')[2]}{line.partition(']')[0]}]" for line in lines)


class OneAtATime:
    """The service as far as this API needs it: a real assistant, asked in turn."""

    def __init__(self, assistant: Assistant) -> None:
        self.asked: list[tuple[str, tuple[Exchange, ...], AskOptions]] = []
        self._assistant = assistant
        self._turn = threading.RLock()  # bound to a thread, as a service's locks may be

    def stream(
        self, question: str, *, history: Sequence[Exchange] = (), options: AskOptions = NO_OPTIONS
    ) -> Iterator[object]:
        self.asked.append((question, tuple(history), options))
        with self._turn:
            for event in self._assistant.stream(question, history=history, options=options):
                if isinstance(event, PassagesFound):
                    yield object()  # not one of the pipeline's events
                yield event


class Scripted:
    """Does what the test says."""

    def __init__(self, events: Callable[[], Iterator[object]]) -> None:
        self._events = events
        self.asked: list[tuple[str, tuple[Exchange, ...], AskOptions]] = []
        self.closed = threading.Event()

    def stream(
        self, question: str, *, history: Sequence[Exchange] = (), options: AskOptions = NO_OPTIONS
    ) -> Iterator[object]:
        self.asked.append((question, tuple(history), options))
        try:
            yield from self._events()
        finally:
            self.closed.set()


def app_of(service: Answering, logins: Logins | None = None) -> FastAPI:
    app = FastAPI()
    app.include_router(openai_router(service, logins))
    return app


@contextmanager
def served(service: Answering, logins: Logins | None = None) -> Iterator[str]:
    """A server on a free port of this machine; its address."""
    with running(app_of(service, logins)) as address:
        yield f"{address}v1"


def client_of(address: str, key: str = "unused") -> openai.OpenAI:
    return openai.OpenAI(base_url=address, api_key=key, max_retries=0, timeout=LONG_S)


@pytest.fixture(scope="module")
def service(small_index: Path) -> Iterator[OneAtATime]:
    tree = load_settings(generation=BELIEVED)
    index = open_index(small_index)
    assistant = Assistant(
        index, Retriever(index, FakeEmbedder(), tree.retrieval), ScriptedGenerator(reply), tree
    )
    yield OneAtATime(assistant)
    assistant.close()


@pytest.fixture(scope="module")
def address(service: OneAtATime) -> Iterator[str]:
    with served(service) as found:
        yield found


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    with client_of(address) as found:
        yield found


def ask(client: openai.OpenAI, question: str, **options: Any) -> ChatCompletion:
    messages = [{"role": "user", "content": question}]
    found = client.chat.completions.create(model="gpt-5", messages=messages, **options)  # type: ignore[arg-type]
    assert isinstance(found, ChatCompletion)
    return found


def ask_streamed(client: openai.OpenAI, question: str, **options: Any) -> list[ChatCompletionChunk]:
    messages = [{"role": "user", "content": question}]
    found = client.chat.completions.create(
        model="wenyuan",
        messages=messages,  # type: ignore[arg-type]
        stream=True,
        **options,
    )
    assert isinstance(found, openai.Stream)
    return list(found)


def text_of(chunks: Sequence[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def error_of(caught: pytest.ExceptionInfo[openai.APIStatusError]) -> dict[str, Any]:
    found = caught.value.response.json()
    assert set(found) == {"error"}
    assert set(found["error"]) == {"message", "type", "param", "code"}
    assert "\n" not in found["error"]["message"]
    error: dict[str, Any] = found["error"]
    return error
