"""The documents of one index, as its user manages them: files uploaded, and files of the user's own.

Uploaded files lie in ``<index>/documents``, and removing one deletes it. A document in a folder that the user had
indexed is never touched: removing it excludes it from the next build, which the manifest then records.
"""

from __future__ import annotations

import stat
import threading
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index.cleaning import clean
from index.errors import DocumentError, IndexStateError
from index.loading import Document, Skipped, load, sources_by_id, why_unsupported
from index.settings import LoadingSettings
from index.store import Index, current_generation, open_tables, read_manifest
from index.tables import DocumentEntry
from rag.progress import format_bytes
from rag.settings import Settings
from rag.uploads import UploadFolder, numbered_name, safe_name, why_not_written

_UPLOADS = "documents"


@dataclass(frozen=True)
class DocumentSummary:
    """One line of the list of documents."""

    id: str
    title: str
    characters: int
    chunks: int
    pages: int | None  # where the format has pages
    indexed_at: str  # ISO 8601, UTC
    format: str
    uploaded: bool  # removing deletes its file; otherwise the user's own file stays, and is excluded


@dataclass(frozen=True)
class BuildPlan:
    """What the next build is made from; without a path there is nothing left, and the index is to be cleared."""

    paths: tuple[Path, ...]
    excluded: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()  # folders and files of the user that have gone, and are left out


@dataclass(frozen=True)
class _Recorded:
    """What the current generation says of what it was made from, uploads left aside."""

    folder: Path | None = None
    roots: tuple[Path, ...] = ()
    excluded: frozenset[str] = frozenset()


@dataclass(frozen=True)
class _Change:
    """A document is to be left out, or not any more; wished for while ``generation`` was the current one."""

    excluded: bool
    generation: Path | None


@dataclass(frozen=True)
class _OwnDocuments:
    """What uploads must make room for."""

    files: dict[str, Path]  # by the id of the document in it
    lines: frozenset[str]  # ids of the documents that are lines of JSONL files


