"""A service over the seeds with stand-ins for the models, and waiting for what it does in the background."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fakes import BELIEVED, FakeEmbedder, ScriptedGenerator
from starlette.types import ASGIApp

from index.embedding import Vectors
from rag import opening
from rag.answers import Answer
from rag.errors import GeneratorError
from rag.generators.base import Message, TextStream
from rag.models import ModelFiles
from rag.progress import Phase
from rag.service import Service
from rag.service_status import ServiceStatus
from rag.settings import Settings
from ui.access import Logins

LONG_S = 60  # for what happens at once unless something is broken
SIGNED = "签约单位代表依次登台签署项目合作书，现场签约合同金额3400万元。"
ASK_SIGNED = "长葛市食品行业产销对接会现场签约合同金额是多少？"
ASK_METRO = "许昌地铁2号线什么时候开通？"
ASK_BROKEN = "会议由谁主持？"
LIBRARY = "东湖社区图书馆藏书七万六千册，馆长是周文斌。"
ASK_LIBRARY = "东湖社区图书馆藏书多少册？"


def reply(messages: Sequence[Message]) -> str:
    question = messages[-1]["content"].rpartition("\n")[2]
    if "合同金额" in question:
        return f"依据：{SIGNED}\n答案：现场签约合同金额3400万元[1]。"
    if ASK_BROKEN in question:
        raise GeneratorError("the generator fell over: start it again")
    return "依据：无\n答案：资料中没有相关内容。"


class CountingGenerator(ScriptedGenerator):
    """Counts how many write at once, and writes nothing while `gate` is closed."""

    def __init__(self) -> None:
        super().__init__(reply)
        self.gate = threading.Event()
        self.gate.set()
        self.writing = threading.Event()
        self.questions: list[str] = []
        self.most_at_once = 0
        self._at_once = 0
        self._lock = threading.Lock()

    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self.questions.append(messages[-1]["content"].rpartition("\n")[2])
        try:
            self.writing.set()
            assert self.gate.wait(LONG_S)
            yield from super().stream(messages, max_tokens, grammar=grammar)
        finally:
            with self._lock:
                self._at_once -= 1


class GatedEmbedder(FakeEmbedder):
    """Embeds no document while `gate` is closed."""

    def __init__(self, name: str = "fake", fingerprint: str = "fake-1") -> None:
        super().__init__(name, fingerprint)
        self.gate = threading.Event()
        self.gate.set()
        self.embedding = threading.Event()
        self.failure: Exception | None = None

    def embed_documents(
        self, document_texts: Sequence[str], on_batch: Callable[[Sequence[int], Vectors], None]
    ) -> None:
        self.embedding.set()
        assert self.gate.wait(LONG_S)
        if self.failure is not None:
            raise self.failure
        super().embed_documents(document_texts, on_batch)


class Place:
    """A folder of the user's with some seeds, an index folder beside it, and the services over them."""

    def __init__(self, tmp_path: Path, seeds: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.own = tmp_path / "own"
        self.own.mkdir()
        for number in ("001", "002"):
            text = next(seeds.glob(f"{number}_*.txt")).read_text(encoding="utf-8")
            (self.own / f"{number}.txt").write_text(text, encoding="utf-8")
        self.index_dir = tmp_path / "index"
        self.embedder = GatedEmbedder()
        self.generator = CountingGenerator()
        self.phases: list[Phase | None] = []
        self.embedder_error: Exception | None = None
        self.generator_error: Exception | None = None
        self.services: list[Service] = []
        self._tmp_path = tmp_path
        monkeypatch.setattr(opening, "embedder_files", self._files)
        monkeypatch.setattr(opening, "fetch_generator", lambda settings, progress=None: None)
        monkeypatch.setattr(opening, "load_embedder", lambda files, settings: self.embedder)
        monkeypatch.setattr(opening, "load_generator", self._load_generator)

    def settings(self, **chat: object) -> Settings:
        return Settings.model_validate({"index_dir": self.index_dir, "chat": chat, "generation": BELIEVED})

    def service(self, corpus: Path | None = None, *, start: bool = True) -> Service:
        service = Service(self.settings(), corpus)
        self.services.append(service)
        record = service._set_phase

        def recorded(phase: Phase | None) -> None:
            self.phases.append(phase)
            record(phase)

        service._set_phase = recorded  # type: ignore[method-assign]
        if start:
            service.start()
            settled(service)
        return service

    def file(self, name: str, text: str) -> Path:
        """What a browser has uploaded."""
        path = self._tmp_path / "browser" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def close(self) -> None:
        self.embedder.gate.set()
        self.generator.gate.set()
        for service in self.services:
            settled(service)
            service.close()

    def _files(self, settings: Settings, progress: object = None) -> ModelFiles:
        if self.embedder_error is not None:
            raise self.embedder_error
        identity = self.embedder.identity
        return ModelFiles(identity.name, Path("fake"), identity.fingerprint)

    def _load_generator(self, settings: Settings) -> ScriptedGenerator:
        if self.generator_error is not None:
            raise self.generator_error
        return self.generator


def settled(service: Service) -> ServiceStatus:
    """Wait until nothing is going on in the background."""
    for thread in threading.enumerate():
        if thread.name in ("set-up", "rebuild"):
            thread.join(LONG_S)
            assert not thread.is_alive()
    return service.status()


@contextmanager
def running(application: ASGIApp, port: int = 0) -> Iterator[str]:
    """A web application on a port of this machine, by default any free one; its address."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()  # who asks before the server has begun waits
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join(LONG_S)
        listener.close()
    assert not thread.is_alive()


@contextmanager
def served(service: Service, settings: Settings, logins: Logins | None = None) -> Iterator[str]:
    """The whole application on a free port of this machine; its address."""
    from ui.app import create_app  # which loads Gradio

    with running(create_app(service, settings, logins)) as address:
        yield address


def answer(service: Service, question: str, **arguments: object) -> Answer:
    last = list(service.stream(question, **arguments))[-1]  # type: ignore[arg-type]
    assert isinstance(last, Answer)
    return last


def found(service: Service, question: str) -> set[str]:
    return {passage.chunk.doc_id for passage in service.find(question)[1]}
