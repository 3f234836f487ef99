from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from index.chunking import Chunk
from index.dating import Dateline
from index.lexical import LexicalIndex
from index.tables import Sentence
from rag.citing import CheckedSentence, check_answer, quoted_evidence, read_reply, without_marks
from rag.evidence import Evidence
from rag.prompting import Language, detect_language, wording
from rag.retrieval import Passage

SIGNED = "签约单位代表依次登台签署项目合作书，现场签约合同金额3400万元。"
OPENED = "当天，一辆载有千余册图书的图书流动服务车开进东湖翡翠小区。"
GREENING = (
    "今年中心城区计划实施园林绿化项目六大类62项，将新增绿化面积861.47亩、绿道18.85公里、立体绿化10公里。"
)
JOBS = "新增城鎮就業5.04萬人,農村勞動力轉移就業2.1萬人,完成適老化改造2766戶,養老服務體系更加完善。"
CHAIRED = "市委书记史根治主持会议并讲话。"
SENTENCES = (SIGNED, OPENED, GREENING, JOBS, CHAIRED)
ASK_SIGNED = "长葛市食品行业产销对接会现场签约合同金额是多少？"


def evidence_of(
    sentences: Sequence[str] = SENTENCES, headings: tuple[str, ...] = (), title: str = "许昌日报"
) -> list[Evidence]:
    """Each sentence in a passage of its own, numbered from 1."""
    items = []
    for number, text in enumerate(sentences, 1):
        chunk = Chunk(f"{number}:0", f"{number}.txt", 0, len(text), headings, text)
        passage = Passage(chunk, title, 1.0, 1.0, {}, (number - 1,))
        items.append(Evidence(number, Sentence(number - 1, number - 1, 0, len(text), text), passage, 1.0))
    return items


def check(
    reply: str, question: str, evidence: Sequence[Evidence] | None = None, language: Language = "zh"
) -> list[CheckedSentence]:
    evidence = evidence_of() if evidence is None else evidence
    lexical = LexicalIndex.build([item.sentence.text for item in evidence])
    said = read_reply(reply, wording(language), finished=True)
    return check_answer(said, question, evidence, lexical, wording(detect_language(question)))


def cited(sentence: CheckedSentence) -> list[int]:
    return [item.number for item in sentence.evidence]


# Reading the reply.


def test_a_second_copy_and_the_labels_of_a_second_answer_are_no_answer() -> None:
    for end, next_one in (("\n", "\n"), ("", "\n"), ("", "")):
        reply = (
            f"依据：本报讯（记者 胡晨）\n答案：胡晨[1]。{end}依据：副市长杨朝晖[1]{next_one}答案：杨朝晖[1]。"
        )
        said = read_reply(reply, wording("zh"), finished=True)
        assert (said.quote, said.answer) == ("本报讯（记者 胡晨）", "胡晨[1]。\n杨朝晖[1]。")


def test_words_like_the_labels_inside_an_answer_stay() -> None:
    said = read_reply(
        "依据：法律依据：民法典第十条\n答案：法律依据是民法典[1]。", wording("zh"), finished=True
    )
    assert said.answer == "法律依据是民法典[1]。"


def test_a_reply_is_its_copied_sentence_and_its_answer() -> None:
    reply = read_reply(f"依据：{SIGNED}\n答案：3400万元[1]。", wording("zh"), finished=True)
    assert (reply.quote, reply.answer, reply.declined) == (SIGNED, "3400万元[1]。", False)


def test_a_reply_without_labels_is_all_answer() -> None:
    reply = read_reply("3400万元[1]。", wording("zh"), finished=True)
    assert (reply.quote, reply.answer, reply.declined) == ("", "3400万元[1]。", False)


