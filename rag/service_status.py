"""What a :class:`rag.service.Service` says of itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from index.loading import Skipped
from rag.progress import Phase

State = Literal["starting", "ready", "empty", "failed"]
"""Being set up; questions are answered; there are no documents yet; set-up did not succeed."""


@dataclass(frozen=True)
class Rebuilt:
    """How the last rebuild of the index ended."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    missing: tuple[str, ...] = ()  # folders that were indexed before and are gone
    error: str | None = None

    def then(self, later: Rebuilt) -> Rebuilt:
        """Return how two rebuilds in a row ended: what either changed, and what is the case after the later one."""
        return replace(
            later,
            added=tuple(dict.fromkeys((*self.added, *later.added))),
            changed=tuple(dict.fromkeys((*self.changed, *later.changed))),
            removed=tuple(dict.fromkeys((*self.removed, *later.removed))),
        )


@dataclass(frozen=True)
class ServiceStatus:
    """What a page needs to know to show the right thing."""

    state: State
    phase: Phase | None  # of the set-up or of the rebuild that is going on
    error: str | None  # why the set-up failed
    generator_error: str | None  # passages can be searched, but no answer can be written
    building: bool
    rebuilt: Rebuilt | None
    generation: str | None  # name of the index generation that is asked
    embedder: str
    generator: str
    documents: int
    chunks: int
    asking: int  # questions that are being answered or wait for it


@dataclass(frozen=True)
class Waiting:
    """The generator is at work for others; ``ahead`` of them come first."""

    ahead: int
