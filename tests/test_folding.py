"""What makes a question match a document in the other script, width or case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cleaning import clean
from index.folding import fold, is_traditional, search_tokens, to_simplified, to_traditional


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("許昌市委經濟工作會議", "许昌市委经济工作会议"),
        ("智慧製造有限公司生産車間", "智慧制造有限公司生产车间"),
        ("高品質建設城鄉融合共同富裕先行試驗區", "高品质建设城乡融合共同富裕先行试验区"),
        ("史根治説", "史根治说"),
    ],
)
def test_both_scripts_fold_alike(traditional: str, simplified: str) -> None:
    assert fold(traditional) == fold(simplified) == simplified
    assert search_tokens(traditional) == search_tokens(simplified)


def test_the_traditional_seed_and_its_simplified_copy_fold_alike(seed_texts: dict[str, str]) -> None:
    assert fold(to_simplified(seed_texts["001"])) == fold(seed_texts["001"])


def test_width_and_case_make_no_difference() -> None:
    assert fold("ＡＢＣ１２３％") == fold("abc123%") == "abc123%"
    assert search_tokens("ＰＹＴＨＯＮ ３．１１") == search_tokens("Python 3.11")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_folding_any_text_gives_tokens_without_white_space(text: str) -> None:
    assert all(token and not any(c.isspace() for c in token) for token in search_tokens(text))


@given(st.text(st.sampled_from("图书車馆會ＡaＢ１2，。 "), max_size=60))
def test_folded_text_folds_to_itself(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_year_is_the_same_however_its_zeros_are_typed() -> None:
    assert {fold(year) for year in ("二〇二三年", "二○二三年", "二O二三年", "二o二三年")} == {"二〇二三年"}
    assert fold("○一般公共预算") == "○一般公共预算", "a bullet is no zero"


def test_chinese_becomes_overlapping_pairs_and_a_lone_character_stays() -> None:
    assert search_tokens("图书馆") == ["图书", "书馆"]
    assert search_tokens("车") == ["车"]
    assert search_tokens("图书，车") == ["图书", "车"]


def test_letter_spacing_in_a_question_does_not_hurt() -> None:
    assert search_tokens("图 书 馆") == search_tokens("图书馆")


def test_a_line_break_inside_a_word_does_not_hurt() -> None:
    assert search_tokens("图书\n馆") == search_tokens("图书馆")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("1,234,567元", ["1234567", "元"]),
        ("１，２３４元", ["1234", "元"]),
        ("861.47亩", ["861.47", "亩"]),
        ("办结率100%", ["办结", "结率", "100%"]),
        ("2023年", ["2023", "年"]),
    ],
)
def test_numbers_are_one_token_without_thousands_separators(text: str, tokens: list[str]) -> None:
    assert search_tokens(text) == tokens


def test_latin_words_stand_whole_between_chinese() -> None:
    assert search_tokens("用Python写API文档") == ["用", "python", "写", "api", "文档"]


def test_punctuation_alone_has_no_tokens() -> None:
    assert search_tokens("——“”。！？ _ …") == []


def test_the_script_of_each_seed_is_recognised(seed_texts: dict[str, str]) -> None:
    found = {number: is_traditional(text) for number, text in seed_texts.items()}
    assert found == {"000": False, "001": True, "002": False, "003": False, "004": False}


def test_text_without_chinese_is_not_traditional() -> None:
    assert not is_traditional("Which meeting was held on 28 December?")
    assert not is_traditional("")


def test_a_traditional_question_is_recognised() -> None:
    assert is_traditional("會議什麼時候召開？")
    assert not is_traditional("会议什么时候召开？")


@pytest.mark.parametrize(
    ("simplified", "traditional"),
    [("转换发展动能", "轉換發展動能"), ("头发展示会", "頭髮展示會"), ("理发店的发展", "理髮店的發展")],
)
def test_development_has_no_hair(simplified: str, traditional: str) -> None:
    assert to_traditional(simplified) == traditional


def test_conversion_to_traditional_reads_as_traditional(seed_texts: dict[str, str]) -> None:
    paragraph = clean(seed_texts["000"]).text[:400]
    assert is_traditional(to_traditional(paragraph))
