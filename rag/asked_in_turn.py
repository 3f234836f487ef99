"""Two questions that are asked one after the other: of one time and then of another, or of two things by name."""

from __future__ import annotations

import re

from index.characters import IDEOGRAPHS
from rag.asked import asks
from rag.follow_ups import simple
from rag.part_patterns import EACH, MATTER, PLACE, TIME, TOGETHER, YEAR

_NAMES_ITS_MATTER = re.compile(rf"{PLACE}|{YEAR}|《[^》]+》")
# 常务副市长，12月28日会议时是谁，3月13日会议时又是谁
_ONCE = rf"(?:{TIME})[^，,？?]{{0,24}}?"
_ASKS_ONCE = "(?:时|的时候)?{}是(?:谁|哪位|多少[^，,？?]{{0,4}})"
_AGAIN = re.compile(
    rf"(?P<topic>[^，,？?]{{2,24}})[，,](?P<first>{_ONCE})(?P<asked>{_ASKS_ONCE.format('')})"
    rf"[，,](?P<second>{_ONCE})(?P<again>{_ASKS_ONCE.format('又')})[？?]*"
)
# 空气优良天数不一样，书记说多少天，市长说多少天
_SAYS_EACH = re.compile(
    "(?P<topic>[^？?]{4,60}?)[，,](?P<first>[^，,？?]{2,8}?)(?P<asked>(?:(?<!小)[说报提讲写][的了]?是?)(?:多少|几)[^，,？?]{0,4})"
    "[，,](?P<second>[^，,？?]{2,8}?)(?P=asked)[？?]*"
)
# 扶贫资金，8月张忠民说已投入多少，后来报告里又是投入多少; 食品产销对接会 供方企业几家 需方代表几家
_HOW_MUCH = f"(?:多少|(?<![好第十近没])(?<!没有)几(?![乎十百千内]))[{IDEOGRAPHS}]{{0,6}}"
_ASKS_AT_ITS_END = re.compile(rf"(?P<said>.{{3,28}}?)(?P<asked>{_HOW_MUCH}|是?谁|是?哪[位家个天里])[？?]*")
_THEN = re.compile("^(?:[后後][来來]|然[后後])")
_ALSO = re.compile("又(?=[是说說定要有达達给給實实投计計]|$)")
_TIME_ALONE = re.compile(rf"(?P<time>{TIME})的?(?P<plan>目标|计划|任务)?(?:要?达到?|定的?|是|为|的)*")
_WITH_ITS_TIME = re.compile(rf"(?P<time>{TIME})的?(?P<matter>.{{2,20}}?)(?:达到|达|完成|是|为|有)?")
# 同比增长 is of what was asked for first; 请问 is no topic.
_OF_THE_FIRST = re.compile("^(?:其中|同比|环比|增[长速幅加]|减少|下降|占|比|人均|排名|成绩|得分)")
_OPENING = re.compile("请问.*|[您你]好.*|麻烦.*|我?想(?:知道|问|了解).*|(?:根据|按照|据|截[至止]).*")
_COMMA = re.compile(r"(?<!\d)[，,]|[，,](?!\d{3}(?!\d))")  # not that of 1,000
_SPACE = re.compile(r"\s+")
_LEANS = re.compile("[这该其他她它此又还也]")
_TOPIC = re.compile("^(?P<topic>[^：:？?。]{2,24})[：:]")


_Parts = tuple[tuple[str, str], ...]


def asked_in_turn(question: str) -> _Parts:
    """Return the label and the question of each of two that are asked in turn; empty where there are no two."""
    return _again(question) or _one_after_another(question) or _questions(question)


