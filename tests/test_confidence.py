from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import pytest
from checking import GREENING, JOBS, SIGNED, evidence_of
from hypothesis import given
from hypothesis import strategies as st

from index.lexical import LexicalIndex
from rag.citing import CheckedSentence
from rag.confidence import LEAST_RELEVANCE, Signals, confidence, read_signals
from rag.evidence import Evidence, read
from rag.reading import Reader, Reading

ASK_SIGNED = "长葛市食品行业产销对接会现场签约合同金额是多少？"
USUAL = Signals(coverage=0.23, distance=0.1, mean_logprob=-0.055)

COVERAGES = st.none() | st.floats(0, 1)
DISTANCES = st.floats(0, 10)
LOGPROBS = st.none() | st.floats(-50, 0)
LOWEST_FLOAT = -3.4028234663852886e38  # what llama.cpp says of a token that could not come


def lexical_of(items: Sequence[Evidence]) -> LexicalIndex:
    return LexicalIndex.build([item.sentence.text for item in items])


def scored(sentences: tuple[str, ...], scores: tuple[float, ...]) -> list[Evidence]:
    items = evidence_of(sentences)
    return [dataclasses.replace(item, score=score) for item, score in zip(items, scores, strict=True)]


def signals_of(
    question: str,
    cited: Sequence[Evidence],
    evidence: Sequence[Evidence],
    lexical: LexicalIndex,
    mean_logprob: float | None,
    reader: Reader | None = None,
) -> Signals:
    checked = [CheckedSentence("现场签约合同金额3400万元。", tuple(cited), ())]
    return read_signals(question, checked, read(question, evidence, reader), lexical, mean_logprob)


# The probability.


def test_a_confidence_by_hand_without_a_second_reader() -> None:
    # 3.159 + 1.066 ln(0.5 + 0.02) - 4.928 * 0.1 + 3.935 * -0.05 = 3.159 - 0.6971 - 0.4928 - 0.1968 = 1.7724
    # 1 / (1 + e^-1.7724) = 1 / 1.1699
    assert confidence(Signals(0.5, 0.1, -0.05)) == pytest.approx(0.8548, abs=1e-4)


def test_a_confidence_by_hand_with_a_second_reader() -> None:
    # 2.948 + 0.587 * 1.5 - 12.26 * 0.05 = 2.948 + 0.8805 - 0.613 = 3.2155, 1 / (1 + e^-3.2155) = 1 / 1.0401;
    # with 0.481 less 2.7345; with 1.525 less 1.2095
    seen = Signals(0.5, 0.1, -0.05, relevance=1.5)
    assert confidence(seen) == pytest.approx(0.9614, abs=1e-4)
    foreign = dataclasses.replace(seen, foreign=True)
    assert confidence(foreign) == pytest.approx(0.9390, abs=1e-4)
    assert confidence(dataclasses.replace(foreign, contradicted=True)) == pytest.approx(0.7702, abs=1e-4)


