"""Building and updating an index: documents in, one sealed generation out.

What is embedded for a text is its key; equal texts keep their vectors from the generation before, and vectors
that were computed before an interruption wait in the staging folder, so that no work is done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.chunking import Chunk, chunk
from index.cleaning import CleanText, clean
from index.dating import years_meant
from index.embedding import Embedder, Vectors
from index.errors import EmptyCorpusError, IndexCorruptError
from index.lexical import LexicalIndex
from index.loading import Document, Skipped, count_sources, load
from index.pending import PendingVectors
from index.progress import Progress, SilentProgress
from index.sentences import sentence_spans
from index.settings import IndexSettings
from index.store import (
    Index,
    NewGeneration,
    current_generation,
    is_current_preparation,
    open_index,
    writing,
)
from index.structure import document_title, is_telling
from index.tables import NewChunk, StoredDocument, write_tables
from index.vectors import VectorIndex

_MIN_SENTENCE_CHARS = 6
_SENTENCE_TITLE_CHARS = 60


@dataclass(frozen=True)
class BuildReport:
    """What :func:`build` did."""

    documents: int
    chunks: int
    sentences: int
    embedded: int  # vectors computed now
    reused: int  # vectors kept from before
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    written: bool = True  # False: nothing had changed, the index was left as it is


@dataclass
class _Corpus:
    """What was read: each document with its chunks."""

    documents: list[StoredDocument] = field(default_factory=list)
    chunks: list[Chunk] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def build(
    paths: Sequence[Path],
    index_dir: Path,
    fingerprint: str,
    open_embedder: Callable[[], Embedder],
    settings: IndexSettings,
    progress: Progress | None = None,
    excluded: frozenset[str] = frozenset(),
) -> BuildReport:
    """Make the index at ``index_dir`` hold exactly the documents at ``paths`` that are not excluded.

    Unchanged text keeps its vectors; documents that are gone are dropped. Readers go on with the old generation
    until the new one is sealed.

    Args:
        paths: folders and files.
        index_dir: the index folder; made when it does not exist.
        fingerprint: of the embedding model, known before it is loaded.
        open_embedder: loads the model; only called when something has to be embedded.
        settings: of the index side.
        progress: receives files read and texts embedded.
        excluded: ids of documents that are read past, as if they were not there.

    Raises:
        DocumentError: a path does not exist.
        EmptyCorpusError: there is nothing to index; an index that exists is left as it is.
        IndexLockedError: another process is writing this index.
    """
    progress = progress or SilentProgress()
    sources = count_sources(paths)
    roots = tuple(str(path.resolve()) for path in paths)
    with writing(index_dir) as staging, _opened_previous(index_dir) as previous:
        known = _known_documents(previous)
        corpus = _read(paths, sources, settings, known, progress, excluded)
        if not corpus.chunks:
            raise EmptyCorpusError(_nothing_found(paths, corpus.skipped, excluded))
        left_out = tuple(sorted(excluded))
        if previous is not None and _is_current(
            previous, known, corpus, fingerprint, settings, roots, left_out
        ):
            old = previous.manifest
            kept = old.chunks + old.sentences
            return BuildReport(
                old.documents,
                old.chunks,
                old.sentences,
                0,
                kept,
                skipped=tuple(corpus.skipped),
                written=False,
            )
        embedder = open_embedder()
        texts: dict[bytes, str] = {}  # what is embedded, by its key
        by_id = {document.id: document for document in corpus.documents}
        chunks = [_new_chunk(piece, by_id[piece.doc_id], embedder, texts) for piece in corpus.chunks]
        keys = [new.key for new in chunks] + [key for new in chunks for key in new.sentence_keys]
        vectors, embedded, reused = _vectors(keys, texts, previous, embedder, staging, progress)
        generation = NewGeneration(index_dir, staging)
        write_tables(generation.tables, corpus.documents, chunks)
        VectorIndex.build(vectors[: len(chunks)], vectors[len(chunks) :]).save(generation.vectors)
        LexicalIndex.build([lexical_text(piece) for piece in corpus.chunks]).save(generation.lexical)
        counts = (len(corpus.documents), len(chunks), len(keys) - len(chunks))
        generation.seal(roots, embedder.identity, settings.chunking, counts, left_out)
        PendingVectors(staging, embedder).discard()
    added, changed, removed = _changes(known, corpus.documents)
    skipped = tuple(corpus.skipped)
    return BuildReport(*counts, embedded, reused, added, changed, removed, skipped)


def lexical_text(piece: Chunk) -> str:
    """Return what BM25 sees of a chunk: its headings, its text, and the years that 今年 and 去年 mean in it."""
    meant = (f"{year}年" for year in sorted(years_meant(piece.text, piece.dateline.year)))
    return "\n".join((*piece.headings, piece.text, *meant))


@contextmanager
def _opened_previous(index_dir: Path) -> Iterator[Index | None]:
    """Yield the current generation while it can still be read; a broken one is what this build mends."""
    try:
        # Vectors are taken over from it, so that damage must not go unnoticed here.
        previous = (
            open_index(index_dir, thorough=True, outdated=True) if current_generation(index_dir) else None
        )
    except IndexCorruptError:
        previous = None
    try:
        yield previous
    finally:
        if previous is not None:
            previous.close()


def _known_documents(previous: Index | None) -> dict[str, StoredDocument]:
    if previous is None:
        return {}
    return {name: previous.tables.document(name) for name in previous.tables.document_ids()}


def _read(
    paths: Sequence[Path],
    sources: int,
    settings: IndexSettings,
    known: dict[str, StoredDocument],
    progress: Progress,
    excluded: frozenset[str],
) -> _Corpus:
    corpus = _Corpus()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    progress.start("reading documents", sources)
    try:
        for found in load(paths, settings.loading, finished=lambda _: progress.advance(1)):
            if found.id in excluded:
                continue
            if isinstance(found, Skipped):
                corpus.skipped.append(found)
                continue
            cleaned = clean(found.text)
            pieces = chunk(found.id, cleaned, settings.chunking, found.meta.get("date", ""))
            if not pieces:
                corpus.skipped.append(Skipped(found.id, "no text in it"))
                continue
            before = known.get(found.id)
            unchanged = before is not None and before.sha256 == found.sha256
            corpus.documents.append(
                _stored(found, cleaned, before.indexed_at if before and unchanged else now)
            )
            corpus.chunks.extend(pieces)
    finally:
        progress.done()
    return corpus


def _stored(document: Document, cleaned: CleanText, indexed_at: str) -> StoredDocument:
    title = document.title
    if title == Path(document.id).stem:  # a file name says less than a headline
        title = document_title(cleaned.text) or title
    return StoredDocument(
        document.id, title, document.text, document.sha256, document.meta, indexed_at, cleaned
    )


def _new_chunk(
    piece: Chunk, document: StoredDocument, embedder: Embedder, texts: dict[bytes, str]
) -> NewChunk:
    # The innermost headings say most about a chunk, so they survive when the title is cut short.
    title = (document.title,) if is_telling(document.title) else ()
    heading = " > ".join(dict.fromkeys((*piece.headings[::-1], *title)))
    key = _remember(embedder.document_text(heading, piece.text), texts)
    first, _ = document.clean.cleaned_span(piece.start, piece.end)
    sentences: list[tuple[int, int, str]] = []
    sentence_keys: list[bytes] = []
    spans = sentence_spans(piece.text)
    # A chunk without a sentence could be found and not be cited.
    for start, end in [span for span in spans if span[1] - span[0] >= _MIN_SENTENCE_CHARS] or spans:
        text = piece.text[start:end]
        sentences.append((*document.clean.original_span(first + start, first + end), text))
        sentence_keys.append(_remember(embedder.document_text(heading[:_SENTENCE_TITLE_CHARS], text), texts))
    return NewChunk(piece, key, tuple(sentences), tuple(sentence_keys))


def _remember(text: str, texts: dict[bytes, str]) -> bytes:
    key = hashlib.sha256(text.encode()).digest()
    texts[key] = text
    return key


def _is_current(
    previous: Index,
    known: dict[str, StoredDocument],
    corpus: _Corpus,
    fingerprint: str,
    settings: IndexSettings,
    roots: tuple[str, ...],
    excluded: tuple[str, ...],
) -> bool:
    manifest = previous.manifest
    return (
        is_current_preparation(manifest)
        and manifest.roots == roots
        and manifest.excluded == excluded
        and manifest.embedder.fingerprint == fingerprint
        and manifest.text.chunking == settings.chunking
        and set(map(_identity, known.values())) == set(map(_identity, corpus.documents))
    )


def _identity(document: StoredDocument) -> tuple[str, ...]:
    """Return what a document's chunks are made of."""
    return document.id, document.sha256, document.title, document.meta.get("date", "")


