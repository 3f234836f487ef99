"""How long work tells whoever watches where it stands."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives the progress of one phase after another; phases do not overlap."""

    def start(self, description: str, total: int | None) -> None:
        """Begin a phase of ``total`` units (bytes or items); ``None`` when its size is unknown."""

    def advance(self, count: int) -> None:
        """Count ``count`` more units of the phase as done."""

    def done(self) -> None:
        """End the phase, whether it succeeded or not."""


class SilentProgress:
    """A progress that shows nothing."""

    def start(self, description: str, total: int | None) -> None:
        """Ignore the phase."""

    def advance(self, count: int) -> None:
        """Ignore the units."""

    def done(self) -> None:
        """Ignore the end."""
