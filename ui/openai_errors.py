"""Errors in the shape of OpenAI's API."""

from __future__ import annotations

import logging

from starlette.responses import JSONResponse

from index.errors import WenyuanError
from rag.errors import NotReadyError, QuestionError

logger = logging.getLogger(__name__)

_RETRY_AFTER_S = 5


class ApiError(Exception):
    """What is told to the client: a status and OpenAI's error object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def error_response(error: Exception) -> JSONResponse:
    """Return the response that tells of ``error``; see :func:`api_error`."""
    told = api_error(error)
    return JSONResponse(told.body, status_code=told.status, headers=told.headers)


def api_error(error: Exception) -> ApiError:
    """Tell in OpenAI's shape what the asker or the owner can mend; log what is a bug."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, QuestionError):
        return ApiError(400, str(error), param="messages")
    if isinstance(error, NotReadyError):
        wait = {"Retry-After": str(_RETRY_AFTER_S)}
        return ApiError(503, str(error), kind="server_error", code="not_ready", headers=wait)
    if isinstance(error, WenyuanError):
        return ApiError(500, str(error), kind="server_error")
    logger.error("a question through the API failed", exc_info=error)
    return ApiError(500, "something went wrong here; the log of the server says what", kind="server_error")
