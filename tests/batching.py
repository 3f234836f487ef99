"""``rag batch`` with stand-ins at the models' boundary, here and as a program that can be killed.

    python tests/batching.py CALLS QUESTIONS -o ANSWERS --index DIR …

CALLS is a file that gets a line, the question, whenever the generator is asked something.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from fakes import FakeEmbedder, ScriptedGenerator

from rag import opening
from rag.errors import GeneratorError
from rag.generators.base import Message
from rag.models import ModelFiles

ASK = "长葛市食品行业产销对接会现场签约合同金额是多少？"
SUBWAY = "许昌地铁2号线什么时候开通？"
ANSWER = "依据：现场签约合同金额3400万元\n答案：合同金额3400万元[1]。"
DECLINED = "依据：无\n答案：资料中没有相关内容。"

Patch = Callable[[object, str, object], None]


def asks(number: int) -> str:
    """One of many questions with the same answer."""
    return f"第{number}次问：{ASK}"


def reply(messages: Sequence[Message]) -> str:
    """Answer any question; one that says 失败 fails, one that says 崩溃 meets a fault of the program."""
    question = asked(messages)
    if "失败" in question:
        raise GeneratorError("no server answers: start it")
    if "崩溃" in question:
        raise ValueError("a fault\nof two lines")
    return ANSWER if "签约" in question else DECLINED


def write(name: str, *questions: str) -> Path:
    path = Path(name)
    path.write_text("".join(f"{question}\n" for question in questions), encoding="utf-8")
    return path


def lines(path: str | Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def asked(messages: Sequence[Message]) -> str:
    """Return the question of a prompt."""
    return messages[-1]["content"].rpartition("\n")[2].rpartition("】")[2]


def stand_in(patch: Patch, generator: ScriptedGenerator) -> None:
    """Put stand-ins in the place of both models; the rest is real."""
    embedder = FakeEmbedder()
    files = ModelFiles("fake", Path("fake"), embedder.identity.fingerprint)
    patch(opening, "embedder_files", lambda settings, progress=None: files)
    patch(opening, "resolve", lambda name, kind, settings, progress=None: files)
    patch(opening, "load_embedder", lambda files, settings: embedder)
    patch(opening, "load_generator", lambda settings: generator)


def _main() -> None:
    calls, *arguments = sys.argv[1:]
    log = os.open(calls, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def logged(messages: Sequence[Message]) -> str:
        os.write(log, f"{asked(messages)}\n".encode())
        # Long enough for a kill to meet a question in hand as often as the work between two questions.
        time.sleep(0.005)
        return reply(messages)

    stand_in(setattr, ScriptedGenerator(logged))
    from rag.cli import main

    main(["batch", *arguments])


if __name__ == "__main__":
    # A background job of a shell, as CI may be, starts its children with Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _main()