@given(st.floats(-30, 30), st.floats(-30, 30))
def test_confidence_rises_with_what_the_second_reader_finds(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert confidence(Signals(0.5, 0.0, -0.05, low)) <= confidence(Signals(0.5, 0.0, -0.05, high))


@given(st.none() | st.floats(0, 1), st.floats(0, 1e300), st.none() | st.floats(-1e300, 0))
def test_a_confidence_is_a_probability_whatever_the_signals(
    coverage: float | None, distance: float, logprob: float | None
) -> None:
    value = confidence(Signals(coverage, distance, logprob))
    assert math.isfinite(value)
    assert 0 <= value <= 1


@pytest.mark.parametrize("logprob", [LOWEST_FLOAT, -math.inf, -1000.0])
def test_a_token_that_could_not_come_makes_an_answer_unsure(logprob: float) -> None:
    assert confidence(Signals(1.0, 0.0, logprob)) == pytest.approx(0)


@given(LOGPROBS, DISTANCES, st.floats(0, 1), st.floats(0, 1))
def test_confidence_rises_with_the_coverage(
    logprob: float | None, distance: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert confidence(Signals(low, distance, logprob)) <= confidence(Signals(high, distance, logprob))


@given(COVERAGES, DISTANCES, st.floats(-50, 0), st.floats(-50, 0))
def test_confidence_rises_with_the_probability_of_the_words(
    coverage: float | None, distance: float, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    assert confidence(Signals(coverage, distance, low)) <= confidence(Signals(coverage, distance, high))


@given(COVERAGES, LOGPROBS, DISTANCES, DISTANCES)
def test_confidence_falls_with_the_distance(
    coverage: float | None, logprob: float | None, one: float, other: float
) -> None:
    near, far = sorted((one, other))
    assert confidence(Signals(coverage, far, logprob)) <= confidence(Signals(coverage, near, logprob))


@pytest.mark.parametrize(
    "better",
    [
        dataclasses.replace(USUAL, coverage=0.5),
        dataclasses.replace(USUAL, distance=0.0),
        dataclasses.replace(USUAL, mean_logprob=-0.02),
    ],
)
def test_each_signal_counts(better: Signals) -> None:
    assert confidence(better) > confidence(USUAL) + 0.01


def test_what_is_unknown_counts_as_it_usually_is() -> None:
    assert confidence(dataclasses.replace(USUAL, coverage=None)) == confidence(USUAL)
    assert confidence(dataclasses.replace(USUAL, mean_logprob=None)) == confidence(USUAL)
    assert confidence(Signals(None, 0.1, None)) == confidence(USUAL)


def test_no_coverage_is_not_unknown_coverage() -> None:
    assert confidence(dataclasses.replace(USUAL, coverage=0.0)) < confidence(USUAL)
    assert confidence(dataclasses.replace(USUAL, mean_logprob=0.0)) > confidence(USUAL)


# The signals.


def test_the_best_evidence_is_at_no_distance() -> None:
    items = scored((SIGNED, GREENING), (1.3, 0.9))
    assert signals_of(ASK_SIGNED, items[:1], items, lexical_of(items), -0.1).distance == 0


def test_the_best_of_the_cited_sentences_says_how_far() -> None:
    items = scored((SIGNED, GREENING, JOBS), (1.3, 0.9, 1.1))
    checked = [CheckedSentence("绿化62项，就业5.04万人。", (items[1], items[2]), ())]
    signals = read_signals(ASK_SIGNED, checked, items, lexical_of(items), -0.1)
    assert signals.distance == pytest.approx(0.2)


def test_a_better_sentence_that_says_the_same_is_no_distance() -> None:
    sentences = ("6月3日，市委书记史根治在会议上讲话。", "市委书记史根治主持会议并讲话。", "市长刘涛讲话。")
    question = "谁主持了6月3日的会议？"
    items = scored(sentences, (1.3, 1.1, 1.4))

    def distance(said: str) -> float:
        checked = [CheckedSentence(said, (items[1],), ())]
        return read_signals(question, checked, items, lexical_of(items), None).distance

    assert distance("史根治。") == pytest.approx(0.1), "the first sentence holds the name as well"
    assert distance("史根治并讲话。") == pytest.approx(0.3)


def test_coverage_is_of_all_cited_sentences_together() -> None:
    items = scored((SIGNED, GREENING), (1.3, 0.9))
    lexical = lexical_of(items)
    question = "签约金额和绿道里程"
    alone = signals_of(question, items[:1], items, lexical, None).coverage
    both = signals_of(question, items, items, lexical, None).coverage
    assert alone is not None
    assert both is not None
    assert 0 < alone < both <= 1


def test_a_sentence_of_other_words_covers_nothing() -> None:
    items = scored((SIGNED, GREENING), (1.3, 0.9))
    assert signals_of("地铁票价", items[:1], items, lexical_of(items), None).coverage == 0


def test_the_script_of_the_question_makes_no_difference() -> None:
    items = scored((SIGNED, JOBS), (1.3, 0.9))
    lexical = lexical_of(items)
    for simplified, traditional in (("签约合同金额", "簽約合同金額"), ("新增城镇就业", "新增城鎮就業")):
        one = signals_of(simplified, items, items, lexical, None)
        assert one == signals_of(traditional, items, items, lexical, None)


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("What did the contracts signed on the spot come to?", SIGNED),
        ("How many urban greening projects did Xuchang plan for 2023?", GREENING),
        ("现场签约合同金额是多少？", "Contracts worth 34 million yuan were signed."),
    ],
)
def test_the_coverage_is_unknown_across_languages(question: str, sentence: str) -> None:
    items = scored((sentence,), (1.0,))
    assert signals_of(question, items, items, lexical_of(items), -0.1).coverage is None


def test_within_english_the_coverage_is_known() -> None:
    items = scored(("Contracts worth 34 million yuan were signed.",), (1.0,))
    coverage = signals_of(
        "How much were the contracts worth?", items, items, lexical_of(items), -0.1
    ).coverage
    assert coverage is not None
    assert 0 < coverage < 1


@pytest.mark.parametrize("logprob", [None, 0.0, -0.25])
def test_what_the_engine_says_is_passed_on(logprob: float | None) -> None:
    items = scored((SIGNED,), (1.0,))
    assert signals_of(ASK_SIGNED, items, items, lexical_of(items), logprob).mean_logprob == logprob


class KnowsOneAnswer:
    """A second reader that knows one answer."""

    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        return [Reading(4.0, "3400万元") if "3400万元" in text else Reading(-2.0, "62项") for text in texts]


def relevance_of(said: str, cited: Sequence[int], readings: dict[int, Reading]) -> float | None:
    items = [
        dataclasses.replace(item, reading=readings[row])
        for row, item in enumerate(scored((SIGNED, GREENING), (1.3, 0.9)))
    ]
    checked = [CheckedSentence(said, tuple(items[place] for place in cited), ())]
    return read_signals(ASK_SIGNED, checked, items, lexical_of(items), None).relevance


def test_the_most_relevant_sentence_with_the_same_answer_says_how_relevant_whichever_is_cited() -> None:
    readings = {0: Reading(4.0, "3400万元"), 1: Reading(-2.0, "62项")}
    assert relevance_of("现场签约合同金额3400万元。", [0], readings) == 4.0
    assert relevance_of("现场签约合同金额3400万元。", [1], readings) == 4.0
    assert relevance_of("计划62项。", [0], readings) == -2.0
    both = {0: Reading(1.0, "3400万元"), 1: Reading(3.0, "3400万")}
    assert relevance_of("现场签约合同金额3400万元。", [0], both) == 3.0


def test_of_several_figures_of_one_measure_that_would_be_said_one_alone_is_another_answer() -> None:
    no_answer = Reading(-9.0, "62项")
    several = {0: Reading(4.0, "合同3400万元、2300万元"), 1: no_answer}
    assert relevance_of("3400万元。", [0], several) == LEAST_RELEVANCE
    assert relevance_of("合同3400万元、2300万元。", [0], several) == 4.0
    for compared in ("合同3400万元，增长6%", "合同3400万元，比上年增加500万元", "3400万元（3400万元）"):
        assert relevance_of("3400万元。", [0], {0: Reading(4.0, compared), 1: no_answer}) == 4.0


def test_an_answer_that_the_second_reader_would_give_from_no_sentence_is_less_sure_than_any() -> None:
    items = scored((SIGNED, GREENING), (1.3, 0.9))
    lexical = lexical_of(items)
    right = signals_of(ASK_SIGNED, items, items, lexical, None, KnowsOneAnswer())
    checked = [CheckedSentence("34万元。", tuple(items), ())]
    items = read(ASK_SIGNED, items, KnowsOneAnswer())
    wrong = read_signals(ASK_SIGNED, checked, items, lexical, None)
    assert wrong.relevance == LEAST_RELEVANCE
    assert confidence(wrong) < 0.7 < confidence(right)


def test_an_answer_is_less_sure_where_another_sentence_would_be_quoted() -> None:
    items = scored((SIGNED, GREENING), (1.3, 0.9))
    checked = [CheckedSentence("现场签约合同金额3400万元。", (items[0],), ())]
    items = read(ASK_SIGNED, items, KnowsOneAnswer())

    def sure(*, contradicted: bool) -> float:
        lexical = lexical_of(items)
        return confidence(read_signals(ASK_SIGNED, checked, items, lexical, -0.05, contradicted=contradicted))

    assert sure(contradicted=True) < sure(contradicted=False) - 0.01


@pytest.mark.parametrize(
    ("said", "agrees"),
    [
        ("3400万元。", True),
        ("现场签约合同金额3400万元。", True),
        ("签约３４００萬元。", True),
        ("3400万。", True),
        ("340万元。", False),
        ("34万元。", False),
    ],
)
def test_the_answer_agrees_where_one_holds_the_words_of_the_other(said: str, agrees: bool) -> None:
    items = scored((SIGNED, GREENING), (1.3, 0.9))
    checked = [CheckedSentence(said, (items[0],), ())]
    items = read(ASK_SIGNED, items, KnowsOneAnswer())
    signals = read_signals(ASK_SIGNED, checked, items, lexical_of(items), None)
    assert signals.relevance == (4.0 if agrees else LEAST_RELEVANCE)


def test_a_sentence_that_did_not_hold_up_does_not_count() -> None:
    items = scored((SIGNED, GREENING), (1.3, 0.9))
    checked = [
        CheckedSentence("今年计划62项。", (items[1],), ()),
        CheckedSentence("金额3400万元。", (items[0],), ("3400万: not in the source",)),
    ]
    items = read(ASK_SIGNED, items, KnowsOneAnswer())
    signals = read_signals(ASK_SIGNED, checked, items, lexical_of(items), None)
    assert signals.relevance == -2.0


@pytest.mark.parametrize(
    ("question", "sentence", "foreign"),
    [
        (ASK_SIGNED, SIGNED, False),
        ("What did the contracts signed on the spot come to?", SIGNED, True),
        (ASK_SIGNED, "Contracts worth 34 million yuan were signed.", True),
    ],
)
def test_what_is_not_all_in_chinese_is_foreign(question: str, sentence: str, foreign: bool) -> None:
    items = scored((sentence,), (1.0,))
    signals = signals_of(question, items, items, lexical_of(items), None, KnowsOneAnswer())
    assert signals.foreign is foreign


def test_without_a_reader_there_is_no_relevance() -> None:
    items = scored((SIGNED,), (1.0,))
    assert signals_of(ASK_SIGNED, items, items, lexical_of(items), None).relevance is None


def test_what_the_second_reader_says_is_kept_with_the_sentence() -> None:
    items = read(ASK_SIGNED, scored((SIGNED, GREENING), (1.3, 0.9)), KnowsOneAnswer())
    assert [item.reading for item in items] == [Reading(4.0, "3400万元"), Reading(-2.0, "62项")]
