"""What ``rag`` says of itself, and its commands for the page."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from command_line import Rag, mend
from command_line import rag as rag

from rag.settings import Settings
from ui import app
from ui.access import Logins
from ui.commands import main

pytestmark = pytest.mark.usefixtures("own_place")

ROOT = Path(__file__).parent.parent
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
