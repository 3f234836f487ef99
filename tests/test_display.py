"""What the terminal shows."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from asking import ASK_METRO, ASK_SIGNED, REPLIES, Open
from fakes import FakeEmbedder, ScriptedGenerator
from rich.console import Console

from index.building import build
from index.settings import IndexSettings
from index.store import open_index
from rag import display
from rag.pipeline import (
    AskOptions,
    Assistant,
)
from rag.prompting import wording
from rag.retrieval import Retriever
from rag.settings import load_settings


class _Terminal(io.StringIO):
    encoding = "utf-8"


def _shown(assistant: Assistant, question: str, monkeypatch: pytest.MonkeyPatch, *, colours: bool) -> str:
    out = _Terminal()

    def console(*_: object, **options: object) -> Console:
        file = io.StringIO() if options.pop("stderr", False) else out
        return Console(file=file, force_terminal=colours, width=200, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(display, "Console", console)
    display.show_answer(assistant, question, AskOptions())
    return out.getvalue()


def test_an_answer_with_escapes_and_markup_is_shown_harmlessly(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A closing tag that rich would choke on, HTML, an escape sequence, a bell, a right-to-left override.
    evil = "[/]</>\x1b]\x07\x1b[\u202e\r"
    assistant, _ = opened({ASK_SIGNED: f"依据：现场签约合同金额3400万元\n答案：合同金额3400万元{evil}[1]。"})
    shown = _shown(assistant, ASK_SIGNED, monkeypatch, colours=True)
    assert "合同金额3400万元[/]</>][" in shown
    assert "\x1b]" not in shown
    assert not set("\x07\r\u202e") & set(shown)


def test_passages_with_escapes_and_markup_are_shown_harmlessly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "documents").mkdir()
    evil = "会议由[bold]史根治[/]主持\x1b]0;owned\x07，<script>alert(1)</script>\u202e结束。"
    (tmp_path / "documents" / "a.md").write_text(evil, encoding="utf-8")
    embedder = FakeEmbedder()
    build([tmp_path / "documents"], tmp_path / "index", "fake-1", lambda: embedder, IndexSettings())
    index = open_index(tmp_path / "index")
    settings = load_settings()
    said = {"主持": "依据：会议由史根治主持\n答案：史根治[1]。", "地铁": "答案：资料中没有相关内容。"}
    assistant = Assistant(
        index, Retriever(index, embedder, settings.retrieval), ScriptedGenerator(said), settings
    )
    with assistant:
        for question in ("会议由谁主持？", "会议说了地铁吗？"):
            shown = _shown(assistant, question, monkeypatch, colours=True)
            assert "史根治" in shown
            assert "\x1b]" not in shown
            assert not set("\x07\u202e") & set(shown)


def test_a_shown_answer_names_its_sources_with_their_words(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant, _ = opened(REPLIES)
    shown = _shown(assistant, ASK_SIGNED, monkeypatch, colours=False)
    assert shown.startswith("现场签约合同金额3400万元[1]。\n")
    assert "来源" in shown
    assert "[1] 002_4d038e9deba97052.txt" in shown
    assert "现场签约合同金额3400万元" in shown.partition("来源")[2]


def test_a_shown_refusal_offers_what_may_be_related_and_no_source(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    assistant, _ = opened(REPLIES)
    shown = _shown(assistant, ASK_METRO, monkeypatch, colours=False)
    assert shown.startswith(wording("zh").refusal)
    assert "可能相关" in shown
    assert "来源" not in shown
