"""Conversations: completing a follow-up question so that it can be understood, searched and answered alone.

The rules are chosen for precision: a question that they do not know is left as it is, since a question wrongly
completed is worse than one not completed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.folding import is_traditional, to_simplified, to_traditional
from rag import follow_up_patterns as patterns
from rag.generators.base import Generator
from rag.rewriting import QUESTION_ENDS, rewritten

_EXCHANGES = 3
"""What was said longer ago is rarely meant, and could only mislead."""
_LONGEST = 1000


@dataclass(frozen=True)
class Exchange:
    """One question of a conversation, in its complete form, and what was answered."""

    question: str
    answer: str


def standalone_question(
    question: str, history: Sequence[Exchange], generator: Generator | None = None
) -> str:
    """Return ``question`` in a form that can be understood, searched and answered without the conversation.

    Rules come first, then the generator, whose result is checked; what neither completes is put after the topic of
    the previous question, in the asker's own words.

    Args:
        question: what was asked last.
        history: the exchanges before it, oldest first; the last few count.
        generator: rewrites what the rules cannot; without it, or when it fails, nothing is rewritten freely.

    Returns:
        ``question`` itself where it stands alone or nothing was said before; else one line of at most 1000
        characters. The same arguments give the same text.
    """
    asked = _one_line(question)
    recent = [exchange for exchange in history[-_EXCHANGES:] if _one_line(exchange.question)]
    if not recent or not _depends(asked):
        return question
    before = _in_script_of(asked, _one_line(recent[-1].question)).rstrip(QUESTION_ENDS)
    completed = _by_rules(asked, before, recent)
    if completed is None and generator is not None:
        said = [text for exchange in recent for text in (exchange.question, _uncited(exchange.answer))]
        completed = rewritten(asked, before, said, generator)
        completed = None if completed is None or _depends(completed) else completed
    if completed is None:
        completed = _after_topic(asked, before)
    return completed if len(completed) <= _LONGEST else asked[:_LONGEST]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _uncited(answer: str) -> str:
    return re.sub(r"\s*\[\d+\]", "", _one_line(answer))


def _in_script_of(asked: str, text: str) -> str:
    if is_traditional(asked):
        return to_traditional(text)
    return to_simplified(text) if to_traditional(asked) != asked else text


def _simple(text: str) -> str:
    """Return ``text`` in simplified script for matching: positions in it are positions in ``text``."""
    simple = to_simplified(text)
    return simple if len(simple) == len(text) else text


def _is_chinese(text: str) -> bool:
    return re.search(patterns.IDEO, text) is not None


def _depends(asked: str) -> bool:
    """Whether a question cannot be understood alone."""
    words = _simple(asked).rstrip(QUESTION_ENDS)
    if not _is_chinese(words):
        return bool(
            patterns.ENGLISH_BARE.fullmatch(words)
            or _english_refers(words)
            or _english_ellipsis(words) is not None
        )
    if (
        patterns.MORE.fullmatch(words)
        or _is_bare(words)
        or patterns.REFERRING.match(words)
        or patterns.CONTINUES.fullmatch(words)
    ):
        return True
    what = _ellipsis(words)
    return what is not None and not _names_its_own_subject(what)


def _is_bare(words: str) -> bool:
    # The limit keeps the backtracking short; longer questions hold words of their own anyway.
    return (
        len(words) <= 20
        and patterns.BARE.fullmatch(words) is not None
        and re.search(patterns.ASKING, words) is not None
        and not patterns.DEFINITION.match(words)
    )


def _ellipsis(words: str) -> str | None:
    """Return what is asked about in 那长葛市呢 and the like: the phrase that takes the place of another."""
    match = patterns.ELLIPSIS.fullmatch(words)
    what = match and (match["what"] or match["bare"] or match["year"])
    return what if what and not patterns.INTERROGATIVE.search(what) else None


def _names_its_own_subject(what: str) -> bool:
    """Whether a phrase such as 禹州市的常住人口 or 许昌市2023年新增城镇就业 lacks nothing but its question word."""
    rest = re.sub(f"{patterns.PLACE}|{patterns.YEAR}\\s*年{patterns.PERIOD}?", "", what)
    return (
        bool(re.search(patterns.PLACE, what) and re.search(patterns.YEAR, what))
        and len(rest.strip("的 ")) > 1
    )


def _english_ellipsis(words: str) -> str | None:
    match = patterns.ENGLISH_ELLIPSIS.fullmatch(words)
    what = match and (match["what"] or match["bare"] or match["year"])
    return what if what and len(what.split()) <= 6 and not patterns.ENGLISH_VERB.search(what) else None


def _english_refers(words: str) -> re.Match[str] | None:
    match = patterns.ENGLISH_REFERRING.search(words)
    # "How many companies said they …", "What did Changge do for its …": the name may be in the question itself.
    if (
        match
        and match["last"]
        and re.search(r"\b(?:are|is|was|were) there$|\b(?:the|an?|said|that)\b", words, re.I)
    ):
        return None
    return match


def _by_rules(asked: str, before: str, recent: Sequence[Exchange]) -> str | None:
    words = _simple(asked).rstrip(QUESTION_ENDS)
    if not _is_chinese(words):
        return _english_by_rules(words, before, recent)
    if patterns.MORE.fullmatch(words):
        return f"{before}，{asked}"
    reference = patterns.REFERRING.match(words)
    if reference:
        return _with_referent(asked, reference, before, recent)
    what = _ellipsis(words)
    if what is not None:
        start = words.rindex(what)
        return _like_for_like(asked[start : start + len(what)].strip("的 "), before)
    return _with_topic(asked, before)


def _with_topic(asked: str, before: str) -> str | None:
    """Complete a question without a subject: 增长率是多少, 比上一年多了几个, 为什么."""
    if not _is_chinese(before):
        return None
    words = _simple(asked)
    start = len(words) - len(re.sub(f"^{patterns.LEAD}", "", words))
    measure = re.match(patterns.MEASURE, words[start:])
    if measure:
        return _measured(measure.group(), before) + asked[start:]
    if re.match("同比|环比|比", words[start:]):
        return _topic(before) + asked[start:]
    return _after_topic(asked, before)


def _like_for_like(what: str, before: str) -> str | None:
    """Put a year, a place or a phrase where the previous question has its only one of that kind."""
    year = re.match(
        f"(?:在|到|截至)?(?P<year>{patterns.YEAR})(?P<unit>\\s*年)?(?P<period>{patterns.PERIOD})?", what
    )
    if year:
        dated = _with_year(year["year"], year["period"] or "", before)
        rest = what[year.end() :].strip("的，, ")
        return _like_for_like(rest, dated.rstrip(QUESTION_ENDS)) if dated and rest else dated
    if not _is_chinese(before):
        return None
    place = re.match(f"(?:在|到)?(?P<place>{patterns.PLACE})(?:的|$)", _simple(what))
    if place:
        if patterns.LOCAL.search(_simple(before)):
            return None
        replaced = _only(patterns.PLACE, before, what[place.start("place") : place.end("place")])
        rest = what[place.end() :]
        return _like_for_like(rest, replaced.rstrip(QUESTION_ENDS)) if replaced and rest else replaced
    if re.fullmatch(patterns.MEASURE, _simple(what)):
        asks = "是什么" if re.fullmatch(patterns.FACTS, _simple(what)) else "是多少"
        asks = to_traditional(asks) if is_traditional(before + what) else asks
        return f"{_measured(_simple(what), before)}{what}{asks}？"
    return _same_shape(what, before) or _same_ending(what, before)


def _only(pattern: str, before: str, new: str) -> str | None:
    """Replace what ``pattern`` finds, if it finds one place of it; between several the choice would be a guess."""
    found = list(re.finditer(pattern, _simple(before)))
    if len(found) != 1:
        return None
    return _put(new, before, *found[0].span())


def _with_year(year: str, period: str, before: str) -> str | None:
    words = _simple(before)
    found = list(patterns.DATE.finditer(words))
    # Whether the same day of another year is meant, nobody knows.
    if len(found) > 1 or patterns.ENGLISH_DAY.search(words):
        return None
    chinese = _is_chinese(before)
    dated = f"{year}年{period}".replace("年年", "年")
    if not found:
        return f"{dated}{before}？" if chinese else f"{before} in {year}?"
    [date] = found
    if not chinese:
        return _put(f"in {year}" if date["relative"] else year, before, *date.span())
    if date["relative"] or date["day"] or period:
        return _put(dated, before, *date.span())
    return _put(year, before, *date.span("year"))


def _put(new: str, before: str, start: int, end: int) -> str:
    return f"{before[:start]}{new}{before[end:]}{'？' if _is_chinese(before) else '?'}"


def _same_shape(what: str, before: str) -> str | None:
    """二本 for 一本, 3月10日 for 6月3日, 下半年 for 上半年."""
    words = _simple(what)
    numeral = "\\d+(?:\\.\\d+)?|[一二三四五六七八九十]+"
    if re.search(numeral, words) and re.sub(numeral, "", words).strip():
        shape = "".join(
            f"(?<!\\d)(?:{numeral})" if index % 2 else re.escape(part)
            for index, part in enumerate(re.split(f"({numeral})", words))
        )
        return _only(shape, before, what)
    for pair in (*patterns.OPPOSITES, *((b, a) for a, b in patterns.OPPOSITES)):
        if pair[0] in words:
            return _only(words.replace(*pair), before, what)
    return None


def _same_ending(what: str, before: str) -> str | None:
    """农村劳动力转移就业 for the 新增城镇就业 between year and question word: both end alike."""
    words = _simple(before)
    head = re.match(f"(?:{patterns.PLACE}|{patterns.YEAR}\\s*年{patterns.PERIOD}?|[的，,\\s在])+", words)
    tail = re.search(f"(?:是|有|为)?{patterns.ASKING}.{{0,8}}$", words)
    if not head or not tail or not 2 <= tail.start() - head.end() <= 12:
        return None
    body = words[head.end() : tail.start()]
    if len(what) < 4 or _simple(what)[-2:] != body[-2:]:
        return None
    return f"{before[: head.end()]}{what}{before[tail.start() :]}？"


def _topic(before: str) -> str:
    """Return the previous question without its question words."""
    if _is_chinese(before):
        kept, start = "", 0
        for match in re.finditer(patterns.QUESTIONING, _simple(before)):
            kept, start = kept + before[start : match.start()], match.end()
        topic = (kept + before[start:]).strip(" ，,的")
    else:
        topic = " ".join(re.sub(patterns.ENGLISH_QUESTIONING, " ", before).split())
    return topic if len(topic) > 1 else before


def _measured(measure: str, before: str) -> str:
    """Return the beginning of a question for a measure: 长葛的 after 长葛的人口是多少, else the whole topic."""
    if re.match(patterns.RATES, measure):
        return f"{_topic(before)}的"
    owner = re.match(
        f"(.{{2,}}?)的?(?:{patterns.AMOUNTS}|{patterns.FACTS})(?=(?:是|有|为|达到?|占)*{patterns.ASKING})",
        _simple(before),
    )
    return f"{before[: owner.end(1)]}的" if owner else f"{_topic(before)}，"


def _after_topic(asked: str, before: str) -> str:
    """Return the follow-up in its own words after the previous topic: always true to both, if not elegant."""
    return f"{_topic(before)}{'，' if _is_chinese(asked) else ': '}{asked}"


def _with_referent(
    asked: str, reference: re.Match[str], before: str, recent: Sequence[Exchange]
) -> str | None:
    start, end = reference.span("ref")
    word = reference["ref"]
    if reference["among"]:
        return _after_topic(asked, before)
    if word in ("他", "她"):
        person = _person(asked, before, recent)
        # What somebody else said or did is asked about the same occasion.
        again = re.match("还|又|也|(?:在会上)?(?:讲|说|指出|强调|要求|提)", _simple(asked)[end:])
        named = f"{asked[:start]}{person}{asked[end:]}"
        if person is None or _depends(named):
            return None
        return f"{_topic(before)}，{named}" if again and person not in before else named
    if word == "这" and asked[end : end + 1] in ("比", "占"):
        return asked[:start] + _topic(before) + asked[end:]
    if patterns.PLACE_REFERENCE.fullmatch(word):
        found = re.findall(patterns.PLACE, _simple(before))
        # 它 is a place only where the question is about nothing else.
        if len(found) == 1 and (
            word != "它" or re.match(f"{patterns.PLACE}的?(?:{patterns.MEASURE})", _simple(before))
        ):
            at = _simple(before).index(found[0])
            return asked[:start] + before[at : at + len(found[0])] + asked[end:]
    subject = re.match(
        f"(?P<what>{patterns.IDEO}[^，,]{{1,13}}?)(?:是)?(?:什么时候|为什么|在哪|怎么|何时)", _simple(before)
    )
    head = reference["head"]
    if subject and (word == "它" or (head and subject["what"].endswith(head))):
        return asked[:start] + before[: subject.end("what")] + asked[end:]
    return None


def _person(asked: str, before: str, recent: Sequence[Exchange]) -> str | None:
    """Return the one person that the last answer names, or else the previous question; None between several."""
    answer = _in_script_of(asked, _uncited(recent[-1].answer)).rstrip(QUESTION_ENDS)
    for text in (answer, before):
        found = {
            text[match.start("name") : match.end("name")]
            for match in patterns.PERSON.finditer(_simple(text))
            if not re.match(f"{patterns.MEASURE}|{patterns.PLACE}|高考|方案|项目", match["name"])
        }
        if not _is_chinese(asked):
            found |= {match.group() for match in patterns.ENGLISH_PERSON.finditer(text)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _english_by_rules(words: str, before: str, recent: Sequence[Exchange]) -> str | None:
    reference = _english_refers(words)
    if reference and _english_ellipsis(words) is None:
        word = (reference["ref"] or reference["last"]).lower()
        person = _person(words, before, recent) if word in ("he", "she", "him", "his") else None
        start, end = reference.span("ref" if reference["ref"] else "last")
        return person and f"{words[:start]}{person}{chr(39) + 's' if word == 'his' else ''}{words[end:]}?"
    what = _english_ellipsis(words)
    if what is None or reference:
        return None
    year = re.fullmatch(f"(?:(?:in|for)\\s+)?(?:the year )?({patterns.YEAR})", what, re.I)
    if year:
        return _with_year(year.group(1), "", before)
    names = [
        match
        for match in patterns.ENGLISH_NAME.finditer(before)
        if not patterns.NO_NAME.fullmatch(match.group())
    ]
    if re.fullmatch(r"(?:in )?[A-Z][a-z]+", what) and len(names) == 1 and not _is_chinese(before):
        return _put(what.removeprefix("in "), before, *names[0].span())
    return None
