"""Questions whether something is so, made of questions that ask for it: 会议是谁主持的？ 会议是王建国主持的吧？

What is claimed is the answer, or as often another of its kind: the sentence that answers the question corrects the
claim. People who ask so are to read that sentence, whatever they believed.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from index.characters import IDEOGRAPHS
from rag.names import person_names

_ENDINGS = ("吗？", "吧？", "，对吗？", "，对吧？", "，是这样吗？", "，没错吧？")
_LONGEST_VALUE = 14
_LONGEST_UNIT = 4
_ASKED = re.compile(
    "第几[位名个届次]|多少|(?<![第好])几(?=[个家名人位次项户所条座])|谁"
    "|(?:什么|啥)时候|何时|哪一?[天年日]|哪个月|几月几[号日]|几号"
    "|哪一?[个家座](?:镇|村|县|区|市|乡|街道|社区|企业|公司|学校|医院|单位|部门)"
)
_OPEN = re.compile("多少|几|谁|哪|什么|啥|何|怎|咋|为什么|[吗吧]|是不是|是否|有没有|还是")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TIME = re.compile("[年月日号天]")
_OPENS_IN_A_NUMBER = re.compile(r"[约近超第]?过?[\d一二三四五六七八九十两百千万]")
_COUNTED = re.compile(r"\d|[一二三四五六七八九十两百千万]")
_NAME = re.compile(f"[{IDEOGRAPHS}]{{2,14}}")


def claim(question: str, value: str, chance: random.Random) -> str | None:
    """Return a question, in simplified script, as the claim that ``value`` answers it; None where it cannot be one."""
    body = question.rstrip("？?。 ").removesuffix("呢")
    found = list(_ASKED.finditer(body))
    if len(found) != 1 or len(value) > _LONGEST_VALUE or re.search("[，。；：、“”]", value):
        return None
    asked, before, after = found[0][0], body[: found[0].start()], body[found[0].end() :]
    if asked in ("多少", "几") or asked.startswith("第"):
        if not _OPENS_IN_A_NUMBER.match(value) or (_TIME.search(value) and not _TIME.match(after)):
            return None
        after = _without_unit(value, after)
    elif asked == "谁" or (asked.startswith("哪") and asked[-1] not in "天年日月"):
        if _COUNTED.search(value) or not _NAME.fullmatch(value):
            return None
        if asked == "谁" and not person_names(value):
            return None
    elif not _TIME.search(value):
        return None
    claimed = f"{before}{value}{after}"
    if _OPEN.search(claimed) or not re.search("[是有为了达到在由被从]", claimed):
        return None
    return claimed + chance.choice(_ENDINGS)


def another(value: str, others: Sequence[str], chance: random.Random) -> str | None:
    """Return another value of the same kind: of ``others``, or ``value`` with its number changed; None without one."""
    alike = [one for one in others if one != value and _kind(one) == _kind(value)]
    number = _NUMBER.search(value)
    if alike and (number is None or chance.random() < 0.5):
        return chance.choice(alike)
    if number is None or _TIME.search(value):
        return None  # there is no 39 October
    digits = number[0]
    place = chance.choice([at for at, character in enumerate(digits) if character.isdigit()])
    changed = chance.choice([digit for digit in "123456789" if digit != digits[place]])
    return value[: number.start()] + digits[:place] + changed + digits[place + 1 :] + value[number.end() :]


def _without_unit(value: str, after: str) -> str:
    """Return what follows 多少 without the unit that the value has already: 多少亿元, 12亿元."""
    for length in range(min(_LONGEST_UNIT, len(after)), 0, -1):
        if value.endswith(after[:length]):
            return after[length:]
    return after


def _kind(value: str) -> str:
    """Return what two values of a kind have in common: their unit, or their length."""
    return _NUMBER.sub("#", value) if _COUNTED.search(value) else "·" * len(value)
