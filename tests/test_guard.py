"""No other site's page can ask, add or read anything here, and the page itself can reach no other place."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from serving import Place
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from ui.app import create_app
from ui.guard import Guard

LOCAL = ("localhost", "127.0.0.1", "::1")
METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "DELETE"]


async def _answer(_: Request) -> Response:
    return PlainTextResponse("here")


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("here")
    await socket.close()


def client(hosts: Sequence[str] | None, host: str = "localhost:7860") -> TestClient:
    routes = [Route("/", _answer, methods=METHODS), WebSocketRoute("/socket", _talk)]
    return TestClient(Guard(Starlette(routes=routes), hosts), headers={"host": host})


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "host",
    [
        "example.com",
        "example.com:7860",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "192.168.1.5",
        "",
        "[::1",
        "@",
    ],
)
def test_a_name_that_is_not_this_machines_is_refused_while_it_is_local(host: str, method: str) -> None:
    response = client(LOCAL, host).request(method, "/")
    assert response.status_code == 421
    if method != "HEAD":
        assert "rag chat" in response.text, "it says what to do"


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:7860", "LOCALHOST:1", "127.0.0.1:7860", "[::1]:7860", "[::1]"]
)
def test_this_machines_own_names_are_let_in(host: str) -> None:
    assert client(LOCAL, host).get("/").text == "here"


def test_any_name_is_let_in_where_others_may_come() -> None:
    assert client(None, "wenyuan.example.com").get("/").text == "here"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("hosts", [LOCAL, None])
@pytest.mark.parametrize(
    "origin",
    [
        "https://example.com",
        "http://localhost",
        "http://localhost:7861",
        "http://example.com:7860",
        "null",
        "",
        "http://[",
        "http://localhost:7860@example.com",
    ],
)
def test_another_sites_page_cannot_send_anything(
    origin: str, hosts: Sequence[str] | None, method: str
) -> None:
    response = client(hosts).request(method, "/", headers={"origin": origin})
    assert response.status_code == 403


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("headers", [{}, {"origin": "http://localhost:7860"}], ids=["program", "own page"])
def test_the_own_page_and_programs_are_let_in(method: str, headers: dict[str, str]) -> None:
    assert client(LOCAL).request(method, "/", headers=headers).status_code == 200


def test_a_websocket_is_guarded_as_well() -> None:
    own = {"host": "localhost:7860", "origin": "http://localhost:7860"}
    with client(LOCAL).websocket_connect("/socket", headers=own) as socket:
        assert socket.receive_text() == "here"
    for headers in ({**own, "origin": "https://example.com"}, {**own, "host": "example.com"}):
        with (
            pytest.raises(WebSocketDisconnect),
            client(LOCAL).websocket_connect("/socket", headers=headers) as socket,
        ):
            socket.receive_text()


def test_what_is_streamed_is_passed_on_piece_by_piece() -> None:
    passed: list[object] = []
    seen: list[int] = []

    async def streaming(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in (b"one", b"two"):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            seen.append(len(passed))
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        passed.append(message.get("body"))

    scope = {"type": "http", "method": "GET", "headers": [(b"host", b"localhost")]}
    asyncio.run(Guard(streaming, LOCAL)(scope, receive, send))
    assert seen == [2, 3], "the start, and then each piece at once"
    assert passed == [None, b"one", b"two", b""]


@pytest.fixture
def application(place: Place) -> Iterator[TestClient]:
    service = place.service(start=False)
    yield TestClient(create_app(service, place.settings(), None), headers={"host": "localhost"})


@pytest.mark.parametrize("path", ["/", "/page/main.js", "/v1/models", "/gradio_api/info", "/nowhere"])
def test_every_response_tells_the_browser_to_stay_here(application: TestClient, path: str) -> None:
    response = application.get(path)
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
    assert "http" not in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"
    assert application.get(path, headers={"host": "example.com"}).status_code == 421


def test_the_page_and_its_scripts_are_there(application: TestClient) -> None:
    assert "wenyuan" in application.get("/").text.lower()
    static = Path(__file__).parent.parent / "ui" / "static"
    for file in static.iterdir():
        response = application.get(f"/page/{file.name}")
        assert response.content == file.read_bytes()
    assert application.get("/page/../app.py").status_code == 404


def test_what_the_page_loads_is_all_from_here(application: TestClient) -> None:
    page = application.get("/").text
    assert "fonts.googleapis.com" not in page.partition("<body")[0].replace("preconnect", "")
    for path in ("/v1/chat/completions", "/gradio_api/queue/join", "/gradio_api/upload"):
        response = application.post(path, headers={"origin": "https://example.com"}, json={})
        assert response.status_code == 403, path


@pytest.mark.parametrize("path", ["/etc/passwd", str(Path(__file__)), "wenyuan.toml", "ui/app.py"])
def test_no_file_of_this_machine_can_be_fetched(application: TestClient, path: str) -> None:
    response = application.get(f"/gradio_api/file={path}")
    assert response.status_code in (403, 404)
    assert "root:" not in response.text
    assert "import" not in response.text
