"""Nothing that is sent to the page is trusted: it is read as it is meant, or refused, and breaks nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from serving import ASK_BROKEN, ASK_SIGNED, Place, settled

from rag.conversation import Exchange
from rag.errors import WenyuanError
from rag.pipeline import AskOptions
from rag.service import Service
from ui.messages import (
    AddRequest,
    AskRequest,
    ExportRequest,
    LibraryRequest,
    Question,
    RemoveRequest,
    SourceRequest,
)
from ui.page import _server_functions, answered

Reply = dict[str, Any]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, seeds: Path) -> Iterator[Service]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        place = Place(tmp_path_factory.mktemp("messages"), seeds, monkeypatch)
        yield place.service(place.own)
        place.close()


@pytest.fixture
def uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder into which Gradio puts uploads."""
    folder = tmp_path / "uploads"
    (folder / "some-hash").mkdir(parents=True)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


def functions(service: Service) -> dict[str, Callable[[object], Reply]]:
    return {function.__name__: function for function in _server_functions(service, 1_000_000)}


# Questions.


def test_a_question_is_read_with_its_conversation_and_choices() -> None:
    request = AskRequest.model_validate(
        {
            "turn": "t1",
            "question": "那禹州呢？",
            "history": [{"question": "许昌的人口是多少？", "answer": "500万人。"}, {"question": "面积呢？"}],
            "documents": ["001.txt", "001.txt"],
            "top_k": 3,
            "language": "zh-Hant",
            "since": "2023-03-13",
            "until": "2023",
            "from_a_later_version": True,
        }
    )
    assert request.exchanges() == [Exchange("许昌的人口是多少？", "500万人。"), Exchange("面积呢？", "")]
    assert request.options() == AskOptions(
        frozenset({"001.txt"}), 3, "zh-Hant", date(2023, 3, 13), date(2023, 12, 31)
    )
    assert not request.passages_only


def test_what_is_not_chosen_is_left_to_the_settings() -> None:
    assert Question.model_validate({"question": "多少？"}).options() == AskOptions()
    assert Question.model_validate({"question": "多少？", "documents": []}).options().documents == frozenset()


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": 3},
        {"question": None},
        {"question": "许" * 20_001},
        {"question": "\ud800"},
        {"turn": 1},
        {"turn": "t" * 65},
        {"history": "before"},
        {"history": [{"answer": "no question"}]},
        {"history": [{"question": "许"}] * 51},
        {"documents": "001.txt"},
        {"documents": [1]},
        {"documents": ["x" * 4001]},
        {"top_k": 0},
        {"top_k": 101},
        {"top_k": "all"},
        {"language": "fr"},
        {"since": "13.3.2023"},
        {"since": 20230313},
        {"since": "2023-03-13", "until": "2023-03-12"},
        {"passages_only": "perhaps"},
    ],
    ids=str,
)
def test_a_question_that_is_none_is_refused(wrong: Reply) -> None:
    with pytest.raises(ValidationError):
        AskRequest.model_validate({"turn": "t1", "question": "多少？", **wrong})


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (LibraryRequest, {"examples": 21}),
        (LibraryRequest, []),
        (SourceRequest, {"doc": "a", "start": -1, "end": 3}),
        (SourceRequest, {"doc": "a", "start": 1.5, "end": 3}),
        (SourceRequest, {"doc": ["a"], "start": 1, "end": 3}),
        (SourceRequest, {"doc": "a", "start": 0, "end": 3, "quote": "x" * 200_001}),
        (AddRequest, {"files": [{"name": "a.txt", "path": ""}] * 1001}),
        (AddRequest, {"files": [{"name": "a.txt"}]}),
        (RemoveRequest, {"ids": "a.txt"}),
        (RemoveRequest, {}),
        (ExportRequest, {"format": "html", "turns": []}),
        (ExportRequest, {"format": "json", "turns": [{"question": "多少？", "step": "done"}] * 501}),
        (
            ExportRequest,
            {"format": "json", "turns": [{"question": "多少？", "step": "done", "answer": "yes"}]},
        ),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_message_that_is_none_is_refused(kind: type[LibraryRequest], message: object) -> None:
    with pytest.raises(ValidationError):
        kind.model_validate(message)


