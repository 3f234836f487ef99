"""What a user relies on when an index is built and updated."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, tzinfo
from pathlib import Path

import pytest
from building import SETTINGS, contents, keys, not_needed, run
from building import corpus as corpus
from building import index_dir as index_dir
from building import little as little
from fakes import FakeEmbedder

from index.building import BuildReport, build
from index.errors import EmptyCorpusError
from index.settings import ChunkingSettings, IndexSettings
from index.store import current_generation, open_index

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
