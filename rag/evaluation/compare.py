"""Two runs over the same questions, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from rag.errors import EvaluationError
from rag.evaluation.cost import QUANTILES
from rag.evaluation.figures import METRICS
from rag.evaluation.manifest import RunManifest
from rag.evaluation.scoring import QuestionScore, read_scores
from rag.evaluation.statistics import (
    RESAMPLES,
    Difference,
    Figure,
    interval,
    mcnemar,
    paired_difference,
)
from rag.evaluation.summary import figures_of


@dataclass(frozen=True)
class Flip:
    """A question that only one of the runs has right, in one figure."""

    id: str
    question: str
    outcome_a: str | None
    outcome_b: str | None
    gained: bool  # the second run has it right


@dataclass(frozen=True)
class Row:
    """One figure in both runs, over the questions that have part in it in both.

    ``gained`` and ``lost`` count the questions that only the second or only the first run has right, and ``p`` is the
    exact McNemar test of them; ``None`` for figures that are no yes or no.
    """

    metric: str
    a: float
    b: float
    difference: Difference
    gained: int | None
    lost: int | None
    p: float | None


@dataclass(frozen=True)
class Comparison:
    """What changed from the first run to the second."""

    questions: int
    left_out: int  # in one of the runs only
    rows: tuple[Row, ...]
    flips: tuple[Flip, ...]
    notes: tuple[str, ...]  # what else differs between the runs
    figures_b: dict[str, Figure]

    def to_json(self) -> dict[str, object]:
        """Return it for ``rag compare --json``."""
        return {
            "questions": self.questions,
            "left_out": self.left_out,
            "notes": self.notes,
            "metrics": [asdict(row) for row in self.rows],
            "flips": [asdict(flip) for flip in self.flips],
        }


def compare_runs(run_a: Path, run_b: Path, seed: int = 0) -> Comparison:
    """Compare two finished runs, question by question.

    Only questions that both runs asked in the same words count.

    Raises:
        EvaluationError: a folder holds no finished run, or the runs share no question.
    """
    a, b = read_scores(run_a / "scores.jsonl"), read_scores(run_b / "scores.jsonl")
    shared = [name for name in a if name in b and a[name].question == b[name].question]
    if not shared:
        raise EvaluationError(
            f"{run_a} and {run_b} have no question in common; evaluate the same gold set twice"
        )
    pairs = [(a[name], b[name]) for name in shared]
    rows = [row for name in METRICS if (row := _row(name, pairs, seed)) is not None]
    rows += _cost_rows(pairs, seed)
    return Comparison(
        len(shared),
        len(a.keys() | b.keys()) - len(shared),
        tuple(rows),
        tuple(_flips(pairs)),
        tuple(_notes(run_a, run_b)),
        figures_of([second for _, second in pairs], seed),
    )


def _notes(run_a: Path, run_b: Path) -> Iterator[str]:
    """Say what a reader of the differences has to know."""
    a, b = (_manifest(run) for run in (run_a, run_b))
    if a is None or b is None:
        return
    if a.gold_sha256 != b.gold_sha256:
        yield "the gold set was changed between the runs; each is scored by its own"
    if (a.machine.processor, a.machine.threads) != (b.machine.processor, b.machine.threads):
        yield "the runs are of different machines; their seconds cannot be compared"


def _manifest(run: Path) -> RunManifest | None:
    try:
        return RunManifest.model_validate_json((run / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _row(name: str, pairs: Sequence[tuple[QuestionScore, QuestionScore]], seed: int) -> Row | None:
    both = [
        (first.scores[name], second.scores[name])
        for first, second in pairs
        if name in first.scores and name in second.scores
    ]
    a, b = [first for first, _ in both], [second for _, second in both]
    if not both:
        return None
    difference = paired_difference(a, b, seed)
    gained = lost = p = None
    if METRICS[name].binary:
        gained = sum(second > first for (first, _), (second, _) in both)
        lost = sum(second < first for (first, _), (second, _) in both)
        p = mcnemar(gained, lost)
    return Row(name, _ratio(a), _ratio(b), difference, gained, lost, p)


def _cost_rows(pairs: Sequence[tuple[QuestionScore, QuestionScore]], seed: int) -> list[Row]:
    rows = []
    for name, share in [(name, share) for name in ("first_token_s", "total_s") for share in QUANTILES[:2]]:
        both = np.asarray(
            [
                (first.costs[name], second.costs[name])
                for first, second in pairs
                if name in first.costs and name in second.costs
            ]
        )
        if not len(both):
            continue
        generator = np.random.default_rng(seed)
        drawn = [
            np.diff(np.quantile(both[generator.integers(0, len(both), len(both))], share, axis=0))[0]
            for _ in range(RESAMPLES)
        ]
        low, high = interval(np.asarray(drawn))
        a, b = np.quantile(both, share, axis=0)
        difference = Difference(float(b - a), low, high, len(both))
        rows.append(Row(f"{name}_p{round(100 * share)}", float(a), float(b), difference, None, None, None))
    return rows


def _flips(pairs: Sequence[tuple[QuestionScore, QuestionScore]]) -> list[Flip]:
    """Return the questions whose accuracy flipped; of runs that answered nothing, those whose hit@5 did."""
    name = "answer_accuracy" if any("answer_accuracy" in first.scores for first, _ in pairs) else "hit@5"
    return [
        Flip(
            first.id,
            first.question,
            first.outcome,
            second.outcome,
            second.scores[name][0] > first.scores[name][0],
        )
        for first, second in pairs
        if name in first.scores and name in second.scores and first.scores[name][0] != second.scores[name][0]
    ]


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    return sum(above for above, _ in pairs) / sum(below for _, below in pairs)


def better(row: Row) -> bool | None:
    """Whether the second run is better beyond chance; ``None`` where the interval holds no difference at all."""
    if row.difference.low <= 0 <= row.difference.high:
        return None
    return (row.difference.value > 0) == (METRICS[row.metric].better == "higher")
