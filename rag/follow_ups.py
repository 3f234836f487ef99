"""Telling follow-up questions from those that can be understood alone.

A question depends on the conversation when it points back (他, 那里, it), when it is shortened to what is new in it
(那长葛市呢, what about 2020), or when it lacks a topic, naming nothing that it could be about (一共花了多少钱,
需方又来了多少家, 全省平均才多少, and how many in total).

The rules are chosen for precision: what they do not know stands alone.
"""

from __future__ import annotations

import re

from index.characters import has_ideograph
from index.folding import fold, search_tokens, to_simplified
from rag import follow_up_patterns as patterns

QUESTION_ENDS = "。！？!?.… "
_SUBJECT = 6
"""Characters that a question may name and still lack a topic: 农贸市场又建了几个. More would be a topic."""
_SHORT_SUBJECT = 3
"""Where its beginning is weaker evidence: 主要生产什么."""
_SHARED_SUBJECT = 14
"""Where it takes up words of the conversation."""


def simple(text: str) -> str:
    """Return ``text`` in simplified script for matching: positions in it are positions in ``text``."""
    changed = to_simplified(text)
    return changed if len(changed) == len(text) else text


def is_follow_up(asked: str, said: str) -> bool:
    """Whether a question cannot be understood without the conversation.

    Args:
        asked: the question, on one line.
        said: the question and the answer before it; a question that takes up their words leans on them sooner.
    """
    words = simple(asked).rstrip(QUESTION_ENDS)
    if has_ideograph(words):
        return _points_back(words) or _lacks_topic(words, said)
    return bool(
        patterns.ENGLISH_BARE.fullmatch(words)
        or english_reference(words)
        or english_ellipsis(words) is not None
        or _lacks_english_topic(words)
    )


def ellipsis(words: str) -> str | None:
    """Return what is asked about in 那长葛市呢 and the like: the phrase that takes the place of another."""
    match = patterns.ELLIPSIS.fullmatch(words)
    what = match and (match["what"] or match["bare"] or match["year"])
    return what if what and not patterns.INTERROGATIVE.search(what) else None


def english_ellipsis(words: str) -> str | None:
    """Return what is asked about in "what about Changge" and the like."""
    match = patterns.ENGLISH_ELLIPSIS.fullmatch(words)
    what = match and (match["what"] or match["bare"] or match["year"])
    return what if what and len(what.split()) <= 6 and not patterns.ENGLISH_VERB.search(what) else None


def english_reference(words: str) -> re.Match[str] | None:
    """Return the pronoun (``ref``, or ``last`` at the end) with which an English question points back."""
    match = patterns.ENGLISH_REFERRING.search(words)
    # "How many companies said they …", "What did Changge do for its …": the name may be in the question itself.
    if (
        match
        and match["last"]
        and re.search(r"\b(?:are|is|was|were) there$|\b(?:the|an?|said|that)\b", words, re.I)
    ):
        return None
    return match


def counts_only(words: str) -> str | None:
    """Return "many buyers" of "and how many buyers", which has no verb of its own."""
    asked = patterns.ENGLISH_COUNT.fullmatch(words)
    return None if not asked or patterns.ENGLISH_NO_COUNT.search(asked["what"]) else asked["what"]


def _points_back(words: str) -> bool:
    if (
        patterns.MORE.fullmatch(words)
        or _is_bare(words)
        or patterns.REFERRING.match(words)
        or patterns.REFERRING_LATER.search(words)
        or patterns.CONTINUES.fullmatch(words)
    ):
        return True
    which = patterns.THEN_WHICH.fullmatch(words)
    if which and not re.search(f"{patterns.PLACE}|{patterns.YEAR}", which["what"]):
        return True
    what = ellipsis(words)
    return what is not None and not _names_its_own_subject(what)


def _is_bare(words: str) -> bool:
    # The limit keeps the backtracking short; longer questions hold words of their own anyway.
    return (
        len(words) <= 20
        and patterns.BARE.fullmatch(words) is not None
        and re.search(patterns.ASKING, words) is not None
        and not patterns.DEFINITION.match(words)
    )


def _names_its_own_subject(what: str) -> bool:
    """Whether a phrase such as 禹州市的常住人口 or 许昌市2023年新增城镇就业 lacks nothing but its question word."""
    rest = re.sub(f"{patterns.PLACE}|{patterns.YEAR}\\s*年{patterns.PERIOD}?", "", what)
    return (
        bool(re.search(patterns.PLACE, what) and re.search(patterns.YEAR, what))
        and len(rest.strip("的 ")) > 1
    )


def _lacks_topic(words: str, said: str) -> bool:
    """Whether a question names nothing that it could be about: 需方又来了多少家, 全省平均才多少, 前一年排第几."""
    if not patterns.ASKS.search(words) or patterns.DEFINITION.match(words):
        return False
    if patterns.WITHOUT_MEASURE.fullmatch(words):
        return True
    undated = patterns.DATED.sub("，", words)
    begins = patterns.GOING_ON.match(words) is not None
    if patterns.OWN_TOPIC.search(undated) or (patterns.QUOTED.search(words) and not begins):
        return False
    subject = len(re.findall(patterns.IDEO, patterns.GENERIC.sub("，", undated)))
    if subject == 0 or undated != words:
        return subject == 0
    if begins or patterns.AGAIN.search(words):
        return subject <= (_SHARED_SUBJECT if _shares_words(words, said) else _SUBJECT)
    if patterns.PERHAPS_GOING_ON.match(words):
        return subject <= _SHORT_SUBJECT
    return subject <= _SUBJECT and (_asks_the_same(words, said) or _asks_of_occasion(words, said))


def _shares_words(words: str, said: str) -> bool:
    """Whether a question takes up words of the conversation, small ones left out."""
    content = search_tokens(patterns.GENERIC.sub("，", words))
    return any(len(token) > 1 and has_ideograph(token) and token in fold(said) for token in content)


def _asks_the_same(words: str, said: str) -> bool:
    asked = {match["same"] for match in patterns.PARALLEL.finditer(words)}
    return any(match["same"] in asked for match in patterns.PARALLEL.finditer(simple(said)))


def _asks_of_occasion(words: str, said: str) -> bool:
    return bool(patterns.SAYING.search(words) and patterns.OCCASION.search(simple(said)))


def _lacks_english_topic(words: str) -> bool:
    """Whether an English question names nothing of its own: and how many households in total, who else was there."""
    if patterns.ENGLISH_OWN_TOPIC.search(words):
        return False
    if patterns.ENGLISH_DEPENDENT.search(words):
        return True
    every = re.findall(r"[a-z]+", words.lower())
    content = [word for word in every if not patterns.ENGLISH_GENERIC.fullmatch(word)]
    if patterns.ENGLISH_BEGINNING.search(words):
        return len(content) <= 3 or counts_only(words) is not None
    if content and patterns.ENGLISH_GOING_ON.search(words) and " there " not in words:
        # "The railway" is named, and no conversation is needed to know it.
        return len(content) <= 2 and not any(f" the {word}" in f" {words.lower()}" for word in content)
    return bool(every) and not content and patterns.ENGLISH_DEFINITION.match(words) is None
