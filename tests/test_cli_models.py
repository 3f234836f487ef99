"""``rag models`` and ``rag doctor``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Rag, mend
from command_line import rag as rag

from index.store import current_generation
from rag.model_lock import known_models

pytestmark = pytest.mark.usefixtures("own_place")


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
