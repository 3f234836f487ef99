"""The SQLite side of an index: documents, chunks and sentences, with their places in the originals."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt

from index.chunking import Chunk
from index.cleaning import CleanText
from index.dating import Dateline, days
from index.errors import IndexCorruptError

_SCHEMA = """
CREATE TABLE documents (
    id TEXT PRIMARY KEY, title TEXT NOT NULL, text TEXT NOT NULL, sha256 TEXT NOT NULL, meta TEXT NOT NULL,
    indexed_at TEXT NOT NULL, clean TEXT NOT NULL, offsets BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE chunks (
    row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, doc_id TEXT NOT NULL, start INTEGER NOT NULL,
    "end" INTEGER NOT NULL, headings TEXT NOT NULL, text TEXT NOT NULL, key BLOB NOT NULL,
    first_sentence INTEGER NOT NULL, last_sentence INTEGER NOT NULL, date TEXT NOT NULL, place TEXT NOT NULL,
    first_day TEXT, last_day TEXT
);
CREATE INDEX chunks_of_document ON chunks (doc_id, start);
CREATE TABLE sentences (
    row INTEGER PRIMARY KEY, chunk INTEGER NOT NULL, start INTEGER NOT NULL, "end" INTEGER NOT NULL,
    text TEXT NOT NULL, key BLOB NOT NULL
);
"""


@dataclass(frozen=True)
class StoredDocument:
    """A document as the index holds it, with its cleaned text."""

    id: str
    title: str
    text: str
    sha256: str
    meta: dict[str, str]
    indexed_at: str  # ISO 8601, UTC
    clean: CleanText


@dataclass(frozen=True)
class Sentence:
    """A sentence of a chunk; ``start`` and ``end`` are offsets into the original document."""

    row: int
    chunk_row: int
    start: int
    end: int
    text: str  # cleaned


@dataclass(frozen=True)
class StoredChunk:
    """A chunk with its row in the vectors and in BM25, and the range of its sentences' rows."""

    row: int
    chunk: Chunk
    first_sentence: int
    last_sentence: int  # exclusive


@dataclass(frozen=True)
class DocumentEntry:
    """What a list of documents says of one."""

    id: str
    title: str
    characters: int  # of the original
    chunks: int
    meta: dict[str, str]
    indexed_at: str  # ISO 8601, UTC


@dataclass(frozen=True)
class Scope:
    """What is searched: some documents, what was written in a span of days, or both; ``None`` sets no bounds.

    Both days are included. Of what is only dated by a month or a year, one day in the span is enough; what bears no
    date lies in no span.
    """

    documents: frozenset[str] | None = None  # ids
    since: date | None = None
    until: date | None = None

    @property
    def bounded(self) -> bool:
        """Whether anything is left out."""
        return (self.documents, self.since, self.until) != (None, None, None)


EVERYTHING = Scope()


@dataclass(frozen=True)
class ScopeRows:
    """Where a scope lies in the vectors and in BM25: rows of its chunks and of their sentences."""

    chunks: npt.NDArray[np.int64]
    sentences: npt.NDArray[np.int64]


@dataclass(frozen=True)
class NewChunk:
    """A chunk to be written, with the keys of what is embedded for it and for its sentences."""

    chunk: Chunk
    key: bytes
    sentences: tuple[tuple[int, int, str], ...]  # original start, original end, cleaned text
    sentence_keys: tuple[bytes, ...]


def write_tables(path: Path, documents: Iterable[StoredDocument], chunks: Sequence[NewChunk]) -> None:
    """Write a new database file."""
    with closing(_connection(path)) as connection:
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    document.id,
                    document.title,
                    document.text,
                    document.sha256,
                    json.dumps(document.meta, ensure_ascii=False),
                    document.indexed_at,
                    document.clean.text,
                    zlib.compress(document.clean.offsets.astype("<i4").tobytes()),
                )
                for document in documents
            ),
        )
        sentence_row = 0
        for row, new in enumerate(chunks):
            chunk = new.chunk
            last = sentence_row + len(new.sentences)
            connection.execute(
                "INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    row,
                    chunk.id,
                    chunk.doc_id,
                    chunk.start,
                    chunk.end,
                    _packed(chunk.headings),
                    chunk.text,
                    new.key,
                    sentence_row,
                    last,
                    chunk.dateline.date,
                    chunk.dateline.place,
                    *_covered(chunk.dateline),
                ),
            )
            connection.executemany(
                "INSERT INTO sentences VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (sentence_row + number, row, start, end, text, key)
                    for number, ((start, end, text), key) in enumerate(
                        zip(new.sentences, new.sentence_keys, strict=True)
                    )
                ),
            )
            sentence_row = last
        connection.execute("COMMIT")


