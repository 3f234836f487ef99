"""An assistant for many askers over a long time: set up in the background, asked in turn, its index exchanged at work.

The web page and the HTTP API stand on this. Nothing here knows how it is shown.
"""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Literal

from index.building import BuildReport, build
from index.embedding import Embedder
from index.errors import EmptyCorpusError, WenyuanError
from index.loading import Skipped
from index.store import Index, clear_index, current_generation, open_index, was_emptied
from rag import opening
from rag.conversation import Exchange
from rag.errors import NotReadyError
from rag.examples import example_questions
from rag.generators import Generator
from rag.generators.missing import MissingGenerator
from rag.library import DocumentSummary, Library
from rag.models import ModelFiles
from rag.pipeline import AskOptions, Assistant, Event, PassagesFound
from rag.progress import Phase, RecordedProgress
from rag.reading import Reader
from rag.retrieval import Passage, Retriever
from rag.service_status import Rebuilt, ServiceStatus, State, Waiting
from rag.settings import Settings
from rag.shared_assistant import SharedAssistant
from rag.source import SourceView, source_view
from rag.turns import Turns

logger = logging.getLogger(__name__)

_TURN_CHECKS_S = 0.25
_BUILDING_NICENESS = 10
_CLOSING_S = 60  # a batch of vectors, or a model that is being loaded, is finished first
_NO_OPTIONS = AskOptions()


