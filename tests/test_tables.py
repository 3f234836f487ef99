from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from index.store import current_generation, open_tables


@pytest.fixture
def _hasty() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_hasty")
def test_no_thread_gets_the_row_that_another_asked_for(small_index: Path) -> None:
    folder = current_generation(small_index)
    assert folder is not None
    with closing(open_tables(folder)) as tables:
        count = len(tables.chunks())

        def rows(seed: int) -> list[tuple[int, int]]:
            wanted = [(seed * 131 + 7 * step) % count for step in range(2000)]
            return [(row, tables.chunk(row).row) for row in wanted]

        with ThreadPoolExecutor(6) as pool:
            for pairs in pool.map(rows, range(6)):
                assert all(wanted == found for wanted, found in pairs)
