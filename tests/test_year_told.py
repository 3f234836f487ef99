"""Which year a sentence is about, as what stands nearest to it tells."""

from __future__ import annotations

import pytest

from index.dating import UNDATED, Dateline
from rag.year_told import goes_without_saying, is_of_another_year, speaks_of_other_years
from rag.years import years


def test_a_sentence_of_another_year_is_told_from_one_of_the_year_asked_for() -> None:
    assert speaks_of_other_years({2023}, ["2022年，新增就业5万人。"])
    assert not speaks_of_other_years({2023}, ["2023年，新增就业5万人。"])


def test_the_years_of_the_republic_are_told_apart_and_are_those_of_the_calendar() -> None:
    sentence = "107年來訪遊客達612萬人次。"
    assert is_of_another_year(years("海嵐縣106年的遊客有多少？"), sentence, (), ())
    assert not is_of_another_year(years("海嵐縣107年的遊客有多少？"), sentence, (), ())
    assert not is_of_another_year(years("海岚县2018年的游客有多少？"), sentence, (), ())


def test_a_sentence_without_a_year_is_judged_by_what_is_around_it() -> None:
    sentence = "新增就业5万人。"
    assert speaks_of_other_years({2023}, [sentence, "2022年工作总结", ""])
    assert not speaks_of_other_years({2023}, [sentence, "2022年工作总结", "2023年计划"])


def test_where_no_year_is_named_or_asked_for_none_is_another() -> None:
    assert not speaks_of_other_years({2023}, ["新增就业5万人。", ""])
    assert not speaks_of_other_years(set(), ["2022年，新增就业5万人。"])


def test_the_nearest_text_that_names_a_year_decides() -> None:
    headings = ("政府工作报告 2021年7月17日", "一、2020年工作回顾")
    assert is_of_another_year({2021}, "新增城镇就业1.4万人。", headings, [])
    assert not is_of_another_year({2020}, "新增城镇就业1.4万人。", headings, [])
    assert is_of_another_year({2020}, "2019年新增城镇就业1.2万人。", headings, [])
    assert not is_of_another_year({2022}, "实施《许昌市妇女发展规划（2021—2030年）》。", (), [])
    assert is_of_another_year({2023}, "新增就业5万人。", (), ["2022年工作总结"])
    bulletin = ("泽川市2023年统计公报 泽川市统计局2024年4月2日", "九、收入")
    assert is_of_another_year({2024}, "人均可支配收入38940元。", bulletin, [])
    assert not is_of_another_year({2023}, "人均可支配收入38940元。", bulletin, [])
    assert not is_of_another_year({2024}, "人均可支配收入38940元。", ("市统计局2024年4月2日",), [])
    assert not is_of_another_year(set(), "2019年新增就业5万人。", (), [])
    late = "教育局局长谭学勤坦言，学校晚建了两年，直到2020年底才改用现址。"
    assert not is_of_another_year({2022}, late, ("2022年9月2日",), []), "the other year is told beside it"
    assert not is_of_another_year({2020}, late, ("2022年9月2日",), [])
    assert is_of_another_year({2023}, late, ("2022年9月2日",), [])
    for figure in (
        "医院早在2019年就有床位五百张。",
        "早在2019年，全市新增就业就达到5.2万人。",
        "该起交通事故发生于2020年，共造成12人死亡。",
    ):
        assert is_of_another_year({2022}, figure, ("2022年",), []), "the figure is of the other year"


def test_what_somebody_won_the_year_before_is_told_beside_the_matter() -> None:
    told = "茶农聂守成以96.4分获得“炒茶王”称号，第二名是去年的冠军、溪东镇的柳大兰，得95.1分。"
    page = ("第十二届云溪春茶节开幕",)
    day = Dateline("2023-04-18")
    assert not is_of_another_year({2023}, told, page, (), day)
    assert not is_of_another_year({2022}, told, page, (), day), "who was the champion of 2022?"
    assert goes_without_saying({2023}, told, page, (), day)
    for subject in ("去年的冠军是溪东镇的柳大兰，得95.1分。", "去年第一名得分98.2分。"):
        assert is_of_another_year({2023}, subject, page, (), day)
    assert is_of_another_year({2023}, "去年的收购价为每斤860元。", page, (), day)