class Service:
    """One index, its models, and everyone who asks it."""

    def __init__(self, settings: Settings, first_corpus: Path | None = None) -> None:
        """Prepare; nothing is loaded before :meth:`start`.

        Args:
            settings: the whole tree.
            first_corpus: what is indexed when there is no index yet; with none, the service starts empty.
        """
        self._settings = settings
        self._first_corpus = first_corpus
        self._library = Library(settings)
        self._turns = Turns()
        self._lock = threading.Lock()
        self._opening = threading.Lock()  # held while an index is opened and handed over
        self._state: State = "starting"
        self._phase: Phase | None = None
        self._error: str | None = None
        self._generator_error: str | None = None
        self._rebuilt: Rebuilt | None = None
        self._building = False
        self._build_again = False
        self._closed = False
        self._files: ModelFiles | None = None
        self._embedder: Embedder | None = None
        self._generator: Generator | None = None
        self._reader: Reader | None = None
        self._opened: SharedAssistant | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Set up in the background: fetch the models, build the first index, load. Also tries again after a failure."""
        with self._lock:
            if self._closed or (self._thread is not None and self._thread.is_alive()):
                return
            self._state, self._error = "starting", None
            self._thread = threading.Thread(target=self._set_up, name="set-up", daemon=True)
            self._thread.start()

    def status(self) -> ServiceStatus:
        """Return where things stand."""
        if self._state == "empty":
            self._follow_index()  # nobody asks now, which is when else it is followed
        with self._lock:
            opened = self._opened
            manifest = opened.index.manifest if opened else None
            return ServiceStatus(
                state=self._state,
                phase=self._phase,
                error=self._error,
                generator_error=self._generator_error,
                building=self._building,
                rebuilt=self._rebuilt,
                generation=opened.index.folder.name if opened else None,
                embedder=self._settings.index.embedding.model,
                generator=self._settings.generation.model,
                documents=manifest.documents if manifest else 0,
                chunks=manifest.chunks if manifest else 0,
                asking=len(self._turns),
            )

    def stream(
        self, question: str, *, history: Sequence[Exchange] = (), options: AskOptions = _NO_OPTIONS
    ) -> Iterator[Event | Waiting]:
        """Answer one question step by step; passages come at once, the answer when it is this question's turn.

        Closing the iterator stops the work. See :meth:`rag.pipeline.Assistant.stream`.

        Raises:
            NotReadyError: the set-up has not finished, has failed, or there are no documents.
            QuestionError: the question is empty or too long.
            GeneratorError: the generator failed.
        """
        with self._assistant() as assistant:
            ticket = None
            events = assistant.stream(question, history=history, options=options)
            try:
                for event in events:
                    yield event
                    if isinstance(event, PassagesFound):
                        ticket = self._turns.take()
                        while not ticket.wait(_TURN_CHECKS_S):
                            yield Waiting(ticket.ahead)  # also lets go of whoever has left meanwhile
            finally:
                # First the generator stops, then the next in line may have it.
                with contextlib.suppress(AttributeError):
                    events.close()  # type: ignore[attr-defined]
                if ticket is not None:
                    ticket.leave()

    def find(
        self, question: str, *, history: Sequence[Exchange] = (), options: AskOptions = _NO_OPTIONS
    ) -> tuple[str, list[Passage]]:
        """Return the complete question and its passages; see :meth:`rag.pipeline.Assistant.find`.

        Raises:
            NotReadyError: see :meth:`stream`.
            QuestionError: the question is empty or too long.
        """
        with self._assistant() as assistant:
            return assistant.find(question, history=history, options=options)

    def source(self, doc: str, start: int, end: int, quote: str | None = None) -> SourceView:
        """Return a cited place in its document; see :func:`rag.source.source_view`.

        Raises:
            NotReadyError: see :meth:`stream`.
            SourceGoneError: the document has been removed or changed.
        """
        with self._assistant() as assistant:
            return source_view(assistant.index, doc, start, end, quote)

    def documents(self) -> list[DocumentSummary]:
        """Return the indexed documents; none while there is no index."""
        try:
            with self._assistant() as assistant:
                return self._library.documents(assistant.index)
        except NotReadyError:
            return []

    def examples(self, count: int) -> list[str]:
        """Return questions that the indexed documents answer; none while there is no index."""
        try:
            with self._assistant() as assistant:
                return example_questions(assistant.index, count)
        except NotReadyError:
            return []

    def add(self, uploads: Sequence[tuple[str, Path]], max_bytes: int) -> list[Skipped]:
        """Take files into the library and index them in the background.

        Args:
            uploads: of each file its name and where its bytes lie.
            max_bytes: the largest file that is taken.

        Returns:
            what was refused, with reasons.

        Raises:
            NotReadyError: the set-up has not finished, or the embedding model could not be loaded.
            WenyuanError: a file cannot be stored.
        """
        self._require_set_up()
        refused = self._library.add(uploads, max_bytes)
        if len(refused) < len(uploads):
            self.rebuild()
        return refused

    def remove(self, ids: Collection[str]) -> None:
        """Take documents out of the index, in the background.

        Raises:
            NotReadyError: see :meth:`add`.
        """
        self._require_set_up()
        self._library.remove(ids)
        self.rebuild()

    def rebuild(self) -> None:
        """Bring the index up to date with the documents, in the background; questions go on meanwhile.

        Raises:
            NotReadyError: see :meth:`add`.
        """
        with self._lock:
            self._require_set_up()
            if self._building:
                self._build_again = True
                return
            self._building, self._rebuilt = True, None
            self._thread = threading.Thread(target=self._rebuild, name="rebuild", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Release the models and the index, and wait for the work in the background to stop at its next step.

        What it has computed is kept for the next start. A thread that is within a model when the program ends would
        abort it.
        """
        with self._lock:
            self._closed = True
            opened, self._opened = self._opened, None
            generator, self._generator = self._generator, None
            working = self._thread
        if working is not None:
            working.join(_CLOSING_S)
        if generator is not None:
            generator.close()
        if opened is not None:
            opened.retire()

    @contextlib.contextmanager
    def _assistant(self) -> Iterator[Assistant]:
        """Hold the index that is current now until the block ends, whatever is built meanwhile."""
        self._follow_index()
        with self._lock:
            opened = self._opened
            if opened is None:
                raise NotReadyError(self._why_not_ready())
            opened.hold()
        try:
            yield opened.assistant
        finally:
            opened.release()

    def _why_not_ready(self) -> str:
        if self._closed:
            return "the program is being closed: start it again with `rag chat`"
        if self._state == "failed":
            return f"setting up failed: {self._error}"
        if self._state == "empty":
            return "there are no documents yet: add some on the documents page, or with `rag index PATH`"
        return "still setting up: models are being fetched or loaded; try again in a moment"

    def _require_set_up(self) -> None:
        """Refuse a build beside the set-up, which builds the first index itself."""
        if self._closed or self._state == "starting" or self._embedder is None:
            raise NotReadyError(self._why_not_ready())

    def _set_up(self) -> None:
        try:
            self._files = opening.embedder_files(self._settings, self._progress("bytes"))
            self._fetch_generator()
            self._load_embedder()
            if current_generation(self._settings.index_dir) is None:
                self._build_first()
            self._load_generator()
            self._open()
        except Exception as error:
            reason = self._reason(error)
            with self._lock:
                self._state, self._error, self._phase = "failed", reason, None

    def _build_first(self) -> BuildReport:
        """Index what was uploaded and not built any more before the program ended, or else the first corpus."""
        plan = self._library.plan()
        if plan.paths:
            return self._build_index(plan.paths, plan.excluded)
        if self._first_corpus is not None and not was_emptied(self._settings.index_dir):
            with contextlib.suppress(EmptyCorpusError):  # then there are no documents yet
                return self._build_index([self._first_corpus])
        return BuildReport(0, 0, 0, 0, 0)

    def _reason(self, error: Exception) -> str:
        """Return on one line why work in the background ended."""
        if isinstance(error, WenyuanError):
            reason = str(error)
        elif isinstance(error, OSError):
            reason = f"{error.strerror or error} ({error.filename or self._settings.index_dir})"
        else:
            logger.error("work in the background failed", exc_info=error)
            reason = f"{type(error).__name__}: {error}"
        return " ".join(reason.split())

    def _fetch_generator(self) -> None:
        """Fetch ahead, while a progress can still be shown; what goes wrong is reported when it is loaded."""
        with contextlib.suppress(WenyuanError):
            opening.fetch_generator(self._settings, self._progress("bytes"))

    def _load_embedder(self) -> None:
        if self._embedder is None and self._files is not None:
            self._set_phase(Phase("loading the embedding model", 0, None, "items"))
            self._embedder = opening.load_embedder(self._files, self._settings)

    def _load_generator(self) -> None:
        """Load the generator; without one, passages can be searched all the same."""
        if self._generator is not None:
            return
        self._set_phase(Phase("loading the generator", 0, None, "items"))
        try:
            self._reader = opening.load_reader(self._settings, self._embedder)
            generator: Generator = opening.load_generator(self._settings)
            self._generator_error = None
        except Exception as error:
            self._generator_error = self._reason(error)
            return
        with self._lock:
            if not self._closed:
                self._generator = generator
                return
        generator.close()

    def _open(self) -> None:
        """Open the current generation and hand it to everyone who asks from now on."""
        with self._opening:
            self._exchange()

    def _exchange(self) -> None:
        embedder, settings = self._embedder, self._settings
        assert embedder is not None
        opened = None
        if current_generation(settings.index_dir) is not None:
            identity = embedder.identity
            index = open_index(settings.index_dir, embedder=identity.name, fingerprint=identity.fingerprint)
            opened = SharedAssistant(self._assistant_for(index, embedder))
        with self._lock:
            if self._closed:
                previous = opened
            else:
                previous, self._opened = self._opened, opened
                self._state = "ready" if opened else "empty"
                self._error = self._phase = None
        if previous is not None:
            previous.retire()

    def _assistant_for(self, index: Index, embedder: Embedder) -> Assistant:
        settings = self._settings
        generator = self._generator or MissingGenerator(
            settings.generation.model, self._generator_error or "it is not loaded"
        )
        retriever = Retriever(index, embedder, settings.retrieval, self._reader)
        return Assistant(index, retriever, generator, settings)

    def _follow_index(self) -> None:
        """Exchange the index when another process (`rag index`) has made a new generation."""
        if not self._opening.acquire(blocking=False):
            return  # somebody is at it; the old one goes on until then
        try:
            with self._lock:
                opened = self._opened
                if self._building or self._closed or (opened is None and self._state != "empty"):
                    return
            # A broken one is reported when someone builds; the old one goes on.
            with contextlib.suppress(WenyuanError, OSError):
                newest = current_generation(self._settings.index_dir)
                if newest is not None and (opened is None or newest != opened.index.folder):
                    self._exchange()
        finally:
            self._opening.release()

    def _rebuild(self) -> None:
        """Build until nobody has asked for another build meanwhile."""
        if hasattr(os, "setpriority"):  # whoever asks comes first; on Linux this counts for this thread alone
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BUILDING_NICENESS)
        ended = Rebuilt()
        while True:
            ended = ended.then(self._rebuilt_once())
            with self._lock:
                self._rebuilt = ended
                again, self._build_again = self._build_again, False
                if not again:
                    self._building, self._phase = False, None
                    return

    def _rebuilt_once(self) -> Rebuilt:
        try:
            plan = self._library.plan()
            if plan.paths:
                report = self._build_index(plan.paths, plan.excluded)
            elif current_generation(self._settings.index_dir) is None:
                report = self._build_first()  # a set-up that failed did not come to it
            else:
                removed = tuple(document.id for document in self.documents())
                clear_index(self._settings.index_dir)
                report = BuildReport(0, 0, 0, 0, 0, removed=removed)
            if self._generator_error is None:
                self._load_generator()  # nor to this
            self._open()
            return Rebuilt(report.added, report.changed, report.removed, report.skipped, plan.missing)
        except Exception as error:
            return Rebuilt(error=self._reason(error))

    def _build_index(self, paths: Sequence[Path], excluded: frozenset[str] = frozenset()) -> BuildReport:
        embedder = self._embedder
        assert embedder is not None
        return build(
            paths,
            self._settings.index_dir,
            embedder.identity.fingerprint,
            lambda: embedder,
            self._settings.index,
            self._progress("items"),
            excluded=excluded,
        )

    def _progress(self, unit: Literal["bytes", "items"]) -> RecordedProgress:
        return RecordedProgress(unit, self._set_phase)

    def _set_phase(self, phase: Phase | None) -> None:
        """Take down where the work in the background stands; once the service is closed, end it here.

        Raises:
            NotReadyError: the service has been closed.
        """
        with self._lock:
            self._phase = phase
            if self._closed and phase is not None:
                raise NotReadyError(self._why_not_ready())
