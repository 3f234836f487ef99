"""Generation by any server that speaks OpenAI's chat completions: vLLM, llama-server, Ollama, …"""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from rag.errors import GeneratorError
from rag.generators.base import GenerationStats, Message, StatsKeeper, TextStream, one_line
from rag.settings import GenerationSettings

# Servers batch what arrives together; more than this many at once only lengthens the wait for the first.
CONCURRENT_REQUESTS = 4


class OpenAIServerGenerator(StatsKeeper):
    """Asks an OpenAI-compatible server. Grammars are ignored: servers do not agree on how to take them."""

    def __init__(self, settings: GenerationSettings, name: str) -> None:
        """Prepare the connection; nothing is sent yet.

        Args:
            settings: address, time-out and the name of the variable that holds the key.
            name: the model's name on the server.

        Raises:
            GeneratorError: the address or the key cannot be used.
        """
        super().__init__()
        self.name = name
        self._settings = settings
        self._address = settings.base_url.rstrip("/")
        key = os.environ.get(settings.api_key_variable, "").strip()
        if not key.isascii():
            raise GeneratorError(f"{settings.api_key_variable} holds no key (not ASCII): set it anew")
        try:
            host = httpx.URL(self._address).host
            self._client = httpx.Client(
                timeout=settings.timeout_s,
                headers={"Authorization": f"Bearer {key}"} if key else {},
                # A company's proxy cannot reach a server on this machine.
                trust_env=host not in ("127.0.0.1", "localhost", "::1"),
            )
        except (httpx.InvalidURL, ValueError) as error:
            raise self._unusable_address(error) from error

    def prepare(self, front: Sequence[Message]) -> None:
        """Do nothing: the server keeps its own prompt cache."""

    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        """Ask the server and pass on its pieces; see :meth:`rag.generators.base.Generator.stream`."""
        body = {
            "model": self.name,
            "messages": list(messages),
            "max_tokens": max_tokens,
            "temperature": 0,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        pieces: list[str] = []
        usage: dict[str, Any] = {}
        finish_reason: str | None = None
        with self._errors_for_the_user():
            with self._client.stream("POST", f"{self._address}/chat/completions", json=body) as response:
                if response.status_code != httpx.codes.OK:
                    response.read()
                    raise self._refusal(response)
                for event in self._events(response):
                    usage = event.get("usage") or usage
                    for choice in event.get("choices") or ():
                        finish_reason = choice.get("finish_reason") or finish_reason
                        piece = (choice.get("delta") or {}).get("content")
                        if piece:
                            pieces.append(piece)
                            yield piece
            if finish_reason is None:
                raise GeneratorError(f"{self._address} ended the answer in the middle: see the server's log")
        cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens")
        self._keep(
            GenerationStats(
                prompt_tokens=usage.get("prompt_tokens")
                or sum(self.count_tokens(message["content"]) for message in messages),
                cached_tokens=cached or 0,
                answer_tokens=usage.get("completion_tokens") or self.count_tokens("".join(pieces)),
                finish_reason="length" if finish_reason == "length" else "stop",
            )
        )

    def batch(self, conversations: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        """Ask several questions at once; the first error ends the batch."""
        stopped = threading.Event()

        def answer(messages: Sequence[Message]) -> str:
            pieces: list[str] = []
            with contextlib.closing(self.stream(messages, max_tokens)) as stream:
                for piece in stream:
                    if stopped.is_set():
                        break
                    pieces.append(piece)
            return "".join(pieces)

        pool = ThreadPoolExecutor(max_workers=CONCURRENT_REQUESTS, thread_name_prefix="generation")
        try:
            return list(pool.map(answer, conversations))
        finally:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def count_tokens(self, text: str) -> int:
        """Estimate the tokens of ``text``, rather too many than too few: the server's tokenizer is not here.

        A character outside ASCII counts as one token, four of ASCII as one.
        """
        ascii_characters = sum(character.isascii() for character in text)
        return len(text) - ascii_characters + (ascii_characters + 3) // 4

    def close(self) -> None:
        """Close the connections; a second call does nothing."""
        self._client.close()

    def _events(self, response: httpx.Response) -> Iterator[dict[str, Any]]:
        # Server-sent events: comments (": keep-alive") and other fields than "data" carry nothing for us.
        for line in response.iter_lines():
            if not line.startswith("data:"):
                continue
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            try:
                event = json.loads(data)
            except ValueError as error:
                # Skipping it would lose a piece of the answer without anyone noticing.
                raise self._broken_event(data) from error
            if not isinstance(event, dict):
                raise self._broken_event(data)
            if event.get("error"):
                raise GeneratorError(
                    f"{self._address} failed ({_server_message(event)}): see the server's log"
                )
            yield event

    @contextlib.contextmanager
    def _errors_for_the_user(self) -> Iterator[None]:
        try:
            yield
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise GeneratorError(
                f"no server answers at {self._address}: start it or set RAG_GENERATION__BASE_URL"
            ) from error
        except httpx.TimeoutException as error:
            raise GeneratorError(
                f"{self._address} sent nothing for {self._settings.timeout_s:g} s: "
                "raise RAG_GENERATION__TIMEOUT_S or use a faster model"
            ) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise self._unusable_address(error) from error
        except httpx.HTTPError as error:
            raise GeneratorError(
                f"the connection to {self._address} broke ({one_line(error, 80)}): see the server's log"
            ) from error

    def _unusable_address(self, error: Exception) -> GeneratorError:
        return GeneratorError(
            f"{self._address!r} is no address of a server ({one_line(error, 80)}): "
            "set RAG_GENERATION__BASE_URL, for example to http://127.0.0.1:8080/v1"
        )

    def _broken_event(self, data: str) -> GeneratorError:
        return GeneratorError(
            f"{self._address} sent what is no event ({one_line(data, 60)}): check RAG_GENERATION__BASE_URL"
        )

    def _refusal(self, response: httpx.Response) -> GeneratorError:
        status = response.status_code
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            advice = f"set the key in the environment variable {self._settings.api_key_variable}"
        elif status == httpx.codes.NOT_FOUND:
            advice = "check RAG_GENERATION__BASE_URL (it mostly ends in /v1) and RAG_GENERATION__MODEL"
        else:
            advice = "see the server's log"
        try:
            body: object = response.json()
        except ValueError:
            body = response.text
        return GeneratorError(f"{self._address} answered {status} ({_server_message(body)}): {advice}")


def _server_message(body: object) -> str:
    error = body.get("error", body) if isinstance(body, dict) else body
    message = error.get("message", error) if isinstance(error, dict) else error
    return one_line(message, 120) or "no reason given"
