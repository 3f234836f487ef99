"""Asking the questions of a batch, one after the other or several at once."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from queue import SimpleQueue

from index.errors import WenyuanError
from rag.answers import Answer
from rag.batch.journal import Journal, Record
from rag.batch.questions import BatchQuestion
from rag.errors import GeneratorError
from rag.generators.base import one_line
from rag.pipeline import Assistant

logger = logging.getLogger(__name__)

CONTEXT_CHARS = 60
"""Characters kept on either side of a quote."""

SAME_ERRORS = 5
"""So many failures in a row with the same words are no matter of the questions: a server is gone."""

_PATIENCE_S = 3.0
"""How long questions in hand are waited for when the batch is stopped."""


def run_batch(
    assistant: Assistant,
    questions: Iterable[BatchQuestion],
    journal: Journal,
    *,
    workers: int = 1,
    done: Callable[[Record], None] = lambda record: None,
) -> None:
    """Ask every question and keep each answer, or error, in the journal before the same worker asks the next.

    Interrupted or killed, it loses no more than the questions in hand, one a worker.

    Args:
        assistant: who answers.
        questions: what is asked, in this order.
        journal: keeps the records.
        workers: how many questions are asked at once.
        done: called with each record, on the calling thread.

    Raises:
        GeneratorError: the last few questions all failed alike.
        BatchError: the journal cannot be written.
    """
    crew = _Crew(assistant, deque(questions), journal)
    threads = [
        threading.Thread(target=crew.work, name=f"batch-{number}", daemon=True) for number in range(workers)
    ]
    for thread in threads:
        thread.start()
    try:
        working = len(threads)
        while working:
            news = crew.news.get()
            if news is None:
                working -= 1
            elif isinstance(news, Record):
                done(news)
            else:
                raise news
    finally:
        crew.stopped.set()
        until = time.monotonic() + _PATIENCE_S
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))


class _Crew:
    """What the workers share."""

    def __init__(self, assistant: Assistant, waiting: deque[BatchQuestion], journal: Journal) -> None:
        self.stopped = threading.Event()
        self.news: SimpleQueue[Record | BaseException | None] = SimpleQueue()
        self._assistant = assistant
        self._waiting = waiting
        self._journal = journal
        self._lock = threading.Lock()
        self._last_error: str | None = None
        self._alike = 0

    def work(self) -> None:
        """Ask until nothing is left, or the batch is stopped."""
        try:
            while not self.stopped.is_set() and self._waiting:
                try:
                    question = self._waiting.popleft()
                except IndexError:  # another worker was faster
                    break
                record = self._asked(question)
                if record is None:
                    break
                self._journal.append(record)
                self.news.put(record)
                self._watch(record.error)
        except BaseException as error:
            self.stopped.set()
            self.news.put(error)
        finally:
            self.news.put(None)

    def _asked(self, question: BatchQuestion) -> Record | None:
        """Return what became of a question; None when the batch was stopped meanwhile."""
        try:
            events = self._assistant.stream(
                question.question,
                question_id=question.id,
                history=question.history,
                options=question.options,
            )
            for event in events:
                if isinstance(event, Answer):
                    contexts = tuple(self._assistant.context(one, CONTEXT_CHARS) for one in event.citations)
                    return Record(row=question.row, answer=event, contexts=contexts)
                if self.stopped.is_set():
                    return None
            raise AssertionError("a stream ends with an answer")
        except Exception as error:
            # What stops the generator fails the question in hand, which is no fault of the question.
            if self.stopped.is_set():
                return None
            if isinstance(error, WenyuanError):
                return Record(row=question.row, error=str(error))
            # A fault of this program, maybe of this question only: a night's work does not end with it.
            logger.debug("question %s", question.id, exc_info=True)
            return Record(row=question.row, error=f"{type(error).__name__}: {one_line(error)}")

    def _watch(self, error: str | None) -> None:
        with self._lock:
            self._alike = self._alike + 1 if error is not None and error == self._last_error else 1
            self._last_error = error
            if error is None or self._alike < SAME_ERRORS:
                return
        raise GeneratorError(
            f"{error} (stopped after {SAME_ERRORS} questions in a row failed so; run the same command to go on)"
        )
