"""Finds the documents under the given paths and reads each into plain text.

One bad file never ends a run: whatever is wrong with it becomes a Skipped with a one-line reason.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import stat
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from index.encodings import decode_text
from index.errors import DocumentError
from index.parsers import PARSERS, Parsed, dated, one_line
from index.settings import LoadingSettings

logger = logging.getLogger(__name__)

SUFFIXES = (*PARSERS, ".jsonl")
"""Of the files that can be read, in lower case."""

# Of a page that takes files in and builds at the same time; PDFium may not be called from two threads at once.
_ONE_PARSER_AT_A_TIME = threading.Lock()

# What Word writes beside an open document; never a document itself.
_LOCK_FILE_PREFIX = "~$"

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

_HINTS = {
    ".doc": "save it as .docx",
    ".rtf": "save it as .docx",
    ".odt": "save it as .docx",
    ".wps": "save it as .docx",
    ".ppt": "export it as PDF",
    ".pptx": "export it as PDF",
    ".epub": "export it as PDF",
    ".json": "one record a line in a .jsonl file is read",
}


@dataclass(frozen=True)
class Document:
    """One text that can be indexed and cited.

    `id` is the path relative to the indexed folder with "/" as the separator (the file name where a
    single file was given, the folder's name in front where several folders were), or the id of a
    JSONL line. All offsets anywhere refer to `text`. `sha256` is that of `text` in UTF-8. `meta` has
    at least `source` (the path) and `format`, and a `date` where the format gives one.
    """

    id: str
    title: str
    text: str
    sha256: str
    meta: dict[str, str]


@dataclass(frozen=True)
class Skipped:
    """A source that was not read; `reason` is one line and says how to mend it where one can."""

    id: str
    reason: str


@dataclass(frozen=True)
class _Source:
    """A file to look at; `problem` says why it will not be read."""

    path: Path
    id: str
    problem: str | None = None


def load(
    paths: Sequence[Path],
    settings: LoadingSettings,
    finished: Callable[[Path], None] | None = None,
) -> Iterator[Document | Skipped]:
    """Read every document under the paths, in an order that is the same each time.

    Args:
        paths: files and folders; folders are read recursively, without hidden files and folders.
        settings: what is read at all.
        finished: called with each file that is done with, as many times as count_sources says.

    Returns:
        A lazy iterator over the documents and, for everything that was not read, the reason.

    Raises:
        DocumentError: one of the paths does not exist (raised by the call itself).
    """
    return _load_all(_find_sources(paths), settings, finished)


def count_sources(paths: Sequence[Path]) -> int:
    """Count the files that load will look at, those that it will skip included.

    Raises:
        DocumentError: one of the paths does not exist.
    """
    return len(_find_sources(paths))


def sources_by_id(paths: Sequence[Path]) -> dict[str, Path]:
    """Return the files that load will try to read, by the id that each one's document has or would have.

    The ids of the documents in a JSONL file stand in its lines, and are not looked at.

    Raises:
        DocumentError: one of the paths does not exist.
    """
    sources: dict[str, Path] = {}
    for source in _find_sources(paths):
        if source.problem is None:
            sources.setdefault(source.id, source.path)
    return sources


def why_unsupported(path: Path) -> str | None:
    """Say in one line why a file of this name is never read; None where it is one of SUFFIXES."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        return None
    hint = f": {_HINTS[suffix]}" if suffix in _HINTS else ""
    return f"not a supported type ({_readable(suffix) or 'no suffix'}){hint}"


def _load_all(
    sources: list[_Source], settings: LoadingSettings, finished: Callable[[Path], None] | None
) -> Iterator[Document | Skipped]:
    origins: dict[str, str] = {}
    for source in sources:
        for item in _load_source(source, settings):
            if isinstance(item, Skipped):
                yield item
                continue
            line = item.meta.get("line")
            origin = f"{item.meta['source']}:{line}" if line else item.meta["source"]
            first = origins.setdefault(item.id, origin)
            if first == origin:
                yield item
            elif line:
                yield Skipped(f"{source.id}:{line}", f'the id "{item.id}" is already taken by {first}')
            else:
                mend = "rename one of the two, or index the folder that holds both"
                yield Skipped(item.id, f"{first} has the same id: {mend}")
        if finished is not None:
            finished(source.path)


def _load_source(source: _Source, settings: LoadingSettings) -> Iterator[Document | Skipped]:
    if source.problem is not None:
        yield Skipped(source.id, source.problem)
        return
    suffix = source.path.suffix.lower()
    try:
        raw = _read_bytes(source.path, settings)
        if suffix == ".jsonl":
            yield from _load_json_lines(source, raw)
        else:
            with _ONE_PARSER_AT_A_TIME:
                parsed = PARSERS[suffix](raw, settings)
            yield _document(source, source.id, parsed)
    except DocumentError as error:
        yield Skipped(source.id, one_line(str(error)))
    except Exception as error:
        # The parsers are other people's code on arbitrary bytes: what they raise cannot be listed.
        logger.debug("cannot read %s", source.path, exc_info=True)
        yield Skipped(source.id, one_line(f"broken {suffix}: {type(error).__name__}: {error}"))


def _read_bytes(path: Path, settings: LoadingSettings) -> bytes:
    limit = int(settings.max_file_mb * 1_000_000)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise DocumentError("not a regular file")
        with path.open("rb") as stream:
            # Read to just past the limit: the file may have grown since it was looked at.
            raw = stream.read(limit + 1) if status.st_size <= limit else None
    except FileNotFoundError:
        raise DocumentError("gone since the folder was listed: run again") from None
    except PermissionError:
        raise DocumentError("no permission to read it") from None
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror or error}") from error
    if raw is None or len(raw) > limit:
        raise DocumentError(
            f"larger than {settings.max_file_mb:g} MB: raise the setting max_file_mb or split it"
        )
    if not raw.strip():
        raise DocumentError("empty")
    return raw


