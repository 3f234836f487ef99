"""The three generators. Those that need a real model are marked ``models``."""

from __future__ import annotations

import importlib
import json
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rag.errors import GeneratorError
from rag.generators import Generator, Message, open_generator
from rag.generators.prompt_fronts import FRONTS_KEPT, PromptFronts
from rag.settings import GenerationSettings

HELLO: list[Message] = [{"role": "user", "content": "你好"}]
PATIENCE_S = 10.0


def user(text: str) -> Message:
    return {"role": "user", "content": text}


def system(text: str) -> Message:
    return {"role": "system", "content": text}


def error_line(call: Callable[[], object]) -> str:
    """The message of the GeneratorError that ``call`` raises; it must be one line."""
    with pytest.raises(GeneratorError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    return message


# --- openai: against a real HTTP server ------------------------------------------------------------------------


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


# --- transformers: a tiny model with random weights ------------------------------------------------------------

ALPHABET = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
TEMPLATE = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


def save_tiny_model(folder: Path, *, safe: bool = True, template: str | None = TEMPLATE) -> None:
    import torch
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    # As Any: half of what is used of it has no type hints.
    transformers: Any = importlib.import_module("transformers")
    words = ["<pad>", "<end>", "<unknown>", *ALPHABET]
    tokens = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, "<unknown>"))
    tokens.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokens.decoder = decoders.Fuse()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="<pad>", eos_token="<end>", unk_token="<unknown>"
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(3)
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(words),
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            # Far apart, so that rounding does not decide which token comes next.
            initializer_range=1.0,
            pad_token_id=0,
            bos_token_id=None,
            eos_token_id=1,
        )
    )
    # The special tokens never come first among the 24 others, so an answer runs to its limit.
    model.lm_head.weight.data[:3] = 0
    model.generation_config.update(do_sample=True, temperature=5.0, repetition_penalty=1.5, eos_token_id=1)
    model.save_pretrained(folder)
    if not safe:
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()


def transformers_generator(folder: Path, **settings: Any) -> Generator:
    return open_generator(
        GenerationSettings.model_validate({"adapter": "transformers", **settings}), folder, name="tiny"
    )


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    save_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> Iterator[Generator]:
    generator = transformers_generator(tiny_folder, context_tokens=100_000)
    yield generator
    generator.close()


def test_transformers_streams_and_counts(tiny: Generator) -> None:
    pieces = list(tiny.stream([user("天地玄黄")], 12))
    assert len(pieces) > 1
    stats = tiny.last_stats
    assert stats is not None
    assert (stats.prompt_tokens, stats.cached_tokens, stats.answer_tokens) == (4, 0, 12)
    assert stats.finish_reason == "length"
    assert tiny.count_tokens("宇宙洪荒") == 4


def test_transformers_is_greedy_whatever_the_checkpoint_asks_for(tiny: Generator) -> None:
    assert len({"".join(tiny.stream([user("日月")], 20)) for _ in range(4)}) == 1


def test_transformers_batch_answers_as_one_by_one(tiny: Generator) -> None:
    # More than one batch, and prompts of many lengths.
    questions = [[user(ALPHABET[: 1 + number])] for number in range(11)]
    assert tiny.batch(questions, 8) == ["".join(tiny.stream(question, 8)) for question in questions]
    assert tiny.batch([], 8) == []


def test_transformers_stops_at_the_end_token(tmp_path: Path, tiny: Generator, tiny_folder: Path) -> None:
    answer = "".join(tiny.stream([user("寒来")], 1))
    ending = json.loads((tiny_folder / "generation_config.json").read_text())
    for file in tiny_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    ending["eos_token_id"] = [1, 3 + ALPHABET.index(answer)]
    (tmp_path / "generation_config.json").write_text(json.dumps(ending))
    generator = transformers_generator(tmp_path)
    list(generator.stream([user("寒来")], 20))
    assert generator.last_stats is not None
    assert generator.last_stats.finish_reason == "stop"
    assert generator.last_stats.answer_tokens == 1


