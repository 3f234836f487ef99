"""Whether a source is about the thing that a question names: a school, a company, a bridge.

Reports tell of many like things side by side, and a small model takes the figure of one, or of all of them together,
for that of another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from index.characters import IDEOGRAPHS
from index.folding import fold, to_simplified
from index.lexical import LexicalIndex
from rag.numbers import numbers
from rag.terms import quoted_terms
from rag.units import clauses_of, clauses_that_hold

_KINDS = (
    "学校|小学|中学|高中|大学|学院|幼儿园|医院|卫生院|公司|集团|银行|大桥|公园|广场|社区|小区|花园|家园|新村|水库|电站|电厂|工厂|图书馆|博物馆|体育馆"
    "|体育场|纪念馆|美术馆|科技馆|文化馆|机场|车站|铁路|高速公路|产业园|工业园|示范园|开发区|集聚区|养老院|敬老院|合作社|农场|林场"
    "|抽水站|泵站|水厂|污水处理厂|隧道|大厦|剧院|酒店|宾馆|地铁|捷运|轻轨"
)
# What a question may put before a name is left out by looking at its end alone.
_NAMED = re.compile(f"(?P<stem>[{IDEOGRAPHS}A-Za-z]{{2,12}}?)(?P<kind>{_KINDS})")
_ITEM = re.compile(r"\W{0,2}(?:[(（]?[一二三四五六七八九十\d]{1,2}[)）、.](?!\d)|[◆▲●■])")
_STEM_CHARACTERS = 3
_LEGAL_FORM = re.compile("(?:股份|有限|责任|控股|投资|发展|实业)+$")
_NO_NAME = re.compile(
    "[的了在对和与及是个家所座条这那该哪几多少各每些级型性新老大小全民营办类有等为给到]$|什么|怎么"
    "|(?:加快|推进|推动|建设|老旧|新建|建成|智慧|幸福|企业|上市)$"
)
_BUSINESS = re.compile(
    f"公司|集团|[{IDEOGRAPHS}]{{2}}[食铝药牧渔林矿钢乳酒纸纺实]业|\\b(?:company|inc|corp|ltd|group)\\b"
)
_WHOLE = re.compile("全[市县省国区州镇乡球行]|\\b(?:nationwide|citywide)\\b")

_MANY = re.compile(
    "\\d+\\s*余?[个家项座条所][^，,。；;]{0,10}?(?:项目|企业|工程|学校)|(?:项目|企业|工程|学校)\\s*\\d+\\s*余?[个家项座所]"
)
_ONE = re.compile(f"(?P<stem>[{IDEOGRAPHS}]{{2,12}}?)(?:项目|工程)(?!部|师|队)")
_ASKS_OF_MANY = re.compile("(?:多少|几|[哪那这]些|各|所有|全部|一批|多个)[个项]?[^，,]{0,4}(?:项目|工程)")


# 一、二期 are two; 三期叠加, 这一期 and 第十二期 none.
_PHASE = re.compile(
    r"(?<![\d十百千分统这那每哪上下前近同后])第?(?P<numbers>[一二三四五1-5](?:[、和及与]?[一二三四五1-5])*|[头首]一?)期"
    "(?![间限望刊货权末叠节])"
)
_ALL_PHASES = re.compile("总(?:投资|规模|面积|造价|长度?|里程)|[合共总]计")
# 一、二、三等奖, and 一等票价320元 beside 二等座
_RANK = re.compile(
    "(?P<ranks>[一二三四五特](?:等?[、和及与][一二三四五特])*)(?P<kind>等座|等舱|等奖|审(?![查核批计判议]))"
)
_BARE_RANK = re.compile("([一二三特])等(?!座|舱|奖)")
_BEGUN, _ENDED = "动工|开工|奠基|开建|破土", "启用|竣工|完工|通车|投用|投入使用|落成|建成|投产"
# What a question asks after, and what else a source may call the same.
_EVENTS = (
    (re.compile(_BEGUN), re.compile(f"{_BEGUN}|启动|施工|始建|兴建|进场|动土")),
    (re.compile(_ENDED), re.compile(f"{_ENDED}|开通|运营|开放|开业|试生产|蓄水|交付|完成|迎来")),
)
_ONCE_DONE = re.compile("(?:建成|投产|竣工|完工)[后区]")
_CHANGED = re.compile(
    r"(?:从|由)(?:原来的?|原先的?)?(?P<before>\d[^,。;从由]{0,14}?)(?:调整|提高|增加|上调|下调|降低?|减少|改|变|扩大|升|涨|延长|缩短)(?:到|为|至)(?P<after>\d[^,。;]{0,12})"
)
_ASKS_FOR_WHAT_WAS_BEFORE = re.compile(
    "原|(?<!目)前(?![列十三景沿期])|起初|最初|从多少|由多少|变化|上[年次]|去年|时(?=[的，,]|城|人)"
    "|\\b(?:before|original|initial|previous|from)"
)
_PHASE_NUMBERS = {character: number for number, character in enumerate("一二三四五", 1)}


@dataclass(frozen=True)
class NamedThing:
    """A school, a company or the like.

    Attributes:
        name: the end of its name: 颍川路 of 长葛颍川路学校, 品食业 of 众品食业股份有限公司.
        kind: what it is: 学校.
        after: the character that follows the name; empty where that differs, as of companies.
    """

    name: str
    kind: str
    after: str

    def is_known(self, lexical: LexicalIndex) -> bool:
        """Whether the documents may speak of it; what they do not know may be misspelt, or no name at all."""
        return all(map(lexical.knows, _pairs(self.name + self.after)))


@lru_cache(maxsize=256)
def named_things(text: str) -> tuple[NamedThing, ...]:
    """Return the schools, companies and the like that a text names."""
    found = []
    for match in _NAMED.finditer(fold(text)):
        stem = _LEGAL_FORM.sub("", match["stem"])
        end = stem[-_STEM_CHARACTERS:]
        if len(end) > 1 and not _NO_NAME.search(end):
            after = match["kind"][0] if stem == match["stem"] else ""
            found.append(NamedThing(end, match["kind"], after))
    return tuple(found)


def is_another_thing(question: str, texts: Sequence[str], lexical: LexicalIndex) -> bool:
    """Whether a question names a school, a company or the like that the documents know, and ``texts`` do not."""
    around = fold("\n".join(texts))
    return any(
        not _is_hinted_at(thing.name, around) and thing.is_known(lexical) for thing in named_things(question)
    )


def is_under_another(question: str, source: str, headings: Sequence[str], lexical: LexicalIndex) -> bool:
    """Whether ``headings`` name another thing of the same kind than the question, and ``source`` not the question's.

    工程总经费2亿元, under 北斗抽水站启用, is not of 七贤抽水站, though the article may name that as well.
    """
    near = fold("\n".join((source, *headings)))
    headed = {thing.kind for thing in named_things("\n".join(headings))}
    return any(
        thing.kind in headed and not _is_hinted_at(thing.name, near) and thing.is_known(lexical)
        for thing in named_things(question)
    )


def is_another_item(question: str, source: str, around: str) -> bool:
    """Whether a source is one item of a list, and another item beside it names the thing that a question is about.

    （一）机械厂宿舍划入纸坊小学学区 is no answer for 望沔花园, which （二） names.
    """
    if not _ITEM.match(fold(source)):
        return False
    beside = [line for line in fold(around).split("\n") if _ITEM.match(line)]
    # A question may run on into a name: 我家买在望沔花园.
    names = [f"{thing.name[-2:]}{thing.kind}" for thing in named_things(question)]
    return any(name not in fold(source) and any(name in line for line in beside) for name in names)


def is_of_another_phase(question: str, texts: Sequence[str]) -> bool:
    """Whether a question is about one phase of a project, and ``texts`` name another, or the whole of it.

    What all of a town is to cost is no answer to what its first phase does.
    """
    asked, around = _phases(question), "\n".join(texts)
    if not asked or asked & _phases(around):
        return False
    return bool(_phases(around)) or _ALL_PHASES.search(to_simplified(around)) is not None


def is_of_another_rank(question: str, texts: Sequence[str]) -> bool:
    """Whether a question is about a first class, prize or trial, and ``texts`` name another and not that."""
    asked, around = _ranks(question), _ranks("\n".join(texts))
    return any(kind in around and not ranks & around[kind] for kind, ranks in asked.items())


def _ranks(text: str) -> dict[str, set[str]]:
    folded = fold(text)
    found: dict[str, set[str]] = {}
    for match in _RANK.finditer(folded):
        found.setdefault(match["kind"], set()).update(re.findall("[一二三四五特]", match["ranks"]))
    for kind in found:
        if kind[0] == "等":
            found[kind].update(_BARE_RANK.findall(folded))
    return found


def is_of_another_event(question: str, source: str) -> bool:
    """Whether a question is after when something was begun, and ``source`` tells only of its end, or the other way."""
    asked, text = fold(question), _ONCE_DONE.sub("", fold(source))
    return any(
        one.search(asked) and not other.search(asked) and other.search(text) and not named.search(text)
        for (one, named), (other, _) in (_EVENTS, _EVENTS[::-1])
    )


def is_what_it_was_before(question: str, said: str, source: str) -> bool:
    """Whether ``said`` has only the first figure of 从66亿元调整到73.5亿元, and a question does not ask for that."""
    if _ASKS_FOR_WHAT_WAS_BEFORE.search(fold(question)):
        return False
    figures = {number.key for number in numbers(said)} - {number.key for number in numbers(question)}
    for change in _CHANGED.finditer(fold(source)):
        if re.search(r"\d\s*[年月]", change.group()):
            continue  # each is of a time that is named
        before, after = ({number.key for number in numbers(change[name])} for name in ("before", "after"))
        if figures & before and not figures & after:
            return True
    return False


def _phases(text: str) -> set[int]:
    found: set[int] = set()
    for named in (match["numbers"] for match in _PHASE.finditer(to_simplified(text))):
        if named[0] in "头首":
            found.add(1)
        found |= {_PHASE_NUMBERS.get(one) or int(one) for one in named if one in "一二三四五12345"}
    return found


def _pairs(name: str) -> list[str]:
    return [name[place : place + 2] for place in range(len(name) - 1)]


def _is_hinted_at(name: str, text: str) -> bool:
    return any(pair in text for pair in _pairs(name))


def is_of_the_whole(question: str, said: str, source: str) -> bool:
    """Whether a question is about one business or the like, and a source tells what ``said`` says of a whole city."""
    asked = fold(question)
    if not (named_things(question) or _BUSINESS.search(asked)) or _WHOLE.search(asked):
        return False
    holding = clauses_that_hold(question, said, source)
    return bool(holding) and all(_WHOLE.search(fold(clause)) for clause in holding)


def is_of_many(question: str, said: str, source: str) -> bool:
    """Whether a question is about one project, and a source tells what ``said`` says of many.

    项目144个，完成投资168亿元 does not say what one of them costs.
    """
    asked = fold(question)
    if _MANY.search(asked) or _ASKS_OF_MANY.search(asked):
        return False
    project = _ONE.search(asked)
    names = [project["stem"][-_STEM_CHARACTERS:]] if project else sorted(quoted_terms(question))
    holding = clauses_that_hold(question, said, source)
    if not names or not holding:
        return False
    clauses = clauses_of(source)
    counted = [
        fold(f"{before}，{clause}")
        for before, clause in zip(["", *clauses], clauses, strict=False)
        if clause in holding
    ]
    return all(
        _MANY.search(text) and not any(_is_hinted_at(name, text) for name in names) for text in counted
    )
