"""The generator behind an OpenAI-compatible server, against a real HTTP server."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from generating import HELLO, PATIENCE_S, error_line, user

from rag.generators import Generator, open_generator
from rag.settings import GenerationSettings


class Reply:
    """What a test's server may do with one request."""

    def __init__(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        self.handler = handler
        self.body = body

    def start(self, status: int = 200, kind: str = "text/event-stream") -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", kind)
        self.handler.end_headers()

    def line(self, text: str) -> None:
        self.handler.wfile.write(f"{text}\n\n".encode())
        self.handler.wfile.flush()

    def event(self, **event: Any) -> None:
        self.line(f"data: {json.dumps(event, ensure_ascii=False)}")

    def piece(self, text: str | None, finish_reason: str | None = None) -> None:
        delta = {} if text is None else {"content": text}
        self.event(choices=[{"index": 0, "delta": delta, "finish_reason": finish_reason}])

    def answer(self, *pieces: str, finish_reason: str = "stop") -> None:
        self.start()
        for text in pieces:
            self.piece(text)
        self.piece(None, finish_reason)
        self.line("data: [DONE]")

    def fail(self, status: int, body: str) -> None:
        self.start(status, "application/json")
        self.handler.wfile.write(body.encode())


class ChatServer:
    """A server of chat completions on this machine that does what the test puts into ``reply``."""

    def __init__(self) -> None:
        self.reply: Callable[[Reply], None] = lambda reply: reply.answer("好")
        self.requests: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append((self.path, dict(self.headers), body))
                outer.reply(Reply(self, body))

            def log_message(self, format: str, *args: object) -> None:
                pass

        class QuietServer(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """A client that hangs up is part of these tests."""

        self.http = QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def server() -> Iterator[ChatServer]:
    server = ChatServer()
    yield server
    server.http.shutdown()
    server.http.server_close()


def openai(url: str, **settings: Any) -> Generator:
    return open_generator(
        GenerationSettings.model_validate(
            {"adapter": "openai", "model": "some-model", "base_url": url, **settings}
        )
    )


@pytest.fixture
def client(server: ChatServer) -> Iterator[Generator]:
    generator = openai(server.url)
    yield generator
    generator.close()


def test_openai_pieces_arrive_while_the_server_still_writes(server: ChatServer, client: Generator) -> None:
    first_was_read = threading.Event()

    def reply(reply: Reply) -> None:
        reply.start()
        reply.piece("北")
        assert first_was_read.wait(PATIENCE_S)
        reply.piece("京")
        reply.piece(None, "stop")
        reply.line("data: [DONE]")

    server.reply = reply
    stream = client.stream(HELLO, 20)
    assert next(stream) == "北"
    first_was_read.set()
    assert list(stream) == ["京"]


def test_openai_asks_greedily_for_the_model_of_the_settings(server: ChatServer, client: Generator) -> None:
    assert "".join(client.stream(HELLO, 20)) == "好"
    path, headers, body = server.requests[0]
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert body["model"] == "some-model"
    assert body["messages"] == HELLO
    assert body["temperature"] == 0
    assert body["max_tokens"] == 20


def test_openai_sends_the_key_of_the_named_variable(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", " secret\n")
    list(openai(server.url, api_key_variable="MY_KEY").stream(HELLO, 20))
    assert server.requests[0][1]["Authorization"] == "Bearer secret"


def test_openai_key_that_cannot_be_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "密钥")
    message = error_line(lambda: openai("http://127.0.0.1:1/v1", api_key_variable="MY_KEY"))
    assert "MY_KEY" in message
    assert "密钥" not in message


def test_openai_reports_the_usage(server: ChatServer, client: Generator) -> None:
    def reply(reply: Reply) -> None:
        reply.start()
        reply.piece("好", "length")
        reply.event(
            choices=[],
            usage={
                "prompt_tokens": 30,
                "completion_tokens": 7,
                "prompt_tokens_details": {"cached_tokens": 20},
            },
        )
        reply.line("data: [DONE]")

    server.reply = reply
    list(client.stream(HELLO, 20))
    stats = client.last_stats
    assert stats is not None
    assert (stats.prompt_tokens, stats.cached_tokens, stats.answer_tokens) == (30, 20, 7)
    assert stats.finish_reason == "length"


@pytest.mark.parametrize("usage", [{}, {"usage": None}, {"usage": {"prompt_tokens_details": None}}])
def test_openai_estimates_missing_usage(server: ChatServer, client: Generator, usage: dict[str, Any]) -> None:
    def reply(reply: Reply) -> None:
        reply.start()
        reply.event(choices=[{"delta": {"content": "很好"}, "finish_reason": "stop"}], **usage)

    server.reply = reply
    list(client.stream(HELLO, 20))
    stats = client.last_stats
    assert stats is not None
    assert (stats.prompt_tokens, stats.cached_tokens, stats.answer_tokens) == (2, 0, 2)
    assert stats.finish_reason == "stop"


def test_openai_passes_over_comments_and_other_fields(server: ChatServer, client: Generator) -> None:
    def reply(reply: Reply) -> None:
        reply.start()
        reply.line(": keep-alive")
        reply.line("event: message\r\nid: 3\r\nretry: 10")
        reply.line("this is no field at all")
        reply.event(choices=[{"delta": {"role": "assistant", "content": None}, "finish_reason": None}])
        reply.line(': {"choices": []}')
        reply.line('data:{"choices": [{"delta": {"content": "好"}, "finish_reason": null}]}\r')
        reply.piece(None, "stop")

    server.reply = reply
    assert list(client.stream(HELLO, 20)) == ["好"]


@pytest.mark.parametrize("line", ["data: {broken", "data: 17", "data: "])
def test_openai_broken_event_is_an_error_and_no_hole_in_the_answer(
    server: ChatServer, client: Generator, line: str
) -> None:
    def reply(reply: Reply) -> None:
        reply.start()
        reply.piece("北")
        reply.line(line)
        reply.piece("京", "stop")

    server.reply = reply
    assert server.url in error_line(lambda: list(client.stream(HELLO, 20)))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (500, '{"error": {"message": "out of\\nmemory"}}', "500 (out of memory)"),
        (500, '{"error": "plain"}', "500 (plain)"),
        (502, "<html>Bad\ngateway</html>", "502 (<html>Bad gateway</html>)"),
        (503, "", "503 (no reason given)"),
        (401, "{}", "OPENAI_API_KEY"),
        (404, '{"error": {"message": "no such model"}}', "RAG_GENERATION__MODEL"),
    ],
)
def test_openai_refusals(
    server: ChatServer, client: Generator, status: int, body: str, expected: str
) -> None:
    server.reply = lambda reply: reply.fail(status, body)
    assert expected in error_line(lambda: list(client.stream(HELLO, 20)))


