from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pytest

from rag.answers import Answer, AnswerPassage, AnswerSentence, Citation, ModelNames, Timings
from rag.batch.journal import Journal, Record, journal_path, open_journal
from rag.batch.plan import Plan
from rag.batch.questions import QuestionList, read_questions
from rag.batch.writing import neutral, write_answers, writer_for
from rag.errors import BatchError

EVIL = "<script>alert(1)</script>"
QUESTIONS = """编号,问题,部门,answer
a,签约金额是多少？,=1+1,gold
b,签约金额是多少?,招商,
c,<b>地铁</b>什么时候开通？,+86 139,x
d,,-5,y
e,Who?,@SUM(A1),"two
lines"
f,为什么失败？,plain,
"""


def answer(question: str, *, refused: bool = False) -> Answer:
    quote = f"金额3400\n万元{EVIL}"
    return Answer(
        id="a",
        question=question,
        standalone_question="长葛的签约金额是多少？",
        answer="抱歉，资料中没有。" if refused else "=3400万元[1]，见[9]。",
        refused=refused,
        reason="not_in_passages" if refused else None,
        sentences=[AnswerSentence(text="=3400万元", citations=[1], supported=True, problems=[])],
        citations=[]
        if refused
        else [Citation(n=1, doc=f"{EVIL}.txt", title="报告", start=3, end=9, quote=quote)],
        passages=[AnswerPassage(doc="b.txt", start=0, end=5, score=0.5, text=f"段落{EVIL}\x1b[31m")],
        timings=Timings(total_s=1.25),
        models=ModelNames(embedder="E", generator="G"),
    )


@contextmanager
def answered(output: Path, *, through: str = "f") -> Iterator[tuple[Plan, Journal, QuestionList]]:
    """A batch of which the questions up to the id ``through`` were asked."""
    found = read_questions(QUESTIONS.encode(), "q.csv")
    plan = Plan(found.rows)
    with open_journal(output, {"questions": found.fingerprint}) as journal:
        for question in plan.questions:
            if question.id <= through and journal.outcome(question.row) is None:
                one = answer(question.question, refused="地铁" in question.question)
                context = ((f"上文\n前{EVIL}", "金额3400万元", f"后&\n下文{EVIL}"),)
                failed = question.id == "f"
                journal.append(
                    Record(
                        row=question.row,
                        answer=None if failed else one,
                        contexts=() if failed or one.refused else context,
                        error=f"it failed {EVIL}" if failed else None,
                    )
                )
        yield plan, journal, found


Written = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Write the batch in the format of a name."""

    def write(name: str) -> Path:
        output = tmp_path / name
        with answered(output) as (plan, journal, found):
            write_answers(output, plan, journal, found.columns)
        return output

    return write


def test_json_lines_have_the_shape_of_rag_ask(written: Written) -> None:
    lines = [json.loads(line) for line in written("a.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["id"] for line in lines] == ["a", "b", "c", "d", "e", "f"]
    for line in (lines[0], lines[1], lines[2], lines[4]):
        Answer.model_validate(line)
    assert lines[1] == {**lines[0], "id": "b", "question": "签约金额是多少?"}, "a copy in its own words"
    assert lines[3] == {
        "id": "d",
        "row": 5,
        "question": "",
        "error": "the question is empty: say what to ask",
    }
    assert list(lines[5]) == ["id", "row", "question", "error"]


def test_csv_opens_in_excel_with_its_chinese_and_no_formula(written: Written) -> None:
    raw = written("a.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert list(rows[0])[:4] == ["id", "question", "部门", "answer (input)"]
    assert [row["id"] for row in rows] == ["a", "b", "c", "d", "e", "f"]
    assert rows[0]["部门"] == "'=1+1"
    assert rows[2]["部门"] == "'+86 139"
    assert rows[3]["部门"] == "-5"
    assert rows[4]["部门"] == "'@SUM(A1)"
    assert rows[4]["answer (input)"] == "two\nlines"
    assert rows[0]["answer"] == "'=3400万元[1]，见[9]。"
    assert rows[0]["answer (input)"] == "gold"
    assert rows[0]["sources"] == f"[1] {EVIL}.txt (3–9): 金额3400 万元{EVIL}"
    assert (rows[0]["refused"], rows[2]["refused"], rows[2]["reason"]) == ("no", "yes", "not_in_passages")
    assert "empty" in rows[3]["error"]
    for row in rows:
        for cell in row.values():
            assert cell == neutral(cell)


def test_a_spreadsheet_holds_nothing_but_text(written: Written) -> None:
    book = openpyxl.load_workbook(written("a.xlsx"))
    sheet = book.active
    assert sheet is not None
    rows = list(sheet.iter_rows())
    assert [cell.value for cell in rows[0]][:4] == ["id", "question", "部门", "answer (input)"]
    assert rows[1][2].value == "=1+1"
    assert rows[1][2].data_type == "s"
    assert rows[1][2].quotePrefix
    assert rows[1][4].value == "=3400万元[1]，见[9]。"
    assert {cell.data_type for row in rows for cell in row} <= {"s", "inlineStr"}
    assert len(rows) == 7


def test_control_characters_and_long_texts_do_not_break_a_spreadsheet(tmp_path: Path) -> None:
    found = read_questions(
        json.dumps({"question": "x", "note": "a\x00\x1b" + "许" * 40_000}).encode(), "q.jsonl"
    )
    output = tmp_path / "a.xlsx"
    with open_journal(output, {}) as journal:
        journal.append(Record(row=1, error="no"))
        write_answers(output, Plan(found.rows), journal, found.columns)
    sheet = openpyxl.load_workbook(output).active
    assert sheet is not None
    assert str(sheet["C2"].value).startswith("a许")


@pytest.mark.parametrize(
    "text", ["=1", "+a", "-a", "@a", "\ta", "\r", "＝1", "＋a", "－a", "＠a", "+1+1", "-1-cmd"]
)
def test_what_looks_like_a_formula_is_marked(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-5", "+3.2", "-1,000", "-5%", "许昌", "a=b", " =1", "'=1"])
def test_what_is_none_stays(text: str) -> None:
    assert neutral(text) == text


class _Page(HTMLParser):
    """Collects the elements of a page, their attributes and their text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.marked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self.tags[-1:] == ["mark"]:
            self.marked.append(data)
            self.tags.append("")


