"""Building and updating an index: documents in, one sealed generation out.

What is embedded for a text is its key; equal texts keep their vectors from the generation before, and vectors
that were computed before an interruption wait in the staging folder, so that no work is done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.chunking import Chunk, chunk
from index.cleaning import CleanText, clean
from index.embedding import Embedder, Vectors
from index.errors import EmptyCorpusError, IndexCorruptError, IndexMismatchError
from index.lexical import LexicalIndex
from index.loading import Document, Skipped, count_sources, load
from index.pending import PendingVectors
from index.progress import Progress, SilentProgress
from index.sentences import sentence_spans
from index.settings import IndexSettings
from index.store import Index, NewGeneration, current_generation, open_index, writing
from index.structure import first_headline
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
    documents: list[StoredDocument] = field(default_factory=list)
    chunks: list[NewChunk] = field(default_factory=list)
    texts: dict[bytes, str] = field(default_factory=dict)  # what is embedded, by its key
    skipped: list[Skipped] = field(default_factory=list)

    def keys(self) -> list[bytes]:
        """Keys of all vectors, in the order of their rows."""
        chunk_keys = [new.key for new in self.chunks]
        return chunk_keys + [key for new in self.chunks for key in new.sentence_keys]


def build(
    paths: Sequence[Path],
    index_dir: Path,
    embedder: Embedder,
    settings: IndexSettings,
    progress: Progress | None = None,
) -> BuildReport:
    """Make the index at ``index_dir`` hold exactly the documents at ``paths``.

    Unchanged text keeps its vectors; documents that are gone are dropped. Readers go on with the old generation
    until the new one is sealed.

    Raises:
        DocumentError: a path does not exist.
        EmptyCorpusError: there is nothing to index; an index that exists is left as it is.
        IndexLockedError: another process is writing this index.
    """
    progress = progress or SilentProgress()
    sources = count_sources(paths)
    with writing(index_dir) as staging:
        previous = _previous(index_dir)
        known = _known_documents(previous)
        corpus = _read(paths, sources, embedder, settings, known, progress)
        if not corpus.chunks:
            raise EmptyCorpusError(_nothing_found(paths, corpus.skipped))
        roots = tuple(str(path.resolve()) for path in paths)
        counts = (len(corpus.documents), len(corpus.chunks), sum(len(new.sentences) for new in corpus.chunks))
        changes = _changes(known, corpus.documents)
        if previous is not None and _is_current(previous, corpus, embedder, settings, roots):
            previous.close()
            return BuildReport(*counts, 0, len(corpus.keys()), skipped=tuple(corpus.skipped), written=False)
        vectors, embedded = _vectors(corpus, previous, embedder, staging, progress)
        if previous is not None:
            previous.close()
        generation = NewGeneration(index_dir, staging)
        write_tables(generation.tables, corpus.documents, corpus.chunks)
        VectorIndex.build(vectors[: counts[1]], vectors[counts[1] :]).save(generation.vectors)
        LexicalIndex.build([lexical_text(new.chunk) for new in corpus.chunks]).save(generation.lexical)
        generation.seal(roots, embedder.identity, settings.chunking, counts)
        PendingVectors(staging, embedder).discard()
    return BuildReport(
        *counts,
        embedded=embedded,
        reused=len(corpus.keys()) - embedded,
        added=changes[0],
        changed=changes[1],
        removed=changes[2],
        skipped=tuple(corpus.skipped),
    )


def lexical_text(piece: Chunk) -> str:
    """Return what BM25 sees of a chunk: its headings and its text."""
    return "\n".join((*piece.headings, piece.text))


def _previous(index_dir: Path) -> Index | None:
    try:
        return open_index(index_dir) if current_generation(index_dir) else None
    except (IndexCorruptError, IndexMismatchError):
        return None  # this build is what mends it


def _known_documents(previous: Index | None) -> dict[str, StoredDocument]:
    if previous is None:
        return {}
    return {name: previous.tables.document(name) for name in previous.tables.document_ids()}


def _read(
    paths: Sequence[Path],
    sources: int,
    embedder: Embedder,
    settings: IndexSettings,
    known: dict[str, StoredDocument],
    progress: Progress,
) -> _Corpus:
    corpus = _Corpus()
    now = datetime.now(UTC).isoformat(timespec="seconds")
    progress.start("reading documents", sources)
    try:
        for found in load(paths, settings.loading, finished=lambda _: progress.advance(1)):
            if isinstance(found, Skipped):
                corpus.skipped.append(found)
                continue
            before = known.get(found.id)
            cleaned = clean(found.text)
            pieces = chunk(found.id, cleaned, settings.chunking)
            if not pieces:
                corpus.skipped.append(Skipped(found.id, "no text in it"))
                continue
            same = before is not None and before.sha256 == found.sha256
            stored = _stored(found, cleaned, before.indexed_at if before is not None and same else now)
            corpus.documents.append(stored)
            for piece in pieces:
                corpus.chunks.append(_new_chunk(piece, stored, embedder, corpus.texts))
    finally:
        progress.done()
    return corpus


def _stored(document: Document, cleaned: CleanText, indexed_at: str) -> StoredDocument:
    title = document.title
    if title == Path(document.id).stem:  # a file name says less than a headline
        title = first_headline(cleaned.text) or title
    return StoredDocument(
        document.id, title, document.text, document.sha256, document.meta, indexed_at, cleaned
    )


def _new_chunk(
    piece: Chunk, document: StoredDocument, embedder: Embedder, texts: dict[bytes, str]
) -> NewChunk:
    # The innermost headings say most about a chunk, so they survive when the title is cut short.
    heading = " > ".join(dict.fromkeys((*piece.headings[::-1], document.title)))
    key = _remember(embedder.document_text(heading, piece.text), texts)
    first, _ = document.clean.cleaned_span(piece.start, piece.end)
    sentences: list[tuple[int, int, str]] = []
    sentence_keys: list[bytes] = []
    for start, end in sentence_spans(piece.text):
        if end - start < _MIN_SENTENCE_CHARS:
            continue
        text = piece.text[start:end]
        sentences.append((*document.clean.original_span(first + start, first + end), text))
        sentence_keys.append(_remember(embedder.document_text(heading[:_SENTENCE_TITLE_CHARS], text), texts))
    return NewChunk(piece, key, tuple(sentences), tuple(sentence_keys))


def _remember(text: str, texts: dict[bytes, str]) -> bytes:
    key = hashlib.sha256(text.encode()).digest()
    texts[key] = text
    return key


def _is_current(
    previous: Index, corpus: _Corpus, embedder: Embedder, settings: IndexSettings, roots: tuple[str, ...]
) -> bool:
    manifest = previous.manifest
    known = {name: previous.tables.document(name) for name in previous.tables.document_ids()}
    return (
        manifest.roots == roots
        and manifest.embedder.fingerprint == embedder.identity.fingerprint
        and manifest.text.chunking == settings.chunking
        and {(d.id, d.sha256, d.title) for d in known.values()}
        == {(d.id, d.sha256, d.title) for d in corpus.documents}
    )


def _vectors(
    corpus: _Corpus, previous: Index | None, embedder: Embedder, staging: Path, progress: Progress
) -> tuple[Vectors, int]:
    """Return the vectors of all rows, and how many of them were computed now."""
    keys = corpus.keys()
    dimension = embedder.identity.dimension
    have: dict[bytes, Vectors] = {}
    if previous is not None and previous.manifest.embedder.fingerprint == embedder.identity.fingerprint:
        have.update(zip(previous.tables.keys(), previous.vectors.all_vectors(), strict=True))
    pending = PendingVectors(staging, embedder)
    have.update(pending.read())
    missing = [key for key in dict.fromkeys(keys) if key not in have]
    progress.start("embedding", len(missing))
    try:
        with pending.appending() as append:

            def keep(positions: Sequence[int], batch: Vectors) -> None:
                for position, vector in zip(positions, batch, strict=True):
                    have[missing[position]] = vector
                append([missing[position] for position in positions], batch)
                progress.advance(len(positions))

            embedder.embed_documents([corpus.texts[key] for key in missing], keep)
    finally:
        progress.done()
    vectors = np.empty((len(keys), dimension), dtype=np.float32)
    for row, key in enumerate(keys):
        vectors[row] = have[key]
    return vectors, len(missing)


def _changes(
    known: dict[str, StoredDocument], documents: Iterable[StoredDocument]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    now = {document.id: document.sha256 for document in documents}
    added = tuple(sorted(now.keys() - known.keys()))
    changed = tuple(sorted(name for name in now.keys() & known.keys() if now[name] != known[name].sha256))
    return added, changed, tuple(sorted(known.keys() - now.keys()))


def _nothing_found(paths: Sequence[Path], skipped: Sequence[Skipped]) -> str:
    where = ", ".join(str(path) for path in paths)
    if not skipped:
        return f"nothing to index in {where}: put .txt, .md, .html, .pdf, .docx or .jsonl files there"
    first = skipped[0]
    return f"nothing to index in {where}: {len(skipped)} skipped, the first {first.id}: {first.reason}"