@pytest.mark.parametrize(
    ("language", "reply"),
    [
        ("zh", "依据：无\n答案：资料中没有相关内容。"),
        ("zh", "资料中没有相关内容"),
        ("zh", "依据：无。\n答案：无法确定。"),
        ("zh-Hant", "依據：無\n答案：資料中沒有相關內容。"),
        ("zh-Hant", "依据：无\n答案：资料中没有相关内容。"),  # the model slipped into the other script
        ("en", "Evidence: none\nAnswer: The passages do not say."),
        ("en", "the passages do not say when"),
        ("en", "资料中没有相关内容。"),  # … or into the language of the passages
    ],
)
def test_the_words_for_no_answer_are_understood_in_every_language(language: Language, reply: str) -> None:
    assert read_reply(reply, wording(language), finished=True).declined


def test_an_answer_that_cites_is_one_although_nothing_was_copied() -> None:
    reply = read_reply("依据：无\n答案：3400万元[1]。", wording("zh"), finished=True)
    assert (reply.quote, reply.answer, reply.declined) == ("", "3400万元[1]。", False)


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
def test_the_examples_of_the_prompt_are_read_as_they_are_meant(language: Language) -> None:
    words = wording(language)
    # The first example shows how to decline; models that imitate the last one must not learn to.
    for number, (_, said) in enumerate(words.examples):
        assert read_reply(said, words, finished=True).declined == (number == 0), said


@pytest.mark.parametrize("reply", ["", "  \n", f"依据：{SIGNED[:20]}", f"依据：{SIGNED}\n答案："])
def test_a_reply_cut_off_before_its_answer_is_no_answer(reply: str) -> None:
    assert read_reply(reply, wording("zh"), finished=False).declined


def test_copied_words_are_the_answer_when_the_model_writes_no_other() -> None:
    reply = read_reply("依据：3400万元[3]。", wording("zh"), finished=True)
    assert (reply.answer, reply.declined) == ("3400万元[3]。", False)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("长葛市食品行业产销对接会是在哪家酒店办的？", "长葛市食品行业产销对接会"),
        ("许昌2023年要积极申请设立哪个综合保税区？", "许昌"),
        ("Why did Xuchang warn that times would not be easy?", "Because times would not be easy"),
        ("What type of facilities does Xuchang want?", "Xuchang wanted facilities of that type"),
    ],
)
def test_repeating_the_question_is_no_answer(question: str, answer: str) -> None:
    items = evidence_of(("长葛市举行食品行业产销对接会，许昌积极申建综合保税区。",))
    (sentence,) = check(f"答案：{answer}[1]。", question, items)
    assert sentence.problems == ("it only repeats the question",)


@pytest.mark.parametrize(
    "reply",
    [
        f"依据:{SIGNED}\n答案:3400万元[1]。",
        f"依據：{SIGNED}\n答案：3400万元[1]。",
        f"\n依据： {SIGNED}\n\n答案： 3400万元[1]。\n",
        f"依据：{SIGNED} 答案：3400万元[1]。",
    ],
)
def test_small_slips_in_the_labels_are_forgiven(reply: str) -> None:
    read = read_reply(reply, wording("zh"), finished=True)
    assert (read.quote, read.answer, read.declined) == (SIGNED, "3400万元[1]。", False)


def test_the_labels_words_inside_of_the_copied_sentence_do_not_end_it() -> None:
    copied = "试卷第3题的标准答案：乙。"
    reply = read_reply(f"依据：{copied}\n答案：乙[1]。", wording("zh"), finished=True)
    assert (reply.quote, reply.answer) == (copied, "乙[1]。")


def test_marks_do_not_stay_in_the_copied_sentence() -> None:
    assert read_reply(f"依据：[1]{SIGNED}\n答案：3400万元。", wording("zh"), finished=True).quote == SIGNED


@pytest.mark.parametrize(
    "text",
    ["共62项[3]", "共62项 [3]", "共62项【3】", "共62项［1，3］", "共62项[1][3]", "共62项[3", "共62项【"],
)
def test_citation_marks_are_taken_out_whole_or_just_begun(text: str) -> None:
    assert without_marks(text) == "共62项"


def test_brackets_that_are_no_marks_stay() -> None:
    assert without_marks("许政〔2023〕12号文件[附件]") == "许政〔2023〕12号文件[附件]"


# The copied sentence.


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


# Checking the answer.


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


