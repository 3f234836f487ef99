from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import opencc
import pytest

HERE = Path(__file__).resolve().parent
SEEDS = HERE.parent / "seeds"
GOLD = HERE / "gold" / "seeds.jsonl"

SEED_SHA256 = {
    "000_ace1a917477df66a.txt": "e5f30c6455db328abeb3927b8b2e66defb8c190791c9f47f93ce06300d47b113",
    "001_cd93c6f70429d5e1.txt": "89ab9700254c9050b8d2b7f30b228b6c9db814795575d19f6db6e817a9035e43",
    "002_4d038e9deba97052.txt": "b47df443fb9dbc7582432f5378d981269db087a9e5c8782fa1a791dd8b6f1a04",
    "003_7bfdbcd22150bf3a.txt": "cc769b193854bf3cefc52419a072fc5c13742eafaea3e38af65b89e202915f64",
    "004_f5f24fe418386bc2.txt": "5cc1d90c744adce2772ef9b5738e19e8c3620b4eb19f91fcbe802175d2ae07ce",
}
REQUIRED_KEYS = {"id", "question", "answers", "evidence", "type", "lang"}
OPTIONAL_KEYS = {"all_of", "history"}
LITERAL_TYPES = {"number", "fact", "date", "person"}
LISTING_TYPES = {"list", "comparison"}
TYPES = LITERAL_TYPES | LISTING_TYPES | {"why", "followup", "unanswerable", "false_premise"}
LANGS = {"zh", "zh-Hant", "en"}
FIRST_SIX = {
    "seeds-001": "长葛市食品行业产销对接会现场签约合同金额是多少？",
    "seeds-002": "许昌市2023年新增城镇就业多少人？",
    "seeds-003": "谁主持了6月3日的全市领导干部会议？",
    "seeds-004": "東湖社區的圖書流動車開進了哪個小區？",
    "seeds-005": "How many urban greening projects did Xuchang plan for 2023?",
    "seeds-006": "许昌地铁2号线什么时候开通？",
}

Row = dict[str, Any]


def read_raw(path: Path) -> str:
    # newline="" keeps the stored line ends, so that offsets into the text are those of the file.
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


@cache
def simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def fold(text: str) -> str:
    return str(simplifier().convert("".join(unicodedata.normalize("NFKC", text).split())))


def load_rows() -> list[Row]:
    return [json.loads(line) for line in read_raw(GOLD).splitlines()]


def is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() == value != ""


def is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(is_text(item) for item in value)


def folded_evidence(row: Row) -> list[str]:
    return [fold(item["quote"]) for item in row["evidence"]]


ROWS = load_rows()
each_row = pytest.mark.parametrize("row", ROWS, ids=[str(row.get("id")) for row in ROWS])


def test_seeds_are_the_originals_byte_for_byte() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SEEDS.glob("*.txt")}
    assert found == SEED_SHA256


def test_every_line_is_one_object() -> None:
    text = read_raw(GOLD)
    assert text.endswith("\n")
    assert "\r" not in text
    assert "\\u" not in text
    assert all(isinstance(row, dict) for row in ROWS)
    assert len(ROWS) == text.count("\n")


def test_enough_questions_in_all_languages_types_and_documents() -> None:
    assert len(ROWS) >= 60
    assert {row["lang"] for row in ROWS} == LANGS
    assert {row["type"] for row in ROWS} == TYPES
    assert {item["doc"] for row in ROWS for item in row["evidence"]} == set(SEED_SHA256)


def test_ids_and_questions_are_unique() -> None:
    # Two follow-ups may be worded alike when their histories differ.
    asked = Counter(json.dumps([row.get("history", []), fold(row["question"])]) for row in ROWS)
    assert max(Counter(row["id"] for row in ROWS).values()) == 1
    assert max(asked.values()) == 1


def test_the_agreed_first_six_are_kept() -> None:
    assert {row["id"]: row["question"] for row in ROWS if row["id"] in FIRST_SIX} == FIRST_SIX


@each_row
def test_row_has_the_allowed_keys_and_types(row: Row) -> None:
    assert set(row) >= REQUIRED_KEYS
    assert set(row) <= REQUIRED_KEYS | OPTIONAL_KEYS
    assert all(is_text(row[key]) for key in ("id", "question", "type", "lang"))
    assert row["type"] in TYPES
    assert row["lang"] in LANGS
    assert is_text_list(row["answers"])
    assert isinstance(row["evidence"], list)
    for item in row["evidence"]:
        assert set(item) == {"doc", "quote"}
        assert is_text(item["doc"])
        assert is_text(item["quote"])
    if "all_of" in row:
        assert isinstance(row["all_of"], list)
        assert row["all_of"]
        assert all(is_text_list(group) and group for group in row["all_of"])
    if "history" in row:
        assert isinstance(row["history"], list)
        assert row["history"]
        for turn in row["history"]:
            assert set(turn) == {"question", "answer"}
            assert is_text(turn["question"])
            assert is_text(turn["answer"])
    assert ("history" in row) == (row["type"] == "followup")
    assert ("all_of" in row) == (row["type"] in LISTING_TYPES)


@each_row
def test_quotes_stand_in_their_documents(row: Row) -> None:
    for item in row["evidence"]:
        assert item["doc"] in SEED_SHA256
        assert item["quote"] in read_raw(SEEDS / item["doc"])


@each_row
def test_answerable_exactly_when_it_has_answers_and_evidence(row: Row) -> None:
    answerable = row["type"] != "unanswerable"
    assert bool(row["evidence"]) == answerable
    assert bool(row["answers"] or row.get("all_of")) == answerable


@each_row
def test_evidence_contains_the_answer(row: Row) -> None:
    quotes = folded_evidence(row)
    if row["type"] in LITERAL_TYPES and row["lang"] == "zh":
        # Each quote alone must do: a retriever that finds any one of them counts as right.
        alternatives = [fold(answer) for answer in row["answers"]]
        for quote in quotes:
            assert any(alternative in quote for alternative in alternatives), quote
    # A list or comparison may need several passages: together they must cover every group.
    for group in row.get("all_of", []):
        assert any(fold(alternative) in quote for alternative in group for quote in quotes), group
