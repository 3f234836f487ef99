from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from fakes import BELIEVED, FakeEmbedder, ScriptedGenerator
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from serving import running
from starlette.testclient import TestClient

from index.errors import WenyuanError
from index.store import open_index
from rag.answers import Answer, AnswerSentence, ModelNames, Timings
from rag.conversation import Exchange
from rag.errors import GeneratorError, NotReadyError
from rag.generators.base import Message
from rag.pipeline import AskOptions, Assistant, DraftText, PassagesFound
from rag.prompting import wording
from rag.retrieval import Retriever
from rag.settings import load_settings
from ui import openai_api
from ui.access import Logins, set_password
from ui.openai_api import Answering, openai_router
from ui.openai_errors import ApiError
from ui.openai_request import Asked, read_request
from ui.openai_response import sentences_of

LONG_S = 60  # for what happens at once unless something is broken
NO_OPTIONS = AskOptions()
SIGNED = "签约单位代表依次登台签署项目合作书，现场签约合同金额3400万元。"
ASK_SIGNED = "长葛市食品行业产销对接会现场签约合同金额是多少？"
ASK_METRO = "许昌地铁2号线什么时候开通？"
ASK_MEETING = "许昌市委经济工作会议提出了什么要求？"
ASK_BROKEN = "东湖社区的图书流动车开进了哪个小区？"


def reply(messages: Sequence[Message]) -> str:
    question = messages[-1]["content"].rpartition("\n")[2]
    if ASK_SIGNED in question:
        return f"依据：{SIGNED}\n答案：现场签约合同金额3400万元[1]。"
    if ASK_METRO in question:
        return "依据：无\n答案：资料中没有相关内容。"
    if ASK_BROKEN in question:
        raise GeneratorError("the generator fell over: start it again")
    lines = [line for line in messages[-1]["content"].splitlines() if line.startswith("[")]
    return "答案：" + "".join(f"{line.partition(']')[2]}{line.partition(']')[0]}]" for line in lines)


class OneAtATime:
    """The service as far as this API needs it: a real assistant, asked in turn."""

    def __init__(self, assistant: Assistant) -> None:
        self.asked: list[tuple[str, tuple[Exchange, ...], AskOptions]] = []
        self._assistant = assistant
        self._turn = threading.RLock()  # bound to a thread, as a service's locks may be

    def stream(
        self, question: str, *, history: Sequence[Exchange] = (), options: AskOptions = NO_OPTIONS
    ) -> Iterator[object]:
        self.asked.append((question, tuple(history), options))
        with self._turn:
            for event in self._assistant.stream(question, history=history, options=options):
                if isinstance(event, PassagesFound):
                    yield object()  # not one of the pipeline's events
                yield event


class Scripted:
    """Does what the test says."""

    def __init__(self, events: Callable[[], Iterator[object]]) -> None:
        self._events = events
        self.asked: list[tuple[str, tuple[Exchange, ...], AskOptions]] = []
        self.closed = threading.Event()

    def stream(
        self, question: str, *, history: Sequence[Exchange] = (), options: AskOptions = NO_OPTIONS
    ) -> Iterator[object]:
        self.asked.append((question, tuple(history), options))
        try:
            yield from self._events()
        finally:
            self.closed.set()


def an_answer(text: str = "", sentences: Sequence[AnswerSentence] = ()) -> Answer:
    return Answer(
        id="a1",
        question="什么？",
        answer=text,
        refused=False,
        reason=None,
        sentences=list(sentences),
        citations=[],
        passages=[],
        timings=Timings(prompt_tokens=7, answer_tokens=5),
        models=ModelNames(embedder="e", generator="g"),
    )


def raising(error: Exception) -> Callable[[], Iterator[object]]:
    def events() -> Iterator[object]:
        raise error

    return events


def app_of(service: Answering, logins: Logins | None = None) -> FastAPI:
    app = FastAPI()
    app.include_router(openai_router(service, logins))
    return app


