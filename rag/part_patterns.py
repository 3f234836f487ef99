"""How questions with two parts name times and places, and how they ask of each or of all together."""

from __future__ import annotations

import re

from index.characters import IDEOGRAPHS
from rag.asked import HOW_MANY_OF_EACH

YEAR = r"(?:(?:19|20)\d\d|(?:民国\s*)?(?<!\d)1[01]\d)年"
_MONTH = r"\d{1,2}月(?:份|[上中下]旬|[底末初]|\d{1,2}日)?"
TIME = rf"(?:{YEAR})?(?:上半年|下半年|[一二三四]季度|年底|{_MONTH})|{YEAR}(?:底|末|初)?"
PLACE = f"(?:(?![的和与及跟年月日])[{IDEOGRAPHS}]){{2,5}}?(?:省|市|县|区|镇|乡)"
EACH = re.compile(f"分别|各自|各(?=是|有|为|说|达|增|完成|实现|{HOW_MANY_OF_EACH})")
TOGETHER = re.compile("一共|总共|合计|共计|相差|相比|差多少|[高低多少]出?多少|哪个|谁更|变化|都")
MATTER = re.compile(f"[{IDEOGRAPHS}]{{2}}")
