"""The errors a user can mend. Each is shown as one line and ends the command with exit code 1."""

from __future__ import annotations


class WenyuanError(Exception):
    """Base of every error that the user can mend.

    The message is one line that says what is wrong and how to mend it; commands print it
    without a traceback. Anything else that escapes is a bug.
    """


class DocumentError(WenyuanError):
    """A document cannot be read: broken, binary, encrypted, in an unknown encoding, or gone."""


class IndexStateError(WenyuanError):
    """Base of the errors about an index on disk."""


class IndexMissingError(IndexStateError):
    """There is no index at the given place."""


class IndexCorruptError(IndexStateError):
    """A file of the index is missing, truncated or altered."""


class IndexMismatchError(IndexStateError):
    """The index was built with another embedding model, other settings or another format."""


class IndexLockedError(IndexStateError):
    """Another process is writing this index."""


class EmptyCorpusError(IndexStateError):
    """Nothing that can be indexed was found at the given paths."""
