from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from rag.batch.columns import Choice, simple_name
from rag.batch.questions import BadRow, BatchQuestion, QuestionList, read_questions
from rag.batch.sources import FORMATS
from rag.conversation import Exchange
from rag.errors import QuestionFileError, WenyuanError
from rag.pipeline import AskOptions

FIRST = "许昌市2023年新增城镇就业多少人？"
SECOND = "谁主持了6月3日的全市领导干部会议？"
ENGLISH = "Who, when and where?"


def read(text: str | bytes, name: str, **options: object) -> QuestionList:
    raw = text if isinstance(text, bytes) else text.encode()
    return read_questions(raw, name, **options)  # type: ignore[arg-type]


def asked(found: QuestionList) -> list[tuple[str, str]]:
    """Ids and questions, with the reason in brackets for rows that are bad."""
    return [
        (row.id, row.question if isinstance(row, BatchQuestion) else f"[{row.reason}]") for row in found.rows
    ]


def workbook(*sheets: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet(f"第{number + 1}页")
        assert sheet is not None
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


# Lines.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_line_is_a_question_in_every_encoding(encoding: str, end: str) -> None:
    text = end.join([FIRST, "", f"  {SECOND} "])
    assert asked(read(text.encode(encoding), "q.txt")) == [("1", FIRST), ("3", SECOND)]


def test_big5_is_read() -> None:
    text = "東湖社區的圖書流動車開進了哪個小區？\n誰主持了會議，並且發表了講話？"
    assert [question for _, question in asked(read(text.encode("big5"), "q.txt"))] == text.split("\n")


def test_a_line_that_is_broken_does_not_spoil_the_others() -> None:
    raw = f"{FIRST}\n".encode() + FIRST.encode()[:7] + f"\n{SECOND}\n".encode()
    found = read(raw, "q.txt")
    assert [type(row) for row in found.rows] == [BatchQuestion, BadRow, BatchQuestion]
    assert "UTF-8" in asked(found)[1][1]
    found.rows[1].question.encode()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_half_a_character_at_the_end_costs_one_line(encoding: str) -> None:
    raw = f"{FIRST}\n{SECOND}\n{FIRST}".encode(encoding)[:-1]
    found = read(raw, "q.txt")
    assert [type(row) for row in found.rows] == [BatchQuestion, BatchQuestion, BadRow]


def test_too_long_a_line_is_a_bad_row() -> None:
    found = read(f"{FIRST}\n{'许' * 1001}\n", "q.txt")
    assert asked(found)[1] == ("2", "[the question has 1001 characters: ask with at most 1000]")
    assert len(found.rows[1].question) == 200


@pytest.mark.parametrize("text", ["", "\n\n", " \t\n", "\ufeff"])
@pytest.mark.parametrize("name", ["q.txt", "q.csv", "q.jsonl", "stdin"])
def test_a_file_without_questions_is_an_error(text: str, name: str) -> None:
    with pytest.raises(QuestionFileError, match="holds no question"):
        read(text, name)


def test_a_binary_file_is_an_error() -> None:
    with pytest.raises(QuestionFileError, match=r"q\.txt: binary file"):
        read(bytes(range(256)) * 9, "q.txt")


# Which format.


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        (f"{FIRST}\n{SECOND}", [FIRST, SECOND]),
        (json.dumps({"question": FIRST}), [FIRST]),
        ("\n\n " + json.dumps({"question": FIRST}), [FIRST]),
    ],
)
def test_stdin_is_lines_or_json(text: str, questions: list[str]) -> None:
    assert [question for _, question in asked(read(text, "stdin"))] == questions


def test_an_ending_that_says_nothing_names_the_way_out() -> None:
    with pytest.raises(QuestionFileError, match="--format"):
        read(FIRST, "questions.md")
    assert asked(read(FIRST, "questions.md", format="txt")) == [("1", FIRST)]
    with pytest.raises(QuestionFileError, match=r"save it as \.xlsx"):
        read(FIRST, "questions.xls")


# CSV.


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_the_delimiter_and_the_columns_are_found(delimiter: str, encoding: str) -> None:
    lines = [["编号", "问题", "部门"], ["a1", FIRST, "人社"], ["a2", f'"{ENGLISH}; yes"', ""]]
    text = "\r\n".join(delimiter.join(cells) for cells in lines)
    found = read(text.encode(encoding), "q.csv")
    assert asked(found) == [("a1", FIRST), ("a2", f"{ENGLISH}; yes")]
    assert found.columns == ("部门",)
    assert found.rows[0].extra == {"部门": "人社"}
    assert [row.row for row in found.rows] == [2, 3]


