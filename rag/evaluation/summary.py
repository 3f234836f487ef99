"""All figures of a run: ``metrics.json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

from rag.evaluation.confidence import RiskCoverage, risk_coverage
from rag.evaluation.cost import cost_figures
from rag.evaluation.figures import METRICS
from rag.evaluation.refusal_metrics import OUTCOMES
from rag.evaluation.retrieval_metrics import Ranking, retrieval_scores
from rag.evaluation.scoring import QuestionScore
from rag.evaluation.statistics import Figure, mean, ratio

Part = Literal["type", "language", "document"]
Figures = dict[str, Figure]

CURVE_DEPTHS = (1, 2, 3, 5, 10, 20)
_FEWEST_QUESTIONS = 3
_MOST_DOCUMENTS = 30
_WRONG = ("wrong", "answered unanswerable")
_UNJUDGED = ("not judged", "failed")


@dataclass(frozen=True)
class Summary:
    """The figures of a run, over all questions and over parts of them.

    Attributes:
        overall: by name.
        parts: by what they are parts by, then by part.
        outcomes: how often each outcome was, over all questions (under ``""``) and by part in the same way.
        retrievers: figures of each retriever, where they were compared.
        risk: the risk-coverage curve; ``None`` where nothing was answered.
    """

    overall: Figures
    parts: dict[Part, dict[str, Figures]]
    outcomes: dict[Part | Literal["all"], dict[str, dict[str, int]]]
    retrievers: dict[str, Figures]
    risk: RiskCoverage | None

    def to_json(self) -> dict[str, object]:
        """Return it as ``metrics.json`` has it; every figure is ``{"value", "low", "high", "n"}``."""
        return {
            "overall": _plain(self.overall),
            "by": {part: {key: _plain(f) for key, f in found.items()} for part, found in self.parts.items()},
            "outcomes": self.outcomes,
            "retrievers": {name: _plain(figures) for name, figures in self.retrievers.items()},
            "risk_coverage": [asdict(point) for point in self.risk.points] if self.risk else [],
        }


def summarise(
    scores: Sequence[QuestionScore],
    retrievers: Mapping[str, Mapping[str, Ranking]],
    memory_mb: float | None,
    seed: int,
) -> Summary:
    """Compute every figure with its interval.

    Args:
        scores: of every question.
        retrievers: rankings by retriever and question, where they were compared.
        memory_mb: the most memory that answering took.
        seed: of all resampling.
    """
    overall = figures_of(scores, seed)
    risk = None
    if any(score.outcome for score in scores):
        risk = _risk(scores, seed)
        overall |= {"aurc": risk.aurc, "auroc": risk.auroc}
    if memory_mb is not None:
        # One process, one peak: there is nothing to resample.
        overall["memory_mb"] = Figure(memory_mb, memory_mb, memory_mb, len(scores))
    grouped = {part: _grouped(scores, part) for part in _PARTS}
    parts: dict[Part, dict[str, Figures]] = {
        part: {name: figures_of(members, seed) for name, members in groups.items()}
        for part, groups in grouped.items()
    }
    outcomes: dict[Part | Literal["all"], dict[str, dict[str, int]]] = {"all": {"all": _outcomes(scores)}}
    for part, groups in grouped.items():
        outcomes[part] = {name: _outcomes(members) for name, members in groups.items()}
    return Summary(
        _in_order(overall),
        parts,
        outcomes,
        {name: _retriever_figures(rankings, seed) for name, rankings in retrievers.items()},
        risk,
    )


def figures_of(scores: Iterable[QuestionScore], seed: int) -> Figures:
    """Return the figures that these questions have part in."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    costs: dict[str, list[float]] = {}
    for score in scores:
        for name, pair in score.scores.items():
            pairs.setdefault(name, []).append(pair)
        for name, value in score.costs.items():
            costs.setdefault(name, []).append(value)
    found = {
        name: ratio([above for above, _ in values], [below for _, below in values], seed)
        for name, values in pairs.items()
    }
    return _in_order(found | cost_figures(costs, seed))


_PARTS: tuple[Part, ...] = ("type", "language", "document")


def _grouped(scores: Sequence[QuestionScore], part: Part) -> dict[str, list[QuestionScore]]:
    groups: dict[str, list[QuestionScore]] = {}
    for score in scores:
        for key in _keys(score, part):
            groups.setdefault(key, []).append(score)
    if part == "document":
        # A set of passages has thousands of documents with a question each; a figure of one says nothing.
        large = [key for key, members in groups.items() if len(members) >= _FEWEST_QUESTIONS]
        large.sort(key=lambda key: (-len(groups[key]), key))
        return {key: groups[key] for key in sorted(large[:_MOST_DOCUMENTS])}
    return groups


def _keys(score: QuestionScore, part: Part) -> tuple[str, ...]:
    if part == "document":
        return score.documents
    return (score.type,) if part == "type" else (score.lang,)


def _outcomes(scores: Sequence[QuestionScore]) -> dict[str, int]:
    counts = Counter(score.outcome for score in scores if score.outcome)
    return {name: counts[name] for name in OUTCOMES if counts[name]}


def _risk(scores: Sequence[QuestionScore], seed: int) -> RiskCoverage:
    judged = [score for score in scores if score.outcome not in _UNJUDGED]
    answered = [
        (score.confidence, score.outcome in _WRONG) for score in judged if score.confidence is not None
    ]
    return risk_coverage([sure for sure, _ in answered], [wrong for _, wrong in answered], len(judged), seed)


def _retriever_figures(rankings: Mapping[str, Ranking], seed: int) -> Figures:
    by_question = retrieval_scores(rankings, CURVE_DEPTHS)
    names = next(iter(by_question.values()), {})
    return {name: mean([scores[name] for scores in by_question.values()], seed) for name in names}


def _in_order(figures: Figures) -> Figures:
    order = {name: place for place, name in enumerate(METRICS)}
    return dict(sorted(figures.items(), key=lambda item: order.get(item[0], len(order))))


def _plain(figures: Figures) -> dict[str, dict[str, float | int | None]]:
    return {name: asdict(figure) for name, figure in figures.items()}
