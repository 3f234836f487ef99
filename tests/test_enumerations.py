from __future__ import annotations

import pytest

from rag.enumerations import enumerates, lists


@pytest.mark.parametrize(
    ("text", "count", "expected"),
    [
        ("落实“五个一”（每月一例会、双月一考评、季度一观摩、半年一小结、年度一述职）工作推进机制", 5, True),
        ("坚持政治引领、政企联动、助企服务和监督执纪。", 4, True),
        ("一是抓项目；二是抓企业；三是抓民生。", 3, True),
        ("分别是“实力长葛”“创新长葛”“开放长葛”", 3, True),
        ("聚焦高质量发展、高品质生活、高效能治理，奋斗目标是建设更高水平的“五个长葛”。", 5, False),
        ("王幸福表示，市委统战部坚持“四个深化”，推动涵养行动落到实处、见到实效。", 4, False),
        ("杨朝晖指出，园林绿化工作事关城市形象品位，事关群众生活品质。", 2, True),
        ("市委书记史根治主持会议，市长刘涛出席。", 2, False),
        ("会议指出，要提高站位，会议强调，要落实责任。", 2, False),
    ],
)
def test_things_stand_side_by_side(text: str, count: int, expected: bool) -> None:
    assert lists(text, count) == expected


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        (
            "许昌要打造的“五个强市”具体是哪五个？",
            "着力打造经济强市、创新强市、开放强市、文化强市、生态强市。",
            True,
        ),
        (
            "许昌要打造的“五个强市”具体是哪五个？",
            "著力打造經濟強市、創新強市、開放強市、文化強市、生態強市。",
            True,
        ),
        ("是哪“四个深化”？", "坚持政治引领、政企联动、助企服务和监督执纪“四个深化”，推动涵养行动。", True),
        (
            "基层党建“五个一” 具体五项",
            "落实“五个一”（每月一例会、双月一考评、季度一观摩、半年一小结、年度一述职）机制",
            True,
        ),
        (
            "園林綠化工程嚴把四道關，是哪四道？",
            "严把规划设计关、苗木质量关、工程质量关、检查验收关，确保完成；",
            True,
        ),
        ("園林綠化工程嚴把四道關，是哪四道？", "加强修剪、浇水、施肥、防治，确保完成；", False),
        (
            "会议提出的“五个必须”是什么？",
            "会议提出了“五个必须”（必须坚持党的领导；必须发展为了人民；必须贯穿全过程；必须推进改革，扩大开放；必须统筹）。",
            True,
        ),
        (
            "会议提出的“五个必须”是什么？",
            "会议提出了“五个必须”（必须坚持党的领导；必须发展为了人民）。",
            False,
        ),
        (
            "长葛要“建设更高水平的三个长葛”，是哪三个？",
            "建设实力长葛、创新长葛、开放长葛。",
            True,
        ),
        # the wrong number of things, things of another name, far from the name
        ("许昌要打造的“五个强市”具体是哪五个？", "打造经济强市、创新强市、开放强市。", False),
        ("是哪“三个强市”？", "项目建设、招商引资、营商环境取得新成效。", False),
        ("是哪“四个深化”？", "坚持“四个深化”，推动行动，落到实处，各县、各区、各部门、各单位参加。", False),
        ("“十四五”期间的目标是什么？", "经济、社会、文化、生态", False),
        ("许昌有哪些强市目标？", "经济强市、创新强市", False),
    ],
)
def test_the_things_that_a_name_counts(question: str, text: str, expected: bool) -> None:
    assert enumerates(question, text) == expected
