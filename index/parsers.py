"""One parser a format: the bytes of a file in, its plain text and title out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from index.encodings import SAVE_AS_UTF8, decode_text
from index.errors import DocumentError
from index.settings import LoadingSettings

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


# ---- text and Markdown


def parse_text(raw: bytes, settings: LoadingSettings) -> Parsed:
    """Read plain text; a heading on its first line is the title.

    Raises:
        DocumentError: binary, broken, or in an unknown encoding.
    """
    text, encoding = decode_text(raw)
    # Further down a "# " of a plain text may be anything.
    first_line = text.lstrip().partition("\n")[0]
    return Parsed(text, _first_heading(first_line), {"encoding": encoding})


def parse_markdown(raw: bytes, settings: LoadingSettings) -> Parsed:
    """Read Markdown as it is written; the title is that of its front matter or its first `# ` heading.

    Raises:
        DocumentError: binary, broken, or in an unknown encoding.
    """
    text, encoding = decode_text(raw)
    front_matter = re.match(r"---\r?\n(.*?)\r?\n(?:---|\.\.\.)\s", text, re.DOTALL)
    fields = (
        {
            name: value.strip().strip("\"'")
            for name, value in re.findall(r"^(title|date):[ \t]*(\S.*)$", front_matter[1], re.MULTILINE)
        }
        if front_matter
        else {}
    )
    title = fields.get("title") or _first_heading(text)
    return Parsed(text, title, {"encoding": encoding, "format": "md", **dated(fields.get("date"))})


def dated(stated: object) -> dict[str, str]:
    """Return the `meta` of a date that a format gives; none where it gives no text or number."""
    if isinstance(stated, bool) or not isinstance(stated, str | int):
        return {}
    return {"date": shown} if (shown := one_line(str(stated))[:_LONGEST_DATE]) else {}


def _first_heading(text: str) -> str | None:
    """Return the first heading of level 1 that does not stand in a fenced code block."""
    fence = ""
    for line in text.split("\n"):
        opening = re.match(r" {0,3}(```|~~~)", line)
        if opening and fence in ("", opening[1]):
            fence = "" if fence else opening[1]
        elif not fence and (heading := re.match(r"#[ \t]+(.*?)[ \t]*#*\s*$", line)):
            return heading[1] or None
    return None


# ---- PDF


def parse_pdf(raw: bytes, settings: LoadingSettings) -> Parsed:
    """Read the text layer of a PDF: lines as PDFium finds them, pages parted by a form feed.

    Raises:
        DocumentError: broken, password-protected, or without text.
    """
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
            raise DocumentError("password-protected: save a copy without the password") from None
        raise DocumentError(f"broken PDF: {error}") from None
    try:
        pages: list[str] = []
        unreadable: list[str] = []
        for number in range(len(document)):
            try:
                pages.append(_pdf_page_text(document, number))
            except pypdfium2.PdfiumError:
                # One bad page is no reason to lose the others; it keeps its place in the count.
                pages.append("")
                unreadable.append(str(number + 1))
        title = document.get_metadata_value("Title")
    finally:
        document.close()
    text = "\f".join(pages)
    if not text.strip():
        raise DocumentError("no text in it (scanned?): run OCR first")
    if len(re.findall(r"[\ue000-\uf8ff\ufffd]", text)) > 0.3 * len("".join(text.split())):
        raise DocumentError("its fonts do not say which characters they show: run OCR first")
    meta = {"pages": str(len(pages))}
    if unreadable:
        meta["unreadable_pages"] = ",".join(unreadable)
    return Parsed(text, _meaningful_title(title), meta)


def _pdf_page_text(document: Any, number: int) -> str:
    page = document[number]
    try:
        text_page = page.get_textpage()
        try:
            text: str = text_page.get_text_bounded()
        finally:
            text_page.close()
    finally:
        page.close()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # PDFium joins a word hyphenated at a line's end and leaves one of these in place of the hyphen.
    text = re.sub(r"(?<=[^\W\d_])[\x02\ufffe](?=[^\W\d_])", "", text)
    text = re.sub(r"[\x02\ufffe]", "-", text)
    text = re.sub(r"[\x0b\f]", "\n", text)
    return re.sub(r"[\x00-\x08\x0e-\x1f\x7f\uffff]", "", text)


def _meaningful_title(title: str | None) -> str | None:
    """Drop the titles that programs write by themselves."""
    title = one_line(re.sub(r"^Microsoft (Word|PowerPoint|Excel) - ", "", title or ""))
    title = re.sub(r"\.(docx?|wps|pptx?|xlsx?|pdf|indd|txt)$", "", title, flags=re.IGNORECASE)
    automatic = (
        r"(untitled|无标题|無標題|未命名|文档|文檔|document|word document|powerpoint .*|幻灯片)[ \-_]*\d*"
    )
    if re.fullmatch(automatic, title, re.IGNORECASE) or re.search(r"[\x00-\x1f\ufffd]", title):
        return None
    return title or None


# ---- HTML

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
    return Parsed(text, title or _first_heading(text), {"encoding": encoding, "format": "html", **date})


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


# ---- Word

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
    return Parsed(text, _meaningful_title(document.core_properties.title) or _first_heading(text))


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


PARSERS: dict[str, Callable[[bytes, LoadingSettings], Parsed]] = {
    ".txt": parse_text,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
    ".html": parse_html,
    ".htm": parse_html,
    ".pdf": parse_pdf,
    ".docx": parse_docx,
}
