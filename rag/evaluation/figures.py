"""Every figure that is reported: its name, what it means, and which way is better."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["share", "seconds", "tokens", "megabytes"]
Topic = Literal["Outcome", "Answers", "Citations", "Retrieval", "Confidence", "Cost"]


@dataclass(frozen=True)
class Metric:
    """One figure.

    Attributes:
        name: in ``metrics.json`` and for ``--min``.
        label: in the report.
        topic: which part of the report it stands in.
        better: which way it should go.
        meaning: one sentence for the report.
        unit: what it counts.
        binary: whether a question is either right or not, so that McNemar's test fits.
    """

    name: str
    label: str
    topic: Topic
    better: Literal["higher", "lower"]
    meaning: str
    unit: Unit = "share"
    binary: bool = False


def _retrieval() -> list[Metric]:
    first = {1: "the first passage", **{depth: f"the first {depth} passages" for depth in (3, 5, 10)}}
    kinds = {
        "hit": ("hit", "A gold item is held by {}.", True),
        "recall": ("recall", "Share of the gold items that stand in {}.", False),
        "all_gold": ("all gold", "Every gold item is held by {}.", True),
    }
    found: list[Metric] = []
    for kind, (label, meaning, binary) in kinds.items():
        for depth, passages in first.items():
            told = meaning.format(passages)
            found.append(
                Metric(f"{kind}@{depth}", f"{label}@{depth}", "Retrieval", "higher", told, binary=binary)
            )
    found.append(
        Metric("mrr", "MRR", "Retrieval", "higher", "1 / rank of the first passage with a gold item.")
    )
    found.append(
        Metric(
            "ndcg@10",
            "nDCG@10",
            "Retrieval",
            "higher",
            "Discounted gain of the first 10 passages; a passage gains when it adds a gold item.",
        )
    )
    return found


def _cost() -> list[Metric]:
    words = {
        "first_token_s": ("first words", "from the question to the first words, of what was answered"),
        "total_s": ("last words", "from the question to the checked answer or the refusal"),
        "retrieve_s": ("retrieval", "from the question to the evidence"),
    }
    found = [
        Metric(
            f"{name}_p{share}",
            f"{short}, p{share}",
            "Cost",
            "lower",
            f"Seconds {long}: {share}% of the questions are at or below it.",
            "seconds",
        )
        for name, (short, long) in words.items()
        for share in (50, 90, 95)
    ]
    found += [
        Metric("prompt_tokens", "prompt tokens", "Cost", "lower", "Tokens read, mean.", "tokens"),
        Metric("answer_tokens", "answer tokens", "Cost", "lower", "Tokens written, mean.", "tokens"),
        Metric(
            "memory_mb", "peak memory", "Cost", "lower", "Most memory the process took, in MB.", "megabytes"
        ),
    ]
    return found


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "answered_wrong",
            "answered and wrong",
            "Outcome",
            "lower",
            "Wrong answers, over all questions: what a reader cannot see.",
            binary=True,
        ),
        Metric(
            "answer_accuracy",
            "accuracy, all questions",
            "Outcome",
            "higher",
            "Right answers and right refusals, over all questions.",
            binary=True,
        ),
        Metric(
            "answer_rate", "answer rate", "Outcome", "higher", "Answered at all, right or wrong.", binary=True
        ),
        Metric(
            "selective_accuracy",
            "accuracy of what was answered",
            "Outcome",
            "higher",
            "Right, over answered; to be read with the answer rate beside it.",
            binary=True,
        ),
        Metric(
            "refusal_unanswerable",
            "unanswerable refused",
            "Outcome",
            "higher",
            "Refused, over the questions that the documents do not answer.",
            binary=True,
        ),
        Metric(
            "false_refusal",
            "answerable refused",
            "Outcome",
            "lower",
            "Refused, over the questions that the documents do answer.",
            binary=True,
        ),
        Metric("failed", "failed", "Outcome", "lower", "Asking ended in an error.", binary=True),
        Metric(
            "contains",
            "contains the answer",
            "Answers",
            "higher",
            "Of the answerable: the answer holds a gold text (of each group), numbers by value.",
            binary=True,
        ),
        Metric(
            "contains_plain",
            "contains, letter by letter",
            "Answers",
            "higher",
            "The same by substring after folding, as published accuracies are counted.",
            binary=True,
        ),
        Metric(
            "exact_match",
            "exact match",
            "Answers",
            "higher",
            "Of the answerable: nothing but the gold text.",
            binary=True,
        ),
        Metric(
            "f1_bag",
            "F1, bag",
            "Answers",
            "higher",
            "Of the answerable: F1 of the bags of characters (SQuAD).",
        ),
        Metric(
            "f1_lcs",
            "F1, longest run",
            "Answers",
            "higher",
            "Of the answerable: F1 of the longest common run of characters (CMRC 2018).",
        ),
        Metric(
            "citation_precision",
            "citation precision",
            "Citations",
            "higher",
            "Of the citations, those that lie on gold evidence; the same fact elsewhere counts against it.",
        ),
        Metric(
            "citation_recall",
            "citation recall",
            "Citations",
            "higher",
            "Of the gold evidence of answered questions, what is cited.",
        ),
        Metric(
            "cited_sentences",
            "sentences cited",
            "Citations",
            "higher",
            "Of the sentences, those with a citation.",
        ),
        Metric(
            "grounded_sentences",
            "numbers and names in the quote",
            "Citations",
            "higher",
            "Of the sentences, those whose quotes hold all their numbers and names.",
        ),
        *_retrieval(),
        Metric("aurc", "area under risk-coverage", "Confidence", "lower", "Mean risk over all thresholds."),
        Metric(
            "auroc",
            "confidence tells right from wrong",
            "Confidence",
            "higher",
            "A right answer is surer than a wrong one.",
        ),
        *_cost(),
    )
}
"""By name, in the order of the report."""