@pytest.mark.parametrize(
    "sentence",
    [
        "全年造船完工量86.5万载重吨，主要是因为上半年钢板供应中断、两艘散货船推迟到今年交付。",
        "主要原因是台风造成屋面钢结构受损，预计推迟到2023年8月开放。",
    ],
)
def test_until_when_something_was_put_off_is_told_beside_the_matter(sentence: str) -> None:
    headings = ("政府工作报告 2023年1月6日", "一、2022年工作回顾")
    assert not is_of_another_year({2022}, sentence, headings, (), Dateline("2023-01-06"))
    assert not is_of_another_year({2023}, sentence, headings, (), Dateline("2023-01-06"))


def test_去年_is_the_year_before_the_one_that_it_was_written_in() -> None:
    sentence = "去年亩均税收达48万元。"
    assert not is_of_another_year({2019}, sentence, (), [], written=Dateline("2020"))
    assert is_of_another_year({2020}, sentence, (), [], written=Dateline("2020"))
    assert not is_of_another_year({2020}, sentence, (), [], written=UNDATED)


def test_the_end_of_a_plan_for_five_years_is_its_last_year() -> None:
    target = "“十四五”末，高新技术企业力争超过100家。"
    assert is_of_another_year({2020}, target, ["2020年工作回顾"], [])
    assert not is_of_another_year({2025}, target, ["2020年工作回顾"], [])


EMPLOYED = "新增城镇就业5.04万人,农村劳动力转移就业2.1万人"


AIMED = "力爭全年新增省級以上工程(技術)研究中心等創新平臺50家。"


JANUARY, MARCH = Dateline("2024-01-18"), Dateline("2024-03-18")


@pytest.mark.parametrize(
    ("year", "sentence", "written", "expected"),
    [
        # In January a paper tells what the year before brought, and what this one is to bring.
        (2023, EMPLOYED, JANUARY, True),
        (2024, EMPLOYED, JANUARY, False),
        (2022, EMPLOYED, JANUARY, False),
        (2024, AIMED, JANUARY, True),
        (2023, AIMED, JANUARY, False),
        (2024, "1月15日，市长主持召开会议。", JANUARY, True),
        (2023, "1月15日，市长主持召开会议。", JANUARY, False),
        # later in the year what this one brings
        (2024, "现场签约合同金额3400万元", MARCH, True),
        (2024, "现场签约合同金额3400万元", Dateline("2024"), True),
        (2023, "现场签约合同金额3400万元", Dateline("2024"), False),
        # what the sentence says itself counts before that
        (2023, "去年新增就业5万人", MARCH, True),
        (2024, "去年新增就业5万人", MARCH, False),
        (2024, "2023年新增就业5万人", MARCH, False),
        (2024, "2024年新增就业5万人", MARCH, False),
        (2024, EMPLOYED, UNDATED, False),
        (2023, "昨日，全市集中签约项目12个。", JANUARY, False),
        (2024, "昨日，全市集中签约项目12个。", JANUARY, True),
        (2023, "地区生产总值增长6%左右，新增城镇就业5万人以上。", JANUARY, False),
        # of several years, or of some other time
        (2023, "五年来，全市新增城镇就业25万人。", JANUARY, False),
        (2023, "“十四五”期间新增城镇就业25万人。", JANUARY, False),
        (2024, "改革开放之初，全市只有3家工厂。", MARCH, False),
    ],
)
def test_when_the_year_of_a_sentence_goes_without_saying(
    year: int, sentence: str, written: Dateline, expected: bool
) -> None:
    assert goes_without_saying({year}, sentence, ["拼的基礎"], ["全力以赴拼經濟"], written) is expected


def test_a_year_goes_without_saying_where_only_that_one_is_named_around_it() -> None:
    assert goes_without_saying({2023}, EMPLOYED, [], ["2023年，经济稳中向好。"], UNDATED)
    assert not goes_without_saying({2023}, EMPLOYED, [], ["2022年和2023年，经济稳中向好。"], UNDATED)
    assert not goes_without_saying({2023}, EMPLOYED, ["2023年工作"], [], UNDATED), "the reader sees it"
    # the day that it was written is none of those that are named, nor is a year that is only compared with
    assert not goes_without_saying({1998}, "公司现有员工3000人。", [], ["公司成立于1998年。"], UNDATED)
    assert not goes_without_saying({2022}, EMPLOYED, [], ["比2022年增长6.5%。"], UNDATED)
    assert not goes_without_saying({2022, 2023}, EMPLOYED, [], ["2022年和2023年"], UNDATED)
    assert not goes_without_saying(set(), EMPLOYED, [], ["2023年"], UNDATED)


REPORT = ("安沅县2018年政府工作报告 （2018年1月4日在安沅县第十七届人民代表大会第二次会议上 县长 陶志刚）",)
EARNED = "农村居民人均可支配收入11974元，增长10.2%。"


