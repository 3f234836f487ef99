"""Whether a passage is about the town or village that a question names: 大周镇's secretary is not the city's."""

from __future__ import annotations

import re

from index.folding import to_simplified
from rag.follow_up_patterns import SUFFIXED

_PLACE = re.compile(f"{SUFFIXED}(?![村镇土亲愁音])")
# 第一大镇, 哪个乡 and 美丽乡村 name none.
_NO_NAME = re.compile("[一第哪每很更其及个各何几]|(?:农村|乡村|乡镇|城镇|山村|渔村)$")


def small_places(question: str) -> frozenset[str]:
    """Return the towns, townships and villages that a question names, without 镇, 乡 and 村, in simplified script.

    Cities and counties are left out: a document is often about one throughout without naming it again.
    """
    found = (match.group() for match in _PLACE.finditer(to_simplified(question)))
    return frozenset(name[:-1] for name in found if name[-1] in "镇乡村" and not _NO_NAME.search(name))


def is_elsewhere(question: str, texts: tuple[str, ...]) -> bool:
    """Whether a question names towns or villages, and ``texts`` none of them."""
    named = small_places(question)
    around = to_simplified("\n".join(texts))
    return bool(named) and not any(name in around for name in named)
