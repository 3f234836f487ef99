"""How right an answer is.

Every figure here is over all answerable questions, and a refusal scores 0 in it, so that refusing flatters nothing.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher

from rag.answers import Answer
from rag.evaluation.gold import GoldQuestion
from rag.evaluation.matching import holds, holds_plainly, segments, value_tokens

_LONGEST_CONTAINED = 40
"""Characters. A longer reference is a text of its own, which no answer holds; only F1 can compare with it."""


def said(answer: Answer) -> str:
    """Return what an answer says: its sentences without citation marks; nothing of a refusal.

    Sentences that were withheld are no part of the answer.
    """
    if answer.refused:
        return ""
    kept = [sentence.text for sentence in answer.sentences if sentence.supported]
    return "".join(f" {text}" if text[:1].isascii() else text for text in kept).strip()


def can_be_judged(question: GoldQuestion) -> bool:
    """Whether right and wrong can be told apart: the question is unanswerable, or each group has a short text."""
    return all(any(len(segments(text)) <= _LONGEST_CONTAINED for text in group) for group in question.groups)


def is_right(question: GoldQuestion, text: str) -> bool:
    """Whether ``text`` holds one text of each group; see :func:`rag.evaluation.matching.holds`."""
    return question.answerable and all(any(holds(text, one) for one in group) for group in question.groups)


def answer_scores(question: GoldQuestion, text: str) -> dict[str, float]:
    """Return exact match, both F1s and both kinds of containment of an answerable question's answer."""
    scores = {
        "exact_match": max((exact_match(text, one) for one in question.references), default=0.0),
        "f1_bag": max((f1_bag(text, one) for one in question.references), default=0.0),
        "f1_lcs": max((f1_lcs(text, one) for one in question.references), default=0.0),
    }
    if can_be_judged(question):
        plainly = all(any(holds_plainly(text, one) for one in group) for group in question.groups)
        scores["contains"] = float(is_right(question, text))
        scores["contains_plain"] = float(bool(text) and plainly)
    return scores


def exact_match(text: str, reference: str) -> float:
    """Return 1 where both are the same, folded and without punctuation, numbers by value (SQuAD's EM, for Chinese)."""
    return float(value_tokens(text) == value_tokens(reference) != [])


def f1_bag(text: str, reference: str) -> float:
    """Return the F1 of the two bags of segments.

    SQuAD's definition (Rajpurkar et al. 2016, "SQuAD: 100,000+ questions for machine comprehension of text") over
    characters instead of words.
    """
    ours, theirs = segments(text), segments(reference)
    return _f1(sum((Counter(ours) & Counter(theirs)).values()), len(ours), len(theirs))


def f1_lcs(text: str, reference: str) -> float:
    """Return the F1 of the longest common run of segments, as CMRC 2018's script computes it.

    Cui et al. 2019, "A span-extraction dataset for Chinese machine reading comprehension", `calc_f1_score`.
    """
    ours, theirs = segments(text), segments(reference)
    run = SequenceMatcher(None, ours, theirs, autojunk=False).find_longest_match()
    return _f1(run.size, len(ours), len(theirs))


def _f1(shared: int, ours: int, theirs: int) -> float:
    """Return 2PR / (P + R), which is 2 * shared / (ours + theirs)."""
    return 2 * shared / (ours + theirs) if shared else 0.0
