from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.batch.journal import Journal, Record, journal_path, open_journal
from rag.errors import BatchError

pytestmark = pytest.mark.usefixtures("own_place")

MADE_FROM = {"questions": "q", "settings": "s", "models": "m", "documents": "d"}


def record(row: int) -> Record:
    return Record(row=row, error=f"错误 {row}")


@given(st.data())
def test_a_journal_cut_at_any_byte_goes_on_right(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    output = tmp_path_factory.mktemp("journal") / "a.csv"
    with open_journal(output, MADE_FROM) as journal:
        for row in range(1, 5):
            journal.append(record(row))
    raw = journal_path(output).read_bytes()
    cut = data.draw(st.integers(0, len(raw)))
    torn = data.draw(st.sampled_from([b"", b"\0\0\0", b"\0\n", b'{"row":9'])) if cut > 100 else b""
    journal_path(output).write_bytes(raw[:cut] + torn)
    whole = max(0, raw[:cut].count(b"\n") - 1)
    with open_journal(output, MADE_FROM) as journal:
        kept = [row for row in range(1, 6) if journal.outcome(row)]
        assert kept in ([*range(1, whole + 1)], [*range(1, whole + 1 - torn.endswith(b"\n"))])
        for row in range(1, 6):
            if row not in kept:
                journal.append(record(row))
    with open_journal(output, MADE_FROM) as journal:
        assert [journal.read(row) for row in range(1, 6)] == [record(row) for row in range(1, 6)]


def test_a_damaged_line_in_the_middle_costs_one_answer(tmp_path: Path) -> None:
    output = tmp_path / "a.csv"
    with open_journal(output, MADE_FROM) as journal:
        for row in (1, 2, 3):
            journal.append(record(row))
    parts = journal_path(output).read_bytes().split(b"\n")
    parts[2] = b"\0" * len(parts[2])
    journal_path(output).write_bytes(b"\n".join(parts))
    with open_journal(output, MADE_FROM) as journal:
        assert [journal.outcome(row) for row in (1, 2, 3)] == ["failed", None, "failed"]


def test_the_last_record_of_a_row_counts(tmp_path: Path) -> None:
    with open_journal(tmp_path / "a.csv", MADE_FROM) as journal:
        journal.append(Record(row=1, error="one"))
        journal.append(Record(row=1, error="two"))
        assert journal.read(1).error == "two"
        with pytest.raises(KeyError):
            journal.read(2)


def test_a_closed_journal_takes_nothing(tmp_path: Path) -> None:
    with open_journal(tmp_path / "a.csv", MADE_FROM) as journal:
        pass
    with pytest.raises(BatchError):
        journal.append(record(1))


def test_records_of_several_threads_do_not_mix(tmp_path: Path) -> None:
    def fill(journal: Journal, first: int) -> None:
        for row in range(first, first + 25):
            journal.append(record(row))

    with open_journal(tmp_path / "a.csv", MADE_FROM) as journal:
        threads = [threading.Thread(target=fill, args=(journal, first)) for first in range(0, 100, 25)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with open_journal(tmp_path / "a.csv", MADE_FROM) as journal:
        assert [journal.read(row) for row in range(100)] == [record(row) for row in range(100)]
