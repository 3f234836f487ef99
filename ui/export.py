"""A conversation as a file: Markdown to read and pass on, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rag.answers import Answer, AnswerPassage, Citation
from ui.messages import ExportedTurn, ExportRequest

_WORDS = {
    "zh": {
        "title": "问源 · 对话", "searched": "检索的问题", "sources": "来源", "characters": "字符",
        "related": "可能相关，但不是答案", "passages": "找到的段落", "failed": "没能作答", "stopped": "已停止",
    },
    "en": {
        "title": "Wenyuan · conversation", "searched": "Searched for", "sources": "Sources",
        "characters": "characters", "related": "Possibly related, not an answer", "passages": "Passages found",
        "failed": "No answer", "stopped": "Stopped",
    },
}  # fmt: skip
_SYNTAX = re.compile(r"([\\`*_{}\[\]<>#|~!&])")
_LINE_START = re.compile(r"^(\d{1,9}(?=[.)](?:\s|$))|(?=[-+=]))")
"""What makes a list, a heading or a rule at the start of a line."""
_RELATED = 3


def export(request: ExportRequest) -> dict[str, Any]:
    """Return the file's ``name``, ``type`` (MIME) and ``text``."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M")
    if request.format == "json":
        turns = [_record(turn) for turn in request.turns]
        text = json.dumps(turns, ensure_ascii=False, indent=1) + "\n"
        return {"name": f"wenyuan-{stamp}.json", "type": "application/json", "text": text}
    text = _markdown(request)
    return {"name": f"wenyuan-{stamp}.md", "type": "text/markdown", "text": text}


def _record(turn: ExportedTurn) -> dict[str, Any]:
    """Return a turn with its answer in the shape of ``rag ask --json``."""
    record = turn.model_dump(exclude={"answer", "passages"})
    passages = [passage.model_dump() for passage in turn.passages]
    if turn.answer is None:
        return {**record, "answer": None, "passages": passages}
    return {**record, "answer": {**turn.answer.model_dump(), "passages": passages}}


def _markdown(request: ExportRequest) -> str:
    words = _WORDS[request.language]
    lines = [f"# {words['title']}", ""]
    for turn in request.turns:
        lines += [f"## {_plain(turn.question)}", ""]
        if turn.standalone:
            lines += [f"{words['searched']}：{_plain(turn.standalone)}", ""]
        if turn.answer is not None:
            lines += _answer(turn.answer, turn.passages, words)
        elif turn.step == "done":
            lines += [f"### {words['passages']}", "", *_passages(turn.passages)]
        elif turn.error:
            lines += [f"{words['failed']}：{_plain(turn.error)}", ""]
        else:
            lines += [words["stopped"], ""]
    return "\n".join(lines)


def _answer(answer: Answer, passages: Sequence[AnswerPassage], words: dict[str, str]) -> list[str]:
    lines = [_plain(answer.answer), ""]
    if answer.refused:
        return [*lines, f"### {words['related']}", "", *_passages(passages[:_RELATED])] if passages else lines
    return [
        *lines,
        f"### {words['sources']}",
        "",
        *(line for c in answer.citations for line in _citation(c, words)),
    ]


def _citation(citation: Citation, words: dict[str, str]) -> list[str]:
    place = f"{_plain(citation.doc)}, {words['characters']} {citation.start}–{citation.end}"
    return [f"{citation.n}\\. {_plain(citation.title)} ({place})", "", *_quoted(citation.quote), ""]


def _passages(passages: Sequence[AnswerPassage]) -> list[str]:
    lines: list[str] = []
    for passage in passages:
        lines += [f"{_plain(passage.doc)} ({passage.start}–{passage.end})", "", *_quoted(passage.text), ""]
    return lines


def _quoted(text: str) -> list[str]:
    return [f"> {_plain(line)}" for line in text.splitlines() if line.strip()]


def _plain(text: str) -> str:
    """Escape what Markdown or HTML would read as markup: a document's text stays text in the export, too."""
    line = _SYNTAX.sub(r"\\\1", " ".join(text.split())).replace("\\&", "&amp;").replace("\\<", "&lt;")
    return _LINE_START.sub(r"\1\\", line)
