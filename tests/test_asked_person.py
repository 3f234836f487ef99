"""Whether a question asks for a person."""

from __future__ import annotations

import pytest

from rag.asked import read_question


@pytest.mark.parametrize(
    "question",
    [
        "谁主持了6月3日的全市领导干部会议？",
        "具體工作又是誰部署的？",
        "河南日报那篇讲许昌全力拼经济的网页，责任编辑是哪位？",
        "大周鎮的黨委書記是哪一位？",
        "两个会都到场的许昌副市长是哪几位？",
        "2022年底许昌市政府的秘书长叫什么名字？",
        "那位育婴师叫什么名字",
        "Who chaired the meeting?",
        "Which reporter took the photographs on 28 December 2022?",
        "Which vice mayor inspected the landscaping projects?",
        "河南日报 2024-01-18 许昌市委八届六次全会解读 记者",
        "2022年12月28日 许昌市委经济工作会议 作工作部署的市长",
        "禹州市委书记",
        "禹州市委书记 姓名",
    ],
)
def test_a_person_is_asked_for(question: str) -> None:
    assert read_question(question).person


@pytest.mark.parametrize(
    "question",
    [
        "食品行业产销对接会是谁主办的？",
        "谁主办了「圖書流動服務車進小區」活動？",
        "《许昌市妇女发展规划》由谁印发？",
        "这座公园是谁投资建设的？",
        "这是谁家的图书？",
        "图书流动车开进的那个小区叫什么名字？",
        "2020年长葛经济增长",
        "许昌 学校 班长",
        "培训对象：村支部书记",
        "公开信 致市长",
        "每村一名党支部书记参加",
        "禹州那家公交公司叫什么名字？",
        "Which company built the plant?",
        "Which city did the delegation visit?",
    ],
)
def test_an_office_a_company_or_a_place_may_be_the_answer(question: str) -> None:
    assert not read_question(question).person


@pytest.mark.parametrize(
    ("question", "person"),
    [
        ("许昌市委书记是谁？", True),
        ("会上是谁讲的话？", True),
        ("那个男孩叫什么名字？", True),
        ("替长葛一峰百货上台发言的那个人叫啥？", True),
        ("那位女学员叫什么呀？", True),
        ("这个机器人叫什么？", False),
        ("本案的债权人叫什么？", False),
        ("番茄，北京人叫什么？", False),
        ("2020年高考，长葛哪个学生上了清华？", True),
        ("哪个人群最容易得这种病？", False),
        ("刘顺兴是谁？", False),  # asks what he is
        ("「海上星辰號」船長叫甚麼名字？", True),
        ("拉姆·巴兰·亚达夫是谁？", False),
        ("这部动画片叫什么名字？", False),
        ("这颗卫星是由谁制造的？", False),  # mostly a company
    ],
)
def test_whether_a_person_is_asked_for(question: str, person: bool) -> None:
    assert read_question(question).person is person


@pytest.mark.parametrize(
    "question",
    [
        "谁赢得了决赛？",
        "最大的一笔捐款是谁捐的？",
        "云溪大桥是谁承建的？",
        "野马队打败了谁？",
        "谁在分区轮输给了野马队？",
        "盛大被谁收购了？",
    ],
)
def test_a_team_may_win(question: str) -> None:
    assert not read_question(question).person


def test_which_of_two_is_larger_asks_for_no_person() -> None:
    assert not read_question("许昌和漯河2021年GDP各是多少，谁大？").person
    assert not read_question("两个市的增速谁更快一些？").person
    assert read_question("谁大声说话？").person
