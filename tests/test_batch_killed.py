from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from batching import ASK, SUBWAY, asks, lines, write

pytestmark = pytest.mark.usefixtures("own_place")

TESTS = Path(__file__).parent


@pytest.fixture
def program(small_index: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Start `rag batch` with stand-ins as a process of its own."""

    def start(*arguments: str, **pipes: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(TESTS / "batching.py"), "calls", *arguments]
        return subprocess.Popen([*command, "--index", str(small_index)], **pipes)  # type: ignore[call-overload,no-any-return]

    return start


def calls_of() -> list[str]:
    return Path("calls").read_text(encoding="utf-8").splitlines() if Path("calls").exists() else []


def wait_for_calls(process: subprocess.Popen[bytes], count: int) -> None:
    while len(calls_of()) < count and process.poll() is None:
        time.sleep(0.001)


@pytest.mark.parametrize("workers", [1, 4])
def test_killed_at_any_moment_nothing_is_answered_twice(
    program: Callable[..., subprocess.Popen[bytes]], workers: int
) -> None:
    chance = random.Random(workers)
    total, kills = 40, 4
    write("q.txt", *map(asks, range(total)))
    arguments = ("q.txt", "-o", "a.jsonl", "--workers", str(workers), "-q")
    before = 0
    for _ in range(kills):
        process = program(*arguments)
        wait_for_calls(process, before + chance.randint(1, 9))
        time.sleep(chance.random() * 0.02)
        process.kill()
        process.wait()
        # Begun again are only the questions that were in hand; of one worker, that is the last one before.
        calls = calls_of()
        again = [question for question in calls[before:] if question in calls[:before]]
        assert len(again) <= workers
        assert workers > 1 or again in ([], calls[before - 1 : before])
        before = len(calls)
        assert not Path("a.jsonl").exists() or len(lines("a.jsonl")) == total
    process = program(*arguments)
    assert process.wait() == 0
    assert [line["question"] for line in lines("a.jsonl")] == [asks(number) for number in range(total)]
    counted = Counter(calls_of())
    assert set(counted) == {asks(number) for number in range(total)}
    assert counted.total() <= total + kills * workers
    assert sorted(path.name for path in Path().iterdir()) == ["a.jsonl", "a.jsonl.journal", "calls", "q.txt"]


@pytest.mark.parametrize("workers", [1, 4])
def test_ctrl_c_writes_what_is_answered_and_can_be_gone_on_with(
    program: Callable[..., subprocess.Popen[bytes]], workers: int
) -> None:
    write("q.txt", *map(asks, range(60)))
    arguments = ("q.txt", "-o", "a.csv", "--workers", str(workers))
    process = program(*arguments, stderr=subprocess.PIPE)
    wait_for_calls(process, 10)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert b"Traceback" not in said
    assert "nothing is lost" in said.decode()
    assert " left" in said.decode()
    with Path("a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert 0 < len(list(csv.reader(file))) - 1 < 60
    assert program(*arguments, "-q").wait() == 0
    with Path("a.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == [str(number + 1) for number in range(60)]
    assert len(calls_of()) <= 60 + workers


def test_a_pipe_gets_each_line_when_it_is_there(program: Callable[..., subprocess.Popen[bytes]]) -> None:
    process = program("-", "-o", "-", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    said, shown = process.communicate("\n".join(map(asks, range(5))).encode())
    assert process.returncode == 0
    assert [json.loads(line)["id"] for line in said.splitlines()] == ["1", "2", "3", "4", "5"]
    assert b"0/5" in shown
    assert b"5 answered" in shown


def test_a_bar_on_the_terminal_leaves_the_answers_in_the_pipe(
    program: Callable[..., subprocess.Popen[bytes]],
) -> None:
    write("q.txt", ASK, SUBWAY)
    ours, theirs = os.openpty()
    process = program("q.txt", "-o", "-", stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    shown: list[bytes] = []
    reader = threading.Thread(target=lambda: shown.extend(_until_closed(ours)))
    reader.start()
    said, _ = process.communicate()
    reader.join()
    os.close(ours)
    assert [json.loads(line)["id"] for line in said.splitlines()] == ["1", "2"]
    assert b"1 answered, 1 refused" in b"".join(shown)
    assert b"timings" not in b"".join(shown)


def _until_closed(descriptor: int) -> Iterator[bytes]:
    try:
        while piece := os.read(descriptor, 4096):
            yield piece
    except OSError:  # how a terminal says that the other side is gone
        return


def test_a_reader_that_stops_early_gets_no_traceback(program: Callable[..., subprocess.Popen[bytes]]) -> None:
    write("q.txt", *map(asks, range(40)))
    process = program("q.txt", "-o", "-", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert b"Traceback" not in said
