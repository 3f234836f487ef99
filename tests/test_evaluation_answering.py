from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes import FakeEmbedder, ScriptedGenerator

from index.store import open_index
from rag.errors import EvaluationError, GeneratorError
from rag.evaluation.answering import Record, answer_all, read_records
from rag.evaluation.gold import GoldQuestion
from rag.pipeline import Assistant
from rag.progress import SilentProgress
from rag.retrieval import Retriever
from rag.settings import Settings

QUESTIONS = [
    GoldQuestion("contract", "长葛市食品行业产销对接会现场签约合同金额是多少？", groups=(("3400万元",),)),
    GoldQuestion("metro", "许昌地铁2号线什么时候开通？"),
]
SCRIPT = {
    "合同金额": "依据：现场签约合同金额3400万元\n答案：合同金额3400万元[1]。",
    "地铁": "依据：无\n答案：资料中没有相关内容。",
}

Open = Callable[[], Assistant]


@pytest.fixture
def generator() -> ScriptedGenerator:
    return ScriptedGenerator(SCRIPT)


@pytest.fixture
def open_assistant(small_index: Path, generator: ScriptedGenerator) -> Open:
    def opened() -> Assistant:
        index = open_index(small_index)
        settings = Settings()
        return Assistant(index, Retriever(index, FakeEmbedder(), settings.retrieval), generator, settings)

    return opened


def run(
    path: Path,
    open_assistant: Open,
    questions: list[GoldQuestion] = QUESTIONS,
    fingerprint: str = "1",
    **more: bool,
) -> list[Record]:
    fingerprints = {question.id: f"{fingerprint}-{question.id}" for question in questions}
    return answer_all(
        questions, fingerprints, "code", path / "records.jsonl", open_assistant, SilentProgress(), **more
    )


def nothing() -> Assistant:
    raise AssertionError("the models are not needed")


def test_a_record_is_an_answer_in_its_one_shape(tmp_path: Path, open_assistant: Open) -> None:
    records = run(tmp_path, open_assistant)
    assert [record.id for record in records] == ["contract", "metro"]
    first, second = (
        json.loads(line) for line in (tmp_path / "records.jsonl").read_text("utf-8").splitlines()
    )
    assert first["citations"][0]["doc"].startswith("002")
    assert "3400" in first["answer"]
    assert second["refused"]
    assert first["eval"]["fingerprint"] == "1-contract"
    assert first["eval"]["memory_mb"] > 0


def test_answers_that_are_there_are_used_again(tmp_path: Path, open_assistant: Open) -> None:
    first = run(tmp_path, open_assistant)
    assert run(tmp_path, nothing) == first
    assert run(tmp_path, nothing, QUESTIONS[::-1]) == first[::-1], "in the order that is asked for"


def test_other_settings_or_models_are_asked_again(
    tmp_path: Path, open_assistant: Open, generator: ScriptedGenerator
) -> None:
    run(tmp_path, open_assistant)
    asked = len(generator.calls)
    records = run(tmp_path, open_assistant, fingerprint="2")
    assert len(generator.calls) > asked
    assert read_records(tmp_path / "records.jsonl") == {record.id: record for record in records}
    assert len((tmp_path / "records.jsonl").read_text("utf-8").splitlines()) == 2, "old ones are gone"
    run(tmp_path, open_assistant, fingerprint="2", fresh=True)
    assert len(generator.calls) > 2 * asked


def test_an_interruption_loses_nothing(tmp_path: Path, small_index: Path, open_assistant: Open) -> None:
    def reply(messages: object) -> str:
        if "地铁" in str(messages):
            raise KeyboardInterrupt
        return SCRIPT["合同金额"]

    def interrupted() -> Assistant:
        index = open_index(small_index)
        settings = Settings()
        retriever = Retriever(index, FakeEmbedder(), settings.retrieval)
        return Assistant(index, retriever, ScriptedGenerator(reply), settings)

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, interrupted)
    assert list(read_records(tmp_path / "records.jsonl")) == ["contract"]
    assert [record.id for record in run(tmp_path, open_assistant)] == ["contract", "metro"]


def test_a_line_that_was_cut_off_is_answered_again(tmp_path: Path, open_assistant: Open) -> None:
    run(tmp_path, open_assistant)
    path = tmp_path / "records.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    assert list(read_records(path)) == ["contract"]
    assert len(run(tmp_path, open_assistant)) == 2
    assert list(read_records(path)) == ["contract", "metro"]


def test_a_question_that_cannot_be_asked_ends_nothing(tmp_path: Path, open_assistant: Open) -> None:
    questions = [GoldQuestion("long", "许" * 1001), *QUESTIONS]
    long, *_ = run(tmp_path, open_assistant, questions)
    assert long.answer is None
    assert long.error is not None
    assert "1001" in long.error
    with pytest.raises(AssertionError, match="not needed"):
        run(tmp_path, nothing, questions)  # a failure is tried again


def test_what_fails_for_every_question_ends_the_run(tmp_path: Path, small_index: Path) -> None:
    def reply(_: object) -> str:
        raise GeneratorError("the server is gone")

    def broken() -> Assistant:
        index = open_index(small_index)
        settings = Settings()
        retriever = Retriever(index, FakeEmbedder(), settings.retrieval)
        return Assistant(index, retriever, ScriptedGenerator(reply), settings)

    questions = [GoldQuestion(f"q{number}", QUESTIONS[0].question) for number in range(9)]
    with pytest.raises(EvaluationError, match="the server is gone"):
        run(tmp_path, broken, questions)
