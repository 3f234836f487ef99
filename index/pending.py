"""Vectors that were computed for a generation not yet sealed, kept over an interruption."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from index.embedding import Embedder, Vectors

_KEY_BYTES = 32


class PendingVectors:
    """A file of fixed-size records, a key and its vector; half a record at its end is ignored."""

    def __init__(self, staging: Path, embedder: Embedder) -> None:
        self._staging = staging
        self._dimension = embedder.identity.dimension
        # The model is part of the name, so that another model's vectors are never taken.
        self._path = staging / f"pending-{embedder.identity.fingerprint[:32]}.bin"

    def read(self) -> dict[bytes, Vectors]:
        """Return the vectors by key (shape ``(dimension,)`` each)."""
        if not self._path.exists():
            return {}
        raw = self._path.read_bytes()
        size = self._record_bytes()
        return {
            raw[start : start + _KEY_BYTES]: np.frombuffer(
                raw[start + _KEY_BYTES : start + size], dtype="<f4"
            )
            for start in range(0, len(raw) - size + 1, size)
        }

    @contextmanager
    def appending(self) -> Iterator[Callable[[Sequence[bytes], Vectors], None]]:
        """Open the file; the function that is yielded adds keys and their vectors."""
        with self._path.open("ab") as file:
            file.truncate(file.tell() - file.tell() % self._record_bytes())

            def append(keys: Sequence[bytes], vectors: Vectors) -> None:
                file.write(
                    b"".join(
                        key + vector.astype("<f4").tobytes()
                        for key, vector in zip(keys, vectors, strict=True)
                    )
                )
                file.flush()

            yield append

    def discard(self) -> None:
        """Forget all pending vectors, of other models too: the generation they were for is sealed."""
        for path in self._staging.glob("pending-*.bin"):
            path.unlink(missing_ok=True)

    def _record_bytes(self) -> int:
        return _KEY_BYTES + 4 * self._dimension
