"""Sets of rows that a search may return."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Rows: TypeAlias = Collection[int] | npt.NDArray[np.int64]


def row_mask(rows: Rows, count: int) -> npt.NDArray[np.bool_]:
    """Return, for each of ``count`` rows, whether it is one of ``rows``; numbers that are no row are ignored."""
    numbers = np.asarray(rows if isinstance(rows, np.ndarray) else list(rows), dtype=np.int64)
    mask = np.zeros(count, dtype=np.bool_)
    mask[numbers[(numbers >= 0) & (numbers < count)]] = True
    return mask
