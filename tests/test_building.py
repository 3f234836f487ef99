"""What a user relies on when an index is built, updated, interrupted or out of luck."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from fakes import FakeEmbedder

from index import store
from index.building import BuildReport, build
from index.embedding import Embedder, Vectors
from index.errors import DocumentError, EmptyCorpusError
from index.settings import ChunkingSettings, IndexSettings
from index.store import current_generation, open_index

SETTINGS = IndexSettings()


class InterruptedEmbedder(FakeEmbedder):
    """Fails as soon as it has handed over `after` texts."""

    def __init__(self, after: int, error: BaseException) -> None:
        super().__init__()
        self._after = after
        self._error = error

    def embed_documents(
        self, document_texts: Sequence[str], on_batch: Callable[[Sequence[int], Vectors], None]
    ) -> None:
        handed_over = 0

        def counting(positions: Sequence[int], vectors: Vectors) -> None:
            nonlocal handed_over
            on_batch(positions, vectors)
            handed_over += len(positions)
            if handed_over >= self._after:
                raise self._error

        super().embed_documents(document_texts, counting)


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


def documents(index_dir: Path) -> list[str]:
    index = open_index(index_dir)
    try:
        return index.tables.document_ids()
    finally:
        index.close()


def vector_of_each_text(index_dir: Path) -> dict[bytes, bytes]:
    index = open_index(index_dir)
    try:
        pairs = zip(index.tables.keys(), index.vectors.all_vectors(), strict=True)
        return {key: vector.tobytes() for key, vector in pairs}
    finally:
        index.close()


# --- building and updating -------------------------------------------------------------------------------


def test_a_first_build_reports_what_it_did(corpus: Path, index_dir: Path) -> None:
    embedder = FakeEmbedder()
    report = run(corpus, index_dir, embedder)
    assert report.documents == 3
    assert report.added == ("001.txt", "002.txt", "003.txt")
    assert (report.changed, report.removed, report.skipped) == ((), (), ())
    assert report.written
    assert report.embedded == embedder.embedded == len(keys(index_dir))
    assert report.reused == 0
    index = open_index(index_dir)
    assert (report.chunks, report.sentences) == (index.manifest.chunks, index.manifest.sentences)
    index.close()


def test_a_second_build_of_the_same_documents_loads_no_model_and_writes_nothing(
    corpus: Path, index_dir: Path
) -> None:
    first = run(corpus, index_dir)
    before = contents(index_dir)
    second = build([corpus], index_dir, "fake-1", not_needed, SETTINGS)
    assert not second.written
    assert (second.embedded, second.reused) == (0, first.chunks + first.sentences)
    assert (second.documents, second.chunks) == (first.documents, first.chunks)
    assert (second.added, second.changed, second.removed) == ((), (), ())
    assert contents(index_dir) == before


def test_a_changed_document_costs_its_changed_texts_only(corpus: Path, index_dir: Path) -> None:
    first = run(corpus, index_dir)
    before = keys(index_dir)
    path = corpus / "002.txt"
    text = path.read_text(encoding="utf-8")
    assert "签订购销合同 2300" in text
    path.write_text(text.replace("签订购销合同 2300", "签订购销合同 2900"), encoding="utf-8")
    embedder = FakeEmbedder()
    report = run(corpus, index_dir, embedder)
    assert report.changed == ("002.txt",)
    assert (report.added, report.removed) == ((), ())
    assert embedder.embedded == report.embedded == len(keys(index_dir) - before)
    assert 0 < report.embedded < first.embedded / 20
    assert report.embedded + report.reused == report.chunks + report.sentences
    index = open_index(index_dir)
    found = [stored.chunk.text for stored in index.tables.chunks()]
    assert any("购销合同2900万元" in text for text in found)
    assert not any("购销合同2300万元" in text for text in found)
    index.close()


def test_an_updated_index_equals_one_built_anew(corpus: Path, index_dir: Path, tmp_path: Path) -> None:
    run(corpus, index_dir)
    (corpus / "001.txt").unlink()
    (corpus / "004.txt").write_text("新增的一份文件，说明图书车的路线。", encoding="utf-8")
    run(corpus, index_dir)
    run(corpus, tmp_path / "anew")
    updated, anew = open_index(index_dir), open_index(tmp_path / "anew")
    assert updated.tables.chunks() == anew.tables.chunks()
    assert updated.tables.keys() == anew.tables.keys()
    assert updated.vectors.all_vectors().tobytes() == anew.vectors.all_vectors().tobytes()
    assert updated.lexical.top("图书流动服务车", 5) == anew.lexical.top("图书流动服务车", 5)
    updated.close()
    anew.close()


def test_a_deleted_document_is_reported_and_cannot_be_found_any_more(corpus: Path, index_dir: Path) -> None:
    run(corpus, index_dir)
    (corpus / "002.txt").unlink()
    report = build([corpus], index_dir, "fake-1", FakeEmbedder, SETTINGS)
    assert report.removed == ("002.txt",)
    assert (report.documents, report.embedded) == (2, 0)
    index = open_index(index_dir)
    assert index.tables.document_ids() == ["001.txt", "003.txt"]
    assert not any("东湖翡翠小区" in stored.chunk.text for stored in index.tables.chunks())
    assert index.lexical.top("翡翠", 5) == []
    index.close()


def test_a_renamed_document_is_not_embedded_again(corpus: Path, index_dir: Path) -> None:
    run(corpus, index_dir)
    (corpus / "003.txt").rename(corpus / "009.txt")
    report = run(corpus, index_dir)
    assert (report.added, report.removed) == (("009.txt",), ("003.txt",))
    # The file's name is no part of what is embedded, as it says nothing.
    assert report.embedded == 0


def test_an_unchanged_document_keeps_the_time_it_was_indexed_at(
    little: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Later:
            return cls(2099, 1, 1, tzinfo=tz)

    run(little, index_dir)
    (little / "绿.txt").write_text("今年计划实施园林绿化项目七十项。", encoding="utf-8")
    monkeypatch.setattr("index.building.datetime", Later)
    run(little, index_dir)
    index = open_index(index_dir)
    assert index.tables.document("绿.txt").indexed_at == "2099-01-01T00:00:00+00:00"
    assert index.tables.document("车.txt").indexed_at < "2099"
    index.close()


def test_equal_texts_are_embedded_once(little: Path, index_dir: Path) -> None:
    shutil.copy(little / "车.txt", little / "抄.txt")
    embedder = FakeEmbedder()
    report = run(little, index_dir, embedder)
    assert report.documents == 3
    assert embedder.embedded < report.chunks + report.sentences


def test_every_vector_is_that_of_its_own_text(little: Path, index_dir: Path) -> None:
    run(little, index_dir)
    index = open_index(index_dir)
    for stored in index.tables.chunks():
        query = FakeEmbedder().embed_queries([stored.chunk.text])
        row, score = index.vectors.search_chunks(query, 1)[0]
        assert row == stored.row
        assert score > 0.9
    index.close()


def test_another_chunk_size_cuts_anew_and_keeps_the_sentences_vectors(corpus: Path, index_dir: Path) -> None:
    first = run(corpus, index_dir)
    shorter = IndexSettings(chunking=ChunkingSettings(chunk_chars=150))
    report = run(corpus, index_dir, settings=shorter)
    assert report.written
    assert report.chunks > first.chunks
    assert report.reused > 0
    index = open_index(index_dir)
    assert index.manifest.text.chunking.chunk_chars == 150
    index.close()


def test_another_model_embeds_everything_anew(corpus: Path, index_dir: Path) -> None:
    first = run(corpus, index_dir)
    report = run(corpus, index_dir, FakeEmbedder("other", "other-1", dimension=32))
    assert (report.embedded, report.reused) == (first.embedded, 0)
    index = open_index(index_dir, embedder="other", fingerprint="other-1")
    assert index.vectors.all_vectors().shape == (report.chunks + report.sentences, 32)
    index.close()


def test_the_title_of_a_document_is_its_headline_rather_than_its_file_name(
    corpus: Path, index_dir: Path
) -> None:
    run(corpus, index_dir)
    index = open_index(index_dir)
    assert index.tables.titles()["001.txt"] == "許昌:全力以赴拼經濟 鉚足幹勁開新局"
    index.close()


def test_a_file_that_cannot_be_read_is_skipped_with_its_reason(little: Path, index_dir: Path) -> None:
    (little / "坏.pdf").write_bytes(b"not a pdf")
    (little / "空.txt").write_text(" \n\u200b\n", encoding="utf-8")
    report = run(little, index_dir)
    assert report.documents == 2
    assert {skipped.id for skipped in report.skipped} == {"坏.pdf", "空.txt"}
    assert all(skipped.reason and "\n" not in skipped.reason for skipped in report.skipped)
    again = build([little], index_dir, "fake-1", not_needed, SETTINGS)
    assert {skipped.id for skipped in again.skipped} == {"坏.pdf", "空.txt"}


class Recorder:
    """Notes the phases of the progress, and how many units each has."""

    def __init__(self) -> None:
        self.phases: list[list[object]] = []
        self.running = False

    def start(self, description: str, total: int | None) -> None:
        assert not self.running, "phases overlap"
        self.running = True
        self.phases.append([description, total, 0])

    def advance(self, count: int) -> None:
        done = self.phases[-1][2]
        assert self.running and isinstance(done, int)
        self.phases[-1][2] = done + count

    def done(self) -> None:
        self.running = False


def test_progress_reaches_its_total_in_each_phase(corpus: Path, index_dir: Path) -> None:
    progress = Recorder()
    report = build([corpus], index_dir, "fake-1", FakeEmbedder, SETTINGS, progress)
    assert [phase[1:] for phase in progress.phases] == [[3, 3], [report.embedded, report.embedded]]
    assert not progress.running


# --- documents that are left out -------------------------------------------------------------------------


def without(little: Path, index_dir: Path, *excluded: str) -> BuildReport:
    return build([little], index_dir, "fake-1", FakeEmbedder, SETTINGS, excluded=frozenset(excluded))


def test_an_excluded_document_is_as_if_it_were_not_there(little: Path, index_dir: Path) -> None:
    (little / "坏.pdf").write_bytes(b"not a pdf")
    report = without(little, index_dir, "车.txt", "坏.pdf", "早就没有的.txt")
    assert (report.documents, report.added, report.skipped) == (1, ("绿.txt",), ())
    index = open_index(index_dir)
    assert not any("图书流动服务车" in stored.chunk.text for stored in index.tables.chunks())
    assert index.lexical.top("图书流动服务车", 5) == []
    assert index.manifest.excluded == ("坏.pdf", "早就没有的.txt", "车.txt")  # sorted
    index.close()


def test_excluding_and_including_again_are_changes_that_cost_no_embedding_of_the_others(
    little: Path, index_dir: Path
) -> None:
    first = run(little, index_dir)
    left_out = without(little, index_dir, "车.txt")
    assert (left_out.removed, left_out.embedded, left_out.written) == (("车.txt",), 0, True)
    again = build([little], index_dir, "fake-1", not_needed, SETTINGS, excluded=frozenset({"车.txt"}))
    assert not again.written
    back = run(little, index_dir)
    assert (back.added, back.documents) == (("车.txt",), first.documents)
    index = open_index(index_dir)
    assert index.manifest.excluded == ()
    index.close()


def test_what_is_excluded_is_recorded_though_the_documents_are_the_same(
    little: Path, index_dir: Path
) -> None:
    run(little, index_dir)
    assert without(little, index_dir, "将来的.txt").written
    index = open_index(index_dir)
    assert index.manifest.excluded == ("将来的.txt",)
    index.close()


def test_excluding_everything_is_refused_and_the_index_stays(little: Path, index_dir: Path) -> None:
    run(little, index_dir)
    before = contents(index_dir)
    with pytest.raises(EmptyCorpusError, match=r"nothing to index in .*: all of it is left out"):
        without(little, index_dir, "车.txt", "绿.txt")
    assert contents(index_dir) == before


# --- interruptions ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("out of memory")])
def test_an_interrupted_build_leaves_the_old_index_and_the_next_one_goes_on_where_it_stopped(
    corpus: Path, index_dir: Path, seeds: Path, error: BaseException
) -> None:
    run(corpus, index_dir)
    before, old_keys = contents(index_dir), keys(index_dir)
    shutil.copy(next(seeds.glob("000_*.txt")), corpus / "000.txt")
    interrupted = InterruptedEmbedder(after=32, error=error)
    with pytest.raises(type(error)):
        run(corpus, index_dir, interrupted)
    assert {name: entry for name, entry in contents(index_dir).items() if ".staging" not in name} == before
    assert documents(index_dir) == ["001.txt", "002.txt", "003.txt"]

    embedder = FakeEmbedder()
    report = run(corpus, index_dir, embedder)
    assert embedder.embedded == report.embedded == len(keys(index_dir) - old_keys) - 32
    assert report.added == ("000.txt",)
    assert not list((index_dir / ".staging").iterdir())


def test_a_first_build_that_was_interrupted_leaves_no_index_and_goes_on(
    corpus: Path, index_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(corpus, index_dir, InterruptedEmbedder(after=48, error=KeyboardInterrupt()))
    assert current_generation(index_dir) is None
    report = run(corpus, index_dir)
    assert report.embedded == len(keys(index_dir)) - 48
    run(corpus, tmp_path / "in one go")
    assert vector_of_each_text(index_dir) == vector_of_each_text(tmp_path / "in one go")


def test_half_a_vector_at_the_end_of_the_kept_ones_is_no_harm(
    corpus: Path, index_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(corpus, index_dir, InterruptedEmbedder(after=32, error=KeyboardInterrupt()))
    (pending,) = (index_dir / ".staging").glob("pending-*")
    pending.write_bytes(pending.read_bytes()[:-7])
    with pytest.raises(KeyboardInterrupt):
        run(corpus, index_dir, InterruptedEmbedder(after=32, error=KeyboardInterrupt()))
    report = run(corpus, index_dir)
    assert report.embedded == len(keys(index_dir)) - 31 - 32
    run(corpus, tmp_path / "in one go")
    assert vector_of_each_text(index_dir) == vector_of_each_text(tmp_path / "in one go")


def test_vectors_of_an_interrupted_build_are_not_taken_by_another_model(
    corpus: Path, index_dir: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(corpus, index_dir, InterruptedEmbedder(after=32, error=KeyboardInterrupt()))
    report = run(corpus, index_dir, FakeEmbedder("other", "other-1"))
    assert report.embedded == len(keys(index_dir))


def test_a_build_that_was_killed_outright_loses_no_vector_and_no_lock(corpus: Path, index_dir: Path) -> None:
    tests = Path(__file__).parent
    code = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[1:3]
from fakes import FakeEmbedder
from index.building import build
from index.settings import IndexSettings

class Killed(FakeEmbedder):
    def embed_documents(self, texts, on_batch):
        def killing(positions, vectors):
            on_batch(positions, vectors)
            if self.embedded >= 64:
                os.kill(os.getpid(), signal.SIGKILL)
        super().embed_documents(texts, killing)

build([Path(sys.argv[3])], Path(sys.argv[4]), "fake-1", Killed, IndexSettings())
"""
    arguments = [str(tests.parent), str(tests), str(corpus), str(index_dir)]
    killed = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert current_generation(index_dir) is None
    report = run(corpus, index_dir)
    assert report.embedded == len(keys(index_dir)) - 64


