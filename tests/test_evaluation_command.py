"""`rag eval` and `rag compare` from the command line to the report, with stand-ins for the models alone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fakes import FakeEmbedder, ScriptedGenerator

from index.durable import held
from rag import opening
from rag.cli import main
from rag.evaluation import manifest, retrieving, running
from rag.models import ModelFiles

pytestmark = pytest.mark.usefixtures("own_place")

Rag = Callable[..., Result]

CONTRACT = "长葛市食品行业产销对接会现场签约合同金额是多少？"
GOLD = [
    {
        "id": "contract",
        "question": CONTRACT,
        "answers": ["3400万"],
        "evidence": [{"doc": "002_4d038e9deba97052.txt", "quote": "现场签约合同金额 3400 万元"}],
        "type": "number",
        "lang": "zh",
    },
    {
        "id": "chair",
        "question": "谁主持了6月3日的全市领导干部会议？<script>alert(1)</script>",
        "answers": ["史根治"],
        "evidence": [{"doc": "003_7bfdbcd22150bf3a.txt", "quote": "市委书记史根治主持会议并讲话"}],
        "type": "$person$ & <b>",
        "lang": "zh",
    },
    {"id": "metro", "question": "许昌地铁2号线什么时候开通？", "answers": [], "type": "unanswerable"},
]
REPLIES = {
    "合同金额": "依据：现场签约合同金额3400万元\n答案：合同金额3400万元[1]。",
    "谁主持": "依据：市委书记史根治主持会议并讲话\n答案：市委书记主持会议并讲话[1]。",
    "地铁": "依据：无\n答案：资料中没有相关内容。",
}


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ScriptedGenerator:
    """Stand-ins for both models; the rest is real."""
    embedder = FakeEmbedder()
    files = ModelFiles("fake", Path("fake"), embedder.identity.fingerprint)
    scripted = ScriptedGenerator(REPLIES)
    for module in (opening, manifest, retrieving):
        monkeypatch.setattr(module, "embedder_files", lambda settings, progress=None: files)
    for module in (opening, manifest):
        monkeypatch.setattr(module, "resolve", lambda name, kind, settings, progress=None: files)
    for module in (opening, retrieving):
        monkeypatch.setattr(module, "load_embedder", lambda files, settings: embedder)
    monkeypatch.setattr(opening, "load_generator", lambda settings: scripted)
    return scripted


@pytest.fixture
def rag() -> Rag:
    def run(*arguments: str | Path) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return run


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in GOLD), encoding="utf-8")
    return path


class Loads(HTMLParser):
    """Collects what a page would load, and its words."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.words = ""
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.loads += [
            value or "" for name, value in attrs if name in ("src", "href", "xlink:href", "srcset", "action")
        ]

    def handle_data(self, data: str) -> None:
        self.words += data


@pytest.mark.usefixtures("generator")
def test_a_set_is_answered_scored_and_reported(rag: Rag, gold: Path, small_index: Path) -> None:
    result = rag("eval", gold, "--out", "out", "--index", small_index, "--retrievers")
    assert result.exit_code == 0, result.output
    assert "answered and wrong" in result.stdout
    metrics: dict[str, Any] = json.loads(Path("out/metrics.json").read_text("utf-8"))
    assert metrics["overall"]["answer_accuracy"]["value"] == pytest.approx(2 / 3)
    assert metrics["overall"]["refusal_unanswerable"]["value"] == 1
    assert metrics["overall"]["citation_precision"]["value"] > 0
    assert metrics["by"]["type"]["number"]["contains"]["value"] == 1
    assert set(metrics["retrievers"]) == {"product", "merged", "fused", "sentences", "chunks", "lexical"}
    assert metrics["retrievers"]["lexical"]["hit@20"]["n"] == 2
    run = json.loads(Path("out/manifest.json").read_text("utf-8"))
    assert run["seed"] == 0
    assert run["embedder"] == {"name": "fake", "fingerprint": "fake-1"}
    assert run["index"]["generation"].startswith("generation-")
    assert run["machine"]["threads"] >= 1
    assert run["settings"]["retrieval"]["top_k"] == 12
    for name in ("records.jsonl", "scores.jsonl", "report.md", "plots/outcomes.svg", "plots/retrieval.svg"):
        assert Path("out", name).stat().st_size > 0


