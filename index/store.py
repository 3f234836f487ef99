"""Sealed generations: the only place that knows where an index lies on disk.

``<index>/CURRENT`` names one generation folder. A generation is written whole in ``<index>/.staging``, synced,
renamed into place, and then CURRENT is replaced; a crash at any point leaves the old generation in use. Readers
keep the generation that they opened.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from index.cleaning import CLEANING_VERSION
from index.dating import DATING_VERSION
from index.durable import held, sha256_of, sync
from index.embedding import EmbedderIdentity
from index.errors import IndexCorruptError, IndexLockedError, IndexMismatchError, IndexMissingError
from index.folding import FOLDING_VERSION
from index.lexical import TOKENIZER, LexicalIndex
from index.settings import ChunkingSettings
from index.structure import STRUCTURE_VERSION
from index.tables import Tables
from index.vectors import VectorIndex

FORMAT_VERSION = 2
_CURRENT = "CURRENT"
_EMPTIED = "none"
"""What CURRENT says instead of a generation when the index was emptied on purpose."""
_STAGING = ".staging"
_LOCK = ".lock"
_MANIFEST = "manifest.json"
_TABLES = "chunks.sqlite"
_VECTORS = "vectors.faiss"
_LEXICAL = "lexical"
_HASHED_AT_OPENING = 64 * 2**20
"""Bytes of an index that is hashed in full whenever it is opened; a larger one is only measured."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EmbedderRecord(_Model):
    """The embedding model that made the vectors."""

    name: str
    fingerprint: str
    dimension: int
    query_prompt: str
    document_prompt: str
    normalised: bool = True


class TextRecord(_Model):
    """How the text was prepared; other values need another index."""

    cleaning: int = CLEANING_VERSION
    structure: int = STRUCTURE_VERSION
    dating: int = DATING_VERSION
    folding: int = FOLDING_VERSION
    tokenizer: str = TOKENIZER
    chunking: ChunkingSettings = ChunkingSettings()


class FileRecord(_Model):
    """One file of the generation."""

    bytes: int
    sha256: str


class Manifest(_Model):
    """What a generation says about itself."""

    format: int
    created_at: str
    roots: tuple[str, ...]
    embedder: EmbedderRecord
    text: TextRecord
    documents: int
    chunks: int
    sentences: int
    files: dict[str, FileRecord]
    excluded: tuple[str, ...] = ()  # ids of documents at the roots that were left out on purpose


