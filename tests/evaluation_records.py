"""Answers and scores as the tests of the evaluation need them."""

from __future__ import annotations

from collections.abc import Sequence

from rag.answers import Answer, AnswerPassage, AnswerSentence, Citation, ModelNames, Timings
from rag.evaluation.refusal_metrics import Outcome
from rag.evaluation.scoring import QuestionScore

MODELS = ModelNames(embedder="fake", generator="scripted")


def answered(
    name: str,
    sentences: Sequence[str],
    *,
    question: str = "？",
    supported: Sequence[bool] | None = None,
    citations: Sequence[tuple[str, int, int, str]] = (),
    passages: Sequence[tuple[str, int, int]] = (),
    score: float = 0.1,
) -> Answer:
    """Return an answer whose supported sentences all carry all citations."""
    numbers = list(range(1, len(citations) + 1))
    held = list(supported or [True] * len(sentences))
    return Answer(
        id=name,
        question=question,
        answer="".join(sentences),
        refused=False,
        reason=None,
        confidence=0.9,
        sentences=[
            AnswerSentence(text=text, citations=numbers if good else [], supported=good, problems=[])
            for text, good in zip(sentences, held, strict=True)
        ],
        citations=[
            Citation(n=n, doc=doc, title=doc, start=start, end=end, quote=quote)
            for n, (doc, start, end, quote) in zip(numbers, citations, strict=True)
        ],
        passages=[
            AnswerPassage(doc=doc, start=start, end=end, score=score, text="") for doc, start, end in passages
        ],
        timings=Timings(retrieve_s=0.1, first_token_s=1.0, total_s=2.0, prompt_tokens=100, answer_tokens=10),
        models=MODELS,
    )


def refused(name: str) -> Answer:
    """Return a refusal."""
    return Answer(
        id=name,
        question="？",
        answer="资料中没有找到这个问题的答案。",
        refused=True,
        reason="not_in_passages",
        sentences=[],
        citations=[],
        passages=[],
        timings=Timings(retrieve_s=0.1, first_token_s=3.0, total_s=3.0, prompt_tokens=100, answer_tokens=5),
        models=MODELS,
    )


def score(
    name: str,
    outcome: Outcome | None = None,
    *,
    type: str = "number",
    lang: str = "zh",
    documents: tuple[str, ...] = (),
    confidence: float | None = None,
    **scores: float,
) -> QuestionScore:
    """Return a question's score; the keywords are figures of 0 or 1."""
    pairs = {key: (value, 1.0) for key, value in scores.items()}
    return QuestionScore(name, f"{name}？", type, lang, documents, outcome, confidence, pairs)
