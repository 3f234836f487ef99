"""What stands behind the documents tab: a folder of the user's, an index over it, and its library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from fakes import FakeEmbedder

from index.building import BuildReport, build
from index.loading import Skipped
from index.store import clear_index, open_index
from rag.library import BuildPlan, DocumentSummary, Library
from rag.settings import Settings

MEGABYTE = 1_000_000

# Of seeds 000 and 004.
SHOP = "开放平台要大而强，加快建设跨境电商线上综合服务平台，抓紧申建自贸区联动区，积极申建建安综保区。"
FIRMS = "新增高新技术企业 18 家、隐形冠军企业 12 家，专利、驰名商标数量名列全省前列。"


class Desk:
    """An index over the start of three seeds, in a folder of the user's, and its library, used as the page does."""

    def __init__(self, tmp_path: Path, seeds: Path) -> None:
        self.own = tmp_path / "own"
        self.own.mkdir()
        for number in ("001", "002", "003"):
            text = next(seeds.glob(f"{number}_*.txt")).read_text(encoding="utf-8")
            (self.own / f"{number}.txt").write_text(text[:800], encoding="utf-8")
        self.index_dir = tmp_path / "index"
        self.uploads = self.index_dir / "documents"
        self.browser = tmp_path / "browser"  # where the page puts what was sent to it
        self.browser.mkdir()
        self.library = Library(Settings(index_dir=self.index_dir))
        self.index(self.own)

    def index(self, *paths: Path) -> BuildReport:
        """What `rag index PATH…` does."""
        return self.build(paths, frozenset())

    def build(self, paths: Sequence[Path], excluded: frozenset[str]) -> BuildReport:
        settings = Settings(index_dir=self.index_dir)
        return build(paths, self.index_dir, "fake-1", FakeEmbedder, settings.index, excluded=excluded)

    def rebuild(self) -> BuildPlan:
        plan = self.library.plan()
        if plan.paths:
            self.build(plan.paths, plan.excluded)
        else:
            clear_index(self.index_dir)
        return plan

    def send(self, name: str, content: str | bytes) -> tuple[str, Path]:
        path = self.browser / f"{len(list(self.browser.iterdir()))}.bin"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return name, path

    def add(self, name: str, content: str | bytes) -> list[Skipped]:
        return self.library.add([self.send(name, content)], MEGABYTE)

    def listed(self) -> dict[str, DocumentSummary]:
        index = open_index(self.index_dir)
        try:
            summaries = self.library.documents(index)
        finally:
            index.close()
        assert [summary.id for summary in summaries] == sorted(summary.id for summary in summaries)
        return {summary.id: summary for summary in summaries}

    def finds(self, words: str) -> bool:
        index = open_index(self.index_dir)
        try:
            return any(words in stored.chunk.text for stored in index.tables.chunks())
        finally:
            index.close()

    def kept(self) -> list[str]:
        """Everything in the folder of uploads, hidden files too."""
        return sorted(path.name for path in self.uploads.iterdir()) if self.uploads.is_dir() else []


@pytest.fixture
def desk(tmp_path: Path, seeds: Path) -> Desk:
    return Desk(tmp_path, seeds)