@contextmanager
def served(service: Answering, logins: Logins | None = None) -> Iterator[str]:
    """A server on a free port of this machine; its address."""
    with running(app_of(service, logins)) as address:
        yield f"{address}v1"


def client_of(address: str, key: str = "unused") -> openai.OpenAI:
    return openai.OpenAI(base_url=address, api_key=key, max_retries=0, timeout=LONG_S)


@pytest.fixture(scope="module")
def service(small_index: Path) -> Iterator[OneAtATime]:
    tree = load_settings(generation=BELIEVED)
    index = open_index(small_index)
    assistant = Assistant(
        index, Retriever(index, FakeEmbedder(), tree.retrieval), ScriptedGenerator(reply), tree
    )
    yield OneAtATime(assistant)
    assistant.close()


@pytest.fixture(scope="module")
def address(service: OneAtATime) -> Iterator[str]:
    with served(service) as found:
        yield found


@pytest.fixture
def client(address: str) -> Iterator[openai.OpenAI]:
    with client_of(address) as found:
        yield found


def ask(client: openai.OpenAI, question: str, **options: Any) -> ChatCompletion:
    messages = [{"role": "user", "content": question}]
    found = client.chat.completions.create(model="gpt-5", messages=messages, **options)  # type: ignore[arg-type]
    assert isinstance(found, ChatCompletion)
    return found


def ask_streamed(client: openai.OpenAI, question: str, **options: Any) -> list[ChatCompletionChunk]:
    messages = [{"role": "user", "content": question}]
    found = client.chat.completions.create(
        model="wenyuan",
        messages=messages,  # type: ignore[arg-type]
        stream=True,
        **options,
    )
    assert isinstance(found, openai.Stream)
    return list(found)


