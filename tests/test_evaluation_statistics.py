from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import bootstrap

from rag.evaluation.statistics import (
    NOTHING,
    Figure,
    mcnemar,
    mean,
    paired_difference,
    quantile,
    ratio,
    resample_counts,
)


def test_the_same_seed_gives_the_same_interval() -> None:
    values = np.random.default_rng(0).random(40).tolist()
    assert mean(values, 1) == mean(values, 1)
    assert mean(values, 1) != mean(values, 2)
    assert quantile(values, 0.9, 1) == quantile(values, 0.9, 1)


def test_the_interval_is_that_of_scipy() -> None:
    values = np.random.default_rng(5).normal(10, 2, 60)
    theirs = bootstrap(
        (values,), np.mean, n_resamples=5000, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    ours = mean(values.tolist(), 0)
    assert ours.low == pytest.approx(theirs.low, abs=0.05)
    assert ours.high == pytest.approx(theirs.high, abs=0.05)
    assert ours.n == 60


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(11)
    samples = generator.random((200, 80)) < 0.7
    covered = 0
    for number, sample in enumerate(samples):
        found = mean(sample.astype(float).tolist(), number)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.7 <= found.high
    assert 0.89 <= covered / 200 <= 0.99


def test_a_ratio_is_of_sums_not_a_mean_of_ratios() -> None:
    found = ratio([1, 0, 3], [1, 2, 3], 0)
    assert found.value == pytest.approx(4 / 6)
    assert found.n == 3


@pytest.mark.parametrize(("value", "low", "high"), [(1.0, 0.4782, 1.0), (0.0, 0.0, 0.5218)])
def test_all_of_five_is_not_certainty(value: float, low: float, high: float) -> None:
    # Clopper and Pearson for 5 of 5 and 0 of 5: (0.025 ** (1 / 5), 1) and its mirror image.
    assert pytest.approx(0.4782, abs=1e-4) == 0.025 ** (1 / 5)
    found = mean([value] * 5, 0)
    assert found == Figure(value, pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4), 5)


def test_nothing_has_no_value() -> None:
    assert mean([], 0) == ratio([0], [0], 0) == quantile([], 0.5, 0) == NOTHING


def test_quantiles_are_those_of_numpy() -> None:
    found = quantile([1.0, 2.0, 3.0, 4.0, 100.0], 0.5, 0)
    assert found.value == 3
    assert found.low is not None
    assert found.high is not None
    assert 1 <= found.low <= 3 <= found.high <= 100


@pytest.mark.parametrize("n", [3, 2500])
def test_each_resample_draws_n_questions(n: int) -> None:
    blocks = list(resample_counts(n, 0))
    assert sum(len(block) for block in blocks) == 2000
    assert all((block.sum(axis=1) == n).all() for block in blocks)
    assert not np.array_equal(blocks[0][0], blocks[0][1])


def test_a_paired_difference_is_sharper_than_two_intervals() -> None:
    generator = np.random.default_rng(3)
    first = (generator.random(200) < 0.6).astype(float)
    second = first.copy()
    second[np.flatnonzero(first == 0)[:12]] = 1  # twelve questions gained, none lost
    pairs = [[(value, 1.0) for value in run] for run in (first, second)]
    found = paired_difference(pairs[0], pairs[1], 0)
    assert found.value == pytest.approx(12 / 200)
    assert 0 < found.low < found.value < found.high
    alone = mean(first.tolist(), 0)
    assert alone.high is not None
    assert alone.low is not None
    assert found.high - found.low < alone.high - alone.low


@pytest.mark.parametrize(
    ("only_first", "only_second", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (0, 6, 2 * 0.5**6),  # 0.03125
        (1, 9, 2 * 11 * 0.5**10),  # (1 + 10) / 1024, both tails
        (2, 8, 2 * 56 * 0.5**10),  # (1 + 10 + 45) / 1024, both tails
    ],
)
def test_mcnemar_by_hand(only_first: int, only_second: int, p: float) -> None:
    assert mcnemar(only_first, only_second) == pytest.approx(p)
    assert mcnemar(only_second, only_first) == pytest.approx(p)
