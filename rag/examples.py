"""Example questions for a page that nobody has asked anything yet, taken from the indexed documents themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.characters import IDEOGRAPHS
from index.store import Index

_FIGURE = re.compile(
    rf"(?:^|[，。；：！？、\n])(?P<what>[{IDEOGRAPHS}]{{7,18}}?)(?P<number>\d[\d.,]*)(?P<unit>万|亿|萬|億)?"
    r"(?P<counted>元|人|户|戶|家|个|個|件|项|項|亩|畝|公里|吨|噸|台|辆|輛|所|座)(?=[，。；、！？\n])"
)
"""A clause that ends in a figure: 现场签约合同金额 3400 万元."""

_LEANS_ON_CONTEXT = re.compile(
    r"^(?:其中|其|这|這|该|該|此|与|與|比|约|約|第|分别|同比|占|将|將|已|又|并|並|共|全|再|累计|累計)|[其这這该該此]"
)
_LEANS_FORWARD = re.compile(r"[的和与與及或在于於约約近超第每各前后後]$")
_CHUNKS_LOOKED_AT = 400
_DOCUMENTS_LOOKED_AT = 200


def example_questions(index: Index, count: int) -> list[str]:
    """Return up to ``count`` questions that the documents answer, from different documents where there are several.

    A Chinese clause that ends in a figure asks for it with 多少 in the figure's place, which is always a sentence.
    Where a corpus has no such clause, headlines are asked about.
    """
    chosen: dict[str, None] = {}
    names = index.tables.document_ids()[:_DOCUMENTS_LOOKED_AT]
    for questions in (_about_figures, _about_headlines):
        waiting = {name: questions(index, name) for name in names}
        while waiting and len(chosen) < count:
            for name, found in list(waiting.items()):
                if len(chosen) == count:
                    break
                question = next(found, None)
                if question is None:
                    del waiting[name]
                else:
                    chosen[question] = None
    return list(chosen)


def _about_figures(index: Index, document: str) -> Iterator[str]:
    for stored in index.tables.chunks_of(document, _CHUNKS_LOOKED_AT):
        for match in _FIGURE.finditer(stored.chunk.text):
            what = match["what"]
            if not _LEANS_ON_CONTEXT.search(what) and not _LEANS_FORWARD.search(what):
                yield f"{what}多少{match['counted']}？"


def _about_headlines(index: Index, document: str) -> Iterator[str]:
    stored = index.tables.chunks_of(document, _CHUNKS_LOOKED_AT)
    for heading in dict.fromkeys(chunk.chunk.headings[-1] for chunk in stored if chunk.chunk.headings):
        if re.search(f"[{IDEOGRAPHS}]{{4}}", heading):
            yield f"“{heading}”讲了什么？"
        elif len(heading.split()) > 1:
            yield f"What does “{heading}” say?"
