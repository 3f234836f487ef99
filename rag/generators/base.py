"""What every generator offers, whichever engine writes the answer."""

from __future__ import annotations

import collections.abc
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypedDict

from rag.errors import GeneratorError


class Message(TypedDict):
    """One turn of a conversation, as every chat template takes it."""

    role: Literal["system", "user", "assistant"]
    content: str


TextStream: TypeAlias = collections.abc.Generator[str, None, None]
"""Pieces of text as they are written; ``close()`` before the end stops the writing."""


@dataclass(frozen=True)
class GenerationStats:
    """What one call cost.

    Attributes:
        prompt_tokens: tokens of the whole prompt, chat template included.
        cached_tokens: those of them that were not computed again.
        answer_tokens: tokens written.
        finish_reason: ``stop`` when the model ended the answer, ``length`` when the limit did.
        mean_logprob: mean natural logarithm of the probabilities that the model gave to the tokens it wrote; ``None``
            where the engine does not say.
    """

    prompt_tokens: int
    cached_tokens: int
    answer_tokens: int
    finish_reason: Literal["stop", "length"]
    mean_logprob: float | None = None


class Generator(Protocol):
    """Writes answers. All decoding is greedy, so that an answer can be reproduced.

    A generator may be used from several threads; where the engine does one thing at a time, calls take turns.
    Every method may raise :class:`rag.errors.GeneratorError`, whose message is one line for the user.
    """

    name: str

    @property
    def last_stats(self) -> GenerationStats | None:
        """The statistics of the last :meth:`stream` that this thread read to its end; None before that."""

    def prepare(self, front: Sequence[Message]) -> None:
        """Compute in the background the messages that every question starts with (instructions, examples).

        Returns at once and never fails; it only saves time, and does nothing where the engine has no
        use for it.
        """

    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        """Write the next assistant message piece by piece, from when the first piece is asked for.

        Args:
            messages: the conversation; the last message may be the beginning of the assistant's answer.
            max_tokens: where the answer is cut at the latest.
            grammar: a GBNF grammar that the answer must follow; only the llamacpp adapter obeys it.
        """

    def batch(self, conversations: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        """Answer several conversations; the answers come in the order of the conversations."""

    def count_tokens(self, text: str) -> int:
        """Return how many tokens ``text`` has, without a chat template around it (openai: an estimate)."""

    def close(self) -> None:
        """Stop what is being written and free the model; a second call does nothing."""


class StatsKeeper:
    """Remembers the statistics per thread: two questions at once must not see each other's."""

    def __init__(self) -> None:
        self._kept = threading.local()

    @property
    def last_stats(self) -> GenerationStats | None:
        """The statistics of the last stream that this thread read to its end; None before that."""
        stats: GenerationStats | None = getattr(self._kept, "stats", None)
        return stats

    def _keep(self, stats: GenerationStats) -> None:
        self._kept.stats = stats


def one_line(text: object, limit: int = 200) -> str:
    """Return ``text`` as one line of at most ``limit`` characters, for an error message."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def prompt_too_long(prompt_tokens: int, context_tokens: int) -> GeneratorError:
    """Return the error for a prompt that does not fit into the model's context."""
    return GeneratorError(
        f"the prompt has {prompt_tokens} tokens and the context holds {context_tokens}: "
        "ask a shorter question, lower RAG_RETRIEVAL__EVIDENCE_TOKENS or raise RAG_GENERATION__CONTEXT_TOKENS"
    )
