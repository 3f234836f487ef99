"""Whether answers are cited, and whether what is cited is the right place and says the same.

Each figure is a pair, a numerator and a denominator, that is added up over the questions: a share of citations or of
sentences, not a mean of shares. Refusals cite nothing and have no part in these figures; the answer rate stands beside
them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from index.characters import IDEOGRAPHS, has_ideograph
from index.folding import fold
from rag.answers import Answer
from rag.evaluation.matching import segments
from rag.evaluation.quotes import GoldItem
from rag.numbers import numbers

_LEAST_OVERLAP = 0.5
# 3.92万人 + 3.74万人 = 7.66万人: the program calculates; the figures have to stand in the quotes.
_RESULT = re.compile(r"(?<=[+−×÷] )(?P<last>[^=+−×÷]+) = [^=]+$")
_BROKEN_NUMBER = re.compile(r"(?<=[\d.])\s*\n\s*(?=[\d.])")
_BROKEN_LINE = re.compile(f"(?<=[{IDEOGRAPHS}])[^\\S\\n]*\\n\\s*(?=[{IDEOGRAPHS}])")
_SHORT_ANSWER = 6
_BRACKETED = re.compile(r"《([^《》]{1,40})》|「([^「」]{1,20})」|“([^“”]{1,20})”")
_LATIN_NAME = re.compile(r"\b[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9]*\b|(?<=[a-z,;] )[A-Z][a-z]+\b")
_NAMED_BY_ENDING = re.compile(
    f"[{IDEOGRAPHS}]{{2}}(?:省|市|县|区|镇|乡|村|街道|社区|小区|公司|集团|银行|大学|学院|中学|小学|学校|医院|法院"
    "|检察院|委员会|管理局|公园|水库|铁路|大桥|机场)"
)
_NO_NAME = re.compile("[的了在和与及是于对为该本全各某每这那个]")


def citation_scores(answer: Answer, items: Sequence[GoldItem]) -> dict[str, tuple[float, float]]:
    """Return numerators and denominators of an answer's citation figures; none for a refusal.

    ``citation_precision``: of the citations, those that lie on a gold item: at least half of the shorter of the two in
    the other. The same fact told at a place that the gold set does not name counts against it.
    ``citation_recall``: of the gold items, those that a citation lies on. Both as in ALCE (Gao et al. 2023, "Enabling
    large language models to generate text with citations"), with gold spans in place of an entailment model.
    ``cited_sentences``: of the sentences, those with a citation. ``grounded_sentences``: of the sentences, those whose
    quotes hold all their numbers and names; see :func:`is_grounded`.
    """
    if answer.refused:
        return {}
    sentences = [sentence for sentence in answer.sentences if sentence.supported]
    quotes = {citation.n: citation.quote for citation in answer.citations}
    grounded = [
        bool(sentence.citations)
        and is_grounded(
            sentence.text, [quotes[n] for n in sentence.citations if n in quotes], answer.question
        )
        for sentence in sentences
    ]
    scores: dict[str, tuple[float, float]] = {
        "cited_sentences": (sum(bool(sentence.citations) for sentence in sentences), len(sentences)),
        "grounded_sentences": (sum(grounded), len(sentences)),
    }
    if items:
        spans = [(citation.doc, citation.start, citation.end) for citation in answer.citations]
        on_gold = [any(item.overlap(*span) >= _LEAST_OVERLAP for item in items) for span in spans]
        cited = [any(item.overlap(*span) >= _LEAST_OVERLAP for span in spans) for item in items]
        scores["citation_precision"] = (sum(on_gold), len(spans))
        scores["citation_recall"] = (sum(cited), len(items))
    return {name: pair for name, pair in scores.items() if pair[1]}


def is_grounded(sentence: str, quotes: Sequence[str], question: str) -> bool:
    """Whether the quotes hold every number and name of a sentence, but for those that the question brought up.

    Numbers are compared by value. Names are what can be known as such without a model: titles in 《》 and quotation
    marks, Latin names, Chinese names by their ending (…市, …公司, …小区), and an answer of up to six characters that
    names nothing else. Between an English sentence and a Chinese quote, names cannot be compared, and only numbers are.
    """
    # A number and its unit may stand on two lines, and so may a number in words: 三億六千 / 二百萬元.
    source = " ".join(_BROKEN_LINE.sub("", " ".join(quotes)).split())
    needed = _values(_RESULT.sub(r"\g<last>", sentence)) - _values(question)
    whole = _BROKEN_NUMBER.sub("", "\n".join(quotes))  # 13 / 47个
    if not needed <= _values(source) | _values(whole):
        return False
    if has_ideograph(sentence) != has_ideograph(source):
        return True
    present, asked = "".join(segments(source)), "".join(segments(question))
    return all(name in present or name in asked for name in _names(sentence))


def _values(text: str) -> set[tuple[Decimal, bool]]:
    return {(number.value, number.percent) for number in numbers(text)}


def _names(sentence: str) -> Iterator[str]:
    written: list[str] = [group for match in _BRACKETED.findall(sentence) for group in match if group]
    written += _LATIN_NAME.findall(sentence)
    written += [name for name in _NAMED_BY_ENDING.findall(fold(sentence)) if not _NO_NAME.search(name[:2])]
    parts = segments(sentence)
    if not written and len(parts) <= _SHORT_ANSWER and not numbers(sentence):
        written.append(sentence)
    for name in written:
        if not numbers(name):
            yield "".join(segments(name))
