from __future__ import annotations

import pytest
from checking import ASK_SIGNED, CHAIRED, EXPOSED, GREENING, JOBS, OPENED, SIGNED, check, cited, evidence_of

from rag.citing import is_a_question, quoted_evidence
from rag.prompting import wording
from rag.replies import read_reply


def test_a_copied_sentence_is_found_again() -> None:
    item = quoted_evidence(GREENING, evidence_of())
    assert item is not None
    assert item.number == 3


def test_a_part_of_a_sentence_or_its_other_script_is_a_copy_too() -> None:
    for quote in ("園林綠化項目六大類62項", "计划实施园林绿化项目六大类 62 项"):
        item = quoted_evidence(quote, evidence_of())
        assert item is not None
        assert item.number == 3


@pytest.mark.parametrize("quote", ["", "。", "许昌地铁2号线将于2025年开通运营。", "The metro opens in 2025."])
def test_an_invented_sentence_is_no_copy(quote: str) -> None:
    assert quoted_evidence(quote, evidence_of()) is None


def test_a_right_answer_is_supported_and_cites_its_sentence() -> None:
    (sentence,) = check(f"依据：{SIGNED}\n答案：3400万元[1]。", ASK_SIGNED)
    assert sentence.supported
    assert cited(sentence) == [1]
    assert sentence.text == "3400万元。"


def test_a_wrong_number_is_caught_and_named() -> None:
    (sentence,) = check(f"依据：{SIGNED}\n答案：4300万元[1]。", ASK_SIGNED)
    assert not sentence.supported
    assert any("4300万" in problem for problem in sentence.problems)


def test_a_wrong_unit_is_a_wrong_number() -> None:
    (sentence,) = check(f"依据：{SIGNED}\n答案：3400亿元[1]。", ASK_SIGNED)
    assert not sentence.supported


@pytest.mark.parametrize("answer", ["3,400万元", "3400 万元", "三千四百万元", "0.34亿元", "34,000,000元"])
def test_the_same_amount_written_otherwise_is_supported(answer: str) -> None:
    (sentence,) = check(f"依据：{SIGNED}\n答案：{answer}[1]。", ASK_SIGNED)
    assert sentence.supported, sentence.problems


def test_a_hint_is_only_a_hint() -> None:
    (sentence,) = check(f"依据：{SIGNED}\n答案：现场签约合同金额3400万元[2]。", ASK_SIGNED)
    assert cited(sentence) == [1]


def test_a_number_from_another_sentence_than_hinted_gets_the_right_citation() -> None:
    (sentence,) = check("答案：62项[4]。", "园林绿化项目有多少项？")
    assert cited(sentence) == [3]
    assert sentence.supported


def test_a_number_decides_over_a_wrong_hint_even_when_it_is_written_otherwise() -> None:
    (sentence,) = check("答案：三千四百万元[2]。", ASK_SIGNED)
    assert cited(sentence) == [1]
    assert sentence.supported, sentence.problems


def test_the_copied_sentence_is_cited_where_words_cannot_decide() -> None:
    (sentence,) = check(
        f"Evidence: {CHAIRED}\nAnswer: Shi Genzhi.", "Who chaired the meeting?", language="en"
    )
    assert cited(sentence) == [5]
    assert sentence.supported, sentence.problems


def test_a_hint_to_a_sentence_that_does_not_exist_changes_nothing() -> None:
    (sentence,) = check(f"依据：{SIGNED}\n答案：3400万元[99]。", ASK_SIGNED)
    assert cited(sentence) == [1]
    assert "99" not in sentence.text


def test_numbers_from_two_sources_cite_both() -> None:
    (sentence,) = check("答案：签约合同金额3400万元，绿化项目62项。", "签约金额和绿化项目各是多少？")
    assert cited(sentence) == [1, 3]
    assert sentence.supported


def test_an_answer_made_of_other_words_than_the_sources_is_not_supported() -> None:
    (sentence,) = check(f"依据：{CHAIRED}\n答案：由省长王凯主持[5]。", "谁主持会议？")
    assert not sentence.supported


def test_a_name_is_supported_by_the_sentence_that_holds_it() -> None:
    (sentence,) = check(f"依据：{CHAIRED}\n答案：史根治[5]。", "谁主持了6月3日的全市领导干部会议？")
    assert sentence.supported
    assert cited(sentence) == [5]


