"""What a reader of a source sees is the original, character by character, and nothing is lost between the pieces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from fakes import FakeEmbedder
from hypothesis import given
from hypothesis import strategies as st

from index.building import build
from index.cleaning import clean
from index.settings import IndexSettings
from index.store import Index, open_index
from index.tables import StoredDocument
from rag.errors import SourceGoneError
from rag.source import Piece, SourceView, source_view


def index_of(tmp_path: Path, texts: Mapping[str, str]) -> Index:
    folder = tmp_path / "texts"
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")
    build([folder], tmp_path / "index", "fake-1", FakeEmbedder, IndexSettings())
    return open_index(tmp_path / "index")


def only(text: str) -> Index:
    """An index that holds a text as it is, without any chunks."""
    document = StoredDocument("a.txt", "a", text, "", {"format": "txt"}, "", clean(text))
    tables = SimpleNamespace(document=lambda _: document, chunk_at=lambda *_: None)
    return cast("Index", SimpleNamespace(tables=tables))


BREAK = re.compile("[\r\n\f\v\u2028\u2029\x85]")


def original(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


def read(pieces: list[Piece]) -> str:
    """What is read of the pieces: nothing of what cleaning drops, and one space for what it reads as one."""
    instead = {"space": " ", "dropped": ""}
    return "".join(instead.get(piece.layout, piece.text) for piece in pieces)


def check(view: SourceView, document: StoredDocument) -> None:
    text = document.text
    assert 0 <= view.first <= view.start < view.end <= view.last <= len(text) == view.characters
    assert original(view.before) == text[view.first : view.start]
    assert original(view.quote) == text[view.start : view.end]
    assert original(view.after) == text[view.end : view.last]
    for pieces, start, end in (
        (view.before, view.first, view.start),
        (view.quote, view.start, view.end),
        (view.after, view.end, view.last),
    ):
        first, last = document.clean.cleaned_span(start, end)
        assert BREAK.sub("\n", read(pieces)) == BREAK.sub("\n", document.clean.text[first:last])
        assert all(piece.text for piece in pieces)


def test_every_passage_of_the_seeds_stands_in_its_unchanged_document(seed_index: Index, seeds: Path) -> None:
    seen = set()
    for stored in seed_index.tables.chunks():
        chunk = stored.chunk
        view = source_view(seed_index, chunk.doc_id, chunk.start, chunk.end)
        check(view, seed_index.tables.document(chunk.doc_id))
        shown = original(view.before) + original(view.quote) + original(view.after)
        whole = (seeds / chunk.doc_id).read_text(encoding="utf-8")
        assert shown == whole[view.first : view.last]
        assert view.headings == chunk.headings
        seen.add(chunk.doc_id)
    assert len(seen) == 5


@given(st.data())
def test_any_span_of_a_seed_stands_in_its_unchanged_document(seed_index: Index, data: st.DataObject) -> None:
    document = seed_index.tables.document(data.draw(st.sampled_from(seed_index.tables.document_ids())))
    start = data.draw(st.integers(0, len(document.text) - 1))
    end = data.draw(st.integers(start + 1, min(len(document.text), start + 500)))
    check(source_view(seed_index, document.id, start, end), document)


_SCRAPS = st.sampled_from(
    [
        "许",
        "昌",
        "。",
        " ",
        "\n",
        "\r\n",
        "\n\n",
        "　",
        "\u00ad",
        "\u200b",
        "- 3 -\n",
        "inter-\nnal",
        "\u2028",
    ]
)


@given(st.lists(_SCRAPS | st.text(max_size=5), min_size=1).map("".join).filter(bool), st.data())
def test_any_span_of_any_text_stands_in_its_unchanged_document(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    index = only(text)
    check(source_view(index, "a.txt", start, end), index.tables.document("a.txt"))


def test_what_only_lays_the_text_out_is_marked() -> None:
    text = "许昌市召开经济工作会议，部署全\n年任务。\n\n- 12 -\n\n会议由史根治主持。"
    view = source_view(only(text), "a.txt", 0, len(text))
    assert Piece(text="\n", layout="dropped") in view.quote, "a line broken inside a sentence"
    assert any("12" in piece.text for piece in view.quote if piece.layout == "dropped"), "a page number"
    assert "部署全年任务。" in read(view.quote)
    spaced = source_view(only("62 urban   projects"), "a.txt", 0, 19)
    assert read(spaced.quote) == "62 urban projects"
    broken = source_view(only("Xuchang planned many urban greening\nprojects for the year."), "a.txt", 0, 50)
    assert Piece(text="\n", layout="space") in broken.quote


def test_a_long_document_is_shown_around_the_place_in_whole_lines() -> None:
    lines = [f"第{number}行：许昌市的工作报告写到这里。\n" for number in range(3000)]
    text = "".join(lines)
    assert len(text) > 24_000
    index = only(text)
    for start in (0, 1, len(text) // 3, len(text) // 2 + 7, len(text) - 20):
        view = source_view(index, "a.txt", start, start + 10)
        check(view, index.tables.document("a.txt"))
        assert view.first == 0 or (text[view.first - 1] == "\n" and start - view.first >= 8000)
        assert view.last == len(text) or (text[view.last] == "\n" and view.last - start >= 8000)
        assert view.last - view.first < 17_000


def test_a_book_in_a_single_line_is_not_shown_whole() -> None:
    text = "许昌市的工作报告。" * 20_000
    index = only(text)
    view = source_view(index, "a.txt", 90_000, 90_009)
    check(view, index.tables.document("a.txt"))
    assert 16_000 < view.last - view.first < 40_000


def test_a_document_of_usual_length_is_shown_whole() -> None:
    text = "许昌市的工作报告。\n" * 2000
    view = source_view(only(text), "a.txt", 10_000, 10_009)
    assert (view.first, view.last) == (0, len(text))


def test_text_that_has_moved_is_found_again_by_its_words(tmp_path: Path) -> None:
    quote = "会议由史根治主持。"
    before = index_of(tmp_path, {"a.txt": f"许昌市召开会议。{quote}"})
    start = before.tables.document("a.txt").text.index(quote)
    before.close()
    moved = index_of(tmp_path, {"a.txt": f"新的一段放在最前面，讲了别的事情。\n许昌市召开会议。{quote}"})
    view = source_view(moved, "a.txt", start, start + len(quote), quote)
    assert original(view.quote) == quote
    assert view.start > start
    check(view, moved.tables.document("a.txt"))
    moved.close()


@pytest.mark.parametrize("quote", ["会议由别人主持。", ""])
def test_text_that_was_changed_is_gone(seed_index: Index, quote: str) -> None:
    doc = seed_index.tables.document_ids()[0]
    with pytest.raises(SourceGoneError, match="has changed"):
        source_view(seed_index, doc, 0, 9, quote)


def test_a_removed_document_is_gone(seed_index: Index) -> None:
    with pytest.raises(SourceGoneError, match=r"never\.txt is no longer among the indexed documents"):
        source_view(seed_index, "never.txt", 0, 9)


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 3), (0, 10**9), (10**400, 10**400 + 1)])
def test_a_span_that_is_none_is_refused(seed_index: Index, start: int, end: int) -> None:
    with pytest.raises(SourceGoneError):
        source_view(seed_index, seed_index.tables.document_ids()[0], start, end)


def test_the_date_is_that_of_the_article_that_the_place_stands_in(seed_index: Index) -> None:
    (report,) = (name for name in seed_index.tables.document_ids() if name.startswith("004"))
    pieces = [stored.chunk for stored in seed_index.tables.chunks() if stored.chunk.doc_id == report]
    for piece in pieces:
        assert source_view(seed_index, report, piece.start, piece.end).date == (piece.dateline.date or None)
    assert {piece.dateline.date for piece in pieces} == {"", "2020-08-17", "2020-09-29", "2021-07-17"}


def test_headings_and_title_say_where_a_place_stands(tmp_path: Path) -> None:
    text = "# 许昌年报\n\n前言在这里。\n\n## 就业\n\n新增城镇就业5.04万人。\n"
    index = index_of(tmp_path, {"report.md": text})
    document = index.tables.document("report.md")
    start = document.text.index("5.04")
    view = source_view(index, "report.md", start, start + 4)
    assert view.headings[-1] == "就业"
    assert (view.title, view.format) == ("许昌年报", "md")
    index.close()