def _document(source: _Source, document_id: str, parsed: Parsed) -> Document:
    try:
        digest = hashlib.sha256(parsed.text.encode("utf-8")).hexdigest()
        title = one_line(parsed.title or "") or _readable(source.path.stem)
        title.encode("utf-8")
    except UnicodeEncodeError as error:
        raise DocumentError(f"half a surrogate pair at character {error.start}: not valid text") from None
    if not parsed.text.strip():
        raise DocumentError("empty")
    suffix = source.path.suffix.lower()
    meta = {"source": _readable(str(source.path)), "format": suffix.removeprefix("."), **parsed.meta}
    return Document(document_id, title, parsed.text, digest, meta)


def _load_json_lines(source: _Source, raw: bytes) -> Iterator[Document | Skipped]:
    encoding, lines = _split_json_lines(raw)
    found_any = False
    for number, line in enumerate(lines, start=1):
        if line is not None and not line.strip():
            continue
        found_any = True
        try:
            if line is None:
                raise DocumentError("not valid UTF-8, as the other lines are")
            document_id, title, text, date = _parse_json_line(line)
            parsed = Parsed(text, title, {"encoding": encoding, "line": str(number), **dated(date)})
            yield _document(source, document_id, parsed)
        except DocumentError as error:
            yield Skipped(f"{source.id}:{number}", one_line(str(error)))
    if not found_any:
        raise DocumentError("empty")


