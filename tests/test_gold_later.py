"""The questions that were written later, by who had seen neither the program nor the earlier ones.

Those of `seeds_later.jsonl` have been developed with since, and so have, each after it had been asked once, those over
documents of made-up places (`elsewhere.jsonl`, `linzhu.jsonl`, `lanchuan.jsonl`, `heqing.jsonl`, `yuxi.jsonl`,
`mingshan.jsonl`, `tongze.jsonl`, `langwan.jsonl`, `songyuanpo.jsonl`, `anlu.jsonl`,
`huaishu.jsonl`). Those of `held_out.jsonl` are only ever asked to report how the program does on what it was not
developed with.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from test_gold import LANGS, SEEDS, TYPES, fold, read_raw

from rag.evaluation.gold import GoldQuestion, read_gold

GOLD = Path(__file__).resolve().parent / "gold"
LATER = read_gold(GOLD / "seeds_later.jsonl").questions
HELD_OUT = read_gold(GOLD / "held_out.jsonl").questions
MADE_UP = {
    name: read_gold(GOLD / f"{name}.jsonl").questions
    for name in (
        "elsewhere",
        "linzhu",
        "lanchuan",
        "heqing",
        "yuxi",
        "mingshan",
        "tongze",
        "langwan",
        "songyuanpo",
        "anlu",
        "huaishu",
    )
}
FOLDERS = {one.id: GOLD / name for name, questions in MADE_UP.items() for one in questions}
ALL = (*LATER, *HELD_OUT, *(one for questions in MADE_UP.values() for one in questions))
# What is calculated from its quotes, or which of two has the larger figure.
CONCLUDED = {
    "langwan-013",
    "langwan-059",
    "langwan-062",
    "songyuanpo-059",
    "songyuanpo-061",
    "huaishu-041",
    "huaishu-042",
    "huaishu-045",
    "huaishu-058",
    "huaishu-079",
}
ANSWERABLE = [question for question in ALL if question.answerable]


def ids(questions: list[GoldQuestion]) -> list[str]:
    return [question.id for question in questions]


def test_there_are_as_many_as_the_readme_says() -> None:
    sets = (LATER, HELD_OUT, *MADE_UP.values())
    assert [len(some) for some in sets] == [268, *[80] * 12]
    assert [sum(not one.answerable for one in some) for some in sets] == [61, 19, *[14] * 11]


def test_no_question_is_asked_twice() -> None:
    earlier = read_gold(GOLD / "seeds.jsonl").questions
    asked = [(fold(one.question), one.history) for one in (*earlier, *ALL)]
    assert len(set(asked)) == len(asked)


def test_types_and_languages_are_those_of_the_first_set() -> None:
    assert {question.type for question in ALL} == TYPES
    assert {question.lang for question in ALL} == LANGS


@pytest.mark.parametrize("question", ANSWERABLE, ids=ids(ANSWERABLE))
def test_each_quote_stands_in_its_document_and_together_they_answer(question: GoldQuestion) -> None:
    assert question.evidence
    documents = FOLDERS.get(question.id, SEEDS)
    for item in question.evidence:
        assert item.quote in read_raw(documents / item.doc)
    quotes = fold("".join(item.quote for item in question.evidence))
    stands = all(any(fold(text) in quotes for text in group) for group in question.groups)
    assert stands or question.id in CONCLUDED


@pytest.mark.parametrize("question", [one for one in ALL if not one.answerable], ids=lambda one: one.id)
def test_what_is_not_answered_has_no_evidence(question: GoldQuestion) -> None:
    assert question.evidence == ()
    assert question.type == "unanswerable"