def text_of(chunks: Sequence[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


# --- answers ---


def test_an_answer_comes_in_openais_shape_with_its_citations(
    client: openai.OpenAI, seed_texts: dict[str, str]
) -> None:
    found = ask(client, ASK_SIGNED, temperature=0.3, max_tokens=10, user="amy", seed=1)
    assert found.id.startswith("chatcmpl-")
    assert (found.object, found.model) == ("chat.completion", "wenyuan")
    (choice,) = found.choices
    assert choice.message.content == "现场签约合同金额3400万元[1]。"
    assert (choice.message.role, choice.message.refusal, choice.finish_reason) == ("assistant", None, "stop")
    assert found.model_extra is not None
    answer = Answer.model_validate(found.model_extra["wenyuan"])
    assert answer.question == ASK_SIGNED
    (citation,) = found.model_extra["citations"]
    assert citation == answer.citations[0].model_dump()
    assert seed_texts["002"][citation["start"] : citation["end"]] == citation["quote"]
    assert found.usage is not None
    assert found.usage.prompt_tokens == answer.timings.prompt_tokens > 0
    assert found.usage.completion_tokens == answer.timings.answer_tokens > 0
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens


def test_a_refusal_is_what_the_user_reads(client: openai.OpenAI) -> None:
    found = ask(client, ASK_METRO)
    assert found.choices[0].message.content == wording("zh").refusal
    assert (found.choices[0].message.refusal, found.choices[0].finish_reason) == (None, "stop")
    assert found.model_extra is not None
    assert found.model_extra["citations"] == []
    assert found.model_extra["wenyuan"]["reason"] == "not_in_passages"
    assert text_of(ask_streamed(client, ASK_METRO)) == wording("zh").refusal


def test_a_streamed_answer_comes_sentence_by_sentence(client: openai.OpenAI) -> None:
    chunks = ask_streamed(client, ASK_MEETING)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert {(chunk.id, chunk.object, chunk.model) for chunk in chunks} == {
        (chunks[0].id, "chat.completion.chunk", "wenyuan")
    }
    last = chunks[-1]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert last.model_extra is not None
    answer = Answer.model_validate(last.model_extra["wenyuan"])
    assert last.model_extra["citations"] == [citation.model_dump() for citation in answer.citations]
    assert text_of(chunks) == answer.answer
    deltas = [chunk.choices[0].delta.content for chunk in chunks[1:-1]]
    assert len(deltas) == len(answer.sentences) > 1
    for delta, sentence in zip(deltas, answer.sentences, strict=True):
        assert delta is not None
        assert all(f"[{number}]" in delta for number in sentence.citations)
        assert sentence.text.rstrip("。") in delta


def test_token_counts_end_the_stream_when_they_are_asked_for(client: openai.OpenAI) -> None:
    *chunks, last = ask_streamed(client, ASK_SIGNED, stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.total_tokens == last.usage.prompt_tokens + last.usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chunks)
    assert all(chunk.usage is None for chunk in ask_streamed(client, ASK_SIGNED))


def test_the_events_have_the_form_of_server_sent_events(address: str) -> None:
    body = {"messages": [{"role": "user", "content": ASK_SIGNED}], "stream": True}
    found = httpx.post(f"{address}/chat/completions", json=body, timeout=LONG_S)
    assert found.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert found.headers["cache-control"] == "no-cache"
    assert "content-length" not in found.headers
    events = found.text.split("\n\n")
    assert events.pop() == ""
    assert events.index(": searching") < events.index(": writing") < len(events) - 2
    assert events[-1] == "data: [DONE]"
    assert all(event.startswith((": ", "data: ")) and "\n" not in event for event in events)
    assert found.text.isascii(), "no client takes U+2028 for the end of a line"


def ask_in_conversation(client: openai.OpenAI) -> None:
    client.chat.completions.create(
        model="wenyuan",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": "谁主持了会议？"},
            {"role": "assistant", "content": "市长主持[1]。副市长 spoke [2][3]."},
            {"role": "user", "content": "没有回答的问题？"},
            {
                "role": "user",
                "content": [{"type": "text", "text": "第二个"}, {"type": "text", "text": "问题？"}],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
            {"role": "tool", "content": "out", "tool_call_id": "1"},
            {"role": "assistant", "content": [{"type": "text", "text": "第二个回答[12]。"}]},
            {"role": "assistant", "content": "还有。"},
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": ASK_SIGNED}]},
        ],
        extra_body={"documents": ["a.txt", "b.txt"], "top_k": 4, "language": "zh-Hant"},
    )


def test_history_and_options_reach_the_service() -> None:
    service = Scripted(lambda: iter([an_answer("好。")]))
    with served(service) as address, client_of(address) as client:
        ask_in_conversation(client)
    question, history, options = service.asked[-1]
    assert question == ASK_SIGNED
    assert history == (
        Exchange("谁主持了会议？", "市长主持。副市长 spoke."),
        Exchange("第二个\n问题？", "第二个回答。"),
    )
    assert options == AskOptions(documents=frozenset({"a.txt", "b.txt"}), top_k=4, language="zh-Hant")


def test_a_document_can_be_chosen_and_the_language(client: openai.OpenAI, seed_texts: dict[str, str]) -> None:
    whole = Answer.model_validate((ask(client, ASK_METRO).model_extra or {})["wenyuan"])
    documents = {passage.doc for passage in whole.passages}
    assert len(documents) > 1
    chosen = min(documents)
    extra = {"documents": [chosen], "top_k": 2, "language": "en"}
    found = ask(client, ASK_METRO, extra_body=extra)
    assert found.choices[0].message.content == wording("en").refusal
    answer = Answer.model_validate((found.model_extra or {})["wenyuan"])
    assert {passage.doc for passage in answer.passages} == {chosen}
    assert len(answer.passages) <= 2


def test_what_is_not_chosen_is_left_to_the_settings(client: openai.OpenAI, service: OneAtATime) -> None:
    ask(client, ASK_SIGNED, extra_body={"language": "auto"})
    ask_streamed(client, ASK_SIGNED, extra_body={"documents": None, "top_k": None, "language": None})
    assert service.asked[-2:] == [(ASK_SIGNED, (), AskOptions())] * 2


def test_ten_questions_at_once_are_all_answered(client: openai.OpenAI) -> None:
    def one(number: int) -> str | None:
        if number % 2:
            return text_of(ask_streamed(client, ASK_SIGNED))
        return ask(client, ASK_SIGNED).choices[0].message.content

    with ThreadPoolExecutor(10) as threads:
        assert list(threads.map(one, range(10))) == ["现场签约合同金额3400万元[1]。"] * 10


def test_ten_slow_questions_are_worked_on_together_and_hold_up_nobody_else() -> None:
    together = threading.Barrier(11)
    go = threading.Event()

    def events() -> Iterator[object]:
        together.wait(LONG_S)
        assert go.wait(LONG_S)
        yield an_answer("好。")

    with (
        served(Scripted(events)) as address,
        client_of(address) as client,
        ThreadPoolExecutor(10) as threads,
    ):
        waiting = [threads.submit(ask, client, f"第{number}个问题") for number in range(10)]
        together.wait(LONG_S)
        assert client.models.retrieve("wenyuan").id == "wenyuan"
        go.set()
        assert [found.result().choices[0].message.content for found in waiting] == ["好。"] * 10


def test_only_checked_text_is_sent_and_signs_of_life_while_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(openai_api, "_KEEP_ALIVE_S", 0.001)
    found, drafted, checked = threading.Event(), threading.Event(), threading.Event()

    def events() -> Iterator[object]:
        assert found.wait(LONG_S)
        yield PassagesFound(())
        yield DraftText("这是草稿")
        drafted.set()
        assert checked.wait(LONG_S)
        yield an_answer("好。")

    body = {"messages": [{"role": "user", "content": "什么？"}], "stream": True}
    with (
        served(Scripted(events)) as address,
        httpx.stream("POST", f"{address}/chat/completions", json=body, timeout=LONG_S) as response,
    ):
        lines = (line for line in response.iter_lines() if line)
        assert json.loads(next(lines).removeprefix("data: "))["choices"][0]["delta"]["role"] == "assistant"
        assert [next(lines) for _ in range(4)] == [": searching"] * 4
        found.set()
        while (line := next(lines)) == ": searching":
            pass
        assert line == ": writing"
        assert drafted.wait(LONG_S)
        assert [next(lines) for _ in range(4)] == [": writing"] * 4
        checked.set()
        rest = [line for line in lines if line != ": writing"]
    assert json.loads(rest[0].removeprefix("data: "))["choices"][0]["delta"] == {"content": "好。"}
    assert len(rest) == 3
    assert rest[-1] == "data: [DONE]"


@pytest.mark.parametrize("streamed", [True, False])
def test_work_stops_when_the_client_goes(streamed: bool) -> None:
    begun, gone = threading.Event(), threading.Event()

    def events() -> Iterator[object]:
        yield PassagesFound(())
        begun.set()
        for _ in range(LONG_S * 100):
            gone.wait(0.01)
            yield DraftText("词")
        raise AssertionError("nobody stopped the work")

    service = Scripted(events)
    body = {"messages": [{"role": "user", "content": "什么？"}], "stream": streamed}
    with served(service) as address:
        host, _, port = address.removeprefix("http://").removesuffix("/v1").partition(":")
        content = json.dumps(body).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        with socket.create_connection((host, int(port)), LONG_S) as connection:
            connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
            assert begun.wait(LONG_S)
            assert not service.closed.is_set()
        assert service.closed.wait(LONG_S)
        assert httpx.get(f"{address}/models").status_code == 200


# --- errors ---


def error_of(caught: pytest.ExceptionInfo[openai.APIStatusError]) -> dict[str, Any]:
    found = caught.value.response.json()
    assert set(found) == {"error"}
    assert set(found["error"]) == {"message", "type", "param", "code"}
    assert "\n" not in found["error"]["message"]
    error: dict[str, Any] = found["error"]
    return error


@pytest.mark.parametrize("streamed", [True, False])
def test_a_question_that_cannot_be_asked_is_a_bad_request(client: openai.OpenAI, streamed: bool) -> None:
    for question, said in [(" ", "empty"), ("长" * 1001, "1001 characters")]:
        with pytest.raises(openai.BadRequestError) as caught:
            (ask_streamed if streamed else ask)(client, question)
        error = error_of(caught)
        assert error["type"] == "invalid_request_error"
        assert said in error["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"role": "king", "content": "?"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": ["?"]}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, "image_url"),
        ({"messages": [{"role": "assistant", "content": "?"}]}, "the last message"),
        ({"messages": [{"role": "user", "content": "?"}] * 201}, "messages"),
        ({"messages": [{"role": "user", "content": "长" * 100_001}] * 2}, "200000 characters"),
        ({"messages": [{"role": "user", "content": "?"}], "n": 2}, "n"),
        ({"messages": [{"role": "user", "content": "?"}], "top_k": 0}, "top_k"),
        ({"messages": [{"role": "user", "content": "?"}], "language": "de"}, "language"),
        ({"messages": [{"role": "user", "content": "?"}], "documents": "a.txt"}, "documents"),
        ({"messages": [{"role": "user", "content": "?"}], "documents": []}, "documents"),
        ([], ""),
    ],
)
def test_what_is_wrong_with_a_request_is_said(service: OneAtATime, body: object, said: str) -> None:
    found = TestClient(app_of(service)).post("/v1/chat/completions", json=body)
    assert found.status_code == 400
    error = found.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert said in error["message"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"messages": [{"role": "user", "content": "\\ud800"}]}']
)
def test_a_body_that_is_not_json_is_a_bad_request(service: OneAtATime, body: bytes) -> None:
    found = TestClient(app_of(service)).post(
        "/v1/chat/completions", content=body, headers={"Content-Type": "application/json"}
    )
    assert (found.status_code, found.json()["error"]["type"]) == (400, "invalid_request_error")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
        "application/jsonx",
    ],
)
def test_a_form_of_another_sites_page_is_not_read(service: OneAtATime, kind: str) -> None:
    before = len(service.asked)
    content = json.dumps({"messages": [{"role": "user", "content": ASK_SIGNED}]})
    found = TestClient(app_of(service)).post(
        "/v1/chat/completions",
        content=content,
        headers={"Content-Type": kind, "Origin": "https://evil.example"},
    )
    assert (found.status_code, found.json()["error"]["type"]) == (415, "invalid_request_error")
    assert len(service.asked) == before
    asked_leave = TestClient(app_of(service)).options(
        "/v1/chat/completions",
        headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"},
    )
    assert not [name for name in asked_leave.headers if name.startswith("access-control")]


