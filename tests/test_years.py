from __future__ import annotations

import pytest

from rag.years import speaks_of_other_years, years


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("许昌市2023年新增城镇就业多少人？", {2023}),
        ("許昌市2023 年", {2023}),
        ("１９９８年", {1998}),
        ("2021—2030年", {2021, 2030}),
        ("2021-2030年", {2021, 2030}),
        ("2020至2025年", {2020, 2025}),
        ("2022、2023年", {2022, 2023}),
        ("2022和2023年", {2022, 2023}),
        ("二〇三五年", {2035}),
        ("二〇二一—二〇三五年", {2021, 2035}),
        ("一九四九年", {1949}),
        ("How many projects did Xuchang plan for 2023?", {2023}),
        ("It opened in 2023.", {2023}),
        ("On June 3, 2023, he spoke.", {2023}),
        ("2022 and 2023", {2022, 2023}),
        ("2023-06-03", {2023}),
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
    ],
)
def test_amounts_are_no_years(text: str) -> None:
    assert years(text) == set()


def test_a_sentence_of_another_year_is_told_from_one_of_the_year_asked_for() -> None:
    assert speaks_of_other_years({2023}, ["2022年，新增就业5万人。"])
    assert not speaks_of_other_years({2023}, ["2023年，新增就业5万人。"])


def test_a_sentence_without_a_year_is_judged_by_what_is_around_it() -> None:
    sentence = "新增就业5万人。"
    assert speaks_of_other_years({2023}, [sentence, "2022年工作总结", ""])
    assert not speaks_of_other_years({2023}, [sentence, "2022年工作总结", "2023年计划"])


def test_where_no_year_is_named_or_asked_for_none_is_another() -> None:
    assert not speaks_of_other_years({2023}, ["新增就业5万人。", ""])
    assert not speaks_of_other_years(set(), ["2022年，新增就业5万人。"])
