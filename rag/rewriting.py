"""Letting the generator complete a question that the rules leave open, and believing it as far as it can be checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from functools import cache

from index.folding import fold, is_traditional, search_tokens, to_traditional
from rag import follow_up_patterns as patterns
from rag.errors import GeneratorError
from rag.follow_ups import QUESTION_ENDS, simple
from rag.generators.base import Generator, Message
from rag.numbers import numbers

_MAX_TOKENS = 64

_EXAMPLES = {
    "zh": (
        "把最后的追问改写成一个不看对话也能懂的完整问题。只用对话里的词，不回答，只写一行。",
        "上一问：青山市2019年接待了多少游客？\n上一答：320万人次。\n追问：那旅游收入呢？",
        "青山市2019年的旅游收入是多少？",
        "上一问：白水县新建三所小学是谁介绍的？\n上一答：县教育局局长李明。\n追问：他说什么时候开学？",
        "李明说白水县新建三所小学什么时候开学？",
        "上一问：{}\n上一答：{}\n追问：{}",
    ),
    "en": (
        "Rewrite the last question as one complete question that can be understood without the conversation. "
        "Use only words of the conversation, do not answer, write one line.",
        "Question: How many tourists visited Qingshan in 2019?\nAnswer: 3.2 million.\nFollow-up: and the revenue?",
        "What was the revenue from tourists in Qingshan in 2019?",
        "Question: Who chaired the conference of Baishui?\nAnswer: Mayor Li Ming.\nFollow-up: What did he say?",
        "What did Mayor Li Ming say at the conference of Baishui?",
        "Question: {}\nAnswer: {}\nFollow-up: {}",
    ),
}


@cache
def _examples(language: str) -> tuple[str, ...]:
    return tuple(map(to_traditional, _EXAMPLES["zh"])) if language == "zh-Hant" else _EXAMPLES[language]


def rewritten(asked: str, before: str, said: Sequence[str], generator: Generator) -> str | None:
    """Let the model rewrite the question; None when it fails or what it writes cannot be trusted.

    Args:
        asked: the follow-up.
        before: the previous question.
        said: the questions and answers of the conversation; the last one is the answer to ``before``.
        generator: what rewrites.
    """
    chinese = "zh-Hant" if is_traditional(asked + before) else "zh"
    system, *shown, form = _examples(chinese if re.search(patterns.IDEO, asked) else "en")
    messages: list[Message] = [{"role": "system", "content": system}]
    for index, text in enumerate([*shown, form.format(before + "？", said[-1][:200], asked)]):
        messages.append({"role": "assistant" if index % 2 else "user", "content": text})
    try:
        with closing(generator.stream(messages, _MAX_TOKENS)) as pieces:
            written = "".join(pieces).strip()
    except GeneratorError:
        return None
    return written if _is_safe(written, asked, before, " ".join(said)) else None


_SMALL_WORDS = re.compile(f"{patterns.ASKING}|[那么呢吗的了在上中是有这它他她们其该还又也，、？]")
_ENGLISH_SMALL_WORDS = frozenset(
    search_tokens(
        "a an the of in on at for to by from with and or not about who whom whose what which when where why how many "
        "much long is are was were be been do does did has have had will would can could that this it he she they his "
        "her its their him them there s so then but out"
    )
)


def _is_safe(written: str, asked: str, before: str, said: str) -> bool:
    """Whether a rewriting keeps all of the follow-up and says nothing that the conversation does not."""
    if not written or len(written.splitlines()) != 1 or len(written) > 3 * (len(before) + len(asked)):
        return False
    if fold(written).rstrip(QUESTION_ENDS) == fold(before):
        return False
    # A small model likes to answer instead.
    if _asks(asked) and not _asks(written):
        return False
    known = {number.value for number in numbers(f"{said} {asked}")}
    kept = {number.value for number in numbers(written)}
    if not {number.value for number in numbers(asked)} <= kept <= known:
        return False
    return _keeps_words(written, asked) and not _adds_words(written, f"{said} {asked}")


def _asks(text: str) -> bool:
    return patterns.ASKS.search(simple(text).rstrip(QUESTION_ENDS)) is not None


def _keeps_words(written: str, asked: str) -> bool:
    needed = (
        set(search_tokens(re.sub("那么|[那呢吗的了这它他她们其该个]", "，", fold(asked))))
        - _ENGLISH_SMALL_WORDS
    )
    missing = needed - set(search_tokens(written))
    # One character alone is a word only beside others.
    return len([token for token in missing if len(token) > 1]) <= len(needed) // 5


def _adds_words(written: str, known: str) -> bool:
    """Whether a character is part of no word of ``known``: none that it stands beside stands beside it there too."""
    tokens = set(search_tokens(known))
    folded = fold(written)
    small = {index for match in _SMALL_WORDS.finditer(folded) for index in range(*match.span())}
    for run in re.finditer(f"{patterns.IDEO}+", folded):
        for index in range(*run.span()):
            pairs = {folded[index - 1 : index + 1], folded[index : index + 2], run.group()}
            if index not in small and not pairs & tokens:
                return True
    words = {token for token in search_tokens(written) if token[0].isascii() and not token[0].isdigit()}
    return bool(words - tokens - _ENGLISH_SMALL_WORDS)
