from __future__ import annotations

import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from serving import Place
from starlette.testclient import TestClient

from rag.errors import NotReadyError
from rag.service import Service
from rag.settings import ChatSettings
from ui import app
from ui.access import Logins, set_password
from ui.app import create_app, open_logins, serve
from ui.errors import AccessError, ServerError


@pytest.fixture
def listen() -> Iterator[Callable[..., int]]:
    """Listen as `rag chat` does, and return the port."""
    opened: list[socket.socket] = []

    def listen(**chat: object) -> int:
        opened.append(app._listen(ChatSettings.model_validate(chat)))
        port = opened[-1].getsockname()[1]
        assert isinstance(port, int)
        return port

    yield listen
    for one in opened:
        one.close()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def one_line(caught: pytest.ExceptionInfo[Exception]) -> str:
    text = str(caught.value)
    assert "\n" not in text
    return text


# Who may ask.


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "wenyuan.example.com", ""])
def test_on_a_network_nobody_is_let_in_without_logins(host: str) -> None:
    with pytest.raises(AccessError) as caught:
        open_logins(ChatSettings(host=host))
    line = one_line(caught)
    assert "--auth FILE" in line
    assert "rag password FILE NAME" in line


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_on_this_machine_alone_no_logins_are_needed(host: str) -> None:
    assert open_logins(ChatSettings(host=host)) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_logins_that_were_given_are_asked_for_everywhere(host: str, tmp_path: Path) -> None:
    set_password(tmp_path / "logins.txt", "anna", "correct horse")
    logins = open_logins(ChatSettings(host=host, logins=tmp_path / "logins.txt"))
    assert isinstance(logins, Logins)
    assert logins.check("anna", "correct horse")


@pytest.mark.parametrize(
    ("host", "asked_as", "status"),
    [
        ("127.0.0.1", "localhost:7860", 200),
        ("127.0.0.1", "example.com", 421),
        ("127.0.0.2", "127.0.0.2:7860", 200),
        ("0.0.0.0", "wenyuan.example.com", 200),
    ],
)
def test_the_page_answers_to_the_names_that_it_is_reached_by(
    place: Place, host: str, asked_as: str, status: int
) -> None:
    application = create_app(place.service(start=False), place.settings(host=host), None)
    assert TestClient(application).get("/", headers={"host": asked_as}).status_code == status


# Where it listens.


def test_a_port_that_is_in_use_is_named(listen: Callable[..., int], taken: int) -> None:
    with pytest.raises(ServerError) as caught:
        listen(port=taken)
    line = one_line(caught)
    assert str(taken) in line
    assert "--port" in line


def test_without_a_wish_the_next_free_port_is_taken(
    listen: Callable[..., int], taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_FIRST_PORT", taken)
    first = listen()
    second = listen()
    assert taken < first < second < taken + 20


def test_two_that_start_at_once_do_not_get_the_same_port(listen: Callable[..., int]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    listen(port=port)  # nothing is accepted there yet
    with pytest.raises(ServerError, match="in use"):
        listen(port=port)


def test_with_no_port_free_it_says_what_to_choose(
    listen: Callable[..., int], taken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "_FIRST_PORT", taken)
    monkeypatch.setattr(app, "_PORTS_TRIED", 1)
    with pytest.raises(ServerError) as caught:
        listen()
    assert "--port" in one_line(caught)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1", "...", "x" * 70 + ".example"])
def test_an_address_that_is_not_of_this_machine_is_named(listen: Callable[..., int], host: str) -> None:
    with pytest.raises(ServerError) as caught:
        listen(host=host)
    line = one_line(caught)
    assert host in line
    assert "--host" in line


def test_an_address_of_ipv6_is_served(listen: Callable[..., int]) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    port = listen(host="::1")
    with socket.create_connection(("::1", port)):
        pass
    assert app._in_url("::1") == "[::1]"


# Serving.


class _Server:
    """Stands for uvicorn's: keeps what it was given, and ends as the test says."""

    def __init__(self, config: uvicorn.Config) -> None:
        self.config = config

    def run(self, sockets: list[socket.socket]) -> None:
        kept = {"app": self.config.app, "port": sockets[0].getsockname()[1], "sockets": sockets}
        _Server.ran = kept
        if _Server.error is not None:
            raise _Server.error

    ran: dict[str, Any]
    error: BaseException | None = None


@pytest.mark.parametrize("error", [None, KeyboardInterrupt(), OSError("broken")], ids=repr)
def test_it_says_where_it_is_opens_the_browser_and_frees_everything_at_the_end(
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException | None,
) -> None:
    services: list[Service] = []
    opened: list[str] = []

    def service(*arguments: Any) -> Service:
        services.append(Service(*arguments))
        return services[-1]

    class Timer:
        def __init__(self, _: float, call: Callable[..., object], arguments: tuple[str, ...]) -> None:
            self._call: Callable[[], object] = partial(call, *arguments)
            self.daemon = False

        def start(self) -> None:
            self._call()

    monkeypatch.setattr(_Server, "error", error)
    monkeypatch.setattr(app, "Service", service)
    monkeypatch.setattr(uvicorn, "Server", _Server)
    monkeypatch.setattr(webbrowser, "open", opened.append)
    monkeypatch.setattr(threading, "Timer", Timer)
    try:
        serve(place.settings(first_corpus=place.own), open_browser=True)
    except BaseException as raised:
        assert raised is error
    address = f"http://127.0.0.1:{_Server.ran['port']}/"
    assert opened == [address]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert address in captured.err
    assert "only this machine" in captured.err
    with pytest.raises(NotReadyError, match="closed"):
        services[0].find("许昌？")
    _Server.ran["sockets"][0].close()
