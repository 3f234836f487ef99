"""From a question to a checked answer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator as Steps
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypedDict

from index.embedding import Vectors
from index.folding import to_simplified, to_traditional
from index.store import Index
from rag.answers import (
    Answer,
    AnswerPassage,
    AnswerSentence,
    Citation,
    ModelNames,
    RefusalReason,
    Timings,
)
from rag.citing import CheckedSentence, Reply, check_answer, read_reply, split_reply, without_marks
from rag.confidence import confidence, read_signals
from rag.conversation import Exchange, standalone_question
from rag.errors import QuestionError
from rag.evidence import Evidence, choose_evidence
from rag.generators import Generator
from rag.prompting import Language, detect_language, front, prompt, wording
from rag.retrieval import Passage, Retriever
from rag.settings import Settings

_LONGEST_QUESTION = 1000
_SENTENCE_ENDS = "。！？!?.…"


@dataclass(frozen=True)
class AskOptions:
    """What the asker chose for one question; ``None`` leaves it to the settings.

    Attributes:
        documents: ids of the documents to ask; all of them when ``None``.
        top_k: passages that evidence is chosen from.
        language: of the answer.
    """

    documents: frozenset[str] | None = None
    top_k: int | None = None
    language: Language | None = None


@dataclass(frozen=True)
class QuestionCompleted:
    """A follow-up was completed from the conversation; this is the question that is searched and answered."""

    question: str


@dataclass(frozen=True)
class PassagesFound:
    """Retrieval is done; generation begins."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class DraftText:
    """Words of the answer as they are written: not checked yet, and maybe withdrawn."""

    text: str


@dataclass(frozen=True)
class DraftWithdrawn:
    """The draft shown so far did not hold up against its sources."""


Event = QuestionCompleted | PassagesFound | DraftText | DraftWithdrawn | Answer
"""What :meth:`Assistant.stream` yields: the passages, drafts, and at the end the checked answer."""

_NO_OPTIONS = AskOptions()


def readable_question(question: str) -> str:
    """Return a question on one line.

    Raises:
        QuestionError: it is empty, too long, or not valid text.
    """
    asked = " ".join(question.split())
    if not asked:
        raise QuestionError("the question is empty: say what to ask")
    if len(asked) > _LONGEST_QUESTION:
        raise QuestionError(f"the question has {len(asked)} characters: ask with at most {_LONGEST_QUESTION}")
    try:
        asked.encode()
    except UnicodeEncodeError as error:
        raise QuestionError("the question is not valid UTF-8 text: type it again") from error
    return asked


