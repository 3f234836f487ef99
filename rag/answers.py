"""The answer: one shape for the terminal, JSON, batches, evaluation and the page."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

RefusalReason = Literal["no_passages", "not_in_passages", "unsupported", "unsure"]
"""Why there is no answer: nothing was found; the passages do not say; what was written did not hold up; it held up, and
was still too likely to be wrong."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerSentence(_Part):
    """One sentence of the answer, without citation marks, and what checking it found."""

    text: str
    citations: list[int] = Field(description="Numbers of the citations that carry it.")
    supported: bool = Field(description="False: it was withheld, and is no part of the answer's text.")
    problems: list[str] = Field(description="What the cited sources do not hold, one short phrase each.")


class Citation(_Part):
    """A span of a document; ``quote`` equals the original document's ``text[start:end]`` exactly."""

    n: int
    doc: str
    title: str = Field(
        description="Of the document; of the article, where the document has only a file name."
    )
    start: int
    end: int
    quote: str


class AnswerPassage(_Part):
    """A passage that was found; ``text`` is cleaned for reading, the offsets are into the original."""

    doc: str
    start: int
    end: int
    score: float
    text: str


class Timings(_Part):
    """Seconds since the question was asked, and tokens."""

    retrieve_s: float = 0.0
    first_token_s: float = Field(default=0.0, description="When the first words of the answer came.")
    total_s: float = 0.0
    prompt_tokens: int = 0
    answer_tokens: int = 0


class ModelNames(_Part):
    """Who was at work."""

    embedder: str
    generator: str
    reranker: str | None = None


class Answer(_Part):
    """A checked answer, or a refusal."""

    id: str
    question: str
    standalone_question: str | None = Field(
        default=None, description="The question that was searched, where a follow-up had to be completed."
    )
    answer: str = Field(description="The text with [n] marks; of a refusal, the words the user reads.")
    refused: bool
    reason: RefusalReason | None
    confidence: float | None = Field(
        default=None, description="Probability that what was written is right; null where nothing held up."
    )
    sentences: list[AnswerSentence]
    citations: list[Citation]
    passages: list[AnswerPassage]
    timings: Timings
    models: ModelNames
