"""Lists whose things are told one by one, over half a page of a report."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from fakes import FakeEmbedder, ScriptedGenerator

from index.store import Index, open_index
from rag.gathering import gathered
from rag.pipeline import Assistant
from rag.retrieval import Retriever
from rag.settings import load_settings

ACTIONS = "2024年許昌要抓牢的「九大行動」，分別叫什麼？"


def things(index: Index, question: str) -> list[str]:
    retriever = Retriever(index, FakeEmbedder(), load_settings().retrieval)
    found = gathered(question, retriever.retrieve(question), index.tables)
    for thing in found:
        (source,) = thing.evidence
        assert thing.supported
        assert thing.text.rstrip("。") in source.sentence.text
    return [thing.text for thing in found]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "王幸福说市委统战部靠坚持“四个深化”来涵养新型政商关系，是哪四个？",
            ["深化政治引领。", "深化政企联动。", "深化助企服务。", "深化监督执纪。"],
        ),
        (
            "经开区要围绕“七个着力”做好工作，是哪七个？",
            [
                "着力扩投资。",
                "着力兴产业。",
                "着力强引擎。",
                "着力增动能。",
                "着力提品质。",
                "着力惠民生。",
                "着力守底线。",
            ],
        ),
        (
            "今年经济工作意义重大，总的来说要做到“四个必须”，具体是什么？",
            ["必须把握总体要求。", "必须坚持稳中求进。", "必须注重统筹协调。", "必须突出项目支撑。"],
        ),
        (
            "许昌要打造的“五个强市”是哪五个？",
            [f"加快建设{what}强市。" for what in ("经济", "创新", "开放", "文化", "生态")],
        ),
        (
            "长葛“建设更高水平的五个长葛”是哪五个？",
            [f"建设更高水平的{what}长葛。" for what in ("实力", "创新", "开放", "宜居", "幸福")],
        ),
    ],
)
def test_the_things_are_found_one_by_one_and_complete(
    seed_index: Index, question: str, expected: list[str]
) -> None:
    assert things(seed_index, question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "2024年许昌的“八大行动”是哪些？",  # there are nine
        "2019年许昌要抓牢的“九大行动”是哪些？",  # of another year
        "许昌要围绕的“十大战略”是哪些？",  # only named
        "许昌有哪些行动？",
    ],
)
def test_nothing_is_gathered_that_is_not_just_so_many(seed_index: Index, question: str) -> None:
    assert things(seed_index, question) == []


def test_a_passage_of_neighbouring_chunks_may_have_the_list_under_a_later_heading(seed_index: Index) -> None:
    retriever = Retriever(seed_index, FakeEmbedder(), load_settings().retrieval)
    stored = seed_index.tables.chunks()
    under = next(n for n, one in enumerate(stored) if "拼的行動" in "".join(one.chunk.headings[-1:]))
    before, first = stored[under - 1], stored[under]
    found = retriever.retrieve(ACTIONS)[0]
    passage = dataclasses.replace(found, chunk=before.chunk, rows=(before.row, first.row))
    assert before.chunk.headings != first.chunk.headings
    assert len(gathered(ACTIONS, [passage], seed_index.tables)) == 9


def test_the_list_is_the_answer_and_each_thing_has_its_own_citation(small_index: Path) -> None:
    settings = load_settings()
    index = open_index(small_index)
    retriever = Retriever(index, FakeEmbedder(), settings.retrieval)
    with Assistant(index, retriever, ScriptedGenerator({}), settings) as assistant:
        answer = assistant.ask(ACTIONS)
    assert not answer.refused
    assert answer.answer.startswith("深入實施質效提升行動[1]。深入實施科技賦能行動[2]。")
    assert [citation.n for citation in answer.citations] == list(range(1, 10))
    assert [citation.quote for citation in answer.citations][2] == "深入實施開放提質行動。"