def test_current_names_a_whole_generation_wherever_a_build_breaks_off(
    little: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(little, index_dir)
    (little / "新.txt").write_text("新增公办学位一万五千个。", encoding="utf-8")
    old, new = ["绿.txt", "车.txt"], ["新.txt", "绿.txt", "车.txt"]
    steps = 0

    def breaks_at(step: int, function: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object) -> object:
            nonlocal steps
            steps += 1
            if steps == step:
                raise KeyboardInterrupt
            return function(*arguments)

        return counted

    for step in range(1, 100):
        steps = 0
        with monkeypatch.context() as patch:
            patch.setattr(store, "sync", breaks_at(step, store.sync))
            patch.setattr(Path, "rename", breaks_at(step, Path.rename))
            patch.setattr(Path, "replace", breaks_at(step, Path.replace))
            try:
                run(little, index_dir)
            except KeyboardInterrupt:
                assert sorted(documents(index_dir)) in (sorted(old), sorted(new)), (
                    f"broken off at step {step}"
                )
            else:
                break
    else:
        pytest.fail("the build never came to its end")
    assert step > 10
    assert sorted(documents(index_dir)) == sorted(new)


# --- out of luck -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    [
        "index.building.write_tables",
        "index.vectors.VectorIndex.save",
        "index.lexical.LexicalIndex.save",
        "index.store.sync",
    ],
)
def test_a_full_disk_leaves_the_old_index_readable_and_the_next_build_mends_it(
    little: Path, index_dir: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    run(little, index_dir)
    (little / "新.txt").write_text("新增公办学位一万五千个。", encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(target, full)
        with pytest.raises(OSError, match="No space left"):
            run(little, index_dir)
    assert len(documents(index_dir)) == 2
    report = run(little, index_dir)
    assert report.embedded == 0  # the vectors had been kept
    assert len(documents(index_dir)) == 3


def test_an_empty_folder_is_refused_and_an_index_that_exists_stays(
    little: Path, index_dir: Path, tmp_path: Path
) -> None:
    run(little, index_dir)
    before = contents(index_dir)
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(EmptyCorpusError, match=r"nothing to index in .*empty: put \.txt") as caught:
        build([empty], index_dir, "fake-1", not_needed, SETTINGS)
    assert "\n" not in str(caught.value)
    assert contents(index_dir) == before


def test_a_folder_in_which_nothing_can_be_read_is_refused_with_the_first_reason(
    index_dir: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "坏.pdf").write_bytes(b"not a pdf")
    with pytest.raises(EmptyCorpusError, match=r"1 skipped, the first 坏\.pdf: "):
        build([folder], index_dir, "fake-1", not_needed, SETTINGS)
    assert current_generation(index_dir) is None


def test_a_path_that_does_not_exist_is_refused_before_anything_is_touched(
    index_dir: Path, tmp_path: Path
) -> None:
    with pytest.raises(DocumentError, match="nowhere"):
        build([tmp_path / "nowhere"], index_dir, "fake-1", not_needed, SETTINGS)
    assert not index_dir.exists()


def test_documents_of_a_jsonl_file_are_indexed_line_by_line(tmp_path: Path, index_dir: Path) -> None:
    lines = [
        {"id": "a", "title": "图书车进小区", "text": "图书流动服务车开进东湖翡翠小区。"},
        {"id": "b", "title": "绿化", "text": "今年计划实施园林绿化项目六十二项。"},
    ]
    path = tmp_path / "docs.jsonl"
    path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
    report = build([path], index_dir, "fake-1", FakeEmbedder, SETTINGS)
    assert report.added == ("a", "b")
    index = open_index(index_dir)
    assert index.tables.titles() == {"a": "图书车进小区", "b": "绿化"}
    index.close()


def test_only_two_generations_are_kept(little: Path, index_dir: Path) -> None:
    for number in range(4):
        (little / "新.txt").write_text(f"第{number}次修改这份文件的内容。", encoding="utf-8")
        run(little, index_dir)
    names = sorted(path.name for path in index_dir.glob("generation-*"))
    assert len(names) == 2
    assert current_generation(index_dir) == index_dir / names[-1]