def test_a_second_evaluation_into_the_same_folder_is_refused(
    rag: Rag, gold: Path, small_index: Path, generator: ScriptedGenerator
) -> None:
    Path("out").mkdir()
    with held(Path("out/.lock"), AssertionError()):
        result = rag("eval", gold, "--out", "out", "--index", small_index)
        assert result.exit_code == 1
        assert "another process is evaluating into out" in result.stderr
        assert not generator.calls
        assert rag("eval", gold, "--out", "other", "--index", small_index).exit_code == 0
    assert rag("eval", gold, "--out", "out", "--index", small_index).exit_code == 0


@pytest.mark.usefixtures("generator")
def test_the_report_loads_nothing_and_runs_nothing(rag: Rag, gold: Path, small_index: Path) -> None:
    rag("eval", gold, "--out", "out", "--index", small_index, "--retrievers", "--quiet")
    page = Path("out/report.html").read_text("utf-8")
    seen = Loads()
    seen.feed(page)
    assert "script" not in seen.tags
    assert "<script>alert(1)</script>" in seen.words, "shown, not run"
    assert "$person$ & <b>" in seen.words
    assert all(load.startswith("#") for load in seen.loads), seen.loads
    shown = page.partition("<pre>")[0]  # the manifest behind it names addresses, and loads none
    assert not re.search(r"https?://|@import|url\((?!#)", shown)
    assert seen.tags.count("svg") >= 5
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(seen.ids), "every clip path is in the page"
    assert len(set(seen.ids)) == len(seen.ids)
    assert "<b>" not in Path("out/report.md").read_text("utf-8").replace("\\<b\\>", "")


def test_the_same_again_asks_nothing_and_gives_the_same(
    rag: Rag, gold: Path, small_index: Path, generator: ScriptedGenerator
) -> None:
    rag("eval", gold, "--out", "out", "--index", small_index, "--quiet")
    asked = len(generator.calls)
    before = json.loads(Path("out/metrics.json").read_text("utf-8"))["overall"]
    assert rag("eval", gold, "--out", "out", "--index", small_index, "--quiet").exit_code == 0
    assert len(generator.calls) == asked
    assert json.loads(Path("out/metrics.json").read_text("utf-8"))["overall"] == before
    rag("eval", gold, "--out", "out", "--index", small_index, "--quiet", "--fresh")
    assert len(generator.calls) == 2 * asked