def test_the_figure_of_two_zones_is_not_the_average_of_the_province() -> None:
    items = evidence_of(("两个产业集聚区亩均税收达28.96万元，是全省平均数（9.76万元/亩）的三倍。",))
    (sentence,) = check("答案：28.96万元[1]。", "产业集聚区的亩均税收，全省平均才多少？", items)
    assert sentence.problems == ("the average was asked for",)
    (sentence,) = check("答案：9.76万元/亩[1]。", "产业集聚区的亩均税收，全省平均才多少？", items)
    assert sentence.supported
    (sentence,) = check("答案：28.96万元[1]。", "两个产业集聚区的亩均税收是多少？", items)
    assert sentence.supported


def test_what_is_said_of_a_city_is_not_said_of_its_towns() -> None:
    items = evidence_of(("长葛市市委书记尹俊营在市委全会上讲话。",))
    (sentence,) = check("答案：尹俊营[1]。", "大周镇的书记是谁？", items)
    assert sentence.problems == ("the source is about another place",)
    (sentence,) = check("答案：尹俊营[1]。", "长葛市的书记是谁？", items)
    assert sentence.supported


def test_a_source_about_another_city_or_thing_carries_no_answer() -> None:
    (budget,) = evidence_of(("一般公共预算收入完成18.3亿元，增长6.6%。",))
    asked = "襄城县2020年上半年一般公共预算收入完成多少？"
    elsewhere = dataclasses.replace(budget, of_another=True)
    (sentence,) = check("答案：18.3亿元[1]。", asked, [elsewhere])
    assert "the source is about another place" in sentence.problems


def test_the_year_that_is_compared_with_is_the_sources() -> None:
    before = "2020年全市一本上线709人，较上年增加127人。"
    earlier = "2020年全市一本上线709人，比2017年增加229人。"
    asked = "长葛2020年高考一本上线人数比{}年多了多少？".format
    (sentence,) = check("答案：127人[1]。", asked(2017), evidence_of((before,)))
    assert sentence.problems == ("the source compares with another year",)
    (sentence,) = check("答案：127人[1]。", asked(2019), evidence_of((before,)))
    assert sentence.supported
    (sentence,) = check("答案：229人[1]。", asked(2017), evidence_of((earlier,)))
    assert sentence.supported


def test_figures_of_two_sources_are_not_tied_to_one_another() -> None:
    half, whole = "上半年，民生支出占一般公共预算支出的80.1%。", "2020年，民生支出达到34.5亿元。"
    question = "2020年民生支出是多少，占比多少？"
    (tied,) = check(f"依据：{whole}\n答案：民生支出34.5亿元，占80.1%。", question, evidence_of([half, whole]))
    assert "no one source tells this of one thing" in tied.problems
    (both,) = check("答案：2020年民生支出34.5亿元，上半年占80.1%。", question, evidence_of([half, whole]))
    assert "no one source tells this of one thing" not in both.problems
    alone = "2020年，民生支出达到34.5亿元，占79.4%。"
    (told,) = check(f"依据：{alone}\n答案：34.5亿元，占79.4%。", question, evidence_of([alone]))
    assert told.supported


def test_who_took_a_picture_is_not_told_by_the_byline_of_the_article() -> None:
    article = "本报讯（记者 王利辉）6月3日，全市领导干部会议召开。"
    caption = "6月3日，全市领导干部会议召开。本报记者 牛书培 摄"
    question = "6月3日全市领导干部会议的照片是谁拍的？"
    (told,) = check(f"依据：{article}\n答案：王利辉[1]。", question, evidence_of([article]))
    assert "the source does not say who took the picture" in told.problems
    (told,) = check(f"依据：{caption}\n答案：牛书培[1]。", question, evidence_of([caption]))
    assert told.supported


