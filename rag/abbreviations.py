"""Spelling out the abbreviations of statisticians that the documents do not use: 社零总额, 固投, PM2.5."""

from __future__ import annotations

import re

from index.characters import has_ideograph
from index.folding import is_traditional, to_simplified, to_traditional
from index.lexical import LexicalIndex

RETAIL_SALES = "(?<![作销报])社零(?:总额|额)?(?!售)"
FIXED_INVESTMENT = "(?<![加巩稳坚牢])固投(?![资入放])"  # not in 除险加固投入
_ABBREVIATIONS = tuple(
    (short, re.compile(pattern), full)
    for short, pattern, full in (
        ("社零", RETAIL_SALES, "社会消费品零售总额"),
        ("固投", FIXED_INVESTMENT, "固定资产投资"),
        ("pm", r"(?<![A-Za-z])[Pp][Mm] ?2\.5(?!\d)", "细颗粒物"),
        ("规上", "(?<![法常正])规上(?=工业|企业|服务业|文化)", "规模以上"),
    )
)


def spelled_out(question: str, lexical: LexicalIndex) -> str:
    """Return a question with its abbreviations spelled out, but for those that the documents write themselves."""
    simplified = to_simplified(question)
    if len(simplified) != len(question) or not has_ideograph(question):
        return question
    found = [
        (*match.span(), full)
        for short, pattern, full in _ABBREVIATIONS
        if not lexical.knows(short)
        for match in pattern.finditer(simplified)
    ]
    for start, end, full in sorted(found, reverse=True):
        said = to_traditional(full) if is_traditional(question) else full
        question = f"{question[:start]}{said}{question[end:]}"
    return question