@pytest.mark.parametrize(
    "name", ["question", "Question ", "问题", "問題（必填）", "提问:", "QUERY", "q", "text", "＊问题"]
)
def test_headers_are_known_in_many_forms(name: str) -> None:
    found = read(f"{name},备注\n{FIRST},x\n", "q.csv")
    assert asked(found) == [("2", FIRST)]


@pytest.mark.parametrize("name", ["id", "ID", "编号", "序号", "No.", "题号", "qid", "#"])
def test_ids_are_known_in_many_forms(name: str) -> None:
    assert asked(read(f"{name},question\n7,{FIRST}\n", "q.csv")) == [("7", FIRST)]


def test_one_column_without_a_header_is_all_questions() -> None:
    text = f'{FIRST}\n{ENGLISH}\n"{ENGLISH} ""Now""?"\n"十四五"期间的目标是什么？\n'
    assert asked(read(text, "q.csv")) == [
        ("1", FIRST),
        ("2", ENGLISH),
        ("3", f'{ENGLISH} "Now"?'),
        ("4", '"十四五"期间的目标是什么？'),
    ]


def test_one_column_with_a_header_may_hold_commas() -> None:
    assert asked(read(f"question\n{ENGLISH}\n{ENGLISH}\nWhy?\n", "q.csv")) == [
        ("2", ENGLISH),
        ("3", ENGLISH),
        ("4", "Why?"),
    ]


def test_a_table_without_known_names_is_searched_for_question_marks() -> None:
    found = read(f"1,{FIRST},甲\n2,{SECOND},乙\n", "q.csv")
    assert [question for _, question in asked(found)] == [FIRST, SECOND]
    assert "column 2" in found.notes[0]
    headed = read(f"部门,内容\n甲,{FIRST}\n乙,{SECOND}\n", "q.csv")
    assert [question for _, question in asked(headed)] == [FIRST, SECOND]
    assert headed.columns == ("部门",)


def test_where_nothing_tells_the_column_the_user_is_asked() -> None:
    with pytest.raises(QuestionFileError, match=r"choose one of column 1, column 2 with --question-column"):
        read("甲,乙\n丙,丁\n", "q.csv")


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(question="备注"), [("a", "x")]),
        (Choice(question="3"), [("a", "x")]),
        (Choice(question="备注", id="question"), [(FIRST, "x")]),
        (Choice(id="3"), [("x", FIRST)]),
    ],
)
def test_columns_can_be_chosen(choice: Choice, expected: list[tuple[str, str]]) -> None:
    assert asked(read(f"id,question,备注\na,{FIRST},x\n", "q.csv", choice=choice)) == expected


def test_the_header_can_be_denied_or_asserted() -> None:
    assert len(read("问题\n为什么\n", "q.csv", choice=Choice(header=False)).rows) == 2
    assert len(read("甲\n为什么\n", "q.csv", choice=Choice(header=True)).rows) == 1


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(QuestionFileError, match=r"no column '提问': choose one of id, question"):
        read(f"id,question\na,{FIRST}\n", "q.csv", choice=Choice(question="提问"))


def test_rows_that_cannot_be_asked_are_kept_with_their_reason() -> None:
    text = f"id,question,k\na,,x\nb,{'许' * 1001},y\n,,\nc,{ENGLISH},z\nd,{FIRST},w\n"
    found = read(text, "q.csv")
    assert [(row.id, row.row, isinstance(row, BadRow)) for row in found.rows] == [
        ("a", 2, True),
        ("b", 3, True),
        ("c", 5, True),
        ("d", 6, False),
    ]
    assert "empty" in asked(found)[0][1]
    assert "quotation marks" in asked(found)[2][1], "a comma without quotation marks must not cut a question"
    assert found.columns == ("k",)


def test_a_quotation_mark_that_is_not_closed_swallows_nothing() -> None:
    text = f'id,question\na,"{FIRST}\nb,{SECOND}\nc,"{ENGLISH}"\n'
    assert asked(read(text, "q.csv")) == [("a", f'"{FIRST}'), ("b", SECOND), ("c", ENGLISH)]


def test_a_question_may_go_over_lines() -> None:
    assert asked(read('id,question\na,"Who\nis it?"\nb,Why?\n', "q.csv")) == [
        ("a", "Who is it?"),
        ("b", "Why?"),
    ]


def test_excel_may_say_what_separates() -> None:
    assert asked(read(f"sep=|\nid|question\na|{FIRST}\n", "q.csv")) == [("a", FIRST)]
    assert asked(read(f"id\tquestion\na\t{FIRST}\n", "q.tsv")) == [("a", FIRST)]


# Spreadsheets.


