from __future__ import annotations

import csv
import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from batching import ASK, DECLINED, SUBWAY, asked, asks, lines, reply, stand_in, write
from click.testing import CliRunner, Result
from fakes import FakeEmbedder, ScriptedGenerator

from index.building import build
from index.settings import IndexSettings
from rag.answers import Answer
from rag.batch.journal import open_journal
from rag.batch.meter import Meter, readable_time
from rag.batch.plan import Counts
from rag.cli import main
from rag.generators.base import Message

pytestmark = pytest.mark.usefixtures("own_place")

MADE_FROM = {"questions": "q", "settings": "s", "models": "m", "documents": "d"}

Batch = Callable[..., Result]


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ScriptedGenerator:
    """What answers in the place of the model; `calls` holds what it was asked."""
    generator = ScriptedGenerator(reply)
    stand_in(monkeypatch.setattr, generator)
    return generator


@pytest.fixture
def batch(small_index: Path, generator: ScriptedGenerator) -> Batch:
    """Run `rag batch`; whatever is not a clean exit fails the test."""

    def run(*arguments: object, stdin: str | bytes | None = None) -> Result:
        words = ["batch", *map(str, arguments)]
        if "--index" not in words:
            words += ["--index", str(small_index)]
        result = CliRunner().invoke(main, words, input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


def questions_asked(generator: ScriptedGenerator) -> list[str]:
    """The questions in the order they were asked; a second try with less to read is no new question."""
    found = [asked(messages) for messages in generator.calls]
    return [question for number, question in enumerate(found) if [question] != found[number - 1 : number]]


def mend(result: Result, *words: str) -> None:
    """Check that a command ended with one line for the user that has these words in it."""
    assert result.exit_code == 1, result.output
    line = result.stderr.splitlines()[-1]
    assert line.startswith("rag: "), result.stderr
    for word in words:
        assert word in line


# A whole run.


def test_every_question_gets_its_answer_in_order(batch: Batch, generator: ScriptedGenerator) -> None:
    write("q.txt", ASK, SUBWAY, "", asks(1))
    result = batch("q.txt", "-o", "a.jsonl")
    assert result.exit_code == 0
    assert result.stdout == ""
    found = lines("a.jsonl")
    assert [line["id"] for line in found] == ["1", "2", "4"]
    assert [line["refused"] for line in found] == [False, True, False]
    for line in found:
        Answer.model_validate(line)
    assert "a.jsonl: 2 answered, 1 refused, 0 failed in " in result.stderr
    assert "questions/min" in result.stderr
    assert generator.closed


@pytest.mark.parametrize("workers", [1, 5])
def test_the_order_is_that_of_the_questions_however_many_work(batch: Batch, workers: int) -> None:
    write("q.txt", *map(asks, range(20)))
    assert batch("q.txt", "-o", "a.jsonl", "--workers", workers).exit_code == 0
    assert [line["question"] for line in lines("a.jsonl")] == [asks(number) for number in range(20)]


def test_equal_questions_are_asked_once(batch: Batch, generator: ScriptedGenerator) -> None:
    write("q.txt", ASK, f" {ASK[:-1]}? ", SUBWAY, ASK)
    result = batch("q.txt", "-o", "a.jsonl")
    assert questions_asked(generator) == [ASK, SUBWAY]
    found = lines("a.jsonl")
    assert [line["id"] for line in found] == ["1", "2", "3", "4"]
    assert found[1] == {**found[0], "id": "2", "question": f"{ASK[:-1]}?"}
    assert found[3] == {**found[0], "id": "4"}
    assert "2 of them asked twice and answered once" in result.stderr


def test_history_and_options_are_heeded(batch: Batch, generator: ScriptedGenerator) -> None:
    history = [{"question": "许昌市2023年新增城镇就业多少人？", "answer": "5.04万人[1]。"}]
    rows = [
        {"question": "那2022年呢？", "history": history},
        {"question": ASK, "documents": ["000_ace1a917477df66a.txt"], "top_k": 1},
        {"question": SUBWAY, "language": "en"},
    ]
    write("q.jsonl", *(json.dumps(row) for row in rows))
    batch("q.jsonl", "-o", "a.jsonl")
    completed, limited, english = lines("a.jsonl")
    assert completed["standalone_question"] == "许昌市2022年新增城镇就业多少人？"
    passages = limited["passages"]
    assert isinstance(passages, list)
    assert {passage["doc"] for passage in passages} == {"000_ace1a917477df66a.txt"}
    assert str(english["answer"]).isascii()


def test_columns_of_a_table_are_kept(batch: Batch) -> None:
    Path("q.csv").write_text(f"编号;问题;部门\nx1;{ASK};招商\nx2;{SUBWAY};交通\n", encoding="gb18030")
    assert batch("q.csv", "-o", "a.csv").exit_code == 0
    with Path("a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["id"], row["部门"], row["refused"]) for row in rows] == [
        ("x1", "招商", "no"),
        ("x2", "交通", "yes"),
    ]


# What fails.


def test_a_row_that_fails_does_not_stop_the_others(batch: Batch, generator: ScriptedGenerator) -> None:
    write("q.jsonl", *(json.dumps({"question": q}) for q in (ASK, "失败吗？", "崩溃吗？", SUBWAY)), '{"que')
    result = batch("q.jsonl", "-o", "a.jsonl")
    assert result.exit_code == 1
    found = lines("a.jsonl")
    assert [line.get("error", "") for line in found] == [
        "",
        "no server answers: start it",
        "ValueError: a fault of two lines",
        "",
        "no whole JSON object: write one in each line",
    ]
    assert found[1] == {
        "id": "2",
        "row": 2,
        "question": "失败吗？",
        "error": "no server answers: start it",
    }
    assert "row 2 failed: no server answers" in result.stderr
    assert "1 answered, 1 refused, 3 failed" in result.stderr
    assert "rag: " not in result.stderr


def test_what_failed_is_tried_again(
    batch: Batch, generator: ScriptedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.txt", ASK, "失败吗？")
    assert batch("q.txt", "-o", "a.jsonl").exit_code == 1
    mended = ScriptedGenerator(lambda messages: DECLINED)
    stand_in(monkeypatch.setattr, mended)
    assert batch("q.txt", "-o", "a.jsonl").exit_code == 0
    assert questions_asked(mended) == ["失败吗？"]
    assert [line["refused"] for line in lines("a.jsonl")] == [False, True]


def test_a_server_that_is_gone_stops_the_run(
    batch: Batch, generator: ScriptedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.txt", ASK, *(f"失败{number}？" for number in range(20)))
    result = batch("q.txt", "-o", "a.jsonl")
    mend(result, "no server answers", "5 questions in a row")
    assert len(questions_asked(generator)) == 6
    assert len(lines("a.jsonl")) == 6
    assert "1 answered, 0 refused, 5 failed, 15 left" in result.stderr
    mended = ScriptedGenerator(lambda messages: DECLINED)
    stand_in(monkeypatch.setattr, mended)
    assert batch("q.txt", "-o", "a.jsonl").exit_code == 0
    assert len(questions_asked(mended)) == 20


def test_failures_between_answers_do_not_stop_the_run(batch: Batch) -> None:
    write("q.txt", *(text for number in range(8) for text in (f"失败{number}？", asks(number))))
    result = batch("q.txt", "-o", "a.jsonl")
    assert "8 answered, 0 refused, 8 failed" in result.stderr


def test_rows_that_cannot_be_asked_need_no_model(batch: Batch, generator: ScriptedGenerator) -> None:
    write("q.jsonl", "{}", "[]")
    assert batch("q.jsonl", "-o", "a.jsonl").exit_code == 1
    assert len(lines("a.jsonl")) == 2
    assert not generator.calls


# Once more.


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.xlsx", "a.html"])
def test_a_second_run_answers_nothing_and_writes_the_same(
    batch: Batch, generator: ScriptedGenerator, name: str
) -> None:
    write("q.txt", ASK, SUBWAY)
    batch("q.txt", "-o", name)
    first, calls = Path(name).read_bytes(), len(generator.calls)
    assert batch("q.txt", "-o", name).exit_code == 0
    Path(name).unlink()
    assert batch("q.txt", "-o", name).exit_code == 0
    assert len(generator.calls) == calls
    if name != "a.xlsx":  # which has the time in it
        assert Path(name).read_bytes() == first
    assert sorted(path.name for path in Path().iterdir()) == [name, f"{name}.journal", "q.txt"]


def test_other_questions_are_refused_and_restart_begins_anew(
    batch: Batch, generator: ScriptedGenerator
) -> None:
    write("q.txt", ASK)
    batch("q.txt", "-o", "a.jsonl")
    before = Path("a.jsonl").read_bytes()
    write("q.txt", SUBWAY)
    mend(batch("q.txt", "-o", "a.jsonl"), "other questions", "--restart")
    assert Path("a.jsonl").read_bytes() == before
    assert batch("q.txt", "-o", "a.jsonl", "--restart").exit_code == 0
    assert [line["question"] for line in lines("a.jsonl")] == [SUBWAY]
    assert questions_asked(generator) == [ASK, SUBWAY]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [(["--top-k", "3"], "settings"), (["--lang", "en"], "settings"), (["--index", "other"], "documents")],
)
def test_other_settings_and_documents_are_refused(
    batch: Batch, tmp_path: Path, arguments: list[str], what: str, seeds: Path
) -> None:
    embedder = FakeEmbedder()
    build([seeds], tmp_path / "other", embedder.identity.fingerprint, lambda: embedder, IndexSettings())
    write("q.txt", ASK)
    batch("q.txt", "-o", "a.jsonl")
    mend(batch("q.txt", "-o", "a.jsonl", *arguments), f"other {what}", "--restart")


def test_answers_held_to_another_confidence_are_not_mixed(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.txt", ASK)
    batch("q.txt", "-o", "a.jsonl")
    monkeypatch.setenv("RAG_GENERATION__LEAST_CONFIDENCE", "0.5")
    mend(batch("q.txt", "-o", "a.jsonl"), "other settings", "--restart")


def test_a_file_that_is_not_ours_is_not_overwritten(batch: Batch, generator: ScriptedGenerator) -> None:
    write("q.txt", ASK)
    Path("a.csv").write_text("the user's own", encoding="utf-8")
    mend(batch("q.txt", "-o", "a.csv"), "was not made by this command", "--restart")
    assert not Path("a.csv.journal").exists()
    assert Path("a.csv").read_text(encoding="utf-8") == "the user's own"
    assert not generator.calls
    assert batch("q.txt", "-o", "a.csv", "--restart").exit_code == 0


def test_an_output_that_was_changed_by_hand_is_not_overwritten(batch: Batch) -> None:
    write("q.txt", ASK)
    batch("q.txt", "-o", "a.csv")
    with Path("a.csv").open("a", encoding="utf-8") as file:
        file.write("a remark")
    mend(batch("q.txt", "-o", "a.csv"), "was changed since", "--restart")


def test_a_restart_that_was_killed_can_be_gone_on_with(tmp_path: Path) -> None:
    output = tmp_path / "a.csv"
    output.write_text("old", encoding="utf-8")
    with open_journal(output, MADE_FROM, restart=True):
        pass
    with open_journal(output, MADE_FROM) as journal:
        assert journal.may_replace(output)


@pytest.mark.parametrize("content", ["plain text", "plain\ntext\n", '{"format": 1}\n', "{}\n"])
def test_a_file_in_the_place_of_the_journal_is_left_alone(batch: Batch, content: str) -> None:
    write("q.txt", ASK)
    Path("a.csv.journal").write_text(content, encoding="utf-8")
    mend(batch("q.txt", "-o", "a.csv"), "no journal", "--restart")
    assert Path("a.csv.journal").read_text(encoding="utf-8") == content


# Where it cannot be written.


def test_in_and_out_must_differ(batch: Batch) -> None:
    write("q.csv", "question", ASK)
    for name in ("q.csv", "./q.csv"):
        mend(batch("q.csv", "-o", name), "overwrite")
    Path("link.csv").symlink_to("q.csv")
    mend(batch("q.csv", "-o", "link.csv"), "overwrite")
    assert Path("q.csv").read_text("utf-8") == f"question\n{ASK}\n"


def test_places_that_cannot_be_written_are_named(batch: Batch, generator: ScriptedGenerator) -> None:
    write("q.txt", ASK)
    Path("folder.csv").mkdir()
    mend(batch("q.txt", "-o", "none/a.csv"), "no folder none")
    mend(batch("q.txt", "-o", "folder.csv"), "is a folder")
    mend(batch("q.txt", "-o", "a.pdf"), ".jsonl .csv .xlsx .html")
    mend(batch("none.txt", "-o", "a.csv"), "none.txt cannot be read")
    mend(batch("folder.csv", "-o", "a.csv"), "folder.csv cannot be read")
    assert not generator.calls


def test_a_full_disk_loses_nothing(
    batch: Batch, generator: ScriptedGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    write("q.txt", *map(asks, range(6)))
    real, calls = os.write, 0

    def filling(descriptor: int, raw: bytes) -> int:
        nonlocal calls
        if Path(f"/proc/self/fd/{descriptor}").readlink().suffix == ".journal":
            calls += 1
            if calls == 4:  # the header and two answers were written; of the third there is room for a part
                return real(descriptor, raw[:20])
            if calls > 4:
                raise OSError(28, "No space left on device")
        return real(descriptor, raw)

    monkeypatch.setattr(os, "write", filling)
    mend(batch("q.txt", "-o", "a.jsonl"), "is full", "no answer is lost")
    monkeypatch.setattr(os, "write", real)
    before = len(generator.calls)
    assert batch("q.txt", "-o", "a.jsonl").exit_code == 0
    assert len(generator.calls) - before == 4
    assert len(lines("a.jsonl")) == 6


def test_a_second_run_on_the_same_output_is_refused(batch: Batch, tmp_path: Path) -> None:
    write("q.txt", ASK)
    with open_journal(tmp_path / "a.jsonl", MADE_FROM):
        mend(batch("q.txt", "-o", "a.jsonl"), "another process", "a.jsonl")
        mend(batch("q.txt", "-o", "a.jsonl", "--restart"), "another process")
        assert batch("q.txt", "-o", "b.jsonl").exit_code == 0
    assert batch("q.txt", "-o", "a.jsonl", "--restart").exit_code == 0


# Pipes.


def test_stdin_and_stdout(batch: Batch, generator: ScriptedGenerator) -> None:
    result = batch("-", "-o", "-", "--workers", 3, stdin=f"{ASK}\n\n{SUBWAY}\n{ASK}\n")
    assert result.exit_code == 0
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["id"] for line in found] == ["1", "3", "4"]
    assert "1 refused" in result.stderr
    assert not list(Path().iterdir())
    result = batch("-", "-o", "-", "-q", stdin=json.dumps({"question": SUBWAY, "id": "s"}) + "\n{")
    assert [json.loads(line)["id"] for line in result.stdout.splitlines()] == ["s", "2"]
    assert result.exit_code == 1
    assert result.stderr.startswith("row 2 failed: no whole JSON object")


def test_quiet_says_nothing(batch: Batch) -> None:
    write("q.txt", ASK)
    result = batch("q.txt", "-o", "a.jsonl", "-q")
    assert (result.exit_code, result.output) == (0, "")


# Several at once.


def test_workers_do_work_at_once(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(3, timeout=60)

    def meet(messages: Sequence[Message]) -> str:
        together.wait()  # breaks, and fails the question, unless three are asked at once
        return reply(messages)

    stand_in(monkeypatch.setattr, ScriptedGenerator(meet))
    write("q.txt", *map(asks, range(6)))
    assert batch("q.txt", "-o", "a.jsonl", "--workers", 3).exit_code == 0


@pytest.mark.parametrize(("adapter", "expected"), [("openai", 8), ("llamacpp", 1), ("auto", 1)])
def test_a_server_is_asked_several_questions_at_once(
    batch: Batch, monkeypatch: pytest.MonkeyPatch, adapter: str, expected: int
) -> None:
    found: list[int] = []
    monkeypatch.setenv("RAG_GENERATION__ADAPTER", adapter)
    monkeypatch.setattr("rag.batch.session.run_batch", lambda *_, workers, **__: found.append(workers))
    write("q.txt", ASK)
    batch("q.txt", "-o", "a.jsonl")
    assert found == [expected]


# Progress.


class _Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_line_of_progress_says_rate_and_time_left(capsys: pytest.CaptureFixture[str]) -> None:
    clock = _Clock()
    with Meter(Counts(left=40, failed=2), 40, clock=clock) as meter:
        assert capsys.readouterr().err == "2/42, 0 refused, 2 failed\n"
        for done in range(1, 11):
            clock.now += 6
            meter.asked(Counts(left=40 - done, failed=2, refused=1, answered=done - 1))
        assert meter.line() == "12/42, 10.0 questions/min, 3 min left, 1 refused, 2 failed"
    shown = capsys.readouterr().err.splitlines()
    assert [line.partition(",")[0] for line in shown] == ["7/42", "12/42"], "a line every 30 seconds"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (89, "89 s"), (90, "2 min"), (3599, "1 h 00 min"), (7500, "2 h 05 min")]
)
def test_times_are_readable(seconds: float, text: str) -> None:
    assert readable_time(seconds) == text
