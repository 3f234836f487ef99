"""Conversations: completing a follow-up question so that it can be understood, searched and answered alone.

The rules are chosen for precision: a question that they do not know is left as it is, since a question wrongly
completed is worse than one not completed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.characters import has_ideograph
from index.folding import is_traditional, to_simplified, to_traditional
from rag import follow_up_patterns as patterns
from rag.follow_ups import (
    QUESTION_ENDS,
    counts_only,
    ellipsis,
    english_ellipsis,
    english_reference,
    is_follow_up,
    simple,
)
from rag.generators.base import Generator
from rag.rewriting import rewritten

_EXCHANGES = 3
"""What was said longer ago is rarely meant, and could only mislead."""
_LONGEST = 1000
_CLAUSES = 3
"""More of them make no topic: the follow-ups of a long conversation piled up."""


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
    recent = _completed(history[-_EXCHANGES:])
    if not recent or not is_follow_up(asked, _said(recent[-1])):
        return question
    before = _in_script_of(asked, recent[-1].question).rstrip(QUESTION_ENDS)
    completed = _by_rules(asked, before, recent)
    if completed is None and generator is not None:
        said = [text for exchange in recent for text in (exchange.question, _uncited(exchange.answer))]
        completed = rewritten(asked, before, said, generator)
        completed = None if completed is None or is_follow_up(completed, "") else completed
    if completed is None:
        completed = _after_topic(asked, before)
    return completed if len(completed) <= _LONGEST else asked[:_LONGEST]


def _completed(history: Sequence[Exchange]) -> list[Exchange]:
    """Complete what was asked before: programs send each question as it was typed, and a follow-up has no topic."""
    recent: list[Exchange] = []
    for exchange in history:
        if _one_line(exchange.question):
            asked = _one_line(standalone_question(exchange.question, recent))
            recent.append(Exchange(asked, exchange.answer))
    return recent


def _said(exchange: Exchange) -> str:
    return f"{exchange.question} {_uncited(exchange.answer)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _uncited(answer: str) -> str:
    return re.sub(r"\s*\[\d+\]", "", _one_line(answer))


def _in_script_of(asked: str, text: str) -> str:
    if is_traditional(asked):
        return to_traditional(text)
    telling = patterns.EITHER_SCRIPT.sub("", asked)
    return to_simplified(text) if to_traditional(telling) != telling else text


def _by_rules(asked: str, before: str, recent: Sequence[Exchange]) -> str | None:
    words = simple(asked).rstrip(QUESTION_ENDS)
    if not has_ideograph(words):
        return _english_by_rules(words, before, recent)
    if patterns.MORE.fullmatch(words):
        return f"{before}，{asked}"
    reference = patterns.REFERRING.match(words)
    if reference:
        return _with_referent(asked, reference, before, recent)
    which = patterns.THEN_WHICH.fullmatch(words)
    if which:
        # What was asked of somebody else must not come along: 2020年高考，哪个学生上了清华.
        occasion, comma, _ = before.partition("，")
        return f"{occasion}，{asked[which.start('what') :]}" if comma else None
    what = ellipsis(words)
    if what is not None:
        start = words.rindex(what)
        return _like_for_like(asked[start : start + len(what)].strip("的 "), before)
    return _with_topic(asked, before)


def _with_topic(asked: str, before: str) -> str | None:
    """Complete a question without a subject: 增长率是多少, 比上一年多了几个, 为什么."""
    if not has_ideograph(before):
        return None
    words = simple(asked)
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
    if not has_ideograph(before):
        return None
    period = re.fullmatch(f"{patterns.ALONE}?(?P<period>{patterns.PERIOD})(?:那?一?段|的时候)?", simple(what))
    if period:
        return _with_period(what[period.start("period") : period.end("period")], before)
    place = re.match(f"(?:在|到)?(?P<place>{patterns.PLACE})(?:的|$)", simple(what))
    if place:
        if patterns.LOCAL.search(simple(before)):
            return None
        named = what[place.start("place") : place.end("place")]
        replaced = _only(patterns.PLACE, before, named)
        if replaced is None and re.search("[市县区镇乡村省]$", simple(named)):  # the town of a city is a town
            replaced = _only(f"{patterns.PLACE}(?<={simple(named)[-1]})", before, named)
        rest = what[place.end() :]
        return _like_for_like(rest, replaced.rstrip(QUESTION_ENDS)) if replaced and rest else replaced
    if re.fullmatch(patterns.MEASURE, simple(what)):
        asks = "是什么" if re.fullmatch(patterns.FACTS, simple(what)) else "是多少"
        asks = to_traditional(asks) if is_traditional(before + what) else asks
        return f"{_measured(simple(what), before)}{what}{asks}？"
    return _same_shape(what, before) or _same_ending(what, before)


def _only(pattern: str, before: str, new: str) -> str | None:
    """Replace what ``pattern`` finds, if it finds one place of it; between several the choice would be a guess."""
    found = list(re.finditer(pattern, simple(before)))
    if len(found) != 1:
        return None
    return _put(new, before, *found[0].span())


def _with_year(year: str, period: str, before: str) -> str | None:
    words = simple(before)
    found = list(patterns.DATE.finditer(words))
    # Whether the same day of another year is meant, nobody knows.
    if len(found) > 1 or patterns.ENGLISH_DAY.search(words):
        return None
    chinese = has_ideograph(before)
    dated = f"{year}年{period}".replace("年年", "年")
    if not found:
        return f"{dated}{before}？" if chinese else f"{before} in {year}?"
    [date] = found
    if not chinese:
        return _put(f"in {year}" if date["relative"] else year, before, *date.span())
    if date["relative"] or date["day"] or period:
        return _put(dated, before, *date.span())
    return _put(year, before, *date.span("year"))


def _with_period(period: str, before: str) -> str | None:
    """Put 上半年 in place of 全年, or after the only year."""
    found = [date for date in patterns.DATE.finditer(simple(before)) if not date["relative"]]
    if len(found) != 1 or found[0]["day"]:
        return None if found else _only(patterns.PERIOD, before, period)
    return _put(f"{found[0]['year']}年{period}", before, *found[0].span())


def _put(new: str, before: str, start: int, end: int) -> str:
    return f"{before[:start]}{new}{before[end:]}{'？' if has_ideograph(before) else '?'}"


def _same_shape(what: str, before: str) -> str | None:
    """二本 for 一本, 3月10日 for 6月3日, 下半年 for 上半年."""
    words = simple(what)
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
    words = simple(before)
    head = re.match(f"(?:{patterns.PLACE}|{patterns.YEAR}\\s*年{patterns.PERIOD}?|[的，,\\s在])+", words)
    tail = re.search(f"(?:是|有|为)?{patterns.ASKING}.{{0,8}}$", words)
    if not head or not tail or not 2 <= tail.start() - head.end() <= 12:
        return None
    body = words[head.end() : tail.start()]
    if len(what) < 4 or simple(what)[-2:] != body[-2:]:
        return None
    return f"{before[: head.end()]}{what}{before[tail.start() :]}？"


def _topic(before: str) -> str:
    """Return the previous question without its question words."""
    if not has_ideograph(before):
        return _english_topic(before)
    kept, start = "", 0
    for match in re.finditer(patterns.QUESTIONING, simple(before)):
        kept, start = kept + before[start : match.start()], match.end()
    topic = (kept + before[start:]).strip(" ，,的")
    clauses = topic.split("，")
    if len(clauses) > _CLAUSES:
        topic = f"{clauses[0]}，{clauses[-1]}"
    return topic if len(topic) > 1 else before


def _measured(measure: str, before: str) -> str:
    """Return the beginning of a question for a measure: 长葛的 after 长葛的人口是多少, else the whole topic."""
    if re.match(patterns.RATES, measure):
        return f"{_topic(before)}的"
    owner = re.match(
        f"(.{{2,}}?)的?(?:{patterns.AMOUNTS}|{patterns.FACTS})(?=(?:是|有|为|达到?|占)*{patterns.ASKING})",
        simple(before),
    )
    return f"{before[: owner.end(1)]}的" if owner else f"{_topic(before)}，"


def _after_topic(asked: str, before: str) -> str:
    """Return the follow-up in its own words after the previous topic: always true to both, if not elegant."""
    topic = _topic(before)
    if not topic:
        return asked  # the question before was nothing but a mark
    if has_ideograph(asked):
        of_occasion = patterns.OF_OCCASION.search(simple(asked).rstrip(QUESTION_ENDS))
        return f"{_occasion(topic) if of_occasion else topic}，{asked}"
    first = re.match(r"\w*", asked)
    # A name keeps its capital.
    if first and patterns.ENGLISH_GENERIC.fullmatch(first.group()):
        asked = asked[0].lower() + asked[1:]
    return f"{topic[0].upper()}{topic[1:]}: {asked}"


def _occasion(topic: str) -> str:
    """Return 产销对接会 for 产销对接会现场签约合同金额: what else happened there is asked about the occasion."""
    occasion = patterns.OCCASION.search(simple(topic))
    return topic[: occasion.end()] if occasion else topic


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
        again = re.match("还|又|也|(?:在会上)?(?:讲|说|指出|强调|要求|提)", simple(asked)[end:])
        named = f"{asked[:start]}{person}{asked[end:]}"
        if person is None or is_follow_up(named, ""):
            return None
        return f"{_topic(before)}，{named}" if again and person not in before else named
    if word == "这" and asked[end : end + 1] in ("比", "占"):
        return asked[:start] + _topic(before) + asked[end:]
    if patterns.PLACE_REFERENCE.fullmatch(word):
        found = re.findall(patterns.PLACE, simple(before))
        # 它 is a place only where the question is about nothing else.
        if len(found) == 1 and (
            word != "它" or re.match(f"{patterns.PLACE}的?(?:{patterns.MEASURE})", simple(before))
        ):
            at = simple(before).index(found[0])
            return asked[:start] + before[at : at + len(found[0])] + asked[end:]
    subject = re.match(
        f"(?P<what>{patterns.IDEO}[^，,]{{1,13}}?)(?:是)?(?:什么时候|为什么|在哪|怎么|何时)", simple(before)
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
            for match in patterns.PERSON.finditer(simple(text))
            if not re.match(f"{patterns.MEASURE}|{patterns.PLACE}|高考|方案|项目", match["name"])
        }
        if not has_ideograph(asked):
            found |= {match.group() for match in patterns.ENGLISH_PERSON.finditer(text)}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _english_by_rules(words: str, before: str, recent: Sequence[Exchange]) -> str | None:
    reference = english_reference(words)
    if reference and english_ellipsis(words) is None:
        word = (reference["ref"] or reference["last"]).lower()
        person = _person(words, before, recent) if word in ("he", "she", "him", "his") else None
        start, end = reference.span("ref" if reference["ref"] else "last")
        return person and f"{words[:start]}{person}{chr(39) + 's' if word == 'his' else ''}{words[end:]}?"
    what = english_ellipsis(words)
    if reference:
        return None
    if what is None:
        return _counted(words, before) or _after_topic(f"{words}?", before)
    year = re.fullmatch(f"(?:(?:in|for)\\s+)?(?:the year )?({patterns.YEAR})", what, re.I)
    if year:
        return _with_year(year.group(1), "", before)
    names = [
        match
        for match in patterns.ENGLISH_NAME.finditer(before)
        if not patterns.NO_NAME.fullmatch(match.group())
    ]
    if re.fullmatch(r"(?:in )?[A-Z][a-z]+", what) and len(names) == 1 and not has_ideograph(before):
        return _put(what.removeprefix("in "), before, *names[0].span())
    return None


def _counted(words: str, before: str) -> str | None:
    """Put another thing to count into the previous question: and how many buyers."""
    what = counts_only(words)
    counted = patterns.ENGLISH_COUNTED.match(before)
    return what and counted and counted["counts"] and f"How {what}{before[counted.end('thing') :]}?"


def _english_topic(before: str) -> str:
    """Return "the projects that Changge signed in 2020" for "How many projects did Changge sign in 2020"."""
    completed = patterns.ENGLISH_COMPLETED.match(before)
    if completed:
        return completed["topic"]
    event = patterns.ENGLISH_EVENT.match(before)
    asked = patterns.ENGLISH_ASKED_OF.fullmatch(before[event.end() :].strip()) if event else None
    if event and asked:
        return f"{'what ' if event['amount'] else ''}{_statement(asked)}"
    counted = patterns.ENGLISH_COUNTED.match(before)
    if not counted:
        topic = " ".join(re.sub(patterns.ENGLISH_QUESTIONING, " ", before).split())
        return topic if len(topic) > 1 else before
    rest = before[counted.end("thing") :].strip()
    asked = patterns.ENGLISH_ASKED_OF.fullmatch(rest)
    return f"the {counted['thing']} that {_statement(asked) if asked else rest}"


def _statement(asked: re.Match[str]) -> str:
    """Return "Changge signed in 2020" for "did Changge sign in 2020"."""
    auxiliary, who, verb = asked["aux"].lower(), asked["who"], asked["verb"]
    if auxiliary == "did":
        verb = _past(verb)
    elif auxiliary not in ("do", "does"):
        verb = f"{auxiliary} {verb}"
    return f"{who} {verb}{asked['rest']}"


def _past(verb: str) -> str:
    if verb in patterns.ENGLISH_PAST:
        return patterns.ENGLISH_PAST[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search("[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    doubled = re.fullmatch("[^aeiou]*[aeiou][^aeiouwxy]", verb)
    return f"{verb}{verb[-1] if doubled else ''}ed"
