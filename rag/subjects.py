"""Whether a source is about the thing that a question names: a school, a company, a bridge.

Reports tell of many like things side by side, and a small model takes the figure of one, or of all of them together,
for that of another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.characters import IDEOGRAPHS
from index.folding import fold
from index.lexical import LexicalIndex
from rag.terms import quoted_terms
from rag.units import clauses_of, clauses_that_hold

_KINDS = (
    "学校|小学|中学|高中|大学|学院|幼儿园|医院|卫生院|公司|集团|银行|大桥|公园|广场|社区|小区|水库|电站|电厂|工厂|图书馆|博物馆|体育馆"
    "|体育场|纪念馆|美术馆|科技馆|文化馆|机场|车站|铁路|高速公路|产业园|工业园|示范园|开发区|集聚区|养老院|敬老院|合作社|农场|林场"
)
# What a question may put before a name is left out by looking at its end alone.
_NAMED = re.compile(f"(?P<stem>[{IDEOGRAPHS}A-Za-z]{{2,12}}?)(?P<kind>{_KINDS})")
_STEM_CHARACTERS = 3
_LEGAL_FORM = re.compile("(?:股份|有限|责任|控股|投资|发展|实业)+$")
_NO_NAME = re.compile(
    "[的了在对和与及是个家所座条这那该哪几多少各每些级型性新老大小全民营办类有等为给到]$|什么|怎么"
)
_BUSINESS = re.compile(
    f"公司|集团|[{IDEOGRAPHS}]{{2}}[食铝药牧渔林矿钢乳酒纸纺实]业|\\b(?:company|inc|corp|ltd|group)\\b"
)
_WHOLE = re.compile("全[市县省国区州镇乡球行]|\\b(?:nationwide|citywide)\\b")

_MANY = re.compile(
    "\\d+\\s*余?[个家项座条所][^，,。；;]{0,10}?(?:项目|企业|工程|学校)|(?:项目|企业|工程|学校)\\s*\\d+\\s*余?[个家项座所]"
)
_ONE = re.compile(f"(?P<stem>[{IDEOGRAPHS}]{{2,12}}?)(?:项目|工程)(?!部|师|队)")
_ASKS_OF_MANY = re.compile("(?:多少|几|哪些|各|所有|全部)[个项]?[^，,]{0,4}(?:项目|工程)")


def named_things(question: str) -> tuple[tuple[str, str], ...]:
    """Return the ends of the names of schools, companies and the like in a question, each with what follows it.

    颍川路, and 学 after it, of 长葛颍川路学校; of 众品食业股份有限公司 品食业, after which names differ.
    """
    found = []
    for match in _NAMED.finditer(fold(question)):
        stem = _LEGAL_FORM.sub("", match["stem"])
        end = stem[-_STEM_CHARACTERS:]
        if len(end) > 1 and not _NO_NAME.search(end):
            found.append((end, match["kind"][0] if stem == match["stem"] else ""))
    return tuple(found)


def is_another_thing(question: str, texts: Sequence[str], lexical: LexicalIndex) -> bool:
    """Whether a question names a school, a company or the like that the documents know, and ``texts`` do not speak of.

    What the documents do not know may be misspelt, or no name at all.
    """
    around = fold("\n".join(texts))
    for name, after in named_things(question):
        known = all(map(lexical.knows, _pairs(name + after)))
        if known and not _is_hinted_at(name, around):
            return True
    return False


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
