"""One parser a format: the bytes of a file in, its plain text and title out."""

from __future__ import annotations

from collections.abc import Callable

from index.parsers.parsed import Parsed, dated, one_line
from index.parsers.pdf import parse_pdf
from index.parsers.text import parse_markdown, parse_text
from index.parsers.web import parse_html
from index.parsers.word import parse_docx
from index.settings import LoadingSettings

__all__ = ["PARSERS", "Parsed", "dated", "one_line"]

PARSERS: dict[str, Callable[[bytes, LoadingSettings], Parsed]] = {
    ".txt": parse_text,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".html": parse_html,
    ".htm": parse_html,
    ".pdf": parse_pdf,
    ".docx": parse_docx,
}
