from __future__ import annotations

import math

import pytest

from rag.evaluation.quotes import GoldItem, Place
from rag.evaluation.retrieval_metrics import Ranking, ranking, retrieval_scores


def scores(*held: set[int], items: int = 1) -> dict[str, float]:
    return retrieval_scores({"q": Ranking(tuple(map(frozenset, held)), items)}, (1, 3, 10))["q"]


def test_a_passage_counts_when_it_holds_the_whole_span() -> None:
    items = [GoldItem((Place("d", 10, 20), Place("e", 0, 5))), GoldItem((Place("d", 15, 30),))]
    found = ranking([("d", 0, 25), ("e", 0, 9), ("d", 10, 30), ("f", 0, 99)], items)
    assert found == Ranking((frozenset({0}), frozenset({0}), frozenset({0, 1}), frozenset()), 2)


def test_found_at_once() -> None:
    assert scores({0}) == {
        "hit@1": 1,
        "hit@3": 1,
        "hit@10": 1,
        "recall@1": 1,
        "recall@3": 1,
        "recall@10": 1,
        "all_gold@1": 1,
        "all_gold@3": 1,
        "all_gold@10": 1,
        "mrr": 1,
        "ndcg@10": 1,
    }


def test_found_at_the_third_place() -> None:
    found = scores(set(), set(), {0})
    assert (found["hit@1"], found["hit@3"]) == (0, 1)
    assert found["mrr"] == pytest.approx(1 / 3)
    assert found["ndcg@10"] == pytest.approx(1 / math.log2(4))


@pytest.mark.parametrize("held", [(), (set(),), (set(),) * 12])
def test_never_found_is_zero_not_left_out(held: tuple[set[int], ...]) -> None:
    assert set(scores(*held).values()) == {0}


def test_of_two_items_one_is_found() -> None:
    found = scores(set(), {1}, items=2)
    assert found["recall@1"] == 0
    assert found["recall@3"] == 0.5
    assert found["all_gold@10"] == 0
    assert found["mrr"] == 0.5
    ideal = 1 / math.log2(2) + 1 / math.log2(3)
    assert found["ndcg@10"] == pytest.approx((1 / math.log2(3)) / ideal)


def test_one_passage_may_hold_both() -> None:
    found = scores({0, 1}, items=2)
    assert found["recall@1"] == found["all_gold@1"] == 1
    assert found["ndcg@10"] == 1, "no better order is possible"


def test_the_same_item_once_more_gains_nothing() -> None:
    found = scores({0}, {0}, {1}, items=2)
    ideal = 1 / math.log2(2) + 1 / math.log2(3)
    assert found["ndcg@10"] == pytest.approx((1 / math.log2(2) + 1 / math.log2(4)) / ideal)
    assert found["recall@3"] == 1


def test_the_order_given_is_the_order_judged() -> None:
    # More than nine passages of one kind: were equal scores sorted by name, the tenth would come before the second.
    held = [set[int]()] * 10 + [{0}]
    assert scores(*held)["mrr"] == pytest.approx(1 / 11)


def test_questions_without_gold_items_have_no_part() -> None:
    assert retrieval_scores({"q": Ranking((frozenset(),), 0)}) == {}
    both = {"q": Ranking((frozenset(),), 0), "r": Ranking((frozenset({0}),), 1)}
    assert set(retrieval_scores(both)) == {"r"}
