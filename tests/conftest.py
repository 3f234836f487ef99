"""What several test modules share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from asking import opened as opened
from fakes import BELIEVED, FakeEmbedder
from hypothesis import settings
from serving import Place

from index.building import build
from index.settings import IndexSettings
from index.store import Index, open_index

SEEDS = Path(__file__).parent.parent / "seeds"

# How fast an example runs depends on what else the machine does.
settings.register_profile("wenyuan", deadline=None)
settings.load_profile("wenyuan")


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of the first corpus."""
    return SEEDS


@pytest.fixture(scope="session")
def seed_texts() -> dict[str, str]:
    """The text of each seed by the number that its name begins with: "000" to "004"."""
    return {path.name[:3]: path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))}


@pytest.fixture(autouse=True)
def stand_ins_are_believed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the models find and write what a test tells them to; how sure that looks means nothing."""
    _believe(request, monkeypatch)


@pytest.fixture(autouse=True)
def nothing_is_fetched(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test that is not about the real models neither fetches one nor finds one that happens to be there."""
    if request.node.get_closest_marker("models") is None:
        monkeypatch.setenv("RAG_MODELS__CACHE", str(tmp_path_factory.getbasetemp() / "no-models"))
        monkeypatch.setenv("RAG_MODELS__OFFLINE", "true")


def _believe(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("models") is None:
        for name, value in BELIEVED.items():
            monkeypatch.setenv(f"RAG_GENERATION__{name.upper()}", str(value))


@pytest.fixture
def own_place(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder, an empty model cache, no setting from outside, and no way to the network."""
    for name in list(os.environ):
        if name.startswith("RAG_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RAG_MODELS__CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("RAG_MODELS__OFFLINE", "true")
    _believe(request, monkeypatch)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def fake_embedder() -> FakeEmbedder:
    """A new embedder, equal to the one of `small_index`."""
    return FakeEmbedder()


@pytest.fixture(scope="session")
def small_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over the texts in seeds/, to be read only."""
    index_dir = tmp_path_factory.mktemp("small") / "index"
    embedder = FakeEmbedder()
    texts = sorted(SEEDS.glob("*.txt"))
    build(texts, index_dir, embedder.identity.fingerprint, lambda: embedder, IndexSettings())
    return index_dir


@pytest.fixture(scope="module")
def seed_index(small_index: Path) -> Iterator[Index]:
    """That index, opened."""
    index = open_index(small_index)
    yield index
    index.close()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """Two seeds in a folder of the user's, nothing indexed yet, and services over it."""
    place = Place(tmp_path, SEEDS, monkeypatch)
    yield place
    place.close()
