"""The errors of the question side; all derive from :class:`index.errors.WenyuanError`."""

from __future__ import annotations

from index.errors import WenyuanError

__all__ = [
    "BatchError",
    "DiskSpaceError",
    "DownloadError",
    "EvaluationError",
    "GateError",
    "GeneratorError",
    "GoldError",
    "LibraryError",
    "ModelMissingError",
    "ModelVerificationError",
    "NotReadyError",
    "QuestionError",
    "QuestionFileError",
    "SettingsError",
    "SourceGoneError",
    "WenyuanError",
]


class SettingsError(WenyuanError):
    """A setting has a value that cannot be used."""


class ModelMissingError(WenyuanError):
    """A model is unknown, or not on this machine and cannot be fetched."""


class ModelVerificationError(WenyuanError):
    """A model file's sha256 differs from the lock file."""


class DownloadError(WenyuanError):
    """A download failed or was interrupted; what was fetched is kept for the next try."""


class DiskSpaceError(WenyuanError):
    """There is not enough free disk space for a download or an index."""


class GeneratorError(WenyuanError):
    """The generator failed to load or to answer."""


class QuestionError(WenyuanError):
    """The question is empty or too long."""


class QuestionFileError(WenyuanError):
    """A file of questions cannot be read, or does not say where its questions are."""


class BatchError(WenyuanError):
    """A batch cannot be begun, gone on with or written."""


class LibraryError(WenyuanError):
    """The uploaded documents cannot be kept, listed or deleted."""


class NotReadyError(WenyuanError):
    """The models or the index are not ready yet, or could not be loaded."""


class SourceGoneError(WenyuanError):
    """A cited document has been removed or changed since."""


class GoldError(WenyuanError):
    """A gold set cannot be used: a line or a field of it, or the documents that it names."""


class EvaluationError(WenyuanError):
    """An evaluation cannot be run, or one that was run cannot be read."""


class GateError(WenyuanError):
    """A figure misses what was asked of it."""
