"""Whether a passage stands in the kind of document that a question names: a government report, somebody's speech.

A party secretary's speech and the government's report of one year name different targets for the same thing, and two
who spoke at one meeting different figures.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.folding import fold
from rag.names import person_names

_KINDS = ("政府工作报告", "讲话")
_OFFICES = ("书记", "市长", "县长", "区长", "省长")
_SAID = "[^，,。；？?]{0,14}?(?:说|讲|报(?![到刊纸社])|提到|提出|指出|要求|强调|透露|表示|介绍)"
_SPOKEN = re.compile("讲话|报告|致辞|发言")
# A name is found between marks or verbs: 按张忠民2020年8月的讲话.
_AROUND_A_NAME = re.compile(r"[按照据听在\d年月日]")


def is_of_another_kind(question: str, headings: Sequence[str]) -> bool:
    """Whether ``headings``, from the title on, are those of another kind of document, or of another's speech.

    Where a question names no kind and nobody who said something, or more than one, every document will do.
    """
    asked, above = fold(question), fold(" ".join(headings))
    if _another(_KINDS, [kind for kind in _KINDS if kind in asked], above.replace(" ", "")):
        return True
    if not _SPOKEN.search(above):
        return False
    offices = [office for office in _OFFICES if re.search(f"{office}{_SAID}", asked)]
    if _another(_OFFICES, offices, above):
        return True
    speakers = person_names(above)
    named = person_names(_AROUND_A_NAME.sub(" ", asked))
    saying = [name for name in named if re.search(f"{name}{_SAID}", asked)]
    return len(saying) == 1 and bool(speakers) and not any(saying[0] in name for name in speakers)


def _another(known: Sequence[str], asked: Sequence[str], above: str) -> bool:
    """Whether one of what is known is asked for, and another stands above alone."""
    return len(asked) == 1 and asked[0] not in above and any(one in above for one in known)