def test_a_charset_beside_the_type_does_no_harm(service: OneAtATime) -> None:
    found = TestClient(app_of(service)).post(
        "/v1/chat/completions",
        content=json.dumps({"messages": [{"role": "user", "content": ASK_SIGNED}]}),
        headers={"Content-Type": "Application/JSON; charset=utf-8"},
    )
    assert found.status_code == 200


def test_a_huge_body_is_refused(service: OneAtATime) -> None:
    parts = (b" " * (1 << 20) for _ in range(6))
    found = TestClient(app_of(service)).post(
        "/v1/chat/completions", content=parts, headers={"Content-Type": "application/json"}
    )
    assert (found.status_code, found.json()["error"]["type"]) == (413, "invalid_request_error")


@pytest.mark.parametrize("streamed", [True, False])
@pytest.mark.parametrize(
    ("raised", "status", "said"),
    [
        (NotReadyError("still setting up: try again in a moment"), 503, "still setting up"),
        (WenyuanError("the disk is gone: plug it in"), 500, "plug it in"),
        (KeyError("a secret of the code"), 500, "the log"),
    ],
)
def test_the_services_errors_are_told_with_their_status(
    raised: Exception, status: int, said: str, streamed: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        served(Scripted(raising(raised))) as address,
        client_of(address) as client,
        pytest.raises(openai.InternalServerError) as caught,
    ):
        (ask_streamed if streamed else ask)(client, "什么？")
    error = error_of(caught)
    assert (caught.value.status_code, error["type"]) == (status, "server_error")
    assert said in error["message"]
    assert ("Retry-After" in caught.value.response.headers) is (status == 503)
    assert "secret" not in error["message"]
    assert ("a secret of the code" in caplog.text) is isinstance(raised, KeyError)


