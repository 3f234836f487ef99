"""What an index on disk promises: all of it there, one writer, readers undisturbed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from filelock import FileLock
from indexes import corpus as corpus
from indexes import generation, rebuild, refusal
from indexes import index_dir as index_dir
from indexes import sound_index as sound_index

from index.cleaning import clean
from index.errors import IndexLockedError, IndexMissingError
from index.settings import IndexSettings
from index.store import Index, clear_index, current_generation, open_index, open_tables, was_emptied, writing
from index.tables import Scope

# --- what is inside --------------------------------------------------------------------------------------


def test_every_quote_can_be_found_in_the_original(small_index: Path, seed_texts: dict[str, str]) -> None:
    index = open_index(small_index)
    seen = 0
    for stored in index.tables.chunks():
        document = index.tables.document(stored.chunk.doc_id)
        assert document.text == seed_texts[document.id[:3]]
        assert "".join(clean(document.text[stored.chunk.start : stored.chunk.end]).text.split()) == "".join(
            stored.chunk.text.split()
        )
        for sentence in index.tables.sentences(stored.row):
            seen += 1
            quote = document.text[sentence.start : sentence.end]
            assert "".join(clean(quote).text.split()) == "".join(sentence.text.split())
            assert stored.chunk.start <= sentence.start < sentence.end <= stored.chunk.end
            assert index.tables.chunk_of_sentence(sentence.row) == stored.row
    assert seen == index.manifest.sentences > 1000
    index.close()


def test_rows_of_tables_vectors_and_words_agree(small_index: Path) -> None:
    index = open_index(small_index)
    embedder = FakeEmbedder()
    chunks = index.tables.chunks()
    assert len(chunks) == index.manifest.chunks == len(index.lexical.scores("许昌"))
    assert len(index.tables.keys()) == len(index.vectors.all_vectors())
    (wanted,) = [stored for stored in chunks if "开进东湖翡翠小区" in stored.chunk.text]
    question = "图书流动服务车开进东湖翡翠小区"
    assert index.lexical.top(question, 1)[0][0] == wanted.row
    sentence_row, _ = index.vectors.search_sentences(embedder.embed_queries([question]), 1)[0]
    assert wanted.first_sentence <= sentence_row < wanted.last_sentence
    assert index.tables.chunk(wanted.row) == wanted
    index.close()


def test_a_document_comes_back_as_it_was_read(small_index: Path, seeds: Path) -> None:
    index = open_index(small_index)
    assert index.tables.document_ids() == sorted(path.name for path in seeds.glob("*.txt"))
    name = "002_4d038e9deba97052.txt"
    document = index.tables.document(name)
    original = (seeds / name).read_text(encoding="utf-8")
    assert document.text == original
    assert document.clean.text == clean(original).text
    assert document.clean.offsets.tolist() == clean(original).offsets.tolist()
    assert index.tables.titles()[name] == document.title
    with pytest.raises(KeyError):
        index.tables.document("missing.txt")
    index.close()


def test_the_manifest_says_what_the_index_was_made_with(small_index: Path) -> None:
    index = open_index(small_index)
    manifest = index.manifest
    assert manifest.embedder.model_dump() == {**vars(FakeEmbedder().identity), "normalised": True}
    assert manifest.documents == 5
    assert manifest.text.chunking == IndexSettings().chunking
    files = {p.relative_to(index.folder).as_posix() for p in index.folder.rglob("*") if p.is_file()}
    assert files == {*manifest.files, "manifest.json"}
    index.close()


def test_no_file_of_the_index_is_a_pickle(small_index: Path) -> None:
    for path in generation(small_index).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert path.suffix in {".sqlite", ".faiss", ".json", ".npy"}, path
            assert not content.startswith((b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")), path
            # An array of objects is a pickle inside of a .npy file.
            assert path.suffix != ".npy" or b"'|O'" not in content[:128], path


def test_rows_of_documents_are_those_of_their_chunks_and_sentences(small_index: Path) -> None:
    index = open_index(small_index)
    chunks = index.tables.chunks()
    first, second, third, fourth, last = index.tables.document_ids()
    for wanted in (
        [second],
        [last, first],
        [first, second, third, fourth, last],
        [third, "没有.txt", "' OR 1"],
    ):
        mine = [stored for stored in chunks if stored.chunk.doc_id in wanted]
        rows = index.tables.rows_of(Scope(frozenset(wanted)))
        assert rows.chunks.tolist() == [stored.row for stored in mine]
        assert rows.sentences.tolist() == [
            row for stored in mine for row in range(stored.first_sentence, stored.last_sentence)
        ]
    for nothing in ([], ["没有.txt"]):
        rows = index.tables.rows_of(Scope(frozenset(nothing)))
        assert (rows.chunks.tolist(), rows.sentences.tolist()) == ([], [])
    many = [first, *(f"{number}.txt" for number in range(50_000))]  # more than SQLite takes parameters
    alone = index.tables.rows_of(Scope(frozenset({first})))
    assert index.tables.rows_of(Scope(frozenset(many))).chunks.tolist() == alone.chunks.tolist()
    index.close()


def test_the_entries_of_a_generation_are_read_without_its_vectors(
    index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (generation(index_dir) / "vectors.faiss").unlink()
    tables = open_tables(generation(index_dir))
    for entry in tables.entries():
        document = tables.document(entry.id)
        assert (entry.title, entry.meta, entry.indexed_at) == (
            document.title,
            document.meta,
            document.indexed_at,
        )
        assert entry.characters == len(document.text)
    assert [entry.id for entry in tables.entries()] == tables.document_ids()
    assert sum(entry.chunks for entry in tables.entries()) == len(tables.chunks())
    tables.close()


# --- an emptied index ------------------------------------------------------------------------------------


def test_a_cleared_index_is_gone_and_can_be_built_anew(index_dir: Path, corpus: Path) -> None:
    (index_dir / "documents").mkdir()
    (index_dir / "documents" / "generation-1.txt").write_text("许昌", encoding="utf-8")
    clear_index(index_dir)
    assert current_generation(index_dir) is None
    refusal(index_dir, IndexMissingError)
    assert (index_dir / "documents" / "generation-1.txt").exists()
    rebuild(index_dir, corpus)
    assert (index_dir / "documents" / "generation-1.txt").exists()
    assert [folder.name for folder in index_dir.glob("generation-*")] == [generation(index_dir).name]


def test_clearing_leaves_no_generation_but_the_one_that_a_reader_may_just_be_opening(
    index_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "new.txt").write_text("园林绿化项目已经开工建设。", encoding="utf-8")
    rebuild(index_dir, tmp_path)
    latest = generation(index_dir)
    assert len(list(index_dir.glob("generation-*"))) == 2
    reader = open_index(index_dir)
    clear_index(index_dir)
    assert list(index_dir.glob("generation-*")) == [latest]
    assert reader.tables.document_ids() == ["new.txt"]
    reader.close()
    clear_index(index_dir)
    assert list(index_dir.glob("generation-*")) == []


def test_a_place_without_an_index_is_cleared_without_a_trace(tmp_path: Path) -> None:
    clear_index(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_an_emptied_index_is_known_from_one_that_never_was(index_dir: Path, tmp_path: Path) -> None:
    assert not was_emptied(index_dir)
    assert not was_emptied(tmp_path / "nowhere")
    clear_index(index_dir)
    assert was_emptied(index_dir)
    with pytest.raises(IndexMissingError):
        open_index(index_dir)


def test_a_broken_index_can_be_cleared(index_dir: Path) -> None:
    (index_dir / "CURRENT").write_bytes(b"\xff")
    clear_index(index_dir)
    assert current_generation(index_dir) is None


def test_an_index_that_is_being_written_is_not_cleared(index_dir: Path) -> None:
    with FileLock(index_dir / ".lock"), pytest.raises(IndexLockedError):
        clear_index(index_dir)
    open_index(index_dir).close()


@pytest.mark.parametrize("target", ["pathlib.Path.replace", "index.store.sync", "shutil.rmtree"])
def test_clearing_that_breaks_off_leaves_the_index_whole_or_gone(
    index_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    def broken_off(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "new.txt").write_text("园林绿化项目已经开工建设。", encoding="utf-8")
    rebuild(index_dir, tmp_path)  # there is an older generation to be deleted
    with monkeypatch.context() as patch:
        patch.setattr(target, broken_off)
        with pytest.raises(KeyboardInterrupt):
            clear_index(index_dir)
    if current_generation(index_dir) is not None:
        open_index(index_dir, thorough=True).close()
    clear_index(index_dir)
    assert current_generation(index_dir) is None


# --- one writer, many readers ----------------------------------------------------------------------------


def test_a_second_writer_is_refused_while_the_first_one_writes(index_dir: Path, corpus: Path) -> None:
    with FileLock(index_dir / ".lock"), pytest.raises(IndexLockedError, match="another process is writing"):
        rebuild(index_dir, corpus)
    rebuild(index_dir, corpus)


def test_a_writer_in_another_process_is_noticed_and_its_end_too(index_dir: Path, corpus: Path) -> None:
    hold = (
        "import sys; from pathlib import Path; from index.store import writing\n"
        "with writing(Path(sys.argv[1])): print('writing', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(index_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parent.parent,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"writing\n"
        with pytest.raises(IndexLockedError):
            rebuild(index_dir, corpus)
        open_index(index_dir).close()  # readers are not locked out
        other.kill()  # no farewell: the lock must go with the process
        other.wait()
    rebuild(index_dir, corpus)


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), writing(tmp_path / "index"):
        raise RuntimeError
    with writing(tmp_path / "index") as staging:
        assert staging.is_dir()


def test_a_reader_keeps_its_generation_while_the_index_is_rebuilt_twice(
    index_dir: Path, tmp_path: Path
) -> None:
    def ask(index: Index) -> tuple[list[tuple[int, float]], list[str], str]:
        question = "胖东来在网上频频出圈"
        rows = index.vectors.search_sentences(FakeEmbedder().embed_queries([question]), 5)
        texts = [stored.chunk.text for stored in index.tables.chunks()]
        return rows + index.lexical.top(question, 5), texts, index.tables.document_ids()[0]

    fresh = open_index(index_dir)
    before = ask(fresh)
    fresh.close()
    reader = open_index(index_dir)  # has read nothing yet
    for number in (1, 2):
        folder = tmp_path / f"corpus{number}"
        folder.mkdir()
        (folder / "new.txt").write_text(f"第{number}批园林绿化项目已经开工建设。", encoding="utf-8")
        rebuild(index_dir, folder)
    assert not reader.folder.exists()
    assert ask(reader) == before
    reader.close()
    latest = open_index(index_dir)
    assert latest.tables.document_ids() == ["new.txt"]
    latest.close()
