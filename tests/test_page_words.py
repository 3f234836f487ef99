"""What the program tells in English is told in Chinese on the Chinese page, all of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.units import DIMENSION_NAMES

ROOT = Path(__file__).parent.parent
CHINESE = re.findall(
    r'^  \[/(.+)/, "(.+)"\],$',
    (ROOT / "ui" / "static" / "translated.js").read_text(encoding="utf-8"),
    re.MULTILINE,
)
NAMED = "X"
"""Stands for what is put into a text when it is told."""


def calls(*folders: str) -> Iterator[ast.Call]:
    for folder in folders:
        for path in sorted((ROOT / folder).glob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield node


def told(node: ast.expr) -> Iterator[str]:
    """The text that an expression is, if it is one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else NAMED for part in node.values)


def findings() -> set[str]:
    """What the checks find, as they tell it."""
    texts = {
        text
        for call in calls("rag")
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "problems.append"
        for text in told(call.args[0])
    }
    module = ast.parse((ROOT / "rag" / "asked.py").read_text(encoding="utf-8"))
    unsaid = next(
        node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "left_unsaid"
    )
    for node in ast.walk(unsaid):
        if isinstance(node, ast.Return) and node.value is not None:
            texts.update(told(node.value))
    missing = {f"{NAMED} things were asked for", f"{NAMED} was asked for"}
    assert missing <= texts
    amounts = {f"{name} was asked for" for name in DIMENSION_NAMES.values()}
    return (texts - missing) | amounts | {"3 things were asked for", "3.4亿元: not in the source"}


def phases() -> set[str]:
    """What the program tells that it is at while the page waits."""
    waited_for = {"phase": 1, "Phase": 0, "start": 0}
    return {
        text
        for call in calls("index", "rag")
        if (name := ast.unparse(call.func).rpartition(".")[2]) in waited_for and len(call.args) > 1
        for text in told(call.args[waited_for[name]])
    }


def test_every_finding_and_phase_is_found_in_the_code() -> None:
    assert {"the source tells a plan", "it breaks off", "a percentage was asked for"} <= findings()
    assert {"computing vectors", f"fetching {NAMED}", "loading the generator"} <= phases()


@pytest.mark.parametrize("text", sorted(findings() | phases()))
def test_it_has_chinese_words(text: str) -> None:
    forms = [form for form, _ in CHINESE if re.search(form, text)]
    assert len(forms) == 1, text


def test_chinese_words_are_kept_for_nothing_that_is_no_longer_told() -> None:
    known = findings() | phases()
    assert [form for form, _ in CHINESE if not any(re.search(form, text) for text in known)] == []


def test_what_a_text_names_is_named_in_chinese_too() -> None:
    for form, chinese in CHINESE:
        assert ("(" in form) == ("$1" in chinese), form
