import pytest

from rag.document_kinds import is_of_another_kind

SECRETARY = "在市委十三届十一次全体会议暨 全市领导干部会议上的讲话 市委书记 尹俊营 （2020年8月17日）"
MAYOR = "在市委十三届十一次全体会议暨 全市领导干部会议上的讲话 人民政府市长 张忠民 （2020年8月17日）"
PRIZE = "在2020年教育质量市长奖表彰大会上的讲话 市委书记 尹俊营 (2020年9月29日)"
REPORT = "政府工作报告 2021年7月17日在市十五届人大五次会议上 人民政府代市长 张晓丽"


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("2021年政府工作报告定的生产总值增长目标是多少？", SECRETARY),
        ("市委全会讲话里2021年的增长目标是多少？", REPORT),
        ("2020年8月17日的会上，书记说空气优良天数是多少天？", MAYOR),
        ("2020年8月17日的會上，市長說空氣優良天數是多少天？", SECRETARY),
        ("按张忠民2020年8月的讲话，三年里要建多少个5G基站？", SECRETARY),
        ("长葛 教育质量市长奖表彰大会 尹俊营讲话 日期", MAYOR),
    ],
)
def test_another_kind_of_document_or_anothers_speech_is_told(question: str, heading: str) -> None:
    assert is_of_another_kind(question, ("004_f5f24fe418386bc2", heading), "优良天数达到162天。")


@pytest.mark.parametrize(
    ("question", "heading"),
    [
        ("2021年政府工作报告定的生产总值增长目标是多少？", REPORT),
        ("2021年政府工作报告定的生产总值增长目标是多少？", "长葛市举行食品行业产销对接会"),
        ("市委全会讲话和政府工作报告各说的是多少？", REPORT),
        ("2020年8月17日的会上，书记说空气优良天数是多少天？", SECRETARY),
        ("2020年9月，尹俊营说教师月人均收入增长多少？", PRIZE),
        ("按张忠民2020年8月的讲话，三年里要建多少个5G基站？", MAYOR),
        ("长葛2021年的生产总值增长目标是多少？", SECRETARY),
        ("市委书记是谁？", MAYOR),
        ("Who is the mayor?", SECRETARY),
        # a page on a meeting, whoever its headline names; words and cities that are no speakers
        (
            "市长刘涛在会上说了什么？",
            "刘涛主持召开会议 传达学习习近平总书记重要讲话精神 研究《政府工作报告》起草",
        ),
        ("市长刘涛在会上讲了什么？", "市委书记史根治主持会议并讲话"),
        ("长葛贯彻落实总书记重要讲话精神，办了多少民生实事？", REPORT),
        ("许昌2020年说的空气优良天数是多少天？", REPORT),
        ("副市长在会上说了多少天？", SECRETARY),
        ("国家报的优良天数是多少天？", REPORT),
    ],
)
def test_a_document_of_the_kind_or_where_none_is_named_will_do(question: str, heading: str) -> None:
    assert not is_of_another_kind(question, ("004_f5f24fe418386bc2", heading), "优良天数达到162天。")


def test_what_names_who_is_asked_about_will_do_whoever_spoke() -> None:
    asked = "按张忠民2020年8月的讲话，三年里要建多少个5G基站？"
    assert not is_of_another_kind(asked, ("", SECRETARY), "张忠民市长的讲话讲得很好")
