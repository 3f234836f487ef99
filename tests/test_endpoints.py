"""Gradio's HTTP API as a program in Python uses it: the real client, a real server, stand-ins for the models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError
from serving import ASK_METRO, ASK_SIGNED, LONG_S, Place, served

from rag.answers import Answer
from rag.prompting import wording
from ui.access import Logins, set_password

HISTORY = [{"question": "长葛市2022年的合同金额是多少？", "answer": "3400万元。"}]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Iterator[tuple[Place, str]]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        place = Place(tmp_path_factory.mktemp("endpoints"), seeds, monkeypatch)
        with served(place.service(place.own), place.settings()) as address:
            yield place, address
        place.close()


@pytest.fixture(scope="module")
def client(site: tuple[Place, str]) -> Iterator[Client]:
    with closing(Client(site[1], verbose=False)) as opened:
        yield opened


def test_asking_gives_the_whole_answer(client: Client) -> None:
    answer = Answer.model_validate(client.predict(question=ASK_SIGNED, api_name="/ask"))
    assert answer.answer == "现场签约合同金额3400万元[1]。"
    assert answer.citations[0].doc == "002.txt"
    assert answer.passages


def test_a_conversation_and_choices_can_be_sent(client: Client) -> None:
    found = client.predict(
        question="2023年呢？",
        history=HISTORY,
        documents=["001.txt"],
        top_k=1,
        language="en",
        api_name="/ask",
    )
    answer = Answer.model_validate(found)
    assert answer.standalone_question == "长葛市2023年的合同金额是多少？"
    assert [passage.doc for passage in answer.passages] == ["001.txt"]
    assert answer.answer == wording("en").refusal


def test_streaming_tells_every_step_and_ends_with_the_answer(client: Client) -> None:
    events = list(client.submit(question=ASK_SIGNED, api_name="/stream"))
    kinds = [event["event"] for event in events]
    assert kinds[0] == "passages"
    assert set(kinds[1:-1]) == {"draft"}
    assert kinds[-1] == "answer"
    assert "".join(event["text"] for event in events[1:-1]) == "现场签约合同金额3400万元。"
    assert Answer.model_validate(events[-1]["answer"]).citations


def test_streaming_a_follow_up_tells_what_is_searched(client: Client) -> None:
    events = list(client.submit(question="2023年呢？", history=HISTORY, api_name="/stream"))
    assert events[0] == {"event": "completed", "question": "长葛市2023年的合同金额是多少？"}


def test_passages_are_found_and_nothing_is_written(client: Client, site: tuple[Place, str]) -> None:
    calls = len(site[0].generator.calls)
    found = client.predict(question=ASK_SIGNED, top_k=2, api_name="/passages")
    assert 0 < len(found) <= 2
    assert set(found[0]) == {"doc", "start", "end", "score", "text"}
    assert client.predict(question=ASK_SIGNED, documents=["never.txt"], api_name="/passages") == []
    assert client.predict(question=ASK_SIGNED, since="2023", until="2023-03", api_name="/passages")
    assert client.predict(question=ASK_SIGNED, since="2025", api_name="/passages") == []
    assert len(site[0].generator.calls) == calls


def test_the_documents_are_listed(client: Client) -> None:
    listed = client.predict(api_name="/documents")
    assert [document["id"] for document in listed] == ["001.txt", "002.txt"]
    assert all(document["chunks"] > 0 and not document["uploaded"] for document in listed)


@pytest.mark.parametrize("endpoint", ["/ask", "/stream", "/passages"])
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"question": " "}, "the question is empty"),
        ({"question": "许" * 1001}, "1001 characters"),
        ({"question": ASK_SIGNED, "top_k": 0}, "top_k"),
        ({"question": ASK_SIGNED, "documents": [1]}, "documents"),
        ({"question": ASK_SIGNED, "since": "spring"}, "since: .*write a date like 2020"),
        ({"question": ASK_SIGNED, "since": "2021", "until": "2020"}, "is after until"),
    ],
    ids=["empty", "long", "top_k", "documents", "since", "until"],
)
def test_what_cannot_be_asked_is_an_error_with_its_reason(
    client: Client, endpoint: str, arguments: dict[str, object], words: str
) -> None:
    with pytest.raises(AppError, match=words):
        client.predict(**arguments, api_name=endpoint)


@pytest.mark.parametrize(("name", "value"), [("language", "fr"), ("history", [{"answer": "3"}])])
def test_choices_that_are_none_are_named(client: Client, name: str, value: object) -> None:
    with pytest.raises(AppError, match=name):
        client.predict(question=ASK_SIGNED, api_name="/ask", **{name: value})


def test_who_stops_streaming_leaves_the_line(client: Client, site: tuple[Place, str]) -> None:
    service = site[0].services[0]
    calls = len(site[0].generator.calls)
    first = service._turns.take()  # somebody else is being answered
    job = client.submit(question=ASK_METRO, api_name="/stream")
    events = iter(job)
    assert next(events)["event"] == "passages"
    assert next(events) == {"event": "waiting", "ahead": 1}
    job.cancel()
    first.leave()
    last = service._turns.take()
    assert last.wait(LONG_S)
    last.leave()
    assert len(site[0].generator.calls) == calls


def test_only_what_is_meant_for_programs_is_offered(site: tuple[Place, str]) -> None:
    described = httpx.get(f"{site[1]}gradio_api/info").json()
    assert set(described["named_endpoints"]) == {"/ask", "/stream", "/passages", "/documents"}


def test_with_logins_nobody_else_gets_in(place: Place, tmp_path: Path) -> None:
    set_password(tmp_path / "logins.txt", "anna", "correct horse")
    logins = Logins.load(tmp_path / "logins.txt")
    with served(place.service(place.own), place.settings(), logins) as address:
        opened = Client(address, auth=("anna", "correct horse"), verbose=False)
        with closing(opened):
            answer = opened.predict(question=ASK_SIGNED, api_name="/ask")
            assert not Answer.model_validate(answer).refused
        with pytest.raises(Exception, match=r"(?i)log ?in|credentials|auth"):
            Client(address, auth=("anna", "wrong password"), verbose=False)
        for path in ("config", "gradio_api/info", "gradio_api/queue/status", "v1/models"):
            assert httpx.get(f"{address}{path}").status_code == 401, path
        for path in (
            "gradio_api/queue/join",
            "gradio_api/upload",
            "gradio_api/component_server",
            "gradio_api/call/ask",
            "gradio_api/run/ask",
            "v1/chat/completions",
        ):
            body: dict[str, object] = {"data": [ASK_SIGNED], "fn_name": "status", "component_id": 1}
            assert httpx.post(f"{address}{path}", json=body).status_code == 401, path