# Uploads.


def test_an_uploaded_file_is_found_under_its_name(uploads: Path) -> None:
    path = uploads / "some-hash" / "a.txt"
    path.write_text("许昌", encoding="utf-8")
    request = AddRequest.model_validate({"files": [{"name": "许昌 年报.txt", "path": str(path)}]})
    assert request.uploads() == [("许昌 年报.txt", path)]


def test_no_other_file_of_this_machine_can_be_added(uploads: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("许昌", encoding="utf-8")
    (uploads / "link.txt").symlink_to(secret)
    (uploads / "inner.txt").write_text("x", encoding="utf-8")
    (uploads / "inner-link.txt").symlink_to(uploads / "inner.txt")
    (uploads / "folder").symlink_to(tmp_path, target_is_directory=True)
    (uploads / "circle").symlink_to(uploads / "circle")
    os.mkfifo(uploads / "pipe.txt")
    for path in (
        secret,
        "/etc/passwd",
        uploads / ".." / "secret.txt",
        f"{uploads}/some-hash/../../secret.txt",
        uploads / "link.txt",
        uploads / "inner-link.txt",
        uploads / "folder" / "secret.txt",
        uploads / "circle",
        uploads / "circle" / "a.txt",
        uploads / "pipe.txt",
        uploads / "never.txt",
        uploads / "some-hash",
        uploads,
        f"{uploads}/inner.txt\0.pdf",
        f"{uploads}/{'x' * 300}",
        f"{uploads}-other/a.txt",
        "",
        "inner.txt",
    ):
        request = AddRequest.model_validate({"files": [{"name": "a.txt", "path": str(path)}]})
        with pytest.raises(WenyuanError, match="not an uploaded file"):
            request.uploads()
    assert secret.exists()


def test_adding_takes_the_upload_away_and_a_refused_path_stays(
    service: Service, uploads: Path, tmp_path: Path
) -> None:
    add = functions(service)["add"]
    path = uploads / "some-hash" / "photo.png"
    path.write_bytes(b"x")
    reply = add({"files": [{"name": "photo.png", "path": str(path)}]})
    assert [one["id"] for one in reply["refused"]] == ["photo.png"]
    assert not path.exists()
    own = tmp_path / "own.txt"
    own.write_text("许昌", encoding="utf-8")
    assert "not an uploaded file" in add({"files": [{"name": "own.txt", "path": str(own)}]})["error"]
    assert own.exists()


# What the page is told.


def test_a_question_of_the_page_goes_through_its_steps(service: Service) -> None:
    replies = list(answered(service, {"turn": "t1", "question": ASK_SIGNED}))
    assert {reply["turn"] for reply in replies} == {"t1"}
    assert list(dict.fromkeys(reply["step"] for reply in replies)) == ["searched", "writing", "done"]
    assert replies[0]["passages"]
    drafts = [reply["draft"] for reply in replies if reply["step"] == "writing"]
    assert all(later.startswith(earlier) for earlier, later in pairwise(drafts))
    assert replies[-1]["answer"]["answer"] == "现场签约合同金额3400万元[1]。"
    assert replies[-1]["passages"] == replies[0]["passages"]
    json.dumps(replies)


def test_a_follow_up_says_first_what_is_searched(service: Service) -> None:
    history = [{"question": "长葛市2022年的合同金额是多少？", "answer": "3400万元。"}]
    message = {"turn": "t1", "question": "2023年呢？", "history": history}
    for passages_only in (False, True):
        replies = list(answered(service, {**message, "passages_only": passages_only}))
        assert replies[0]["standalone"] == replies[-1]["standalone"] == "长葛市2023年的合同金额是多少？"


def test_passages_alone_are_one_reply(service: Service) -> None:
    (reply,) = answered(service, {"turn": "t1", "question": f" {ASK_SIGNED}\n", "passages_only": True})
    assert (reply["step"], reply["standalone"]) == ("done", None)
    assert reply["passages"]
    assert "answer" not in reply


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"turn": "t1", "question": " "}, "the question is empty"),
        ({"turn": "t1", "question": "许" * 1001}, "1001 characters"),
        ({"turn": "t1", "question": ASK_BROKEN}, "fell over"),
        ({"turn": "t1"}, "cannot be read"),
        ({"turn": "t1", "question": ["多少？"]}, "cannot be read"),
    ],
    ids=["empty", "long", "broken", "none", "a list"],
)
def test_what_goes_wrong_is_the_last_reply(service: Service, message: Reply, words: str) -> None:
    last = list(answered(service, message))[-1]
    assert (last["turn"], last["step"]) == ("t1", "error")
    assert words in last["error"]
    assert service.status().asking == 0


