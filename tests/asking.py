"""Assistants over seeds/ whose generator says what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from fakes import FakeEmbedder, ScriptedGenerator

from index.store import Index, open_index
from rag.generators.base import Message
from rag.pipeline import (
    Assistant,
    DraftText,
    DraftWithdrawn,
    Event,
)
from rag.reading import Reader
from rag.retrieval import Retriever
from rag.settings import Settings, load_settings

SIGNED = "签约单位代表依次登台签署项目合作书，现场签约合同金额3400万元。"
ASK_SIGNED = "长葛市食品行业产销对接会现场签约合同金额是多少？"
OPENED = "当天，一辆载有千余册图书的图书流动服务车开进东湖翡翠小区。"
ASK_OPENED = "東湖社區的圖書流動車開進了哪個小區？"
GREENING = "今年中心城区计划实施园林绿化项目六大类62项"
ASK_METRO = "许昌地铁2号线什么时候开通？"
REPLIES = {
    ASK_SIGNED: f"依据：{SIGNED}\n答案：现场签约合同金额3400万元[1]。",
    ASK_OPENED: f"依據：{OPENED}\n答案：东湖翡翠小区[1]。",
    ASK_METRO: "依据：无\n答案：资料中没有相关内容。",
}

Script = Mapping[str, str | Sequence[str]] | Callable[[Sequence[Message]], str]
Open = Callable[..., tuple[Assistant, ScriptedGenerator]]
OpenScripted = Callable[[Script], tuple[Assistant, ScriptedGenerator]]


@pytest.fixture
def opened(small_index: Path) -> Iterator[Open]:
    """Open an assistant, over the seeds if nothing else is said, whose generator says what the test tells it to."""
    assistants: list[Assistant] = []

    def open_one(
        script: Script, *, index: Index | None = None, reader: Reader | None = None, **settings: object
    ) -> tuple[Assistant, ScriptedGenerator]:
        tree: Settings = load_settings(**settings)
        index = index or open_index(small_index)
        generator = ScriptedGenerator(script)
        retriever = Retriever(index, FakeEmbedder(), tree.retrieval, reader)
        assistant = Assistant(index, retriever, generator, tree)
        assistants.append(assistant)
        return assistant, generator

    yield open_one
    for assistant in assistants:
        assistant.close()


def drafts(events: Sequence[Event]) -> str:
    """What a reader saw of the draft after the last withdrawal."""
    text = ""
    for event in events:
        if isinstance(event, DraftText):
            text += event.text
        elif isinstance(event, DraftWithdrawn):
            text = ""
    return text


def everything(messages: Sequence[Message]) -> str:
    """A reply that repeats every sentence of the prompt's passages with its mark."""
    lines = [line for line in messages[-1]["content"].splitlines() if line.startswith("[")]
    return "答案：" + "".join(f"{line.partition(']')[2]}{line.partition(']')[0]}]" for line in lines)
