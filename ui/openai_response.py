"""An answer in the shape of OpenAI's API: whole, or as server-sent events."""

from __future__ import annotations

import itertools
import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

from rag.answers import Answer
from ui.openai_errors import api_error

MODEL = "wenyuan"
"""The one model that there is; requests may name any other."""

_MARKS = re.compile(r"\s*(?:\[\d+\])+")


def completion(answer: Answer) -> dict[str, Any]:
    """Return an answer as a ``chat.completion``."""
    message = {"role": "assistant", "content": answer.answer, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    about = _about("chat.completion")
    return {**about, "choices": [choice], "usage": _usage(answer), **_extensions(answer)}


class Chunks:
    """The server-sent events of one answer; each is a line, without the blank line after it."""

    def __init__(self, usage: bool) -> None:
        """Begin an answer; ``usage`` says whether its events end with the token counts."""
        self._usage = usage
        self._about = _about("chat.completion.chunk")

    def begin(self) -> str:
        """Return the chunk that says who speaks."""
        return self._chunk({"role": "assistant", "content": ""})

    def answered(self, answer: Answer) -> Iterator[str]:
        """Yield the chunks of the sentences and all that ends the stream."""
        for sentence in sentences_of(answer):
            yield self._chunk({"content": sentence})
        yield self._chunk({}, "stop", **_extensions(answer))
        if self._usage:
            yield _data({**self._about, "choices": [], "usage": _usage(answer)})
        yield "data: [DONE]"

    def failed(self, error: Exception) -> Iterator[str]:
        """Yield what ends the stream when there is no answer."""
        yield _data(api_error(error).body)

    def _chunk(self, delta: dict[str, str], finish: str | None = None, **extensions: object) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        usage = {"usage": None} if self._usage else {}
        return _data({**self._about, "choices": [choice], **usage, **extensions})


def sentences_of(answer: Answer) -> list[str]:
    """Cut an answer's text, marks and all, after each of its sentences; the pieces joined are the text."""
    text = answer.answer
    cuts = [0]
    for sentence in answer.sentences[:-1]:
        end = _end_of(sentence.text, text, cuts[-1])
        if end is None:
            break
        cuts.append(end)
    cuts.append(len(text))
    return [text[start:end] for start, end in itertools.pairwise(cuts) if end > start]


def _end_of(sentence: str, text: str, start: int) -> int | None:
    """Return where ``sentence``, whose marks only ``text`` has, ends in it; ``None`` when it is not there."""
    at = start
    for character in sentence.strip():
        while text[at : at + 1] != character:
            if marks := _MARKS.match(text, at):
                at = marks.end()
            elif text[at : at + 1].isspace():
                at += 1
            else:
                return None
        at += 1
    marks = _MARKS.match(text, at)
    return marks.end() if marks else at


def _about(what: str) -> dict[str, object]:
    number = f"chatcmpl-{uuid.uuid4().hex}"
    return {"id": number, "object": what, "created": int(time.time()), "model": MODEL}


def _usage(answer: Answer) -> dict[str, int]:
    asked, written = answer.timings.prompt_tokens, answer.timings.answer_tokens
    return {"prompt_tokens": asked, "completion_tokens": written, "total_tokens": asked + written}


def _extensions(answer: Answer) -> dict[str, Any]:
    whole = answer.model_dump(mode="json")
    return {"citations": whole["citations"], "wenyuan": whole}


def _data(content: object) -> str:
    # In ASCII, as some clients take Unicode's line separators for the end of a line.
    return f"data: {json.dumps(content, separators=(',', ':'))}"