def test_the_report_escapes_everything(written: Written) -> None:
    text = written("a.html").read_text(encoding="utf-8")
    page = _Page(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "<script" not in text.lower()
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert any(EVIL in shown for shown in page.texts), "it is there to be read"
    assert "\x1b" not in text


def test_the_report_needs_nothing_but_itself(written: Written) -> None:
    text = written("a.html").read_text(encoding="utf-8")
    page = _Page(text)
    targets = {value for name, value in page.attributes if name == "id"}
    for name, value in page.attributes:
        assert name != "src"
        if name == "href":
            assert value.startswith("#")
            assert value[1:] in targets
    assert not re.search(r"url\(|@import|https?:", text)
    assert "default-src 'none'" in text
    assert "width=device-width" in text
    assert "prefers-color-scheme:dark" in text
    assert 'lang="zh-Hans"' in text


def test_the_report_shows_answers_refusals_errors_and_sources(written: Written) -> None:
    text = written("a.html").read_text(encoding="utf-8")
    assert [text.count(f'<article class="{kind}"') for kind in ("answered", "refused", "failed")] == [3, 1, 2]
    page = _Page(text)
    assert page.marked == ["金额3400万元"] * 3
    shown = "".join(page.texts)
    assert f"前{EVIL}金额3400万元后&" in shown, "the quote stands in its context"
    assert "上文" not in shown, "and the context stays on its line"
    assert '<a href="#q2s1">[1]</a>' in text
    assert "[9]" in text
    assert 'href="#q2s9"' not in text
    assert "可能相关" in shown
    assert "6 个问题 · 已回答 3 · 资料中没有答案 1 · 未能作答 2" in shown
    assert "部门: =1+1" in shown


def test_only_what_is_known_is_written(tmp_path: Path) -> None:
    output = tmp_path / "a.jsonl"
    with answered(output, through="a") as (plan, journal, found):
        write_answers(output, plan, journal, found.columns)
    assert [json.loads(line)["id"] for line in output.read_text("utf-8").splitlines()] == ["a", "b", "d"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.xlsx", "a.html"])
def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, name: str, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = written(name)
    before = output.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with (
        answered(output) as (plan, journal, found),
        pytest.raises(BatchError, match="No space left") as caught,
    ):
        write_answers(output, plan, journal, found.columns)
    assert str(journal_path(output)) in str(caught.value)
    assert output.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, f"{name}.journal"]


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.txt"])
def test_an_ending_that_nothing_writes_is_one_line(name: str) -> None:
    with pytest.raises(BatchError, match=r"\.jsonl \.csv \.xlsx \.html"):
        writer_for(Path(name))
