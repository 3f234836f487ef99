"""The page in a real browser: serving it on a free port of this machine, starting Chromium, and a visitor who asks."""

from __future__ import annotations

import math
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fakes import BELIEVED, FakeEmbedder, ScriptedGenerator
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, expect, sync_playwright

from rag import opening
from rag.errors import GeneratorError
from rag.generators import Generator
from rag.generators.base import Message, TextStream
from rag.models import ModelFiles
from rag.service import Service
from rag.settings import Settings, load_settings
from ui.access import Logins
from ui.app import create_app

LONG_S = 60  # for what happens at once unless something is broken
expect.set_options(timeout=LONG_S * 1000)  # a busy machine may take longer than the library's five seconds
WIDE = (1280, 860)
PHONE = (390, 844)

SIGNED = "签约单位代表依次登台签署项目合作书，现场签约合同金额3400万元。"
ASK = "签约单位代表依次登台签署项目合作书，现场签约合同金额是多少？"
ASK_TASTING = "展示品鉴活动结束后，参展客商签订购销合同多少元？"
ASK_METRO = "许昌地铁2号线什么时候开通？"
ASK_YEAR = "许昌市2023年新增城镇就业多少人？"
FAIR = "长葛市举行食品行业产销对接会 现场签约合同金额3400万元"

_ARGUMENTS = [
    "--no-sandbox",  # for when the tests run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_STANDARD_REPLIES = {
    ASK: f"依据：{SIGNED}\n答案：现场签约合同金额3400万元[1]。参展客商签订购销合同2300万元[2]。",
    ASK_TASTING: "答案：参展客商签订购销合同2300万元[1]。参展客商共有999家[1]。",
    ASK_METRO: "依据：无\n答案：资料中没有相关内容。",
}


def standard_reply(messages: Sequence[Message]) -> str:
    """What the stand-in writes: as agreed above, otherwise all the sentences that it was given."""
    prompt = messages[-1]["content"]
    question = prompt.rpartition("\n")[2]
    for asked, reply in _STANDARD_REPLIES.items():
        if asked in question:
            return reply
    lines = [
        line.removeprefix("[").split("]", 1) for line in prompt.splitlines() if re.match(r"\[\d+]", line)
    ]
    return "答案：" + "".join(f"{text.rstrip('。')}[{number}]。" for number, text in lines)


class Writer(ScriptedGenerator):
    """Writes as scripted; held, it waits before each piece until the test lets it write."""

    def __init__(self, script: Callable[[Sequence[Message]], str] = standard_reply) -> None:
        super().__init__(script)
        self.interrupted = threading.Event()
        """Set once it was told to stop before its end."""
        self._may_write = math.inf
        self._failure: str | None = None
        self._changed = threading.Condition()

    def hold(self) -> None:
        """Write nothing until told so."""
        self.interrupted.clear()
        self._set(0)

    def write(self, pieces: int) -> None:
        """Write that many pieces more."""
        self._set(self._may_write + pieces)

    def go_on(self) -> None:
        """Write without waiting."""
        self._failure = None
        self._set(math.inf)

    def fail(self, reason: str) -> None:
        """Fail in the middle of what is being written."""
        self._failure = reason
        self._set(math.inf)

    def _set(self, pieces: float) -> None:
        with self._changed:
            self._may_write = pieces
            self._changed.notify_all()

    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        finished = False
        try:
            for piece in super().stream(messages, max_tokens, grammar=grammar):
                with self._changed:
                    self._changed.wait_for(lambda: self._may_write >= 1, LONG_S)
                    self._may_write -= 1
                if self._failure is not None:
                    raise GeneratorError(self._failure)
                yield piece
            finished = True
        finally:
            if not finished:
                self.interrupted.set()

    def question(self) -> str:
        """The question as the last prompt has it."""
        return self.calls[-1][-1]["content"].rpartition("\n")[2].removeprefix("【问题】")


