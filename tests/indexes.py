"""A small index on disk to be damaged, how it is built again, and how it is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fakes import FakeEmbedder

from index.building import BuildReport, build
from index.errors import IndexStateError
from index.settings import IndexSettings
from index.store import current_generation, open_index


@pytest.fixture(scope="module")
def corpus(seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two of the seeds, so that building again is quick."""
    folder = tmp_path_factory.mktemp("corpus")
    for number in ("001", "003"):
        shutil.copy(next(seeds.glob(f"{number}_*.txt")), folder)
    return folder


@pytest.fixture(scope="module")
def sound_index(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    index_dir = tmp_path_factory.mktemp("sound") / "index"
    rebuild(index_dir, corpus)
    return index_dir


@pytest.fixture
def index_dir(sound_index: Path, tmp_path: Path) -> Path:
    """A copy, to be damaged."""
    return Path(shutil.copytree(sound_index, tmp_path / "index"))


def generation(index_dir: Path) -> Path:
    folder = current_generation(index_dir)
    assert folder is not None
    return folder


def rebuild(index_dir: Path, folder: Path) -> BuildReport:
    embedder = FakeEmbedder()
    return build(
        sorted(folder.glob("*.txt")),
        index_dir,
        embedder.identity.fingerprint,
        lambda: embedder,
        IndexSettings(),
    )


def refusal(index_dir: Path, kind: type[IndexStateError]) -> str:
    with pytest.raises(kind) as caught:
        open_index(index_dir, embedder="fake", fingerprint="fake-1")
    message = str(caught.value)
    assert "\n" not in message
    assert "`rag index PATH --index " in message, message
    return message