def test_a_service_that_never_answers_is_a_fault_of_ours() -> None:
    found = TestClient(app_of(Scripted(lambda: iter([])))).post(
        "/v1/chat/completions", json={"messages": [{"role": "user", "content": "什么？"}]}
    )
    assert (found.status_code, found.json()["error"]["type"]) == (500, "server_error")


def test_an_error_in_the_midst_of_a_stream_ends_it(client: openai.OpenAI, address: str) -> None:
    with pytest.raises(openai.APIError, match="fell over") as caught:
        ask_streamed(client, ASK_BROKEN)
    assert not isinstance(caught.value, openai.APIStatusError)
    body = {"messages": [{"role": "user", "content": ASK_BROKEN}], "stream": True}
    found = httpx.post(f"{address}/chat/completions", json=body, timeout=LONG_S)
    assert found.status_code == 200
    last = found.text.strip().rpartition("\n\n")[2]
    assert json.loads(last.removeprefix("data: ")) == {
        "error": {
            "message": "the generator fell over: start it again",
            "type": "server_error",
            "param": None,
            "code": None,
        }
    }
    with pytest.raises(openai.InternalServerError, match="fell over"):
        ask(client, ASK_BROKEN)


# --- models and logins ---


def test_there_is_one_model(client: openai.OpenAI) -> None:
    (model,) = client.models.list()
    assert (model.id, model.object, model.owned_by) == ("wenyuan", "model", "local")
    assert client.models.retrieve("wenyuan") == model
    for name in ("gpt-5", "a/b"):
        with pytest.raises(openai.NotFoundError) as caught:
            client.models.retrieve(name)
        assert error_of(caught)["code"] == "model_not_found"


