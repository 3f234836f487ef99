"""Whether a sentence is about the indicator that a question asks for, and about what was done where that is asked.

Statistical reports put many figures side by side; the size of an industry is no answer to the gross product. Each
indicator is named where its figure stands, or where the list begins that the figure is one of, so that a sentence of
neither kind has another figure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from index.characters import IDEOGRAPHS, is_ideograph
from index.folding import fold
from rag.abbreviations import FIXED_INVESTMENT, RETAIL_SALES
from rag.follow_up_patterns import PLACES
from rag.units import clauses_of, clauses_that_hold, dimensions
from rag.years import years

# What a question may call it, and what a sentence with its figure does.
_INDICATORS = tuple(
    (re.compile(asked), re.compile(named))
    for asked, named in (
        ("生产总值|经济总量|(?<![a-z])gdp(?![a-z])|gross (?:domestic|regional) product", "生产总值|总量|gdp"),
        ("工业增加值", "增加值"),
        (f"固定资产投资|{FIXED_INVESTMENT}|fixed[- ]asset investment", "固定资产|投资|固投"),
        (f"社会消费品零售|{RETAIL_SALES}|retail sales", "零售|社零"),
        ("公共预算收入", "预算收入|财政收入"),
        ("可支配收入|disposable income", "收入"),
        ("进出口", "进出口|外贸|出口"),
        ("(?<!进)出口(?!加工|处)", "(?<!进)出口"),
        ("(?:常住|户籍)人口", "人口"),
    )
)
# 西湾区487.1亿元 is of what the list began with: 分区域看，北滩区地区生产总值612.8亿元.
_ONE_OF_A_LIST = re.compile(
    rf"\W*(?:其中|而|[分按][{IDEOGRAPHS}]{{1,5}}看)?\W*(?:{PLACES}|[{IDEOGRAPHS}]{{1,6}}?[市县区镇乡省州]|[省市县区]本?级)[市县区]?(?:(?:同期|全年|[上下]半年|[一二三四]季度)?(?:为|达到?|实现|完成|同比增长|增长|下降))?"
    r"\s*(?!(?:19|20)\d\d\s*年)\d"
    r"|\W*(?:年初|调整|变动)预算(?:数|安排)?为\s*\d"
)
# 分级次看 goes back to what the paragraph began with, over the parts of it that were told between; 年初预算为… as well.
_BY_KIND = re.compile(rf"\W*(?:[分按][{IDEOGRAPHS}]{{1,5}}看|(?:年初|调整|变动)预算)")
_PART_OF_A_BUDGET = re.compile(r"\W*(?:其中|.{0,4}税)")
_NAMES_NO_BUDGET = re.compile("收入")
_ITEM_END = re.compile(r"[;。\n]")
_LONGEST_LIST = 20
_ASKS_FOR_NEW = re.compile(
    "新增|净增|新添|新认定|新设立?|新冒出|增加了?(?:多少|几)|多了(?:多少|几)|不是总数|\\b(?:newly|added|new)\\b"
)
_TELLS_HOW_MANY_THERE_ARE = re.compile("达|突破|超|总数|累计|共有|现有|总量|保有|拥有")
# 高新技术 and 新能源 tell of nothing new.
_TELLS_WHAT_IS_NEW = re.compile("(?<![高创更全])新(?!能源|材料|型|兴|区|技术|农村)|[增添升]|多了")
_DONE = re.compile(
    "实际(?!利用|使用外资)|真正(?=[完做改建落到])|最终|最后(?=做|完|达|到|实|花|用|建|是|为)|到底完成|究竟完成|完成数"
)
_PRELIMINARY = re.compile("初步(?:统计|估[计算]|测算|核算|核查|调查)")
_NO_LONGER_PRELIMINARY = re.compile("后来(?!建|的)|最终|核实|核定|最后(?!一)|(?:还|只)是初步")
_SETTLED = re.compile("最终|核定|核实|复核")
PLANNED = re.compile("计划|拟(?=[在于将建投出])|力争|目标|预期|即将|争取")
# 全年能抽多少水 is asked of what is to come, 产能多少 is not.
_ASKS_FOR_A_PLAN = re.compile(
    rf"{PLANNED.pattern}|预计|打算|任务|预算(?:里|中|草案|安排|[^,。?]{{0,20}}安排了?多少)|(?<![主我只不])要|将|(?<=[年共还多])能(?=[^，,源力耗量效级手动]{{1,4}}(?:多少|几))"
    r"|\b(?:plan|target|aim|goal|expect|forecast|will|intend)"
)
_NOT_THE_PLAN = re.compile(
    "(?:不是|不要|而非|并非|不算)[^,。?]{0,12}(?:目标|计划|预期|任务|估算|概算)"
    r"|\b(?:not|as opposed to|rather than) (?:the )?(?:[a-z]+ ){0,2}(?:plan|target|goal|forecast|estimate)"
)
_TOLD_AS_DONE = re.compile(
    r"(?<!为)(?<!除)了\s*(?:\d|多少|几)"
    r"|^(?!.*\b(?:draft|allocat|schedul|earmark|propos)).*\bhow (?:many|much)\b[^?]*\b(?:was|were|did)\b"
)
_HEADING_OF_A_PLAN = re.compile(
    "重点工作|主要任务|(?:工作|预算)(?:安排|打算|思路|重点|部署)|(?:预期|奋斗)目标|下一?步|预算草案"
    '|(?<!完成)(?<!实现)(?:主要|总体|发展|工作|年度?|["”’])目标(?:任务)?$'
)
_HEADING_OF_WHAT_WAS = re.compile(
    "回顾|情况|总结|(?<!新)(?:成效|成就|成绩)|过去的?一年|一年来|20\\d\\d年工作$"
)
_HAPPENED = re.compile(
    "已|完成|实现|达到|累计|获批|建成|实际|最终|被|最后|结果"
    "|(?:离|距离?|较|比)(?:年初|年度|全年|预期|计划|既定|确定|的){0,3}目标[^,。;]{0,4}[差低高超少多]|(?:超|高于|低于|占|为)[^,。;]{0,6}(?:目标|计划)"
    "|比(?:原定?|预定)?(?:计划|预期|预计)[^,。;]{0,4}(?:推迟|延后|延期|提[早前]|晚|早)"
)
_FORESEEN = re.compile(rf"{PLANNED.pattern}|预计|确保|有望|[将要](?=完成|实现|达|建成)")
# 预备费7,500万元，实际动支5,260万元
_SPENT_OF_IT = re.compile(
    r"^\W*实际(?:动支|动用|支出|使用|用[去掉了]?|花[去掉费]?|拨付|到位|开支|发放|下达)了?\s*\d"
)
TOLD_AS_TARGET, TOLD_AS_PLAN = "目标是", "计划"
"""What :func:`told_as_planned` puts before a sentence."""
_NAMES_A_TARGET = re.compile("目标|任务|预期")
# What stands among plans and is none, and headlines that speak of a meeting on plans.
_NOT_OF_THE_PLAN = re.compile(
    r"已|累计|[去上]年|了\s*\d|同比|目前|现有|共有|截[至止]|前\s*[\d一二三四五六七八九十]+个?月|召开|举行|\d\s*日|不得|应当"
)
_NO_PLAN_ITSELF = re.compile("召开|会议|研究|部署会|座谈")
_NUMBER_OF_AN_ITEM = re.compile(
    r"\W*(?:(?:\d{1,2}|[一二三四五六七八九十]{1,2})[.、)](?!\s*[\d一二三四五六七八九十])|第[一二三四五六七八九十]+[,、])\s*"
)
_TO_BE_DONE = re.compile(rf"(?:{_FORESEEN.pattern})[^,。;]{{0,16}}?(?:完成|实现|达到|建成|累计)")


def is_another_indicator(question: str, source: str, preceding: str = "", heading: str = "") -> bool:
    """Whether a question names an indicator, and neither ``source`` does nor the list of places that it is one of.

    ``preceding`` is what stands before it in its section, ``heading`` what that is called: 收入24.3亿元 under
    （二）市本级一般公共预算 is of the budget.
    """
    asked, text = fold(question), f"{_beginning_of_its_list(source, preceding)}{fold(source)}"
    if _NAMES_NO_BUDGET.match(text):
        text = fold(heading) + text
    return any(wanted.search(asked) and not named.search(text) for wanted, named in _INDICATORS)


def _beginning_of_its_list(source: str, preceding: str) -> str:
    """Return the item that a list began with, folded, where ``source`` is one of those that follow; "" otherwise."""
    if not _is_one_of_a_list(fold(source)):
        return ""
    items = [item for item in _ITEM_END.split(fold(preceding)) if item.strip()][-_LONGEST_LIST:]
    of_the_whole = [item for item in items if not _is_one_of_a_list(item)]
    if _BY_KIND.match(fold(source)):
        of_the_whole = [item for item in of_the_whole if not _PART_OF_A_BUDGET.match(item)]
    return of_the_whole[-1] if of_the_whole else ""


def _is_one_of_a_list(item: str) -> bool:
    """Whether an item names nothing but the place whose figure it has: no indicator of its own."""
    return bool(_ONE_OF_A_LIST.match(item)) and not any(named.search(item) for _, named in _INDICATORS)


def asks_for_a_plan(question: str) -> bool:
    """Whether a question asks for what is to be, not for what was."""
    return _ASKS_FOR_A_PLAN.search(_NOT_THE_PLAN.sub("", fold(question))) is not None


def asks_for_what_was(question: str) -> bool:
    """Whether a question says that it asks for what was done (实际建了多少, 改造了多少), and not for a plan."""
    asked = fold(question)
    told = _DONE.search(asked) or _TOLD_AS_DONE.search(asked)
    return told is not None and not asks_for_a_plan(question)


def is_only_planned(question: str, said: str, source: str, headings: Sequence[str] = ()) -> bool:
    """Whether a question asks for what was done in the end, and ``source`` tells a plan and nothing else.

    So does what stands under a heading of a plan, for a question after how much was done (改造了多少, 改造了128个).
    """
    asked, text = fold(question), fold(source)
    holding = [fold(clause) for clause in clauses_that_hold(question, said, source)]
    of_what_was = not asks_for_a_plan(question)
    of_the_end = of_what_was and _DONE.search(asked)
    if of_the_end and holding and all(map(_is_plan, holding)):
        return True  # 完成19家铸造厂搬迁，力争铸造产值突破100亿元
    if of_the_end and holding and _is_what_was_set_aside(holding, source):
        return True
    if _HAPPENED.search(text):
        return False
    told_as_done = of_what_was and _TOLD_AS_DONE.search(asked)
    return bool((told_as_done and heads_a_plan(headings)) or (of_the_end and PLANNED.search(text)))


def _is_what_was_set_aside(holding: Sequence[str], source: str) -> bool:
    """Whether all clauses that hold an answer are followed by one that says how much of that was spent."""
    clauses = [fold(clause) for clause in clauses_of(source)]
    spent = {
        before
        for before, after in pairwise(clauses)
        if _SPENT_OF_IT.search(after) and dimensions(before) & dimensions(after)
    }
    return spent.issuperset(holding) and not any(map(_HAPPENED.search, holding))


def _is_plan(clause: str) -> bool:
    return _FORESEEN.search(clause) is not None and not _HAPPENED.search(_TO_BE_DONE.sub("", clause))


def told_as_planned(question: str, text: str, headings: Sequence[str]) -> str:
    """Return a sentence with a figure, saying that it is planned where only the heading above it does.

    In the word of the question, if it asks for a plan: 目标是松磐高速完成投资30亿元 under 2024年工作安排. What tells of
    a year that the headings do not name, or is told as a fact, stays as it is.
    """
    folded = fold(text)
    says_so = _FORESEEN.search(folded) or _NOT_OF_THE_PLAN.search(folded)
    if says_so or not (any(map(str.isdigit, folded)) and any(map(is_ideograph, text))):
        return text
    nearest = headings[-1] if headings else ""
    if not heads_a_plan(headings) or _NO_PLAN_ITSELF.search(fold(nearest)):
        return text
    if years(text) - years(" ".join(headings[1:] or headings)):
        return text
    number = _NUMBER_OF_AN_ITEM.match(folded)
    start = number.end() if number and len(folded) == len(text) else 0
    of_a_target = asks_for_a_plan(question) and _NAMES_A_TARGET.search(fold(question))
    word = TOLD_AS_TARGET if of_a_target else TOLD_AS_PLAN
    return f"{text[:start]}{word}{text[start:]}"


def is_only_preliminary(question: str, said: str, source: str) -> bool:
    """Whether a question asks for what it came to in the end, and ``source`` gives the first estimate."""
    text = fold(source)
    if not _NO_LONGER_PRELIMINARY.search(fold(question)) or _SETTLED.search(text):
        return False
    holding = clauses_that_hold(question, said, source)
    if not holding or not _PRELIMINARY.search(text):
        return False
    # 损失为7.43亿元，此前公布的6.8亿元是初步统计数: it is of the other figure.
    others = (fold(clause) for clause in clauses_of(source) if clause not in holding)
    return not any(re.search(r"\d", clause) and _PRELIMINARY.search(clause) for clause in others)


def heads_a_plan(headings: Sequence[str]) -> bool | None:
    """Whether the nearest heading that says so heads a plan, and not what was done; None where none does.

    One that names both (2018年预算执行情况和2019年预算草案) says nothing.
    """
    for heading in map(fold, reversed(headings)):
        of_a_plan = _HEADING_OF_A_PLAN.search(heading) is not None
        if of_a_plan != (_HEADING_OF_WHAT_WAS.search(heading) is not None):
            return of_a_plan
    return None


def is_how_many_there_are(question: str, said: str, source: str) -> bool:
    """Whether a question asks how many were added, and the figure of ``said`` is of how many there are.

    473家 of 高新技术企业数量达到473家 is no answer to how many were new.
    """
    if not _ASKS_FOR_NEW.search(fold(question)):
        return False
    holding = [fold(clause) for clause in clauses_that_hold(question, said, source)]
    return bool(holding) and all(
        _TELLS_HOW_MANY_THERE_ARE.search(clause) and not _TELLS_WHAT_IS_NEW.search(clause)
        for clause in holding
    )
