"""How well passages are found.

A passage counts when it holds a gold item: the whole span of an evidence quote, or a document of ``passage_ids``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ir_measures
from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG

from rag.evaluation.quotes import GoldItem

DEPTHS = (1, 3, 5, 10, 20)

Span = tuple[str, int, int]
"""Document, start and end of a passage."""


@dataclass(frozen=True)
class Ranking:
    """What was found for one question: the numbers of the gold items that each passage holds, the best first."""

    held: tuple[frozenset[int], ...]
    items: int


def ranking(passages: Sequence[Span], items: Sequence[GoldItem]) -> Ranking:
    """Return which passages hold which gold items."""
    held = tuple(
        frozenset(number for number, item in enumerate(items) if item.is_within(*passage))
        for passage in passages
    )
    return Ranking(held, len(items))


def retrieval_scores(
    rankings: Mapping[str, Ranking], depths: Sequence[int] = DEPTHS
) -> dict[str, dict[str, float]]:
    """Return, by question, ``hit@k``, ``recall@k``, ``all_gold@k``, ``mrr`` and ``ndcg@10``.

    hit@k (trec_eval's success), MRR and nDCG@10 (Järvelin and Kekäläinen 2002, "Cumulated gain-based evaluation of IR
    techniques") come from ir_measures (MacAvaney et al. 2022, "Streamlining evaluation with ir-measures"). recall@k is
    the share of the gold items that the first k passages hold together, all_gold@k whether that is all of them; one
    passage may hold several items, which TREC's judgements cannot say, so these two are counted here.

    Questions without gold items have no scores.
    """
    judged = {name: ranking for name, ranking in rankings.items() if ranking.items}
    if not judged:
        return {}
    found = {name: _by_library(name, judged[name], depths) for name in judged}
    scores: dict[str, dict[str, float]] = {
        name: _by_items(ranking, depths) for name, ranking in judged.items()
    }
    judgements = [judgement for one in found.values() for judgement in one[0]]
    retrieved = [document for one in found.values() for document in one[1]]
    measures = {f"hit@{depth}": Success @ depth for depth in depths} | {"mrr": RR, "ndcg@10": nDCG @ 10}
    names = {measure: name for name, measure in measures.items()}
    for result in ir_measures.iter_calc(list(measures.values()), judgements, retrieved):
        scores[result.query_id][names[result.measure]] = float(result.value)
    return scores


def _by_library(name: str, ranking: Ranking, depths: Sequence[int]) -> tuple[list[Qrel], list[ScoredDoc]]:
    """Put a ranking in TREC's terms.

    A passage is relevant when it holds an item that none before it held: the same text once more gains nothing. An
    item that was not found is a relevant passage that was not retrieved.
    """
    seen: set[int] = set()
    judgements: list[Qrel] = []
    retrieved: list[ScoredDoc] = []
    for rank, held in enumerate(ranking.held):
        # Falling scores: passages of one score keep the order in which they were given.
        retrieved.append(ScoredDoc(name, f"passage-{rank}", float(len(ranking.held) - rank)))
        if held - seen:
            judgements.append(Qrel(name, f"passage-{rank}", 1))
        seen |= held
    judgements += [Qrel(name, f"missing-{item}", 1) for item in range(ranking.items) if item not in seen]
    return judgements, retrieved


def _by_items(ranking: Ranking, depths: Sequence[int]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for depth in depths:
        together = frozenset().union(*ranking.held[:depth])
        scores[f"recall@{depth}"] = len(together) / ranking.items
        scores[f"all_gold@{depth}"] = float(len(together) == ranking.items)
    return scores
