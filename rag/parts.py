"""Questions with two parts: two years, two places, or two questions in one, each answered on its own.

A small model that is asked for two figures at once mostly gives one of them, and one search for both finds the
passages of one. Only what can be told apart by its form is taken apart; one that compares or adds up two figures is a
calculation with two questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from index.characters import IDEOGRAPHS
from rag.asked_in_turn import asked_in_turn
from rag.english_parts import english_pair
from rag.follow_up_patterns import PLACES
from rag.follow_ups import simple
from rag.part_patterns import EACH, MATTER, PLACE, TIME, TOGETHER, YEAR

Operation = Literal["difference", "sum", "ratio"]

_MOST_PARTS = 3
_JOINER = r"\s*(?:和|与|及|以及|跟|、)\s*"
_TIMED = f"(?:{TIME})的?(?:(?![的和与及跟年月日])[{IDEOGRAPHS}]){{2,6}}"
# 市委全会讲话和政府工作报告里的数
_SOURCE = (
    "(?:(?![和与及跟、])[^，,。；？?：:]){1,24}?(?:讲话|报告|公报|规划|纲要)(?![会厅人局员组处院])"
    "(?:[里中上]的?(?:预计|实际|目标)?数[字据]?)?"
)
_OF_TIME_AND_PLACE = re.compile(f"(?:(?:{PLACE}|{TIME})的?)+")
_TELLS_OF_DOCUMENTS = re.compile("了|[审听]|[提递]交|通过|作的?[^，,]{0,3}报告")
_ZONE = f"(?:(?![的和与及跟年月日多少哪几向给对在])[{IDEOGRAPHS}]){{1,8}}?(?:集聚区|开发区|示范区|产业园|工业园|园区)"
# 市中医医院跟市第一人民医院
_KIND_OF_BODY = (
    "(?:医院|卫生院|[中小]学|大学|学院|公司|集团|银行|水库|大桥|桥(?=[和与及跟、，,的\\s]|分别|各|哪|$)"
    "|隧道|机场|车站|水厂|电厂|酒厂)"
)
_BODY = f"(?:(?![的和与及跟年月日在对给向从由问多少哪几])[{IDEOGRAPHS}]){{1,12}}?{_KIND_OF_BODY}"
# 年初计划和年底实际, 预算数和决算数
_PLANNED = (
    "(?:(?:年初|当初|最初|原先|原来|原)的?)?(?:计划|目标|预期|预算|预计|打算)(?:目标|安排|任务|完成|投资|数)?"
)
_DONE = "(?:(?:年底|年末|最后|最终|后来|全年)的?)?(?:实际|决算|真正|实绩)(?:完成|执行|建成|达到|投入|支出|收入)?数?"
_STAGE = f"(?:{_PLANNED}|{_DONE})"
_OF_BOTH_TOGETHER = re.compile("的?(?:共同|共建|联合|合[资作办]|之间|签[订署]|双方|间)")
_KINDS = (
    ("timed", _TIMED, "(?=[，,])"),
    ("time", TIME, ""),
    ("zone", _ZONE, ""),
    ("place", PLACE, ""),
    ("source", _SOURCE, ""),
    ("stage", _STAGE, r"(?=[，,\s]*(?:分别|各|相?差|[是为有的]))"),
)
_OF_BODIES = ("body", _BODY, "")


def _joined(kinds: Iterable[tuple[str, str, str]]) -> re.Pattern[str]:
    return re.compile(
        "|".join(
            rf"(?P<{kind}_first>{what}){_JOINER}(?P<{kind}_second>{what}){after}"
            for kind, what, after in kinds
        )
    )


_COORDINATION, _TWO_BODIES = _joined(_KINDS), _joined([_OF_BODIES])
# 南漳和新野2022年, 渚东和望溪两个区的; of names that are not as long the second may have more in it: 城镇和乡村人口
_OF_A_NAME = f"(?![的和与及跟年月日各分在这那两你我他她它其比])[{IDEOGRAPHS}]"
_NAME = f"(?:{_OF_A_NAME}){{2,4}}"
_OTHER_KIND = "[市县区镇乡级域块场城村委]"  # 县市, 市场, 区域
_TWO_OF_ONE_KIND = (
    f"(?:这?两个(?P<kind>[市县区镇乡])(?!{_OTHER_KIND})|(?P<two>这?两(?:家|地|边|座?城))(?=分别|各|的))"
)
_NAMES = re.compile(
    rf"(?:请问|在)?(?P<time>(?:{TIME})[的\s]*|)(?P<first>{_NAME}){_JOINER}(?P<second>{_NAME})"
    rf"(?:{_TWO_OF_ONE_KIND}|(?P<alone>(?=\s))|相?比(?:较|起来)?[，,](?={TIME})|(?={YEAR}|[的在各]|分别))"
)
# 新野城镇和农村居民的收入
_PART_OF_A_WHOLE = re.compile("(?:城镇|乡村|农村|居民|收入|支出|进口|出口|[工农林渔]业|产业|男|女|[老新]区)$")
_TWO_NAMES = re.compile(f"{_NAME}{_JOINER}{_NAME}")
_TWO_OF_A_KIND = re.compile(f"{_TWO_OF_ONE_KIND}|这?两年(?=[的各分])")
_TOPIC_OF_TWO = re.compile(
    f"[^，,。？?]{{4,30}}[，,](?=[^，,。？?]{{4,14}}{re.sub('[?]P<[a-z]+>', '?:', _TWO_OF_ONE_KIND)})"
)
_KNOWN = f"(?:(?:{PLACES})[市县区]?|[全本我]?[市县省国区])"
_WHICH_ONE = "哪[一个]?个?[年市县区镇地家边条座所]?"
# Whoever gets both figures sees which is the larger.
_WHICH_IS_LARGER = re.compile(
    rf"[，,？?\s](?:其中)?(?:{_WHICH_ONE}|谁)的?(?:更|比较)?[多高大快长](?:一?些|一?点)?[？?]*$"
)
# 2023年澄阳市和泽川市相比，哪个市的旅游总收入更高？各是多少？ 安沅和固桥这两个县，2018年的经济总量谁大，分别是多少
_WHICH = f"(?>{_WHICH_ONE}{_KIND_OF_BODY}?|谁)"
_LARGER = (
    "(?:[给定发收卖]得)?(?:更|比较)?[多高大快长][，,？?](?:每[月年人户天])?(?:又|分别|各自|各)(?:是|为|有)?"
    "(?P<asked>多少[^，,？?]{0,6})[？?]*$"
)
_LARGER_AND_EACH = (
    re.compile(f"[，,](?P<matter>[^，,？?]{{2,24}}?){_WHICH}{_LARGER}"),
    re.compile(f"(?<=的)(?P<matter>[^的和与及跟、，,？?]{{2,16}}?){_WHICH}{_LARGER}"),
    re.compile(f"(?:相?比(?:较|起来)?)?[，,]?{_WHICH}(?P<matter>[^，,？?]{{2,20}}?){_LARGER}"),
)
# 岚汀市和磐隆市，2024年哪个的茶叶综合产值高？
_LARGER_ALONE = re.compile(
    f"{_WHICH}的?(?P<matter>[^，,？?]{{0,16}}?)(?:更|比较)?[多高大快长](?:一?些|一?点)?[？?]*$"
)
# 对比一下2023上半年石梁县跟安陵县的规上工业增速
_ASKS_TO_COMPARE = re.compile("^(?:请|请你|帮我|帮忙|麻烦)?(?:对比|比较|比一?比|对照)(?:一?下)?[：:，,\\s]*")
_COMPARED_WITH = re.compile("比(?:较|起来)?(?=[，,])")
# What asks for a calculation, and what asks for one of its figures instead.
_ASKED_TOGETHER: tuple[tuple[Operation, re.Pattern[str], str], ...] = (
    ("difference", re.compile("(?:相差|(?<![顺逆温落出误时偏反])差)(?:了|是|为)?(?=多少|几(?!乎))"), "是"),
    ("difference", re.compile("的?(?:差距|差额)(?=[是为有]?多少)"), ""),
    ("sum", re.compile("的?(?:总和|之和|合计)(?=[是为]?多少)"), ""),
    ("sum", re.compile("(?:一共|总共|合计|共计|加起来)(?=[^，,。?？]{0,12}(?:多少|(?<!哪)几(?!乎)))"), ""),
)
_MORE = "(?:(?<![提降减])[多少高低大小]出?|增加|减少)了?(?P<asked>(?:多少|几)[^，,？?]{0,4})[？?]*$"
# 降了多少微克; 下降了多少 is mostly told as a percentage.
_FELL = (
    "(?:[升降涨]|下降|上升|提高|降低|下调|上调)了?"
    "(?P<asked>(?:多少|几)(?!个?百分|个点|成|倍)[^，,？?%]{1,4})[？?]*$"
)
_THAN: tuple[tuple[Operation, str, str], ...] = (
    ("difference", "(?<![相同环])比", f"[^，,]{{0,30}}?{_MORE}"),
    ("difference", "(?<![相同环])比", f"[^，,]{{0,30}}?{_FELL}"),
    ("ratio", "是", "[^，,]{0,30}?的?(?P<asked>多少|几)倍[？?]*$"),
)
_COMPARED = tuple(
    (operation, re.compile(f"(?P<first>{kind})(?P<matter>[^比是，,]{{2,30}}?){verb}(?P<second>{kind}){rest}"))
    for kind in (TIME, PLACE)
    for operation, verb, rest in _THAN
)
# 2023年琅湾的水产品总产量比汐州多多少, 给琅湾造成的损失比定澜多多少
_SHORT_NAME = f"(?:(?![给对向从本]){_OF_A_NAME}){{2,4}}?"
_NO_PLACE = "(?!全[省国市县区]|平均|预期|预算|计划|目标|[上去前]年|同期|上届|往年|节前|平时)"
_COMPARED_NAMES = re.compile(
    f"(?P<first>{_SHORT_NAME})(?P<matter>(?:造成|带来|发生)?的[^比是的，,]{{2,30}}?)(?<![相同环])比"
    f"{_NO_PLACE}(?P<second>{_SHORT_NAME}){_MORE}"
)
# 2023年空气优良天数，槐溆比澜皋多几天
_TOPIC_COMPARED = re.compile(
    f"(?P<matter>[^比，,？?]{{4,30}})[，,](?P<first>{_NAME})(?<![相同环对要会能])比{_NO_PLACE}(?P<second>{_NAME}){_MORE}"
)
# 2023、2024两年一共
_TWO_YEARS = re.compile(
    r"(?<!\d)((?:19|20)\d\d)年?\s*[、和与及跟]\s*((?:19|20)\d\d)年?(?:两年|年(?!这?两年))(?![初底末])"
)
_TAKEN_TOGETHER = re.compile("之间|两[年市县区地者个季]")
_ASKING = re.compile(
    "(?:多少|几)[百千]?[万亿]?(?:平方公里|公里|千米|米|亩|元|人|户|家|个|项)?|[是为有了各？?]"
)


@dataclass(frozen=True)
class Part:
    """A question of its own; ``label`` says which part of the whole it is, empty where that needs no saying."""

    label: str
    question: str


@dataclass(frozen=True)
class Calculation:
    """Two questions after a figure each, and what is to be done with the figures."""

    operation: Operation
    first: Part
    second: Part


def parts_of(question: str) -> tuple[Part, ...]:
    """Take a question apart; one that has no parts, or cannot be taken apart, is its only part."""
    question = _TWO_YEARS.sub(r"\1年和\2年", question)
    found = (
        _coordinated(question)
        or _chosen_from_two(question)
        or tuple(Part(*labelled) for labelled in english_pair(question) or asked_in_turn(question))
    )
    return found if 1 < len(found) <= _MOST_PARTS else (Part("", question),)


def calculation_of(question: str) -> Calculation | None:
    """Return what has to be calculated to answer: how far two figures are apart, their sum, how many times one is.

    The figures are of two times or two places that the question names: 2020年和2021年的生产总值相差多少？
    """
    question = _TWO_YEARS.sub(r"\1年和\2年", question)
    words = simple(question)
    topic = _TOPIC_COMPARED.fullmatch(words)
    if topic:
        matter, asked = (question[slice(*topic.span(name))] for name in ("matter", "asked"))
        names = [question[slice(*topic.span(name))] for name in ("first", "second")]
        return Calculation("difference", *(Part(name, f"{name}{matter}是{asked}？") for name in names))
    if EACH.search(words) or _TAKEN_TOGETHER.search(words) or re.search("[？?].", words):
        return None
    for operation, pattern, instead in _ASKED_TOGETHER:
        match = pattern.search(words)
        if match:
            parts = _for_each_of_two(question[: match.start()] + instead + question[match.end() :])
            if not parts or not all(_names_a_figure(part) for part in parts):
                return None
            return Calculation(operation, *parts)
    for operation, pattern in (*_COMPARED, ("difference", _COMPARED_NAMES)):
        match = pattern.search(words)
        if match:
            matter = question[slice(*match.span("matter"))]
            asked = "多少" if operation == "ratio" else question[slice(*match.span("asked"))]
            first, second = _both(question, match, "first", "second")
            ask = f"{question[: match.start()]}{{}}{matter}是{asked}？".format
            return Calculation(operation, Part(first, ask(first)), Part(second, ask(second)))
    return None


def _names_a_figure(part: Part) -> bool:
    """Whether a question names what it asks the figure of: 2020年是多少 does not."""
    return MATTER.search(_ASKING.sub("", simple(part.question).replace(simple(part.label), ""))) is not None


def _coordinated(question: str) -> tuple[Part, ...]:
    """Take apart 2020年和2021年的生产总值各是多少."""
    larger = next(filter(None, (pattern.search(simple(question)) for pattern in _LARGER_AND_EACH)), None)
    if larger:
        matter, asked = (question[slice(*larger.span(name))] for name in ("matter", "asked"))
        before = question[: larger.start()]
        names_two = _TWO_NAMES.fullmatch(simple(matter))  # 2023年的低保，明山和沅川哪边给得高
        first, second = (matter, before) if names_two else (before, matter)
        comma = "，" if first.endswith("比") else ""  # 桐泽跟澜州比，
        question = f"{first}{comma}{second}各是{asked}？"
    opening = _ASKS_TO_COMPARE.match(simple(question))
    question = _without(_WHICH_IS_LARGER, question[opening.end() if opening else 0 :])
    words = simple(question)
    if not (opening or EACH.search(words)) or TOGETHER.search(words):
        return ()
    parts = _for_each_of_two(question, sources=True) or _for_each_name(question)
    return tuple(Part(part.label, _without(EACH, part.question)) for part in parts)


def _chosen_from_two(question: str) -> tuple[Part, ...]:
    """Take apart what has the larger figure, where the figure is named: who gets both sees which it is."""
    match = _LARGER_ALONE.search(simple(question))
    if match is None or EACH.search(simple(question)):
        return ()
    named = question[: match.start()].rstrip("，, ") if not match["matter"] else question[: match.start()]
    asked = f"{named}{question[slice(*match.span('matter'))]}是多少？"
    parts = [
        Part(part.label, part.question.replace(f"{part.label}，", part.label))
        for part in _for_each_of_two(asked, sources=True) or _for_each_name(asked)
    ]
    return tuple(parts) if all(map(_names_a_figure, parts)) else ()


def _for_each_of_two(question: str, *, sources: bool = False) -> tuple[Part, Part] | tuple[()]:
    """Put each of the two times or places, or times with something each, that a question joins in the place of both.

    Or each of two ``sources``: what stands in two documents is never calculated with.
    """
    words = simple(question)
    joined = list(_COORDINATION.finditer(words))
    kinds = _KINDS if joined else (_OF_BODIES,)
    joined = joined or list(_TWO_BODIES.finditer(words))
    if len(joined) != 1:
        return ()
    match = joined[0]
    kind, another = next((kind, another) for kind, another, _ in kinds if match[f"{kind}_first"])
    if re.search("[、和与及跟]$", words[: match.start()]) or re.match(
        f"{_JOINER}(?:{another})", words[match.end() :]
    ):
        return ()  # one of three
    first, second = _both(question, match, f"{kind}_first", f"{kind}_second")
    if kind == "stage" and all(re.fullmatch(_PLANNED, simple(one)) for one in (first, second)):
        return ()  # 计划和目标
    if kind in ("source", "zone", "body") and not sources:
        return ()  # what is told of two of them together is no sum
    if kind in ("zone", "body") and re.match(_JOINER, words[match.end() :]):
        return ()  # one of three
    if kind == "body" and (
        _OF_BOTH_TOGETHER.match(words, match.end()) or len(re.findall(_JOINER, words)) > 1
    ):
        return ()
    if kind in ("source", "body"):
        if kind == "source" and _TELLS_OF_DOCUMENTS.search(simple(first)):
            return ()
        prefix = _OF_TIME_AND_PLACE.match(simple(first))
        if prefix and not _OF_TIME_AND_PLACE.match(simple(second)):
            second = first[: prefix.end()] + second
    compared = _COMPARED_WITH.match(words, match.end()) or _TWO_OF_A_KIND.match(words, match.end())
    before, after = question[: match.start()], question[compared.end() if compared else match.end() :]
    return Part(first, f"{before}{first}{after}"), Part(second, f"{before}{second}{after}")


def _for_each_name(question: str) -> tuple[Part, Part] | tuple[()]:
    """Put each of two names at the beginning of a question in the place of both."""
    match = _NAMES.match(simple(question))
    if match is None and (topic := _TOPIC_OF_TWO.match(simple(question))):
        # 2018年招商到位资金，青溪、泊阳两个区分别多少
        parts = _for_each_name(question[topic.end() :])
        before = question[: topic.end()]
        return parts and (
            Part(parts[0].label, before + parts[0].question),
            Part(parts[1].label, before + parts[1].question),
        )
    if match is None or len(match["first"]) != len(match["second"]) or match["first"][-1] in "期年月季":
        return ()
    places = [re.match(_KNOWN, match[name]) for name in ("first", "second")]
    whole = [place is not None and place.group() == place.string for place in places]
    if any(place and not alone for place, alone in zip(places, whole, strict=True)):
        return ()  # 许昌进口和出口总额: the place is that of both
    of_each = match["kind"] or match["alone"] is not None or match["two"]
    if not of_each and match.string[match.end()] == "的":
        of_each = not any(_PART_OF_A_WHOLE.search(match[name]) for name in ("first", "second"))
    if match["time"] and not (of_each or all(whole)):
        return ()  # 2021年全市城镇和乡村人口
    time = question[slice(*match.span("time"))]
    kind = question[slice(*match.span("kind"))] if match["kind"] else ""
    after = question[match.end() :]
    first, second = (question[slice(*match.span(name))] for name in ("first", "second"))
    return (
        Part(first, f"{time}{first.removesuffix(kind)}{kind}{after}"),
        Part(second, f"{time}{second.removesuffix(kind)}{kind}{after}"),
    )


def _both(question: str, match: re.Match[str], first_name: str, second_name: str) -> tuple[str, str]:
    """Return two times or places as the question writes them; a part of a year takes its year from the first."""
    first, second = (question[slice(*match.span(name))] for name in (first_name, second_name))
    year = re.match(YEAR, simple(first))
    if year and re.match(f"(?:{TIME})$", simple(second)):
        named = re.match(YEAR, simple(second))
        if not named:
            second = first[: year.end()] + second
        elif year.group().startswith("民国") and named.group()[0] == "1":
            second = first[:2] + second
    return first, second


def _without(pattern: re.Pattern[str], question: str) -> str:
    """Return a question without what a pattern for simplified words matches."""
    for match in reversed(list(pattern.finditer(simple(question)))):
        question = question[: match.start()] + question[match.end() :]
    return question
