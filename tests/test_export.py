"""A conversation that is passed on says what was answered and from where, and a document's text stays text in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.answers import Answer
from ui.export import export
from ui.messages import ExportRequest

EVIL = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](http://example.com/x.png)",
    "<http://example.com>",
    "# heading",
    "heading\n===",
    "heading\n---",
    "***",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "|a|b|\n|-|-|\n|1|2|",
    "```\ncode\n```",
    "`code` ``` ~~~",
    "*a* **b** _c_ __d__ ~~e~~",
    "&lt;b&gt; &#60; \\<b\\> \\&lt; \\\\& \\\\[x](y)",
    "[x]: http://example.com\n[x]",
    "> quote",
    "    code",
]
PASSAGE: dict[str, Any] = {
    "doc": "002.txt",
    "start": 3,
    "end": 20,
    "score": 0.5,
    "text": "现场签约合同金额3400万元。\n第二行。",
}
CITATION: dict[str, Any] = {
    "n": 1,
    "doc": "002.txt",
    "title": "长葛",
    "start": 3,
    "end": 20,
    "quote": "现场签约\n合同金额 3400 万元。",
}
ANSWER: dict[str, Any] = {
    "id": "a1",
    "question": "合同金额是多少？",
    "standalone_question": None,
    "answer": "合同金额3400万元[1]。",
    "refused": False,
    "reason": None,
    "sentences": [{"text": "合同金额3400万元。", "citations": [1], "supported": True, "problems": []}],
    "citations": [CITATION],
    "timings": {
        "retrieve_s": 0.1,
        "first_token_s": 0.2,
        "total_s": 0.3,
        "prompt_tokens": 7,
        "answer_tokens": 5,
    },
    "models": {"embedder": "e", "generator": "g", "reranker": None},
}
TURN: dict[str, Any] = {
    "question": "合同金额是多少？",
    "asked": "2026-11-22T10:00:00Z",
    "step": "done",
    "passages": [PASSAGE],
    "answer": ANSWER,
}


def exported(*turns: dict[str, Any], kind: str = "markdown", language: str = "zh") -> str:
    request = ExportRequest.model_validate({"format": kind, "language": language, "turns": list(turns)})
    text = export(request)["text"]
    assert isinstance(text, str)
    return text


def with_text(text: str) -> dict[str, Any]:
    """A turn that has a text wherever one can be."""
    citation = {**CITATION, "quote": text, "title": text, "doc": text}
    answer = {**ANSWER, "answer": text, "citations": [citation]}
    return {**TURN, "question": text, "standalone": text, "answer": answer}


def tokens(markdown: str) -> list[Token]:
    found: list[Token] = []
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    for token in reader.parse(markdown):
        found += [token, *(token.children or [])]
    return found


def test_an_answer_stands_with_its_sources_and_their_words() -> None:
    text = exported(TURN)
    assert text.startswith("# 问源")
    assert "## 合同金额是多少？" in text
    assert "合同金额3400万元\\[1\\]。" in text
    sources = text.partition("### 来源")[2]
    assert "1\\. 长葛 (002.txt, 字符 3–20)" in sources
    assert "> 现场签约\n> 合同金额 3400 万元。" in sources


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (
            {"question": "那禹州呢？", "standalone": "禹州的金额是多少？", "step": "stopped"},
            ["检索的问题：禹州的金额是多少？", "已停止"],
        ),
        (
            {"question": "多少？", "step": "error", "error": "the generator fell over"},
            ["没能作答：the generator fell over"],
        ),
        (
            {"question": "多少？", "step": "done", "passages": [PASSAGE]},
            ["### 找到的段落", "> 现场签约合同金额3400万元。\n> 第二行。"],
        ),
        (
            {
                **TURN,
                "answer": {
                    **ANSWER,
                    "refused": True,
                    "reason": "not_in_passages",
                    "answer": "没有。",
                    "sentences": [],
                    "citations": [],
                },
            },
            ["没有。", "### 可能相关，但不是答案", "002.txt"],
        ),
    ],
    ids=["stopped", "failed", "passages only", "refused"],
)
def test_what_came_of_a_question_is_said(turn: dict[str, Any], words: list[str]) -> None:
    text = exported(turn)
    for word in words:
        assert word in text
    assert "### 来源" not in text


def test_it_can_be_in_english() -> None:
    text = exported(TURN, language="en")
    assert text.startswith("# Wenyuan")
    assert "### Sources" in text


@pytest.mark.parametrize("evil", EVIL)
def test_markup_of_documents_and_askers_is_shown_as_it_is_written(evil: str) -> None:
    _check(evil)


@given(
    st.lists(st.sampled_from([*"\\`*_{}[]()<>#|~!&-+=.1:>/ \t\n\"'x", "许", "&amp;", "http://a.b"])).map(
        "".join
    )
)
def test_no_text_becomes_markup(text: str) -> None:
    _check(text)


def _check(evil: str) -> None:
    allowed = {"heading", "paragraph", "blockquote", "inline", "text", "softbreak"}
    found = tokens(exported(with_text(evil)))
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in found}
    assert kinds <= allowed | {"text_special"}, kinds - allowed
    assert [token.tag for token in found if token.type == "heading_open"] == ["h1", "h2", "h3"]
    shown = "".join(token.content for token in found if not token.children)
    assert "".join(evil.split()) in "".join(shown.split())


def test_json_holds_answers_as_rag_ask_writes_them() -> None:
    (record,) = json.loads(exported(TURN, kind="json"))
    answer = Answer.model_validate(record["answer"])
    assert answer.citations[0].quote == CITATION["quote"]
    assert [passage.text for passage in answer.passages] == [PASSAGE["text"]]
    assert record["question"] == TURN["question"]
    assert record["asked"] == TURN["asked"]


def test_json_of_a_question_without_an_answer_keeps_its_passages() -> None:
    (record,) = json.loads(
        exported({"question": "多少？", "step": "done", "passages": [PASSAGE]}, kind="json")
    )
    assert record["answer"] is None
    assert record["passages"] == [PASSAGE]


@pytest.mark.parametrize(
    ("kind", "end", "mime"), [("markdown", ".md", "text/markdown"), ("json", ".json", "application/json")]
)
def test_the_file_has_a_name_and_a_type(kind: str, end: str, mime: str) -> None:
    file = export(ExportRequest.model_validate({"format": kind, "turns": []}))
    assert file["name"].startswith("wenyuan-")
    assert file["name"].endswith(end)
    assert file["type"] == mime
