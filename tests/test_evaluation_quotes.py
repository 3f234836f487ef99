from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from index.store import current_generation, open_tables
from index.tables import Tables
from rag.errors import GoldError
from rag.evaluation.gold import GoldQuestion, Quote, read_gold
from rag.evaluation.quotes import GoldItem, Place, locate

GOLD = Path(__file__).parent / "gold" / "seeds.jsonl"
SECOND = "002_4d038e9deba97052.txt"


@pytest.fixture
def tables(small_index: Path) -> Iterator[Tables]:
    folder = current_generation(small_index)
    assert folder is not None
    opened = open_tables(folder)
    yield opened
    opened.close()


def ask(*quotes: tuple[str, str], answers: tuple[str, ...] = ("x",)) -> GoldQuestion:
    evidence = tuple(Quote(doc, quote) for doc, quote in quotes)
    return GoldQuestion("q", "？", groups=(answers,) if answers else (), evidence=evidence)


def test_every_quote_of_the_seeds_stands_where_it_is_found(tables: Tables) -> None:
    gold = read_gold(GOLD)
    items = locate(gold.questions, tables)
    assert not items.not_found
    for question in gold.questions:
        for quote in question.evidence:
            text = tables.document(quote.doc).text
            exact = (text.find(quote.quote), text.find(quote.quote) + len(quote.quote))
            places = [place for item in items.by_question[question.id] for place in item.places]
            assert Place(quote.doc, *exact) in places, "an exact copy is always found"


def test_white_space_script_and_width_do_not_hide_a_quote(tables: Tables) -> None:
    (item,) = locate([ask((SECOND, "現場簽約合同金額３４００萬元"))], tables).by_question["q"]
    text = tables.document(SECOND).text
    assert len(item.places) >= 2, "every occurrence counts"
    for place in item.places:
        assert place.start is not None
        assert place.end is not None
        assert "".join(text[place.start : place.end].split()) == "现场签约合同金额3400万元"


def test_the_same_words_written_twice_are_one_item(tables: Tables) -> None:
    twice = ask((SECOND, "现场签约\n合同金额 3400 万元"), (SECOND, "现场签约合同金额 3400 万元"))
    assert len(locate([twice], tables).by_question["q"]) == 1


def test_what_is_not_there_stays_an_item_that_nothing_holds(tables: Tables) -> None:
    items = locate([ask((SECOND, "合同金额"), (SECOND, "月球上的酒店"), ("other.txt", "甲"))], tables)
    assert [quote.quote for _, quote in items.not_found] == ["月球上的酒店", "甲"]
    assert len(items.by_question["q"]) == 3
    assert not items.by_question["q"][1].is_within(SECOND, 0, 10**9)


def test_documents_are_items_where_there_are_no_quotes(tables: Tables) -> None:
    question = GoldQuestion("q", "？", groups=(("x",),), passage_ids=(SECOND, "gone"))
    here, gone = locate([question], tables).by_question["q"]
    assert here.is_within(SECOND, 5, 6)
    assert not here.is_within("000", 5, 6)
    assert gone.places == ()


def test_unanswerable_questions_have_nothing_to_be_found(tables: Tables) -> None:
    assert locate([ask((SECOND, "合同金额"), answers=())], tables).by_question["q"] == ()


def test_an_index_of_other_documents_is_an_error(tables: Tables) -> None:
    with pytest.raises(GoldError, match="--index"):
        locate([ask(("elsewhere.txt", "甲"))], tables)


def test_within_and_overlap() -> None:
    item = GoldItem((Place("d", 10, 20), Place("e", 0, 4)))
    assert item.is_within("d", 10, 20)
    assert item.is_within("d", 0, 99)
    assert not item.is_within("d", 11, 99)
    assert not item.is_within("f", 0, 99)
    assert item.overlap("d", 15, 25) == 0.5
    assert item.overlap("d", 0, 100) == 1
    assert item.overlap("d", 20, 30) == 0
    assert item.overlap("e", 2, 3) == 1