def _split_json_lines(raw: bytes) -> tuple[str, list[str | None]]:
    """Return the encoding and the lines, None for a line that breaks the encoding of the others.

    Not str.splitlines: U+2028 and its like may stand unescaped inside a JSON string.
    """
    lines: list[str | None] = [_utf8_or_none(line) for line in raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")]
    broken = lines.count(None)
    sound = sum(1 for line in lines if line is not None and not line.isascii())
    # A file that was cut off, or has a bad byte somewhere, is still UTF-8; one in GB18030 has no
    # sound line, and one in UTF-16 is full of NULs.
    if b"\0" not in raw and broken <= sound:
        return "utf-8", lines
    text, encoding = decode_text(raw)
    return encoding, list(text.split("\n"))


def _utf8_or_none(line: bytes) -> str | None:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _parse_json_line(line: str) -> tuple[str, str | None, str, object]:
    try:
        record: Any = json.loads(line)
    except json.JSONDecodeError as error:
        raise DocumentError(f"not JSON: {error.msg} (column {error.colno})") from None
    except (ValueError, RecursionError) as error:
        raise DocumentError(f"not JSON that can be read: {error}") from None
    if not isinstance(record, dict):
        raise DocumentError('not a JSON object: give {"id": ..., "title": ..., "text": ...} on each line')
    document_id, title, text = (record.get(key) for key in ("id", "title", "text"))
    if isinstance(document_id, int) and not isinstance(document_id, bool):
        document_id = str(document_id)
    if not isinstance(document_id, str) or not document_id.strip():
        raise DocumentError('no "id" (text or a whole number)')
    if _UNPRINTABLE.search(document_id):
        raise DocumentError('the "id" holds a control character')
    if not isinstance(text, str):
        raise DocumentError('no "text"')
    return document_id, title if isinstance(title, str) else None, text, record.get("date")


def _find_sources(paths: Sequence[Path]) -> list[_Source]:
    """List what lies under the paths, each file once.

    Raises:
        DocumentError: one of the paths does not exist.
    """
    folders: dict[str, Path] = {}
    for path in paths:
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except OSError as error:
            reason = "no such file or folder" if isinstance(error, FileNotFoundError) else error.strerror
            raise DocumentError(f"{_readable(str(path))}: {reason}") from None
        if is_folder:
            folders.setdefault(os.path.realpath(path), path)
    found: list[_Source] = []
    for path in dict.fromkeys(paths):
        real_path = os.path.realpath(path)
        if real_path not in folders:
            problem = why_unsupported(path)
            found.append(_Source(path, _readable(path.name), problem))
        elif folders[real_path] == path:
            name = Path(real_path).name if len(folders) > 1 else ""
            found += _walk(path, f"{_readable(name)}/" if name else "")
    return _each_once(found)


def _each_once(sources: list[_Source]) -> list[_Source]:
    """Mark what was reached a second time, by another path or link, so that no text counts twice."""
    first_ids: dict[str, str] = {}
    marked = []
    for source in sources:
        real_path = os.path.realpath(source.path)
        if source.problem is None and real_path in first_ids:
            source = replace(source, problem=f"the same file as {first_ids[real_path]}")
        elif source.problem is None:
            first_ids[real_path] = source.id
        marked.append(source)
    return marked


def _walk(root: Path, prefix: str) -> list[_Source]:
    sources: list[_Source] = []

    def add(path: Path, problem: str | None) -> None:
        relative = _readable(path.relative_to(root).as_posix())
        sources.append(_Source(path, prefix + relative, problem))

    def add_unlistable(error: OSError) -> None:
        add(Path(error.filename), f"the folder cannot be listed: {error.strerror}")

    for folder, folder_names, file_names in os.walk(root, onerror=add_unlistable):
        folder_names[:] = [name for name in folder_names if not _is_hidden(name)]
        for name in folder_names:
            if Path(folder, name).is_symlink():
                add(Path(folder, name), _link_problem(Path(folder, name), root))
        for name in file_names:
            path = Path(folder, name)
            if not _is_hidden(name):
                problem = _link_problem(path, root) if path.is_symlink() else None
                add(path, problem or why_unsupported(path))
    return sorted(sources, key=lambda source: source.id.split("/"))


def _is_hidden(name: str) -> bool:
    return name.startswith((".", _LOCK_FILE_PREFIX))


def _link_problem(link: Path, root: Path) -> str | None:
    """Say why a link found in a folder is not followed; None where it is.

    A link that stays inside would only repeat what is read anyway, or never end; one to a file in a
    hidden folder (as git-annex makes them) is the only way to that file.
    """
    target = Path(os.path.realpath(link))
    real_root = Path(os.path.realpath(root))
    if not target.exists():
        return "a broken link"
    if not target.is_relative_to(real_root):
        return "a link that leaves the folder: give its target as a path of its own to have it read"
    inside = target.relative_to(real_root)
    if target.is_file() and any(_is_hidden(part) for part in inside.parts):
        return None
    return f"a link to {_readable(inside.as_posix())}, which is read in its own place"


def _readable(name: str) -> str:
    """Make any file name storable on one line: bytes that are not UTF-8, and controls, show as \\xNN."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return _UNPRINTABLE.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
