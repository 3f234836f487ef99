"""What a request to ``/v1/chat/completions`` asks: a question, its history and its options."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from rag.choices import Choices
from rag.conversation import Exchange
from rag.pipeline import AskOptions
from rag.replies import without_marks
from ui.openai_errors import ApiError

_MOST_MESSAGES = 200
_MOST_CHARACTERS = 200_000


@dataclass(frozen=True)
class Asked:
    """A request, understood.

    Attributes:
        question: the last message.
        history: the pairs of question and answer before it.
        options: what the extension fields chose.
        streamed: whether the answer comes as server-sent events.
        usage: whether the events end with the token counts.
    """

    question: str
    history: tuple[Exchange, ...]
    options: AskOptions
    streamed: bool
    usage: bool


class _Read(BaseModel):
    # OpenAI's many other parameters have no meaning here, and clients send them by default.
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Message(_Read):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str = ""

    @field_validator("content", mode="before")
    @classmethod
    def _join_parts(cls, content: object) -> object:
        """Take ``null`` (beside tool calls) and lists of text parts."""
        if content is None:
            return ""
        return "\n".join(_text_of(part) for part in content) if isinstance(content, list) else content


class _StreamOptions(_Read):
    include_usage: bool | None = None


class _ChatRequest(Choices):
    messages: list[_Message] = Field(min_length=1, max_length=_MOST_MESSAGES)
    stream: bool | None = None
    stream_options: _StreamOptions | None = None
    n: Literal[1] | None = None
    documents: list[str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _check_messages(self) -> _ChatRequest:
        if sum(len(message.content) for message in self.messages) > _MOST_CHARACTERS:
            raise ValueError(
                f"the messages have more than {_MOST_CHARACTERS} characters: leave older ones out"
            )
        if self.messages[-1].role != "user":
            raise ValueError("the last message must be the user's: it is the question")
        return self


def read_request(body: bytes) -> Asked:
    """Read the JSON of a chat request.

    The last message is the question. Before it, each message of the user with the assistant's reply to it is an
    exchange; what else there is (instructions, tools' output) is left out: answers come from the documents.

    Raises:
        ApiError: the body is not such a request.
    """
    try:
        request = _ChatRequest.model_validate_json(body)
    except ValidationError as error:
        raise _refused(error) from error
    return Asked(
        question=request.messages[-1].content,
        history=tuple(_exchanges(request.messages[:-1])),
        options=request.options(),
        streamed=bool(request.stream),
        usage=bool(request.stream_options and request.stream_options.include_usage),
    )


def _text_of(part: object) -> str:
    if not isinstance(part, dict):
        raise ValueError('a part must be like {"type": "text", "text": "…"}')
    if part.get("type") != "text":
        raise ValueError(f"only text can be read, not a part of type {str(part.get('type'))[:40]!r}")
    text = part.get("text")
    if not isinstance(text, str):
        raise ValueError("the text of a part must be a string")
    return text


def _exchanges(messages: Sequence[_Message]) -> list[Exchange]:
    exchanges: list[Exchange] = []
    question = ""
    for message in messages:
        text = message.content.strip()
        if message.role == "user":
            question = text
        elif message.role == "assistant" and text and question:
            exchanges.append(Exchange(question, without_marks(text)))
            question = ""
    return exchanges


def _refused(error: ValidationError) -> ApiError:
    """Name the first thing that is wrong, without repeating what was sent."""
    first = error.errors(include_url=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return ApiError(400, "the body is not valid JSON in UTF-8")
    place = ".".join(str(step) for step in first["loc"])
    said = first["msg"].removeprefix("Value error, ")
    return ApiError(400, f"{place}: {said}" if place else said, param=place or "messages")