def _vectors(
    keys: Sequence[bytes],
    texts: dict[bytes, str],
    previous: Index | None,
    embedder: Embedder,
    staging: Path,
    progress: Progress,
) -> tuple[Vectors, int, int]:
    """Return the vectors of all rows, how many were computed now, and how many rows had theirs from before."""
    vectors = np.empty((len(keys), embedder.identity.dimension), dtype=np.float32)
    wanted: dict[bytes, list[int]] = {}  # the rows of each key that has no vector yet
    for row, key in enumerate(keys):
        wanted.setdefault(key, []).append(row)

    def take_over(known: Iterable[tuple[bytes, Vectors]]) -> None:
        for key, vector in known:
            vectors[wanted.pop(key, [])] = vector

    if previous is not None and previous.manifest.embedder.fingerprint == embedder.identity.fingerprint:
        take_over(zip(previous.tables.keys(), previous.vectors.all_vectors(), strict=True))
    pending = PendingVectors(staging, embedder)
    take_over(pending.read().items())
    missing = list(wanted)
    reused = len(keys) - sum(map(len, wanted.values()))
    progress.start("computing vectors", len(missing))
    try:
        with pending.appending() as append:

            def keep(positions: Sequence[int], batch: Vectors) -> None:
                for position, vector in zip(positions, batch, strict=True):
                    vectors[wanted[missing[position]]] = vector
                append([missing[position] for position in positions], batch)
                progress.advance(len(positions))

            embedder.embed_documents([texts[key] for key in missing], keep)
    finally:
        progress.done()
    return vectors, len(missing), reused


def _changes(
    known: dict[str, StoredDocument], documents: Iterable[StoredDocument]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    now = {document.id: document.sha256 for document in documents}
    added = tuple(sorted(now.keys() - known.keys()))
    changed = tuple(sorted(name for name in now.keys() & known.keys() if now[name] != known[name].sha256))
    return added, changed, tuple(sorted(known.keys() - now.keys()))


def _nothing_found(paths: Sequence[Path], skipped: Sequence[Skipped], excluded: frozenset[str]) -> str:
    where = ", ".join(str(path) for path in paths)
    if not skipped and excluded:
        return f"nothing to index in {where}: all of it is left out, add other documents"
    if not skipped:
        return f"nothing to index in {where}: put .txt, .md, .html, .pdf, .docx or .jsonl files there"
    first = skipped[0]
    return f"nothing to index in {where}: {len(skipped)} skipped, the first {first.id}: {first.reason}"
