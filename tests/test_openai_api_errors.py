"""What OpenAI's API says of a request that is wrong and of a service that fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_serving import (
    ASK_BROKEN,
    OneAtATime,
    Scripted,
    app_of,
    ask,
    ask_streamed,
    client_of,
    error_of,
    served,
)
from openai_serving import address as address
from openai_serving import client as client
from openai_serving import service as service
from serving import ASK_SIGNED, LONG_S
from starlette.testclient import TestClient

from index.errors import WenyuanError
from rag.errors import NotReadyError
from ui.openai_errors import ApiError
from ui.openai_request import Asked, read_request


def raising(error: Exception) -> Callable[[], Iterator[object]]:
    def events() -> Iterator[object]:
        raise error

    return events


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


# --- reading ---


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
