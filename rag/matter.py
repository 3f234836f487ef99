"""Whether what is cited is about the matter that a question asks about: the same time, place, thing and figure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.folding import fold
from rag.asked import read_question
from rag.evidence import AskedTime, Evidence, beside, preceding
from rag.indicators import (
    asks_for_a_plan,
    is_another_indicator,
    is_how_many_there_are,
    is_only_planned,
    is_only_preliminary,
)
from rag.labels import is_labelled_otherwise
from rag.numbered import is_another_of_that_kind, is_corrected_away
from rag.places import is_elsewhere, is_of_the_wider_place, tells_of_another_place
from rag.prompting import detect_language
from rag.subjects import (
    is_another_item,
    is_of_another_event,
    is_of_another_phase,
    is_of_another_rank,
    is_of_many,
    is_of_the_whole,
    is_what_it_was_before,
)
from rag.terms import holds, quoted_terms
from rag.units import dimensions, is_for_each, is_no_average, is_paid_for_something_else
from rag.years import days, is_only_compared_with

_MONTH_AND_DAY = re.compile(r"-(\d\d)-(\d\d)$")
_ASKS_WHO_TOOK_A_PICTURE = re.compile(
    "(?:照片|图片|这张图)[^?？]{0,8}谁[^?？]{0,2}[拍摄]|谁[^?？]{0,3}[拍摄]的?[^?？]{0,8}(?:照片|图片)"
    "|(?:照片|图片)[的\\s]*(?:摄影|拍摄)[记作]?者|\\bwho (?:took|shot)\\b.*\\b(?:photo|picture)"
)
_TELLS_WHO_TOOK_A_PICTURE = re.compile("[摄拍]|照片|图片|供图|文/图|图/|图:|\\b(?:photo|picture|image)")
# 按2024年1月的市政府工作报告，…
_REPORT_OF_A_MONTH = re.compile(r"(20\d\d)年(\d{1,2})月(?:\d{1,2}日)?的?[^,。?\d]{0,10}(?:报告|讲话)")
_LABELLED = re.compile(r"(?:^|[,;。])\s*([一-鿿]{2,6})(?=:)")
_ASKS_WHICH = re.compile(r"[哪谁]|\b(?:which|who)\b")
_JUST_BEFORE = 40
_NEAR = 100
"""Characters to a term that the question quotes: so near are all answers of cmrc2018 (48) and 99% of DRCD's (175)."""