class Assistant:
    """Answers questions over one opened index. Use it as a context manager, or call :meth:`close`."""

    def __init__(self, index: Index, retriever: Retriever, generator: Generator, settings: Settings) -> None:
        self._index = index
        self._retriever = retriever
        self._generator = generator
        self._settings = settings

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the models and the index."""
        self._generator.close()
        self._index.close()

    def prepare(self, language: Language) -> None:
        """Have the generator compute the constant front of the prompt while nobody waits for it."""
        self._generator.prepare(front(language))

    @property
    def index(self) -> Index:
        """The opened index that is asked."""
        return self._index

    def context(self, citation: Citation, characters: int) -> tuple[str, str, str]:
        """Return a citation's quote, cleaned for reading, with up to ``characters`` of text before and after it."""
        text = self._index.tables.document(citation.doc).clean
        start, end = text.cleaned_span(citation.start, citation.end)
        before, after = text.text[max(0, start - characters) : start], text.text[end : end + characters]
        return before, text.text[start:end], after

    def ask(
        self,
        question: str,
        *,
        question_id: str | None = None,
        history: Sequence[Exchange] = (),
        options: AskOptions = _NO_OPTIONS,
    ) -> Answer:
        """Answer one question; see :meth:`stream` for the arguments.

        Raises:
            QuestionError: the question is empty or too long.
            GeneratorError: the generator failed.
        """
        for event in self.stream(question, question_id=question_id, history=history, options=options):
            if isinstance(event, Answer):
                return event
        raise AssertionError("a stream ends with an answer")

    def find(
        self, question: str, *, history: Sequence[Exchange] = (), options: AskOptions = _NO_OPTIONS
    ) -> tuple[str, list[Passage]]:
        """Return a question in its complete form and the passages found for it, the best first; nothing is generated.

        Raises:
            QuestionError: the question is empty or too long.
        """
        asked = standalone_question(readable_question(question), history)
        return asked, self._retrieve(asked, None, options)

    def stream(
        self,
        question: str,
        *,
        question_id: str | None = None,
        history: Sequence[Exchange] = (),
        options: AskOptions = _NO_OPTIONS,
    ) -> Iterator[Event]:
        """Answer one question step by step; the last event is the checked :class:`Answer`.

        Args:
            question: as it was typed.
            question_id: comes back in the answer; made up when not given.
            history: the conversation so far, the oldest first, from which a follow-up is completed.
            options: what the asker chose for this question.

        Raises:
            QuestionError: the question is empty or too long.
            GeneratorError: the generator failed.
        """
        started = time.perf_counter()
        typed = readable_question(question)
        asked = standalone_question(typed, history, self._generator)
        language = options.language or self.language(typed)
        run = _Run(question_id or uuid.uuid4().hex[:12], typed, asked, language, started)
        if asked != typed:
            yield QuestionCompleted(asked)
        self.prepare(language)  # while the passages are searched

        vector = self._retriever.embed(asked)
        run.passages = self._retrieve(asked, vector, options)
        evidence = choose_evidence(
            asked,
            vector,
            run.passages,
            self._retriever,
            self._index.lexical,
            self._settings.retrieval.evidence_tokens,
        )
        run.retrieved = time.perf_counter()
        yield PassagesFound(tuple(run.passages))
        if not evidence:
            yield self._refusal(run, "no_passages")
            return

        reason: RefusalReason = "not_in_passages"
        for readable in (evidence, _best(evidence)):
            reply = yield from self._generate(run, readable)
            if reply.declined:
                continue
            checked = check_answer(reply, asked, readable, self._index.lexical, wording(run.language))
            cited = [item for sentence in checked if sentence.supported for item in sentence.evidence]
            if cited:
                signals = read_signals(asked, cited, evidence, self._index.lexical, run.mean_logprob)
                run.confidence = confidence(signals)
                if run.confidence >= self._settings.generation.least_confidence:
                    yield self._answer(run, checked)
                    return
                reason = "unsure"
                yield DraftWithdrawn()
                break
            reason = "unsupported"
            yield DraftWithdrawn()
        yield self._refusal(run, reason)

    def language(self, question: str) -> Language:
        """Return the language in which a question is answered."""
        chosen = self._settings.answer_language
        return detect_language(question) if chosen == "auto" else chosen

    def _retrieve(self, question: str, vector: Vectors | None, options: AskOptions) -> list[Passage]:
        return self._retriever.retrieve(question, vector, documents=options.documents, top_k=options.top_k)

    def _generate(self, run: _Run, evidence: Sequence[Evidence]) -> Steps[Event, None, Reply]:
        """Write the reply; only what follows the answer's label is shown."""
        words = wording(run.language)
        messages = prompt(run.standalone, evidence, run.language)
        text, shown = "", ""
        for piece in self._generator.stream(messages, self._settings.generation.max_tokens):
            text += piece
            draft = without_marks(split_reply(text, words)[1] or "").strip()
            if len(draft) > len(shown):
                run.first_token = run.first_token or time.perf_counter()
                yield DraftText(self._in_script(draft[len(shown) :], run.language))
                shown = draft
        stats = self._generator.last_stats
        if stats is not None:
            run.prompt_tokens += stats.prompt_tokens
            run.answer_tokens += stats.answer_tokens
            run.mean_logprob = stats.mean_logprob
        finished = stats is None or stats.finish_reason == "stop"
        return read_reply(text, words, finished=finished)

    def _answer(self, run: _Run, checked: Sequence[CheckedSentence]) -> Answer:
        """Put the sentences that hold up together, and number their sources in the order of the text.

        A sentence that does not hold up is no part of the answer; it is only kept with what is wrong with it.
        """
        numbers: dict[int, int] = {}
        citations: list[Citation] = []
        parts: list[AnswerSentence] = []
        for sentence in checked:
            carried_by = sentence.evidence if sentence.supported else ()
            for item in carried_by:
                if item.sentence.row not in numbers:
                    numbers[item.sentence.row] = len(numbers) + 1
                    citations.append(self._citation(numbers[item.sentence.row], item))
            parts.append(
                AnswerSentence(
                    text=self._in_script(sentence.text, run.language),
                    citations=[numbers[item.sentence.row] for item in carried_by],
                    supported=sentence.supported,
                    problems=list(sentence.problems),
                )
            )
        joint = " " if run.language == "en" else ""
        return Answer(
            answer=joint.join(_marked(part.text, part.citations) for part in parts if part.supported),
            refused=False,
            reason=None,
            sentences=parts,
            citations=citations,
            **self._common(run),
        )

    def _refusal(self, run: _Run, reason: RefusalReason) -> Answer:
        return Answer(
            answer=wording(run.language).refusal,
            refused=True,
            reason=reason,
            sentences=[],
            citations=[],
            **self._common(run),
        )

    def _common(self, run: _Run) -> _Common:
        ended = time.perf_counter()
        return {
            "id": run.id,
            "question": run.question,
            "standalone_question": run.standalone if run.standalone != run.question else None,
            "confidence": None if run.confidence is None else round(run.confidence, 3),
            "passages": [answer_passage(passage) for passage in run.passages],
            "timings": Timings(
                retrieve_s=round(run.retrieved - run.started, 3),
                first_token_s=round((run.first_token or ended) - run.started, 3),
                total_s=round(ended - run.started, 3),
                prompt_tokens=run.prompt_tokens,
                answer_tokens=run.answer_tokens,
            ),
            "models": ModelNames(
                embedder=self._index.manifest.embedder.name, generator=self._generator.name, reranker=None
            ),
        }

    def _citation(self, number: int, item: Evidence) -> Citation:
        document = self._index.tables.document(item.passage.chunk.doc_id)
        start, end = item.sentence.start, item.sentence.end
        return Citation(
            n=number,
            doc=document.id,
            title=item.passage.headline,
            start=start,
            end=end,
            quote=document.text[start:end],
        )

    @staticmethod
    def _in_script(text: str, language: Language) -> str:
        """Give a Chinese answer in the script of the question; the sources keep theirs."""
        if language == "en":
            return text
        return to_traditional(text) if language == "zh-Hant" else to_simplified(text)