def test_who_discovered_photosynthesis_is_told_without_a_picture() -> None:
    for question, source, said in (
        (
            "Who discovered photosynthesis?",
            "Jan Ingenhousz discovered photosynthesis in 1779.",
            "Jan Ingenhousz",
        ),
        ("摄影家协会的主席是谁？", "市摄影家协会主席王建国致辞。", "王建国"),
    ):
        language: Language = "en" if question.isascii() else "zh"
        labels = ("Evidence", "Answer") if language == "en" else ("依据", "答案")
        reply = f"{labels[0]}: {source}\n{labels[1]}: {said}[1]."
        (told,) = check(reply, question, evidence_of([source]), language)
        assert not any("picture" in problem for problem in told.problems)


def test_who_held_an_office_at_two_times_is_not_told_by_a_sentence_about_one() -> None:
    items = evidence_of(("2023年3月，常务副市长张庆一，副市长卢希望参加。",))
    (sentence,) = check("答案：张庆一，卢希望[1]。", "许昌的常务副市长，2022年底和2023年3月分别是谁？", items)
    assert "the source is about one of the years alone" in sentence.problems


def test_who_was_at_two_meetings_is_not_told_by_a_report_on_one() -> None:
    items = evidence_of(("12月28日，市政府召开常务会议，副市长卢希望、张飞参加。",))
    asked = "2022年12月28日的常务会议、2023年3月13日的交办会议，两个会都到场的副市长是哪几位？"
    (sentence,) = check("答案：卢希望、张飞[1]。", asked, items)
    assert "the source is about one of the days alone" in sentence.problems
    items = evidence_of(("12月28日和3月13日，副市长卢希望、张飞都到会。",))
    (sentence,) = check("答案：卢希望、张飞[1]。", asked, items)
    assert sentence.supported


def test_who_chaired_a_meeting_is_not_told_by_a_report_on_another_days() -> None:
    june = evidence_of(("6月3日，全市召开领导干部会议，市委书记史根治主持会议。",))
    (sentence,) = check("答案：史根治[1]。", "3月12日的领导干部会议由谁主持？", june)
    assert sentence.problems == ("the source is about another day",)
    (sentence,) = check("答案：史根治[1]。", "6月3日的领导干部会议由谁主持？", june)
    assert sentence.supported
    undated = evidence_of((CHAIRED,))
    (sentence,) = check("答案：史根治[1]。", "3月12日的领导干部会议由谁主持？", undated)
    assert sentence.supported, "nothing says when it was"


def test_what_a_heading_says_of_many_projects_is_not_said_of_one_below_it() -> None:
    items = evidence_of(("百菲萨炼钢除尘灰项目开工建设。",), headings=("大改造项目144个，完成投资168亿元",))
    (sentence,) = check("答案：168亿元[1]。", "百菲萨炼钢除尘灰项目总投资多少亿元？", items)
    assert "the source tells it of more than was asked about" in sentence.problems


def test_a_reason_that_only_says_that_it_is_so_gives_way_to_the_words_of_the_source() -> None:
    source = "宏旺铝业外销受阻后转向省内市场，产值不降反增。"
    reply = f"依据：{source}\n答案：产值不降反增[1]。"
    (sentence,) = check(reply, "长葛宏旺铝业外销受阻，产值怎么反而没降还涨了？", evidence_of((source,)))
    assert sentence.text == f"资料的说法是：“{source}”"
    assert sentence.supported


def test_what_the_question_quotes_stands_around_the_source() -> None:
    german = "对德合作要再起势，以建设中德（许昌）产业园为牵引，着力引进一批总部型德企。"
    recycling = "以大周循环经济产业园建设为抓手，争取早日实现“双千亿”目标。"
    question = "哪個產業園的建設，是許昌爭取早日實現「雙千億」目標的抓手？"
    (sentence,) = check("答案：中德（許昌）產業園[1]。", question, evidence_of((german,)))
    assert sentence.problems == ("the source does not speak of what the question quotes",)
    (sentence,) = check("答案：大周循環經濟產業園[1]。", question, evidence_of((recycling,)))
    assert sentence.supported
    under = evidence_of((recycling.replace("双千亿", "这一"),), headings=("向“双千亿”目标奋进",))
    (sentence,) = check("答案：大周循環經濟產業園[1]。", question, under)
    assert sentence.supported, "a heading says what a sentence is about"


