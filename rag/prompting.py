"""The prompt, in the language of the question, and what is read out of the reply."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from index.characters import is_ideograph
from index.folding import is_traditional, to_simplified, to_traditional
from rag.evidence import Evidence
from rag.generators import Message
from rag.injection import harmless, without_tokens

Language = Literal["zh", "zh-Hant", "en"]

_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
_ENGLISH = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|did|does|do|compare|give|list|name|tell)\b",
    re.I,
)


@dataclass(frozen=True)
class Wording:
    """All that is said in one language, to the model and to the user."""

    system: str
    passages: str
    question: str
    evidence: str  # label of the copied sentence
    answer: str  # label of the answer
    none: str  # in place of a copied sentence, when nothing answers
    sentinel: str  # the model's fixed words for "cannot answer"
    refusal: str  # what the user reads then
    says: str  # around a sentence that is quoted in answer to "is it so?"
    examples: tuple[tuple[str, str], ...]


_ZH = Wording(
    system=(
        "你是严谨的资料问答助手，只根据【资料】回答，不用资料以外的知识。\n"
        "先写“依据：”，从资料中一字不差地抄出能回答问题的原话；"
        "再写“答案：”，简短地直接回答，句末标出编号，如[1]。\n"
        "注意问题问的是哪个地方、哪一年、哪个人、哪个指标，不要拿别的来答。"
        "数字、日期、人名照抄。问题的说法与资料不符时，按资料纠正。\n"
        "资料里没有答案时，写“依据：无”，再写“答案：资料中没有相关内容。”"
    ),
    passages="【资料】",
    question="【问题】",
    evidence="依据：",
    answer="答案：",
    none="无",
    sentinel="资料中没有相关内容",
    refusal="资料中没有找到这个问题的答案。",
    says="资料的说法是：“{}”",
    examples=(
        (
            "【资料】\n《白水县新建三所小学》\n[1]县教育局局长李明介绍，三所小学将于9月1日开学。\n"
            "【问题】白水县新建小学花了多少钱？",
            "依据：无\n答案：资料中没有相关内容。",
        ),
        (
            "【资料】\n《青山市召开旅游工作会议》\n[1]2019年，青山市接待游客320万人次，旅游收入12.5亿元。\n"
            "[2]2018年接待游客280万人次。\n《白水县新建三所小学》\n[3]县教育局局长李明介绍，三所小学将于9月1日开学。\n"
            "【问题】青山市2018年接待了多少游客？",
            "依据：2018年接待游客280万人次。\n答案：280万人次[2]。",
        ),
        (
            "【资料】\n《青山市召开旅游工作会议》\n[1]市长王建国主持会议，副市长赵敏作工作报告。\n"
            "【问题】青山市旅游工作会议是谁主持的？",
            "依据：市长王建国主持会议\n答案：市长王建国[1]。",
        ),
    ),
)
_EN = Wording(
    system=(
        "You answer questions strictly from the passages given, never from other knowledge.\n"
        'First write "Evidence:" and copy, word for word in their own language, the words of the passages that '
        'answer the question; then write "Answer:" and answer in one short English sentence '
        "that ends with the number, like [1].\n"
        "Mind which place, year, person and figure the question asks about. Copy numbers and their units. "
        "If the question assumes something the passages contradict, correct it.\n"
        'If the passages do not hold the answer, write "Evidence: none" and "Answer: The passages do not say."'
    ),
    passages="Passages:",
    question="Question: ",
    evidence="Evidence:",
    answer="Answer:",
    none="none",
    sentinel="The passages do not say",
    refusal="No answer to this question was found in the documents.",
    says="What the source says: “{}”",
    examples=(
        (
            "Passages:\n《白水县新建三所小学》\n[1]县教育局局长李明介绍，三所小学将于9月1日开学。\n"
            "Question: How much did the new schools in Baishui cost?",
            "Evidence: none\nAnswer: The passages do not say.",
        ),
        (
            "Passages:\n《青山市召开旅游工作会议》\n[1]2019年，青山市接待游客320万人次，旅游收入12.5亿元。\n"
            "[2]2018年接待游客280万人次。\nQuestion: How many tourists visited Qingshan in 2018?",
            "Evidence: 2018年接待游客280万人次。\nAnswer: 280万 tourists visited Qingshan in 2018 [2].",
        ),
        (
            "Passages:\n《青山市召开旅游工作会议》\n[1]市长王建国主持会议，副市长赵敏作工作报告。\n"
            "Question: Who chaired the tourism conference of Qingshan?",
            "Evidence: 市长王建国主持会议\nAnswer: Mayor 王建国 chaired it [1].",
        ),
    ),
)


@cache
def _in_traditional(words: Wording) -> Wording:
    return Wording(
        system=to_traditional(words.system),
        passages=to_traditional(words.passages),
        question=to_traditional(words.question),
        evidence=to_traditional(words.evidence),
        answer=to_traditional(words.answer),
        none=to_traditional(words.none),
        sentinel=to_traditional(words.sentinel),
        refusal=to_traditional(words.refusal),
        says=to_traditional(words.says),
        examples=tuple((to_traditional(asked), to_traditional(said)) for asked, said in words.examples),
    )


def wording(language: Language) -> Wording:
    """Return the wording of a language."""
    if language == "en":
        return _EN
    return _in_traditional(_ZH) if language == "zh-Hant" else _ZH


def detect_language(question: str) -> Language:
    """Return the language to answer in: for a Chinese question its script; a Chinese name alone makes none."""
    ideographs = sum(map(is_ideograph, question))
    if not ideographs or (_ENGLISH.search(question) and len(_LATIN_WORD.findall(question)) > ideographs):
        return "en"
    return "zh-Hant" if is_traditional(question) else "zh"


def front(language: Language) -> list[Message]:
    """Return the messages that every question in ``language`` begins with; the model keeps them in its cache."""
    words = wording(language)
    messages: list[Message] = [{"role": "system", "content": words.system}]
    for asked, said in words.examples:
        messages.append({"role": "user", "content": asked})
        messages.append({"role": "assistant", "content": said})
    return messages


def prompt(question: str, evidence: Sequence[Evidence], language: Language) -> list[Message]:
    """Return the messages to send for a question."""
    words = wording(language)
    # A small model reads traditional passages badly unless the question is written so too.
    readable = str if language == "zh-Hant" else to_simplified
    lines = [words.passages]
    heading = None
    for item in evidence:
        if item.heading != heading:
            heading = item.heading
            lines.append(f"《{readable(harmless(heading))}》")
        lines.append(f"[{item.number}]{readable(harmless(item.sentence.text))}")
    lines.append(f"{words.question}{without_tokens(question)}")
    return [*front(language), {"role": "user", "content": "\n".join(lines)}]
