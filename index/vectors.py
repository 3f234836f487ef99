"""The FAISS side of an index: chunk vectors first, then sentence vectors, in one file.

Up to :data:`EXACT_UP_TO` vectors every search looks at all of them. Above, they lie in cells (an inverted file: Jégou,
Douze and Schmid 2011, "Product quantization for nearest neighbor search", section IV), of which a search looks at the
nearest: so many that, measured when the index is built, it finds 99% of what a search of all finds. The vectors
themselves stay whole in either form.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.embedding import Vectors
from index.errors import IndexCorruptError
from index.rows import Rows, row_mask

EXACT_UP_TO = 250_000
"""Vectors; a search of as many with 768 dimensions takes about a twentieth of a second."""

_CELLS_PER_ROOT = 4
_TRAINED_ON = 64  # vectors a cell
_RECALL = 0.99
_RECALL_DEPTH = 10
_RECALL_QUERIES = 200


class VectorIndex:
    """Inner-product search over rows ``0 .. chunks-1`` (chunks) and the rest (sentences)."""

    def __init__(self, index: Any, chunks: int) -> None:
        self._index = index
        self._chunks = chunks
        self._in_cells = hasattr(index, "nprobe")

    @classmethod
    def build(cls, chunk_vectors: Vectors, sentence_vectors: Vectors) -> VectorIndex:
        """Index normalised vectors."""
        import faiss

        parts = [part for part in (chunk_vectors, sentence_vectors) if len(part)]
        if sum(map(len, parts)) > EXACT_UP_TO:
            return cls(_in_cells(parts), len(chunk_vectors))
        index = faiss.IndexFlatIP(chunk_vectors.shape[1])
        for part in parts:
            index.add(part)
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
        return self._similarities(query, np.asarray(rows, dtype=np.int64))

    def sentence_similarities(self, query: Vectors, first: int, last: int) -> list[float]:
        """Return the cosine of ``query`` to each of the sentence rows ``[first, last)``."""
        if first >= last:
            return []
        return self._similarities(query, np.arange(self._chunks + first, self._chunks + last))

    def _similarities(self, query: Vectors, rows: npt.NDArray[np.int64]) -> list[float]:
        vectors = self._index.reconstruct_batch(rows)
        return [float(score) for score in vectors @ query[0]]

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
            if self._in_cells:
                # Few rows may lie in none of the cells that are looked at.
                return self._search_all(query, depth, first, np.flatnonzero(mask))
            bits = np.packbits(np.concatenate((np.zeros(first, dtype=np.bool_), mask)), bitorder="little")
            selector = faiss.IDSelectorBitmap(bits)  # type: ignore[arg-type, call-arg]
        depth = min(depth, searched)
        if depth <= 0:
            return []
        # The bindings build their keyword arguments at run time, where the type checker cannot see them.
        parameters: Any
        if self._in_cells:
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=self._index.nprobe)  # type: ignore[call-arg]
        else:
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
        scores, found = self._index.search(query, depth, params=parameters)
        return [(int(row), float(score)) for row, score in zip(found[0], scores[0], strict=True) if row >= 0]

    def _search_all(
        self, query: Vectors, depth: int, first: int, rows: npt.NDArray[np.int64]
    ) -> list[tuple[int, float]]:
        """Look at every one of ``rows``, counted from ``first``."""
        found = sorted(
            zip((rows + first).tolist(), self._similarities(query, rows + first), strict=True),
            key=lambda item: -item[1],
        )
        return found[:depth]


def _in_cells(parts: Sequence[Vectors]) -> Any:
    """Index vectors in cells, with as many of them to look at as the recall needs."""
    import faiss

    rows = sum(map(len, parts))
    typical = max(parts, key=len)
    cells = round(_CELLS_PER_ROOT * rows**0.5)
    index: Any = faiss.index_factory(typical.shape[1], f"IVF{cells},Flat", faiss.METRIC_INNER_PRODUCT)
    index.cp.max_points_per_centroid = _TRAINED_ON
    index.train(typical)
    for part in parts:
        index.add(part)
    index.make_direct_map()
    chosen = np.random.default_rng(0).choice(len(typical), min(_RECALL_QUERIES, len(typical)), replace=False)
    queries = typical[chosen]
    scores = np.concatenate([queries @ part.T for part in parts], axis=1)
    exact = np.argpartition(-scores, _RECALL_DEPTH, axis=1)[:, :_RECALL_DEPTH]
    index.nprobe = 1
    while index.nprobe < cells:
        _, found = index.search(queries, _RECALL_DEPTH)
        shared = [len(np.intersect1d(*pair)) for pair in zip(exact, found, strict=True)]
        if np.mean(shared) >= _RECALL * _RECALL_DEPTH:
            break
        index.nprobe = min(cells, 2 * index.nprobe)
    return index
