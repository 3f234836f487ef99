"""The user's view of long work: a bar on stderr for the protocol in index.progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from index.progress import Progress, SilentProgress

if TYPE_CHECKING:
    import rich.progress

__all__ = ["Phase", "Progress", "RecordedProgress", "RichProgress", "SilentProgress", "format_bytes", "phase"]


class RichProgress:
    """A bar on stderr with the amount done and the time left; stdout stays free for data.

    ``unit`` says what is counted: bytes are shown with their rate, items as "12/40".
    """

    def __init__(self, unit: Literal["bytes", "items"] = "bytes") -> None:
        self._unit = unit
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def start(self, description: str, total: int | None) -> None:
        """Show a bar; it pulses when ``total`` is ``None``."""
        # rich is only loaded when there is something to show.
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            MofNCompleteColumn,
            ProgressColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )
        from rich.progress import Progress as Bar

        self.done()
        columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()]
        if total is None:
            columns += [TimeElapsedColumn()]
        elif self._unit == "bytes":
            columns += [DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()]
        else:
            columns += [MofNCompleteColumn(), TimeRemainingColumn()]
        self._bar = Bar(*columns, console=Console(stderr=True))
        self._task = self._bar.add_task(description, total=total)
        self._bar.start()

    def advance(self, count: int) -> None:
        """Move the bar by ``count`` units."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, count)

    def done(self) -> None:
        """Leave the bar as it stands and give the terminal back."""
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._task = None


@dataclass(frozen=True)
class Phase:
    """Where long work stands; ``total`` is ``None`` while its size is unknown."""

    description: str
    done: int
    total: int | None
    unit: Literal["bytes", "items"]


class RecordedProgress:
    """Hands every change of a phase to ``record``, and ``None`` when it ends, for whoever shows it elsewhere."""

    def __init__(self, unit: Literal["bytes", "items"], record: Callable[[Phase | None], None]) -> None:
        self._unit = unit
        self._record = record
        self._phase: Phase | None = None

    def start(self, description: str, total: int | None) -> None:
        """Begin a phase."""
        self._set(Phase(description, 0, total, self._unit))

    def advance(self, count: int) -> None:
        """Count ``count`` more units as done."""
        if self._phase is not None:
            self._set(replace(self._phase, done=self._phase.done + count))

    def done(self) -> None:
        """End the phase."""
        self._set(None)

    def _set(self, phase: Phase | None) -> None:
        self._phase = phase
        self._record(phase)


@contextmanager
def phase(progress: Progress, description: str, total: int | None) -> Iterator[None]:
    """Run a block as one phase, ended also when the block fails or is interrupted."""
    progress.start(description, total)
    try:
        yield
    finally:
        progress.done()


def format_bytes(count: int) -> str:
    """Return ``count`` bytes for people, in decimal units: ``1.1 GB``."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return f"{size:.0f} {unit}" if unit in ("B", "kB") else f"{size:.1f} {unit}"
        size /= 1000
    raise AssertionError("unreachable")
