"""How sure an answer is, from what is at hand when it has been written and checked.

Wrong answers that pass every check differ from right ones: a second reader, small and of another make, finds no
sentence that answers in the same words, or hardly one; the generator was less sure of its words; and the sentence that
would be quoted as the answer is another one. A logistic regression turns these into a probability; answers below
a threshold are refused.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from index.characters import has_ideograph
from index.lexical import LexicalIndex
from rag.citing import CheckedSentence, carries
from rag.evidence import Evidence
from rag.terms import stands_in
from rag.units import figures_side_by_side

_COVERAGE_OFFSET = 0.02
_LEAST_LOG_COVERAGE = -3.0
WIDEST_DISTANCE = 0.3
LEAST_RELEVANCE = -6.0
"""Of an answer that the second reader would give from no sentence; about what it says of one on another matter."""
# Some engines say -3.4e38 of a token that could not come; the exponential of that is no number.
_LEAST_SCORE = -700.0


@dataclass(frozen=True)
class Signals:
    """What is seen of an answer.

    Attributes:
        coverage: share of the question's words, rare ones weighing more, that the cited sentences hold; ``None`` where
            question and sources are of different languages and share no words.
        distance: how far the best sentence that carries the answer, cited or not, lies below the best evidence, in
            evidence scores; 0 is the best.
        mean_logprob: of the generator's tokens; ``None`` where the engine does not say.
        relevance: log-odds, by the second reader, that a sentence answers: the most of any, cited or not, from which it
            would answer in the words of the answer, or in more or fewer of them; ``None`` without a second reader.
        contradicted: whether a sentence that speaks against it would be quoted; see :func:`rag.quoting.contradicts`.
        foreign: whether question and sources are not both in Chinese; the second reader's log-odds are lower there.
    """

    coverage: float | None
    distance: float
    mean_logprob: float | None
    relevance: float | None = None
    contradicted: bool = False
    foreign: bool = False


# Fitted (L2 of 1 on standardised signals; rag/training/confidence.py) on the answers of the larger preset that passed
# the checks, to questions over documents that the second reader did not learn from: the 160 of tests/gold/heqing and
# yuxi, and the first 36 of tests/gold/held_out.jsonl. 110 of the 138 are right; in cross-validation by question a right
# answer is surer than a wrong one in 95% of pairs. There is hardly a question without a Chinese word among them: what
# "foreign" counts was fitted before, on 284 answers, with what the second reader said then.
# Those without a second reader were fitted earlier, on 225 answers. What stands in for an unknown signal is its mean
# over right answers.
_USUAL_LOGPROB = -0.055
_USUAL_COVERAGE = 0.23
_READ = {
    "constant": 2.948,
    "relevance": 0.587,
    "mean_logprob": 12.26,
    "foreign": -0.481,
    "contradicted": -1.525,
}
_UNREAD = {"constant": 3.159, "coverage": 1.066, "distance": -4.928, "mean_logprob": 3.935}


def read_signals(
    question: str,
    checked: Sequence[CheckedSentence],
    evidence: Sequence[Evidence],
    lexical: LexicalIndex,
    mean_logprob: float | None,
    *,
    contradicted: bool = False,
) -> Signals:
    """Return the signals of an answer.

    Args:
        question: as it was searched.
        checked: the sentences of the answer, at least one of them supported.
        evidence: all that was chosen for the question.
        lexical: tells how telling a word is.
        mean_logprob: of the reply, where the generator says it.
        contradicted: whether the sentence that would be quoted speaks against the answer.
    """
    supported = [sentence for sentence in checked if sentence.supported]
    cited = {item.sentence.row: item for sentence in supported for item in sentence.evidence}
    source = "\n".join(item.sentence.text for item in cited.values())
    same_language = has_ideograph(question) == has_ideograph(source)
    said = "".join(sentence.text for sentence in supported)
    best = max(item.score for item in evidence)
    carrying = (item for item in evidence if item.sentence.row in cited or carries(item, said, question))
    readings = [item.reading for item in evidence if item.reading]
    agreeing = (one.relevance for one in readings if _agrees(one.words, said))
    return Signals(
        coverage=lexical.coverage(question, source) if same_language else None,
        distance=best - max(item.score for item in carrying),
        mean_logprob=mean_logprob,
        relevance=max(agreeing, default=LEAST_RELEVANCE) if readings else None,
        contradicted=contradicted,
        foreign=not has_ideograph(question) or not has_ideograph(source),
    )


def _agrees(words: str, said: str) -> bool:
    """Whether ``said`` answers as the second reader would, in more words or in fewer.

    Who says one figure where it would say several side by side (43万头、出栏80万头) may say the wrong one.
    """
    if stands_in(words, said):
        return True
    one_of_several = len(figures_side_by_side(words)) > len(figures_side_by_side(said)) == 1
    return stands_in(said, words) and not one_of_several


def confidence(signals: Signals) -> float:
    """Return the probability that an answer with these signals is right."""
    logprob = _USUAL_LOGPROB if signals.mean_logprob is None else signals.mean_logprob
    if signals.relevance is None:
        weights = _UNREAD
        coverage = _USUAL_COVERAGE if signals.coverage is None else signals.coverage
        score = weights["coverage"] * log_coverage(coverage)
        score += weights["distance"] * min(signals.distance, WIDEST_DISTANCE)
    else:
        weights = _READ
        score = weights["relevance"] * signals.relevance
        score += weights["foreign"] * signals.foreign + weights["contradicted"] * signals.contradicted
    return probability(weights["constant"] + score + weights["mean_logprob"] * logprob)


def log_coverage(coverage: float) -> float:
    """Return the logarithm of a coverage as the regression takes it."""
    return max(math.log(coverage + _COVERAGE_OFFSET), _LEAST_LOG_COVERAGE)


def probability(log_odds: float) -> float:
    """Return the probability that log-odds stand for."""
    return 1 / (1 + math.exp(-max(log_odds, _LEAST_SCORE)))