def test_a_wrong_number_that_the_question_brought_up_is_not_confirmed() -> None:
    (sentence,) = check("答案：新增城镇就业6万人[4]。", "许昌市新增城镇就业是6万人吗？")
    assert not sentence.supported
    assert any("6万" in problem for problem in sentence.problems)


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("许昌市新增城镇就业是6万人吗？", "资料的说法是"),
        ("许昌市新增城镇就业达到6万人了，没错吧？", "资料的说法是"),
        ("許昌市新增城鎮就業是不是6萬人？", "資料的說法是"),
        ("Xuchang added 60,000 urban jobs, right?", "What the source says"),
    ],
)
def test_whether_something_is_so_is_answered_in_the_words_of_the_source(question: str, says: str) -> None:
    (sentence,) = check(f"依据：{JOBS}\n答案：是的，新增城镇就业6万人[4]。", question)
    assert sentence.supported
    assert sentence.text.startswith(says)
    assert "5.04" in sentence.text
    assert "6万" not in sentence.text
    assert cited(sentence) == [4]


@pytest.mark.parametrize(
    "question", ["许昌的企业上云破10万家了，是真的吧？", "Xuchang cut taxes by 210 million yuan, didn't it?"]
)
def test_whether_a_figure_is_right_is_not_answered_by_a_sentence_without_one(question: str) -> None:
    (sentence,) = check(f"依据：{CHAIRED}\n答案：是的[5]。", question)
    assert sentence.problems == ("the source has no figure to compare with",)


def test_a_person_was_asked_for_and_an_office_is_none() -> None:
    (sentence,) = check("答案：市委宣讲团[5]。", "是谁作的宣讲报告？")
    assert "a person was asked for" in sentence.problems
    (sentence,) = check(f"依据：{CHAIRED}\n答案：史根治[5]。", "谁主持了6月3日的全市领导干部会议？")
    assert sentence.supported


@pytest.mark.parametrize(
    ("answer", "complete"),
    [("政治引领、政企联动。", False), ("政治引领、政企联动、助企服务和监督执纪。", True)],
)
def test_so_many_things_as_were_asked_for_are_named(answer: str, complete: bool) -> None:
    items = evidence_of(("坚持政治引领、政企联动、助企服务和监督执纪“四个深化”。",))
    (sentence,) = check(f"答案：{answer}", "“四个深化”具体是哪四个？", items)
    assert ("4 things were asked for" not in sentence.problems) == complete


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("答案：签约项目12个[1]。合同金额3400", "签约项目12个[1]。"),
        ("答案：12 projects were signed [1]. They are worth 3.", "12 projects were signed [1]."),
        ("答案：质效提升、科技赋能、开放", ""),
    ],
)
def test_of_an_answer_that_was_cut_off_whole_sentences_count(written: str, kept: str) -> None:
    reply = read_reply(written, wording("zh"), finished=False)
    assert (reply.answer, reply.declined) == (kept, not kept)


def test_an_answer_that_breaks_off_is_none() -> None:
    items = evidence_of(("深入践行党的组织路线，聚焦“农村、城市、机关”三大领域。",))
    (sentence,) = check("答案：深入践行党的组织路线，聚焦“农村、", "聚焦哪些领域？", items)
    assert sentence.problems == ("it breaks off",)


def test_a_reason_that_only_says_that_it_is_so_gives_way_to_the_words_of_the_source() -> None:
    source = "宏旺铝业外销受阻后转向省内市场，产值不降反增。"
    reply = f"依据：{source}\n答案：产值不降反增[1]。"
    (sentence,) = check(reply, "长葛宏旺铝业外销受阻，产值怎么反而没降还涨了？", evidence_of((source,)))
    assert sentence.text == f"资料的说法是：“{source}”"
    assert sentence.supported


def test_a_date_is_the_same_however_it_is_written() -> None:
    items = evidence_of(("來源:河南日報 | 2024-01-18 09:13:07",))
    (sentence,) = check("答案：2024年1月18日[1]。", "《全力以赴拼经济》是哪天登出来的？", items)
    assert sentence.supported
    (sentence,) = check("答案：2024年1月19日[1]。", "《全力以赴拼经济》是哪天登出来的？", items)
    assert not sentence.supported


def test_a_name_is_not_cut_off() -> None:
    items = evidence_of(("政府工作报告（节选） 2025年1月3日　县长　逄秋实",))
    (cut,) = check("答案：县长 逄秋[1]。", "作政府工作报告的县长是谁？", items)
    assert "it breaks off" in cut.problems
    (whole,) = check("答案：县长逄秋实[1]。", "作政府工作报告的县长是谁？", items)
    assert whole.supported
    items = evidence_of(("图为合龙现场。 本报记者 岑默摄",))
    (whole,) = check("答案：岑默[1]。", "合龙现场的照片是谁拍的？", items)
    assert whole.supported
    items = evidence_of(("石渡队以3分58秒夺得男子22人龙舟500米直道冠军。",))
    (whole,) = check("答案：石渡队[1]。", "男子22人龙舟500米谁拿了第一？", items)
    assert whole.supported