def test_a_report_to_the_congress_tells_of_the_year_before() -> None:
    written = Dateline("2018-01-04")
    assert not is_of_another_year({2017}, EARNED, REPORT, [], written)
    assert not is_of_another_year({2017}, EARNED, ("安沅县2018年政府工作报告",), []), "undated"
    assert is_of_another_year({2016}, EARNED, REPORT, [], written)
    assert goes_without_saying({2017}, EARNED, REPORT, [EARNED], written)
    assert is_of_another_year({2017}, "力争农村居民人均可支配收入增长9.5%。", REPORT, [], written), "planned"
    assert is_of_another_year({2017}, EARNED, (*REPORT, "二、下一步重点工作"), [], written)
    assert is_of_another_year({2017}, "五年来，转移就业4.1万人。", REPORT, [], written), "of five years"
    past = "铸造产业产值完成91亿元，没有实现百亿目标。"
    assert not is_of_another_year({2017}, past, (*REPORT, "一、过去一年的工作"), [], written)
    assert is_of_another_year({2018}, past, (*REPORT, "一、过去一年的工作"), [], written)
    autumn = ("2018年工作报告 2018年11月20日",)
    assert is_of_another_year({2017}, EARNED, autumn, [], Dateline("2018-11-20")), "no report to the congress"
    assert is_of_another_year({2017}, EARNED, ("2018年政府工作报告",), [], Dateline("2018-12-20"))


def test_what_is_still_to_come_of_a_thing_does_not_make_it_this_years() -> None:
    delayed = "天然气入户改造未能按期完成，只改造了1.1万户，今年继续办结。"
    headings, written = ("政府工作报告 2018年1月9日", "一、2017年工作回顾"), Dateline("2018-01-09")
    assert not is_of_another_year({2017}, delayed, headings, [], written)
    assert not is_of_another_year({2018}, delayed, headings, [], written)
    assert not is_of_another_year({2017}, "改造了76个，还有4个未完工，将在今年扫尾。", headings, [], written)
    assert is_of_another_year({2017}, "今年，改造1.1万户。", headings, [], written)


def test_the_last_words_before_it_that_name_a_year_tell_of_which_a_report_speaks() -> None:
    harvest, written = "粮食总产量103.4万吨。", Dateline("2018-01-04")
    income = "城镇居民人均可支配收入37240元，农村居民19978元，固定资产投资增长8.2%，工业增加值增长4.7%。"
    done = f"2017年，全市生产总值1213.5亿元，比2016年增长3.9%。{income}{harvest}"
    assert not is_of_another_year({2017}, harvest, REPORT, [harvest, done], written)
    assert is_of_another_year({2018}, harvest, REPORT, [harvest, done], written)
    planned = f"2018年要做好下列工作。{harvest}"
    assert not is_of_another_year({2018}, harvest, REPORT, [harvest, planned], written)
    assert is_of_another_year({2017}, harvest, REPORT, [harvest, planned], written)


def test_what_a_newspaper_reports_is_of_its_own_year_unless_the_words_before_it_name_another() -> None:
    opened, written = "上午9时许，副市长钱素云宣布开幕。", Dateline("2018-06-18")
    since = (
        "由市体育局主办，也是在端午节这一天举行的，当时两岸的观众不过两万来人，远不如这一次热闹，天气也不好。"
    )
    page = f"2017年首届只有14支队伍参加，{since}{opened}"
    assert not is_of_another_year({2018}, opened, ["龙舟竞渡"], [opened, page], written)
    assert is_of_another_year({2018}, opened, ["龙舟竞渡"], [opened, page]), "where nobody knows when"
    assert is_of_another_year({2018}, opened, ["龙舟竞渡"], [opened, f"2017年首届举行。{opened}"], written)
    assert is_of_another_year({2016}, opened, ["龙舟竞渡"], [opened, page], written)


@pytest.mark.parametrize(
    "sentence",
    [
        "规模以上工业增加值增长8.5%。",
        "60岁以上老人免费体检12万人次。",
        "向上争取资金12.3亿元。",
        "超额完成年度目标任务，新增就业5.2万人。",
        "主要建设高标准农田12万亩。",
        "当年脱贫1.2万人。",
        "Sales exceeded targets by 5%.",
    ],
)
def test_what_only_sounds_like_a_plan_is_of_the_year_that_a_report_looks_back_on(sentence: str) -> None:
    assert not is_of_another_year({2017}, sentence, REPORT, [], Dateline("2018-01-04"))