@pytest.fixture(scope="module")
def guarded(service: OneAtATime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("logins") / "logins"
    set_password(file, "amy", "pass:word of amy")
    set_password(file, "王小明", "小明的长长的密码")
    with served(service, Logins.load(file)) as address:
        yield address


def test_the_api_key_is_a_name_and_a_password(guarded: str) -> None:
    with client_of(guarded, "amy:pass:word of amy") as client:
        assert ask(client, ASK_SIGNED).choices[0].message.content
        assert text_of(ask_streamed(client, ASK_SIGNED))
        assert [model.id for model in client.models.list()] == ["wenyuan"]


@pytest.mark.parametrize(
    "key", ["amy:wrong password", "bob:pass:word of amy", "amy", ":", "pass:word of amy"]
)
def test_without_a_login_nothing_is_told(guarded: str, key: str, service: OneAtATime) -> None:
    before = len(service.asked)
    with client_of(guarded, key) as client:
        for attempt in (
            lambda: ask(client, ASK_SIGNED),
            lambda: ask_streamed(client, ASK_SIGNED),
            client.models.list,
        ):
            with pytest.raises(openai.AuthenticationError) as caught:
                attempt()
            assert error_of(caught)["code"] == "invalid_api_key"
            assert caught.value.response.headers["WWW-Authenticate"].startswith("Bearer")
    assert len(service.asked) == before


def test_names_and_passwords_may_be_chinese(guarded: str) -> None:
    login = "王小明:小明的长长的密码".encode()
    basic = b"Basic " + base64.b64encode(login)
    for header in (b"Bearer " + login, basic):
        found = httpx.get(f"{guarded}/models", headers=[(b"Authorization", header)])
        assert found.status_code == 200
    with openai.OpenAI(
        base_url=guarded, api_key="unused", default_headers={"Authorization": basic.decode()}, max_retries=0
    ) as client:
        assert client.models.retrieve("wenyuan").id == "wenyuan"


@pytest.mark.parametrize(
    "header", [b"", b"Basic", b"Basic %%%", b"Basic /w==", b"Bearer \xff", b"Digest amy:x", b"Basic YW15"]
)
def test_a_broken_login_is_no_login(guarded: str, header: bytes) -> None:
    found = httpx.get(f"{guarded}/models", headers=[(b"Authorization", header)])
    assert found.status_code == 401


# --- reading and cutting ---

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
contents = st.text(max_size=10) | st.lists(
    st.fixed_dictionaries({"type": st.sampled_from(["text", "image_url"]) | json_values, "text": json_values}),
    max_size=3,
) | json_values  # fmt: skip
messages = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"]) | json_values, "content": contents}
)
requests = st.fixed_dictionaries(
    {"messages": st.lists(messages, max_size=4) | json_values},
    optional=dict.fromkeys(("stream", "stream_options", "n", "documents", "top_k", "language"), json_values),
)


