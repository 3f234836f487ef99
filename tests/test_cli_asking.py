"""Indexing and asking on the command line, with stand-ins for the models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import Rag, mend
from command_line import rag as rag
from fakes import FakeEmbedder, ScriptedGenerator

from index.store import current_generation
from rag import opening
from rag.answers import Answer
from rag.models import ModelFiles
from rag.settings import Settings

pytestmark = pytest.mark.usefixtures("own_place")

ASK = "长葛市食品行业产销对接会现场签约合同金额是多少？"
REPLIES = {
    ASK: "依据：现场签约合同金额3400万元\n答案：合同金额3400万元[1]。",
    "地铁": "依据：无\n答案：资料中没有相关内容。",
}


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeEmbedder]:
    """Stand-ins for both models; the rest is real."""
    embedder = FakeEmbedder()
    files = ModelFiles("fake", Path("fake"), embedder.identity.fingerprint)
    monkeypatch.setattr(opening, "embedder_files", lambda settings, progress=None: files)
    monkeypatch.setattr(opening, "resolve", lambda name, kind, settings, progress=None: files)
    monkeypatch.setattr(opening, "load_embedder", lambda files, settings: embedder)
    monkeypatch.setattr(opening, "load_generator", lambda settings: ScriptedGenerator(REPLIES))
    yield embedder


# Indexing.


@pytest.mark.usefixtures("models")
def test_a_folder_is_indexed_and_what_was_done_is_said_on_stderr(rag: Rag, seeds: Path) -> None:
    result = rag("index", seeds)
    assert result.exit_code == 0
    assert result.stdout == ""
    assert "5 documents" in result.stderr
    assert current_generation(Path(".wenyuan/index")) is not None
    again = rag("index", seeds)
    assert again.exit_code == 0
    assert "up to date" in again.stderr


@pytest.mark.usefixtures("models")
def test_quiet_says_nothing(rag: Rag, seeds: Path) -> None:
    result = rag("index", seeds, "--quiet")
    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.usefixtures("models")
def test_a_missing_path_is_named(rag: Rag) -> None:
    mend(rag("index", "no-such-folder"), "no-such-folder")


@pytest.mark.usefixtures("models")
def test_an_empty_folder_says_what_could_be_put_there(rag: Rag, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    mend(rag("index", "empty", "--quiet"), "empty", ".txt")


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("photo.txt", bytes(range(256)) * 40),
        ("broken.pdf", b"%PDF-1.7\n1 0 obj << /Type /Catalog"),
        ("empty.txt", b""),
        ("blank.md", b" \n\t\n"),
        ("notes.docx", b"PK\x03\x04 not really"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_reason(
    rag: Rag, tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    line = mend(rag("index", name, "--quiet"), name)
    assert len(line.partition(f"{name}: ")[2]) > 3, "the reason is given"


@pytest.mark.usefixtures("models")
def test_one_broken_file_does_not_keep_the_others_out(rag: Rag, tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "broken.pdf").write_bytes(b"%PDF-1.7\n")
    (tmp_path / "documents" / "good.txt").write_text(
        "许昌市召开经济工作会议，部署全年任务。", encoding="utf-8"
    )
    result = rag("index", "documents")
    assert result.exit_code == 0
    assert "skipped broken.pdf: " in result.stderr
    assert "1 documents" in result.stderr


@pytest.mark.usefixtures("models")
def test_a_gb18030_file_is_read(rag: Rag, tmp_path: Path, seed_texts: dict[str, str]) -> None:
    (tmp_path / "old.txt").write_bytes(seed_texts["002"].encode("gb18030"))
    assert rag("index", "old.txt").exit_code == 0
    result = rag("ask", ASK, "--json")
    assert "3400 万元" in json.loads(result.stdout)["citations"][0]["quote"]


@pytest.mark.usefixtures("models")
def test_a_folder_with_brackets_in_its_name_is_shown_as_it_is(rag: Rag, seeds: Path) -> None:
    result = rag("index", seeds / "001_cd93c6f70429d5e1.txt", "--index", "[b]x[/b]")
    assert result.exit_code == 0
    assert "[b]x[/b]" in result.stderr


@pytest.mark.usefixtures("models")
def test_ctrl_c_ends_with_130_and_says_that_nothing_is_lost(
    rag: Rag, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(FakeEmbedder, "embed_documents", interrupted)
    result = rag("index", seeds, "--quiet")
    assert result.exit_code == 130
    assert result.stderr.count("\n") == 1
    assert "nothing is lost" in result.stderr


@pytest.mark.usefixtures("models")
def test_a_place_that_cannot_be_written_is_named(rag: Rag, seeds: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    mend(rag("index", seeds, "--index", "file/index", "--quiet"), "file")


# Asking.


def test_without_an_index_the_command_that_makes_one_is_named(rag: Rag) -> None:
    mend(rag("ask", ASK), "no index", "rag index PATH")


@pytest.mark.usefixtures("models")
def test_the_answer_goes_to_stdout_with_its_source(rag: Rag, small_index: Path) -> None:
    result = rag("ask", ASK, "--index", small_index)
    assert result.exit_code == 0
    assert result.stdout.startswith("合同金额3400万元[1]。\n")
    assert "002_4d038e9deba97052.txt" in result.stdout


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("question", [ASK, "许昌地铁2号线什么时候开通？"])
def test_json_is_all_that_is_printed(rag: Rag, small_index: Path, question: str) -> None:
    result = rag("ask", question, "--index", small_index, "--json")
    assert result.exit_code == 0, "a refusal is an answer too"
    answer = Answer.model_validate_json(result.stdout)
    assert answer.question == question
    assert answer.refused == ("地铁" in question)
    assert result.stderr == ""


@pytest.mark.usefixtures("models")
def test_no_more_passages_are_read_than_top_k(rag: Rag, small_index: Path) -> None:
    result = rag("ask", ASK, "--index", small_index, "--json", "--top-k", "1")
    assert len(json.loads(result.stdout)["passages"]) == 1


@pytest.mark.usefixtures("models")
def test_one_document_or_a_span_of_days_can_be_asked(rag: Rag, small_index: Path) -> None:
    def documents(*choice: str) -> set[str]:
        result = rag("ask", ASK, "--index", small_index, "--json", *choice)
        assert result.exit_code == 0
        return {passage["doc"][:3] for passage in json.loads(result.stdout)["passages"]}

    assert documents("--document", "002_4d038e9deba97052.txt") == {"002"}
    assert documents("--since", "2023", "--until", "2023-03") == {"002"}
    assert documents("--until", "2020-12-31") == {"004"}
    assert documents("--since", "2025") == set()


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize(
    ("choice", "says"),
    [
        (["--document", "nowhere.txt"], "nowhere.txt"),
        (["--since", "spring"], "since: write a date like 2020, 2020-08 or 2020-08-17"),
        (["--since", "2021", "--until", "2020"], "since 2021-01-01 is after until 2020-12-31"),
    ],
)
def test_what_cannot_be_chosen_is_one_line(rag: Rag, small_index: Path, choice: list[str], says: str) -> None:
    mend(rag("ask", ASK, "--index", small_index, *choice), says)


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("question", ["", "  ", "许" * 1001])
def test_a_question_that_cannot_be_asked_is_one_line(rag: Rag, small_index: Path, question: str) -> None:
    mend(rag("ask", question, "--index", small_index), "the question")


@pytest.mark.usefixtures("models")
@pytest.mark.parametrize("name", ["vectors.faiss", "chunks.sqlite", "manifest.json"])
def test_a_truncated_index_says_how_to_rebuild_it(rag: Rag, seeds: Path, name: str) -> None:
    rag("index", seeds / "001_cd93c6f70429d5e1.txt", "--quiet")
    folder = current_generation(Path(".wenyuan/index"))
    assert folder is not None
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    mend(rag("ask", ASK), name, "rag index")
    rag("index", seeds / "001_cd93c6f70429d5e1.txt", "--quiet")
    assert rag("ask", ASK, "--json").exit_code == 0, "what was said to mend it does"


@pytest.mark.usefixtures("models")
def test_an_index_of_another_embedder_names_both_ways_out(
    rag: Rag, small_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = ModelFiles("another", Path("another"), "another-1")
    monkeypatch.setattr(opening, "embedder_files", lambda settings, progress=None: other)
    mend(rag("ask", ASK, "--index", small_index), "--embedder fake", "rag index")


def test_without_the_models_the_command_that_fetches_them_is_named(rag: Rag, small_index: Path) -> None:
    mend(rag("ask", ASK, "--index", small_index), "embeddinggemma-300m", "rag models fetch")


@pytest.mark.usefixtures("models")
def test_ctrl_c_while_an_answer_is_written_leaves_no_traceback(
    rag: Rag, small_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(settings: Settings) -> ScriptedGenerator:
        def reply(_: object) -> str:
            raise KeyboardInterrupt

        return ScriptedGenerator(reply)

    monkeypatch.setattr(opening, "load_generator", interrupted)
    assert rag("ask", ASK, "--index", small_index).exit_code == 130


@pytest.mark.parametrize(
    "command", [["ask", ASK], ["index", "."], ["models", "list"], ["models", "verify"], ["doctor"], ["chat"]]
)
def test_a_setting_that_cannot_be_used_is_named(
    rag: Rag, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("RAG_RETRIEVAL__TOP_K", "many")
    mend(rag(*command), "retrieval.top_k", "many")
