from __future__ import annotations

import pytest
from evaluation_records import answered, refused

from rag.evaluation.answer_metrics import (
    answer_scores,
    can_be_judged,
    exact_match,
    f1_bag,
    f1_lcs,
    is_right,
    said,
)
from rag.evaluation.gold import GoldQuestion


def test_f1_by_hand() -> None:
    # Shared characters: 光荣 and one of the two 和, of 5 and of 4.
    assert f1_bag("光荣和某和", "光荣和ω") == pytest.approx(2 * 3 / (5 + 4))
    # The longest run is 光荣和.
    assert f1_lcs("光荣和某和", "光荣和ω") == pytest.approx(2 * 3 / (5 + 4))
    # In another order, all characters are shared, but the longest run is only 三茂.
    assert f1_bag("公司三茂", "三茂公司") == 1
    assert f1_lcs("公司三茂", "三茂公司") == pytest.approx(2 * 2 / 8)


@pytest.mark.parametrize(
    ("prediction", "reference", "expected"),
    [
        # What calc_f1_score of CMRC 2018's script gives, worked out by its rules.
        ("三茂铁路股份有限公司", "三茂铁路股份有限公司", 1.0),
        ("由三茂铁路股份有限公司管理", "三茂铁路股份有限公司", 2 * 10 / (13 + 10)),
        ("364.6公里", "364.6公里。", 1.0),
        ("364.6", "364.6公里", 2 * 1 / (1 + 3)),
        ("1903年", "1904年", 2 * 1 / (2 + 2)),
        ("光荣和ω-force", "光荣和ω-force", 1.0),
        ("锣鼓点", "节奏型", 0.0),
        ("", "节奏型", 0.0),
    ],
)
def test_f1_is_that_of_cmrc(prediction: str, reference: str, expected: float) -> None:
    assert f1_lcs(prediction, reference) == pytest.approx(expected)


def test_repeated_characters_count_as_often_as_both_have_them() -> None:
    assert f1_bag("好好好", "好") == pytest.approx(2 * 1 / (3 + 1))


def test_exact_match_is_by_value_and_without_punctuation() -> None:
    assert exact_match("5.04万。", "50400") == 1
    assert exact_match("5.04万人", "50400") == 0
    assert exact_match("", "") == 0


def test_withheld_sentences_and_refusals_say_nothing() -> None:
    answer = answered("q", ["合同金额3400万元。", "另有9亿元。"], supported=[True, False])
    assert said(answer) == "合同金额3400万元。"
    assert said(refused("q")) == ""
    assert said(answered("q", ["It was 62.", "In 2023."])) == "It was 62. In 2023."


def test_every_group_needs_one_of_its_texts() -> None:
    question = GoldQuestion("q", "？", groups=(("367亿", "367亿元"), ("380亿",)))
    assert is_right(question, "分别为367亿元和380亿元")
    assert not is_right(question, "367亿元")
    assert not is_right(GoldQuestion("q", "？"), "什么都行"), "an unanswerable question has no right answer"


def test_the_best_reference_counts_and_a_refusal_scores_nothing() -> None:
    question = GoldQuestion("q", "？", groups=(("9月", "九月份"),), references=("9月", "九月份"))
    scores = answer_scores(question, "九月份")
    assert scores == {"exact_match": 1, "f1_bag": 1, "f1_lcs": 1, "contains": 1, "contains_plain": 1}
    assert set(answer_scores(question, "").values()) == {0}


def test_whole_texts_are_not_judged_by_containment() -> None:
    question = GoldQuestion("q", "？", groups=(("字" * 41,),), references=("字" * 41,))
    assert not can_be_judged(question)
    assert set(answer_scores(question, "字")) == {"exact_match", "f1_bag", "f1_lcs"}
    assert can_be_judged(GoldQuestion("q", "？", groups=(("字" * 41, "短"),)))
    assert can_be_judged(GoldQuestion("q", "？"))
