"""Whether a passage is about the place that a question names: 大周镇's secretary is not the city's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache, lru_cache

from index.characters import IDEOGRAPHS
from index.folding import to_simplified
from rag.asked import read_question
from rag.follow_up_patterns import PLACES, SUFFIXED

_PLACE = re.compile(f"{SUFFIXED}(?![村镇土亲愁音])")
# 第一大镇, 哪个乡 and 美丽乡村 name none.
_NO_NAME = re.compile("[一第哪每很更其及个各何几]|(?:农村|乡村|乡镇|城镇|山村|渔村|[下回返家故还进]乡)$")
# Not what is only called after a place: 北京大学, 南京路, 河南日报.
_CITY = re.compile(
    # nor 台南 of 平台南侧
    f"(?<!不是)(?<!并非)(?<!除了)(?:(?<![平舞烟电柜适])(?:{PLACES})[省市县区]?|{SUFFIXED}(?!长))"
    "(?!(?:人民|工业|科技|师范)?大学|学院|路|街|大道|[日晚时早晨商]报|银行|卫视|机场|火?车?站|队|菜|话|人[的民]?|式|号)"
)
_KNOWN = re.compile(PLACES)
_IN_LATIN_LETTERS = re.compile(
    r"\b[A-Z][a-z]+(?:['’](?!s\b)[a-z]+)?\b(?!\s+(?:University|College|Technological|Normal|Hospital|Park|Road|Street|Daily|Bank|Airport|Station))"
)
# Li Jian is a person, and Dali painted.
_OTHER_WORDS = frozenset({"jian", "luan", "dali", "xinyu", "jinhua", "yanan"})
_READ_OTHERWISE = {"长": "chang", "漯": "luo"}
# What a report says of a city, it says of a place in its province.
_PROVINCE = re.compile(
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海|台湾|内蒙古|广西"
    "|西藏|宁夏|新疆"
)
# 专访市委统战部 names no city of 专访, nor 都市圈的核心区 one of 核心.
_NO_CITY = re.compile(
    "[哪每第各何几什么主其该此个访请陪听跨]|自治|核心|示范|试验|棚户|开发|高新|经开|保护|旅游|商务|居住|自贸"
    "|建成|百强|贫困|扶贫|集聚|禁养|滞洪|生态|试点|农贸|省辖|地级|县级|行政"
)
# What a place does with another one, or brings from there, its own report tells.
_PARTNER = (
    "(?:从|与|和|跟|往|到|去|赴|向|来自|援建|对口[^,，]{{0,4}}|比){name}"
    "|{name}[市县区省]?(?:引进|引来|疫情|方向|的?(?:快速|高铁|铁路|高速|航班))"
)
# 跟永桐县 of 石陂县跟永桐县
_BEFORE_A_CITY = re.compile("^[跟与及到去从给让](?=..)")
_CITY_SUFFIX = re.compile("[市县区省]$")
# 市长期 and 书记员 are none.
_OFFICE = "[省市县区]?(?:委|人民政府|政府)?(?:常务)?副?(?:书记(?!员)|[省市县区]长(?![期途江度效远]))"
_RANKED = (
    "(?:第[一二三四五六七八九十\\d]+(?:位|名(?!单))|前列|平均(?:水平|数|值|线)|排名|首位|总[数额量](?!控)"
    "|近?[一二三四五]分之)"
)
_REPORT_ON_A_PLACE = re.compile("政府工作报告|人民代表大会|统计公报|预算(?:执行|草案)|经济运行|国民经济")
# 在槐溆市第七届人大常委会; not 在市委的领导下
_OWNER_OF_A_REPORT = re.compile(
    f"(?:(?![我本各该代表们在年月日])[{IDEOGRAPHS}]){{2,4}}[市县区](?=第[^，。]{{1,4}}届|人民代表大会|人大|人民政府|统计局|审计局|财政局)"
)
_RANK_AMONG = re.compile("第几|排名|位次|位列")
# but not a county's own figure that is measured by it: 居全市首位, 全县…是全市最大的
_OF_ALL_THE_CITY = re.compile(
    "^(?!.*(?:[全我该本][县区]|[区县]内)).*?(?<![占居列在是为于])(?<!位居)(?<!来自)(?<!高于)(?<!低于)"
    "全市(?!首位|第[一二三\\d]|前列|最|平均|[^,，。]{0,6}会)",
    re.DOTALL,
)
_OF_ANOTHER_LEVEL = re.compile("[全我该本各][县区省国镇乡村州]|[区县省村]内|街道|社区")
# 明山日报, 明山市政府工作报告
_DAILY = "[日晚时早晨商朝]报"
_PAPER = f"(?:{_DAILY}|电视台)"
_NEWSPAPER = re.compile(
    f"\\W*(?P<city>[{IDEOGRAPHS}]{{2,4}}?)(?:{_DAILY}(?![告道送到名])|报(?=\\s*(?:19|20)\\d\\d\\s*年))"
)
_PAPER_CHARS = 20
_OWNER = "[市县区](?!.{0,8}?(?:医院|学校|学院|大学|[中小]学|公司|集团))"
_ALL_OF_IT = re.compile("全[市县]")
_JOINS_OR_COMPARES = re.compile("[和与跟、比排占]")
_OFTEN = 5
_AGAIN_AND_AGAIN = 3
_PLACE_CHARS = 600
_FEWER_PLACES = 0.7
"""Of the places of a page at which the city is named that it is about; 市委书记 is that one's."""
_SELDOM = 0.1
"""Of how often the place is named that a document names most."""


