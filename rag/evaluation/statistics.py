"""Intervals and comparisons: what the number of questions allows to be said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

RESAMPLES = 2000
LEVEL = 0.95
_CACHED = 6_000
_BLOCK = 4_000_000
_TAILS = (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2)

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.float32]
"""Half the memory of float64; counts are small whole numbers, which it holds exactly."""


@dataclass(frozen=True)
class Figure:
    """A figure with its 95% interval; ``n`` is the number of questions behind it, and without any there is no value."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True)
class Difference:
    """How much the second of two runs is above the first, with the 95% interval of that, over ``n`` questions."""

    value: float
    low: float
    high: float
    n: int


NOTHING = Figure(None, None, None, 0)


def ratio(numerators: Sequence[float], denominators: Sequence[float], seed: int) -> Figure:
    """Return the sum of the numerators by the sum of the denominators; a mean where all denominators are 1.

    The interval is the percentile bootstrap over questions (Efron and Tibshirani 1993, "An introduction to the
    bootstrap"), 2,000 resamples. Where every question says 0, or every one 1, no resample differs, and the interval is
    the exact binomial one (Clopper and Pearson 1934): all of five is not all of five thousand.
    """
    above, below = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    if not len(above) or not below.sum():
        return NOTHING
    value = float(above.sum() / below.sum())
    if value in (0.0, 1.0) and np.all(above == value * below):
        from scipy.stats import binomtest

        exact = binomtest(round(value * len(above)), len(above)).proportion_ci(LEVEL, method="exact")
        return Figure(value, float(exact.low), float(exact.high), len(above))
    low, high = interval(_resampled(above, below, seed))
    return Figure(value, low, high, len(above))


def mean(values: Sequence[float], seed: int) -> Figure:
    """Return the mean; see :func:`ratio`."""
    return ratio(values, [1.0] * len(values), seed)


def quantile(values: Sequence[float], share: float, seed: int) -> Figure:
    """Return a quantile (by linear interpolation, as numpy has it) with its bootstrap interval."""
    known = np.asarray(values, dtype=float)
    if not len(known):
        return NOTHING
    generator = np.random.default_rng(seed)
    rows = max(1, _BLOCK // len(known))
    found = [
        np.quantile(
            known[generator.integers(0, len(known), (min(rows, RESAMPLES - done), len(known)))], share, axis=1
        )
        for done in range(0, RESAMPLES, rows)
    ]
    low, high = interval(np.concatenate(found))
    return Figure(float(np.quantile(known, share)), low, high, len(known))


def paired_difference(
    first: Sequence[tuple[float, float]], second: Sequence[tuple[float, float]], seed: int
) -> Difference:
    """Return how much the second ratio is above the first; each resample draws the same questions for both.

    The paired bootstrap (Koehn 2004, "Statistical significance tests for machine translation evaluation").

    Args:
        first: numerator and denominator of each question in the first run.
        second: the same of the same questions in the second run.
        seed: of the resampling.
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    value = float(b[:, 0].sum() / b[:, 1].sum() - a[:, 0].sum() / a[:, 1].sum())
    low, high = interval(_resampled(b[:, 0], b[:, 1], seed) - _resampled(a[:, 0], a[:, 1], seed))
    return Difference(value, low, high, len(a))


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p of the exact McNemar test: of the questions that only one run has right, is it a coin?

    McNemar 1947, "Note on the sampling error of the difference between correlated proportions or percentages", exact by
    the binomial distribution (scipy's ``binomtest``).
    """
    from scipy.stats import binomtest

    differing = only_first + only_second
    return float(binomtest(only_first, differing, 0.5).pvalue) if differing else 1.0


def interval(values: Floats) -> tuple[float, float]:
    """Return the bounds that leave 2.5% of the values on either side; what could not be computed is left out."""
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, _TAILS) if len(known) else (np.nan, np.nan)
    return float(low), float(high)


def resample_counts(n: int, seed: int) -> Iterator[Counts]:
    """Yield blocks of shape ``(resamples, n)``: how often each question is drawn; the same each time for a seed."""
    if n <= _CACHED:
        yield _counts(n, RESAMPLES, seed)
        return
    rows = max(1, _BLOCK // n)
    for block, done in enumerate(range(0, RESAMPLES, rows)):
        yield _drawn(n, min(rows, RESAMPLES - done), np.random.default_rng([seed, block]))


@lru_cache(maxsize=4)
def _counts(n: int, resamples: int, seed: int) -> Counts:
    return _drawn(n, resamples, np.random.default_rng(seed))


def _drawn(n: int, resamples: int, generator: np.random.Generator) -> Counts:
    return generator.multinomial(n, np.full(n, 1 / n), size=resamples).astype(np.float32)


def _resampled(above: Floats, below: Floats, seed: int) -> Floats:
    parts = []
    for counts in resample_counts(len(above), seed):
        with np.errstate(invalid="ignore", divide="ignore"):
            parts.append((counts @ above) / (counts @ below))
    return np.concatenate(parts)