def _again(question: str) -> _Parts:
    """Take apart what is asked of one time, or speaker, and then again of another."""
    words = simple(question)
    match = _AGAIN.fullmatch(words)
    if match is None or match["again"].replace("又", "") != match["asked"]:
        match = _SAYS_EACH.fullmatch(words)
    if match is None:
        return ()
    topic, asked, first, second = (
        question[slice(*match.span(name))] for name in ("topic", "asked", "first", "second")
    )
    if _TIME_ALONE.fullmatch(simple(second)) and not _TIME_ALONE.fullmatch(simple(first)):
        return ()  # 2020年的市长是谁，2023年又是谁: not who 2023 is
    return tuple((one, f"{topic}，{one}{asked}？") for one in (first, second))


def _one_after_another(question: str) -> _Parts:
    """Take apart two things that are asked of what is named before them.

    Between commas the second says that it is asked again (又是多少, 后来…); between spaces both are counted alike.
    """
    question = question.strip()
    words = simple(question)
    separator = _COMMA if _COMMA.search(words) else _SPACE
    gaps = list(separator.finditer(words))
    if EACH.search(words) or TOGETHER.search(words) or len(gaps) < 2:
        return ()
    topic = question[: gaps[-2].start()]
    clauses = question[gaps[-2].end() : gaps[-1].start()].strip(), question[gaps[-1].end() :].strip()
    one, other = (_ASKS_AT_ITS_END.fullmatch(simple(clause)) for clause in clauses)
    if one is None or other is None or asks(topic) or _OPENING.fullmatch(simple(topic)):
        return ()
    asked = [clause[slice(*match.span("asked"))] for clause, match in zip(clauses, (one, other), strict=True)]
    before, after = (clause[: match.end("said")] for clause, match in zip(clauses, (one, other), strict=True))
    then = _THEN.search(after) is not None
    if separator is _COMMA:
        alike = then or _ALSO.search(after) is not None
    else:
        alike = one["asked"] == other["asked"] and one["asked"] not in ("多少", "几")
    after = _ALSO.sub("", _THEN.sub("", after))
    if not alike or _OF_THE_FIRST.search(simple(after)):
        return ()
    time = _TIME_ALONE.fullmatch(simple(after))
    if time:
        after = _of_another_time(before, after, time, asked[1])
    elif re.search(YEAR, simple(before)) and not (then or re.search(YEAR, simple(after + topic))):
        return ()  # the second is of the same year, and does not say so
    if any(not MATTER.search(simple(text)) or _LEANS.search(simple(text)) for text in (topic, before, after)):
        return ()
    return tuple(
        (said.removesuffix("是"), f"{topic}，{said}{what}？")
        for said, what in zip((before, after), asked, strict=True)
    )


def _of_another_time(first: str, second: str, time: re.Match[str], asked: str) -> str:
    """Return 2021年收入目标是 for 2020年收入达到 and 2021年目标是; empty where it is not told of what.

    ``time`` is the match of the second.
    """
    matter = _WITH_ITS_TIME.fullmatch(simple(first))
    if not matter or matter["matter"].endswith("了"):
        return ""
    named = first[slice(*matter.span("matter"))]
    says_so = time["plan"] is None or matter["matter"].endswith(time["plan"])
    plan = "" if says_so else second[slice(*time.span("plan"))]
    return f"{second[: time.end('time')]}{named}{plan}{'' if simple(asked).startswith('是') else '是'}"


def _questions(question: str) -> _Parts:
    """Take apart two questions that follow one another, where each says what it is about."""
    words = simple(question)
    if EACH.search(words) or _LEANS.search(words):
        return ()
    topic = _TOPIC.match(words)
    pieces = [piece.strip() for piece in re.findall("[^？?]+[？?]*", question)]
    if not all(asks(piece) for piece in pieces):
        return ()
    if topic is not None:
        name = question[slice(*topic.span("topic"))]
        return tuple(("", piece if not n else f"{name}：{piece}") for n, piece in enumerate(pieces))
    if not all(_NAMES_ITS_MATTER.search(simple(piece)) for piece in pieces):
        return ()
    return tuple(("", piece) for piece in pieces)
