"""Models that are known by name, kept in the cache, or the user's own: found, and found whole."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
from presets import PARTS, FakeIndex, Install, one_line, sha256
from presets import index as index
from presets import preset as preset
from presets import settings as settings

from rag import models
from rag.errors import ModelMissingError, ModelVerificationError
from rag.model_lock import ModelSpec, known_models, read_lock
from rag.settings import ModelSettings

# The lock file


def test_lock_file_has_the_four_presets() -> None:
    specs = known_models()
    assert {name: (spec.kind, spec.form) for name, spec in specs.items()} == {
        "embeddinggemma-300m": ("embedder", "sentence-transformers-zip"),
        "multilingual-e5-small": ("embedder", "e5-q4"),
        "qwen2.5-coder-0.5b": ("generator", "gguf"),
        "qwen2.5-coder-1.5b": ("generator", "gguf"),
    }
    assert all(spec.licence and spec.licence_note for spec in specs.values())


def test_lock_file_names_no_host() -> None:
    text = (Path(models.__file__).parent / "models.lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    assert not any(host in text for host in ("pypi.org", "pythonhosted", "huggingface.co", "hf.co"))


def test_lock_with_a_path_as_file_name_is_refused() -> None:
    entry = json.loads((Path(models.__file__).parent / "models.lock.json").read_text(encoding="utf-8"))
    entry["qwen2.5-coder-0.5b"]["file"] = "../escape.gguf"
    with pytest.raises(ValueError, match="file"):
        read_lock(json.dumps(entry))


# The cache


def test_a_truncated_file_is_detected_and_mended(
    preset: Install, index: FakeIndex, settings: ModelSettings
) -> None:
    preset()
    path = models.fetch("tiny", settings).path
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ModelVerificationError) as error:
        models.resolve("tiny", "generator", settings)
    assert "rag models fetch tiny" in one_line(error)
    assert models.status("tiny", settings).state == "damaged"
    assert not models.verify("tiny", settings).ok
    assert models.fetch("tiny", settings).path.read_bytes() == b"".join(PARTS)


def test_an_altered_byte_is_found_by_verify_and_mended_by_fetch(
    preset: Install, settings: ModelSettings
) -> None:
    preset()
    path = models.fetch("tiny", settings).path
    path.write_bytes(b"F" + path.read_bytes()[1:])
    result = models.verify("tiny", settings)
    assert result.problem is not None
    assert "rag models fetch tiny" in result.problem
    offline = settings.model_copy(update={"offline": True})
    with pytest.raises(ModelVerificationError):
        models.fetch("tiny", offline)
    assert models.fetch("tiny", settings).path.read_bytes() == b"".join(PARTS)


def test_another_version_of_the_preset_is_fetched_again(
    preset: Install, index: FakeIndex, settings: ModelSettings
) -> None:
    preset()
    models.fetch("tiny", settings)
    preset([b"a new release"])
    assert models.resolve("tiny", "generator", settings).path.read_bytes() == b"a new release"


def test_offline_forbids_downloads(preset: Install, index: FakeIndex, settings: ModelSettings) -> None:
    preset()
    offline = settings.model_copy(update={"offline": True})
    with pytest.raises(ModelMissingError) as error:
        models.resolve("tiny", "generator", offline)
    assert "rag models fetch tiny" in one_line(error)
    assert index.fetched == []
    assert not settings.cache.exists()
    models.fetch("tiny", settings)
    assert models.resolve("tiny", "generator", offline).path.exists()


def test_verify_of_an_absent_model_says_how_to_get_it(preset: Install, settings: ModelSettings) -> None:
    preset()
    with pytest.raises(ModelMissingError) as error:
        models.verify("tiny", settings)
    assert "rag models fetch tiny" in one_line(error)


# Zipped folders


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def zip_preset(preset: Install, archive: bytes, listed: dict[str, bytes]) -> ModelSpec:
    return preset(
        [archive[: len(archive) // 2], archive[len(archive) // 2 :]],
        kind="embedder",
        form="sentence-transformers-zip",
        file="tiny.zip",
        installed_bytes=sum(map(len, listed.values())),
        files_sha256={name: sha256(data) for name, data in listed.items()},
    )


FOLDER = {"config.json": b"{}", "2_Dense/model.safetensors": b"weights"}


def test_a_zipped_folder_is_unpacked_without_its_top_folder(preset: Install, settings: ModelSettings) -> None:
    members = {f"model_download/{name}": data for name, data in FOLDER.items()}
    zip_preset(preset, zipped({**members, "model_download/notebook.ipynb": b"{}"}), FOLDER)
    files = models.resolve("tiny", "embedder", settings)
    found = {p.relative_to(files.path).as_posix() for p in files.path.rglob("*") if p.is_file()}
    assert found == {*FOLDER, "verified.json"}
    assert models.verify("tiny", settings) == models.VerifyResult("tiny", 2)
    (files.path / "config.json").write_bytes(b"[]")
    problem = models.verify("tiny", settings).problem
    assert problem is not None
    assert "config.json" in problem


@pytest.mark.parametrize(
    "name",
    ["../escape.json", "model_download/../../escape.json", "/escape.json", "x\\..\\escape.json", "C:/e.json"],
)
def test_a_path_out_of_the_folder_is_refused(preset: Install, settings: ModelSettings, name: str) -> None:
    zip_preset(preset, zipped({"model_download/config.json": b"{}", name: b"evil"}), {"config.json": b"{}"})
    with pytest.raises(ModelVerificationError) as error:
        models.fetch("tiny", settings)
    assert "unsafe path" in one_line(error)
    assert not (settings.cache / "tiny").exists()
    assert not list(settings.cache.parent.rglob("*escape*"))


def test_an_altered_or_missing_member_is_refused(preset: Install, settings: ModelSettings) -> None:
    zip_preset(preset, zipped({"top/config.json": b"[]"}), {"config.json": b"{}"})
    with pytest.raises(ModelVerificationError, match=r"config\.json differs"):
        models.fetch("tiny", settings)
    zip_preset(preset, zipped({"top/config.json": b"{}"}), FOLDER)
    with pytest.raises(ModelVerificationError, match=r"lacks 2_Dense"):
        models.fetch("tiny", settings)


# Names


def test_an_unknown_name_lists_the_presets(settings: ModelSettings) -> None:
    with pytest.raises(ModelMissingError) as error:
        models.resolve("gemma", "embedder", settings)
    message = one_line(error)
    assert "embeddinggemma-300m, multilingual-e5-small" in message
    assert "rag models list" in message
    with pytest.raises(ModelMissingError, match=r"qwen2\.5-coder-1\.5b"):
        models.fetch("gemma", settings)


def test_a_preset_of_the_other_kind_is_refused(settings: ModelSettings) -> None:
    with pytest.raises(ModelMissingError) as error:
        models.resolve("qwen2.5-coder-0.5b", "embedder", settings)
    assert "is a generator, not an embedder" in one_line(error)


@pytest.mark.parametrize("name", ["./nothing", "models/nothing.gguf", "/a/b/c", "nothing.gguf"])
def test_a_path_that_does_not_exist_is_called_a_path(settings: ModelSettings, name: str) -> None:
    with pytest.raises(ModelMissingError) as error:
        models.resolve(name, "generator", settings)
    assert "no such file or folder" in one_line(error)


def test_a_hub_id_is_not_fetched_when_the_hub_is_off(
    settings: ModelSettings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelMissingError) as error:
        models.resolve("someone/some-model", "embedder", settings)
    assert "RAG_MODELS__HUB" in one_line(error)


# Local models


def test_a_local_folder_has_a_stable_fingerprint(settings: ModelSettings, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    (folder / "model.safetensors").write_bytes(b"w" * (5 << 20))
    first = models.resolve(str(folder), "embedder", settings)
    assert first.path == folder
    (folder / "README.md").write_text("not part of the model")
    assert models.resolve(str(folder), "embedder", settings) == first
    with (folder / "model.safetensors").open("r+b") as weights:
        weights.seek(-3, 2)
        weights.write(b"new")
    assert models.resolve(str(folder), "embedder", settings).fingerprint != first.fingerprint


def test_a_local_gguf_serves_as_generator_only(settings: ModelSettings, tmp_path: Path) -> None:
    path = tmp_path / "mine.gguf"
    path.write_bytes(b"GGUF")
    files = models.resolve(str(path), "generator", settings)
    assert files.path == path
    assert models.resolve(str(tmp_path), "generator", settings).path == path
    with pytest.raises(ModelMissingError) as error:
        models.resolve(str(path), "embedder", settings)
    assert "sentence-transformers folder" in one_line(error)


def test_a_link_keeps_its_name(settings: ModelSettings, tmp_path: Path) -> None:
    """The hub's cache links names to files without a suffix."""
    (tmp_path / "blob").write_bytes(b"GGUF")
    link = tmp_path / "linked.gguf"
    link.symlink_to(tmp_path / "blob")
    assert models.resolve(str(link), "generator", settings).path == link


def test_pickled_weights_are_refused(settings: ModelSettings, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelMissingError) as error:
        models.resolve(str(tmp_path), "embedder", settings)
    assert "pickled" in one_line(error)
