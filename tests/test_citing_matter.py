"""A source that tells of another place, time or thing than the question carries no answer."""

from __future__ import annotations

import dataclasses

import pytest
from checking import CHAIRED, check, evidence_of

from index.dating import Dateline
from rag.prompting import Language


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


def test_who_signed_a_notice_on_an_indicator_need_not_stand_beside_it() -> None:
    items = evidence_of(("本公告由市统计局国民经济核算科起草，局长梁叔和签发。",))
    (sentence,) = check("答案：梁叔和[1]。", "2022年GDP最终核实公告是谁签发的？", items)
    assert sentence.supported


def test_in_english_a_name_in_brackets_need_not_stand_beside_each_sentence() -> None:
    told = (
        "答复：翠屏苑小区室温不达标。"
        + "经区住建局现场核查，情况如下。" * 9
        + "热力公司应向43户退费9.74万元。"
    )
    (item,) = evidence_of([told[-19:]])
    item = dataclasses.replace(
        item,
        passage=dataclasses.replace(item.passage, chunk=dataclasses.replace(item.passage.chunk, text=told)),
    )
    asked = "How much is refunded to the 43 households of Cuiping Garden ({})?".format
    (sentence,) = check("Answer: 9.74万元[1].", asked("翠屏苑"), [item], "en")
    assert sentence.supported
    (sentence,) = check("Answer: 9.74万元[1].", asked("金湖苑"), [item], "en")
    assert "the source does not speak of what the question quotes" in sentence.problems


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


def test_the_figure_of_a_part_of_the_year_is_not_that_of_the_year() -> None:
    items = evidence_of(("截至7月底，全市优良天数145天。",))
    (sentence,) = check("答案：145天[1]。", "全市全年优良天数有多少天？", items)
    assert sentence.problems == ("the source is about another part of the year",)
    (sentence,) = check("答案：145天[1]。", "截至7月底，全市优良天数有多少天？", items)
    assert sentence.supported


def test_a_source_of_another_year_does_not_carry_an_answer() -> None:
    items = evidence_of(("2022年，全市新增城镇就业4.8万人。",), title="2022年工作总结")
    (sentence,) = check("答案：4.8万人[1]。", "2023年全市新增城镇就业多少人？", items)
    assert not sentence.supported
    (sentence,) = check("答案：4.8万人[1]。", "2022年全市新增城镇就业多少人？", items)
    assert sentence.supported, sentence.problems


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


def test_a_first_estimate_is_not_what_it_came_to_in_the_end() -> None:
    estimate = "据初步统计，截至7月3日，直接经济损失8.7亿元。"
    items = evidence_of((estimate,))
    (sentence,) = check("答案：8.7亿元[1]。", "初步统计之后，县政府后来说的直接经济损失是多少亿元？", items)
    assert sentence.problems == ("the source gives a first estimate",)
    (sentence,) = check("答案：8.7亿元[1]。", "初步统计的直接经济损失是多少亿元？", items)
    assert sentence.supported


def test_what_a_project_costs_in_all_is_not_what_its_first_phase_does() -> None:
    items = evidence_of(("建设沅顶茶旅小镇，总投资6.5亿元。",))
    (sentence,) = check("答案：6.5亿元[1]。", "沅顶茶旅小镇头一期总投资是多少亿元？", items)
    assert sentence.problems == ("the source is about another phase",)
    (sentence,) = check("答案：6.5亿元[1]。", "沅顶茶旅小镇总投资是多少亿元？", items)
    assert sentence.supported
    items = evidence_of(("建设沅顶茶旅小镇一期，总投资3.8亿元。",))
    (sentence,) = check("答案：3.8亿元[1]。", "沅顶茶旅小镇第一期总投资是多少亿元？", items)
    assert sentence.supported
    items = evidence_of(("总投资3.8亿元。",), headings=("沅顶茶旅小镇二期开工",))
    (sentence,) = check("答案：3.8亿元[1]。", "沅顶茶旅小镇一期总投资是多少亿元？", items)
    assert not sentence.supported


def test_what_is_told_of_a_year_is_not_of_the_one_that_it_is_compared_with() -> None:
    items = evidence_of(("2020年全市一本上线709人，比2019年增加127人。",))
    (sentence,) = check("答案：709人[1]。", "2019年全市一本上线多少人？", items)
    assert "the source only compares with that year" in sentence.problems
    (sentence,) = check("答案：709人[1]。", "2020年全市一本上线多少人？", items)
    assert sentence.supported
    visitors = "107年來訪遊客達612萬人次，較106年的587萬人次成長4.3%，其中外籍旅客41萬人次。"
    items = evidence_of((visitors,))
    (sentence,) = check("答案：41萬人次[1]。", "106年的外籍旅客有多少人次？", items)
    assert not sentence.supported
    (sentence,) = check("答案：587萬人次[1]。", "106年來訪遊客有多少人次？", items)
    assert sentence.supported


def test_each_figure_is_told_of_what_it_is_named_after() -> None:
    items = evidence_of(("长葛城市低保标准提高到每人每月690元，农村低保550元。",))
    asked = "2023年的城市低保，长葛和襄城哪边给得高？"
    (sentence,) = check("答案：长葛：690元，襄城：550元[1]。", asked, items)
    assert "the source does not speak of each that the answer names" in sentence.problems
    items = evidence_of(("城市低保标准长葛690元，襄城550元。",))
    (sentence,) = check("答案：长葛：690元，襄城：550元[1]。", asked, items)
    assert sentence.supported


def test_a_report_of_another_month_is_not_the_one_that_was_asked_for() -> None:
    (item,) = evidence_of(("许明高速计划2025年6月建成通车。",))
    asked = "按2024年1月的市政府工作报告，许明高速什么时候通车？"
    for written, problems in {
        "2023-01-09": ("the source is not the report that was asked for",),
        "2024-01-09": (),
        "": (),
    }.items():
        chunk = dataclasses.replace(item.passage.chunk, dateline=Dateline(written))
        passage = dataclasses.replace(item.passage, chunk=chunk)
        (sentence,) = check("答案：2025年6月[1]。", asked, [dataclasses.replace(item, passage=passage)])
        assert sentence.problems == problems
