"""Which years texts name."""

from __future__ import annotations

import pytest

from rag.years import (
    base_year,
    compares_with_the_year_before,
    is_only_compared_with,
    without_year,
    years,
    years_of_matter,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("许昌市2023年新增城镇就业多少人？", {2023}),
        ("許昌市2023 年", {2023}),
        ("１９９８年", {1998}),
        ("2021—2030年", set(range(2021, 2031))),
        ("2021-2030年", set(range(2021, 2031))),
        ("2020至2025年", set(range(2020, 2026))),
        ("2022、2023年", {2022, 2023}),
        ("2022和2023年", {2022, 2023}),
        ("二〇三五年", {2035}),
        ("二〇二一—二〇三五年", set(range(2021, 2036))),
        ("二○二三年", {2023}),
        ("二O二一—二O三五年", set(range(2021, 2036))),
        ("二〇二一和二〇二二两年", {2021, 2022}),
        ("二〇二一至二〇二二学年", {2021, 2022}),
        ("一八九八年", {1898}),
        ("一二三四年级", set()),
        ("一九四九年", {1949}),
        ("How many projects did Xuchang plan for 2023?", {2023}),
        ("It opened in 2023.", {2023}),
        ("On June 3, 2023, he spoke.", {2023}),
        ("2022 and 2023", {2022, 2023}),
        ("2023-06-03", {2023}),
        ("中華民國107年5月1日", {2018}),
        ("民國 98 年", {2009}),
        ("海嵐縣106年的外籍旅客有多少人次？", {2017}),
        ("107年度總決算", {2018}),
        ("107年來訪遊客達612萬人次，較106年成長4.3%", {2017, 2018}),
        ("民國105、106年的旅客各有多少人次？", {2016, 2017}),
        ("105-107年", {2016, 2018}),
    ],
)
def test_years_are_found_however_they_are_written(text: str, expected: set[int]) -> None:
    assert years(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2024万元",
        "2025人",
        "2000多人",
        "2,023",
        "12023年",
        "完成适老化改造2766户",
        "20234",
        "23年",
        "1999.57亿元",
        "建校110年",
        "已有110年的历史",
        "117年来最高",
        "西元117年",
        "第100年",
        "提高到100年一遇",
        "一棵110年的老槐树",
        "距今已110年",
        "时隔110年",
        "有着110年办学历史",
        "到101年之后",
    ],
)
def test_amounts_are_no_years(text: str) -> None:
    assert years(text) == set()


def test_the_year_of_a_report_or_a_meeting_is_not_that_of_its_matter() -> None:
    assert years_of_matter("按2021年政府工作报告的口径，“十三五”期间年均增速是多少？") == set()
    assert years_of_matter("2022年12月28日的市政府常务会议由谁主持？") == set()
    assert years_of_matter("2021年政府工作报告说2020年新增就业多少人？") == {2020}
    assert years_of_matter("Which company was named, per the 2021 government work report?") == set()
    assert years_of_matter("2023年初市长说去年有两件实事没办完，是哪两件？") == {2022}
    assert years_of_matter("2024年初的预算报告里，去年市本级的收入是多少？") == {2023}
    assert years_of_matter("2024年1月的报告说今年要新增就业多少人？") == {2024}
    assert years_of_matter("宁阜去年（2018年）投入多少扶贫资金？") == {2018}
    assert years_of_matter("2023年1月当选的校长前年在哪工作？") == {2023}
    assert years_of_matter("2023年初中毕业生去年有多少？") == {2023}
    assert years_of_matter("How many people came to the 2019 conference?") == {2019}
    assert years_of_matter("2021年政府工作报告里，2020年比去年增加了多少？") == {2020}
    assert years_of_matter("长葛2020年全年新增城镇就业多少人？") == {2020}
    assert years_of_matter("2020年可能是1994年以来最难的一年，是什么造成的？") == {2020}
    assert years_of_matter("2015年以来长葛新建了几所学校？") == {2015}
    assert years_of_matter("照2020年9月讲的目标，要到哪一年达到现代化水平？") == set()
    assert years_of_matter("In which year did sales pass those of 2020?") == set()
    assert years_of_matter("2020年哪年级的学生最多？") == {2020}
    assert years_of_matter("2020年人口普查哪一年龄段占比最高？") == {2020}
    assert years_of_matter("2020年以来优良天数比2019年增加多少天？") == {2019, 2020}
    assert years_of_matter("2015年以来到2020年新建了几所学校？") == {2015, 2020}


