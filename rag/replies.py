"""Taking the generator's reply apart: the sentence it copied, its answer, and the marks of its citations."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from index.folding import fold, to_simplified, to_traditional
from index.sentences import sentences
from rag.prompting import Wording, wording

_WHOLE_MARK = r"\s*[\[［【〔]\d{1,3}(?:\s*[,，、]\s*\d{1,3})*\s*[\]］】〕]"
# A mark that is still being written, or that the token limit cut off, is a mark as well.
_MARK = re.compile(rf"{_WHOLE_MARK}|\s*[\[［【〔][\d\s,，、]*$")
_MARKS_AFTER_END = re.compile(rf"([。！？!?.…]+)((?:{_WHOLE_MARK})+)")
_SENTENCE_ENDING = re.compile(rf"(?:[。！？!?；;]|(?<=[a-z)\]])\.)(?:{_WHOLE_MARK})*", re.IGNORECASE)


@dataclass(frozen=True)
class Reply:
    """The generator's reply, taken apart."""

    quote: str  # the sentence it copied; empty when it copied none
    answer: str
    declined: bool  # it said, in the agreed words, that the passages do not answer


def read_reply(text: str, words: Wording, *, finished: bool) -> Reply:
    """Take a reply apart; a reply without the agreed labels is all answer.

    ``finished`` says that the generator ended the reply itself. Then the words it copied are the answer when it wrote
    no other, as the smallest models do; otherwise it was cut off while copying, and there is no answer. Of an answer
    that was cut off, the whole sentences count.
    """
    copied = _label(words.evidence).match(text.lstrip())
    before, answer = split_reply(text, words)
    if answer is None:
        answer = before
        if copied:
            answer = _label(words.evidence).sub("", before, count=1).strip() if finished else ""
        before = answer if copied else ""
    if not finished:
        ends = [ending.end() for ending in _SENTENCE_ENDING.finditer(answer)]
        answer = answer[: ends[-1]] if ends else ""
    quote = without_marks(_label(words.evidence).sub("", before, count=1)).strip()
    answer = _without_labels(answer, words)
    declined = not answer or any(sentinel in fold(answer) for sentinel in _said_in_any_language("sentinel"))
    nothing = fold(quote).strip(" .。") in _said_in_any_language("none")
    # A small model that copies nothing and yet answers with a citation is mostly right; it is checked like any other.
    declined = declined or (nothing and not _MARK.search(answer))
    return Reply("" if nothing else quote, answer, declined)


def _without_labels(answer: str, words: Wording) -> str:
    """Return an answer without the copied words and the labels of a second one: a question may have two parts."""
    evidence, label = _label(words.evidence).pattern, _label(words.answer).pattern
    copied = rf"(?:^|(?<=[。！？!?.\]\n]))\s*{evidence}[^\n]*?(?={label}|\n|$)"
    lines = re.sub(copied, "\n", answer, flags=re.IGNORECASE).splitlines()
    said = (re.sub(rf"^\s*{label}", "", line, flags=re.IGNORECASE).strip() for line in lines)
    return "\n".join(line for line in said if line)


def split_reply(text: str, words: Wording) -> tuple[str, str | None]:
    """Return what stands before and after the answer's label; None for the answer when there is no label.

    A passage may hold the label's words, and the sentence copied from it with them: the label that begins a line
    counts, and only where there is none the last one inside a line.
    """
    labels = list(_label(words.answer).finditer(text))
    if not labels:
        return text.strip(), None
    beginning = (label for label in labels if not text[: label.start()].rpartition("\n")[2].strip())
    label = next(beginning, labels[-1])
    return text[: label.start()].strip(), text[label.end() :].strip()


def without_marks(text: str) -> str:
    """Return ``text`` without citation marks, whole or just begun at its end."""
    return _MARK.sub("", text)


def marked_sentences(answer: str) -> list[tuple[str, frozenset[int]]]:
    """Return the sentences of an answer without their marks, each with the numbers that these name.

    Of "A。[1]B。" the mark is A's.
    """
    found = []
    for sentence in sentences(_MARKS_AFTER_END.sub(r"\2\1", answer)):
        text = without_marks(sentence).strip()
        if text and re.search(r"\w", text):
            marks = _MARK.findall(sentence)
            found.append(
                (text, frozenset(int(digits) for mark in marks for digits in re.findall(r"\d+", mark)))
            )
    return found


@cache
def _label(label: str) -> re.Pattern[str]:
    """Match a label in either script and with either colon: small models mix them."""
    name = label.strip().rstrip(":：")
    names = "|".join(re.escape(form) for form in {name, to_simplified(name), to_traditional(name)})
    return re.compile(rf"(?:{names})\s*[:：]", re.IGNORECASE)


@cache
def _said_in_any_language(what: Literal["sentinel", "none"]) -> frozenset[str]:
    return frozenset(fold(getattr(wording(language), what)) for language in ("zh", "en"))
