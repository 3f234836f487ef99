"""BM25 over folded text: bigrams of Chinese characters, whole Latin words and numbers.

Scores come from bm25s (Lù 2024, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring",
arXiv:2407.03618), with the parameters of the paper's default variant.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from index.folding import search_tokens
from index.rows import Rows, row_mask

TOKENIZER = "folded character bigrams"
_NO_TOKEN = "\x00"
_K1 = 1.2
_B = 0.75


class LexicalIndex:
    """Scores texts against a question. Rows are those of the list that it was built from."""

    def __init__(self, scorer: Any, rows: int) -> None:
        self._scorer = scorer
        self._rows = rows

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Index ``texts`` (at least one)."""
        import bm25s

        scorer = bm25s.BM25(k1=_K1, b=_B)
        # A text without a word still takes its row, so that rows here and elsewhere agree.
        scorer.index([search_tokens(text) or [_NO_TOKEN] for text in texts], show_progress=False)
        return cls(scorer, len(texts))

    def save(self, folder: Path) -> None:
        """Write into ``folder``; plain arrays and JSON, no pickle."""
        self._scorer.save(str(folder), show_progress=False)

    @classmethod
    def load(cls, folder: Path, rows: int) -> LexicalIndex:
        """Open what :meth:`save` wrote, memory-mapped."""
        import bm25s

        return cls(bm25s.BM25.load(str(folder), mmap=True, load_corpus=False, allow_pickle=False), rows)

    def knows(self, token: str) -> bool:
        """Whether any text has the token."""
        return token in self._scorer.vocab_dict

    def rarity(self, token: str) -> float:
        """Return the token's inverse document frequency, as BM25 weighs it (natural logarithm, above 0)."""
        number = self._scorer.vocab_dict.get(token)
        occurrences = 0
        if number is not None:
            boundaries = self._scorer.scores["indptr"]
            occurrences = int(boundaries[number + 1]) - int(boundaries[number])
        return math.log(1 + (self._rows - occurrences + 0.5) / (occurrences + 0.5))

    def coverage(self, question: str, text: str) -> float:
        """Return the share, from 0 to 1, of the question's tokens that ``text`` has, rare ones weighing more."""
        weights = {token: self.rarity(token) for token in search_tokens(question)}
        total = sum(weights.values())
        present = set(search_tokens(text))
        return sum(weight for token, weight in weights.items() if token in present) / total if total else 0.0

    def scores(self, question: str) -> npt.NDArray[np.float32]:
        """Return a score for each row, shape ``(rows,)``; 0 where no word of the question occurs."""
        known = [token for token in search_tokens(question) if token in self._scorer.vocab_dict]
        if not known:
            return np.zeros(self._rows, dtype=np.float32)
        scores: npt.NDArray[np.float32] = np.asarray(self._scorer.get_scores(known), dtype=np.float32)
        return scores[: self._rows]

    def top(self, question: str, depth: int, rows: Rows | None = None) -> list[tuple[int, float]]:
        """Return up to ``depth`` rows with a score above 0, the best first; equal scores by row.

        Only ``rows`` are looked at, where they are given; how rare a word is still counts in all of them.
        """
        scores = self.scores(question)
        if rows is not None:
            scores = np.where(row_mask(rows, self._rows), scores, 0)
        best = np.argsort(-scores, kind="stable")[:depth]
        return [(int(row), float(scores[row])) for row in best if scores[row] > 0]
