"""What search by vectors returns, and that a broken file is told apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder

from index.embedding import Vectors
from index.errors import IndexCorruptError
from index.vectors import VectorIndex

CHUNKS = ["图书流动服务车开进东湖翡翠小区", "食品行业产销对接会签约", "园林绿化项目建设"]
SENTENCES = ["工作人员解答借阅问题", "签订购销合同2300万元", "新增绿化面积861.47亩", "栽一片成一片"]


def vectors_of(texts: list[str]) -> Vectors:
    return FakeEmbedder().embed_queries(texts)


@pytest.fixture
def vectors() -> VectorIndex:
    return VectorIndex.build(vectors_of(CHUNKS), vectors_of(SENTENCES))


def test_the_nearest_chunk_comes_first_and_sentences_are_left_out(vectors: VectorIndex) -> None:
    found = vectors.search_chunks(vectors_of(["绿化面积 园林绿化"]), 10)
    assert sorted(row for row, _ in found) == [0, 1, 2]
    assert found[0][0] == 2
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_sentence_rows_are_counted_from_zero_and_chunks_are_left_out(vectors: VectorIndex) -> None:
    found = vectors.search_sentences(vectors_of(["签订购销合同2300万元"]), 10)
    assert sorted(row for row, _ in found) == [0, 1, 2, 3]
    row, score = found[0]
    assert row == 1
    assert score == pytest.approx(1)


def test_depth_cuts_what_is_returned(vectors: VectorIndex) -> None:
    query = vectors_of(["绿化"])
    assert vectors.search_chunks(query, 2) == vectors.search_chunks(query, 3)[:2]
    assert vectors.search_chunks(query, 0) == []


@pytest.mark.parametrize("as_set", [False, True])
def test_a_search_of_some_rows_looks_at_no_other(vectors: VectorIndex, as_set: bool) -> None:
    def some(*rows: int) -> set[int] | np.ndarray:
        return set(rows) if as_set else np.array(rows)

    query = vectors_of(["园林绿化项目建设，新增绿化面积861.47亩"])
    chunks, sentences = vectors.search_chunks(query, 10), vectors.search_sentences(query, 10)
    assert (chunks[0][0], sentences[0][0]) == (2, 2)
    # The nearest is not allowed, and one that is must still be found at depth 1.
    assert vectors.search_chunks(query, 1, some(0, 1)) == [hit for hit in chunks if hit[0] != 2][:1]
    assert (
        vectors.search_sentences(query, 1, some(1, 3)) == [hit for hit in sentences if hit[0] in (1, 3)][:1]
    )
    assert vectors.search_sentences(query, 10, some(3, 0)) == [hit for hit in sentences if hit[0] in (0, 3)]


def test_a_search_of_no_rows_or_of_rows_that_do_not_exist_finds_nothing(vectors: VectorIndex) -> None:
    query = vectors_of(["绿化"])
    assert vectors.search_chunks(query, 5, []) == []
    assert vectors.search_chunks(query, 5, np.array([], dtype=np.int64)) == []
    assert vectors.search_chunks(query, 5, [3, 6, -1, 10**9]) == []  # 3 and 6 are sentences
    assert vectors.search_sentences(query, 5, [4, -1, -4]) == []


def test_a_restricted_search_of_many_rows_is_the_whole_one_filtered() -> None:
    random = np.random.default_rng(1)
    drawn = random.normal(size=(500, 16)).astype(np.float32)
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    vectors = VectorIndex.build(drawn[:203], drawn[203:])
    allowed = set(random.choice(297, size=90, replace=False).tolist())
    everything = vectors.search_sentences(drawn[:1], 297)
    assert (
        vectors.search_sentences(drawn[:1], 40, allowed)
        == [hit for hit in everything if hit[0] in allowed][:40]
    )


def test_similarities_of_a_chunks_sentences_are_those_of_the_search(vectors: VectorIndex) -> None:
    query = vectors_of(["绿化面积是多少亩"])
    searched = dict(vectors.search_sentences(query, 10))
    assert vectors.sentence_similarities(query, 1, 3) == pytest.approx([searched[1], searched[2]])
    assert vectors.sentence_similarities(query, 2, 2) == []


def test_an_index_without_sentences_finds_chunks_only() -> None:
    vectors = VectorIndex.build(vectors_of(CHUNKS), vectors_of([]))
    assert vectors.search_sentences(vectors_of(["绿化"]), 5) == []
    assert len(vectors.search_chunks(vectors_of(["绿化"]), 5)) == 3


def test_a_saved_file_holds_the_same_vectors(vectors: VectorIndex, tmp_path: Path) -> None:
    vectors.save(tmp_path / "vectors.faiss")
    opened = VectorIndex.load(tmp_path / "vectors.faiss", chunks=3, rows=7, dimension=128)
    assert np.array_equal(opened.all_vectors(), np.vstack([vectors_of(CHUNKS), vectors_of(SENTENCES)]))


@pytest.mark.parametrize(("rows", "dimension"), [(8, 128), (7, 64)])
def test_a_file_of_another_size_is_refused(
    vectors: VectorIndex, tmp_path: Path, rows: int, dimension: int
) -> None:
    vectors.save(tmp_path / "vectors.faiss")
    with pytest.raises(IndexCorruptError, match="does not match its manifest; rebuild with `rag index PATH`"):
        VectorIndex.load(tmp_path / "vectors.faiss", chunks=3, rows=rows, dimension=dimension)


@pytest.mark.parametrize("content", [b"", b"not a FAISS file at all", None])
def test_a_broken_or_missing_file_is_refused_in_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "vectors.faiss"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(IndexCorruptError) as caught:
        VectorIndex.load(path, chunks=3, rows=7, dimension=128)
    assert "\n" not in str(caught.value)
    assert "rag index" in str(caught.value)


# Many vectors, in cells.


@pytest.fixture
def drawn() -> Vectors:
    """3,000 vectors around 60 centres, as passages gather around subjects."""
    random = np.random.default_rng(7)
    centres = random.normal(size=(60, 32))
    drawn = (centres[random.integers(60, size=3000)] + 0.6 * random.normal(size=(3000, 32))).astype(
        np.float32
    )
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


@pytest.fixture
def both(drawn: Vectors, monkeypatch: pytest.MonkeyPatch) -> tuple[VectorIndex, VectorIndex]:
    """The same vectors searched exactly, and in cells."""
    exact = VectorIndex.build(drawn[:800], drawn[800:])
    monkeypatch.setattr("index.vectors.EXACT_UP_TO", 2999)
    return exact, VectorIndex.build(drawn[:800], drawn[800:])


def test_cells_find_nearly_all_that_an_exact_search_finds(
    both: tuple[VectorIndex, VectorIndex], drawn: Vectors
) -> None:
    exact, cells = both
    shared = 0
    for query in drawn[5:3000:60]:
        wanted = {row for row, _ in exact.search_sentences(query[None], 10)}
        shared += len(wanted & {row for row, _ in cells.search_sentences(query[None], 10)})
    assert shared >= 0.95 * 500
    assert cells._index.nprobe < cells._index.nlist, "it would look at everything"


def test_a_search_in_cells_of_some_rows_is_exact(
    both: tuple[VectorIndex, VectorIndex], drawn: Vectors
) -> None:
    exact, cells = both
    for query in drawn[::500]:
        for search in ("search_chunks", "search_sentences"):
            wanted = getattr(exact, search)(query[None], 5, range(0, 700, 7))
            found = getattr(cells, search)(query[None], 5, range(0, 700, 7))
            assert [row for row, _ in found] == [row for row, _ in wanted]


def test_vectors_in_cells_stay_whole_through_a_file(
    both: tuple[VectorIndex, VectorIndex], drawn: Vectors, tmp_path: Path
) -> None:
    _, cells = both
    cells.save(tmp_path / "vectors.faiss")
    opened = VectorIndex.load(tmp_path / "vectors.faiss", chunks=800, rows=3000, dimension=32)
    assert np.array_equal(opened.all_vectors(), drawn)
    query = drawn[1234][None]
    assert opened.search_sentences(query, 10) == cells.search_sentences(query, 10)
    assert opened.search_sentences(query, 1)[0][0] == 434
    assert opened.sentence_similarities(query, 430, 440) == pytest.approx(
        (drawn[1230:1240] @ query[0]).tolist()
    )
    assert opened.chunk_similarities(query, [3, 799]) == pytest.approx((drawn[[3, 799]] @ query[0]).tolist())
