from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.errors import SettingsError
from rag.settings import Settings, cpu_threads, load_settings


@pytest.fixture(autouse=True)
def _empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this machine's variables nor the repository's files reach the tests."""
    for name in list(os.environ):
        if name.upper().startswith("RAG_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def test_without_any_source_the_defaults_hold() -> None:
    settings = load_settings()
    assert settings.index_dir == Path(".wenyuan/index")
    assert settings.answer_language == "auto"
    assert settings.generation.adapter == "auto"
    assert settings.models.cache.is_absolute()


def test_environment_variables_set_nested_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_GENERATION__MODEL", "qwen2.5-coder-0.5b")
    monkeypatch.setenv("RAG_INDEX__CHUNKING__CHUNK_CHARS", "200")
    monkeypatch.setenv("RAG_MODELS__OFFLINE", "true")
    settings = load_settings()
    assert settings.generation.model == "qwen2.5-coder-0.5b"
    assert settings.index.chunking.chunk_chars == 200
    assert settings.models.offline is True


def test_wenyuan_toml_in_the_working_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "wenyuan.toml").write_text(
        'answer_language = "zh-Hant"\n[retrieval]\ntop_k = 5\n', encoding="utf-8"
    )
    settings = load_settings()
    assert settings.answer_language == "zh-Hant"
    assert settings.retrieval.top_k == 5


def test_variables_beat_the_file_and_overrides_beat_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "wenyuan.toml").write_text("[retrieval]\ntop_k = 5\nlexical_weight = 0.5\n", encoding="utf-8")
    monkeypatch.setenv("RAG_RETRIEVAL__TOP_K", "6")
    assert load_settings().retrieval.top_k == 6
    settings = load_settings(retrieval={"top_k": 7})
    assert settings.retrieval.top_k == 7
    assert settings.retrieval.lexical_weight == 0.5, (
        "an override of one value must leave its neighbours alone"
    )


def test_none_is_not_an_override(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_GENERATION__MODEL", "from-the-environment")
    monkeypatch.setenv("RAG_INDEX_DIR", "/somewhere")
    settings = load_settings(
        index_dir=None, answer_language=None, generation={"model": None}, index={"embedding": {"model": None}}
    )
    assert settings.generation.model == "from-the-environment"
    assert settings.index_dir == Path("/somewhere")
    assert settings.index.embedding.model == "embeddinggemma-300m"


def _error(**overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**overrides)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_a_bad_value_is_one_line_that_names_the_setting_and_the_value(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RAG_RETRIEVAL__TOP_K", "many")
    message = _error()
    assert "retrieval.top_k" in message
    assert "many" in message


def test_a_value_out_of_range_is_named() -> None:
    assert "index.chunking.chunk_chars" in _error(index={"chunking": {"chunk_chars": 3}})


def test_a_misspelt_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "retrieval.topk" in _error(retrieval={"topk": 3})
    monkeypatch.setenv("RAG_GENERATION__MODLE", "x")
    assert "modle" in _error().lower()
    monkeypatch.delenv("RAG_GENERATION__MODLE")
    (tmp_path / "wenyuan.toml").write_text("[retreival]\ntop_k = 5\n", encoding="utf-8")
    assert "retreival" in _error()


def test_a_broken_wenyuan_toml_is_named(tmp_path: Path) -> None:
    (tmp_path / "wenyuan.toml").write_text("top_k = = 5\n", encoding="utf-8")
    assert "wenyuan.toml" in _error()


def test_a_variable_that_is_no_section_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAG_GENERATION", "qwen")
    assert "generation" in _error().lower()


def test_settings_cannot_change_under_a_running_question() -> None:
    settings = load_settings()
    with pytest.raises(ValidationError):
        settings.retrieval.top_k = 3  # type: ignore[misc]


def test_the_schema_describes_what_a_user_may_set() -> None:
    assert {"index_dir", "answer_language", "index", "models", "retrieval", "generation", "chat"} == set(
        Settings.model_fields
    )


def test_the_threads_that_were_asked_for_are_used_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cpu_threads(3) == 3
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS and Windows
    assert cpu_threads(3) == 3


def test_by_default_every_core_that_this_process_may_use_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 5}, raising=False)
    assert cpu_threads(None) == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert cpu_threads(None) == 1
