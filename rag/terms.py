"""Terms that a question sets in quotation marks: 「雙千億」目標 is no other target.

Of the questions of cmrc2018 (244), DRCD (311) and RGB (33) with such a term, every answering passage holds it.
"""

from __future__ import annotations

import re

from index.characters import has_ideograph
from index.folding import fold

_QUOTED = re.compile('[“「『"‘]([^“”「」『』"‘’]{2,16})[”」』"’]')


def quoted_terms(question: str) -> frozenset[str]:
    """Return the Chinese terms in quotation marks, folded and without spaces and punctuation."""
    return frozenset(letters(term) for term in _QUOTED.findall(question) if has_ideograph(term))


def holds(text: str, terms: frozenset[str]) -> bool:
    """Whether ``text`` has all of the terms."""
    said = letters(text)
    return all(term in said for term in terms)


def letters(text: str) -> str:
    """Return the letters and digits of ``text``, folded: names are compared so."""
    return "".join(character for character in fold(text) if character.isalnum())