def test_the_name_of_a_campaign_is_no_reason_for_it() -> None:
    items = evidence_of(("东湖社区开展“图书流动服务车进小区”活动，积极推广全民阅读，助力书香社区建设。",))
    asked = "东湖社区搞图书车进小区，图的是个啥呀？"
    (name,) = check("答案：图书流动服务车进小区[1]。", asked, items)
    assert "a reason was asked for" in name.problems
    spoken = evidence_of(("他说：“家里穷，供不起三个孩子上学。”",))
    (said,) = check("答案：家里穷，供不起三个孩子上学[1]。", "他为什么辍学？", spoken)
    assert said.supported
    (reason,) = check("答案：积极推广全民阅读，助力书香社区建设[1]。", asked, items)
    assert reason.supported


def test_what_is_to_be_added_up_is_not_added_up_by_the_generator() -> None:
    items = evidence_of(("新增城镇就业3.92万人；新增公办学位9600个。",))
    (sum_of,) = check("答案：3.92万人+9600个[1]。", "两年一共新增城镇就业多少人？", items)
    assert not sum_of.supported
    (told,) = check("答案：3.92万人[1]。", "新增城镇就业多少人？", items)
    assert told.supported


def test_a_city_is_no_answer_to_which_hospital() -> None:
    items = evidence_of(("他的女儿在许昌市做护士，儿媳在许昌市人民医院做护士。",))
    (sentence,) = check("答案：许昌市[1]。", "他的女儿在哪一家医院做护士？", items)
    assert "a place was asked for" in sentence.problems
    (sentence,) = check("答案：许昌市人民医院[1]。", "他的儿媳在哪家医院做护士？", items)
    assert sentence.supported


def test_a_claim_that_names_no_figure_is_answered_by_a_sentence_with_any() -> None:
    said = "常熟市大抓招商引资，上半年新签约项目161个，总投资达552.8亿元，领跑苏州。"
    items = evidence_of((said,))
    (sentence,) = check(f"依据：{said}\n答案：对[1]。", "新签约项目领跑苏州的是张家港市，对吧？", items)
    assert sentence.supported
    assert "常熟市" in sentence.text
    items = evidence_of(("加快引进项目，全年纳税3000万元。",))
    (sentence,) = check("答案：3000万元[1]。", "长葛如何引进项目，总投资多少？", items)
    assert not sentence.supported


def test_one_of_two_figures_asked_for_is_not_the_answer() -> None:
    (sentence,) = check("答案：签约合同金额3400万元。", "签约合同金额是多少？绿化项目有多少项？")
    assert "several answers were asked for" in sentence.problems


def test_the_date_that_the_question_names_may_be_repeated() -> None:
    (sentence,) = check(
        f"依据：{CHAIRED}\n答案：6月3日的会议由史根治主持[5]。", "谁主持了6月3日的全市领导干部会议？"
    )
    assert sentence.supported, sentence.problems


def test_a_number_of_the_question_may_be_repeated_when_the_passage_has_it() -> None:
    items = evidence_of(headings=("市政府召开2023年第10次重点工作周交办会议",))
    (sentence,) = check("答案：第10次交办会议由史根治主持[5]。", "第10次周交办会议由谁主持？", items)
    assert sentence.supported, sentence.problems


def test_a_number_in_the_heading_counts_as_the_sources() -> None:
    items = evidence_of((CHAIRED,), headings=("市委召开第12次会议",))
    (sentence,) = check("答案：史根治主持了第12次会议[1]。", "史根治主持了哪次会议？", items)
    assert sentence.supported, sentence.problems


def test_an_english_answer_needs_a_real_copied_sentence() -> None:
    question = "How many urban greening projects did Xuchang plan for 2023?"
    (with_quote,) = check(
        f"Evidence: {GREENING}\nAnswer: Xuchang planned 62 projects [3].", question, language="en"
    )
    assert with_quote.supported, with_quote.problems
    assert cited(with_quote) == [3]
    (without,) = check("Answer: Xuchang planned 62 projects [3].", question, language="en")
    assert not without.supported
    (invented,) = check(
        "Evidence: 许昌计划新建六十二座公园绿地游园。\nAnswer: Xuchang planned 62 projects [3].",
        question,
        language="en",
    )
    assert not invented.supported