def test_openai_error_in_the_middle(server: ChatServer, client: Generator) -> None:
    def reply(reply: Reply) -> None:
        reply.start()
        reply.piece("北")
        reply.event(error={"message": "slot is gone"})

    server.reply = reply
    assert "slot is gone" in error_line(lambda: list(client.stream(HELLO, 20)))


def test_openai_answer_that_ends_in_the_middle(server: ChatServer, client: Generator) -> None:
    def reply(reply: Reply) -> None:
        reply.start()
        reply.piece("北")

    server.reply = reply
    assert "in the middle" in error_line(lambda: list(client.stream(HELLO, 20)))


def test_openai_server_that_is_not_there() -> None:
    with socket.socket() as bound:
        # Bound but not listening: nobody else can take the port meanwhile.
        bound.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}/v1"
        message = error_line(lambda: list(openai(address).stream(HELLO, 20)))
    assert "start it or set RAG_GENERATION__BASE_URL" in message


@pytest.mark.parametrize("url", ["127.0.0.1:8080/v1", "ftp://127.0.0.1/v1", "http://[::1/v1", "nonsense"])
def test_openai_address_that_is_none(url: str) -> None:
    assert "RAG_GENERATION__BASE_URL" in error_line(lambda: list(openai(url).stream(HELLO, 20)))


def test_openai_server_that_says_nothing(server: ChatServer) -> None:
    test_is_over = threading.Event()
    server.reply = lambda reply: (test_is_over.wait(PATIENCE_S), None)[1]
    message = error_line(lambda: list(openai(server.url, timeout_s=0.2).stream(HELLO, 20)))
    test_is_over.set()
    assert "RAG_GENERATION__TIMEOUT_S" in message


def test_openai_early_close_hangs_up_and_leaves_it_usable(server: ChatServer, client: Generator) -> None:
    hung_up = threading.Event()

    def endless(reply: Reply) -> None:
        reply.start()
        try:
            while True:
                reply.piece("啊" * 1000)
                time.sleep(0.005)
        except OSError:
            hung_up.set()

    server.reply = endless
    stream = client.stream(HELLO, 10_000)
    next(stream)
    stream.close()
    assert hung_up.wait(PATIENCE_S)
    assert client.last_stats is None
    server.reply = lambda reply: reply.answer("好")
    assert list(client.stream(HELLO, 20)) == ["好"]


def test_openai_batch_is_concurrent_and_keeps_the_order(server: ChatServer, client: Generator) -> None:
    together = threading.Barrier(4)

    def reply(reply: Reply) -> None:
        together.wait(PATIENCE_S)
        question = reply.body["messages"][0]["content"]
        time.sleep(0.05 if question == "0" else 0)
        reply.answer(question)

    server.reply = reply
    assert client.batch([[user(str(number))] for number in range(8)], 20) == [
        str(number) for number in range(8)
    ]


def test_openai_batch_ends_with_the_first_error(server: ChatServer, client: Generator) -> None:
    server.reply = lambda reply: reply.fail(500, "{}")
    assert "500" in error_line(lambda: client.batch([HELLO] * 50, 20))
    assert len(server.requests) < 50


def test_openai_token_estimate(client: Generator) -> None:
    assert client.count_tokens("") == 0
    assert client.count_tokens("问源") == 2
    assert client.count_tokens("abcde") == 2