@pytest.mark.parametrize(
    ("question", "date", "told"),
    [
        ("长葛2020年全年新增城镇就业多少人？", "2020-08-17", False),
        ("长葛2020年全年新增城镇就业多少人？", "2021-07-17", True),
        ("长葛2020年全年新增城镇就业多少人？", "2020-12-31", True),
        ("长葛2020年全年新增城镇就业多少人？", "2020", True),  # nobody knows when
        ("长葛2020年全年计划新增城镇就业多少人？", "2020-08-17", True),
        ("长葛2020年新增城镇就业要达到多少人？", "2020-08-17", True),
    ],
)
def test_a_figure_of_a_year_that_was_not_over_is_a_plan(question: str, date: str, told: bool) -> None:
    (item,) = evidence_of(("下半年新增城镇就业3000人以上，全年达到8000人以上。",))
    chunk = dataclasses.replace(item.passage.chunk, dateline=Dateline(date))
    item = dataclasses.replace(item, passage=dataclasses.replace(item.passage, chunk=chunk))
    (sentence,) = check("答案：8000人[1]。", question, [item])
    assert ("the source tells a plan" not in sentence.problems) is told


def test_a_term_that_stands_far_away_in_the_same_passage_is_no_matter_of_the_source() -> None:
    german = "以建设中德（许昌）产业园为牵引，着力引进一批总部型德企。"
    question = "哪個產業園的建設，是許昌爭取早日實現「雙千億」目標的抓手？"

    def problems(between: str) -> tuple[str, ...]:
        (item,) = evidence_of((german,))
        text = f"{german}{between}推进大周循环经济产业园建设，争取早日实现“双千亿”目标。"
        chunk = dataclasses.replace(item.passage.chunk, text=text)
        far = dataclasses.replace(item, passage=dataclasses.replace(item.passage, chunk=chunk))
        (sentence,) = check("答案：中德（許昌）產業園[1]。", question, [far])
        return sentence.problems

    assert problems("招商引资要更精准，突出抓好产业链集群招商。" * 6) != ()
    assert problems("招商引资要更精准。") == ()


def test_a_date_is_the_same_however_it_is_written() -> None:
    items = evidence_of(("來源:河南日報 | 2024-01-18 09:13:07",))
    (sentence,) = check("答案：2024年1月18日[1]。", "《全力以赴拼经济》是哪天登出来的？", items)
    assert sentence.supported
    (sentence,) = check("答案：2024年1月19日[1]。", "《全力以赴拼经济》是哪天登出来的？", items)
    assert not sentence.supported


def test_a_figure_of_no_said_time_is_none_of_a_half_year() -> None:
    items = evidence_of(("全市完成生产总值781亿元，增长3.5%。",))
    (sentence,) = check("答案：781亿元[1]。", "长葛上半年的生产总值是多少？", items)
    assert sentence.problems == ("the source does not say of which part of the year",)
    (sentence,) = check("答案：781亿元[1]。", "长葛全年的生产总值是多少？", items)
    assert sentence.supported
    items = evidence_of(("全市完成生产总值367亿元，增长2.1%。",), headings=("上半年工作回顾",))
    (sentence,) = check("答案：367亿元[1]。", "长葛上半年的生产总值是多少？", items)
    assert sentence.supported


def test_taxes_are_not_what_was_invested() -> None:
    items = evidence_of(("后河镇四达电力的石墨基项目，获得国家专利19项，全年纳税3000万元。",))
    (sentence,) = check("答案：3000万元[1]。", "四达电力的石墨基项目投资多少？", items)
    assert sentence.problems == ("the source names this money for something else",)
    (sentence,) = check("答案：3000万元[1]。", "四达电力的石墨基项目纳税多少？", items)
    assert sentence.supported


