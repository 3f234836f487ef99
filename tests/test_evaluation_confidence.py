from __future__ import annotations

import pytest
from sklearn.metrics import roc_auc_score

from rag.evaluation.confidence import auroc, risk_coverage
from rag.evaluation.statistics import NOTHING


def test_risk_and_coverage_by_hand() -> None:
    # In falling confidence: right, wrong, right, right; two more questions were refused.
    found = risk_coverage([0.6, 0.9, 0.8, 0.7], [False, False, True, False], 6, seed=0)
    assert [(point.coverage, point.risk) for point in found.points] == [
        (pytest.approx(1 / 6), 0),
        (pytest.approx(2 / 6), 0.5),
        (pytest.approx(3 / 6), pytest.approx(1 / 3)),
        (pytest.approx(4 / 6), 0.25),
    ]
    assert found.aurc.value == pytest.approx((0 + 0.5 + 1 / 3 + 0.25) / 4)
    for point in found.points:
        assert 0 <= point.low <= point.risk <= point.high <= 1
    # The wrong one is surer than two of the three right ones.
    assert found.auroc.value == pytest.approx(1 / 3)


def test_equal_confidences_are_accepted_together() -> None:
    found = risk_coverage([0.5, 0.5, 0.5, 0.9], [True, False, False, False], 4, seed=0)
    assert [(point.confidence, point.coverage, point.risk) for point in found.points] == [
        (0.9, 0.25, 0),
        (0.5, 1, 0.25),
    ]
    assert found.aurc.value == pytest.approx((0 + 3 * 0.25) / 4)
    other_order = risk_coverage([0.5, 0.9, 0.5, 0.5], [False, False, False, True], 4, seed=0)
    assert [point.risk for point in other_order.points] == [0, 0.25]


def test_nothing_answered_has_no_curve() -> None:
    assert risk_coverage([], [], 5, seed=0).points == ()
    assert risk_coverage([], [], 5, seed=0).aurc == NOTHING


def test_auroc_is_that_of_scikit_learn() -> None:
    sure = [0.1, 0.4, 0.4, 0.8, 0.8, 0.9, 0.2, 0.4]
    wrong = [True, False, True, False, True, False, True, False]
    assert auroc(sure, wrong) == pytest.approx(roc_auc_score([not bad for bad in wrong], sure))
    assert auroc([0.5, 0.6], [False, False]) is None, "without a wrong answer there is nothing to tell apart"
    found = risk_coverage(sure, wrong, 8, seed=0).auroc
    assert found.low is not None
    assert found.high is not None
    assert found.low < auroc(sure, wrong) < found.high  # type: ignore[operator]
