"""English questions with two parts; see :mod:`rag.parts`."""

from __future__ import annotations

import re

# What was the income in 2020 and 2021? What was it in Linzhu (临渚) and in Lanchuan (澜川), and which was higher?
_NAMED = r"(?:19|20)\d\d|[A-Z][\w'’-]*(?: [A-Z][\w'’-]*)*(?:\s*[（(][^（）()]+[）)])?"
_ENGLISH_PAIR = re.compile(
    r"(?P<asks>(?:.*\b(?i:what) (?:is|was|are|were|did|does)\b"
    r"|(?i:how (?:many|much|large|long))\b(?! more| less|.* than )).*)"
    rf"\bin (?P<first>{_NAMED}) and (?:in )?(?P<second>{_NAMED})(?P<each>(?:,? respectively)?"
    r"(?:,? and (?:which|who)\b[^?,]*\b(?:higher|larger|greater|bigger|more|longer|faster))?)\s*\?*"
)
# In 2018, which city collected more revenue, Lanchuan or Ningfu? Give both figures.
_ENGLISH_CHOICE = re.compile(
    r"(?P<when>(?:(?i:in|for) [^,?]+, )?)(?i:which) \w+(?: \w+)?"
    r" (?:had|has|was|is|saw|collected|reported|recorded|received|got|built)"
    r" (?:the )?(?:more|higher|larger|greater|bigger|lower|smaller|fewer)"
    r" (?P<matter>(?!in |than |of )(?:(?! than | and )[^,?])+),"
    rf" (?P<first>{_NAMED}) or (?P<second>{_NAMED})"
    r"(?:,? and how \w+ (?:was|were|is|are|did) (?:each|they|it|both)[^?.]*"
    r"|\?? (?i:please )?(?i:give) (?:both|the two)[^?.]*)?[?.]*"
)
# Compare the 2023 urbanization rates of Mianling (沔岭) and Yanbei (砚北).
_ENGLISH_COMPARISON = re.compile(
    rf"(?i:compare) (?:the )?(?P<matter>[^,?]+?)s? (?:of|in|for) (?P<first>{_NAMED})"
    rf" (?:and|with|to) (?P<second>{_NAMED})[?.]*"
)
_IN_ENGLISH_TOGETHER = re.compile(
    r"\b(?:total|overall|cumulative|sum|aggregate|altogether|together|combined|average|ratio|gap|between|built|compar\w+|differ(?:s|ed|ences?)?|chang(?:e[sd]?|ing)|both)\b",
    re.IGNORECASE,
)
# in 2019, in 2020 and 2021; the GDP in 2020 and 2021 and what was …
_IN_ENGLISH_MORE = re.compile(
    rf"\bin (?P<one>{_NAMED}),?\s*$|\bin (?:{_NAMED}) and "
    r"|\b(?i:what|which|who|how|when)\b.*\b(?i:what|which|who|how|when)\b"
)


def english_pair(question: str) -> tuple[tuple[str, str], ...]:
    """Take apart what is asked in English of two years or two places, which end the question.

    Returns each with the question about it; nothing where the question is none of two.
    """
    choice = _ENGLISH_CHOICE.fullmatch(question.strip())
    if choice:
        ask = f"{choice['when']}{'what' if choice['when'] else 'What'} was the {choice['matter']} of {{}}?".format
        return tuple((name, ask(name)) for name in (choice["first"], choice["second"]))
    compared = _ENGLISH_COMPARISON.fullmatch(question.strip())
    if compared:
        ask = f"What was the {compared['matter']} of {{}}?".format
        return tuple((name, ask(name)) for name in (compared["first"], compared["second"]))
    match = _ENGLISH_PAIR.fullmatch(question.strip())
    if match is None or _IN_ENGLISH_TOGETHER.search(question):
        return ()
    named = match["first"], match["second"]
    if named[0] in ("North", "South", "East", "West"):
        return ()  # and South Korea
    more = _IN_ENGLISH_MORE.search(match["asks"])
    if more and not (more["one"] and more["one"][0].isdigit() != named[0][0].isdigit()):
        return ()  # of three, or of two questions; in 2023 in Linzhu and Lanchuan is neither
    of_years = [name[0].isdigit() for name in named]
    if any(of_years) != all(of_years) or not (all(of_years) or match["each"]):
        return ()  # in Linzhu and 2021; what is the policy in Oxford and Cambridge?
    return tuple((name, f"{match['asks']}in {name}?") for name in named)
