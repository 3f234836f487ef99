"""The errors of the web side; all derive from :class:`index.errors.WenyuanError`."""

from __future__ import annotations

from index.errors import WenyuanError

__all__ = ["AccessError", "ServerError", "WenyuanError"]


class AccessError(WenyuanError):
    """The file of logins cannot be used, or a name or password cannot be set."""


class ServerError(WenyuanError):
    """The page cannot be served at the address that was asked for."""