def test_a_sheet_is_read_with_numbers_and_dates_as_text() -> None:
    raw = workbook(
        [["2023年问题清单"], ["序号", "问题", "日期"], [1.0, FIRST, date(2023, 6, 3)], [2, None, None], []],
        [["question"], [SECOND]],
    )
    found = read(raw, "q.xlsx")
    assert found.rows[0] == BatchQuestion("1", FIRST, 3, extra={"日期": "2023-06-03"})
    assert isinstance(found.rows[1], BadRow)
    assert len(found.rows) == 2
    for sheet in ("第2页", "2"):
        assert asked(read(raw, "q.xlsx", sheet=sheet)) == [("2", SECOND)]
    with pytest.raises(QuestionFileError, match="Sheet, 第2页 with --sheet"):
        read(raw, "q.xlsx", sheet="无")


def test_the_saved_value_of_a_formula_counts() -> None:
    raw = workbook([["question", "t"], ["=A3", datetime(2023, 6, 3, 9, 30)], [FIRST, True]])
    found = read(raw, "q.xlsx")
    assert isinstance(found.rows[0], BadRow), "no value was saved: no program has computed it yet"
    assert found.rows[0].extra["t"] == "2023-06-03T09:30:00"
    computed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(computed, "w") as new:
        for name in old.namelist():
            part = old.read(name).decode()
            part = re.sub(
                r'(<c r="A2")([^>]*>)<f>A3</f><v ?/?>(</v>)?', rf'\1 t="str"><f>A3</f><v>{SECOND}</v>', part
            )
            new.writestr(name, part)
    assert asked(read(computed.getvalue(), "q.xlsx")) == [("2", SECOND), ("3", FIRST)]


def test_an_error_in_a_cell_is_no_question() -> None:
    assert "formula" in asked(read(workbook([["question"], ["#REF!"], [FIRST]]), "q.xlsx"))[0][1]


@pytest.mark.parametrize("raw", [b"", b"PK\x03\x04 not really", b"\xd0\xcf\x11\xe0 old", b"plain"])
def test_what_is_no_spreadsheet_is_one_line(raw: bytes) -> None:
    with pytest.raises(QuestionFileError, match=r"q\.xlsx cannot be read") as caught:
        read(raw, "q.xlsx")
    assert "\n" not in str(caught.value)


# JSONL.


def test_only_a_question_is_needed_and_everything_else_is_understood() -> None:
    lines = [
        {"question": FIRST},
        {
            "id": 7,
            "query": "那长葛呢？",
            "history": [{"question": FIRST, "answer": "5.04万人[1]。"}],
            "documents": ["a.txt"],
            "top_k": 3,
            "language": "en",
            "since": "2020",
            "until": "2020-08",
            "type": "number",
            "evidence": [{"doc": "a"}],
        },
    ]
    found = read("\n".join(json.dumps(line) for line in lines), "q.jsonl")
    assert found.rows[0] == BatchQuestion("1", FIRST, 1)
    assert found.rows[1] == BatchQuestion(
        "7",
        "那长葛呢？",
        2,
        (Exchange(FIRST, "5.04万人[1]。"),),
        AskOptions(frozenset({"a.txt"}), 3, "en", date(2020, 1, 1), date(2020, 8, 31)),
        {"type": "number", "evidence": '[{"doc": "a"}]'},
    )
    assert found.columns == ("type", "evidence")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"question": "许昌', "no whole JSON object"),
        ("[1]", "no whole JSON object"),
        ("null", "no whole JSON object"),
        ("[" * 100_000, "no whole JSON object"),
        ('{"question": "\\ud800"}', "no whole JSON object"),
        ("{}", "question: Field required"),
        ('{"question": 7}', "question: "),
        ('{"question": null}', "question: "),
        ('{"question": " "}', "the question is empty"),
        ('{"question": "x", "history": [{"q": 1}]}', "history.0.question: "),
        ('{"question": "x", "top_k": 0}', "top_k: "),
        ('{"question": "x", "language": "fr"}', "language: "),
        ('{"question": "x", "documents": "a"}', "documents: "),
        ('{"question": "x", "since": "2020-13"}', "since: write a date like 2020"),
        ('{"question": "x", "since": 2020}', "since: write a date like 2020"),
        ('{"question": "x", "since": "2021", "until": "2020"}', "since 2021-01-01 is after until 2020-12-31"),
    ],
)
def test_a_bad_line_is_kept_with_its_reason(line: str, reason: str) -> None:
    found = read(f'{{"question": "{FIRST}"}}\n{line}\n{{"question": "{SECOND}"}}\n', "q.jsonl")
    assert [type(row) for row in found.rows] == [BatchQuestion, BadRow, BatchQuestion]
    assert reason in asked(found)[1][1]


