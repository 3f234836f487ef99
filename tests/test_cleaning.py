"""What a user relies on when extracted text is mended: nothing is lost, and every place can be found again."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.cleaning import clean

MIXED = (
    "的奋斗路一二，。；：？“”（）《》— -\n\n\r\t\f 　\xa0\u2028\x1caBcz.,!'#|12３年第页%𠮷〇攝"
    + "\u200b\u00ad\ufeff\x00"
)
mixed_text = st.text(alphabet=st.sampled_from(MIXED), max_size=120)
any_text = st.one_of(mixed_text, st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
DIGITS_AND_PAGES = re.compile(r"[\d\f]")


def visible(text: str) -> str:
    """The characters that can be seen: no white space, no control and format characters."""
    return "".join(c for c in text if not c.isspace() and unicodedata.category(c) not in ("Cc", "Cf", "Cn"))


# --- offsets ---------------------------------------------------------------------------------------------


@given(any_text)
@example("\ufeff\n\n报")
@example("a\n\n\u200b\n\nb")
def test_every_cleaned_character_is_the_original_character_at_its_offset(text: str) -> None:
    cleaned = clean(text)
    offsets = cleaned.offsets.tolist()
    assert len(offsets) == len(cleaned.text)
    assert all(a < b for a, b in pairwise(offsets))
    for character, offset in zip(cleaned.text, offsets, strict=True):
        assert character == text[offset] or (character in " \n" and text[offset].isspace())


@given(any_text, st.data())
def test_a_span_of_cleaned_text_finds_its_way_to_the_original_and_back(
    text: str, data: st.DataObject
) -> None:
    cleaned = clean(text)
    if not cleaned.text:
        return
    start = data.draw(st.integers(0, len(cleaned.text) - 1))
    end = data.draw(st.integers(start + 1, len(cleaned.text)))
    original_start, original_end = cleaned.original_span(start, end)
    assert 0 <= original_start < original_end <= len(text)
    assert cleaned.cleaned_span(original_start, original_end) == (start, end)


def test_a_span_of_the_original_that_cleaning_dropped_is_empty_in_the_cleaned_text() -> None:
    cleaned = clean("图 书 流 动\n\n\n\n服务")
    assert cleaned.text.startswith("图书流动")
    start, end = cleaned.cleaned_span(1, 2)
    assert start == end


# --- nothing is lost, nothing is invented ----------------------------------------------------------------


@given(any_text)
def test_only_hyphens_at_line_ends_and_invisible_characters_are_lost_where_there_are_no_page_numbers(
    text: str,
) -> None:
    text = DIGITS_AND_PAGES.sub("", text)
    cleaned = clean(text)
    kept = set(cleaned.offsets.tolist())
    for offset, character in enumerate(text):
        if offset not in kept and visible(character):
            assert character == "-", f"lost {character!r} at {offset} of {text!r}"
            assert re.match(r"-[^\S\n\r]*\s", text[offset:] or "-"), (
                f"lost a hyphen inside a line of {text!r}"
            )


@given(any_text)
def test_page_furniture_goes_as_whole_lines_or_stays(text: str) -> None:
    kept = set(clean(text).offsets.tolist())
    for line in re.finditer("[^\n\r\f\v\u2028\u2029\x85]+", text):
        seen = [i for i in range(line.start(), line.end()) if visible(text[i])]
        if seen and seen[-1] not in kept and text[seen[-1]] == "-":
            seen.pop()  # a hyphen at a line's end may go alone
        lost = [text[i] for i in seen if i not in kept]
        assert not lost or len(lost) == len(seen), f"lost {lost} of the line {line.group()!r}"


@given(any_text)
def test_cleaned_text_has_no_stray_white_space(text: str) -> None:
    cleaned = clean(text).text
    assert cleaned == cleaned.strip()
    assert not re.search(r"[^\S\n ]|  | \n|\n |\n\n\n", cleaned), repr(cleaned)


sentence = st.text(st.sampled_from("图书服务车开进小区居民喜欢一二三，"), min_size=2, max_size=60)


@given(st.lists(sentence.map(lambda words: words.strip("，") + "东。"), min_size=1, max_size=6))
def test_clean_paragraphs_stay_as_they_are(paragraphs: list[str]) -> None:
    text = "\n\n".join(paragraphs)
    assert clean(text).text == text


@pytest.mark.parametrize("number", ["000", "002", "003", "004"])
def test_cleaning_a_page_or_report_twice_changes_nothing_more(
    seed_texts: dict[str, str], number: str
) -> None:
    once = clean(seed_texts[number]).text
    assert clean(once).text == once


@pytest.mark.parametrize("number", ["000", "001", "002", "003", "004"])
def test_no_visible_character_of_the_seeds_is_lost(seed_texts: dict[str, str], number: str) -> None:
    assert visible(clean(seed_texts[number]).text) == visible(seed_texts[number])


@pytest.mark.parametrize("blank", ["", " ", "\n\n\t\n", "\ufeff", "\u200b\n\x00\n"])
def test_text_with_nothing_to_see_is_empty(blank: str) -> None:
    cleaned = clean(blank)
    assert cleaned.text == ""
    assert cleaned.offsets.shape == (0,)


# --- letter spacing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "mended"),
    [
        ("002", "图书流动服务车开进东湖翡翠小区"),
        ("002", "图书流动服务车采用无线上网技术实现许昌市和各县（市、区）图书馆数据互联互通。"),
        ("002", "861.47亩、绿道18.85公里、立体绿化10公里"),
        ("002", "坚持控新治旧防变，打造经济发展的主阵地、主战场、主引擎"),
        ("000", "回望过往的奋斗路，风雨无阻向前进；眺望前方的奋进路，踔厉奋发谱新篇。站在2022年的尾端"),
        ("000", "认真落实“疫情要防住、经济要稳住、发展要安全”重大要求"),
        ("000", "实现城乡融合共同富裕先行试验区建设提质提速提效"),
        ("000", "市委经济工作会议举行"),
        ("000", "把中央、省委决策部署和市委工作安排贯穿3个报告始终，进一步明确目标、细化任务"),
        ("004", "新增高新技术企业18家、隐形冠军企业12家"),
    ],
)
def test_letter_spaced_words_are_closed_up(seed_texts: dict[str, str], number: str, mended: str) -> None:
    assert mended in clean(seed_texts[number]).text


@pytest.mark.parametrize(
    ("number", "kept"),
    [
        ("000", "（记者 王利辉 高伟山）"),
        ("002", "（记者 胡晨）"),
        ("002", "全力以赴拼经济 优化环境护发展"),
        ("000", "史根治主持并讲话 刘涛作工作部署 马正兰王堃等出席"),
        ("003", "王利辉 石冠兵 高伟山"),
    ],
)
def test_spaces_between_names_and_parts_of_headlines_stay(
    seed_texts: dict[str, str], number: str, kept: str
) -> None:
    assert kept in clean(seed_texts[number]).text


def test_spaces_around_latin_words_in_chinese_stay() -> None:
    assert clean("他用 Python 写程序，也用 Rust。").text == "他用 Python 写程序，也用 Rust。"


def test_invisible_characters_do_not_keep_letter_spacing_alive() -> None:
    assert clean("的\u200b 奋\u200b 斗 路").text == "的奋斗路"


# --- lines and columns -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "joined"),
    [
        ("002", "参展客商签订购销合同2300万元。"),
        ("002", "三是在城乡融合共同富裕先行试验区建设方面"),
        ("002", "现场办公协调解决项目推进过程中遇到的困难和问题。"),
        ("002", "观大势、求突破，在危机中育新机、于变局中开新局。"),
        ("000", "回望全年经济工作，我们走过了一条怎样的路？"),
        ("000", "以习近平新时代中国特色社会主义思想为指导，全面贯彻落实党的二十大"),
        ("000", "积极引进知名电商企业设立区域性、功能性总部"),
        ("004", "抢抓豫沪、豫京合作机遇，新签约项目49个"),
        ("003", "统筹推进疫情防控和经济社会发展"),
    ],
)
def test_sentences_broken_by_columns_and_pages_are_joined_over_blank_lines(
    seed_texts: dict[str, str], number: str, joined: str
) -> None:
    assert joined in clean(seed_texts[number]).text


@pytest.mark.parametrize(
    ("number", "line"),
    [
        ("002", "全力以赴拼经济 优化环境护发展"),
        ("002", "图书服务车进小区 助力书香社区建设"),
        ("002", "经开区：奋力开创高质量发展新局面"),
        ("002", "抢抓黄金时节加压奋进"),
        ("000", "锚定目标 勇毅前行"),
        ("000", "市委经济工作会议举行"),
        ("000", "刘涛主持召开市政府常务会议"),
        ("001", "拼的基礎"),
        ("001", "經濟發展穩中向好穩中提質"),
        ("003", "史根治刘涛讲话 马正兰王堃刘保新等参加"),
        ("004", "二、准确把握形势，在融入大局大势中育先机开新局"),
        ("004", "政府工作报告"),
    ],
)
def test_headlines_stay_on_lines_of_their_own(seed_texts: dict[str, str], number: str, line: str) -> None:
    assert line in clean(seed_texts[number]).text.split("\n")


def test_each_news_item_of_the_page_begins_a_paragraph(seed_texts: dict[str, str]) -> None:
    lines = clean(seed_texts["002"]).text.split("\n")
    assert sum(line.startswith("本报讯") for line in lines) == 7
    assert not any("本报讯" in line[1:] for line in lines)


def test_the_traditional_page_keeps_its_paragraphs(seed_texts: dict[str, str]) -> None:
    text = seed_texts["001"].partition("編輯:")[0]  # below stands the site's menu
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    cleaned = [line for line in clean(text).text.split("\n") if line]
    # A photographer's name closes up with 攝; apart from that every line is as it was.
    assert [line.replace(" 攝", "攝") for line in lines] == cleaned


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "到位市外资金341亿元，汀西区以113亿元首次超过东陵区的1\n09亿元，位列全市第一名，增长了百分之十五。",
            "东陵区的109亿元",
        ),
        (
            "该项目分两期建设，总投资六亿五千万元，其中一期投资3.\n8亿元，包括茶博馆、民宿集群、茶工坊和游客中心。",
            "投资3.8亿元",
        ),
        (
            "用户家中不热，可先排气、清洗过滤网，仍无改善再拨打热力服务热线 9\n600315。客服二十四小时在线，随时上门。",
            "热线9600315。",
        ),
        (
            "小麦生产稳定，其中小麦播种面积15.8万亩，亩产447\n.2公斤，总产量7.07万吨，比上年增加。",
            "亩产447.2公斤",
        ),
        (
            "这个村过去一直是负债四十二万元的“空壳村”。201\n7年，县农科所技术员驻村，引进了新的甜瓜品种。",
            "。2017年",
        ),
        (
            "十年一遇的洪水之后，全年一般公共预算收入仍增长1\n0.7%，高于全省平均水平，居全省第三位，再创新高。",
            "增长10.7%",
        ),
    ],
)
def test_a_number_cut_at_the_end_of_a_line_is_whole_again(text: str, whole: str) -> None:
    assert whole in clean(text).text


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("全市经济总量\n2021\n15.02亿元\n2022\n16亿元", "202115"),
        ("学校名称\n教职工 32\n12个班\n学生 450\n8个社团\n藏书 3200\n5个实验室", "3212"),
        (
            "坚持以人民为中心的发展思想，持续推进各项重点工作，完成年度目标见表3\n2023年完成投资18亿元，同比增长百分之十二点五，居全省前列。",
            "32023",
        ),
        (
            "坚持项目为王，全市上下抓重点工作，大家一件接着一件办，真正办好办实。1.\n5亿元的项目要抓紧开工，三亿元的项目要尽快落地。",
            "1.5亿",
        ),
        (
            "各位市民如有疑问请拨打市长热线，或者直接与工作人员联系咨询电话：13937401\n15903741234联系人为张同志，工作时间为上午八点。",
            "1393740115",
        ),
        (
            "强降雨主要集中在全市的北部山区和东部丘陵地带，时间主要是在5\n10月份，给农业生产造成较大影响，各级要抓好落实工作。",
            "510月",
        ),
    ],
)
def test_two_numbers_on_two_lines_stay_two(text: str, joined: str) -> None:
    assert joined not in clean(text).text


def test_hyphenated_english_words_are_put_together_and_wrapped_lines_joined() -> None:
    text = "The extraction of run-\nning text breaks words at the end\nof a line, which hurts search."
    assert (
        clean(text).text
        == "The extraction of running text breaks words at the end of a line, which hurts search."
    )


@pytest.mark.parametrize("hyphen", ["\u00ad", "\ufffe"])
def test_a_soft_hyphen_at_a_line_end_joins_the_word(hyphen: str) -> None:
    text = f"The extraction of run{hyphen}\nning text breaks words at the end\nof a line, which hurts search."
    assert "extraction of running text" in clean(text).text


def test_a_hyphen_inside_a_line_and_a_dash_before_a_capital_stay() -> None:
    text = "A well-known list, wrapped in the New-\nYork manner of the day, ends\nhere."
    assert "well-known" in clean(text).text
    assert "New-" in clean(text).text


def test_windows_line_ends_give_the_same_text_as_unix_ones(seed_texts: dict[str, str]) -> None:
    for text in seed_texts.values():
        assert clean(text.replace("\n", "\r\n")).text == clean(text).text


def test_list_items_are_not_run_together() -> None:
    text = "- 图书流动服务车进小区，办证借书\n- 工作人员现场答疑，居民欢迎\n- 活动持续一天，下周再来"
    assert clean(text).text == text


# --- page furniture --------------------------------------------------------------------------------------

BODY = [
    "会议传达了近期上级重要会议精神，通报了上周交办事项完成情况，并对本",
    "周重点工作进行清单式交办。各参会单位围绕清单讨论发言，按时上报进度，",
    "不得拖延。市商务局负责同志汇报了成果复制推广开展情况和机制建设情况。",
]


def pages(head: str, foot: str) -> str:
    return "\f".join(
        "\n".join([head.format(n), "", line, "", foot.format(n)]) for n, line in enumerate(BODY, start=1)
    )


@pytest.mark.parametrize(
    "foot", ["{}", "- {} -", "第 {} 页", "第{}页 共3页", "{} / 3", "Page {} of 3", "— {} —"]
)
def test_page_numbers_and_running_heads_go_and_the_sentence_is_joined_over_the_page(foot: str) -> None:
    cleaned = clean(pages("许昌市统计局 年报 2023", foot)).text
    assert cleaned == "".join(BODY)


def test_page_numbers_between_paragraphs_go_where_nothing_tells_the_pages_apart() -> None:
    text = (
        "全市经济运行总体平稳，溆水干流国控断面水质全部达到三类，城市空气\n\n3\n\n"
        "优良天数明显增加。新增城镇就业3.74万人，超额完成全年任务。\n\n6\n"
    )
    cleaned = clean(text).text
    assert "空气优良天数" in cleaned
    assert cleaned.rstrip().endswith("全年任务。")


@pytest.mark.parametrize(
    "text",
    [
        "一号\n\n85\n\n二号\n\n90\n",  # cells of a table
        "全市经济总量的变化情况如下，单位为亿元：\n\n202\n\n全市固定资产投资的变化情况如下，单位为亿元：\n\n96\n",
        "下面几类民生实事项目均已完成，请审议。\n\n10\n\n件民生实事全部办结，群众满意度很高。\n\n16\n\n所学校完成改扩建，新增学位两万个。\n",
        "只有一个数字单独成行，它说的可能是别的什么东西。\n\n3\n",
    ],
)
def test_other_numbers_on_a_line_of_their_own_stay(text: str) -> None:
    assert re.findall(r"\d+", clean(text).text) == re.findall(r"\d+", text)


@pytest.mark.parametrize("foot", ["{}", "第 {} 页", "Page {} of 12", "第 {} 页 / 共 12 页"])
def test_page_numbers_go_from_two_pages_too(foot: str) -> None:
    first, second = BODY[:2]
    text = f"{first}\n\n{foot.format(1)}\f{second}\n\n{foot.format(2)}"
    assert clean(text).text == first + second


def test_a_number_alone_on_a_line_stays_in_a_document_without_pages() -> None:
    assert "2300" in clean("签约金额\n\n2300\n\n万元").text


def test_a_head_that_stands_on_two_pages_only_stays() -> None:
    text = "许昌年报\n\n第一页的正文，到此为止。\f许昌年报\n\n第二页的正文，到此为止。"
    assert clean(text).text.count("许昌年报") == 2


def test_a_long_line_of_spaces_after_a_number_is_no_trouble() -> None:
    # Took hours when the pattern of page numbers was tried on lines of any length.
    text = "第1" + " " * 5000 + "章程\n正文。"
    assert visible(clean(text).text) == "第1章程正文。"


def test_a_line_of_figures_that_was_cut_at_so_many_characters_goes_on() -> None:
    page = (
        "市统计局局长杜若冰昨日介绍，我市常住人口为\n三百多万人，比十年前少了十一万。分地区看，\n"
        "青溪区986314人，泊阳区\n742509人，石矶县658127人，望林县\n"
        "501833人，高新区238703人。与十年前相比，\n只有两个区人口增加。\n"
    )
    assert "望林县501833人，高新区238703人。" in clean(page).text
    headed = "一、2020年工作回顾\n2020年，全县地区生产总值246.8亿元，增长3.6%，高于全市平均水平。\n"
    assert "一、2020年工作回顾\n2020年" in clean(headed).text
    posts = (
        "张三，男，汉族，1965年3月出生，河南襄城人，大学\n1983.09—1987.07，郑州大学学生\n"
        "1987.07—1992.03，许昌县干部\n1992.03—2001.05，襄城县副县长\n"
    )
    assert "学生\n1987" in clean(posts).text


def test_a_headline_whose_line_break_parts_a_date_is_one_line() -> None:
    page = "长葛至许昌快速路：全线通车推迟到2026年12\n月\n\n　　本报讯（记者 张三）原定6月通车的目标调整。\n"
    assert clean(page).text.startswith("长葛至许昌快速路：全线通车推迟到2026年12月\n")
    assert "于2023年3月13日开工" in clean("连接两城的东西快速通道于2023年3月13\n日开工\n").text


def test_a_cell_that_ends_with_a_figure_is_no_date_cut_in_two() -> None:
    assert clean("2023年12\n月度计划\n").text.startswith("2023年12月")
    assert "2023年\n月度" in clean("2023年\n月度计划\n").text
    assert "12\n月度" in clean("表12\n月度计划\n").text