@dataclass
class Site:
    """A served page, and what it stands on."""

    address: str
    service: Service
    settings: Settings


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium; without one, the test fails and says how to get it."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.fail("no Chromium here: apt-get install chromium fonts-noto-cjk", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def listening(port: int = 0) -> socket.socket:
    """Listen on a port of this machine, by default any free one."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()  # who asks before the server has begun waits
    return listener


@contextmanager
def served(
    service: Service, settings: Settings, logins: Logins | None = None, port: int = 0
) -> Iterator[Site]:
    """Serve the whole application on a port of this machine."""
    listener = listening(port)
    app = create_app(service, settings, logins)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}/", service, settings)
    finally:
        server.should_exit = True
        thread.join(LONG_S)
        listener.close()
        service.close()
    assert not thread.is_alive()


@contextmanager
def stand_ins(
    embedder: Callable[[], FakeEmbedder] = FakeEmbedder, generator: Callable[[], Generator] = Writer
) -> Iterator[None]:
    """Put stand-ins in the place of both models; the callables are called when the models are loaded."""
    files = ModelFiles("fake", Path("fake"), FakeEmbedder().identity.fingerprint)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "embedder_files", lambda settings, progress=None: files)
        patch.setattr(opening, "resolve", lambda name, kind, settings, progress=None: files)
        patch.setattr(opening, "load_embedder", lambda files, settings: embedder())
        patch.setattr(opening, "load_generator", lambda settings: generator())
        yield


def wide_context(browser: Browser) -> BrowserContext:
    """A Chinese browser with a window in which the source stands beside the answer."""
    return browser.new_context(locale="zh-CN", viewport={"width": WIDE[0], "height": WIDE[1]})


class Visitor:
    """Someone in front of the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.turns = page.locator("article.turn")
        self.turn = self.turns.last
        self.panel = page.locator("aside.source")
        self.mark = self.panel.locator("mark")
        self.input = page.locator("#question")
        self.dialog = page.get_by_role("dialog")

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def ready(self) -> None:
        """Wait until questions can be asked."""
        expect(self.page.locator(".examples, article.turn").first).to_be_attached()

    def ask(self, question: str) -> None:
        self.input.fill(question)
        self.input.press("Enter")

    def reaches(self, step: str, turn: Locator | None = None) -> None:
        """Wait for a turn, the last one by default, to reach a step: "searched", "writing", "done" and so on."""
        expect(turn or self.turn).to_have_attribute("data-step", step)

    def asks(self, question: str) -> None:
        """Ask, and wait for the checked answer."""
        count = self.turns.count()
        self.ask(question)
        expect(self.turns).to_have_count(count + 1)
        self.reaches("done")

    def follow(self, source: Locator) -> None:
        """Click a chip or a card, and wait until its place is shown."""
        source.click()
        expect(self.panel.locator(".text")).to_be_focused()

    def quoted_place(self) -> tuple[str, int, int]:
        """The document and the place in it that the panel names."""
        text = self.panel.locator(".file").text_content() or ""
        numbers = [int(number) for number in re.findall(r"\d+", text.split(" · ")[-1])]
        return text.split(" · ")[0], numbers[0], numbers[1]

    def documents(self) -> None:
        self.page.locator("#tab-documents").click()

    def questions(self) -> None:
        self.page.locator("#tab-ask").click()


@contextmanager
def visiting(
    browser: Browser | BrowserContext,
    address: str,
    *,
    locale: str = "zh-CN",
    size: tuple[int, int] = WIDE,
    ready: bool = True,
    troubles: bool = False,
    **options: Any,
) -> Iterator[Visitor]:
    """Open the page in a context of its own, or in a tab of one that has the page's files in its cache already.

    At the end, the browser must have asked no other server for anything and shown no dialog, and, unless
    ``troubles`` are expected, have reported no error.
    """
    if isinstance(browser, Browser):
        context = browser.new_context(
            locale=locale, viewport={"width": size[0], "height": size[1]}, **options
        )
    else:
        context = browser
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("dialog", dismiss)
    visitor = Visitor(page)
    try:
        page.goto(address, wait_until="load" if ready else "commit")
        if ready:
            visitor.ready()
        yield visitor
        outside = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
        assert outside == []
        assert dialogs == []
        assert troubles or errors == []
    finally:
        if context is browser:
            page.evaluate("localStorage.clear()")
            page.close()
        else:
            context.close()


@contextmanager
def new_site(
    settings: Settings,
    *,
    embedder: Callable[[], FakeEmbedder] = FakeEmbedder,
    generator: Callable[[], Generator] = Writer,
    first_corpus: Path | None = None,
    logins: Logins | None = None,
    port: int = 0,
) -> Iterator[Site]:
    """Serve a page of one's own over stand-ins, and set it up."""
    service = Service(settings, first_corpus)
    with stand_ins(embedder, generator), served(service, settings, logins, port) as site:
        service.start()
        yield site


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def shared_writer() -> Writer:
    return Writer()


@pytest.fixture(scope="module")
def site(
    small_index: Path, shared_writer: Writer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The page over the texts in seeds/; nobody who asks there changes its documents."""
    index_dir = tmp_path_factory.mktemp("site") / "index"
    shutil.copytree(small_index, index_dir)
    settings = load_settings(index_dir=index_dir, generation=BELIEVED)
    with new_site(settings, generator=lambda: shared_writer) as opened:
        yield opened


@pytest.fixture
def writer(shared_writer: Writer) -> Iterator[Writer]:
    yield shared_writer
    shared_writer.go_on()


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """Keeps the page's files from test to test; what the page stores is cleared."""
    return wide_context(browser)


@pytest.fixture
def visitor(context: BrowserContext, site: Site, writer: Writer) -> Iterator[Visitor]:
    with visiting(context, site.address) as opened:
        yield opened
        writer.go_on()
