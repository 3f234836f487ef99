from __future__ import annotations

import pytest

from rag.places import is_elsewhere, small_places


@pytest.mark.parametrize(
    ("question", "places"),
    [
        ("大周鎮的黨委書記是哪一位？", {"大周"}),
        ("石固镇和大周镇的产值各是多少？", {"石固", "大周"}),
        ("鄢陵县陈化店镇有多少贫困户？", {"陈化店"}),
        # cities and counties, and words that only end alike
        ("长葛市的书记是谁？", set()),
        ("2020年新农村建设投了多少？", set()),
        ("乡镇卫生院改造了多少家？", set()),
        ("柴郡的第一大镇叫什么？", set()),
        ("哪个村实施了乡村振兴战略？", set()),
        ("Who is the secretary of Dazhou town?", set()),
    ],
)
def test_towns_and_villages_are_known_by_their_names(question: str, places: set[str]) -> None:
    assert small_places(question) == places


def test_a_text_is_about_a_town_that_it_names_in_either_script() -> None:
    assert is_elsewhere("大周镇的书记是谁？", ("市委书记尹俊营", "在市委全会上的讲话"))
    assert not is_elsewhere("大周镇的书记是谁？", ("书记张三", "大周鎮黨委工作報告"))
    assert not is_elsewhere("长葛市的书记是谁？", ("市委书记尹俊营",))