@pytest.mark.usefixtures("generator")
def test_answers_of_other_code_are_used_and_said_to_be(
    rag: Rag, gold: Path, small_index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rag("eval", gold, "--out", "out", "--index", small_index, "--quiet")
    code = manifest.CodeRecord(version="1", commit=None, changed=False, fingerprint="another")
    monkeypatch.setattr(manifest, "_code", lambda: code)
    result = rag("eval", gold, "--out", "out", "--index", small_index)
    assert "3 of 3 answers were given by another state of the program" in result.stderr
    assert "--fresh" in result.stderr


def test_retrieval_alone_needs_no_generator(
    rag: Rag, gold: Path, small_index: Path, generator: ScriptedGenerator
) -> None:
    result = rag("eval", gold, "--out", "out", "--index", small_index, "--retrieval-only")
    assert result.exit_code == 0, result.output
    assert not generator.calls
    overall = json.loads(Path("out/metrics.json").read_text("utf-8"))["overall"]
    assert overall["hit@10"]["n"] == 2
    assert "answer_accuracy" not in overall
    assert "hit@5" in Path("out/report.html").read_text("utf-8")


@pytest.mark.usefixtures("generator")
def test_a_gate_that_is_missed_ends_with_1_after_the_report(rag: Rag, gold: Path, small_index: Path) -> None:
    arguments = ["eval", gold, "--out", "out", "--index", small_index, "--quiet"]
    assert rag(*arguments, "--min", "answer_accuracy=0.6").exit_code == 0
    missed = rag(*arguments, "--min", "answer_accuracy=0.8")
    assert missed.exit_code == 1
    assert missed.stderr.startswith("rag: answer_accuracy is 0.6667")
    assert Path("out/report.html").exists()
    assert rag(*arguments, "--max", "answered_wrong=0.01", "--min", "nonsense=1").exit_code == 1


@pytest.mark.usefixtures("generator")
def test_two_runs_are_compared(rag: Rag, gold: Path, small_index: Path) -> None:
    for out in ("a", "b"):
        rag("eval", gold, "--out", out, "--index", small_index, "--quiet")
    result = rag("compare", "a", "b")
    assert result.exit_code == 0, result.output
    assert "accuracy, all questions" in result.stdout
    as_json = json.loads(rag("compare", "a", "b", "--json").stdout)
    assert as_json["questions"] == 3
    assert as_json["flips"] == []
    assert rag("compare", "a", "b", "--min", "answer_accuracy=0.8").exit_code == 1
    elsewhere = json.loads(Path("b/manifest.json").read_text("utf-8"))
    elsewhere["machine"]["threads"] += 1
    Path("b/manifest.json").write_text(json.dumps(elsewhere), encoding="utf-8")
    assert "different machines" in rag("compare", "a", "b").stderr
    missing = rag("compare", "a", "nowhere")
    assert missing.exit_code == 1
    assert "rag eval" in missing.stderr


@pytest.mark.usefixtures("generator")
def test_a_benchmark_gets_an_index_of_its_own(rag: Rag, tmp_path: Path, small_index: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    passages = [
        {"id": "p1", "text": "现场签约合同金额3400万元。", "title": "产销对接会"},
        {"id": "p2", "text": "市委书记史根治主持会议并讲话。", "title": "领导干部会议"},
    ]
    questions = [
        {
            "id": "q",
            "question": CONTRACT,
            "answers": ["3400万元"],
            "answer_groups": [["3400万元"]],
            "passage_ids": ["p1"],
            "negative_ids": ["p2"],
        }
    ]
    for name, rows in (("passages", passages), ("questions", questions)):
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    result = rag("eval", folder, "--out", "out")
    assert result.exit_code == 0, result.output
    assert Path("out/index/CURRENT").exists()
    assert not Path(".wenyuan").exists(), "nobody's own index is touched"
    metrics = json.loads(Path("out/metrics.json").read_text("utf-8"))
    assert metrics["by"]["type"]["noise 0"]["answer_accuracy"]["value"] == 1
    records = [json.loads(line) for line in Path("out/records.jsonl").read_text("utf-8").splitlines()]
    alone = next(record for record in records if record["id"] == "q@1")
    assert {passage["doc"] for passage in alone["passages"]} <= {"p2"}, "only its own passages are searched"
    kept = rag("eval", folder, "--out", "other", "--index", small_index)
    assert kept.exit_code == 1
    assert "name another folder with --index" in kept.stderr


def test_what_cannot_be_used_is_one_line(rag: Rag, gold: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": "a"}\n', encoding="utf-8")
    for arguments, words in (
        (["eval", bad, "--out", "out"], ["line 1", "field question"]),
        (["eval", tmp_path / "gone.jsonl", "--out", "out"], ["no such file"]),
        (["eval", tmp_path, "--out", "out"], ["questions.jsonl"]),
        (["eval", gold, "--out", "out", "--only", "poem"], ["poem", "unanswerable"]),
        (["eval", gold, "--out", "out"], ["no index"]),
        (["eval", gold, "--out", "out", "--min", "x=1"], ["no figure of that name"]),
    ):
        result = rag(*arguments)
        assert result.exit_code == 1, result.output
        assert result.stderr.count("\n") == 1
        for word in words:
            assert word in result.stderr


def test_the_report_says_what_was_left_out(
    rag: Rag, gold: Path, small_index: Path, generator: ScriptedGenerator
) -> None:
    rag("eval", gold, "--out", "out", "--index", small_index, "--only", "number", "--quiet")
    assert "1 of the set&#x27;s 3 questions: type number" in Path("out/report.html").read_text("utf-8")
    assert len(generator.calls) == 1
    assert running.Choices(gold, Path("out")).answers