def test_an_english_answer_with_a_wrong_number_is_caught() -> None:
    (sentence,) = check(
        f"Evidence: {GREENING}\nAnswer: Xuchang planned 26 projects [3].", "How many projects?", language="en"
    )
    assert not sentence.supported


def test_an_english_answer_may_write_the_amount_its_own_way() -> None:
    for amount in ("50,400 people", "50.4 thousand people", "5.04万 people"):
        (sentence,) = check(
            f"Evidence: {JOBS}\nAnswer: {amount} [4].", "How many urban jobs were added?", language="en"
        )
        assert sentence.supported, (amount, sentence.problems)


def test_a_chinese_answer_may_rest_on_an_english_source() -> None:
    source = "The library bus visited the Lakeside estate on its first day."
    items = evidence_of((source, "The mayor opened a new school."))
    (sentence,) = check(f"依据：{source}\n答案：湖畔小区[1]。", "图书车去了哪个小区？", items)
    assert sentence.supported, sentence.problems
    assert cited(sentence) == [1]


@pytest.mark.parametrize(
    "question",
    [ASK_SIGNED, "新增了几个项目？", "How many projects are there?"],
)
def test_an_answer_without_a_number_to_how_many_is_not_accepted(question: str) -> None:
    (sentence,) = check("答案：图书流动服务车开进东湖翡翠小区[2]。", question)
    assert "a number was asked for" in sentence.problems


@pytest.mark.parametrize("question", ["哪一年开通？", "什么时候开通？", "When did it open?"])
def test_an_answer_without_a_time_to_when_is_not_accepted(question: str) -> None:
    (sentence,) = check("答案：图书流动服务车开进东湖翡翠小区[2]。", question)
    assert "a time was asked for" in sentence.problems


def test_a_year_does_not_say_on_which_day() -> None:
    items = evidence_of(("2023年年初就提出全力以赴拼经济。",))
    (sentence,) = check("答案：2023年年初[1]。", "是哪天提出的？", items)
    assert "a day was asked for" in sentence.problems


def test_one_chinese_numeral_is_a_number_when_one_was_asked_for() -> None:
    items = evidence_of(("县教育局局长李明介绍，三所小学将于9月1日开学。",))
    (sentence,) = check("答案：三所小学[1]。", "新建了几所小学？", items)
    assert sentence.supported, sentence.problems


def test_a_time_without_digits_answers_when() -> None:
    items = evidence_of(("新馆将在明年春节前开放。",))
    (sentence,) = check("答案：明年春节前[1]。", "新馆什么时候开放？", items)
    assert sentence.supported, sentence.problems


def test_several_sentences_are_checked_each_on_its_own() -> None:
    first, second = check(f"依据：{SIGNED}\n答案：合同金额3400万元[1]。绿化项目63项[3]。", ASK_SIGNED)
    assert first.supported
    assert not second.supported


def test_a_sentence_beside_the_number_need_not_hold_a_number_itself() -> None:
    first, second = check("答案：合同金额3400万元[1]。签约单位代表登台签署项目合作书[1]。", ASK_SIGNED)
    assert first.supported, first.problems
    assert second.supported, second.problems


def test_a_mark_after_the_full_stop_belongs_to_the_sentence_before_it() -> None:
    twice = evidence_of((CHAIRED, "市长刘涛作工作部署。", CHAIRED))
    first, second = check("答案：史根治主持会议。[3]刘涛作工作部署。[2]", "谁主持了会议？", twice)
    assert (cited(first), cited(second)) == ([3], [2])


def test_punctuation_alone_is_no_sentence() -> None:
    assert check("答案：[1]。", ASK_SIGNED) == []


def test_an_answer_in_traditional_script_is_checked_against_a_simplified_source() -> None:
    (sentence,) = check(
        f"依據：{OPENED}\n答案：東湖翡翠小區[2]。", "東湖社區的圖書流動車開進了哪個小區？", language="zh-Hant"
    )
    assert sentence.supported, sentence.problems
    assert cited(sentence) == [2]


def test_an_explanation_that_was_found_but_not_worded_is_given_in_the_words_of_the_source() -> None:
    reply = f"依据：{EXPOSED}\n答案：国外疫情对长葛的影响更大[1]。"
    (sentence,) = check(reply, "为什么国外疫情对长葛的影响会更大？", evidence_of([EXPOSED, SIGNED]))
    assert sentence.supported
    assert sentence.text == f"资料的说法是：“{EXPOSED}”"
    assert cited(sentence) == [1]