class _Common(TypedDict):
    id: str
    question: str
    standalone_question: str | None
    confidence: float | None
    passages: list[AnswerPassage]
    timings: Timings
    models: ModelNames


@dataclass
class _Run:
    """What is known of a question while it is being answered; times are of ``time.perf_counter``."""

    id: str
    question: str
    standalone: (
        str  # the question as it is searched and answered: a follow-up completed, any other as it was typed
    )
    language: Language
    started: float
    retrieved: float = 0.0
    first_token: float | None = None
    prompt_tokens: int = 0
    answer_tokens: int = 0
    mean_logprob: float | None = None
    confidence: float | None = None
    passages: list[Passage] = field(default_factory=list)


def answer_passage(passage: Passage) -> AnswerPassage:
    """Return a passage in the form that answers and pages carry it."""
    return AnswerPassage(
        doc=passage.chunk.doc_id,
        start=passage.chunk.start,
        end=passage.chunk.end,
        score=round(passage.score, 6),
        text=passage.chunk.text,
    )


def _best(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the two best sentences, in their order, for a second try with less to be misled by."""
    kept = sorted(evidence, key=lambda item: -item.score)[:2]
    return sorted(kept, key=lambda item: item.number)


def _marked(sentence: str, citations: Sequence[int]) -> str:
    """Put the citation marks before the sentence's closing punctuation."""
    marks = "".join(f"[{number}]" for number in citations)
    body = sentence.rstrip(_SENTENCE_ENDS)
    space = " " if body and body[-1].isascii() and body[-1].isalpha() else ""
    return body + space + marks + sentence[len(body) :]