def other_matter(question: str, said: str, cited: Sequence[Evidence]) -> tuple[str, ...]:
    """Return what shows that all of the cited sentences are about another time, place or figure than asked about."""
    asked, asked_for = AskedTime.of(question), read_question(question)
    problems = []
    if all(asked.is_of_another_year(item.sentence, item.passage) for item in cited):
        problems.append("the source is about another year")
    if asked_for.parts and len(asked.years) > 1:
        around = [asked.years_around(item.sentence, item.passage) for item in cited]
        if not asked.years <= frozenset().union(*around):
            problems.append("the source is about one of the years alone")
    asked_days = days(question)
    if len(asked_days) > 1 and not asked_days <= frozenset().union(*map(_days_around, cited)):
        problems.append("the source is about one of the days alone")
    # Who was at a meeting: papers say in the same breath when it was.
    one_day = len(asked_days) == 1 and asked_for.person
    if one_day and all(around and not asked_days & around for around in map(_days_around, cited)):
        problems.append("the source is about another day")
    if all(asked.is_of_another_period(item.sentence) for item in cited):
        problems.append("the source is about another part of the year")
    elif all(asked.period_is_unsaid(item.sentence, item.passage) for item in cited):
        problems.append("the source does not say of which part of the year")
    # What is quoted to a claim, or for a reason, may have any figures beside what it says.
    of_figures = asked_for.number or not (
        asked_for.explanation or (asked_for.yes_or_no and not dimensions(question))
    )
    if of_figures and all(is_paid_for_something_else(question, said, item.sentence.text) for item in cited):
        problems.append("the source names this money for something else")
    if all(is_no_average(question, said, item.sentence.text) for item in cited):
        problems.append("the average was asked for")
    if all(is_for_each(question, said, item.sentence.text) for item in cited):
        problems.append("the source gives it for each unit")
    of_a_figure = not (asked_for.person or asked_for.explanation or _ASKS_WHICH.search(fold(question)))
    if of_a_figure and all(is_labelled_otherwise(question, said, item.sentence.text) for item in cited):
        problems.append("the source gives this figure for something else")
    if not (asked_for.explanation or asked_for.person) and all(
        is_another_indicator(
            question,
            item.sentence.text,
            preceding(item.sentence, item.passage),
            item.headings[-1] if item.headings else "",
        )
        for item in cited
    ):
        problems.append("the source is about another figure")
    of_a_picture = asked_for.person and _ASKS_WHO_TOOK_A_PICTURE.search(fold(question))
    if of_a_picture and not any(_TELLS_WHO_TOOK_A_PICTURE.search(fold(item.sentence.text)) for item in cited):
        problems.append("the source does not say who took the picture")
    if all(is_how_many_there_are(question, said, item.sentence.text) for item in cited):
        problems.append("the source tells how many there are, not how many were added")
    of_the_past = asked_for.number and not asks_for_a_plan(question)
    foretold = of_the_past and all(asked.is_foretold(item.passage) for item in cited)
    if foretold or all(is_only_planned(question, said, item.sentence.text, item.headings) for item in cited):
        problems.append("the source tells a plan")
    if all(is_only_preliminary(question, said, item.sentence.text) for item in cited):
        problems.append("the source gives a first estimate")
    if all(is_only_compared_with(question, said, item.sentence.text) for item in cited):
        problems.append("the source only compares with that year")
    if all(is_of_another_phase(question, _with_what_precedes(item)) for item in cited):
        problems.append("the source is about another phase")
    if all(is_of_another_rank(question, _with_what_precedes(item)) for item in cited):
        problems.append("the source is about another class")
    if all(
        is_another_of_that_kind(
            question,
            (item.sentence.text, *reversed(item.headings), item.passage.title),
            preceding(item.sentence, item.passage)[-_NEAR:],
        )
        for item in cited
    ):
        problems.append("the source is about another one of that kind")
    if all(is_corrected_away(question, said, item.sentence.text) for item in cited):
        problems.append("the source takes it back")
    if all(
        is_another_item(question, item.sentence.text, beside(item.sentence, item.passage, _NEAR))
        for item in cited
    ):
        problems.append("the source is about another item of its list")
    of_an_event = asked_for.time or asked_for.day
    if of_an_event and all(is_of_another_event(question, item.sentence.text) for item in cited):
        problems.append("the source tells of another event")
    if asked_for.number and all(is_what_it_was_before(question, said, item.sentence.text) for item in cited):
        problems.append("the source gives it as it was before")
    # The things of “九大行动” often stand in other passages than its name.
    terms = quoted_terms(question) if asked_for.items is None and not asked_for.yes_or_no else frozenset()
    # An English question gives names to say which it means; a text need not name them again in each sentence.
    english = detect_language(question) == "en"
    near = (
        beside(item.sentence, item.passage, len(item.passage.chunk.text) if english else _NEAR)
        for item in cited
    )
    if not any(holds(text, terms) for text in near):
        problems.append("the source does not speak of what the question quotes")
    if all(
        item.of_another
        or is_elsewhere(question, item.passage.surroundings(item.sentence))
        or tells_of_another_place(
            question,
            (item.sentence.text, preceding(item.sentence, item.passage)[-_NEAR:]),
            (item.passage.title, *item.headings),
            item.passage.beginning,
        )
        for item in cited
    ):
        problems.append("the source is about another place")
    if all(
        is_of_the_whole(question, said, item.sentence.text)
        # A figure may stand in the heading alone.
        or is_of_many(question, said, "\n".join((*item.headings, item.sentence.text)))
        or is_of_the_wider_place(question, item.sentence.text)
        for item in cited
    ):
        problems.append("the source tells it of more than was asked about")
    if not all(asked.is_compared_in(item.sentence, item.passage) for item in cited):
        problems.append("the source compares with another year")
    report = _REPORT_OF_A_MONTH.search(fold(question))
    if report and all(_is_of_another_month(item, int(report[1]), int(report[2])) for item in cited):
        problems.append("the source is not the report that was asked for")
    beside_them = fold("\n".join(text for item in cited for text in item.passage.surroundings(item.sentence)))
    labels = [label for label in _LABELLED.findall(fold(said)) if label in fold(question)]
    if any(label not in beside_them and label[:-1] not in beside_them for label in labels):
        problems.append("the source does not speak of each that the answer names")
    return tuple(problems)


def _is_of_another_month(item: Evidence, year: int, month: int) -> bool:
    """Whether a sentence is known to be written in another month."""
    written = item.passage.chunk.dateline
    return written.month is not None and (written.year, written.month) != (year, month)


def _with_what_precedes(item: Evidence) -> tuple[str, ...]:
    """Return a sentence with its headings and what stands just before it: 一期已建成。总投资3亿元。"""
    return (
        item.sentence.text,
        *item.headings,
        item.passage.title,
        preceding(item.sentence, item.passage)[-_JUST_BEFORE:],
    )


def _days_around(item: Evidence) -> frozenset[str]:
    """Return the days that are named in a sentence or around it, and the one that it was written on."""
    written = _MONTH_AND_DAY.search(item.passage.chunk.dateline.date)
    own = {f"{int(written[1])}月{int(written[2])}日"} if written else set()
    return days(" ".join(item.passage.surroundings(item.sentence))) | own
