"""Articles and headings: what belongs together in a newspaper page or a report.

Chunks never cross an article, and each carries the headings it stands under. Newspaper pages pulled out of PDFs
set an article's headline before it or after it; which one is decided by the words they share.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.characters import IDEOGRAPHS, SENTENCE_END
from index.folding import search_tokens

STRUCTURE_VERSION = 6
"""Raised whenever the same text would be divided otherwise; a part of the index manifest."""

_MARKDOWN = re.compile(r"(#{1,6})\s+(.*?\S)(?:\s+#+)?$")
_ARTICLE_START = re.compile(r"本[报報][讯訊]|[(（]?新[华華]社")
_NUMBERED = (
    re.compile(r"第[一二三四五六七八九十百零\d]+[编編部章]"),
    re.compile(r"第[一二三四五六七八九十百零\d]+[节節]"),
    re.compile(r"[一二三四五六七八九十]+、"),
    re.compile(r"[（(][一二三四五六七八九十]+[）)]"),
    re.compile(r"\d{1,2}[.、．](?=\D)"),
)
# And where an article goes on: （下转第二版）.
_BYLINE = re.compile(
    r"[（(]?(?:本[报報])?[特]?[约約]?(?:[记記]者|通[讯訊][员員]|[评評][论論][员員])|(?:[编編][辑輯]|[来來]源|[责責][编編])[:：]|.*[摄攝]$"
    r"|[（(]\s*(?:[下上][转轉接]|紧接|緊接)[^（）()]{1,12}[）)]$"
)
_LETTER = re.compile(r"[^\W\d_]")
# The end of a caption: 本报记者 牛书培摄.
_PHOTO_CREDIT = re.compile(r"(?:[记記]者|通[讯訊][员員]|[图圖])[^。，,；;：:\n]{1,16}[摄攝]$")
_RUNNING = re.compile("[。；！？]|[，,].{12,}")
_HEADLINE_CHARS = 60
_HEADING_CHARS = 45
_SHARED_WORDS = 0.4


_TELLING = re.compile(f"[{IDEOGRAPHS}]{{2}}|(?<![A-Za-z0-9])[A-Za-z]{{3,}}(?![A-Za-z0-9])")


def is_telling(title: str) -> bool:
    """Whether a title says something; a file name such as 000_ace1a917477df66a does not."""
    return _TELLING.search(title) is not None


def is_article_start(paragraph: str) -> bool:
    """Whether a paragraph of a newspaper begins an article: 本报讯, 新华社."""
    return _ARTICLE_START.match(paragraph) is not None


def is_running(line: str) -> bool:
    """Whether a line is running text, and no headline, byline or date."""
    return _RUNNING.search(line) is not None


@dataclass(frozen=True)
class Section:
    """A span of the cleaned text that stands under one path of headings; sections tile the text."""

    start: int
    end: int
    article: int  # sections of one article share the number
    headings: tuple[str, ...]  # outermost first


@dataclass(frozen=True)
class _Paragraph:
    start: int
    end: int  # the line break included
    text: str
    headline: bool


def sections(text: str) -> list[Section]:
    """Divide cleaned ``text`` into sections, in order, without gap or overlap. Empty text has none."""
    paragraphs = _paragraphs(text)
    if any(_MARKDOWN.match(paragraph.text) for paragraph in paragraphs):
        return _marked_up_sections(paragraphs)
    newspaper = any(is_article_start(paragraph.text) for paragraph in paragraphs)
    articles = _articles(paragraphs, newspaper)
    # What stands above a document that is not a newspaper page is the title of all of it.
    title = articles[0][0] if articles and not newspaper and paragraphs[0].headline else None
    found: list[Section] = []
    for number, (headline, members) in enumerate(articles):
        outer = tuple(dict.fromkeys(heading for heading in (title, headline) if heading))
        found.extend(_headed_sections(number, outer, members))
    return found


def document_title(text: str) -> str | None:
    """Return the headline that stands above all of cleaned ``text``; None for newspaper pages and headless texts."""
    paragraphs = _paragraphs(text)
    if not paragraphs or not paragraphs[0].headline:
        return None
    if any(is_article_start(paragraph.text) for paragraph in paragraphs):
        return None
    return sections(text)[0].headings[0]


def _paragraphs(text: str) -> list[_Paragraph]:
    found: list[_Paragraph] = []
    start = 0
    for match in re.finditer("\n+|$", text):
        if match.start() > start:
            line = text[start : match.start()]
            found.append(_Paragraph(start, match.end(), line, _is_headline(line)))
            start = match.end()
    return found


def _is_headline(line: str) -> bool:
    if _MARKDOWN.match(line):
        return True
    if len(line) > _HEADLINE_CHARS or "_" in line or any(pattern.match(line) for pattern in _NUMBERED):
        return False
    return (
        not is_running(line)
        and _LETTER.search(line) is not None  # a page's number is none
        and line[-1] not in SENTENCE_END + "：:，、"
        and not is_article_start(line)
        and not _PHOTO_CREDIT.search(line)
    )


def _articles(paragraphs: Sequence[_Paragraph], newspaper: bool) -> list[tuple[str | None, list[_Paragraph]]]:
    """Group paragraphs into articles, each with its headline (None where there is none)."""
    runs: list[list[_Paragraph]] = []  # of headlines, or of body text, in turn
    for paragraph in paragraphs:
        starts = is_article_start(paragraph.text) or (runs and _PHOTO_CREDIT.search(runs[-1][-1].text))
        if runs and runs[-1][-1].headline == paragraph.headline and not starts:
            runs[-1].append(paragraph)
        else:
            runs.append([paragraph])

    # A page that begins with body text and ends with a headline has its headlines below.
    least = _SHARED_WORDS if not runs or runs[0][0].headline or not runs[-1][0].headline else 0.0
    articles: list[tuple[str | None, list[_Paragraph]]] = []
    waiting: list[_Paragraph] = []  # headlines of the body text to come
    for number, run in enumerate(runs):
        if not run[0].headline:
            articles.append((_headline_text(waiting), [*waiting, *run]))
            waiting = []
            continue
        following = next((other for other in runs[number + 1 :] if not other[0].headline), None)
        if articles and (
            following is None or (newspaper and _belongs_before(run, articles[-1][1], following, least))
        ):
            headline, members = articles[-1]
            kept = [line for line in run if _shared(line.text, members) >= _SHARED_WORDS]
            articles[-1] = (headline or _headline_text(kept), [*members, *run])
        else:
            waiting.extend(run)
    if waiting:
        articles.append((_headline_text(waiting), waiting))
    return articles


def _belongs_before(
    headlines: Sequence[_Paragraph],
    body_before: Sequence[_Paragraph],
    body_after: Sequence[_Paragraph],
    least: float,
) -> bool:
    """Whether headlines share more with what stands before them than with what follows, and more than the least."""
    text = " ".join(line.text for line in headlines)
    return least < _shared(text, body_before) > _shared(text, body_after)


def _shared(headline: str, body: Sequence[_Paragraph]) -> float:
    """Share of the headline's search tokens that the body has."""
    tokens = set(search_tokens(headline))
    if not tokens:
        return 0.0
    return len(tokens & set(search_tokens(" ".join(line.text for line in body)))) / len(tokens)