def small_places(question: str) -> frozenset[str]:
    """Return the towns, townships and villages that a question names, without 镇, 乡 and 村, in simplified script.

    Cities and counties are left out: a document is often about one throughout without naming it again.
    """
    found = (match.group() for match in _PLACE.finditer(to_simplified(question)))
    return frozenset(name[:-1] for name in found if name[-1] in "镇乡村" and not _NO_NAME.search(name))


def is_elsewhere(question: str, texts: tuple[str, ...]) -> bool:
    """Whether a question names towns or villages, and ``texts`` none of them."""
    named = small_places(question)
    around = to_simplified("\n".join(texts))
    return bool(named) and not any(name in around for name in named)


def cities(text: str) -> tuple[str, ...]:
    """Return the cities and counties that ``text`` names, without their suffix and in simplified script.

    Of names that stand together, 许昌市襄城县, the last: it is the place that is meant.
    """
    named: dict[int, str] = {}
    for match in _CITY.finditer(to_simplified(text)):
        found = _BEFORE_A_CITY.sub("", match.group())
        named.pop(match.end() - len(found), None)
        known = _KNOWN.search(found)  # 许昌 of 2022年底许昌市
        if known or (found[-1] in "市县区" and not _NO_CITY.search(found)):
            name = known.group() if known else _CITY_SUFFIX.sub("", found)
            if not _PROVINCE.fullmatch(name):
                named[match.end()] = name
    return (*named.values(), *_cities_in_pinyin(text))


def _cities_in_pinyin(text: str) -> tuple[str, ...]:
    """Return the known cities that English text names: 常熟 for Changshu; none for Suzhou, which is 苏州 and 宿州."""
    known = _known_in_pinyin() if _IN_LATIN_LETTERS.search(text) else {}
    words = (re.sub("['’]", "", word).lower() for word in _IN_LATIN_LETTERS.findall(text))
    found = (known.get(word, ()) for word in words)
    return tuple(names[0] for names in found if len(names) == 1)


@cache
def _known_in_pinyin() -> dict[str, tuple[str, ...]]:
    from pypinyin import lazy_pinyin

    read: dict[str, tuple[str, ...]] = {}
    for name in PLACES.split("|"):
        syllables = (
            _READ_OTHERWISE.get(one, read_as) for one, read_as in zip(name, lazy_pinyin(name), strict=True)
        )
        written = "".join(syllables)
        if not _PROVINCE.fullmatch(name) and written not in _OTHER_WORDS:
            read[written] = (*read.get(written, ()), name)
    return read


def is_of_another_city(question: str, texts: Sequence[str], document: str) -> bool:
    """Whether a question names a city or county that ``texts`` do not, and their document is about another one.

    A document is about another one where it names that often, and the one of the question hardly ever, or says again
    and again how it stands among those of the question's (居许昌第3位), or is a newspaper of another city that says
    nothing of this one there; who holds an office of a city is said where the city is named, or in a document that does
    not name another all over.
    """
    around = to_simplified("\n".join(texts))
    asked = to_simplified(question)
    named, near = cities(question), _cities_in_pinyin(around)
    missing = [name for name in named if name not in around and name not in near]
    if not missing:
        return False
    counts = _named_in(document)
    most = max(counts.values(), default=0)
    officials = [name for name in missing if re.search(f"{name}{_OFFICE}", asked)]
    if officials and read_question(question).person:
        spread = _spread_in(document)
        if any(spread[name] < _FEWER_PLACES * max(spread.values(), default=0) for name in officials):
            return True
    if len(missing) == len(named) and all(_ranks(name, document) for name in missing):
        return True
    paper = _NEWSPAPER.match(to_simplified(document[:_PAPER_CHARS]))
    kind = "[市县]" if paper and f"{paper['city']}县" in to_simplified(document) else "市"
    if paper and paper["city"] not in asked and all(re.search(f"{name}{kind}", asked) for name in named):
        return len(missing) == len(named)
    return most >= _OFTEN and any(counts[name] < _SELDOM * most for name in missing)


def is_under_another_city(question: str, headings: Sequence[str], document: str) -> bool:
    """Whether headings name a city that is known, and neither they nor the document any that a question names.

    A short article names its own city but once or twice.
    """
    named, asked = cities(question), to_simplified(question)
    headed = [name for name in cities("\n".join(headings)) if _KNOWN.fullmatch(name)]
    if not named or not headed or any(name in asked for name in headed):
        return False
    text, in_document = to_simplified(document), _named_in(document)
    return not any(name in text or in_document[name] for name in named)


