"""The answers of a batch as one page of HTML: nothing is loaded and nothing runs in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape

from rag.answers import Answer
from rag.batch.journal import Journal
from rag.batch.plan import Counts, Plan, Result
from rag.display import printable
from rag.prompting import Language, detect_language

_RELATED = 3
_RELATED_CHARS = 160
_MARK = re.compile(r"\[(\d+)\]")

_WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "lang": "zh-Hans", "title": "问源 · 问答报告", "questions": "个问题", "answered": "已回答",
        "refused": "资料中没有答案", "failed": "未能作答", "left": "尚未提问", "sources": "来源",
        "related": "可能相关，但不是答案", "searched": "检索的问题：", "row": "第 {} 行", "models": "模型",
    },
    "zh-Hant": {
        "lang": "zh-Hant", "title": "問源 · 問答報告", "questions": "個問題", "answered": "已回答",
        "refused": "資料中沒有答案", "failed": "未能作答", "left": "尚未提問", "sources": "來源",
        "related": "可能相關，但不是答案", "searched": "檢索的問題：", "row": "第 {} 行", "models": "模型",
    },
    "en": {
        "lang": "en", "title": "Wenyuan · answers", "questions": "questions", "answered": "answered",
        "refused": "not in the documents", "failed": "failed", "left": "not asked yet", "sources": "Sources",
        "related": "Possibly related, not an answer", "searched": "Searched for: ", "row": "row {}",
        "models": "Models",
    },
}  # fmt: skip

# Each ink keeps 4.5:1 on its ground, in both schemes.
_STYLE = """
:root{color-scheme:light dark;--ground:#faf9f6;--sheet:#fff;--ink:#1d2125;--soft:#5a6168;--line:#dfdcd5;
--accent:#0b5d5b;--mark:#ffe38a;--on-mark:#1d1a08;--warn:#8a4b00;--bad:#a3201a}
@media (prefers-color-scheme:dark){:root{--ground:#14171a;--sheet:#1c2024;--ink:#e9e6e0;--soft:#a7adb3;
--line:#32383e;--accent:#74c8c0;--mark:#6b5510;--on-mark:#fff4cf;--warn:#f0b65c;--bad:#ff9a90}}
*{box-sizing:border-box}
body{margin:0;padding:1rem;background:var(--ground);color:var(--ink);overflow-wrap:anywhere;
font:16px/1.65 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main,header{max-width:46rem;margin:0 auto}
h1{font-size:1.3rem;margin:0}
h2{font-size:1.05rem;margin:0 0 .4rem}
h3{font-size:.85rem;margin:.9rem 0 .2rem;color:var(--soft)}
.counts,.meta{color:var(--soft);font-size:.875rem;margin:.2rem 0}
article{background:var(--sheet);border:1px solid var(--line);border-left:4px solid var(--accent);border-radius:8px;
padding:.9rem 1.1rem;margin:1rem 0;content-visibility:auto;contain-intrinsic-size:auto 14rem}
article.refused{border-left-color:var(--warn)}article.failed{border-left-color:var(--bad)}
.answer{margin:0;white-space:pre-wrap}.refused>.answer{color:var(--warn)}.failed>.answer{color:var(--bad)}
a{color:var(--accent)}.answer a{text-decoration:none}
ol,ul{margin:0;padding-left:1.6rem}li{margin:.3rem 0}li::marker{color:var(--accent)}
blockquote{margin:.1rem 0;color:var(--soft);font-size:.95rem}
mark{background:var(--mark);color:var(--on-mark);border-radius:2px}
li:target blockquote{outline:2px solid var(--accent);outline-offset:3px}
@media print{article{break-inside:avoid}}
"""


def report(plan: Plan, journal: Journal, columns: Sequence[str] = ()) -> Iterator[str]:
    """Yield the page piece by piece, what is answered so far in the order of the questions.

    Every text in it, of documents, questions and models alike, is escaped; the page's own policy forbids scripts.

    Args:
        plan: the rows.
        journal: what became of them.
        columns: names of the input's other columns, shown under the question.
    """
    languages = Counter(detect_language(row.question) for row in plan.rows)
    words = _WORDS[languages.most_common(1)[0][0]]
    yield (
        f'<!doctype html>\n<html lang="{words["lang"]}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{words['title']}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    )
    counts = _counts(plan.counts(journal), len(plan.rows), words)
    yield f"<header>\n<h1>{words['title']}</h1>\n{counts}</header>\n<main>\n"
    models: dict[str, None] = {}
    for result in plan.results(journal):
        if result.record.answer is not None:
            used = result.record.answer.models
            models |= dict.fromkeys(name for name in (used.embedder, used.generator) if name)
        yield _article(result, columns, words)
    if models:
        yield f'<p class="meta">{words["models"]}: {_text(", ".join(models))}</p>\n'
    yield "</main>\n</body>\n</html>\n"


def _counts(counts: Counts, total: int, words: dict[str, str]) -> str:
    parts = [
        f"{words[name]} {number}"
        for name, number in vars(counts).items()
        if number or name in ("answered", "refused")
    ]
    return f'<p class="counts">{total} {words["questions"]} · {" · ".join(parts)}</p>\n'


def _article(result: Result, columns: Sequence[str], words: dict[str, str]) -> str:
    row, record = result.row, result.record
    place = words["row"].format(row.row)
    meta = [place if row.id == str(row.row) else f"{_text(row.id)} · {place}"]
    meta += [f"{_text(name)}: {_text(_short(row.extra[name]))}" for name in columns if row.extra.get(name)]
    head = f'<article class="{record.outcome}" id="q{row.row}">\n<h2>{_text(row.question) or "—"}</h2>\n'
    head += f'<p class="meta">{" · ".join(meta)}</p>\n'
    if record.answer is None:
        return f'{head}<p class="answer">{words["failed"]}: {_text(record.error or "")}</p>\n</article>\n'
    answer = record.answer
    if answer.standalone_question:
        head += f'<p class="meta">{words["searched"]}{_text(answer.standalone_question)}</p>\n'
    if answer.refused:
        return f'{head}<p class="answer">{_text(answer.answer)}</p>\n{_related(answer, words)}</article>\n'
    return (
        f'{head}<p class="answer">{_linked(answer, row.row)}</p>\n<h3>{words["sources"]}</h3>\n<ol>\n'
        + "".join(_source(result, number) for number in range(len(answer.citations)))
        + "</ol>\n</article>\n"
    )


def _linked(answer: Answer, row: int) -> str:
    """Return the answer with its marks as links to the sources below it."""
    known = {str(citation.n) for citation in answer.citations}
    return _MARK.sub(
        lambda mark: f'<a href="#q{row}s{mark[1]}">{mark[0]}</a>' if mark[1] in known else mark[0],
        _text(answer.answer),
    )


def _source(result: Result, number: int) -> str:
    assert result.record.answer is not None
    citation = result.record.answer.citations[number]
    contexts = result.record.contexts
    before, cited, after = contexts[number] if number < len(contexts) else ("", citation.quote, "")
    title = "" if not citation.title or citation.title in citation.doc else f" · {_text(citation.title)}"
    return (
        f'<li value="{citation.n}" id="q{result.row.row}s{citation.n}">{_text(citation.doc)}{title} '
        f'<span class="meta">({citation.start}–{citation.end})</span>\n'
        f"<blockquote>{_text(before.rpartition(chr(10))[2])}<mark>{_text(cited)}</mark>"
        f"{_text(after.partition(chr(10))[0])}</blockquote></li>\n"
    )


def _related(answer: Answer, words: dict[str, str]) -> str:
    if not answer.passages:
        return ""
    items = "".join(
        f"<li>{_text(passage.doc)}<blockquote>{_text(_short(passage.text))}</blockquote></li>\n"
        for passage in answer.passages[:_RELATED]
    )
    return f"<h3>{words['related']}</h3>\n<ul>\n{items}</ul>\n"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _RELATED_CHARS else line[: _RELATED_CHARS - 1] + "…"


def _text(text: str) -> str:
    return escape(printable(text))
