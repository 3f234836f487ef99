"""When and where a text was written, and which years 今年 and 去年 then mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.building import lexical_text
from index.chunking import chunk
from index.cleaning import clean
from index.dating import Dateline, datelines, days, years_meant, years_spelled_out
from index.settings import ChunkingSettings
from index.structure import sections

# The date of every article of the corpus, as a reader finds it in its text.
DATES = {
    "000": ["--12-28", "", "--12-28", "--12-28"],
    "001": ["2024-01-18"] * 5,
    "002": [
        "2023-03-13", "2023-03-13", "2023", "2023", "2023-03-10", "2023-03-12", "2023-03-09", "2023-03-10", "2023",
    ],
    "003": ["--06-03", "", "", ""],
    "004": ["", "2021-07-17", "2020-08-17", "2020-08-17", "2020-09-29"],
}  # fmt: skip


def written(text: str, stated: str = "") -> list[Dateline]:
    """The datelines of a text's articles, in order."""
    cleaned = clean(text).text
    divided = sections(cleaned)
    found = {
        section.article: line
        for section, line in zip(divided, datelines(cleaned, divided, stated), strict=True)
    }
    return list(found.values())


@pytest.mark.parametrize("page", DATES)
def test_every_article_of_the_corpus_is_dated_as_far_as_its_text_says(
    seed_texts: dict[str, str], page: str
) -> None:
    assert [line.date for line in written(seed_texts[page])] == DATES[page]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("新华社北京3月13日电（记者 甲）国家统计局发布数据。", Dateline("--03-13", "北京")),
        ("新華社香港5月8日電（記者甲）行政長官發表聲明。", Dateline("--05-08", "香港")),
        ("本报厦门11月10日电（记者 甲）国际商业航天论坛开幕。", Dateline("--11-10", "厦门")),
        ("新华社记者 甲摄2月12日，选手在比赛后庆祝，全场欢呼不已。", Dateline()),
        ("本报讯（记者 甲）2023年3月10日，图书车开进小区，居民借阅。", Dateline("2023-03-10")),
        ("BEIJING, March 13 (Xinhua) -- Retail sales rose, the bureau said.", Dateline("--03-13", "Beijing")),
        ("本报讯（记者 甲）13月40日，图书车开进小区，居民借阅。", Dateline()),
        ("6月1日起，本市所有公园免费开放，市民可以凭证入园。", Dateline()),
        ("1949年10月17日，部队进入厦门，全市随后成立了委员会。", Dateline()),
        ("", None),
    ],
)
def test_a_dateline_says_when_and_where(text: str, expected: Dateline | None) -> None:
    assert written(text) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    "line",
    [
        "2020年8月17日",
        "（2020 年 8 月 17 日）",
        "发布时间：2020-08-17 09:13",
        "二〇二〇年八月十七日",
        "二○二○年八月十七日",
        "二o二o年八月十七日",
        "中華民國109年8月17日",
        "August 17, 2020",
        "17 August 2020",
        "2020年8月17日在市委全会上",
        "来源：许昌日报 | 2020/8/17",
    ],
)
def test_a_date_on_a_line_of_its_own_dates_what_stands_below(line: str) -> None:
    text = f"在市委全会上的讲话\n\n{line}\n\n同志们，今年以来全市经济稳中向好，各项工作都取得了新的成绩。\n"
    assert written(text)[-1].date == "2020-08-17"


@pytest.mark.parametrize("line", ["二〇二〇年三四月五日", "二〇二〇年三月十十日", "二〇二〇年二月三十日"])
def test_a_day_that_no_calendar_has_dates_nothing(line: str) -> None:
    assert (
        written(f"在市委全会上的讲话\n\n{line}\n\n同志们，全市经济稳中向好，成绩来之不易。\n")[-1].date == ""
    )


def test_the_masthead_dates_the_page_and_gives_its_datelines_their_year() -> None:
    page = (
        "许昌日报 2023年1月2日 星期一\n\n本报讯（记者 甲）12月30日，图书车开进东湖小区，居民借阅了图书。\n\n"
        "图书车开进东湖小区\n\n"
        "本报讯（记者 乙）近日，食品行业产销对接会在长葛举行，签约了多个项目。\n\n食品行业产销对接会举行\n"
    )
    assert [line.date for line in written(page)][-2:] == ["2022-12-30", "2023-01-02"]


