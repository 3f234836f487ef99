"""What a user relies on when building an index is interrupted or out of luck."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from building import SETTINGS, contents, keys, not_needed, run
from building import corpus as corpus
from building import index_dir as index_dir
from building import little as little
from fakes import FakeEmbedder

from index import store
from index.building import build
from index.embedding import Vectors
from index.errors import DocumentError, EmptyCorpusError
from index.store import current_generation, open_index


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
