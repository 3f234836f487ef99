"""What makes files on disk certain: that one was written out, that it is what it was, that nobody else writes it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def held(lock_file: Path, refusal: Exception) -> Iterator[None]:
    """Hold a lock file, which is gone afterwards; whoever asks for it meanwhile is turned away.

    Raises:
        Exception: ``refusal``, where another process, or another thread, holds it.
        OSError: it cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(lock_file)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise refusal from error
    try:
        yield
    finally:
        # While it is held; whoever is about to take it sees that it is gone, and makes a new one.
        lock_file.unlink(missing_ok=True)
        lock.release()