def test_a_page_with_two_mastheads_has_no_date_of_its_own() -> None:
    page = "会议开幕，甲主持。\n\n2023年6月4日 星期日\n\n会议闭幕，乙主持。\n\n2023年6月5日 星期一\n"
    assert written(page)[0].date == ""


def test_the_date_that_the_format_gives_dates_what_has_none_of_its_own() -> None:
    text = "图书车开进东湖小区，居民借阅了许多图书，大家都很高兴。\n"
    assert written(text, "2023-03-13T08:00:00+08:00")[0].date == "2023-03-13"
    assert written(text, "2023")[0].date == "2023"
    assert written(text, "soon")[0].date == ""
    dated = "在市委全会上的讲话\n\n（2020年8月17日）\n\n同志们，今年以来全市经济稳中向好，成绩来之不易。\n"
    assert written(dated, "2023-03-13")[0].date == "2020-08-17"


@given(
    st.text(st.sampled_from("20231年月日电本报讯新华社北京记者（），。-/\n甲 "), max_size=80)
    | st.lists(st.sampled_from([*"〇二三十年月日\n", "二〇二〇年", "三月", "五日"]), max_size=12).map(
        "".join
    ),
    st.text(max_size=12),
)
def test_whatever_stands_in_a_text_a_date_is_one_of_the_calendar(text: str, stated: str) -> None:
    for line in written(text, stated):
        if line.date.startswith("--"):
            date.fromisoformat(f"2000{line.date[1:]}")
        elif line.date:
            assert days(line.date)


@pytest.mark.parametrize(
    ("stated", "first", "last"),
    [
        ("2023-03-13", date(2023, 3, 13), date(2023, 3, 13)),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28)),
        ("2023-12", date(2023, 12, 1), date(2023, 12, 31)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_a_short_date_covers_all_of_its_days(stated: str, first: date, last: date) -> None:
    assert days(stated) == (first, last)


@pytest.mark.parametrize("stated", ["", "--03-13", "2023-13", "2023-02-30", "0000", "20230313", "today"])
def test_what_is_no_date_with_a_year_covers_no_days(stated: str) -> None:
    assert days(stated) is None


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("今年中心城区计划实施园林绿化项目62项。", {2021}),
        ("去年以来，新增城镇就业1.4万人。", {2020}),
        ("前年完成投资168亿元，明年力争翻番。", {2019, 2022}),
        ("生产总值比去年增长5%。", set()),
        ("她打破自己去年创下的1小时19分。", set()),
        ("老王说，自己去年收入12万元。", {2020}),
        ("今年上半年，生产总值较去年增长5%。", {2021}),
        ("截至目前年产值达到50亿元。", set()),
        ("如今年轻人都来了。", set()),
        ("Last year 5,070 jobs were created.", {2020}),
    ],
)
def test_relative_years_mean_those_of_the_day_of_writing(text: str, meant: set[int]) -> None:
    assert years_meant(text, 2021) == meant
    assert years_meant(text, None) == set()


def test_a_question_with_the_year_finds_what_says_去年(seed_texts: dict[str, str]) -> None:
    pieces = chunk("004", clean(seed_texts["004"]), ChunkingSettings())
    (said,) = (piece for piece in pieces if "去年亩均税收达48万" in piece.text)
    assert said.dateline.date == "2020-08-17"
    assert "2019年" not in said.text
    assert "2019年" in lexical_text(said)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("去年底开工，今年9月底通车，明年见效。", "2024年底开工，2025年9月底通车，2026年见效。"),
        ("本年度比去年多。", "2025年度比去年多。"),
        (
            "日本年产、现今年轻人、过去年均、大前年、文明年、本年级",
            "日本年产、现今年轻人、过去年均、大前年、文明年、本年级",
        ),
        ("《今年夏天》今年上映。", "《今年夏天》2025年上映。"),
    ],
)
def test_years_are_spelled_out_where_they_are_years(text: str, spelled: str) -> None:
    assert years_spelled_out(text, 2025) == spelled
