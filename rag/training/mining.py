"""What training examples are searched with: the program's own retrieval, over one file of passages."""

from __future__ import annotations

from pathlib import Path

from index.store import open_index
from rag.models import resolve
from rag.opening import build_index, load_embedder
from rag.retrieval import Retriever
from rag.settings import load_settings

MINED_WITH = "multilingual-e5-small"
"""The light embedder; what misleads it misleads."""


class Search:
    """Retrieval over one file of passages, with the light embedder; use it as a context manager."""

    def __init__(self, passages: Path, folder: Path) -> None:
        self._settings = load_settings(index_dir=folder, index={"embedding": {"model": MINED_WITH}})
        build_index([passages], self._settings)

    def __enter__(self) -> Search:
        files = resolve(MINED_WITH, "embedder", self._settings.models)
        self.index = open_index(self._settings.index_dir, embedder=files.name, fingerprint=files.fingerprint)
        embedder = load_embedder(files, self._settings)
        self.retriever = Retriever(self.index, embedder, self._settings.retrieval)
        return self

    def __exit__(self, *_: object) -> None:
        self.index.close()