def test_the_nearest_heading_that_says_so_tells_whether_a_report_looks_back() -> None:
    written, sentence = Dateline("2018-01-04"), "新建高标准农田12万亩。"
    planned = (*REPORT, "二、下一步重点工作", "（三）推动乡村振兴取得新成效")
    assert is_of_another_year({2017}, sentence, planned, [], written)
    assert not is_of_another_year({2018}, sentence, planned, [], written)
    done = (*REPORT, "一、过去一年工作回顾")
    assert not is_of_another_year({2017}, "全年累计减税降费12亿元。", done, [], written)


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("政府工作报告（2018年1月）", "2018-01"),
        ("二〇一八年政府工作报告", "2018-01-04"),
        ("政府工作报告 二〇一八年一月四日在许昌市第八届人民代表大会上", "2018-01-04"),
        ("2018.1.4 政府工作报告", "2018-01-04"),
        ("2018年政府工作报告", "2018"),
        ("国民经济和社会发展统计公报", "2018-04-02"),
        ("年度报告", "2018-04-20"),
    ],
)
def test_reports_look_back_however_their_titles_are_written(title: str, written: str) -> None:
    assert not is_of_another_year({2017}, EARNED, (title,), [EARNED], Dateline(written))


def test_no_other_meeting_looks_back_later_in_the_year() -> None:
    appointed, headings = "会议任命李明为副市长。", ("市人民代表大会常务委员会举行第十次会议",)
    assert goes_without_saying({2018}, appointed, headings, [appointed], Dateline("2018-05-10"))
    assert is_of_another_year({2017}, appointed, headings, [appointed], Dateline("2018-05-10"))
    assert is_of_another_year({2022}, EARNED, ("2023年度政府工作报告",), [])
    notice = "元旦放假3天。"
    assert not is_of_another_year({2019}, notice, ("放假通知",), [notice], Dateline("2018-11-20"))


@pytest.mark.parametrize(
    "sentence",
    [
        "第二年，合作社收入达到120万元。",
        "十年前，他只有3亩地。",
        "The following year it earned 1.2 million yuan.",
        "A decade ago it employed only 30 people.",
    ],
)
def test_what_happened_in_some_other_year_is_not_of_the_day_that_it_is_told(sentence: str) -> None:
    since = "那时候山上连路都没有，要靠肩挑背扛把树苗运上去，一干就是一整个冬天，手上全是血泡，谁也不知道能不能活下来。"
    page = f"2009年，老李回到家乡，承包了村里的荒山。{since}{sentence}"
    assert is_of_another_year({2018}, sentence, (), [sentence, page], Dateline("2018-05-10"))


def test_a_sentence_that_is_all_about_this_year_has_no_next_step() -> None:
    aimed, written = "据介绍，今年将投入5.2亿元。", Dateline("2018-05-10")
    assert is_of_another_year({2017}, aimed, (), [aimed, f"2017年，投入3.1亿元。{aimed}"], written)
    assert not goes_without_saying({2017}, aimed, (), [aimed], Dateline("2018-01-04"))


@pytest.mark.parametrize(
    ("sentence", "before", "another"),
    [
        ("其中，长葛市64.2亿元，禹州市51.7亿元。", "去年，全市实际到位资金218.6亿元，增长11.4%。", False),
        ("截至8月底，全市新增就业3万人。", "去年，全市新增就业5万人。", True),
        ("目前，全市有5G基站300个。", "去年，全市新建基站100个。", True),
        ("昨日，市委书记考察了5家企业。", "去年引进了该企业。", True),
    ],
)
def test_去年_in_the_sentence_before_is_the_year_of_what_has_no_time_of_its_own(
    sentence: str, before: str, another: bool
) -> None:
    page, written = ("许昌日报 2019年9月5日",), Dateline("2019-09-05")
    assert is_of_another_year({2018}, sentence, page, [sentence, before + sentence], written) is another


def test_a_year_that_the_sentence_before_only_compares_with_is_not_its_own() -> None:
    before = "今年全市高考报名19860人，本科上线率51.6%，比2024年的49.3%提高2.3个百分点。"
    told = "其中市第一中学本科上线率97.2%。"
    around = (f"{before}{told}", "高考成绩盘点")
    written = Dateline("2025-09-03")
    assert is_of_another_year({2024}, told, ("高考成绩盘点",), around, written)
    assert not is_of_another_year({2025}, told, ("高考成绩盘点",), around, written)
