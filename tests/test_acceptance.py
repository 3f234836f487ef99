"""The six first questions, asked of the real models. Nothing here stands in for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import opening
from rag.answers import Answer
from rag.pipeline import Assistant
from rag.prompting import wording
from rag.settings import Settings, load_settings

pytestmark = pytest.mark.models


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings(index_dir=tmp_path_factory.mktemp("acceptance") / "index")


@pytest.fixture(scope="session")
def assistant(settings: Settings, seeds: Path) -> Iterator[Assistant]:
    opening.build_index([seeds], settings)
    with opening.open_assistant(settings) as opened:
        yield opened


def check_citations(answer: Answer, seed_texts: dict[str, str]) -> None:
    """Check that every sentence is cited, and every quote is the original at its place."""
    assert not answer.refused, answer.reason
    assert answer.sentences
    numbers = {citation.n for citation in answer.citations}
    for sentence in answer.sentences:
        assert sentence.supported
        assert sentence.citations
        assert set(sentence.citations) <= numbers
    for citation in answer.citations:
        assert seed_texts[citation.doc[:3]][citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(
    ("question", "said", "document", "quoted"),
    [
        ("长葛市食品行业产销对接会现场签约合同金额是多少？", ["3400万元"], "002", "3400 万元"),
        ("许昌市2023年新增城镇就业多少人？", ["5.04万", "50400", "50,400"], "001", "5.04萬人"),
        ("谁主持了6月3日的全市领导干部会议？", ["史根治"], "003", "史根治"),
        ("東湖社區的圖書流動車開進了哪個小區？", ["東湖翡翠小區"], "002", "东湖翡翠"),
        (
            "Which vice mayor inspected Xuchang's downtown landscaping projects on 13 March 2023?",
            ["杨朝晖"],
            "002",
            "杨朝晖",
        ),
    ],
)
def test_the_question_is_answered_and_cited_to_its_place(
    assistant: Assistant,
    seed_texts: dict[str, str],
    question: str,
    said: list[str],
    document: str,
    quoted: str,
) -> None:
    answer = assistant.ask(question)
    check_citations(answer, seed_texts)
    without_spaces = answer.answer.replace(" ", "")
    assert any(words in without_spaces for words in said), answer.answer
    quotes = [citation.quote for citation in answer.citations if citation.doc.startswith(document)]
    assert quotes, f"cites {[citation.doc for citation in answer.citations]}"
    if document == "002" and " " in quoted:
        assert any(quoted in quote for quote in quotes), quotes  # with the space of the original
    assert any("".join(quoted.split()) in "".join(quote.split()) for quote in quotes), quotes


def test_an_answer_is_in_the_language_of_its_question(assistant: Assistant) -> None:
    answer = assistant.ask(
        "According to Mayor Zhang Zhongmin's speech of August 2020, how many 5G base stations are to be built in "
        "Changge in three years?"
    )
    assert not answer.refused
    assert "536" in answer.answer
    english = re.findall(r"[A-Za-z]{3,}", answer.answer)
    assert len(english) > 3, "neither a Chinese answer nor a bare quotation"
    assert not answer.answer.startswith(wording("en").says[:20])


def test_what_no_document_says_is_refused(assistant: Assistant) -> None:
    answer = assistant.ask("许昌地铁2号线什么时候开通？")
    assert answer.refused
    assert answer.answer == wording("zh").refusal
    assert answer.citations == []
    assert answer.reason in ("not_in_passages", "unsupported", "no_passages")


def test_indexing_again_embeds_nothing_and_never_loads_the_model(
    assistant: Assistant, settings: Settings, seeds: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded(*_: object) -> None:
        raise AssertionError("the model was loaded")

    monkeypatch.setattr(opening, "load_embedder", loaded)
    report = opening.build_index([seeds], settings)
    assert not report.written
    assert report.embedded == 0
    assert report.documents == 5
