from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from fakes import FakeEmbedder, ScriptedGenerator

from index.store import current_generation
from rag import opening
from rag.answers import Answer
from rag.model_lock import known_models
from rag.models import ModelFiles
from rag.settings import Settings
from ui import app
from ui.access import Logins
from ui.commands import main

pytestmark = pytest.mark.usefixtures("own_place")

ROOT = Path(__file__).parent.parent
ASK = "长葛市食品行业产销对接会现场签约合同金额是多少？"
REPLIES = {
    ASK: "依据：现场签约合同金额3400万元\n答案：合同金额3400万元[1]。",
    "地铁": "依据：无\n答案：资料中没有相关内容。",
}
COMMANDS = [
    [],
    ["index"],
    ["ask"],
    ["batch"],
    ["models"],
    ["models", "list"],
    ["models", "fetch"],
    ["models", "verify"],
    ["doctor"],
    ["chat"],
    ["password"],
]
WITH_EXAMPLES = [[], ["index"], ["ask"], ["batch"], ["chat"], ["password"]]

Rag = Callable[..., Result]


@pytest.fixture
def rag() -> Rag:
    """Run a command; whatever is not a clean exit fails the test."""

    def run(*arguments: str | Path) -> Result:
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    return run


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


def mend(result: Result, *words: str) -> str:
    """Check that a command ended with one line for the user that has these words in it."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    line = result.stderr.removesuffix("\n")
    assert line.startswith("rag: ")
    assert "\n" not in line
    for word in words:
        assert word in line
    return line


# Help, and what it costs.


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command) or "rag")
def test_every_command_explains_itself(rag: Rag, command: list[str]) -> None:
    result = rag(*command, "--help")
    assert result.exit_code == 0
    assert result.stdout.startswith("Usage:")
    assert result.stderr == ""
    found: click.Command = main
    for name in command:
        assert isinstance(found, click.Group)
        found = found.commands[name]
    assert found.help
    assert all(option.help for option in found.params if isinstance(option, click.Option))


@pytest.mark.parametrize("command", WITH_EXAMPLES, ids=lambda command: " ".join(command) or "rag")
def test_the_commands_that_take_arguments_show_examples(rag: Rag, command: list[str]) -> None:
    help_text = rag(*command, "--help").stdout
    assert "Examples:" in help_text
    assert f"  rag {' '.join(command)}".rstrip() in help_text.partition("Examples:")[2]


def test_every_example_in_the_help_can_be_parsed(rag: Rag) -> None:
    for command in WITH_EXAMPLES:
        lines = rag(*command, "--help").stdout.partition("Examples:")[2].splitlines()
        calls = [call.split() for line in lines for call in re.split(r"[|]|&&", line)]
        for words in (words for words in calls if words[:1] == ["rag"]):
            assert words[1] in main.commands, words
            options = {option for param in main.commands[words[1]].params for option in param.opts}
            used = {word for word in words if word.startswith("--")}
            assert used <= options, words


def test_help_does_not_wait_for_the_heavy_libraries() -> None:
    heavy = ["torch", "faiss", "transformers", "sentence_transformers", "numpy", "pydantic", "rich", "opencc"]
    heavy += ["gradio", "fastapi", "starlette", "uvicorn", "httpx"]
    code = (
        "import sys\n"
        "from ui.commands import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        f"print('LOADED', [name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "LOADED []" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["nonsense"],
        ["ask"],
        ["ask", "a", "b"],
        ["ask", "a", "--top-k", "0"],
        ["ask", "a", "--lang", "fr"],
        ["batch", "q.txt"],
        ["batch", "q.txt", "-o", "a.csv", "--workers", "0"],
        ["batch", "q.txt", "-o", "a.csv", "--format", "pdf"],
        ["index"],
        ["index", "x", "--chunk-chars", "7"],
        ["index", "x", "--unknown"],
        ["models", "nonsense"],
        ["chat", "--port", "0"],
        ["chat", "--port", "65536"],
        ["chat", "--share"],
        ["password", "logins.txt"],
    ],
)
def test_wrong_usage_exits_with_2(rag: Rag, arguments: list[str]) -> None:
    result = rag(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage:" in result.stderr


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


# Models and the doctor.


def test_models_are_listed_without_a_network(rag: Rag) -> None:
    result = rag("models", "list")
    assert result.exit_code == 0
    for name, spec in known_models().items():
        line = next(line for line in result.stdout.splitlines() if line.startswith(name))
        assert "missing" in line
        assert spec.licence in line


def _cached(tmp_path: Path, content: bytes, recorded: bytes) -> str:
    spec = known_models()["qwen2.5-coder-0.5b"]
    folder = tmp_path / "cache" / spec.name
    folder.mkdir(parents=True)
    (folder / spec.file).write_bytes(content)
    record = {
        "name": spec.name,
        "fingerprint": spec.sha256,
        "licence": spec.licence,
        "files": {spec.file: {"bytes": len(recorded), "sha256": spec.sha256}},
    }
    (folder / "verified.json").write_text(json.dumps(record), encoding="utf-8")
    return spec.name


@pytest.mark.parametrize("content", [b"altered weights", b"cut"])
@pytest.mark.parametrize("named", [True, False])
def test_verify_finds_a_damaged_model_and_says_how_to_mend_it(
    rag: Rag, tmp_path: Path, content: bytes, named: bool
) -> None:
    name = _cached(tmp_path, content, b"altered weights")
    result = rag("models", "verify", *([name] if named else []))
    assert result.exit_code == 1
    assert "damaged" in result.stdout
    assert f"rag models fetch {name}" in result.stdout


def test_verify_of_nothing_is_fine_and_of_an_absent_model_is_not(rag: Rag) -> None:
    assert rag("models", "verify").exit_code == 0
    mend(rag("models", "verify", "qwen2.5-coder-0.5b"), "rag models fetch qwen2.5-coder-0.5b")
    mend(rag("models", "verify", "gpt-17"), "gpt-17", "presets")


def test_verify_passes_over_a_model_that_is_only_half_fetched(rag: Rag, tmp_path: Path) -> None:
    half = tmp_path / "cache" / "partial" / "qwen2.5-coder-0.5b"
    half.mkdir(parents=True)
    (half / "part").write_bytes(b"half")
    assert rag("models", "verify").exit_code == 0


def test_fetching_where_downloads_are_forbidden_is_one_line(rag: Rag) -> None:
    mend(rag("models", "fetch", "qwen2.5-coder-0.5b"), "RAG_MODELS__OFFLINE")


def test_the_doctor_names_a_mend_for_everything_that_is_wrong(rag: Rag) -> None:
    result = rag("doctor")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    wrong = [number for number, line in enumerate(lines) if line.startswith("MEND")]
    assert len(wrong) >= 3, "both models and the index are missing"
    for number in wrong:
        assert lines[number + 1].startswith("     "), f"no mend under {lines[number]!r}"
    for command in (
        "rag index PATH",
        "rag models fetch embeddinggemma-300m",
        "rag models fetch qwen2.5-coder-1.5b",
    ):
        assert command in result.stdout


def test_the_doctor_finds_an_index_that_was_cut_short(rag: Rag, small_index: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(small_index, tmp_path / "index")
    folder = current_generation(tmp_path / "index")
    assert folder is not None
    (folder / "vectors.faiss").write_bytes(b"short")
    result = rag("doctor", "--index", tmp_path / "index")
    line = next(line for line in result.stdout.splitlines() if "index:" in line)
    assert line.startswith("MEND")
    assert "vectors.faiss" in line


def test_the_doctor_finds_an_index_of_another_embedder(rag: Rag, small_index: Path) -> None:
    result = rag("doctor", "--index", small_index)
    line = next(line for line in result.stdout.splitlines() if "index:" in line)
    assert line.startswith("MEND")
    assert "fake" in line


def test_the_doctor_finds_a_model_file_that_is_not_there(rag: Rag, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_GENERATION__MODEL", "./no-such-model.gguf")
    result = rag("doctor")
    line = next(line for line in result.stdout.splitlines() if "no-such-model" in line)
    assert line.startswith("MEND")


def test_a_reader_that_stops_early_gets_no_traceback() -> None:
    code = "from ui.commands import main; main(['models', 'list'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert b"Traceback" not in error


# The page and its logins; what the page does is tested with it.


def test_chat_serves_what_its_options_say(rag: Rag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[tuple[Settings, bool]] = []
    monkeypatch.setattr(
        app, "serve", lambda settings, *, open_browser: served.append((settings, open_browser))
    )
    assert rag("chat").exit_code == 0
    options = ["--host", "::1", "--port", "8080", "--no-browser", "--auth", "logins.txt"]
    models = ["--index", tmp_path / "index", "--embedder", "e", "--generator", "g"]
    assert rag("chat", *options, *models).exit_code == 0
    (usual, opened), (chosen, not_opened) = served
    assert (usual.chat.host, usual.chat.port, usual.chat.logins, opened) == ("127.0.0.1", None, None, True)
    assert (chosen.chat.host, chosen.chat.port, not_opened) == ("::1", 8080, False)
    assert chosen.chat.logins == Path("logins.txt")
    assert chosen.index_dir == tmp_path / "index"
    assert (chosen.index.embedding.model, chosen.generation.model) == ("e", "g")


def test_chat_on_the_network_without_logins_says_how_to_make_them(rag: Rag) -> None:
    mend(rag("chat", "--host", "0.0.0.0", "--no-browser"), "--auth FILE", "rag password FILE NAME")


def test_chat_with_logins_that_are_not_there_says_how_to_make_them(rag: Rag) -> None:
    mend(rag("chat", "--auth", "logins.txt", "--no-browser"), "rag password logins.txt")


def test_chat_on_a_port_in_use_says_which_and_what_to_do(rag: Rag) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        mend(rag("chat", "--port", str(port), "--no-browser"), str(port), "--port")


def test_a_password_can_be_used_once_it_is_set_and_is_not_shown(rag: Rag, tmp_path: Path) -> None:
    for secret in ("correct horse", "battery staple"):
        result = rag("password", "logins.txt", "anna", "--password", secret)
        assert result.exit_code == 0
        assert result.stdout == ""
        assert "rag chat --auth logins.txt" in result.stderr
        assert secret not in result.output
        assert secret not in (tmp_path / "logins.txt").read_text(encoding="utf-8")
    logins = Logins.load(tmp_path / "logins.txt")
    assert logins.check("anna", "battery staple")
    assert not logins.check("anna", "correct horse")


def test_a_password_is_asked_for_twice_without_showing_it(tmp_path: Path) -> None:
    typed = "correct horse\nincorrect horse\ncorrect horse\ncorrect horse\n"
    result = CliRunner().invoke(main, ["password", "logins.txt", "anna"], input=typed)
    assert result.exit_code == 0
    assert "horse" not in result.output
    assert Logins.load(tmp_path / "logins.txt").check("anna", "correct horse")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["logins.txt", "anna", "--password", "short"], "8"),
        (["logins.txt", "an:na", "--password", "long enough"], "colon"),
        (["missing/logins.txt", "anna", "--password", "long enough"], "missing"),
    ],
    ids=["password", "name", "file"],
)
def test_a_login_that_cannot_be_made_is_one_line(rag: Rag, arguments: list[str], words: str) -> None:
    mend(rag("password", *arguments), words)
