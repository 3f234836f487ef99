"""How far a batch is, for whoever waits: a bar on a terminal, a line now and then elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

import click

from rag.batch.plan import Counts

if TYPE_CHECKING:
    import rich.progress

_LINE_EVERY_S = 30.0


class Meter:
    """Counts rows and says how fast it goes. Use it as a context manager."""

    def __init__(
        self,
        counts: Counts,
        to_ask: int,
        *,
        quiet: bool = False,
        lines: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin to count.

        Args:
            counts: the rows at the beginning; counted on here.
            to_ask: how many questions will be asked.
            quiet: show nothing.
            lines: show lines on a terminal, too: something else is printed there.
            clock: seconds.
        """
        self._counts = counts
        self._total = sum(vars(counts).values())
        self._to_ask = to_ask
        self._asked = 0
        self._clock = clock
        self._started = self._shown = clock()
        self._quiet = quiet
        self._lines = lines
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None

    def __enter__(self) -> Meter:
        if self._quiet:
            return self
        if sys.stderr.isatty() and not self._lines:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (BarColumn(), TextColumn("{task.description}"))
            # By default it would take what is printed to stdout, too, and send it to stderr.
            self._bar = Progress(
                *columns, console=Console(stderr=True), redirect_stdout=False, redirect_stderr=False
            )
            done = self._total - self._counts.left
            self._task = self._bar.add_task(self.line(), total=self._total, completed=done)
            self._bar.start()
        else:
            click.echo(self.line(), err=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def asked(self, counts: Counts) -> None:
        """Show that one more question was asked; ``counts`` are the rows after it."""
        self._counts = counts
        self._asked += 1
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=self.line(), completed=self._total - counts.left)
        elif not self._quiet and self._clock() - self._shown >= _LINE_EVERY_S:
            self._shown = self._clock()
            click.echo(self.line(), err=True)

    @property
    def seconds(self) -> float:
        """Time since the beginning."""
        return self._clock() - self._started

    @property
    def per_minute(self) -> float | None:
        """Questions asked in a minute; None before the first one."""
        return 60 * self._asked / self.seconds if self._asked and self.seconds > 0 else None

    def line(self) -> str:
        """Return where it stands: ``12/40, 9.5 questions/min, 3 min left, 2 refused, 0 failed``."""
        parts = [f"{self._total - self._counts.left}/{self._total}"]
        rate = self.per_minute
        if rate:
            parts.append(f"{rate:.1f} questions/min")
            parts.append(f"{readable_time(60 * (self._to_ask - self._asked) / rate)} left")
        return ", ".join([*parts, f"{self._counts.refused} refused", f"{self._counts.failed} failed"])


def readable_time(seconds: float) -> str:
    """Return a time for people: ``40 s``, ``3 min``, ``2 h 05 min``."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"
