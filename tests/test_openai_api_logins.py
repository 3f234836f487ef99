"""Whom OpenAI's API lets in: the key is a name and a password."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import httpx
import openai
import pytest
from openai_serving import OneAtATime, ask, ask_streamed, client_of, error_of, served, text_of
from openai_serving import service as service
from serving import ASK_SIGNED

from ui.access import Logins, set_password


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