class Library:
    """Takes files in, leaves documents out, and says what the next build is made from; usable from several threads.

    Nothing is built here. A removal from the user's own folders is remembered until a build has recorded it.
    """

    def __init__(self, settings: Settings) -> None:
        self._index_dir = settings.index_dir.resolve()
        self._loading = settings.index.loading
        self._uploads = UploadFolder(self._index_dir / _UPLOADS)
        self._changes: dict[str, _Change] = {}
        self._lock = threading.Lock()
        self._uploads.discard_unfinished()

    def documents(self, index: Index) -> list[DocumentSummary]:
        """Return the documents of an opened index, by id."""
        # What this list shows has been built; what an unreadable newer generation records is told by plan().
        with self._lock, suppress(IndexStateError):
            self._excluded(self._recorded())
        return [self._summary(entry) for entry in index.tables.entries()]

    def add(self, uploads: Sequence[tuple[str, Path]], max_bytes: int) -> list[Skipped]:
        """Keep files, to be part of the next build.

        A file replaces the uploaded one of its name. Beside a document of the user's own that has its name it
        becomes "name (2).txt", unless it is that very file: then that document only comes back, if it was removed.

        Args:
            uploads: for each file the name that the user knows it by, and where its bytes lie.
            max_bytes: larger files are refused.

        Returns:
            What was refused and is not kept, each with its reason in one line.

        Raises:
            LibraryError: the folder of uploads cannot be used.
            IndexStateError: the current generation cannot be read.
        """
        with self._lock:
            own = self._own_documents()
        refused = []
        for name, source in uploads:
            try:
                self._add(safe_name(name), source, max_bytes, own)
            except DocumentError as error:
                refused.append(Skipped(safe_name(name) or repr(name), str(error)))
            except OSError as error:
                refused.append(Skipped(safe_name(name), why_not_written(error, self._uploads.path)))
        return refused

    def remove(self, ids: Collection[str]) -> None:
        """Leave documents out of the next build, and delete the uploaded files in which nothing is left.

        Args:
            ids: of documents; unknown ones are ignored.

        Raises:
            LibraryError: an uploaded file cannot be deleted.
            IndexStateError: the current generation cannot be read.
        """
        removed = set(ids)
        with self._lock:
            recorded = self._recorded()
            entries = [entry for entry in _entries(recorded) if entry.id in removed]
            emptied = self._emptied_uploads(entries, removed, self._excluded(recorded))
            with_their_file = set().union(*emptied.values())
            self._remember({entry.id for entry in entries} - with_their_file, True, recorded)
            for name in emptied:
                self._uploads.delete(name)

    def plan(self) -> BuildPlan:
        """Return what the next build is made from: the uploads, and the user's own folders and files.

        A folder that has gone is left out when anything else remains, so that it does not block all building.

        Raises:
            LibraryError: the folder of uploads cannot be used.
            IndexStateError: the current generation cannot be read.
        """
        with self._lock:
            recorded = self._recorded()
            excluded = self._excluded(recorded)
            uploads = self._uploads.files()
            present = tuple(root for root in recorded.roots if _exists(root))
            if not uploads and self._nothing_remains(recorded, present, excluded):
                self._changes.clear()
                return BuildPlan(())
            if not uploads and not present:
                return BuildPlan(recorded.roots, frozenset(excluded))  # building says what has gone
            missing = tuple(str(root) for root in recorded.roots if root not in present)
            if missing:
                excluded |= _ids_without_folder(excluded, present)
            # The uploads come first: of two documents with one id, the one that was uploaded is what was wanted.
            return BuildPlan((*uploads, *present), frozenset(excluded), missing)

    def _summary(self, entry: DocumentEntry) -> DocumentSummary:
        pages = entry.meta.get("pages")
        return DocumentSummary(
            entry.id,
            entry.title,
            entry.characters,
            entry.chunks,
            int(pages) if pages is not None else None,
            entry.indexed_at,
            entry.meta["format"],
            self._is_upload(entry),
        )

    def _is_upload(self, entry: DocumentEntry) -> bool:
        return Path(entry.meta["source"]).parent == self._uploads.path

    def _recorded(self) -> _Recorded:
        folder = current_generation(self._index_dir)
        if folder is None:
            return _Recorded()
        manifest = read_manifest(folder)
        roots = (Path(root) for root in manifest.roots)
        own = tuple(root for root in roots if not root.is_relative_to(self._uploads.path))
        return _Recorded(folder, own, frozenset(manifest.excluded))

    def _excluded(self, recorded: _Recorded) -> set[str]:
        """Return the ids to leave out: those of the current generation, and what was wished for since."""
        # A change is done once a later generation agrees; the first one may have been begun before it.
        self._changes = {
            identifier: change
            for identifier, change in self._changes.items()
            if change.generation == recorded.folder or change.excluded != (identifier in recorded.excluded)
        }
        excluded = set(recorded.excluded)
        for identifier, change in self._changes.items():
            if change.excluded:
                excluded.add(identifier)
            else:
                excluded.discard(identifier)
        return excluded

    def _remember(self, ids: Iterable[str], excluded: bool, recorded: _Recorded) -> None:
        for identifier in ids:
            self._changes[identifier] = _Change(excluded, recorded.folder)

    def _own_documents(self) -> _OwnDocuments:
        recorded = self._recorded()
        files = sources_by_id([root for root in recorded.roots if _exists(root)])
        lines = frozenset(entry.id for entry in _entries(recorded) if "line" in entry.meta)
        return _OwnDocuments(files, lines)

    def _add(self, name: str, source: Path, max_bytes: int, own: _OwnDocuments) -> None:
        if not name:
            raise DocumentError("its name is none that a file can have: rename it")
        problem = why_unsupported(Path(name))
        if problem is not None:
            raise DocumentError(problem)
        raw = _bytes_of(source, max_bytes)
        with self._uploads.receiving(raw, Path(name).suffix) as received:
            found = _read_ids(received, self._loading)
            with self._lock:
                recorded = self._recorded()
                if name not in own.files or not _has_bytes(own.files[name], raw):
                    name = self._free_name(name, raw, own)
                    self._uploads.keep(received, name)
                self._remember(found if _is_json_lines(received) else {name}, False, recorded)

    def _free_name(self, name: str, raw: bytes, own: _OwnDocuments) -> str:
        """Return the name itself, or the first numbered one that is no other document's."""
        taken = self._uploads.names()
        number = 1
        while True:
            candidate = numbered_name(name, number)
            is_own = candidate in own.files or candidate in own.lines
            # Under a number of its own, the same file again is still the same file.
            replaces = (
                number == 1 or candidate not in taken or _has_bytes(self._uploads.path / candidate, raw)
            )
            if not is_own and replaces:
                return candidate
            number += 1

    def _emptied_uploads(
        self, entries: Sequence[DocumentEntry], removed: set[str], excluded: set[str]
    ) -> dict[str, set[str]]:
        """Return the uploaded files in which a removal leaves no document, with the ids that each holds."""
        # One that has not been indexed yet is known by its name alone.
        names = removed - {entry.id for entry in entries}
        names |= {Path(entry.meta["source"]).name for entry in entries if self._is_upload(entry)}
        held = {file.name: self._ids_in(file) for file in self._uploads.files() if file.name in names}
        return {name: ids for name, ids in held.items() if ids & removed and ids <= removed | excluded}

    def _ids_in(self, file: Path) -> set[str]:
        """Return the ids of the documents in an uploaded file."""
        if not _is_json_lines(file):
            return {file.name}
        return {item.id for item in load([file], self._loading) if isinstance(item, Document)}

    def _nothing_remains(
        self, recorded: _Recorded, present: Sequence[Path], excluded: Collection[str]
    ) -> bool:
        """Whether the user removed every document; a folder that is only unreadable today keeps its documents."""
        if any(entry.id not in excluded and not self._is_upload(entry) for entry in _entries(recorded)):
            return False
        found = (item for item in load(present, self._loading) if isinstance(item, Document))
        return not any(document.id not in excluded and _has_text(document) for document in found)


