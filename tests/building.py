"""Small folders to be indexed and changed, building an index of them, and what it then holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fakes import FakeEmbedder

from index.building import BuildReport, build
from index.embedding import Embedder
from index.settings import IndexSettings
from index.store import open_index

SETTINGS = IndexSettings()


@pytest.fixture
def corpus(tmp_path: Path, seeds: Path) -> Path:
    """Three of the seeds, to be changed."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    for number in ("001", "002", "003"):
        (path,) = seeds.glob(f"{number}_*.txt")
        shutil.copy(path, folder / f"{number}.txt")
    return folder


@pytest.fixture
def little(tmp_path: Path) -> Path:
    """Two short documents."""
    folder = tmp_path / "little"
    folder.mkdir()
    (folder / "车.txt").write_text("图书流动服务车开进东湖翡翠小区。居民前来借阅图书。", encoding="utf-8")
    (folder / "绿.txt").write_text("今年计划实施园林绿化项目六十二项。", encoding="utf-8")
    return folder


@pytest.fixture
def index_dir(tmp_path: Path) -> Path:
    return tmp_path / "index"


def run(
    corpus: Path, index_dir: Path, embedder: FakeEmbedder | None = None, settings: IndexSettings = SETTINGS
) -> BuildReport:
    embedder = embedder or FakeEmbedder()
    return build([corpus], index_dir, embedder.identity.fingerprint, lambda: embedder, settings)


def not_needed() -> Embedder:
    raise AssertionError("the model was loaded though nothing had to be embedded")


def contents(index_dir: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(index_dir).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in index_dir.rglob("*")
        if path.is_file()
    }


def keys(index_dir: Path) -> set[bytes]:
    """What is embedded in the current generation."""
    index = open_index(index_dir)
    try:
        return set(index.tables.keys())
    finally:
        index.close()