def test_transformers_early_close_stops_the_writing(tiny: Generator) -> None:
    stream = tiny.stream([user("天地")], 90_000)
    next(stream)
    (writer,) = [thread for thread in threading.enumerate() if thread.name == "generation"]
    stream.close()
    writer.join(PATIENCE_S)
    assert not writer.is_alive()
    assert list(tiny.stream([user("天地")], 3))


def test_transformers_two_threads_take_turns(tiny: Generator) -> None:
    expected = "".join(tiny.stream([user("秋收")], 30))
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append("".join(tiny.stream([user("秋收")], 30))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 4


def test_transformers_prompt_longer_than_the_context(tiny_folder: Path) -> None:
    generator = transformers_generator(tiny_folder, context_tokens=512)
    assert "512" in error_line(lambda: list(generator.stream([user("天" * 600)], 8)))


def test_transformers_error_while_writing_reaches_the_reader(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    generator = transformers_generator(tiny_folder)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no\nluck")

    monkeypatch.setattr(transformers.LlamaForCausalLM, "generate", fail)
    assert "no luck" in error_line(lambda: list(generator.stream(HELLO, 8)))


def test_transformers_closed_generator_says_so(tiny_folder: Path) -> None:
    generator = transformers_generator(tiny_folder)
    generator.close()
    generator.close()
    assert "closed" in error_line(lambda: list(generator.stream(HELLO, 8)))


def test_transformers_folders_that_cannot_be_used(tmp_path: Path) -> None:
    assert "config.json" in error_line(lambda: transformers_generator(tmp_path / "nothing"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    assert "cannot be loaded" in error_line(lambda: transformers_generator(tmp_path / "broken"))
    save_tiny_model(tmp_path / "pickle", safe=False)
    assert "cannot be loaded" in error_line(lambda: transformers_generator(tmp_path / "pickle"))
    save_tiny_model(tmp_path / "no-template", template=None)
    assert "chat template" in error_line(lambda: transformers_generator(tmp_path / "no-template"))


# --- llamacpp: without a model ---------------------------------------------------------------------------------


def test_a_local_adapter_needs_a_model() -> None:
    assert "rag models" in error_line(lambda: open_generator(GenerationSettings()))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read"),
        (b"", "is no GGUF file"),
        (b"PK\x03\x04 a zip", "is no GGUF file"),
        (b"GGUF" + bytes(100), "damaged"),
    ],
)
def test_llamacpp_files_that_cannot_be_used(tmp_path: Path, content: bytes | None, expected: str) -> None:
    model = tmp_path / "model.gguf"
    if content is not None:
        model.write_bytes(content)
    assert expected in error_line(lambda: open_generator(GenerationSettings(), model))


def test_llamacpp_folder_in_place_of_a_file(tmp_path: Path) -> None:
    settings = GenerationSettings(adapter="llamacpp")
    assert "cannot be read" in error_line(lambda: open_generator(settings, tmp_path))


def test_a_folder_is_opened_by_transformers_without_being_told(tmp_path: Path) -> None:
    save_tiny_model(tmp_path)
    generator = open_generator(GenerationSettings(), tmp_path, name="tiny")
    assert type(generator).__name__ == "TransformersGenerator"


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


def keep(fronts: PromptFronts, front: list[Message], content: bytes) -> None:
    (fronts.folder / fronts.new_name()).write_bytes(content)
    fronts.keep(front, fronts.new_name())


def test_prompt_fronts_are_found_again_for_the_same_model_only(tmp_path: Path, model_file: Path) -> None:
    fronts = PromptFronts(tmp_path / "fronts", model_file, "1.0 4096")
    front = [system("规则")]
    assert fronts.find(front) is None
    keep(fronts, front, b"state")
    name = PromptFronts(tmp_path / "fronts", model_file, "1.0 4096").find(front)
    assert name is not None
    assert (tmp_path / "fronts" / name).read_bytes() == b"state"
    assert fronts.find([system("别的规则")]) is None
    assert PromptFronts(tmp_path / "fronts", model_file, "1.1 4096").find(front) is None
    model_file.write_bytes(b"GGUF, another")
    assert PromptFronts(tmp_path / "fronts", model_file, "1.0 4096").find(front) is None


def test_a_truncated_prompt_front_is_never_handed_out(tmp_path: Path, model_file: Path) -> None:
    fronts = PromptFronts(tmp_path / "fronts", model_file, "1.0")
    keep(fronts, HELLO, b"a long state")
    name = fronts.find(HELLO)
    assert name is not None
    (fronts.folder / name).write_bytes(b"a long")
    assert fronts.find(HELLO) is None
    assert list(fronts.folder.iterdir()) == []


def test_only_the_last_used_prompt_fronts_are_kept(tmp_path: Path, model_file: Path) -> None:
    fronts = PromptFronts(tmp_path / "fronts", model_file, "1.0")
    for number in range(FRONTS_KEPT + 3):
        keep(fronts, [system(str(number))], str(number).encode())
        time.sleep(0.01)
    assert len(list(fronts.folder.iterdir())) == FRONTS_KEPT
    assert fronts.find([system("0")]) is None
    assert fronts.find([system(str(FRONTS_KEPT + 2))]) is not None


# --- llamacpp: with the small model ----------------------------------------------------------------------------

FRONT = [system("你是文档问答助手，只根据资料回答，答案要短。" * 4)]
QUESTION = [*FRONT, user("资料：问源图书馆每天早上九点开门，晚上六点关门。\n问题：图书馆几点开门？")]
LONG_TASK = [*FRONT, user("写一篇两千字的文章，题目是春天。")]


@pytest.fixture(scope="module")
def small_model() -> Path:
    from rag import models
    from rag.settings import load_settings

    return models.resolve("qwen2.5-coder-0.5b", "generator", load_settings().models).path


@pytest.fixture(scope="module")
def llama(small_model: Path) -> Iterator[Generator]:
    generator = open_generator(GenerationSettings(context_tokens=2048), small_model, name="small")
    yield generator
    generator.close()


@pytest.mark.models
def test_llamacpp_streams_live(llama: Generator) -> None:
    started = time.monotonic()
    arrived = [time.monotonic() - started for _ in llama.stream(LONG_TASK, 40)]
    assert len(arrived) > 10
    assert arrived[-1] - arrived[0] > 0.3 * arrived[-1]


@pytest.mark.models
def test_llamacpp_answers_and_repeats_itself(llama: Generator) -> None:
    answers = ["".join(llama.stream(QUESTION, 40)) for _ in range(2)]
    assert "九点" in answers[0]
    assert answers[0] == answers[1]
    assert llama.last_stats is not None
    assert llama.last_stats.finish_reason == "stop"


@pytest.mark.models
def test_llamacpp_says_how_sure_it_was_of_its_words(llama: Generator) -> None:
    list(llama.stream([user("一加一等于几？只写数字。")], 8))
    assert llama.last_stats is not None
    assert llama.last_stats.mean_logprob is not None
    sure = llama.last_stats.mean_logprob
    list(llama.stream([user("随便写一个你喜欢的三位数和一种颜色。")], 40))
    assert llama.last_stats.mean_logprob is not None
    assert llama.last_stats.mean_logprob < sure <= 0


@pytest.mark.models
def test_llamacpp_does_not_compute_the_same_front_twice(llama: Generator) -> None:
    front = [system("你是一位考官。" * 20)]
    list(llama.stream([*front, user("你好")], 4))
    list(llama.stream([*front, user("什么是水？")], 4))
    assert llama.last_stats is not None
    assert 60 < llama.last_stats.cached_tokens < llama.last_stats.prompt_tokens
    assert llama.last_stats.answer_tokens == 4
    assert llama.last_stats.finish_reason == "length"


@pytest.mark.models
def test_llamacpp_early_close_leaves_it_usable(llama: Generator) -> None:
    stream = llama.stream(LONG_TASK, 1500)
    next(stream)
    started = time.monotonic()
    stream.close()
    assert time.monotonic() - started < 0.5
    assert "九点" in "".join(llama.stream(QUESTION, 40))
    # To write the rest of the article would take a minute.
    assert time.monotonic() - started < 30


@pytest.mark.models
def test_llamacpp_two_threads_at_once(llama: Generator) -> None:
    answers: dict[str, str] = {}
    cached: dict[str, int] = {}

    def ask(country: str) -> None:
        answers[country] = "".join(llama.stream([user(f"{country}的首都是哪座城市？只答城市名。")], 8))
        stats = llama.last_stats
        assert stats is not None
        cached[country] = stats.answer_tokens

    threads = [threading.Thread(target=ask, args=(country,)) for country in ("法国", "日本", "英国")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "巴黎" in answers["法国"]
    assert "东京" in answers["日本"]
    assert "伦敦" in answers["英国"]
    assert len(cached) == 3


@pytest.mark.models
def test_llamacpp_obeys_a_grammar(llama: Generator) -> None:
    grammar = 'root ::= ("甲" | "乙") "方。"'
    assert "".join(llama.stream(QUESTION, 20, grammar=grammar)) in ("甲方。", "乙方。")


@pytest.mark.models
def test_llamacpp_goes_on_with_a_begun_answer(llama: Generator) -> None:
    begun: Message = {"role": "assistant", "content": "图书馆每天早上"}
    assert "".join(llama.stream([*QUESTION, begun], 20)).startswith("九点")


@pytest.mark.models
def test_llamacpp_batch_keeps_the_order(llama: Generator) -> None:
    questions = [[user(f"{country}的首都是哪座城市？只答城市名。")] for country in ("法国", "日本")]
    first, second = llama.batch(questions, 8)
    assert "巴黎" in first
    assert "东京" in second


@pytest.mark.models
def test_llamacpp_counts_tokens(llama: Generator) -> None:
    assert llama.count_tokens("") == 0
    assert llama.count_tokens("123") == 3


@pytest.mark.models
def test_llamacpp_prompt_longer_than_the_context(llama: Generator) -> None:
    assert "the context holds 2048" in error_line(lambda: list(llama.stream([user("水" * 5000)], 8)))
    assert "九点" in "".join(llama.stream(QUESTION, 40))


@pytest.mark.models
def test_llamacpp_prepared_front_is_there_for_the_next_process(small_model: Path, tmp_path: Path) -> None:
    answers = []
    for _ in range(2):
        generator = open_generator(GenerationSettings(), small_model, name="small", cache=tmp_path)
        generator.prepare(FRONT)
        answers.append("".join(generator.stream(QUESTION, 40)))
        stats = generator.last_stats
        generator.close()
        assert stats is not None
        assert stats.cached_tokens > 40
    assert answers[0] == answers[1]
    (state,) = tmp_path.iterdir()
    # A truncated file must cost time only.
    state.write_bytes(state.read_bytes()[:1000])
    generator = open_generator(GenerationSettings(), small_model, name="small", cache=tmp_path)
    generator.prepare(FRONT)
    assert "".join(generator.stream(QUESTION, 40)) == answers[0]
    generator.close()


@pytest.mark.models
def test_llamacpp_closed_generator_says_so(small_model: Path) -> None:
    generator = open_generator(GenerationSettings(), small_model, name="small")
    stream = generator.stream(LONG_TASK, 1500)
    next(stream)
    generator.close()
    generator.close()
    assert "closed" in error_line(lambda: list(stream))
    assert "closed" in error_line(lambda: list(generator.stream(HELLO, 8)))
    assert "closed" in error_line(lambda: generator.count_tokens("水"))


def run_script(model: Path, script: str) -> subprocess.Popen[str]:
    start = f"""
        import pathlib, sys
        from rag.generators import open_generator
        from rag.settings import GenerationSettings
        generator = open_generator(GenerationSettings(), pathlib.Path({str(model)!r}))
        stream = generator.stream([{{"role": "user", "content": "写一篇两千字的文章"}}], 3000)
        next(stream)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(start) + script],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.models
def test_llamacpp_is_quiet_and_leaving_in_the_middle_is_clean(small_model: Path) -> None:
    process = run_script(small_model, "")
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.models
def test_llamacpp_interrupt_ends_the_program_at_once(small_model: Path) -> None:
    process = run_script(small_model, "sys.stdout.write('writing\\n'); sys.stdout.flush()\nlist(stream)")
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert time.monotonic() - started < PATIENCE_S
