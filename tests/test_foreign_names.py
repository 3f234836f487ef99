"""Names that are not built of a Chinese surname: enough to know that somebody was named."""

from __future__ import annotations

import pytest

from rag.asked import left_unsaid, read_question
from rag.names import person_names

WHO = "谁获得了女子单人滑金牌？"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("新任总理是克里斯·希普金斯。", "克里斯·希普金斯"),
        ("《哈利·波特》的作者是J·K·罗琳。", "j·k·罗琳"),
        ("乌克兰总统泽连斯基表示感谢。", "泽连斯基"),
        ("金牌得主是谢尔巴科娃。", "谢尔巴科娃"),
        ("凶手是山上彻也。", "山上彻也"),
        ("作者江口寿史", "江口寿史"),
        ("后白河天皇的儿子", "后白河天皇"),
        ("由豫亲王多铎率领。", "豫亲王多铎"),
        ("晋武帝司马炎之子", "晋武帝司马炎之子"),
        ("塞爾維亞總統武契奇", "武契奇"),
        ("耶律延禧", "耶律延禧"),
    ],
)
def test_a_name_of_another_make_is_found(text: str, name: str) -> None:
    assert any(name in found for found in person_names(text))


@pytest.mark.parametrize("place", ["莫斯科", "马来西亚", "加利福尼亚", "哈尔滨", "斯里兰卡", "塞尔维亚"])
def test_a_place_is_nobody(place: str) -> None:
    assert person_names(place) == []
    assert person_names(f"比赛在{place}举行。") == []


@pytest.mark.parametrize("answer", ["伽利略", "荀子", "雪莱。", "是奥丁。", "由中本聪发明的"])
def test_a_short_new_word_may_be_a_name(answer: str) -> None:
    assert left_unsaid(read_question("这是谁发明的？"), "这是谁发明的？", answer) is None


@pytest.mark.parametrize(
    "answer",
    [
        "市长。",
        "许昌市",
        "市委宣传部",
        "有关部门",
        "现场的专家",
        "产销对接会",
        "众品集团",
        "3名市民",
        "女子单人滑金牌",
        "这次会议由有关部门负责同志共同主持召开。",
    ],
)
def test_an_office_a_body_or_a_place_is_no_name(answer: str) -> None:
    assert left_unsaid(read_question(WHO), WHO, answer) == "a person was asked for"


@pytest.mark.parametrize(
    ("question", "person"),
    [
        ("许昌市委书记是谁？", True),
        ("会上是谁讲的话？", True),
        ("那个男孩叫什么名字？", True),
        ("刘顺兴是谁？", False),  # asks what he is
        ("拉姆·巴兰·亚达夫是谁？", False),
        ("这部动画片叫什么名字？", False),
        ("这颗卫星是由谁制造的？", False),  # mostly a company
    ],
)
def test_whether_a_person_is_asked_for(question: str, person: bool) -> None:
    assert read_question(question).person is person


def test_什么时间_asks_for_a_time() -> None:
    assert read_question("会议什么时间召开？").time
    assert (
        left_unsaid(read_question("他什么时间为好友画像？"), "他什么时间为好友画像？", "画了数幅肖像")
        == "a time was asked for"
    )