class Index:
    """One opened generation: tables, vectors and BM25 that belong together."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self.vectors = VectorIndex.load(
            folder / _VECTORS,
            manifest.chunks,
            manifest.chunks + manifest.sentences,
            manifest.embedder.dimension,
        )
        try:
            self.lexical = LexicalIndex.load(folder / _LEXICAL, manifest.chunks)
        except (OSError, ValueError, KeyError) as error:
            raise IndexCorruptError(f"{folder / _LEXICAL} cannot be read; {_mend(folder.parent)}") from error
        self.tables = Tables(folder / _TABLES)  # last, as it is what has to be closed

    def close(self) -> None:
        """Release the files."""
        self.tables.close()


def open_index(
    index_dir: Path,
    *,
    embedder: str | None = None,
    fingerprint: str | None = None,
    thorough: bool = False,
    outdated: bool = False,
) -> Index:
    """Open the current generation.

    Args:
        index_dir: the index folder.
        embedder: name of the model that questions will be embedded with.
        fingerprint: of that model, to be compared with the manifest; not compared when not given.
        thorough: hash every file, however large the index is.
        outdated: take one that another version of this program prepared, too; only its documents' names and its
            vectors with their keys mean anything then.

    Raises:
        IndexMissingError: there is no index at ``index_dir``.
        IndexCorruptError: a file is missing, truncated or altered.
        IndexMismatchError: another embedding model, format or text preparation.
    """
    folder = current_generation(index_dir)
    if folder is None:
        raise missing_index(index_dir)
    manifest = read_manifest(folder, outdated=outdated)
    if fingerprint is not None and fingerprint != manifest.embedder.fingerprint:
        if embedder == manifest.embedder.name:
            raise IndexMismatchError(
                f"the index at {index_dir} was built with another version of {embedder}; {_mend(index_dir)}"
            )
        raise IndexMismatchError(
            f"the index at {index_dir} was built with the embedder {manifest.embedder.name}, not {embedder}: "
            f"ask with `--embedder {manifest.embedder.name}`, or {_mend(index_dir, f' --embedder {embedder}')}"
        )
    total = sum(record.bytes for record in manifest.files.values())
    check_files(folder, manifest, hashes=thorough or total <= _HASHED_AT_OPENING)
    return Index(folder, manifest)


def _mend(index_dir: Path, options: str = "") -> str:
    return f"rebuild with `rag index PATH --index {index_dir}{options}`"


def missing_index(index_dir: Path) -> IndexMissingError:
    """Return the error for a folder without an index."""
    return IndexMissingError(f"no index at {index_dir}; make one with `rag index PATH --index {index_dir}`")


def current_generation(index_dir: Path) -> Path | None:
    """Return the folder that CURRENT names, or None when there is no index."""
    try:
        name = (index_dir / _CURRENT).read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise IndexCorruptError(
            f"{index_dir / _CURRENT} cannot be read ({error}); {_mend(index_dir)}"
        ) from error
    if name == _EMPTIED:
        return None
    folder = index_dir / name
    if not name or folder.parent != index_dir or not folder.is_dir():
        raise IndexCorruptError(f"{index_dir / _CURRENT} names no generation; {_mend(index_dir)}")
    return folder


def read_manifest(folder: Path, *, outdated: bool = False) -> Manifest:
    """Read and check a generation's manifest; see :func:`open_index` for ``outdated``.

    Raises:
        IndexCorruptError: it is missing or broken.
        IndexMismatchError: it was written by another version of this program.
    """
    path = folder / _MANIFEST
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        found = raw["format"] if isinstance(raw, dict) else None
        if found != FORMAT_VERSION and not outdated:
            raise IndexMismatchError(
                f"the index in {folder.parent} has format {found}, this program reads {FORMAT_VERSION}; "
                f"{_mend(folder.parent)}"
            )
        manifest = Manifest.model_validate(raw)
    except (OSError, ValueError, KeyError, ValidationError) as error:
        raise IndexCorruptError(f"{path} is missing or broken; {_mend(folder.parent)}") from error
    if not outdated and not is_current_preparation(manifest):
        raise IndexMismatchError(
            f"the index in {folder.parent} was prepared by another version of this program; "
            f"{_mend(folder.parent)}"
        )
    return manifest


def is_current_preparation(manifest: Manifest) -> bool:
    """Whether this version of the program prepares and stores text as it was prepared."""
    return manifest.format == FORMAT_VERSION and manifest.text == TextRecord(chunking=manifest.text.chunking)


def open_tables(folder: Path) -> Tables:
    """Open the tables of a generation alone: a list of its documents needs no vectors.

    Raises:
        IndexCorruptError: they cannot be read.
    """
    return Tables(folder / _TABLES)


def check_files(folder: Path, manifest: Manifest, *, hashes: bool) -> None:
    """Compare every file with the manifest: its size, and with ``hashes`` its sha256.

    Raises:
        IndexCorruptError: naming the first file that differs.
    """
    mend = _mend(folder.parent)
    for name, record in manifest.files.items():
        path = folder / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise IndexCorruptError(f"{path} is missing; {mend}") from error
        if size != record.bytes:
            raise IndexCorruptError(f"{path} has {size} bytes instead of {record.bytes}; {mend}")
        if hashes and sha256_of(path) != record.sha256:
            raise IndexCorruptError(f"{path} was altered (its sha256 differs); {mend}")


@contextmanager
def writing(index_dir: Path) -> Iterator[Path]:
    """Hold the index for writing and yield its staging folder, which survives an interruption.

    Raises:
        IndexLockedError: another process writes this index.
    """
    index_dir.mkdir(parents=True, exist_ok=True)
    refusal = IndexLockedError(f"another process is writing {index_dir}; wait until it has finished")
    with held(index_dir / _LOCK, refusal):
        staging = index_dir / _STAGING
        staging.mkdir(exist_ok=True)
        yield staging


class NewGeneration:
    """A generation being written, inside of :func:`writing`."""

    def __init__(self, index_dir: Path, staging: Path) -> None:
        self._index_dir = index_dir
        self._folder = staging / "generation"
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()

    @property
    def tables(self) -> Path:
        """Where the SQLite file goes."""
        return self._folder / _TABLES

    @property
    def vectors(self) -> Path:
        """Where the FAISS file goes."""
        return self._folder / _VECTORS

    @property
    def lexical(self) -> Path:
        """The folder where BM25 goes."""
        return self._folder / _LEXICAL

    def seal(
        self,
        roots: tuple[str, ...],
        embedder: EmbedderIdentity,
        chunking: ChunkingSettings,
        counts: tuple[int, int, int],
        excluded: tuple[str, ...] = (),
    ) -> Manifest:
        """Write the manifest, sync everything, and make this generation the current one.

        ``counts`` are documents, chunks and sentences.
        """
        files = {
            path.relative_to(self._folder).as_posix(): FileRecord(
                bytes=path.stat().st_size, sha256=sha256_of(path)
            )
            for path in sorted(self._folder.rglob("*"))
            if path.is_file()
        }
        manifest = Manifest(
            format=FORMAT_VERSION,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            roots=roots,
            embedder=EmbedderRecord(**vars(embedder)),
            text=TextRecord(chunking=chunking),
            documents=counts[0],
            chunks=counts[1],
            sentences=counts[2],
            files=files,
            excluded=excluded,
        )
        (self._folder / _MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        for path in self._folder.rglob("*"):
            sync(path)
        sync(self._folder)
        check_files(self._folder, manifest, hashes=False)
        self._publish()
        return manifest

    def _publish(self) -> None:
        previous = _current_or_none(self._index_dir)
        target = self._index_dir / f"generation-{_next_number(self._index_dir):06d}"
        self._folder.rename(target)
        sync(self._index_dir)
        _point_to(self._index_dir, target.name)
        _sweep(self._index_dir, target, previous)


def clear_index(index_dir: Path) -> None:
    """Empty the index: there is none at ``index_dir`` any more, until the next one is built.

    Files that are no part of a generation stay. Broken off at any point, the index is whole or gone.

    Raises:
        IndexLockedError: another process is writing this index.
    """
    if not index_dir.is_dir():
        return
    with writing(index_dir):
        previous = _current_or_none(index_dir)
        _point_to(index_dir, _EMPTIED)
        _sweep(index_dir, previous)


def was_emptied(index_dir: Path) -> bool:
    """Whether there is no index because it was emptied on purpose."""
    try:
        return (index_dir / _CURRENT).read_text(encoding="utf-8").strip() == _EMPTIED
    except (OSError, UnicodeDecodeError):
        return False


def _point_to(index_dir: Path, generation: str) -> None:
    """Replace CURRENT, whole or not at all."""
    temporary = index_dir / f"{_CURRENT}.new"
    temporary.write_text(generation + "\n", encoding="utf-8")
    sync(temporary)
    temporary.replace(index_dir / _CURRENT)
    sync(index_dir)


def _sweep(index_dir: Path, *kept: Path | None) -> None:
    """Delete the other generations; the one before stays for readers that are just opening it."""
    for folder in index_dir.glob("generation-*"):
        if folder not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def _current_or_none(index_dir: Path) -> Path | None:
    try:
        return current_generation(index_dir)
    except IndexCorruptError:
        return None


def _next_number(index_dir: Path) -> int:
    numbers = [folder.name.removeprefix("generation-") for folder in index_dir.glob("generation-*")]
    return max((int(number) for number in numbers if number.isdigit()), default=0) + 1