def test_line_ends_inside_of_json_are_none() -> None:
    assert len(read(json.dumps({"question": "a\u2028b\x85c"}, ensure_ascii=False), "q.jsonl").rows) == 1


def test_fields_can_be_chosen() -> None:
    line = json.dumps({"question": FIRST, "提": SECOND, "key2": "k"})
    choice = Choice(question="提", id="key2")
    assert asked(read(line, "q.jsonl", choice=choice)) == [("k", SECOND)]


# Ids, duplicates, fingerprints.


def test_every_id_is_used_once() -> None:
    lines = [{"id": "a"}, {"id": "a"}, {}, {"id": "3"}, {"id": "a-2"}, {"id": "a"}]
    found = read("\n".join(json.dumps({"question": FIRST, **line}) for line in lines), "q.jsonl")
    assert [row.id for row in found.rows] == ["a", "a-3", "3-2", "3", "a-2", "a-4"]
    assert "(a)" in found.notes[0]


def test_questions_that_are_answered_once() -> None:
    def key(question: str, **more: object) -> object:
        row = read(json.dumps({"question": question, **more}), "q.jsonl").rows[0]
        assert isinstance(row, BatchQuestion)
        return row.key

    assert key("GDP  是多少?") == key("gdp 是多少？")
    assert key("长葛的人口") != key("长葛的面积")
    assert key("长葛的产业") != key("長葛的產業"), "each gets its answer in its own script"
    assert key("x", top_k=3) != key("x")
    assert key("x", history=[{"question": "y", "answer": "z"}]) != key("x")
    assert key("x", documents=["a", "b"]) == key("x", documents=["b", "a"])


def test_the_fingerprint_is_that_of_what_is_asked() -> None:
    plain = read(f"{FIRST}\n{SECOND}\n", "q.txt").fingerprint
    assert read(f"{FIRST}\r\n{SECOND}".encode("gb18030"), "other.txt").fingerprint == plain
    assert read(f"{FIRST}\n{SECOND}?\n", "q.txt").fingerprint != plain
    table = read(f"id,question,k\n1,{FIRST},x\n", "q.csv").fingerprint
    assert read(f"id,question,k\n1,{FIRST},y\n", "q.csv").fingerprint != table


def test_the_days_that_are_asked_about_are_a_part_of_the_fingerprint() -> None:
    def fingerprint(**choice: object) -> str:
        return read(json.dumps({"question": FIRST, **choice}), "q.jsonl").fingerprint

    asked = [{}, {"since": "2020"}, {"until": "2020"}, {"since": "2020", "documents": ["b", "a"]}]
    assert len({fingerprint(**choice) for choice in asked}) == len(asked)
    assert fingerprint(since="2020") == fingerprint(since="2020-01-01")
    assert fingerprint(documents=["a", "b"]) == fingerprint(documents=["b", "a"])


@pytest.mark.parametrize(
    ("name", "simple"), [("问题（必填）*", "问题"), (" No. ", "no"), ("Ｑ：", "q"), ("", "")]
)
def test_names_are_compared_in_a_simple_form(name: str, simple: str) -> None:
    assert simple_name(name) == simple


# Anything at all.


@given(st.text(), st.sampled_from(FORMATS), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_no_text_is_a_crash(text: str, format: str, encoding: str) -> None:
    _reads_or_says_why(text.encode(encoding, "ignore"), format)


@given(st.binary(), st.sampled_from(FORMATS))
def test_no_bytes_are_a_crash(raw: bytes, format: str) -> None:
    _reads_or_says_why(raw, format)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30), min_size=1), st.data())
def test_a_table_that_csv_wrote_is_read_back(texts: list[str], data: st.DataObject) -> None:
    import csv

    delimiter = data.draw(st.sampled_from(",;\t"))
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([["id", "question"], *([f"n{number}", text] for number, text in enumerate(texts))])
    found = read(file.getvalue(), "q.csv")
    assert [row.id for row in found.rows] == [f"n{number}" for number in range(len(texts))]
    for row, text in zip(found.rows, texts, strict=True):
        assert row.question.split() == text.split()


def _reads_or_says_why(raw: bytes, format: str) -> None:
    try:
        found = read(raw, "q", format=format)
    except WenyuanError as error:
        assert "\n" not in str(error)
        return
    identifiers = [row.id for row in found.rows]
    assert len(set(identifiers)) == len(identifiers)
    for row in found.rows:
        json.dumps([row.id, row.question, row.extra], ensure_ascii=False).encode()
    assert len(found.fingerprint) == 64
