"""Matching what was written to the sentences that carry it.

The generator's own marks and its copied sentence are hints; what decides is the text: the words of the answer, and
above all its numbers, must stand in the sentence that is cited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.characters import IDEOGRAPHS
from index.folding import fold, search_tokens
from index.lexical import LexicalIndex
from index.sentences import sentences
from rag.evidence import Evidence, surroundings
from rag.numbers import Number, numbers
from rag.prompting import Wording
from rag.years import speaks_of_other_years, years

_MARK = re.compile(r"\s*[\[［【〔](?:\d{1,3}(?:\s*[,，、]\s*)?)+[\]］】〕]")
_CHINESE = re.compile(f"[{IDEOGRAPHS}]")
_ASKS_FOR_NUMBER = re.compile(
    r"多少|几(?=[个名家位次项起年月日号点岁元万亿公里米亩户人套所条座种])"
    r"|how (?:many|much)\b|哪一?[年天日]|什么时候"
)
_HINT_BONUS = 0.15
_QUOTE_BONUS = 0.3
_NUMBER_PENALTY = 0.5
_QUOTE_OVERLAP = 0.7
_SUPPORTED_WORDS = 0.5
_MOST_CITATIONS = 3


@dataclass(frozen=True)
class Reply:
    """The generator's reply, taken apart."""

    quote: str  # the sentence it copied; empty when it copied none
    answer: str
    declined: bool  # it said, in the agreed words, that the passages do not answer


@dataclass(frozen=True)
class CheckedSentence:
    """A sentence of the answer without marks, the evidence that carries it, and what is missing there."""

    text: str
    evidence: tuple[Evidence, ...]
    problems: tuple[str, ...]

    @property
    def supported(self) -> bool:
        """Whether every part that can be checked stands in the evidence."""
        return bool(self.evidence) and not self.problems


def read_reply(text: str, words: Wording) -> Reply:
    """Take a reply apart; a reply without the agreed labels is all answer."""
    before, label, after = text.partition(words.answer.strip())
    answer = (after if label else before).strip()
    quote = before if label else ""
    quote = quote.replace(words.evidence.strip(), "", 1).strip()
    if not label and answer.startswith(words.evidence.strip()):
        answer = ""  # cut off inside the copied sentence
    declined = fold(words.sentinel) in fold(answer) or not answer
    nothing = fold(_MARK.sub("", quote)).strip(" .。") == fold(words.none)
    return Reply("" if nothing else _MARK.sub("", quote).strip(), answer, declined or nothing)


def without_marks(text: str) -> str:
    """Return ``text`` without citation marks."""
    return _MARK.sub("", text)


def check_answer(
    reply: Reply, question: str, evidence: Sequence[Evidence], lexical: LexicalIndex
) -> list[CheckedSentence]:
    """Check each sentence of the answer against the evidence and cite what carries it.

    Args:
        reply: the generator's reply.
        question: as it was asked; words and numbers of it may be repeated without a source.
        evidence: what the generator was given.
        lexical: tells how rare, and so how telling, a word is.
    """
    quoted = quoted_evidence(reply.quote, evidence)
    checked = []
    for sentence in sentences(reply.answer):
        text = without_marks(sentence).strip()
        if text and re.search(r"\w", text):
            hints = {int(digits) for mark in _MARK.findall(sentence) for digits in re.findall(r"\d+", mark)}
            checked.append(_check_sentence(text, hints, quoted, question, evidence, lexical))
    return checked


def quoted_evidence(quote: str, evidence: Sequence[Evidence]) -> Evidence | None:
    """Return the evidence that ``quote`` was copied from, or None when it is not a copy of any."""
    tokens = search_tokens(quote)
    if not tokens:
        return None
    best: tuple[float, Evidence] | None = None
    for item in evidence:
        present = set(search_tokens(item.sentence.text))
        share = sum(token in present for token in tokens) / len(tokens)
        if best is None or share > best[0]:
            best = share, item
    return best[1] if best is not None and best[0] >= _QUOTE_OVERLAP else None


def _check_sentence(
    text: str,
    hints: set[int],
    quoted: Evidence | None,
    question: str,
    evidence: Sequence[Evidence],
    lexical: LexicalIndex,
) -> CheckedSentence:
    asked = {(number.value, number.percent) for number in numbers(question)}
    needed = [number for number in numbers(text) if (number.value, number.percent) not in asked]

    def score(item: Evidence) -> float:
        hinted = _HINT_BONUS * (item.number in hints) + _QUOTE_BONUS * (item is quoted)
        return (
            lexical.coverage(text, item.sentence.text)
            + hinted
            - _NUMBER_PENALTY * len(_missing(needed, [item]))
        )

    ranked = sorted(evidence, key=lambda item: (-score(item), item.number))
    cited = ranked[:1]
    for item in ranked[1:]:
        # More than one source only where another holds a number that the first does not.
        if len(cited) < _MOST_CITATIONS and len(_missing(needed, [*cited, item])) < len(
            _missing(needed, cited)
        ):
            cited.append(item)
    problems = [f"{number.text}: not in the source" for number in _missing(needed, cited)]
    if _ASKS_FOR_NUMBER.search(fold(question)) and not numbers(text) and not re.search(r"\d", text):
        problems.append("a number was asked for")
    if not problems and not _words_supported(text, question, cited, quoted, lexical):
        problems.append("the source says something else")
    if all(
        speaks_of_other_years(years(question), surroundings(item.sentence, item.passage)) for item in cited
    ):
        problems.append("the source is about another year")
    cited.sort(key=lambda item: item.number)
    return CheckedSentence(text, tuple(cited), tuple(problems))


def _missing(needed: Sequence[Number], cited: Sequence[Evidence]) -> list[Number]:
    """Return the numbers that none of the cited sentences, nor the headings above them, hold."""
    present = {
        (number.value, number.percent)
        for item in cited
        for source in (item.sentence.text, *item.passage.chunk.headings)
        for number in numbers(source)
    }
    return [number for number in needed if (number.value, number.percent) not in present]


def _words_supported(
    text: str, question: str, cited: Sequence[Evidence], quoted: Evidence | None, lexical: LexicalIndex
) -> bool:
    """Whether the words that the answer adds to the question stand in the cited sentences."""
    source = " ".join(item.sentence.text for item in cited)
    if not _CHINESE.search(text) and _CHINESE.search(source):
        # Across languages words cannot be compared; the copied sentence must then be a real one, and be cited.
        return quoted is not None and quoted in cited
    added = {token: lexical.rarity(token) for token in search_tokens(text)}
    for token in search_tokens(question):
        added.pop(token, None)
    present = set(search_tokens(source)) | {
        token for item in cited for heading in item.passage.chunk.headings for token in search_tokens(heading)
    }
    total = sum(added.values())
    found = sum(weight for token, weight in added.items() if token in present)
    if total:
        return found >= _SUPPORTED_WORDS * total
    # Nothing but words of the question: the source must at least be about them.
    return lexical.coverage(text, source) >= _SUPPORTED_WORDS
