"""Word documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from index.errors import DocumentError
from index.parsers.parsed import Parsed, first_heading, meaningful_title, one_line
from index.settings import LoadingSettings

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MATH_TEXT = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
# Properties, what was deleted or moved away, pronunciations, and the copy kept for old programs.
_UNREAD = frozenset(f"{_W}{name}" for name in ("pPr", "rPr", "del", "moveFrom", "rt")) | {
    f"{_COMPATIBILITY}Fallback"
}
_MARKS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def parse_docx(raw: bytes, settings: LoadingSettings) -> Parsed:
    """Read paragraphs and tables in their order; headings become `# ` lines, table cells part by tabs.

    Raises:
        DocumentError: broken, password-protected, or a zip bomb.
    """
    import docx

    _refuse_bad_zip(raw, settings)
    document = docx.Document(BytesIO(raw))
    text = "\n".join(_word_lines(document.element.body, _heading_levels(document)))
    return Parsed(text, meaningful_title(document.core_properties.title) or first_heading(text))


def _refuse_bad_zip(raw: bytes, settings: LoadingSettings) -> None:
    import zipfile

    if raw.startswith(b"\xd0\xcf\x11\xe0"):
        # The container of .doc files, and of .docx files with a password.
        raise DocumentError("password-protected, or a renamed .doc: save it as .docx without a password")
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise DocumentError("broken .docx: not a whole zip archive") from None
    limit = settings.max_file_mb * 1_000_000
    # Honest documents pack 10 to 30 times, bombs up to 1000 times.
    if unpacked > 50 * limit or (unpacked > limit and unpacked > 100 * len(raw)):
        raise DocumentError(f"unpacks to {unpacked / 1e6:.0f} MB: refused as a zip bomb")


def _heading_levels(document: Any) -> dict[str, int]:
    """Map the id of every style that is a heading, by name, outline level or ancestry, to its level."""
    styles = {style.style_id: style for style in document.styles}
    levels = {}
    for style_id, style in styles.items():
        ancestor = style.element
        for _ in range(10):
            name = ancestor.find(f"{_W}name")
            name = "" if name is None else name.get(f"{_W}val", "")
            level = _outline_level(ancestor)
            if named := re.fullmatch(r"(?:heading|标题|標題) ?([1-9])", name, re.IGNORECASE):
                level = int(named[1])
            elif name.lower() == "title":
                level = 1
            parent = ancestor.find(f"{_W}basedOn")
            parent_id = None if parent is None else parent.get(f"{_W}val")
            if level is not None or parent_id not in styles:
                break
            ancestor = styles[parent_id].element
        if level:
            levels[style_id] = min(level, 6)
    return levels


def _outline_level(element: Any) -> int | None:
    """Return 1 to 9, 0 for what is expressly body text, None where nothing is said."""
    outline = element.find(f"{_W}pPr/{_W}outlineLvl")
    return None if outline is None else (int(outline.get(f"{_W}val", "9")) + 1) % 10


def _word_lines(container: Any, levels: dict[str, int]) -> Iterator[str]:
    for element in container:
        if element.tag == f"{_W}p":
            boxes: list[Any] = []
            text = "".join(_run_texts(element, boxes)).strip("\n")
            style = element.find(f"{_W}pPr/{_W}pStyle")
            level = _outline_level(element)
            if level is None and style is not None:
                level = levels.get(style.get(f"{_W}val"))
            if text.strip():
                yield f"{'#' * min(level, 6)} {one_line(text)}" if level else text
            for box in boxes:
                yield from _word_lines(box, levels)
        elif element.tag == f"{_W}tr":
            cells = (" ".join(_word_lines(cell, {})) for cell in element.iterchildren(f"{_W}tc"))
            row = "\t".join(re.sub(r"\s+", " ", cell) for cell in cells)
            if row.strip():
                yield row
        elif element.tag not in _UNREAD:
            # Tables, content controls and marks of tracked changes hold more of the same.
            yield from _word_lines(element, levels)


def _run_texts(element: Any, boxes: list[Any]) -> Iterator[str]:
    for child in element:
        if child.tag in (f"{_W}t", _MATH_TEXT):
            yield child.text or ""
        elif child.tag in _MARKS:
            yield _MARKS[child.tag]
        elif child.tag == f"{_W}txbxContent":
            boxes.append(child)
        elif child.tag not in _UNREAD:
            yield from _run_texts(child, boxes)