def _headline_text(lines: Sequence[_Paragraph]) -> str | None:
    texts = [line.text for line in lines if not _BYLINE.match(line.text)]
    joined = ""
    for text in texts:
        if joined and len(joined) + len(text) >= _HEADLINE_CHARS:
            break
        joined = f"{joined} {text}".strip()
    return joined[:_HEADLINE_CHARS] or None


def _marked_up_sections(paragraphs: Sequence[_Paragraph]) -> list[Section]:
    """Sections of a text with Markdown headings: each heading starts an article, and stays above the lower ones."""
    found: list[Section] = []
    path: dict[int, str] = {}
    members: list[_Paragraph] = []
    for paragraph in paragraphs:
        marked = _MARKDOWN.match(paragraph.text)
        if marked:
            found.extend(_headed_sections(len(found), tuple(path[key] for key in sorted(path)), members))
            members = []
            level = len(marked.group(1))
            path = {other: text for other, text in path.items() if other < level}
            path[level] = marked.group(2)[:_HEADLINE_CHARS]
        members.append(paragraph)
    return [*found, *_headed_sections(len(found), tuple(path[key] for key in sorted(path)), members)]


def _headed_sections(article: int, outer: tuple[str, ...], members: Sequence[_Paragraph]) -> list[Section]:
    found: list[Section] = []
    path: dict[int, str] = {}
    for paragraph in members:
        level, heading = _numbered_heading(paragraph.text)
        if level is not None:
            path = {other: text for other, text in path.items() if other < level}
            path[level] = heading
        headings = outer + tuple(path[key] for key in sorted(path))
        if found and found[-1].headings == headings:
            found[-1] = Section(found[-1].start, paragraph.end, article, headings)
        else:
            found.append(Section(paragraph.start, paragraph.end, article, headings))
    return found


def _numbered_heading(paragraph: str) -> tuple[int | None, str]:
    """Return the level and text of the numbered heading that a paragraph is, or begins with (一、… 。)."""
    for level, pattern in enumerate(_NUMBERED):
        if pattern.match(paragraph):
            lead = re.split("[。；]", paragraph, maxsplit=1)[0]
            return (level, lead) if len(lead) <= _HEADING_CHARS else (None, "")
    return None, ""
