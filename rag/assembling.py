"""Putting what was written and checked together into an answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from index.folding import to_simplified, to_traditional
from index.store import Index
from rag.answers import Answer, AnswerPassage, AnswerSentence, Citation, ModelNames, RefusalReason, Timings
from rag.citing import CheckedSentence
from rag.evidence import Evidence
from rag.prompting import Language, wording
from rag.retrieval import Passage

_SENTENCE_ENDS = "。！？!?.…"


@dataclass
class Run:
    """What is known of a question while it is being answered; times are of ``time.perf_counter``.

    ``standalone`` is the question as it is searched and answered: a follow-up completed, any other as it was typed.
    """

    id: str
    question: str
    standalone: str
    language: Language
    started: float
    retrieved: float = 0.0
    first_token: float | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    mean_logprob: float | None = None
    passages: list[Passage] = field(default_factory=list)


@dataclass(frozen=True)
class CheckedPart:
    """The checked sentences that answer one part of a question, what that part is called, and how sure they are."""

    label: str
    sentences: tuple[CheckedSentence, ...]
    confidence: float


@dataclass(frozen=True)
class Unanswered:
    """Why one part of a question has no answer.

    Attributes:
        reason: what the answer says of it.
        confidence: of what was written and held up, but was not sure enough.
    """

    reason: RefusalReason
    confidence: float | None = None


class Assembler:
    """Makes answers over one index."""

    def __init__(self, index: Index, generator_name: str, reranker_name: str | None) -> None:
        self._index = index
        self._generator_name = generator_name
        self._reranker_name = reranker_name

    def answer(self, run: Run, parts: Sequence[CheckedPart]) -> Answer:
        """Put the sentences that hold up together, and number their sources in the order of the text.

        A sentence that does not hold up is no part of the answer; it is only kept with what is wrong with it. The whole
        is as sure as its least sure part.
        """
        numbers: dict[int, int] = {}
        citations: list[Citation] = []
        sentences: list[AnswerSentence] = []
        for part, sentence in ((one, sentence) for one in parts for sentence in one.sentences):
            carried_by = sentence.evidence if sentence.supported else ()
            for item in carried_by:
                if item.sentence.row not in numbers:
                    numbers[item.sentence.row] = len(numbers) + 1
                    citations.append(self._citation(numbers[item.sentence.row], item))
            text = sentence.text
            if part.label and sentence is _first_supported(part):
                text = labelled(part.label, text, run.language)
            sentences.append(
                AnswerSentence(
                    text=in_script(text, run.language),
                    citations=[numbers[item.sentence.row] for item in carried_by],
                    supported=sentence.supported,
                    problems=list(sentence.problems),
                )
            )
        joint = " " if run.language == "en" else ""
        return Answer(
            answer=joint.join(_marked(item.text, item.citations) for item in sentences if item.supported),
            refused=False,
            reason=None,
            sentences=sentences,
            citations=citations,
            **self._common(run, min(part.confidence for part in parts)),
        )

    def refusal(self, run: Run, why: Unanswered) -> Answer:
        """Refuse, in the language of the question."""
        return Answer(
            answer=wording(run.language).refusal,
            refused=True,
            reason=why.reason,
            sentences=[],
            citations=[],
            **self._common(run, why.confidence),
        )

    def _common(self, run: Run, confidence: float | None) -> _Common:
        ended = time.perf_counter()
        return {
            "id": run.id,
            "question": run.question,
            "standalone_question": run.standalone if run.standalone != run.question else None,
            "confidence": None if confidence is None else round(confidence, 3),
            "passages": [answer_passage(passage) for passage in run.passages],
            "timings": Timings(
                retrieve_s=round(run.retrieved - run.started, 3),
                first_token_s=round((run.first_token or ended) - run.started, 3),
                total_s=round(ended - run.started, 3),
                prompt_tokens=run.prompt_tokens,
                answer_tokens=run.answer_tokens,
            ),
            "models": ModelNames(
                embedder=self._index.manifest.embedder.name,
                generator=self._generator_name,
                reranker=self._reranker_name,
            ),
        }

    def _citation(self, number: int, item: Evidence) -> Citation:
        document = self._index.tables.document(item.passage.chunk.doc_id)
        start, end = item.sentence.start, item.sentence.end
        return Citation(
            n=number,
            doc=document.id,
            title=item.headline,
            start=start,
            end=end,
            quote=document.text[start:end],
        )


class _Common(TypedDict):
    id: str
    question: str
    standalone_question: str | None
    confidence: float | None
    passages: list[AnswerPassage]
    timings: Timings
    models: ModelNames


def in_script(text: str, language: Language) -> str:
    """Give a Chinese answer in the script of the question; the sources keep theirs."""
    if language == "en":
        return text
    return to_traditional(text) if language == "zh-Hant" else to_simplified(text)


def labelled(label: str, text: str, language: Language) -> str:
    """Put the name of a part of the question before its answer."""
    return f"{label}: {text}" if language == "en" else f"{label}：{text}"


def answer_passage(passage: Passage) -> AnswerPassage:
    """Return a passage in the form that answers and pages carry it."""
    return AnswerPassage(
        doc=passage.chunk.doc_id,
        start=passage.chunk.start,
        end=passage.chunk.end,
        score=round(passage.score, 6),
        text=passage.chunk.text,
    )


def _first_supported(part: CheckedPart) -> CheckedSentence | None:
    return next((sentence for sentence in part.sentences if sentence.supported), None)


def _marked(sentence: str, citations: Sequence[int]) -> str:
    """Put the citation marks before the sentence's closing punctuation."""
    marks = "".join(f"[{number}]" for number in citations)
    body = sentence.rstrip(_SENTENCE_ENDS)
    space = " " if body and body[-1].isascii() and body[-1].isalpha() else ""
    return body + space + marks + sentence[len(body) :]
