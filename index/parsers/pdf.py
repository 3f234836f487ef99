"""PDF."""

from __future__ import annotations

import re
from typing import Any

from index.errors import DocumentError
from index.parsers.parsed import Parsed, meaningful_title
from index.settings import LoadingSettings


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
    return Parsed(text, meaningful_title(title), meta)


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
