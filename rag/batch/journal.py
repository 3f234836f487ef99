"""What a batch has answered so far: a file of JSON lines beside the output, each on the disk before the next question.

The first line says what the answers were made from. Whatever moment the program is killed at, every line but the last
is whole; half a line is dropped and its question asked again. The file stays when all is answered: it is how the same
command knows that nothing is left to do, and that the output is its own.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from index.durable import held, sha256_of, sync
from rag.answers import Answer
from rag.errors import BatchError

Outcome = Literal["answered", "refused", "failed"]

_FORMAT = 1
_SUFFIX = ".journal"
_BEGINNING = b'{"format":'


class _Line(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Record(_Line):
    """What became of the question in a row: an answer or an error.

    Attributes:
        row: of the file of questions.
        answer: the checked answer, or the refusal.
        contexts: for each citation the text before it, its quote, and the text after it, all cleaned for reading.
        error: why there is no answer.
    """

    row: int
    answer: Answer | None = None
    contexts: tuple[tuple[str, str, str], ...] = ()
    error: str | None = None

    @property
    def outcome(self) -> Outcome:
        """Whether it is answered, refused or failed."""
        if self.answer is None:
            return "failed"
        return "refused" if self.answer.refused else "answered"


class _Header(_Line):
    format: int
    made_from: dict[str, str]


class _Written(_Line):
    """An output that this batch wrote, or was told to replace."""

    written: str  # sha256


class Journal:
    """The records of one batch, by row; usable from several threads. Made by :func:`open_journal`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._end = 0
        self._places: dict[int, tuple[int, int, Outcome]] = {}
        self._written: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    def outcome(self, row: int) -> Outcome | None:
        """Return what became of the question in ``row``; None while nobody knows."""
        place = self._places.get(row)
        return None if place is None else place[2]

    def read(self, row: int) -> Record:
        """Return the record of ``row``.

        Raises:
            KeyError: there is none.
        """
        start, length, _ = self._places[row]
        return Record.model_validate_json(os.pread(self._descriptor, length, start))

    def append(self, record: Record) -> None:
        """Keep a record; it is on the disk when this returns. A later one of the same row takes its place.

        Raises:
            BatchError: it cannot be written.
        """
        with self._lock:
            start, length = self._put(record)
            self._places[record.row] = (start, length, record.outcome)

    def may_replace(self, output: Path) -> bool:
        """Whether ``output`` is as this batch left it, or is not there."""
        return not output.exists() or sha256_of(output) in self._written

    def note_written(self, output: Path) -> None:
        """Remember that the file at ``output`` is this batch's, wherever it is renamed to."""
        digest = sha256_of(output)
        with self._lock:
            if digest not in self._written:
                self._put(_Written(written=digest))
            self._written.add(digest)

    def close(self) -> None:
        """Take no more records."""
        with self._lock:
            if not self._closed:
                os.close(self._descriptor)
            self._closed = True

    def _put(self, line: _Line) -> tuple[int, int]:
        if self._closed:
            raise BatchError("the batch was stopped: run the same command to go on")
        raw = line.model_dump_json().encode() + b"\n"
        try:
            written = 0
            while written < len(raw):
                written += os.write(self._descriptor, raw[written:])
            os.fsync(self._descriptor)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, self._end)
            raise _not_written(self.path, error) from error
        start = self._end
        self._end += len(raw)
        return start, len(raw) - 1

    def _load(self) -> _Header | None:
        """Read what is there, and cut off what is not whole; without a header nothing is."""
        header: _Header | None = None
        offset = good = 0
        with self.path.open("rb") as file:
            for raw in file:
                offset += len(raw)
                if not raw.endswith(b"\n"):
                    if header is None and not raw.startswith(_BEGINNING[: len(raw)]):
                        raise self._foreign()
                    break
                try:
                    if header is None:
                        header = _Header.model_validate_json(raw)
                    elif raw.startswith(b'{"written"'):
                        self._written.add(_Written.model_validate_json(raw).written)
                    else:
                        record = Record.model_validate_json(raw)
                        self._places[record.row] = (offset - len(raw), len(raw) - 1, record.outcome)
                except ValidationError:
                    if header is None:
                        raise self._foreign() from None
                    # A disk that lost power may leave such a line; its question is asked again.
                    continue
                good = offset
        os.ftruncate(self._descriptor, good)
        self._end = good
        return header

    def _foreign(self) -> BatchError:
        return BatchError(
            f"{self.path} is no journal of `rag batch`: move it away, or say --restart to replace it"
        )

    def _begin(self, header: _Header, output: Path) -> None:
        os.ftruncate(self._descriptor, 0)
        self._put(header)
        if output.exists():
            self.note_written(output)
        sync(self.path.parent)


def journal_path(output: Path) -> Path:
    """Return where the journal of an output lies."""
    return output.with_name(output.name + _SUFFIX)


@contextmanager
def open_journal(output: Path, made_from: Mapping[str, str], *, restart: bool = False) -> Iterator[Journal]:
    """Open, and hold, the journal of ``output``; make it when there is none.

    Args:
        output: where the answers will be written.
        made_from: what the answers depend on, by a name for the user: a fingerprint of each.
        restart: forget what was answered, and replace whatever is at ``output``.

    Raises:
        BatchError: another process holds it, it was made from something else, ``output`` is not its own, or the
            folder cannot be written.
    """
    if not output.parent.is_dir():
        raise BatchError(f"there is no folder {output.parent}: make it, or choose another place with -o")
    if output.is_dir():
        raise BatchError(f"{output} is a folder: choose a file with -o")
    path = journal_path(output)
    refusal = BatchError(
        f"another process is answering into {output}: wait until it has finished, or choose another -o"
    )
    with ExitStack() as stack:
        try:
            stack.enter_context(held(output.with_name(f".{output.name}.lock"), refusal))
        except OSError as error:
            raise _not_written(output, error) from error
        try:
            journal = Journal(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666))
        except OSError as error:
            raise _not_written(path, error) from error
        stack.callback(journal.close)
        _prepare(journal, output, _Header(format=_FORMAT, made_from=dict(made_from)), restart)
        yield journal


def _prepare(journal: Journal, output: Path, header: _Header, restart: bool) -> None:
    if restart:
        journal._begin(header, output)
        return
    found = journal._load()
    if found is not None and found != header:
        names = [name for name, value in header.made_from.items() if found.made_from.get(name) != value]
        raise BatchError(
            f"{output} was begun with other {' and '.join(names) or 'software'}: say --restart to answer everything "
            "again, or choose another -o"
        )
    if not journal.may_replace(output):
        whose = "was not made by this command" if found is None else "was changed since this command wrote it"
        if found is None:
            journal.path.unlink(missing_ok=True)
        raise BatchError(f"{output} {whose}: choose another -o, or say --restart to replace it")
    if found is None:
        journal._begin(header, output)


def _not_written(path: Path, error: OSError) -> BatchError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return BatchError(
            f"the disk of {path.parent} is full: free some space and run the same command; no answer is lost"
        )
    return BatchError(f"{path} cannot be written ({error.strerror or error}): choose another place with -o")
