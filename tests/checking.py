"""Sentences of the seeds as evidence, and replies checked against them."""

from __future__ import annotations

from collections.abc import Sequence

from index.chunking import Chunk
from index.lexical import LexicalIndex
from index.tables import Sentence
from rag.citing import CheckedSentence, check_answer
from rag.evidence import Evidence
from rag.prompting import Language, detect_language, wording
from rag.replies import read_reply
from rag.retrieval import Passage

SIGNED = "签约单位代表依次登台签署项目合作书，现场签约合同金额3400万元。"
OPENED = "当天，一辆载有千余册图书的图书流动服务车开进东湖翡翠小区。"
GREENING = (
    "今年中心城区计划实施园林绿化项目六大类62项，将新增绿化面积861.47亩、绿道18.85公里、立体绿化10公里。"
)
JOBS = "新增城鎮就業5.04萬人,農村勞動力轉移就業2.1萬人,完成適老化改造2766戶,養老服務體系更加完善。"
CHAIRED = "市委书记史根治主持会议并讲话。"
SENTENCES = (SIGNED, OPENED, GREENING, JOBS, CHAIRED)
ASK_SIGNED = "长葛市食品行业产销对接会现场签约合同金额是多少？"
EXPOSED = "国外疫情不确定性仍然较大，我市企业外向度较高，受到的影响也会更大；"


def evidence_of(
    sentences: Sequence[str] = SENTENCES, headings: tuple[str, ...] = (), title: str = "许昌日报"
) -> list[Evidence]:
    """Each sentence in a passage of its own, numbered from 1."""
    items = []
    for number, text in enumerate(sentences, 1):
        chunk = Chunk(f"{number}:0", f"{number}.txt", 0, len(text), headings, text)
        passage = Passage(chunk, title, 1.0, 1.0, {}, (number - 1,))
        items.append(Evidence(number, Sentence(number - 1, number - 1, 0, len(text), text), passage, 1.0))
    return items


def check(
    reply: str, question: str, evidence: Sequence[Evidence] | None = None, language: Language = "zh"
) -> list[CheckedSentence]:
    evidence = evidence_of() if evidence is None else evidence
    lexical = LexicalIndex.build([item.sentence.text for item in evidence])
    said = read_reply(reply, wording(language), finished=True)
    return check_answer(said, question, evidence, lexical, wording(detect_language(question)))


def cited(sentence: CheckedSentence) -> list[int]:
    return [item.number for item in sentence.evidence]
