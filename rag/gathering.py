"""A list whose things stand in sentences of their own, as reports like to have them.

“四个深化” may be told one by one over half a page: 深化政治引领，做到… 深化政企联动，做到… No single sentence has them,
and a small model that reads six sentences finds two. Where just so many sentences under one heading open with a thing
of that name, and the name stands there too, these are the list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.tables import StoredChunk, Tables
from rag.citing import CheckedSentence
from rag.enumerations import NamedCount, named_count
from rag.evidence import Evidence
from rag.injection import addresses_reader
from rag.matter import other_matter
from rag.retrieval import Passage
from rag.terms import letters
from rag.year_told import speaks_of_other_years
from rag.years import years_of_matter

CONFIDENCE = 0.8
"""Too rare to be fitted; as sure as a sentence that has just so many things side by side."""
_FEWEST_THINGS = 3
_PASSAGES_READ = 5
_CHUNKS_READ = 60
_LONGEST_LEAD = 16
_OPENING_CLAUSES = 2
_CLAUSE_END = re.compile(r"[，。；：！？,;:!?\n]")
_ORDINAL = re.compile(r"^[（(]?(?:[一二三四五六七八九十]|\d{1,2})(?:[）)、.．][是要]{0,2}|[是要]{1,2})")


def gathered(question: str, passages: Sequence[Passage], tables: Tables) -> list[CheckedSentence]:
    """Return the things that a question names together, each cited by itself; empty where they are not found so.

    Args:
        question: as it was searched.
        passages: what was found for it, the best first.
        tables: of the index; all that stands under the headings of a passage is read.
    """
    named = named_count(question)
    if named is None or named.count < _FEWEST_THINGS:
        return []
    asked, seen = years_of_matter(question), set()
    # A passage of neighbouring chunks has the headings of the first; the list may be under those of another.
    found = [
        (passage, tables.chunk(row).chunk) for passage in passages[:_PASSAGES_READ] for row in passage.rows
    ]
    for passage, chunk in found:
        place = chunk.doc_id, chunk.headings
        if place not in seen:
            seen.add(place)
            under = tables.chunks_under(chunk, _CHUNKS_READ)
            texts = [*chunk.headings, *(stored.chunk.text for stored in under)]
            if speaks_of_other_years(asked, [*texts, f"{chunk.dateline.date[:4]}年"]):
                continue
            for things in _things(named, passage, under, tables):
                if len(things) == named.count and not any(
                    other_matter(question, lead, (item,)) for lead, item in things.items()
                ):
                    return [CheckedSentence(f"{lead}。", (item,), ()) for lead, item in things.items()]
    return []


def _things(
    named: NamedCount, passage: Passage, under: Sequence[StoredChunk], tables: Tables
) -> list[dict[str, Evidence]]:
    """Return, of the sentences under a heading, the opening clauses that end in what is counted, and that begin so."""
    ending: dict[str, Evidence] = {}
    beginning: dict[str, Evidence] = {}
    said = ""
    for stored in under:
        own = replace(passage, chunk=stored.chunk, rows=(stored.row,), sections=())
        for sentence in tables.sentences(stored.row):
            said += letters(sentence.text)
            if addresses_reader(sentence.text):
                continue
            clauses = [_ORDINAL.sub("", clause.strip()) for clause in _CLAUSE_END.split(sentence.text)]
            begins = (
                clause for clause in clauses[:_OPENING_CLAUSES] if letters(clause).startswith(named.what)
            )
            ends = (clause for clause in clauses[:1] if letters(clause).endswith(named.what))
            for group, lead in ((beginning, next(begins, "")), (ending, next(ends, ""))):
                if 0 < len(lead) <= _LONGEST_LEAD and letters(lead) not in (named.what, named.name):
                    group.setdefault(lead, Evidence(len(group) + 1, sentence, own, passage.fused))
    return [ending, beginning] if named.name in said else []
