"""The FAISS side of an index: chunk vectors first, then sentence vectors, in one file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from index.embedding import Vectors
from index.errors import IndexCorruptError
from index.rows import Rows, row_mask


class VectorIndex:
    """Exact inner-product search over rows ``0 .. chunks-1`` (chunks) and the rest (sentences)."""

    def __init__(self, index: Any, chunks: int) -> None:
        self._index = index
        self._chunks = chunks

    @classmethod
    def build(cls, chunk_vectors: Vectors, sentence_vectors: Vectors) -> VectorIndex:
        """Index normalised vectors."""
        import faiss

        index = faiss.IndexFlatIP(chunk_vectors.shape[1])
        index.add(chunk_vectors)
        if len(sentence_vectors):
            index.add(sentence_vectors)
        return cls(index, len(chunk_vectors))

    def save(self, path: Path) -> None:
        """Write the index file."""
        import faiss

        faiss.write_index(self._index, str(path))

    @classmethod
    def load(cls, path: Path, chunks: int, rows: int, dimension: int) -> VectorIndex:
        """Open an index file of ``rows`` vectors, the first ``chunks`` of which are chunks.

        Raises:
            IndexCorruptError: FAISS cannot read it, or it holds something else.
        """
        import faiss

        try:
            index = faiss.read_index(str(path))
        except RuntimeError as error:
            raise IndexCorruptError(f"{path} cannot be read; rebuild with `rag index PATH`") from error
        if index.ntotal != rows or index.d != dimension:
            raise IndexCorruptError(f"{path} does not match its manifest; rebuild with `rag index PATH`")
        return cls(index, chunks)

    def all_vectors(self) -> Vectors:
        """Return every vector, shape ``(rows, dimension)``."""
        vectors: Vectors = self._index.reconstruct_n(0, self._index.ntotal)
        return vectors

    def search_chunks(self, query: Vectors, depth: int, rows: Rows | None = None) -> list[tuple[int, float]]:
        """Return the nearest chunks, the best first.

        Args:
            query: shape ``(1, dimension)``.
            depth: how many at most.
            rows: the chunk rows that are searched; all of them when not given.

        Returns:
            Chunk rows with their cosine to ``query``.
        """
        return self._search(query, depth, 0, self._chunks, rows)

    def search_sentences(
        self, query: Vectors, depth: int, rows: Rows | None = None
    ) -> list[tuple[int, float]]:
        """Return the nearest sentences, as :meth:`search_chunks` does; their rows are counted from 0."""
        found = self._search(query, depth, self._chunks, self._index.ntotal, rows)
        return [(row - self._chunks, score) for row, score in found]

    def chunk_similarities(self, query: Vectors, rows: Sequence[int]) -> list[float]:
        """Return the cosine of ``query`` to each of the chunk ``rows``."""
        vectors = self._index.reconstruct_batch(np.asarray(rows, dtype=np.int64))
        return [float(score) for score in vectors @ query[0]]

    def sentence_similarities(self, query: Vectors, first: int, last: int) -> list[float]:
        """Return the cosine of ``query`` to each of the sentence rows ``[first, last)``."""
        if first >= last:
            return []
        vectors = self._index.reconstruct_n(self._chunks + first, last - first)
        return [float(score) for score in np.asarray(vectors) @ query[0]]

    def _search(
        self, query: Vectors, depth: int, first: int, last: int, rows: Rows | None
    ) -> list[tuple[int, float]]:
        """Search the vectors ``[first, last)``; ``rows`` are counted from ``first``."""
        import faiss

        selector: Any
        if rows is None:
            searched = last - first
            selector = faiss.IDSelectorRange(first, last)
        else:
            mask = row_mask(rows, last - first)
            searched = int(mask.sum())
            bits = np.packbits(np.concatenate((np.zeros(first, dtype=np.bool_), mask)), bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)  # type: ignore[arg-type, call-arg]
        depth = min(depth, searched)
        if depth <= 0:
            return []
        # The bindings build their keyword arguments at run time, where the type checker cannot see them.
        parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, found = self._index.search(query, depth, params=parameters)
        return [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]
