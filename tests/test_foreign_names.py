"""Names that are not built of a Chinese surname: enough to know that somebody was named."""

from __future__ import annotations

import pytest

from rag.names import person_names


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
