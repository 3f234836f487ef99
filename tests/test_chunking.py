"""What is retrieved: passages that hold the whole text once and know where they stand."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.chunking import Chunk, chunk
from index.cleaning import clean
from index.settings import ChunkingSettings
from index.structure import sections

SMALL = ChunkingSettings(chunk_chars=50, min_chars=15)
DEFAULT = ChunkingSettings()
NUMBERS = ["000", "001", "002", "003", "004"]
lines = st.lists(
    st.text(st.sampled_from("图书馆，。；！一二、（）#本报讯ab .1 "), max_size=90), max_size=8
).map("\n\n".join)


def chunks_of(text: str, settings: ChunkingSettings) -> list[Chunk]:
    return chunk("doc", clean(text), settings)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(lines, st.sampled_from([SMALL, DEFAULT, ChunkingSettings(chunk_chars=60, min_chars=0)]))
def test_chunks_hold_every_character_once_and_in_order(text: str, settings: ChunkingSettings) -> None:
    found = chunks_of(text, settings)
    assert "".join(squeezed(piece.text) for piece in found) == squeezed(clean(text).text)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert len({piece.id for piece in found}) == len(found)


@given(lines)
def test_a_chunk_is_what_stands_at_its_place_in_the_original(text: str) -> None:
    cleaned = clean(text)
    for piece in chunk("doc", cleaned, SMALL):
        start, end = cleaned.cleaned_span(piece.start, piece.end)
        assert cleaned.text[start:end] == piece.text
        assert piece.text == piece.text.strip() != ""
        assert text[piece.start] == piece.text[0]
        assert text[piece.end - 1] == piece.text[-1]


@given(lines, st.sampled_from([SMALL, DEFAULT]))
def test_no_chunk_is_longer_than_the_limit_and_a_tail(text: str, settings: ChunkingSettings) -> None:
    assert all(
        len(piece.text) <= settings.chunk_chars + settings.min_chars for piece in chunks_of(text, settings)
    )


@given(lines)
def test_chunks_never_go_over_the_edge_of_an_article(text: str) -> None:
    cleaned = clean(text)
    articles = sections(cleaned.text)
    for piece in chunk("doc", cleaned, SMALL):
        start, end = cleaned.cleaned_span(piece.start, piece.end)
        assert len({s.article for s in articles if s.start < end and start < s.end}) == 1


@pytest.mark.parametrize("number", NUMBERS)
def test_chunks_of_a_seed_stand_where_they_say(seed_texts: dict[str, str], number: str) -> None:
    text = seed_texts[number]
    found = chunks_of(text, DEFAULT)
    assert "".join(squeezed(piece.text) for piece in found) == squeezed(clean(text).text)
    for piece in found:
        # Seeds lose white space only, so the original without it is the chunk without it.
        assert squeezed(text[piece.start : piece.end]) == squeezed(piece.text)


@pytest.mark.parametrize("number", NUMBERS)
def test_chunks_of_a_seed_are_neither_too_long_nor_crumbs(seed_texts: dict[str, str], number: str) -> None:
    lengths = [len(piece.text) for piece in chunks_of(seed_texts[number], DEFAULT)]
    assert max(lengths) <= DEFAULT.chunk_chars + DEFAULT.min_chars
    assert sum(length < DEFAULT.min_chars for length in lengths) <= len(lengths) * 0.2
    assert sum(lengths) / len(lengths) > DEFAULT.chunk_chars / 3


@pytest.mark.parametrize("number", NUMBERS)
def test_chunks_of_a_seed_end_with_a_sentence_or_a_line(seed_texts: dict[str, str], number: str) -> None:
    cleaned = clean(seed_texts[number])
    found = chunk("doc", cleaned, DEFAULT)
    ends = [cleaned.cleaned_span(piece.start, piece.end)[1] for piece in found]
    inside = [
        end
        for end in ends
        if cleaned.text[end : end + 1].strip() and cleaned.text[end - 1] not in "。！？…”）；"
    ]
    assert len(inside) <= len(ends) * 0.1


def test_articles_of_the_newspaper_page_share_no_chunk(seed_texts: dict[str, str]) -> None:
    for piece in chunks_of(seed_texts["002"], DEFAULT):
        # A news item begins with 本报讯, so what stands before it would be another one.
        assert "本报讯" not in piece.text or not re.search("。[^“”]*本报讯", piece.text)


def test_a_chunk_carries_the_headings_it_stands_under(seed_texts: dict[str, str]) -> None:
    (piece,) = [p for p in chunks_of(seed_texts["004"], DEFAULT) if "剩余639户" in p.text]
    assert piece.headings[0].startswith("政府工作报告")
    assert piece.headings[1:3] == (
        "一、2020年工作回顾及“十三五”发展成就",
        "（三）决胜全面小康，三大攻坚战取得决定性成果",
    )


def test_a_chunk_from_the_middle_of_a_paragraph_carries_the_paragraphs_first_sentence() -> None:
    body = "。".join(f"第{n}条措施已经落实到各个街道和社区" for n in range(40))
    _, *rest = chunks_of(f"一要强化创新驱动，激发新动能。{body}。", DEFAULT)
    assert rest
    assert all("一要强化创新驱动，激发新动能" in piece.headings for piece in rest)


def test_a_heading_line_goes_with_the_text_that_follows_it(seed_texts: dict[str, str]) -> None:
    (piece,) = [p for p in chunks_of(seed_texts["004"], DEFAULT) if "二、理清思路，明确方向" in p.text]
    assert len(piece.text) > len("二、理清思路，明确方向，推动“六稳”“六保”工作落实落细")


def test_a_short_section_with_sentences_keeps_its_own_heading() -> None:
    report = (
        "青山市2023年政府工作报告\n一、2022年工作回顾\n全市新建学校12所。\n二、2023年工作安排\n"
        "全市新建学校20所，改造老旧小区75个，推动教育优质均衡发展，办好群众身边的事，让群众有更多获得感。\n"
    )
    above = {
        word: piece.headings[-1]
        for piece in chunks_of(report, DEFAULT)
        for word in ("12所", "20所")
        if word in piece.text
    }
    assert above == {"12所": "一、2022年工作回顾", "20所": "二、2023年工作安排"}


def test_what_is_told_side_by_side_is_not_cut_where_the_sentence_has_another_place(
    seed_texts: dict[str, str],
) -> None:
    chunks = chunk("000", clean(seed_texts["000"]), ChunkingSettings())
    listed = "着力打造经济强市、创新强市、开放强市、文化强市、生态强市，"
    assert sum(listed in one.text for one in chunks) == 2


def test_blank_text_has_no_chunks() -> None:
    assert chunks_of(" \n\n\t", DEFAULT) == []


def test_a_text_without_any_place_to_cut_is_cut_all_the_same() -> None:
    found = chunks_of("图" * 1000, SMALL)
    assert sum(len(piece.text) for piece in found) == 1000


def test_chunk_ids_differ_between_documents_and_stay_the_same_from_run_to_run() -> None:
    text = clean("图书流动服务车开进东湖翡翠小区。")
    assert chunk("a.txt", text, DEFAULT) == chunk("a.txt", text, DEFAULT)
    assert chunk("a.txt", text, DEFAULT)[0].id != chunk("b.txt", text, DEFAULT)[0].id