def test_an_explanation_without_a_copied_sentence_is_not_made_up() -> None:
    reply = "依据：外贸下滑得厉害\n答案：国外疫情对长葛的影响更大[1]。"
    (sentence,) = check(reply, "为什么国外疫情对长葛的影响会更大？", evidence_of([EXPOSED, SIGNED]))
    assert not sentence.supported


@pytest.mark.parametrize("answer", ["61人", "61位", "61个人", "六十一名"])
def test_people_are_counted_with_any_measure_word(answer: str) -> None:
    source = "目前,该市已有61名学员通过相关职业知识和能力测试,拿到了职业技能等级证书。"
    reply = f"依据：{source}\n答案：{answer}[1]。"
    (sentence,) = check(reply, "现在有几个人考下了职业技能等级证书？", evidence_of([source, SIGNED]))
    assert sentence.supported, sentence.problems


def test_money_is_not_counted_in_another_measure() -> None:
    (sentence,) = check(f"依据：{SIGNED}\n答案：3400万亩[1]。", ASK_SIGNED)
    assert not sentence.supported


def test_each_clause_of_an_answer_is_cited_to_the_sentence_that_carries_it() -> None:
    late = (
        "十件实事中有两件没有按期办完：一是老旧小区改造完成76个，还有4个因电力管线权属不清而未完工；",
        "二是市中医院新院区因洁净手术部设备采购两次流标，推迟到今年投入使用。",
    )
    question = "十件实事里哪两件没有按期办完？"
    both = "老旧小区改造还有4个未完工；市中医院新院区推迟到今年投入使用"
    (sentence,) = check(f"依据：{late[0]}\n答案：{both}[1]。", question, evidence_of(late))
    assert sentence.supported, sentence.problems
    assert cited(sentence) == [1, 2]
    (sentence,) = check(f"依据：{late[0]}\n答案：{both}[1]。", question, evidence_of([late[0], SIGNED]))
    assert "a part of it is in no source" in sentence.problems
    first = "老旧小区改造完成76个，还有4个因电力管线权属不清而未完工"
    (sentence,) = check(f"依据：{late[0]}\n答案：{first}[1]。", question, evidence_of(late))
    assert "2 things were asked for" in sentence.problems


def test_clauses_may_repeat_the_question_and_the_heading() -> None:
    items = evidence_of(["其中长葛市1.2万人，襄城县9800人。", SIGNED], ("2023年城镇新增就业",))
    question = "长葛市和襄城县2023年的城镇新增就业人数分别是多少？"
    both = "长葛市2023年城镇新增就业人数为1.2万人；襄城县2023年城镇新增就业人数为9800人"
    (sentence,) = check(f"依据：其中长葛市1.2万人，襄城县9800人。\n答案：{both}[1]。", question, items)
    assert sentence.supported, sentence.problems


def test_a_claim_is_answered_in_the_words_of_the_source_also_where_none_were_copied() -> None:
    source = "12月28日，市长刘涛主持召开市政府常务会议。"
    (sentence,) = check(
        "答案：市长刘涛[1]。", "市委经济工作会议是不是市长刘涛主持的？", evidence_of([source, SIGNED])
    )
    assert source in sentence.text
    assert cited(sentence) == [1]


def test_a_source_that_asks_supports_nothing() -> None:
    asks, tells = "体积52.6万立方米 属特大型以下的大型滑坡？", "规范上100万立方米以上才算特大型滑坡。"
    question = "多大体积才算特大型滑坡？"
    assert not any(
        item.supported
        for item in check("依据：无\n答案：52.6万立方米[1]。", question, evidence_of((asks, tells)))
    )
    assert check("依据：无\n答案：52.6万立方米[1]。", question, evidence_of((asks,))) == []


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("怎么办？！", True),
        ("（怎么办？）", True),
        ("What is it?)", True),
        ("本届论坛的主题是“我们从哪里来？”", False),
        ("这家公司营收增至3400万元，靠的是什么？", False),
        ("营收3400万元。", False),
    ],
)
def test_what_asks_is_told_from_what_quotes_a_question_or_has_told_a_figure(text: str, asks: bool) -> None:
    assert is_a_question(text) is asks


def test_the_number_of_a_name_need_not_stand_in_the_source() -> None:
    source = evidence_of(("项目由砚北市交通规划设计院设计。",), headings=("颍河二桥开工",))
    (sentence,) = check(
        "Evidence: 砚北市交通规划设计院设计\nAnswer: The Yinghe No. 2 Bridge (颍河二桥) was designed by "
        "砚北市交通规划设计院 [1].",
        "Who designed the Yinghe No. 2 Bridge (颍河二桥)?",
        source,
        "en",
    )
    assert not any("2:" in problem for problem in sentence.problems)
