from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.cleaning import clean
from index.folding import fold, to_simplified, to_traditional
from rag.names import person_names


@pytest.mark.parametrize(
    ("seed", "names"),
    [
        # Two reporters, a photographer, the party secretary, the mayor, and who else sat there.
        ("000", {"王利辉", "高伟山", "牛书培", "史根治", "刘涛", "王堃", "黄旭东", "卢希望", "赵淑红"}),
        # In traditional script: a photographer and the party secretary who "説".
        ("001", {"乔利峰", "史根治"}),
        # Letter-spaced in the file: （记 者 张 辉）.
        ("002", {"张辉", "张庆一", "杨朝晖", "李朝锋", "胡晨", "程鹏飞", "付家宝", "袁高磊", "王幸福"}),
        ("003", {"牛书培", "石冠兵", "史根治", "胡晨", "刘艳红", "方婷"}),
        ("004", {"张晓丽", "张忠民", "尹俊营"}),
    ],
)
def test_the_persons_of_a_page_are_found(seed_texts: dict[str, str], seed: str, names: set[str]) -> None:
    assert names <= set(person_names(clean(seed_texts[seed]).text))


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ("牛书培。", ["牛书培"]),
        ("拍照的是牛书培。", ["牛书培"]),
        ("本报记者 牛书培 摄", ["牛书培"]),
        ("由市委书记史根治主持。", ["史根治"]),
        ("市委常委、常务副市长张庆一，市委常委、副市长卢希望", ["张庆一", "卢希望"]),
        ("副市长张飞、杨朝晖、李朝锋参加。", ["张飞", "杨朝晖", "李朝锋"]),
        ("张庆一和卢希望", ["张庆一", "卢希望"]),
        ("杨朝晖（副市长）", ["杨朝晖"]),
        ("他叫石喜萍。", ["石喜萍"]),
        ("市委宣讲团成员刘顺兴作专题宣讲报告。", ["刘顺兴"]),
        ("市长刘涛部署了工作", ["刘涛"]),
        ("副市长楚雷率队调研，胡晨就此提出要求。", ["楚雷", "胡晨"]),
        ("喬利峰 攝", ["乔利峰"]),
        ("市長劉濤", ["刘涛"]),
        ("许昌市委書記史根治説", ["史根治"]),
        ("大坳乡卫生院护士温秋月徒步11公里往返送药", ["温秋月"]),
        ("市生态环境局局长 岳松年", ["岳松年"]),
        ("教育局局长谭学勤坦言，学校晚建了两年", ["谭学勤"]),
        ("湯家輝議員申報利益，沒有參與表決", ["汤家辉"]),
        ("由张新月主持", ["张新月"]),
        ("由李庆年主持", ["李庆年"]),
        ("欧阳修", ["欧阳修"]),
        ("記者歐陽文華攝", ["欧阳文华"]),
        ("责任编辑：仝瑞勤", ["仝瑞勤"]),
        ("Niu Shupei took them.", ["Niu Shupei"]),
        ("The mayor, Liu Tao, and Shi Genzhi.", ["Liu Tao", "Shi Genzhi"]),
        ("It was Niu Shupei (牛书培).", ["牛书培", "Niu Shupei"]),
    ],
)
def test_names_are_found_in_an_answer(answer: str, names: list[str]) -> None:
    assert person_names(answer) == names


@pytest.mark.parametrize("name", ["王建国", "李卫国", "張愛國"])
def test_a_given_name_may_end_as_a_country_does(name: str) -> None:
    assert person_names(f"记者{name}摄") == [to_simplified(name)]


@pytest.mark.parametrize("text", ["全国", "韩国", "向全国", "中国", "于我国"])
def test_a_country_is_no_person(text: str) -> None:
    assert person_names(text) == []


@pytest.mark.parametrize(
    "text",
    [
        # Offices.
        "许昌市委",
        "长葛市人民政府",
        "省商务厅",
        "共青团禹州市委",
        "由许昌市委主办。",
        "市委常委、常务副市长",
        "许昌市图书馆",
        # Companies.
        "长葛市天健食品有限公司",
        "河南领存智能制造有限公司",
        "众品集团",
        "胖东来",
        "宝润达",
        # Places.
        "长葛",
        "魏都区",
        "禹州市",
        "许昌市",
        "东湖社区",
        "東湖翡翠小區",
        "坡胡镇",
        "后河王买村",
        "石固镇",
        # Titles alone, and what is no name at all.
        "记者",
        "总经理",
        "李老师",
        "资料中没有相关内容。",
        "3400万元。",
        "Xuchang",
        "the party secretary",
        "，全年完成",
        "2022年9月，成功申报国家级产业联盟。",
        "经投票，全票当选为新一届会长。",
        "2023年，安阳荣获全国文明城市称号。",
        "，于昨日在许昌举行",
        "公交司机",
        "于本年、计本月、和去年",
        "",
    ],
)
def test_offices_companies_and_places_are_no_persons(text: str) -> None:
    assert person_names(text) == []


@pytest.mark.parametrize("name", ["史根治", "刘涛", "张庆一", "杨朝晖", "乔利峰", "尹俊营"])
@pytest.mark.parametrize("frame", ["市长{}主持会议。", "记者 {} 摄", "（{}）", "{}、王堃", "由{}主持"])
def test_the_script_of_a_name_makes_no_difference(frame: str, name: str) -> None:
    text = frame.format(name)
    assert name in person_names(text)
    assert person_names(to_traditional(text)) == person_names(text)


@given(st.text() | st.text("王李张欧阳建国市长记者、，。 和摄AbZ z劉"))
def test_names_stand_in_the_text(text: str) -> None:
    for name in person_names(text):
        assert name in text or name in fold(text)
        assert len(name) >= 2


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("市审计局局长 庾文曦", ["庾文曦"]),
        ("办公室主任\u3000枨小满", ["枨小满"]),
        ("主任 会议", []),
        ("局长 热线", []),
    ],
)
def test_after_a_title_and_a_space_stands_a_name_whatever_the_surname(text: str, names: list[str]) -> None:
    assert person_names(text) == names
