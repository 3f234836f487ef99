"""What a question asks for, read off its words: a number, a time, a person, so many things, a yes or no."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.folding import fold

_NUMBER = re.compile(
    r"多少|(?<!哪)(?<!第)几(?=[个名家位次项起年月日号点岁元万亿公里米亩户人套所条座种成倍])|百分之几"
    r"|how (?:many|much)\b"
)
_TIME = re.compile("哪一?[年天日]|几月|几号|什么时候|何时|\\bwhen\\b")
_DAY = re.compile(r"哪一?[天日](?!子)|几号|几月几日|\b(?:on )?(?:what|which) (?:day|date)\b")
# Who holds, publishes or builds something may be an office or a company; a place or a company has a name as well.
_PERSON = re.compile(
    r"谁(?!家)(?!.{0,6}(?:主办|举办|承办|协办|发布|出台|印发|制定|建设|投资|开发))|哪一?位|哪几位|(?<![司团店路桥区村园馆校])叫什么名字?(?=[?？。]|$)"
    r"|\b(?:who|whom|which (?:person|mayor|vice mayor|official|reporter|teacher|photographer))\b"
)
_YES_OR_NO = re.compile(
    r"(?:吗|吧|么|对不对|是不是|对吗|没错吧|是真的吧|真的吗)\s*[?？。!！]*$|是不是|是否|有没有|能不能|会不会"
    r"|(?:,\s*(?:right|correct|isn't it|didn't (?:it|they|he|she)))\s*\?*$"
    r"|^(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b"
)
_OPEN = re.compile(
    r"多少|几[个名家位次项月号]|谁|哪|什么|为何|如何|怎[么样]|为什么|为啥|咋|啥|干嘛|图什么|图啥"
    r"|^(?:can|could|would|will|do) you\b.*\b(?:who|whom|whose|which|what|where|when|why|how)\b"
)
_CHOICE = re.compile(r"还是|哪个(?:更|最|比较)|\bor\b|\bwhich (?:is|of)\b")
_ITEMS = re.compile(
    r"(?:哪|是哪|分别是哪)(?P<count>[两二三四五六七八九十]|\d{1,2})(?=[个种项类大条方点样人位家天所座名])(?!个字)"
    # “十四五” is a name, not ten of something.
    r"|[“「『\"‘](?!十[一二三四五]五)(?:[^”」』\"’]{0,6}?)(?P<name>[两二三四五六七八九十]|\d{1,2})(?:[个大项条]|(?=[一-鿿]))[^”」』\"’]{0,6}[”」』\"’]"
)
_NAMES_ITEMS = re.compile("分别|具体|哪|什么|叫|包括|列|which|what|name|list")
_PARTS = re.compile("分别|各是|各为|各有|各多少|各几|\\brespectively\\b")
_ASKING_WORD = re.compile(r"多少|(?<![哪第])几[个项家名人条次位]|\bhow (?:many|much)\b")
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九十")} | {"两": 2}


@dataclass(frozen=True)
class Asked:
    """What a question asks for.

    Attributes:
        number: how many or how much.
        time: when.
        day: on which day; a year alone is no answer.
        person: who.
        choice: one of the things that the question names.
        yes_or_no: whether something is so; the question then holds a claim, which may be false.
        items: how many things have to be named, where the question says so.
        parts: whether several answers are asked for, one for each of several things.
    """

    number: bool = False
    time: bool = False
    day: bool = False
    person: bool = False
    choice: bool = False
    yes_or_no: bool = False
    items: int | None = None
    parts: bool = False


def read_question(question: str) -> Asked:
    """Return what a question asks for, in either script or in English."""
    folded = fold(question).strip()
    open_question = bool(_OPEN.search(folded))
    return Asked(
        number=bool(_NUMBER.search(folded)),
        time=bool(_TIME.search(folded)),
        day=bool(_DAY.search(folded)),
        person=bool(_PERSON.search(folded)),
        choice=bool(_CHOICE.search(folded)),
        yes_or_no=bool(_YES_OR_NO.search(folded)) and not open_question,
        items=_items(folded),
        parts=bool(_PARTS.search(folded)) or len(_ASKING_WORD.findall(folded)) > 1,
    )


def _items(folded: str) -> int | None:
    for match in _ITEMS.finditer(folded):
        written = match.group("count") or match.group("name")
        if match.group("name") and not _NAMES_ITEMS.search(folded):
            continue
        count = int(written) if written.isdigit() else _DIGITS[written]
        if count > 1:
            return count
    return None
