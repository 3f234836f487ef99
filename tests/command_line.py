"""Running ``rag`` here, and the one line with which it ends when something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ui.commands import main

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
