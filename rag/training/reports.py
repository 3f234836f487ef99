"""Examples in the dress of newspapers and reports, which is what people have in their folders.

The questions that the reader learns from are asked of encyclopedias, statutes and web pages: short sentences under the
name of their subject. Reports run a dozen facts together in one sentence, under slogans that say nothing of them, or
under another year than that of the fact; newspapers begin with who wrote the article. What is right stays right.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

from rag.training.examples import Example

_HEADLINE_SHARE = 0.5
_RUN_TOGETHER_SHARE = 0.6
_BYLINE_SHARE = 0.25

_STOP_INSIDE = re.compile("。(?!$|[”’」』）)])")
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]|20)\d\d(?=\s*年)")

_PLACES = ("洛阳", "襄阳", "绍兴", "南通", "廊坊", "绵阳", "新乡", "嘉兴", "株洲", "遵义", "临沂", "淮安")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙朱马胡郭林何高梁"
_GIVEN = "伟芳敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华建国文玉海波"
_HEADLINES = (
    "{place}市{year}年政府工作报告",
    "{place}市召开{year}年经济工作会议",
    "在市委全会上的讲话",
    "市政府常务会议召开",
    "锚定目标 勇毅前行",
    "真抓实干开新局 奋楫扬帆谱新篇",
    "{place}：聚力攻坚 全力以赴拼经济",
    "“小网格”托起“大民生”",
    "一图读懂 {place}这一年",
    "奋力开创高质量发展新局面",
    "实施乡村振兴战略 建设美丽家园",
    "本报评论员：实干才能赢得未来",
)
_SECTIONS = (
    "一、{year}年工作回顾",
    "二、今后五年的奋斗目标和主要任务",
    "三、{year}年重点工作",
    "四、全力抓好今年经济工作",
    "（一）稳中求进，综合实力迈上新台阶",
    "（三）着力保障和改善民生",
    "二是“进”的机遇交织叠加",
    "六是在大战大考中锤炼了作风",
    "坚持以人为本，社会事业全面进步",
    "稳经济 促发展 强信心",
)


class Reports:
    """Makes reports of examples; what it draws depends on the seed alone."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def dressed(self, example: Example) -> Example:
        """Return the example in the dress of a report: the same question, and as right or wrong as before."""
        if self._random.random() < _RUN_TOGETHER_SHARE:
            stop = self._random.choice("，；")
            example = replace(example, text=_STOP_INSIDE.sub(stop, example.text))
        if self._random.random() < _BYLINE_SHARE:
            example = example.begun_with(f"本报讯（记者{drawn_name(self._random)}）")
        if self._random.random() < _HEADLINE_SHARE:
            example = example.begun_with(f"{self._headings(example)}\n")
        return example

    def _headings(self, example: Example) -> str:
        """Return a headline, and mostly a section; with a year only where it cannot change what the text says."""
        said = set(_YEAR.findall(example.text))
        dated = all(year in said for year in _YEAR.findall(example.question))
        levels = [_HEADLINES, _SECTIONS][: self._random.choice((1, 2, 2))]
        fitting = [[line for line in level if dated or "{year}" not in line] for level in levels]
        year = self._random.randrange(2008, 2025)
        chosen = (self._random.choice(lines) for lines in fitting)
        return " > ".join(line.format(place=self._random.choice(_PLACES), year=year) for line in chosen)


def drawn_name(chance: random.Random) -> str:
    """Draw the name of a person."""
    given = "".join(chance.choices(_GIVEN, k=chance.choice((1, 2))))
    return chance.choice(_SURNAMES) + given
