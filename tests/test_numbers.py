from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.numbers import numbers

AMOUNTS = st.integers(min_value=0, max_value=10**12)


def values(text: str) -> list[tuple[Decimal, bool]]:
    return [(number.value, number.percent) for number in numbers(text)]


def one(text: str) -> tuple[Decimal, bool]:
    found = values(text)
    assert len(found) == 1, f"{text!r} gave {found}"
    return found[0]


def in_chinese(value: int) -> str:
    """Write a number as Chinese numerals, with 零 wherever places are left out."""
    if value == 0:
        return "零"
    groups = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    written, gap = "", False
    for place in reversed(range(len(groups))):
        group = groups[place]
        if group:
            zero = "零" if written and (gap or group < 1000) else ""
            written += zero + _group(group) + ("", "万", "亿", "万亿")[place]
        gap = group == 0
    return written


def _group(value: int) -> str:
    written, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            written += ("零" if gap and written else "") + "零一二三四五六七八九"[digit] + name
        gap = digit == 0
    return written


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1,481", "1481"),
        ("1481", "一千四百八十一"),
        ("5.04万", "50400"),
        ("5.04萬人", "5.04万"),
        ("50.4 thousand", "50,400"),
        ("3400万元", "34 million yuan"),
        ("3400 万元", "3400万元"),  # as the PDF of seeds/002 sets it
        ("３４００", "3400"),
        ("１，４８１", "1481"),
        ("百分之五", "5%"),
        ("百分之三点五", "3.5 percent"),
        ("百分之百", "100%"),
        ("二〇三五", "2035"),
        ("二零二三年", "2023年"),
        ("两千", "2000"),
        ("十二", "12"),
        ("三万亿", "3万亿"),
        ("零点五万", "5000"),
        ("1亿2000万", "1.2亿"),
        ("1万2000", "12000"),
        ("一百五", "150"),
        ("一百零五", "105"),
        ("7.70%", "7.7%"),
    ],
)
def test_one_quantity_written_in_two_ways_is_one_number(first: str, second: str) -> None:
    assert one(first) == one(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2.8万亩", "28亩"),
        ("2.8万亩", "2.8亩"),
        ("7.7%", "7.7"),
        ("百分之十五", "15"),
        ("5.04万", "5.04亿"),
        ("3400元", "3400万元"),
        ("一万五", "一万零五"),
        ("十四五", "十三五"),  # the names of two plans
    ],
)
def test_two_quantities_that_look_alike_stay_two(first: str, second: str) -> None:
    assert one(first) != one(second)


def test_a_date_is_its_parts() -> None:
    assert values("6月3日") == [(Decimal(6), False), (Decimal(3), False)]
    assert values("2022年12月28日") == [(Decimal(n), False) for n in (2022, 12, 28)]


def test_a_month_by_name_is_its_number_but_the_verb_may_is_none() -> None:
    assert values("June 3, 2023") == values("2023年6月3日")[1:] + values("2023")
    assert values("in May 2023")[0] == (Decimal(5), False)
    assert values("It may rain.") == []


@pytest.mark.parametrize(
    "words",
    [
        "一定",
        "一方面",
        "五要",
        "万一",
        "一是",
        "千方百计",
        "十要",
        "几百",
        "数千",
        "几十万",
        "两三百",
        "百分之",
    ],
)
def test_words_with_numerals_in_them_are_no_numbers(words: str) -> None:
    assert values(f"我们{words}，做好工作") == []


def test_a_lone_chinese_numeral_is_not_taken_for_a_number() -> None:
    assert values("三所小学、二是、第一") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500㎡", ["500"]),
        ("500 m²", ["500"]),
        ("PM2.5", ["2.5"]),
        ("100千米", ["100"]),
        ("500千伏", ["500"]),
        ("上午八点三十分", ["30"]),
        ("2021，2022", ["2021", "2022"]),  # no thousands: the groups are too long
        ("2023 万众一心", ["2023"]),
        ("投入5万2023年完工", ["50000", "2023"]),
    ],
)
def test_units_times_and_lists_do_not_change_a_number(text: str, expected: list[str]) -> None:
    assert values(text) == [(Decimal(value), False) for value in expected]


def test_numbers_keep_how_they_are_written_and_their_order() -> None:
    text = "园林绿化项目六大类62项，将新增绿化面积861.47亩、绿道18.85公里，投资一千四百八十一万元"
    assert [number.text for number in numbers(text)] == ["62", "861.47", "18.85", "一千四百八十一万"]


def test_numbers_of_a_real_sentence_survive_the_change_of_script(seed_texts: dict[str, str]) -> None:
    line = next(line for line in seed_texts["001"].splitlines() if "新增城鎮就業" in line)
    assert (Decimal(50400), False) in values(line)


@given(AMOUNTS)
def test_any_integer_is_the_same_plain_with_separators_and_in_wan_or_yi(value: int) -> None:
    expected = (Decimal(value), False)
    wan, yi = Decimal(value) / 10_000, Decimal(value) / 100_000_000
    for written in (f"{value}", f"{value:,}", f"{wan:f}万", f"{yi:f}亿", f"{value}元", f"共{value:,}人"):
        assert one(written) == expected, written


@given(st.integers(min_value=10, max_value=10**12))
def test_any_integer_in_chinese_numerals_has_its_value(value: int) -> None:
    written = in_chinese(value)
    if len(written) > 1:
        assert one(written) == (Decimal(value), False), written


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    for number in numbers(text):
        assert number.value.is_finite()


@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿点分之几0123456789,. %千mMay年月日", max_size=30))
def test_no_heap_of_numerals_makes_it_fail(text: str) -> None:
    for number in numbers(text):
        assert number.value.is_finite()


@pytest.mark.parametrize(
    "text", ["1" + "亿" * 150_000, "一" + "亿" * 150_000, "9" * 5000, "三点" + "五" * 5000]
)
def test_absurdly_long_numbers_are_no_error(text: str) -> None:
    assert all(number.value.is_finite() for number in numbers(text))
