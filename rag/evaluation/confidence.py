"""What the answers' confidence is worth: how much of the wrong could be left unsaid by answering less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.evaluation.statistics import NOTHING, Figure, Floats, interval, resample_counts

_MOST_POINTS = 200


@dataclass(frozen=True)
class RiskPoint:
    """Answering only what is at least this sure: the share of all questions answered, and of those the share wrong.

    ``low`` and ``high`` bound the risk at 95%.
    """

    confidence: float
    coverage: float
    risk: float
    low: float
    high: float


@dataclass(frozen=True)
class RiskCoverage:
    """The curve, the area under it, and how often a right answer is surer than a wrong one."""

    points: tuple[RiskPoint, ...]
    aurc: Figure
    auroc: Figure


def risk_coverage(
    confidences: Sequence[float], wrong: Sequence[bool], questions: int, seed: int
) -> RiskCoverage:
    """Return the risk-coverage curve, its area (AURC, the lower the better), and the AUROC of the confidence.

    El-Yaniv and Wiener 2010, "On the foundations of noise-free selective classification"; the area as in Geifman,
    Uziel and El-Yaniv 2019, "Bias-reduced uncertainty estimation for deep neural classifiers": the mean, over what was
    answered, of the risk at each one's confidence. Equal confidences are accepted together, so the order in which
    questions were asked changes nothing.

    Args:
        confidences: of the answers, refusals left out.
        wrong: whether each of them is wrong.
        questions: how many were asked, refused ones included; coverage is a share of these.
        seed: of the resampling.
    """
    if not confidences:
        return RiskCoverage((), NOTHING, NOTHING)
    values = np.asarray(confidences, dtype=float)
    order = np.argsort(-values, kind="stable")
    errors = np.asarray(wrong, dtype=float)[order]
    ends = np.append(np.flatnonzero(np.diff(values[order])), len(values) - 1)
    once = np.ones((1, len(values)))
    risks, area = _risks(once, errors, ends)
    drawn = [
        _risks(counts[:, order].astype(np.float64), errors, ends)
        for counts in resample_counts(len(values), seed)
    ]
    places = np.unique(np.linspace(0, len(ends) - 1, _MOST_POINTS).astype(int))
    resampled = np.concatenate([part[0][:, places] for part in drawn])
    points = []
    for column, place in enumerate(places):
        low, high = interval(resampled[:, column])
        end = ends[place]
        points.append(
            RiskPoint(
                float(values[order][end]), float((end + 1) / questions), float(risks[0, place]), low, high
            )
        )
    low, high = interval(np.concatenate([part[1] for part in drawn]))
    return RiskCoverage(
        tuple(points),
        Figure(float(area[0]), low, high, len(values)),
        _auroc(values, np.asarray(wrong, dtype=bool), order, ends, seed),
    )


def auroc(confidences: Sequence[float], wrong: Sequence[bool]) -> float | None:
    """Return how often a right answer is surer than a wrong one, ties by half; ``None`` without one of both.

    The area under the ROC curve by the Mann-Whitney U (Hanley and McNeil 1982, "The meaning and use of the area under
    a receiver operating characteristic curve"), from scipy.
    """
    from scipy.stats import mannwhitneyu

    pairs = list(zip(confidences, wrong, strict=True))
    right = [value for value, bad in pairs if not bad]
    bad_ones = [value for value, bad in pairs if bad]
    if not right or not bad_ones:
        return None
    return float(mannwhitneyu(right, bad_ones).statistic / (len(right) * len(bad_ones)))


def _risks(counts: Floats, errors: Floats, ends: npt.NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Return the risk at every threshold and the area, for each row of counts in falling confidence."""
    accepted = np.cumsum(counts, axis=1)[:, ends]
    with np.errstate(invalid="ignore"):
        risks = np.cumsum(counts * errors, axis=1)[:, ends] / accepted
    sizes = np.diff(accepted, axis=1, prepend=0)
    area = np.where(sizes > 0, risks * sizes, 0).sum(axis=1) / accepted[:, -1]
    return risks, area


def _auroc(
    values: Floats,
    wrong: npt.NDArray[np.bool_],
    order: npt.NDArray[np.int64],
    ends: npt.NDArray[np.int64],
    seed: int,
) -> Figure:
    known = auroc(values.tolist(), wrong.tolist())
    if known is None:
        return NOTHING
    starts = np.concatenate(([0], ends[:-1] + 1))
    found = []
    for counts in resample_counts(len(values), seed):
        ordered = counts[:, order]
        right = np.add.reduceat(ordered * ~wrong[order], starts, axis=1)
        bad = np.add.reduceat(ordered * wrong[order], starts, axis=1)
        below = bad.sum(axis=1, keepdims=True) - np.cumsum(bad, axis=1)
        with np.errstate(invalid="ignore"):
            found.append((right * (below + bad / 2)).sum(axis=1) / (right.sum(axis=1) * bad.sum(axis=1)))
    low, high = interval(np.concatenate(found))
    return Figure(known, low, high, len(values))
