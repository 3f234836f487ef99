"""The folder of uploaded files: every file in it is whole, and nothing done here reaches outside of it."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.durable import sync
from rag.errors import LibraryError

_LONGEST_NAME = 150
_LONGEST_NAME_BYTES = 240
_LONGEST_SUFFIX = 20
_UNFINISHED = ".new-"

# Controls, invisible marks such as those that turn the writing direction, halves of surrogate pairs, line ends.
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class UploadFolder:
    """Files under safe names, each put there in one step."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def files(self) -> list[Path]:
        """Return the kept files, by name; links, folders and hidden files are none.

        Raises:
            LibraryError: the folder is a link, or cannot be listed.
        """
        return [path for path in self._entries() if path.is_file() and not path.is_symlink()]

    def names(self) -> set[str]:
        """Return every name that is taken, whatever has it.

        Raises:
            LibraryError: the folder is a link, or cannot be listed.
        """
        return {path.name for path in self._entries()}

    @contextmanager
    def receiving(self, raw: bytes, suffix: str) -> Iterator[Path]:
        """Write a hidden file and yield its path; it is deleted at the end unless :meth:`keep` was called.

        Raises:
            LibraryError: the folder is a link.
            OSError: the disk is full, or cannot be written to.
        """
        self._refuse_link()
        if not self.path.is_dir():
            self.path.mkdir(parents=True, exist_ok=True)
            sync(self.path.parent)
        descriptor, name = tempfile.mkstemp(suffix, _UNFINISHED, self.path)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            yield temporary
        finally:
            temporary.unlink(missing_ok=True)

    def keep(self, temporary: Path, name: str) -> None:
        """Give a received file its name, in the place of an older file of this name.

        Raises:
            OSError: it cannot be renamed.
        """
        temporary.replace(self._place(name))
        sync(self.path)

    def delete(self, name: str) -> None:
        """Delete a kept file; that there is none is no error.

        Raises:
            LibraryError: it cannot be deleted.
        """
        try:
            self._place(name).unlink(missing_ok=True)
            sync(self.path)
        except OSError as error:
            raise LibraryError(
                f"{self.path / name} cannot be deleted ({error.strerror}): delete it by hand"
            ) from error

    def discard_unfinished(self) -> None:
        """Delete what a crash left half received."""
        if not self.path.is_symlink():
            for path in self.path.glob(f"{_UNFINISHED}*"):
                with suppress(OSError):
                    path.unlink()

    def _entries(self) -> list[Path]:
        self._refuse_link()
        try:
            return sorted(path for path in self.path.iterdir() if not path.name.startswith("."))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise LibraryError(f"{self.path} cannot be listed: {error.strerror}") from error

    def _refuse_link(self) -> None:
        if self.path.is_symlink():
            raise LibraryError(f"{self.path} is a link, and uploads stay in the index folder: remove it")

    def _place(self, name: str) -> Path:
        if not name or name.startswith(".") or Path(name).name != name:
            raise ValueError(f"{name!r} is no safe name")
        return self.path / name


def safe_name(name: str) -> str:
    """Return the name that a file of the user is kept under, or "" when nothing is left of it.

    It is the last part of a path of any system, without control characters and leading dots, and not too long.
    """
    last = re.split(r"[/\\]", name)[-1]
    # Browsers on a Mac send accents as characters of their own, which no one types.
    composed = unicodedata.normalize("NFC", last)
    printable = "".join(
        character for character in composed if unicodedata.category(character) not in _UNWANTED
    )
    return numbered_name(re.sub(r"^[.\s]+", "", printable).rstrip(), 1)


def numbered_name(name: str, number: int) -> str:
    """Return ``name`` for the first, and ``name (2).txt`` and so on for more, none of them too long."""
    suffix = Path(name).suffix
    if len(suffix) > _LONGEST_SUFFIX:
        suffix = ""
    ending = f" ({number}){suffix}" if number > 1 else suffix
    stem = name.removesuffix(suffix)[: _LONGEST_NAME - len(ending)]
    room = _LONGEST_NAME_BYTES - len(ending.encode())
    return stem.encode()[:room].decode(errors="ignore") + ending


def why_not_written(error: OSError, folder: Path) -> str:
    """Say in one line why a file could not be written in ``folder``, and how to mend it."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk of {folder} is full: free some space and add it again"
    return f"cannot be kept in {folder}: {error.strerror or error}"
