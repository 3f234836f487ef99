"""What is found for one part of a question before anything is written: passages, evidence, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from index.lexical import LexicalIndex
from index.tables import EVERYTHING, Scope
from rag.confidence import readings_of
from rag.evidence import Evidence, choose_evidence
from rag.parts import Part
from rag.reading import Reader, Reading
from rag.retrieval import Passage, Retriever


@dataclass(frozen=True)
class Ask:
    """One part of a question with what was found for it."""

    part: Part
    passages: list[Passage]
    evidence: list[Evidence]
    reader: Reader | None

    @cached_property
    def readings(self) -> dict[int, Reading]:
        """What the second reader says of the evidence, by row; read when it is first asked for."""
        return readings_of(self.part.question, self.evidence, self.reader)


def search(
    part: Part,
    retriever: Retriever,
    lexical: LexicalIndex,
    evidence_tokens: int,
    *,
    scope: Scope = EVERYTHING,
    top_k: int | None = None,
) -> Ask:
    """Find passages for one part of a question, and choose its evidence; see :meth:`Retriever.retrieve`."""
    vector = retriever.embed(part.question)
    passages = retriever.retrieve(part.question, vector, scope=scope, top_k=top_k)
    evidence = choose_evidence(part.question, vector, passages, retriever, lexical, evidence_tokens)
    return Ask(part, passages, evidence, retriever.reader)