def _entries(recorded: _Recorded) -> list[DocumentEntry]:
    if recorded.folder is None:
        return []
    tables = open_tables(recorded.folder)
    try:
        return tables.entries()
    finally:
        tables.close()


def _is_json_lines(path: Path) -> bool:
    """Whether the documents in a file have ids of their own; elsewhere the file's name is the id."""
    return path.suffix.lower() == ".jsonl"


def _exists(path: Path) -> bool:
    try:
        path.stat()
    except OSError:  # what may not be looked at is as good as gone
        return False
    return True


def _bytes_of(source: Path, max_bytes: int) -> bytes:
    try:
        # Not through a link: it could lead to any file of this machine.
        if not stat.S_ISREG(source.lstat().st_mode):
            raise DocumentError("not a regular file")
        with source.open("rb") as stream:
            raw = stream.read(max_bytes + 1)
    except OSError as error:
        raise DocumentError(f"cannot be read: {error.strerror or error}") from error
    if len(raw) > max_bytes:
        raise DocumentError(f"larger than {format_bytes(max_bytes)}: split it")
    return raw


def _has_bytes(path: Path, raw: bytes) -> bool:
    try:
        return path.stat().st_size == len(raw) and path.read_bytes() == raw
    except OSError:
        return False


def _read_ids(path: Path, settings: LoadingSettings) -> set[str]:
    """Read a file as the build will, and return the ids of its documents.

    Raises:
        DocumentError: there is nothing in it that can be indexed.
    """
    ids: set[str] = set()
    problem = None
    has_text = False
    for item in load([path], settings):
        if isinstance(item, Document):
            ids.add(item.id)
            has_text = has_text or _has_text(item)
        elif problem is None:
            line = item.id.removeprefix(path.name).removeprefix(":")
            problem = f"line {line}: {item.reason}" if line else item.reason
    if not has_text:
        raise DocumentError(problem or "no text in it")
    return ids


def _has_text(document: Document) -> bool:
    return bool(clean(document.text).text.strip())


def _ids_without_folder(ids: Iterable[str], roots: Sequence[Path]) -> set[str]:
    """Return what ids become when one of several folders is now the only one, whose name they go without."""
    folders = [root for root in roots if root.is_dir()]
    if len(folders) != 1:
        return set()
    (folder,) = folders
    prefix = f"{folder.name}/"
    return {
        identifier.removeprefix(prefix)
        for identifier in ids
        if identifier.startswith(prefix) and not (folder / identifier).exists()
    }
