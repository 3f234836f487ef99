"""What a question in English asks for, and whether an answer says it."""

from __future__ import annotations

import pytest

from rag.asked import left_unsaid, read_question
from rag.names import new_latin_names


@pytest.mark.parametrize(
    "question",
    [
        "When was the meeting held?",
        "The meeting was held when?",
        "Who chaired the meeting, and when?",
        "In what year was Changge's plan adopted?",
        "On which date did the library visit Donghu?",
    ],
)
def test_a_time_is_asked_for(question: str) -> None:
    assert read_question(question).time


@pytest.mark.parametrize(
    "question",
    [
        "How many projects were under way when the meeting was held?",
        "What was sold when the fair opened?",
        "When the fair opened, what was sold?",
    ],
)
def test_a_clause_with_when_asks_for_no_time(question: str) -> None:
    assert not read_question(question).time


@pytest.mark.parametrize(
    "question",
    [
        "Who chaired the meeting?",
        "By whom was the meeting chaired?",
        "Which vice mayor inspected the landscaping?",
        "Which party secretary spoke?",
        "Which jounalist is credited at the end?",
    ],
)
def test_a_person_is_asked_for(question: str) -> None:
    assert read_question(question).person


@pytest.mark.parametrize(
    "question",
    [
        "What did the mayor who chaired the meeting demand?",
        "Who won the cup final?",
        "Who did the team beat in the final?",
        "Which company leads the cluster?",
    ],
)
def test_a_clause_with_who_and_a_contest_ask_for_no_person(question: str) -> None:
    assert not read_question(question).person


def test_an_age_is_a_number() -> None:
    asked = read_question("How old was the captain when she retired?")
    assert asked.number
    assert not asked.time


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Who recovered the ball?", "Ward"),
        ("Who chaired the meeting?", "Mayor 刘涛 chaired it"),
        ("Who chaired the meeting?", "It was Liu Tao"),
        ("When was the colony founded?", "1788"),
        ("When did the interest return?", "in the 1990s"),
        ("When did it end?", "11,600 years ago"),
        ("In what century was it built?", "The 12th"),
        ("When does it happen?", "when the well is dry"),
    ],
)
def test_an_answer_with_it_stands(question: str, answer: str) -> None:
    assert left_unsaid(read_question(question), question, answer) is None


@pytest.mark.parametrize(
    ("question", "answer", "problem"),
    [
        ("Who chaired the meeting?", "The mayor", "a person was asked for"),
        ("Who chaired the Xuchang meeting?", "Xuchang", "a person was asked for"),
        ("Who chaired the meeting?", "According to the passages", "a person was asked for"),
        ("When was the meeting held?", "Xuchang", "a time was asked for"),
        ("How many were signed?", "Projects were signed", "a number was asked for"),
    ],
)
def test_an_answer_without_it_does_not(question: str, answer: str, problem: str) -> None:
    assert left_unsaid(read_question(question), question, answer) == problem


def test_names_are_new_and_capitalised() -> None:
    assert new_latin_names("The mayor of Changge met Ward", "Who met the mayor of Changge?") == ["Ward"]
    assert new_latin_names("the passages do not say", "Who met the mayor?") == []


@pytest.mark.parametrize(
    ("said", "missing"), [("Second", None), ("第44位", None), ("In Henan", "a number was asked for")]
)
def test_where_something_ranks_asks_for_a_number(said: str, missing: str | None) -> None:
    question = "Where did Changge rank among China's top 100 industrial counties?"
    assert left_unsaid(read_question(question), question, said) == missing


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("What was Changge's GDP for the whole of 2021?", True),
        ("What was the annual sales revenue of Zhongpin Food (众品食业) in 2022?", True),
        ("What is the main source of revenue?", False),
        ("What was the cause of the GDP's decline?", False),
    ],
)
def test_what_the_gross_product_was_asks_for_a_number(question: str, number: bool) -> None:
    assert read_question(question).number is number