def tells_of_another_place(
    question: str, texts: Sequence[str], headings: Sequence[str], beginning: str = ""
) -> bool:
    """Whether a sentence is in a report on another city or county, or of 全市, and not of the place asked about.

    What a city aims at is no answer to what one of its counties does, though its report may name that elsewhere.

    Args:
        question: as it was asked.
        texts: the sentence and what stands just before it.
        headings: above it, the title of the document among them.
        beginning: of the document, where these may leave unsaid whose report it is.
    """
    above, asked = to_simplified("\n".join(headings)), to_simplified(question)
    named = [name for name in cities(question) if not re.search(_PARTNER.format(name=name), asked)]
    of = cities(above)
    if not of and _REPORT_ON_A_PLACE.search(above):
        begins = to_simplified(beginning)
        above = f"{above}\n{begins}"
        of = tuple(name for owner in _OWNER_OF_A_REPORT.findall(begins) for name in cities(owner))
    of_a_part = any(re.search(f"{name}[县区]", asked) for name in named) and not _ALL_OF_IT.search(asked)
    of_the_whole = of_a_part and _OF_ALL_THE_CITY.search(to_simplified(texts[0])) is not None
    if not named or not (of_the_whole or (of and _REPORT_ON_A_PLACE.search(above))):
        return False
    # What stands before a sentence about all the city may be about the county, and is no part of it.
    near = to_simplified("\n".join((*(texts[:1] if of_the_whole else texts), above)))
    return not any(
        name in near or name in _cities_in_pinyin(near) or any(_sounds_like(name, other) for other in of)
        for name in named
    )


def city_left_unsaid(question: str, text: str, beginning: str) -> str:
    """Return the city or county that a question names and ``text`` does not, being of a document that is of that city.

    Of a page of 明山日报, and of 明山市政府工作报告, 全市 is 明山. Empty where the text is of a county, a town or the
    country or names another city, and where the document begins otherwise.

    Args:
        question: as it was asked.
        text: a sentence and what it stands under.
        beginning: of its document, with the title.
    """
    # This is asked of every sentence that is read.
    asked, (of_paper, first) = to_simplified(question), _names_at(beginning)
    # 松远坡的市中医医院 as well
    named = tuple(
        dict.fromkeys((*cities(question), *(name for name in (*of_paper, *first) if name in asked)))
    )
    around = to_simplified(text) if named else ""
    if not named or any(name in around for name in named) or _OF_ANOTHER_LEVEL.search(around) or cities(text):
        return ""
    begins = to_simplified(beginning)
    for name in named:
        owner = f"{_PAPER}|{_OWNER}" if first == (name,) else _PAPER
        if re.search(f"{re.escape(name)}(?:{owner})", begins):
            return name
    return ""


@lru_cache(maxsize=64)
def _names_at(beginning: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the city of the newspaper that a document begins as, and the first city that is named there, if any."""
    papers = (_NEWSPAPER.match(line) for line in re.split(r"[\n ]", to_simplified(beginning)))
    return tuple(paper["city"] for paper in papers if paper)[:1], cities(beginning)[:1]


def _sounds_like(name: str, other: str) -> bool:
    """Whether a name is another one misspelt (云糖 of 云塘), or with what stands before it (作栖梧)."""
    from pypinyin import lazy_pinyin

    return other in name or (not _KNOWN.fullmatch(name) and lazy_pinyin(name) == lazy_pinyin(other))


def is_of_the_wider_place(question: str, source: str) -> bool:
    """Whether a question is about a place in a city that it names too, and ``source`` tells of all the city.

    宜昌全市222个项目 is no answer to how many 宜都市 had on the day when 宜昌 began them all.
    """
    asked, text = to_simplified(question), to_simplified(source)
    named = cities(question)
    if len(named) < 2 or named[-1] in text or _ALL_OF_IT.search(asked) or _RANK_AMONG.search(asked):
        return False
    for name in named[:-1]:
        between = asked.partition(name)[2].partition(named[-1])[0]
        if not _JOINS_OR_COMPARES.search(between) and re.search(f"{name}[市县]?{_ALL_OF_IT.pattern}", text):
            return True
    return False


@lru_cache(maxsize=64)
def _ranks(name: str, document: str) -> bool:
    """Whether a document says again and again how what it is about stands among the places of ``name``."""
    text = re.sub(r"\s", "", to_simplified(document))
    ranked = re.findall(f"{name}市?的?{_RANKED}|(?:全省|全国)、{name}市?(?:前列|平均水平)", text)
    return len(ranked) >= _AGAIN_AND_AGAIN


@lru_cache(maxsize=32)
def _named_in(document: str) -> Counter[str]:
    return Counter(cities(document))


@lru_cache(maxsize=32)
def _spread_in(document: str) -> Counter[str]:
    """Count at how many places of a document each city is named: one article may name its own ten times."""
    starts = range(0, len(document), _PLACE_CHARS)
    return Counter(name for start in starts for name in set(cities(document[start : start + _PLACE_CHARS])))
