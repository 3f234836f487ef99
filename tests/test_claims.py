import random

import pytest

from rag.training.claims import another, claim
from rag.training.written import WrittenExamples, read_all


@pytest.mark.parametrize(
    ("question", "value", "claimed"),
    [
        ("长葛市旅游工作会议是谁主持的？", "王建国", "长葛市旅游工作会议是王建国主持的"),
        ("临河市2022年生产总值是多少亿元？", "1386亿元", "临河市2022年生产总值是1386亿元"),
        ("青山市2018年接待了多少游客？", "280万人次", "青山市2018年接待了280万人次游客"),
        ("浔阳湖市生产总值在全省前移到了第几位？", "第五位", "浔阳湖市生产总值在全省前移到了第五位"),
        ("大桥是什么时候通车的？", "6月3日", "大桥是6月3日通车的"),
        ("全县是哪个镇退出得最早？", "修江镇", "全县是修江镇退出得最早"),
    ],
)
def test_a_question_becomes_the_claim_that_a_value_is_its_answer(
    question: str, value: str, claimed: str
) -> None:
    said = claim(question, value, random.Random(0))
    assert said is not None and said.startswith(claimed)
    assert said.removeprefix(claimed) in (
        "吗？",
        "吧？",
        "，对吗？",
        "，对吧？",
        "，是这样吗？",
        "，没错吧？",
    )


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("为什么临河市生产总值达到多少也没有用？", "1386亿元"),  # asks twice
        ("临河 生产总值 2022", "1386亿元"),  # keywords have no place for it
        ("会议是谁主持的？", "1386亿元"),
        ("临河市2022年生产总值是多少？", "市长王建国"),
        ("大桥是哪天通车的？", "王建国"),
        ("市里准备如何解决停车难？", "新增公共停车泊位6200个"),
    ],
)
def test_a_question_that_a_value_does_not_answer_becomes_no_claim(question: str, value: str) -> None:
    assert claim(question, value, random.Random(0)) is None


def test_a_false_value_is_of_the_kind_of_the_true_one() -> None:
    chance = random.Random(0)
    for _ in range(50):
        number = another("96家", ["12家", "6月3日"], chance)
        assert number is not None and number != "96家" and number.endswith("家")
        assert another("王建国", ["12家", "赵敏", "李晓明"], chance) == "李晓明"
    assert another("王建国", ["赵敏"], chance) is None


def test_the_sentence_that_answers_is_right_for_a_true_claim_and_for_a_false_one() -> None:
    document = read_all()[0]
    groups = list(WrittenExamples(0).of(document))
    claims = [group for group in groups if group[0].question.endswith(("吗？", "吧？"))]
    asked = {question for fact in document.facts for question in fact.questions}
    made = [group[0] for group in claims if group[0].right and group[0].question not in asked]
    answers = {fact.answer for fact in document.facts}
    assert made
    for example in made:
        assert example.span is not None and example.text[slice(*example.span)] in answers
