"""Whether a passage stands in the kind of document that a question names: a government report, somebody's speech.

A party secretary's speech and the government's report of one year name different targets for the same thing, and two
who spoke at one meeting different figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.folding import fold
from rag.names import person_names
from rag.places import cities

_KINDS = ("政府工作报告", "讲话")
_OFFICES = ("书记", "市长", "县长", "区长", "省长")
# 副市长 is no 市长, 总书记 no 书记.
_NO_PART = "(?<![总副支常])(?<!支部)"
_SAID = "[^，,。；？?]{0,14}?(?:(?<!小)说|讲话|报(?![到刊纸社销名])|提到|透露)"
# 在市委全会上的讲话 市委书记 尹俊营, and not who chaired, or what a page tells of a speech.
_SPEECH = re.compile("[上的]讲话(?!精神)|工作报告(?!起草)")
_NOT_THIS_DOCUMENT = re.compile(r"《[^》]*》|(?:总书记|重要|系列)*讲话[^，,。]{0,8}?精神")
# A name is found between marks or verbs: 按张忠民2020年8月的讲话.
_AROUND_A_NAME = re.compile(r"[按照据听在\d年月日]")


def is_of_another_kind(question: str, headings: Sequence[str], text: str) -> bool:
    """Whether ``headings``, from the title on, are those of another kind of document, or of another's speech.

    Where a question names no kind and nobody who said something, or more than one, every document will do; so does
    one whose ``text`` names who is asked about.
    """
    asked = _NOT_THIS_DOCUMENT.sub("", fold(question))
    above = _NOT_THIS_DOCUMENT.sub("", fold(" ".join(headings)))
    if _another(_KINDS, [kind for kind in _KINDS if kind in asked], above.replace(" ", "")):
        return True
    if not _SPEECH.search(above):
        return False
    said = fold(text)
    offices = [office for office in _OFFICES if re.search(f"{_NO_PART}{office}{_SAID}", asked)]
    if _another(_OFFICES, offices, above) and offices[0] not in said:
        return True
    named = [name for name in person_names(_AROUND_A_NAME.sub(" ", asked)) if not cities(name)]
    saying = [name for name in named if re.search(f"{name}{_SAID}", asked)]
    speakers = person_names(above)
    return (
        len(saying) == 1
        and bool(speakers)
        and saying[0] not in said
        and not any(saying[0] in name for name in speakers)
    )


def _another(known: Sequence[str], asked: Sequence[str], above: str) -> bool:
    """Whether one of what is known is asked for, and another stands above alone."""
    found = [one for one in known if re.search(f"{_NO_PART}{one}", above)]
    return len(asked) == 1 and bool(found) and asked[0] not in found
