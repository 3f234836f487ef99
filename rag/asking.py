"""What is found for one part of a question before anything is written: passages, and the evidence in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from index.embedding import Vectors
from index.lexical import LexicalIndex
from index.tables import EVERYTHING, Scope
from rag.evidence import Evidence, choose_evidence
from rag.parts import Part
from rag.retrieval import Passage, Retriever


@dataclass(frozen=True)
class Ask:
    """One part of a question with what was found for it."""

    part: Part
    passages: list[Passage]
    vector: Vectors
    retriever: Retriever
    lexical: LexicalIndex
    evidence_tokens: int

    @cached_property
    def evidence(self) -> list[Evidence]:
        """The sentences to answer from; chosen when they are first asked for, so that passages are shown before."""
        return choose_evidence(
            self.part.question,
            self.vector,
            self.passages,
            self.retriever,
            self.lexical,
            self.evidence_tokens,
        )


def search(
    part: Part,
    retriever: Retriever,
    lexical: LexicalIndex,
    evidence_tokens: int,
    *,
    scope: Scope = EVERYTHING,
    top_k: int | None = None,
) -> Ask:
    """Find passages for one part of a question; see :meth:`Retriever.retrieve`."""
    vector = retriever.embed(part.question)
    passages = retriever.retrieve(part.question, vector, scope=scope, top_k=top_k)
    return Ask(part, passages, vector, retriever, lexical, evidence_tokens)
