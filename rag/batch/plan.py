"""Which questions of a batch are asked, and what each row gets of the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rag.batch.journal import Journal, Outcome, Record
from rag.batch.questions import BatchQuestion, Row


@dataclass(frozen=True)
class Result:
    """A row of the file of questions with what became of it; an answer has the row's own id and wording."""

    row: Row
    record: Record


@dataclass
class Counts:
    """How many rows there are of each kind."""

    answered: int = 0
    refused: int = 0
    failed: int = 0
    left: int = 0

    def add(self, outcome: Outcome | None, rows: int = 1) -> None:
        """Count rows of one kind; None: nobody asked them yet."""
        name = outcome or "left"
        setattr(self, name, getattr(self, name) + rows)


@dataclass(frozen=True)
class Plan:
    """The rows of a batch; those that ask the same are asked once, by the first of them."""

    rows: Sequence[Row]
    _leaders: dict[int, BatchQuestion] = field(init=False, default_factory=dict)
    _sizes: Counter[int] = field(init=False, default_factory=Counter)

    def __post_init__(self) -> None:
        first: dict[object, BatchQuestion] = {}
        for row in self.rows:
            if isinstance(row, BatchQuestion):
                self._leaders[row.row] = first.setdefault(row.key, row)
                self._sizes[self._leaders[row.row].row] += 1

    @property
    def questions(self) -> list[BatchQuestion]:
        """What is asked, in the order of the file."""
        return [leader for row, leader in self._leaders.items() if leader.row == row]

    @property
    def copies(self) -> int:
        """How many rows ask what another one asks."""
        return len(self._leaders) - len(self.questions)

    def rows_of(self, question: int) -> int:
        """Return how many rows get the answer to the question in row ``question``."""
        return self._sizes[question]

    def to_ask(self, journal: Journal) -> list[BatchQuestion]:
        """Return the questions without an answer; those that failed are tried again."""
        return [one for one in self.questions if journal.outcome(one.row) in (None, "failed")]

    def outcome(self, row: Row, journal: Journal) -> Outcome | None:
        """Return what became of a row; None while nobody knows."""
        return journal.outcome(self._leaders[row.row].row) if isinstance(row, BatchQuestion) else "failed"

    def counts(self, journal: Journal) -> Counts:
        """Count the rows by what became of them."""
        counts = Counts()
        for row in self.rows:
            counts.add(self.outcome(row, journal))
        return counts

    def result(self, row: Row, journal: Journal) -> Result:
        """Return a row with what became of it.

        Raises:
            KeyError: nobody knows yet.
        """
        if not isinstance(row, BatchQuestion):
            return Result(row, Record(row=row.row, error=row.reason))
        record = journal.read(self._leaders[row.row].row)
        answer = record.answer and record.answer.model_copy(update={"id": row.id, "question": row.question})
        return Result(row, record.model_copy(update={"row": row.row, "answer": answer}))

    def results(self, journal: Journal) -> Iterator[Result]:
        """Yield the rows of which it is known what became of them, in the order of the file."""
        for row in self.rows:
            if self.outcome(row, journal) is not None:
                yield self.result(row, journal)
