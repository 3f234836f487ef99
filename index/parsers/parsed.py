"""What each parser returns, and how a title and a date are taken over."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

LONGEST_TITLE = 200
_LONGEST_DATE = 40


@dataclass(frozen=True)
class Parsed:
    """What a parser found. `title` is None where the document names none; `meta` is about the format.

    `meta` has a `date` where the format itself, not the text, says when the document was written.
    """

    text: str
    title: str | None = None
    meta: dict[str, str] = field(default_factory=dict)


def one_line(text: str) -> str:
    """Return the text with its white space folded to single spaces, cut to 200 characters."""
    return " ".join(text.split())[:LONGEST_TITLE].strip()


def dated(stated: object) -> dict[str, str]:
    """Return the `meta` of a date that a format gives; none where it gives no text or number."""
    if isinstance(stated, bool) or not isinstance(stated, str | int):
        return {}
    return {"date": shown} if (shown := one_line(str(stated))[:_LONGEST_DATE]) else {}


def first_heading(text: str) -> str | None:
    """Return the first heading of level 1 that does not stand in a fenced code block."""
    fence = ""
    for line in text.split("\n"):
        opening = re.match(r" {0,3}(```|~~~)", line)
        if opening and fence in ("", opening[1]):
            fence = "" if fence else opening[1]
        elif not fence and (heading := re.match(r"#[ \t]+(.*?)[ \t]*#*\s*$", line)):
            return heading[1] or None
    return None


def meaningful_title(title: str | None) -> str | None:
    """Drop the titles that programs write by themselves."""
    title = one_line(re.sub(r"^Microsoft (Word|PowerPoint|Excel) - ", "", title or ""))
    title = re.sub(r"\.(docx?|wps|pptx?|xlsx?|pdf|indd|txt)$", "", title, flags=re.IGNORECASE)
    automatic = (
        r"(untitled|无标题|無標題|未命名|文档|文檔|document|word document|powerpoint .*|幻灯片)[ \-_]*\d*"
    )
    if re.fullmatch(automatic, title, re.IGNORECASE) or re.search(r"[\x00-\x1f\ufffd]", title):
        return None
    return title or None