def test_a_name_is_not_cut_off() -> None:
    items = evidence_of(("政府工作报告（节选） 2025年1月3日　县长　逄秋实",))
    (cut,) = check("答案：县长 逄秋[1]。", "作政府工作报告的县长是谁？", items)
    assert "it breaks off" in cut.problems
    (whole,) = check("答案：县长逄秋实[1]。", "作政府工作报告的县长是谁？", items)
    assert whole.supported
    items = evidence_of(("图为合龙现场。 本报记者 岑默摄",))
    (whole,) = check("答案：岑默[1]。", "合龙现场的照片是谁拍的？", items)
    assert whole.supported


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


def test_the_figure_of_a_part_of_the_year_is_not_that_of_the_year() -> None:
    items = evidence_of(("截至7月底，全市优良天数145天。",))
    (sentence,) = check("答案：145天[1]。", "全市全年优良天数有多少天？", items)
    assert sentence.problems == ("the source is about another part of the year",)
    (sentence,) = check("答案：145天[1]。", "截至7月底，全市优良天数有多少天？", items)
    assert sentence.supported


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


def test_a_source_of_another_year_does_not_carry_an_answer() -> None:
    items = evidence_of(("2022年，全市新增城镇就业4.8万人。",), title="2022年工作总结")
    (sentence,) = check("答案：4.8万人[1]。", "2023年全市新增城镇就业多少人？", items)
    assert not sentence.supported
    (sentence,) = check("答案：4.8万人[1]。", "2022年全市新增城镇就业多少人？", items)
    assert sentence.supported, sentence.problems


def test_punctuation_alone_is_no_sentence() -> None:
    assert check("答案：[1]。", ASK_SIGNED) == []


def test_an_answer_in_traditional_script_is_checked_against_a_simplified_source() -> None:
    (sentence,) = check(
        f"依據：{OPENED}\n答案：東湖翡翠小區[2]。", "東湖社區的圖書流動車開進了哪個小區？", language="zh-Hant"
    )
    assert sentence.supported, sentence.problems
    assert cited(sentence) == [2]


EXPOSED = "国外疫情不确定性仍然较大，我市企业外向度较高，受到的影响也会更大；"


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


def test_the_size_of_an_industry_is_no_gross_product() -> None:
    cluster = "其中，硅碳新材料产业集群规模达到450亿元，跻身全省战略性新兴产业集群之列。"
    (sentence,) = check(
        "答案：450亿元[1]。", "许昌市2023年的地区生产总值是多少亿元？", evidence_of((cluster,))
    )
    assert sentence.problems == ("the source is about another figure",)
    (sentence,) = check(
        "答案：硅碳新材料产业集群壮大[1]。", "为什么许昌市的地区生产总值上升？", evidence_of((cluster,))
    )
    assert "the source is about another figure" not in sentence.problems


def test_a_plan_is_no_answer_to_what_was_done() -> None:
    plan = "省委省政府即将出台文件，计划将160项省辖市级经济社会管理权限赋予长葛市等9个示范县市。"
    (sentence,) = check("答案：160项[1]。", "省里最后实际赋予长葛多少项权限？", evidence_of((plan,)))
    assert sentence.problems == ("the source tells a plan",)


def test_how_many_there_are_is_no_answer_to_how_many_were_added() -> None:
    (sentence,) = check(
        "答案：473家[1]。",
        "2023年许昌新增了多少家高新技术企业？",
        evidence_of(("2023年，全市高新技术企业数量达到473家，“上云”企业突破1万家。",)),
    )
    assert sentence.problems == ("the source tells how many there are, not how many were added",)


def test_the_day_of_a_speech_is_not_that_of_what_it_tells_of() -> None:
    speech = "在全市领导干部会议上的讲话 人民政府市长 张忠民 （2020年8月17日）"
    evidence = evidence_of(("宝润达成功挂牌新三板。", "新三板挂牌企业达到5家。"), (speech,))
    (sentence,) = check("答案：2020年8月17日[1]。", "宝润达是在哪一天挂牌新三板的？", evidence)
    assert "the day is that of the document" in sentence.problems
    (sentence,) = check("答案：2020年8月17日[1]。", "张忠民讲宝润达挂牌新三板的会议是哪天开的？", evidence)
    assert "the day is that of the document" not in sentence.problems