@given(st.binary(max_size=60) | (json_values | requests).map(lambda value: json.dumps(value).encode()))
def test_every_body_is_understood_or_refused(body: bytes) -> None:
    try:
        assert isinstance(read_request(body), Asked)
    except ApiError as error:
        assert error.status == 400
        assert "\n" not in str(error)


def marked(text: str, citations: Sequence[int]) -> str:
    """The marks stand before the closing punctuation, after a letter with a space, as the pipeline writes them."""
    marks = "".join(f"[{number}]" for number in citations)
    body = text.rstrip("。！？!?.…")
    space = " " if body and body[-1].isascii() and body[-1].isalpha() else ""
    return body + space + marks + text[len(body) :]


plain_sentences = st.text("中文 ab1，「」[]。.", min_size=1, max_size=12).map(str.strip).filter(bool)
cited = st.tuples(plain_sentences, st.lists(st.integers(1, 12), max_size=3)).map(
    lambda pair: AnswerSentence(text=pair[0], citations=pair[1], supported=True, problems=[])
)


@given(
    st.lists(cited, max_size=4), st.sampled_from(["", " "]), st.text("中文a[1]。 ", max_size=20) | st.none()
)
def test_the_pieces_of_an_answer_joined_are_the_answer(
    sentences: list[AnswerSentence], joint: str, other: str | None
) -> None:
    text = joint.join(marked(sentence.text, sentence.citations) for sentence in sentences)
    answer = an_answer(text if other is None else other, sentences)
    assert "".join(sentences_of(answer)) == answer.answer


def test_an_answer_is_cut_after_each_sentence_with_its_marks() -> None:
    texts = [
        ("预算为3.5万元。", [1, 2]),
        ("They met in May.", [3]),
        ("“好。”", [1]),
        ("没有标记", []),
        ("完。", [12]),
    ]
    sentences = [AnswerSentence(text=t, citations=n, supported=True, problems=[]) for t, n in texts]
    pieces = [marked(text, numbers) for text, numbers in texts]
    assert sentences_of(an_answer("".join(pieces), sentences)) == pieces
    spaced = [pieces[0], *(f" {piece}" for piece in pieces[1:])]
    assert sentences_of(an_answer(" ".join(pieces), sentences)) == spaced
