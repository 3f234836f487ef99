from __future__ import annotations

import pytest

from rag.evaluation.matching import holds, holds_plainly, segments, value_tokens


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("共有1481人参加", "1,481"),
        ("一千四百八十一人", "1481"),
        ("新增就业5.04萬人", "50400"),
        ("50,400 people", "5.04万"),
        ("占地2.8万亩", "2.8 万亩"),
        ("增长百分之七点七", "7.7%"),
        ("年均增长8%", "8.0%"),
        ("東湖翡翠小區。", "东湖翡翠小区"),
        ("《商君书》", "商君书"),
        ("共四次", "4次"),
        ("共4次", "四次"),
        ("四次", "四次"),
        ("There were four of them.", "4"),
        ("于九月份竣工", "9月"),
        ("2020年8月17日召开", "8月17日"),
        ("ＡＢＣ公司", "abc公司"),
        ("62 greening projects", "62"),
        ("好评率95.56%", "95.56"),
    ],
)
def test_the_same_said_otherwise_is_held(text: str, wanted: str) -> None:
    assert holds(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("占地2.8万亩", "28亩"),
        ("占地28亩", "2.8万亩"),
        ("占地2.8万亩", "8万亩"),
        ("增长7.7", "7.7%"),
        ("占7.7%", "7.7亩"),
        ("11月3日", "1月3日"),
        ("3400万元", "3400"),
        ("一些人", "1"),
        ("一个人", "1"),
        ("a party", "art"),
        ("1623人", "62"),
        ("", "62"),
        ("张晓", "张晓丽"),
    ],
)
def test_something_else_is_not_held(text: str, wanted: str) -> None:
    assert not holds(text, wanted)


def test_only_symbols_are_compared_as_they_stand() -> None:
    assert holds("A → B", "→")
    assert not holds("A B", "→")
    assert not holds("A B", " ")


def test_plain_containment_is_by_letters() -> None:
    assert holds_plainly("共 1,481 人", "1481人")
    assert holds_plainly("占地2.8万亩", "8万亩"), "which is why the other rule is the one that counts"
    assert not holds_plainly("50400", "5.04万")


def test_segments_are_characters_words_and_numbers() -> None:
    assert segments("《戰國無雙3》是ω-Force開發的，共1,481.5個。") == [
        *"战国无双",
        "3",
        "是",
        "ω",
        "force",
        *"开发的共",
        "1,481.5",
        "个",
    ]
    assert segments("，。！") == []


def test_values_take_the_place_of_numbers() -> None:
    assert value_tokens("5.04万人，占7.70%") == ["#50400", "人", "占", "#7.7%"]
