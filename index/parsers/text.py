"""Plain text and Markdown."""

from __future__ import annotations

import re

from index.encodings import decode_text
from index.parsers.parsed import Parsed, dated, first_heading
from index.settings import LoadingSettings


def parse_text(raw: bytes, settings: LoadingSettings) -> Parsed:
    """Read plain text; a heading on its first line is the title.

    Raises:
        DocumentError: binary, broken, or in an unknown encoding.
    """
    text, encoding = decode_text(raw)
    # Further down a "# " of a plain text may be anything.
    first_line = text.lstrip().partition("\n")[0]
    return Parsed(text, first_heading(first_line), {"encoding": encoding})


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
    title = fields.get("title") or first_heading(text)
    return Parsed(text, title, {"encoding": encoding, "format": "md", **dated(fields.get("date"))})
