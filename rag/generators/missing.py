"""What stands in the generator's place when it cannot be loaded: passages can be searched, answers not written."""

from __future__ import annotations

from collections.abc import Sequence

from rag.errors import GeneratorError
from rag.generators.base import GenerationStats, Message, TextStream


class MissingGenerator:
    """Fails with the reason, in one line, as soon as something is to be written."""

    last_stats: GenerationStats | None = None

    def __init__(self, name: str, reason: str) -> None:
        """Remember the reason; ``name`` is that of the generator that should have been here."""
        self.name = name
        self._reason = reason

    def prepare(self, front: Sequence[Message]) -> None:
        """Do nothing."""

    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        """Raise the reason when the first piece is asked for."""
        yield from ()
        raise self._error()

    def batch(self, conversations: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        """Raise the reason."""
        raise self._error()

    def count_tokens(self, text: str) -> int:
        """Raise the reason."""
        raise self._error()

    def close(self) -> None:
        """Do nothing."""

    def _error(self) -> GeneratorError:
        return GeneratorError(f"the generator {self.name} could not be loaded: {self._reason}")