def test_an_error_that_nobody_thought_of_does_not_show_its_insides(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("/home/anna/secret.py")

    monkeypatch.setattr(service, "stream", broken)
    (reply,) = answered(service, {"turn": "t1", "question": ASK_SIGNED})
    assert (reply["turn"], reply["step"]) == ("t1", "error")
    assert "secret" not in reply["error"]
    assert "terminal" in reply["error"]


TEXT = st.text(st.characters(), max_size=20)  # with halves of surrogate pairs, which JSON can bring
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
ASKED = st.sampled_from([ASK_SIGNED, ASK_BROKEN, "2023年呢？", "他是谁？", "and in 2023?", " ", "\0"]) | TEXT
MESSAGES = st.fixed_dictionaries(
    {"turn": st.just("t1") | TEXT, "question": ASKED},
    optional={
        "history": st.lists(st.fixed_dictionaries({"question": ASKED, "answer": TEXT}), max_size=3) | JSON,
        "documents": st.none() | st.lists(st.just("001.txt") | TEXT, max_size=3) | JSON,
        "top_k": st.none() | st.integers(1, 100) | JSON,
        "language": st.sampled_from(["auto", "zh", "en"]) | JSON,
        "passages_only": st.booleans() | JSON,
    },
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(MESSAGES | JSON)
@example({"turn": "\ud800", "question": 3})
def test_whatever_is_sent_ends_in_a_reply_that_can_be_sent_back(service: Service, message: object) -> None:
    replies = list(answered(service, message))
    assert replies[-1]["step"] in ("done", "error")
    for reply in replies:
        assert isinstance(reply["turn"], str)
        json.dumps(reply, ensure_ascii=False, allow_nan=False).encode()
    assert service.status().asking == 0


@given(
    st.sampled_from(["library", "source", "add", "export"]),
    JSON
    | st.fixed_dictionaries({"doc": st.just("001.txt") | TEXT, "start": st.integers(), "end": st.integers()})
    | st.fixed_dictionaries({"format": st.just("json"), "turns": st.lists(JSON, max_size=2)})
    | st.fixed_dictionaries({"files": st.lists(st.fixed_dictionaries({"name": TEXT, "path": TEXT}))}),
)
def test_whatever_a_script_sends_gets_a_reply(service: Service, name: str, message: object) -> None:
    reply = functions(service)[name](message)
    json.dumps(reply, ensure_ascii=False, allow_nan=False).encode()


def test_the_documents_tab_adds_removes_and_rebuilds(
    place: Place, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = place.service(place.own)
    call = functions(service)
    path = uploads / "some-hash" / "a.txt"
    path.write_text("东湖社区图书馆藏书七万六千册。", encoding="utf-8")
    assert call["add"]({"files": [{"name": "图书馆.txt", "path": str(path)}]}) == {"refused": []}
    assert settled(service).documents == 3
    listed = call["library"]({"examples": 3})
    assert {document["id"]: document["uploaded"] for document in listed["documents"]} == {
        "001.txt": False,
        "002.txt": False,
        "图书馆.txt": True,
    }
    assert len(listed["examples"]) == 3
    assert call["remove"]({"ids": ["001.txt"]}) == {}
    assert settled(service).documents == 2
    assert call["rebuild"](None) == {}
    settled(service)
    status = call["status"](None)
    assert (status["state"], status["documents"]) == ("ready", 2)
    view = call["source"]({"doc": "002.txt", "start": 0, "end": 5})
    assert view["doc"] == "002.txt"
    assert "no longer" in call["source"]({"doc": "001.txt", "start": 0, "end": 5})["error"]
    json.dumps([listed, status, view])