class Tables:
    """Read access to the database of one generation; usable from several threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            # Read-only and immutable: a sealed generation never changes, so no locks and no journal.
            # No statement is kept: since Python 3.12 two threads can get hold of the same one, and one of them the
            # other's row (of 240,000 queries on 6 threads, 154 rows were wrong with 3.12 and 219 with 3.13).
            # Preparing each anew costs 30 µs.
            self._connection = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode=ro&immutable=1",
                uri=True,
                check_same_thread=False,
                cached_statements=0,
            )
            self._connection.execute("SELECT count(*) FROM chunks").fetchone()
        except sqlite3.DatabaseError as error:
            raise IndexCorruptError(
                f"{path} cannot be read ({error}); rebuild with `rag index PATH`"
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def document_ids(self) -> list[str]:
        """Return the ids of all documents, sorted."""
        return [row[0] for row in self._connection.execute("SELECT id FROM documents ORDER BY id")]

    def titles(self) -> dict[str, str]:
        """Return each document's title by its id."""
        return dict(self._connection.execute("SELECT id, title FROM documents"))

    def entries(self) -> list[DocumentEntry]:
        """Return every document without its text, by id."""
        query = """
            SELECT id, title, length(text), (SELECT count(*) FROM chunks WHERE doc_id = documents.id), meta,
                indexed_at
            FROM documents ORDER BY id
        """
        return [
            DocumentEntry(identifier, title, characters, chunks, json.loads(meta), indexed_at)
            for identifier, title, characters, chunks, meta, indexed_at in self._connection.execute(query)
        ]

    def rows_of(self, scope: Scope) -> ScopeRows:
        """Return the rows of what lies in the scope; ids of documents that are unknown are ignored."""
        conditions: list[str] = []
        values: list[str] = []
        if scope.documents is not None:
            # An array in JSON knows no limit of parameters.
            conditions.append("doc_id IN (SELECT value FROM json_each(?))")
            values.append(json.dumps(list(scope.documents)))
        # A comparison with NULL is not true: what bears no date lies in no span of days.
        if scope.since is not None:
            conditions.append("last_day >= ?")
            values.append(scope.since.isoformat())
        if scope.until is not None:
            conditions.append("first_day <= ?")
            values.append(scope.until.isoformat())
        query = f"""
            SELECT row, first_sentence, last_sentence FROM chunks
            WHERE {" AND ".join(conditions) or "1"} ORDER BY row
        """
        found = self._connection.execute(query, values).fetchall()
        return ScopeRows(
            np.array([row for row, _, _ in found], dtype=np.int64),
            _row_numbers([(first, last) for _, first, last in found]),
        )

    def document(self, document_id: str) -> StoredDocument:
        """Return one document.

        Raises:
            KeyError: there is none with this id.
        """
        row = self._connection.execute("SELECT * FROM documents WHERE id = ?", (document_id,)).fetchone()
        if row is None:
            raise KeyError(document_id)
        identifier, title, text, sha256, meta, indexed_at, clean, offsets = row
        unpacked = np.frombuffer(zlib.decompress(offsets), dtype="<i4").astype(np.int32)
        return StoredDocument(
            identifier, title, text, sha256, json.loads(meta), indexed_at, CleanText(clean, unpacked)
        )

    def beginning(self, document_id: str, characters: int) -> str:
        """Return the first characters of a document, cleaned; empty where there is none with this id."""
        query = "SELECT substr(clean, 1, ?) FROM documents WHERE id = ?"
        found = self._connection.execute(query, (characters, document_id)).fetchone()
        return str(found[0]) if found else ""

    def chunk(self, row: int) -> StoredChunk:
        """Return the chunk in ``row``."""
        return self._stored_chunk(
            self._connection.execute(f"{_CHUNK_QUERY} WHERE row = ?", (row,)).fetchone()
        )

    def chunks(self) -> list[StoredChunk]:
        """Return all chunks, in the order of their rows."""
        return [self._stored_chunk(row) for row in self._connection.execute(f"{_CHUNK_QUERY} ORDER BY row")]

    def sentences(self, chunk_row: int) -> list[Sentence]:
        """Return the sentences of a chunk, in reading order."""
        query = 'SELECT row, chunk, start, "end", text FROM sentences WHERE chunk = ? ORDER BY row'
        return [Sentence(*row) for row in self._connection.execute(query, (chunk_row,))]

    def chunks_of(self, doc_id: str, limit: int) -> list[StoredChunk]:
        """Return the first ``limit`` chunks of a document, in reading order."""
        query = f"{_CHUNK_QUERY} WHERE doc_id = ? ORDER BY start LIMIT ?"
        return [self._stored_chunk(row) for row in self._connection.execute(query, (doc_id, limit))]

    def chunks_under(self, chunk: Chunk, limit: int) -> list[StoredChunk]:
        """Return the first ``limit`` chunks under the same headings of its document as ``chunk``, in reading order."""
        query = f"{_CHUNK_QUERY} WHERE doc_id = ? AND headings = ? ORDER BY start LIMIT ?"
        wanted = (chunk.doc_id, _packed(chunk.headings), limit)
        return [self._stored_chunk(row) for row in self._connection.execute(query, wanted)]

    def chunk_at(self, doc_id: str, offset: int) -> Chunk | None:
        """Return the chunk that the place at ``offset`` of a document stands in, or after."""
        query = f"{_CHUNK_QUERY} WHERE doc_id = ? AND start <= ? ORDER BY start DESC LIMIT 1"
        found = self._connection.execute(query, (doc_id, offset)).fetchone()
        return self._stored_chunk(found).chunk if found else None

    def chunk_of_sentence(self, sentence_row: int) -> int:
        """Return the row of the chunk that holds a sentence."""
        row: int = self._connection.execute(
            "SELECT chunk FROM sentences WHERE row = ?", (sentence_row,)
        ).fetchone()[0]
        return row

    def keys(self) -> list[bytes]:
        """Return the embedding key of every vector: of the chunks by row, then of the sentences by row."""
        chunks = self._connection.execute("SELECT key FROM chunks ORDER BY row").fetchall()
        sentences = self._connection.execute("SELECT key FROM sentences ORDER BY row").fetchall()
        return [row[0] for row in (*chunks, *sentences)]

    @staticmethod
    def _stored_chunk(row: tuple[int, str, str, int, int, str, str, int, int, str, str]) -> StoredChunk:
        number, identifier, doc_id, start, end, headings, text, first, last, written, place = row
        dateline = Dateline(written, place)
        chunk = Chunk(identifier, doc_id, start, end, tuple(json.loads(headings)), text, dateline)
        return StoredChunk(number, chunk, first, last)


_CHUNK_QUERY = """
    SELECT row, id, doc_id, start, "end", headings, text, first_sentence, last_sentence, date, place FROM chunks
"""


def _packed(headings: Sequence[str]) -> str:
    return json.dumps(headings, ensure_ascii=False)


def _covered(dateline: Dateline) -> tuple[str | None, str | None]:
    """Return the first and the last day on which it may have been written, where its year is known."""
    covered = days(dateline.date)
    return (covered[0].isoformat(), covered[1].isoformat()) if covered else (None, None)


def _row_numbers(ranges: Sequence[tuple[int, int]]) -> npt.NDArray[np.int64]:
    """Return the numbers in all of the ranges, their ends excluded."""
    bounds = np.array(ranges, dtype=np.int64).reshape(-1, 2)
    lengths = bounds[:, 1] - bounds[:, 0]
    numbers = np.arange(lengths.sum(), dtype=np.int64)
    offsets: npt.NDArray[np.int64] = np.repeat(bounds[:, 0] - (np.cumsum(lengths) - lengths), lengths)
    return numbers + offsets


def _connection(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    # The file only counts once it is sealed; a crash before that throws it away.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    return connection