@pytest.mark.parametrize(
    ("question", "year"),
    [
        ("长葛2020年高考一本上线人数比2017年多了多少？", 2017),
        ("2021年的生产总值較2020年增長了多少？", 2020),
        ("2022年与2021年相比增加了几家？", 2021),
        ("How many more students passed than in 2017?", 2017),
        ("2020年高考一本上线多少人？", None),
        ("2020年和2017年各是多少？", None),
        ("占比2020年是多少？", None),
    ],
)
def test_the_year_that_a_question_compares_with(question: str, year: int | None) -> None:
    assert base_year(question) == year


@pytest.mark.parametrize(
    ("text", "compares"),
    [("较上年增加127人", True), ("同比增長5%", True), ("比2017年增加229人", False), ("增加229人", False)],
)
def test_what_is_compared_with_the_year_before(text: str, compares: bool) -> None:
    assert compares_with_the_year_before(text) is compares


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("2023年新增城镇就业多少人？", "新增城镇就业多少人？"),
        ("許昌去年(2023年)做了多少戶適老化改造?", "許昌做了多少戶適老化改造?"),
        ("截至2023年，許昌全市有多少家高新技術企業？", "許昌全市有多少家高新技術企業？"),
        ("截至2023年底有多少家？", "年底有多少家？"),
        ("许昌 2023年全年 GDP增速 百分之几", "许昌 全年 GDP增速 百分之几"),
        ("2023年3月10日在哪开会？", "3月10日在哪开会？"),
        ("二〇二三年新增就业多少？", "新增就业多少？"),
        ("How many projects did Xuchang plan for 2023?", "How many projects did Xuchang plan?"),
        ("In 2023, how many people were employed?", "how many people were employed?"),
        ("2022年的和12023项", "2022年的和12023项"),
        ("2023年初中毕业生有多少？", "初中毕业生有多少？"),
        ("2023年年底有几家？", "年底有几家？"),
        # where it is a part of something else
        ("2023年以前许昌有几家？", "2023年以前许昌有几家？"),
        ("2023-2024学年有几人？", "2023-2024学年有几人？"),
        ("许政〔2023〕15号说什么？", "许政〔2023〕15号说什么？"),
        ("比2023年增长多少？", "比2023年增长多少？"),
        ("What happened since 2023?", "What happened since 2023?"),
    ],
)
def test_a_question_without_its_year(question: str, expected: str) -> None:
    assert without_year(question, 2023) == expected


def test_the_year_that_a_claim_is_about_is_not_asked_about() -> None:
    assert years_of_matter("梆子戏是2012年列入国家级非遗的吧？") == set()
    assert years_of_matter("水库是2021年11月16日开工的对吧，帮我核实一下开工日期") == set()
    assert years_of_matter("许昌是在2019年通车的吗？") == set()
    assert years_of_matter("2012年列入国家级非遗的是梆子戏吗？") == {2012}
    assert years_of_matter("许昌是2019年脱贫的吧，那年脱贫了多少人？") == {2019}
    assert years_of_matter("收入612亿元是2022年的吗？") == {2022}
    assert years_of_matter("2019年的生产总值是2012年的两倍吗？") == {2019, 2012}


@pytest.mark.parametrize(
    ("question", "said", "source", "only_compared"),
    [
        ("2021年工业增加值是多少？", "612亿元", "2022年工业增加值612亿元，较2021年增长4.3%。", True),
        ("2021年产值是多少？", "612亿元", "2022年产值612亿元，与2021年相比增长4.3%。", True),
        ("2021年产值是多少？", "586.8亿元", "2022年产值612亿元，较2021年（586.8亿元）增长4.3%。", False),
        ("2020年以来粮食产量提高了多少？", "3.2万吨", "2022年粮食产量比2020年提高3.2万吨。", False),
        ("游客恢复到2019年的百分之几？", "112%", "高于2019年，恢复度为112%。", False),
        ("2021年产值是多少？", "586.8亿元", "2021年产值586.8亿元，较2020年增长5%。", False),
    ],
)
def test_what_a_year_is_only_compared_with(
    question: str, said: str, source: str, only_compared: bool
) -> None:
    assert is_only_compared_with(question, said, source) == only_compared
