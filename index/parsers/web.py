"""Web pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from index.encodings import SAVE_AS_UTF8, decode_text
from index.errors import DocumentError
from index.parsers.parsed import Parsed, dated, first_heading, one_line
from index.settings import LoadingSettings

_DROPPED = {"head", "iframe", "nav", "noscript", "script", "style", "svg", "template"}
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_LAYOUT = {"table", "ul", "ol", *_HEADINGS}
_BLOCKS = _LAYOUT | {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
}
_BLOCKS |= {"div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li"}
_BLOCKS |= {"main", "option", "p", "pre", "section", "summary", "tr"}
_CJK = "[\u3000-\u9fff\uff00-\uffef]"
_PUBLISHED = re.compile(
    r"(?:article:published_time|publish-?_?(?:date|time)|pub-?date|dc\.date(?:\.issued)?|date)$", re.I
)


def parse_html(raw: bytes, settings: LoadingSettings) -> Parsed:
    """Read what a page shows, without its navigation and scripts.

    A block is a line, a list item too; headings become `# ` lines; the cells of a row part by tabs.

    Raises:
        DocumentError: binary, broken, or in an unknown encoding.
    """
    import warnings

    from bs4 import BeautifulSoup
    from bs4.dammit import EncodingDetector

    declared = EncodingDetector.find_declared_encoding(raw, is_html=True)
    markup, encoding = _decode_declared(raw, declared)
    with warnings.catch_warnings():
        # It warns of XHTML and of pages that look like a file name or an address; neither matters.
        warnings.simplefilter("ignore")
        soup = BeautifulSoup(markup, "lxml")
    text = _PageText().read(soup)
    title = one_line(soup.title.get_text()) if soup.title else ""
    published = soup.find("meta", attrs={"property": _PUBLISHED}) or soup.find(
        "meta", attrs={"name": _PUBLISHED}
    )
    date = dated(published.get("content")) if published else {}
    return Parsed(text, title or first_heading(text), {"encoding": encoding, "format": "html", **date})


def _decode_declared(raw: bytes, declared: str | None) -> tuple[str, str]:
    """Decode as the page declares, unless it is UTF-8 (which is never so by accident) or has a mark."""
    try:
        text, encoding = decode_text(raw)
    except DocumentError:
        if declared is None or b"\0" in raw:
            raise
        encoding = ""
    # Pages say GB2312 for its superset, and old Chinese ones ISO-8859-1 for whatever they are in.
    names = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "cp950", "iso-8859-1": "cp1252"}
    wanted = names.get(declared or "", declared or "")
    is_western = wanted.startswith(("iso-8859", "windows-125", "cp125", "us-ascii"))
    is_guess = encoding in ("gb18030", "big5", "big5hkscs") and not is_western
    if wanted and (not encoding or is_guess or (raw.isascii() and not wanted.startswith("utf"))):
        try:
            return raw.decode(wanted), declared or wanted
        except (LookupError, ValueError):
            if not encoding:
                raise DocumentError(f"declares {declared} and breaks it: {SAVE_AS_UTF8}") from None
    return text, encoding


class _PageText:
    """Collects the lines of a page; walks with a stack of its own, as pages nest without limit."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line = ""
        self._in_one_line = 0
        self._in_verbatim = 0

    def read(self, soup: Any) -> str:
        from bs4.element import NavigableString, PreformattedString, Tag

        stack: list[tuple[Any, Callable[[], None] | None]] = [(soup, None)]
        while stack:
            node, leave = stack.pop()
            if leave is not None:
                leave()
            elif isinstance(node, Tag):
                if node.name not in _DROPPED:
                    stack.append((node, self._enter(node)))
                    stack.extend((child, None) for child in reversed(node.contents))
            elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
                self._add(str(node), verbatim=self._in_verbatim > 0)
        self._break()
        return "\n".join(self._lines)

    def _enter(self, tag: Any) -> Callable[[], None]:
        """Begin an element; return what ends it."""
        is_cell = tag.name in ("td", "th")
        is_line = tag.name in _HEADINGS or (is_cell and not _is_layout_cell(tag))
        is_block = tag.name in _BLOCKS or (is_cell and not is_line)
        is_verbatim = tag.name == "pre"
        if is_block or tag.name == "br":
            self._break()
        elif is_cell and self._line:
            self._line = self._line.rstrip(" ") + "\t"
        if tag.name in _HEADINGS:
            self._line += _HEADINGS[tag.name]
        self._in_one_line += is_line
        self._in_verbatim += is_verbatim

        def leave() -> None:
            self._in_one_line -= is_line
            self._in_verbatim -= is_verbatim
            if is_block:
                self._break()

        return leave

    def _add(self, text: str, verbatim: bool = False) -> None:
        if verbatim and not self._in_one_line:
            *whole, rest = text.split("\n")
            for line in whole:
                self._lines.append(self._line + line.rstrip("\r"))
                self._line = ""
            self._line += rest
            return
        # A line break in the source is a space to browsers; between Chinese characters it is nothing.
        text = re.sub(rf"(?<={_CJK})[ \t\r]*\n\s*(?={_CJK})", "", text)
        text = re.sub(r"[ \t\r\n\f]+", " ", text)
        self._line += text.lstrip(" ") if self._line[-1:] in ("", " ", "\t") else text

    def _break(self) -> None:
        if self._in_one_line:
            self._add(" ")
            return
        if self._line.strip(" \t#"):
            self._lines.append(self._line.rstrip(" \t"))
        self._line = ""


def _is_layout_cell(cell: Any) -> bool:
    """Old pages lay out whole articles in table cells; in cells of data, breaks are spaces."""
    paragraphs = 0
    for node in cell.descendants:
        if node.name in _LAYOUT:
            return True
        paragraphs += node.name in ("p", "div")
        if paragraphs == 3:
            return True
    return False
