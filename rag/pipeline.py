"""From a question to a checked answer."""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator as Steps
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest
from types import TracebackType

from index.store import Index
from index.tables import Scope
from rag.abbreviations import spelled_out
from rag.answers import Answer, Citation
from rag.asking import Ask, search
from rag.assembling import Assembler, CheckedPart, Run, Unanswered, in_script, labelled
from rag.calculation import calculated
from rag.citing import check_answer, cited_rows
from rag.confidence import confidence, read_signals
from rag.conversation import Exchange, standalone_question
from rag.errors import QuestionError
from rag.evidence import Evidence, the_best
from rag.gathering import CONFIDENCE as LISTED
from rag.gathering import gathered
from rag.generators import Generator
from rag.parts import Calculation, Part, calculation_of, parts_of
from rag.prompting import Language, detect_language, front, prompt, wording
from rag.quoting import Quotation, best_quotation, contradicts
from rag.replies import Reply, read_reply, split_reply, without_marks
from rag.retrieval import Passage, Retriever
from rag.settings import Settings
from rag.weights import READER_NAME

_LONGEST_QUESTION = 1000


@dataclass(frozen=True)
class AskOptions:
    """What the asker chose for one question; ``None`` leaves it to the settings.

    Attributes:
        documents: ids of the documents to ask; all of them when ``None``.
        since: the first day of what is asked; what bears no date is left out.
        until: the last day of what is asked, likewise.
        top_k: passages that evidence is chosen from.
        language: of the answer.
    """

    documents: frozenset[str] | None = None
    top_k: int | None = None
    language: Language | None = None
    since: date | None = None
    until: date | None = None

    @property
    def scope(self) -> Scope:
        """What is searched."""
        return Scope(self.documents, self.since, self.until)


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

    def __init__(
        self,
        index: Index,
        retriever: Retriever,
        generator: Generator,
        settings: Settings,
    ) -> None:
        self._index = index
        self._retriever = retriever
        self._generator = generator
        self._settings = settings
        self._assembler = Assembler(index, generator.name, READER_NAME if retriever.reranks else None)

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

    def written(self, citation: Citation) -> str:
        """Return when what is cited was written, as far as it says so; see :class:`index.dating.Dateline`."""
        chunk = self._index.tables.chunk_at(citation.doc, citation.start)
        return chunk.dateline.date if chunk else ""

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
        parts = self._searched(asked, self._calculation(asked, options.language or self.language(asked)))
        found = [
            self._retriever.retrieve(part.question, scope=options.scope, top_k=options.top_k)
            for part in parts
        ]
        return asked, self._in_turns(found, options)

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
        run = Run(question_id or uuid.uuid4().hex[:12], typed, asked, language, started)
        if asked != typed:
            yield QuestionCompleted(asked)
        self.prepare(language)  # while the passages are searched

        calculation = self._calculation(asked, language)
        asks = [self._search(part, options) for part in self._searched(asked, calculation)]
        run.passages = self._in_turns([ask.passages for ask in asks], options)
        run.retrieved = time.perf_counter()
        yield PassagesFound(tuple(run.passages))
        answered: list[CheckedPart] | Unanswered | None = None
        if calculation is not None:
            first, second, *asks = asks
            answered = yield from self._calculate(run, calculation, [first, second])
        if answered is None:
            answered = yield from self._answer_parts(run, asks)
        if isinstance(answered, Unanswered):
            yield self._assembler.refusal(run, answered)
        else:
            yield self._assembler.answer(run, answered)

    def _calculate(
        self, run: Run, calculation: Calculation, asks: Sequence[Ask]
    ) -> Steps[Event, None, list[CheckedPart] | None]:
        """Answer with two figures and what comes of them; None, and nothing of it stays, where that cannot be done."""
        answered = yield from self._answer_parts(run, asks)
        if not isinstance(answered, Unanswered):
            first, second = answered
            result = calculated(calculation, first.sentences, second.sentences)
            if result is not None:
                yield DraftText(in_script(result.text, run.language))
                return [first, second, CheckedPart("", (result,), min(first.confidence, second.confidence))]
            yield DraftWithdrawn()
        return None

    @staticmethod
    def _calculation(question: str, language: Language) -> Calculation | None:
        """Return what has to be calculated; formulas are worded in Chinese alone."""
        return None if language == "en" else calculation_of(question)

    def _answer_parts(
        self, run: Run, asks: Sequence[Ask]
    ) -> Steps[Event, None, list[CheckedPart] | Unanswered]:
        """Answer all parts of a question, or none."""
        answered: list[CheckedPart] = []
        draft = ""
        for ask in asks:
            if ask.part.label:
                opening = in_script(labelled(ask.part.label, "", run.language), run.language)
                yield DraftText(opening)
                draft += opening
            outcome = yield from self._answer_part(run, ask, draft)
            if isinstance(outcome, Unanswered):
                if draft:
                    yield DraftWithdrawn()
                return outcome
            answered.append(outcome)
            held = "".join(sentence.text for sentence in outcome.sentences if sentence.supported)
            draft += in_script(held, run.language)
        return answered

    def _searched(self, question: str, calculation: Calculation | None) -> list[Part]:
        """Return what is searched, spelled out: the parts of a question, before them the figures it calculates with."""
        parts = parts_of(question)
        if calculation:
            parts = (calculation.first, calculation.second, *parts)
        return [replace(part, question=spelled_out(part.question, self._index.lexical)) for part in parts]

    def _search(self, part: Part, options: AskOptions) -> Ask:
        """Find what is read for one part of a question."""
        return search(
            part,
            self._retriever,
            self._index.lexical,
            self._settings.retrieval.evidence_tokens,
            scope=options.scope,
            top_k=options.top_k,
        )

    def _answer_part(self, run: Run, ask: Ask, shown: str) -> Steps[Event, None, CheckedPart | Unanswered]:
        """Answer one part of a question; ``shown`` is the draft of the parts before it.

        A list whose things are told one by one is gathered; nothing is generated. All else is answered in the
        generator's words, or in those of the source where these are clearly surer; where neither is sure enough,
        and the generator's did not hold up, in its words once more, with less to read.
        """
        if not ask.evidence:
            return Unanswered("no_passages")
        least = self._settings.generation.least_confidence
        things = gathered(ask.part.question, ask.passages, self._index.tables)
        if things and least <= LISTED:
            run.first_token = run.first_token or time.perf_counter()
            yield DraftText(in_script("".join(thing.text for thing in things), run.language))
            return CheckedPart(ask.part.label, tuple(things), LISTED)
        first, quotation = yield from self._attempt(run, ask, ask.evidence)
        sure = first.confidence if isinstance(first, CheckedPart) else 0.0
        against = isinstance(first, CheckedPart) and contradicts(
            quotation, first.sentences, ask.part.question
        )
        if quotation is not None and quotation.goes_before(sure, least, against=against):
            yield from _withdraw(shown)
            run.first_token = run.first_token or time.perf_counter()
            yield DraftText(in_script(quotation.sentence.text, run.language))
            return CheckedPart(ask.part.label, (quotation.sentence,), quotation.confidence)
        last = first
        if isinstance(first, Unanswered):
            yield from _withdraw(shown)
            last, _ = yield from self._attempt(run, ask, the_best(ask.evidence))
        if isinstance(last, CheckedPart) and last.confidence >= least:
            return last
        yield from _withdraw(shown)
        return Unanswered("unsure", last.confidence) if isinstance(last, CheckedPart) else last

    def _attempt(
        self, run: Run, ask: Ask, readable: Sequence[Evidence]
    ) -> Steps[Event, None, tuple[CheckedPart | Unanswered, Quotation | None]]:
        """Have the generator answer from ``readable``, and check it; what is returned may be far from sure.

        Returned as well is the sentence of all the evidence that may be quoted instead.
        """
        question, lexical, words = ask.part.question, self._index.lexical, wording(run.language)
        reply = yield from self._generate(run, question, readable)
        checked = [] if reply.declined else check_answer(reply, question, readable, lexical, words)
        cited = cited_rows(checked)
        quotation = best_quotation(question, ask.evidence, cited, words)
        if not cited:
            return Unanswered("not_in_passages" if reply.declined else "unsupported"), quotation
        signals = read_signals(
            question,
            checked,
            ask.evidence,
            lexical,
            run.mean_logprob,
            contradicted=contradicts(quotation, checked, question),
        )
        return CheckedPart(ask.part.label, tuple(checked), confidence(signals)), quotation

    def language(self, question: str) -> Language:
        """Return the language in which a question is answered."""
        chosen = self._settings.answer_language
        return detect_language(question) if chosen == "auto" else chosen

    def _in_turns(self, rankings: Sequence[Sequence[Passage]], options: AskOptions) -> list[Passage]:
        """Join what was found for the parts of a question: the first of each, then the second; each passage once."""
        found: dict[str, Passage] = {}
        for passages in zip_longest(*rankings):
            for passage in passages:
                if passage is not None:
                    found.setdefault(passage.chunk.id, passage)
        top_k = self._settings.retrieval.top_k if options.top_k is None else options.top_k
        return list(found.values())[:top_k]

    def _generate(self, run: Run, question: str, evidence: Sequence[Evidence]) -> Steps[Event, None, Reply]:
        """Write the reply; only what follows the answer's label is shown."""
        words = wording(run.language)
        messages = prompt(question, evidence, run.language)
        text, shown = "", ""
        for piece in self._generator.stream(messages, self._settings.generation.max_tokens):
            text += piece
            draft = without_marks(split_reply(text, words)[1] or "").strip()
            if len(draft) > len(shown):
                run.first_token = run.first_token or time.perf_counter()
                yield DraftText(in_script(draft[len(shown) :], run.language))
                shown = draft
        stats = self._generator.last_stats
        if stats is not None:
            run.prompt_tokens += stats.prompt_tokens
            run.answer_tokens += stats.answer_tokens
            run.mean_logprob = stats.mean_logprob
        finished = stats is None or stats.finish_reason == "stop"
        return read_reply(text, words, finished=finished)


def _withdraw(shown: str) -> Steps[Event, None, None]:
    """Take the draft back, except for what was ``shown`` before it."""
    yield DraftWithdrawn()
    if shown:
        yield DraftText(shown)
