"""Generation by llama.cpp in this process: any GGUF file, no compiler, no GPU needed."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from rag.errors import GeneratorError
from rag.generators.base import (
    GenerationStats,
    Message,
    StatsKeeper,
    TextStream,
    one_line,
    prompt_too_long,
)
from rag.generators.prompt_fronts import PromptFronts
from rag.settings import GenerationSettings, cpu_threads

logger = logging.getLogger(__name__)

GGUF_MAGIC = b"GGUF"

# A stop is heeded between two pieces of the prompt of this many tokens. Against llama.cpp's own 512 it costs
# about 3% of the prompt's speed; 128 would cost about 20% (one run each, beside a busy program).
PROMPT_PIECE_TOKENS = 256

# Guess the next tokens from earlier ones: where the last NGRAM_MATCH tokens occurred before, the NGRAM_DRAFT
# that followed them there are checked in one pass. Tokens/s on 2 cores of an Intel Xeon with AVX512/AMX
# (November 2026, quiet machine; prompts of 420 tokens, answers of 16 to 40 that copy a sentence; then free text):
#                              0.5B copied  free   1.5B copied  free
#   none                       23           24     13           14
#   ngram_simple, 6 and 16     53 to 66     24     24 to 36     14
#   ngram_simple, 8 and 16     46 to 66     24
#   ngram_mod, 4 and 16        42 to 66     22
# A match of 4 drafts wrongly in free text (6% slower for the 1.5B). ngram_map_k and ngram_map_k4v are as fast on
# a process's first question and draft nothing on the later ones: their map of the first prompt goes stale.
NGRAM_MATCH = 6
NGRAM_DRAFT = 16

# llama.cpp's mask of processors has room for this many.
CPU_MASK_SIZE = 512


class LlamaCppGenerator(StatsKeeper):
    """Runs one GGUF model. One question is answered at a time; others wait for their turn.

    All of llama.cpp's work happens on one thread of its own, so that whoever reads the answer can stop, or be
    interrupted, at any moment.
    """

    def __init__(
        self, settings: GenerationSettings, model: Path, name: str, *, cache: Path | None = None
    ) -> None:
        """Load the model; a file that was read before takes one to two seconds.

        Args:
            settings: threads and context length.
            model: the .gguf file; its chat template is used.
            name: what answers call the model.
            cache: folder for computed prompt fronts, see :meth:`prepare`; nothing is kept when not given.

        Raises:
            GeneratorError: the file is missing, no GGUF or damaged, or memory does not suffice.
        """
        super().__init__()
        self.name = name
        engine = _Engine(settings, model, name, cache)
        self._engine_count_tokens = engine.count_tokens
        self._worker = _Worker(engine)
        # Runs at exit too: llama.cpp's threads must have ended before the interpreter takes down the process.
        self._shut = weakref.finalize(self, self._worker.shut)

    def prepare(self, front: Sequence[Message]) -> None:
        """Compute the messages that every question starts with, or load what an earlier process computed."""
        if front:
            self._worker.put(_Front(list(front)))

    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        """Write the answer; see :meth:`rag.generators.base.Generator.stream`."""
        question = _Question(list(messages), max_tokens, grammar)
        if not self._worker.put(question):
            raise _closed(self.name)
        try:
            while True:
                item = question.items.get()
                if isinstance(item, str):
                    yield item
                elif isinstance(item, GenerationStats):
                    self._keep(item)
                    return
                else:
                    raise item
        finally:
            question.stopped.set()

    def batch(self, conversations: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        """Answer one conversation after the other; what their prompts have in common is computed once."""
        return ["".join(self.stream(messages, max_tokens)) for messages in conversations]

    def count_tokens(self, text: str) -> int:
        """Return how many tokens ``text`` has, without special ones; takes about half a millisecond."""
        return self._engine_count_tokens(text)

    def close(self) -> None:
        """Stop what is being written and free the model; a second call does nothing."""
        self._shut()


class _Engine:
    """llama.cpp itself. But for :meth:`count_tokens`, only one thread may use it."""

    def __init__(self, settings: GenerationSettings, model: Path, name: str, cache: Path | None) -> None:
        _check_file(model)
        import httpx
        import xllamacpp

        self._name = name
        self._fronts: PromptFronts | None = None
        if cache is not None:
            engine = f"{xllamacpp.__version__} {settings.context_tokens}"
            # Without the folder, prompt fronts are computed in every process: slower, not wrong.
            with contextlib.suppress(OSError):
                self._fronts = PromptFronts(cache, model, engine)
        self._front: list[Message] | None = None
        key = secrets.token_hex(16)
        parameters = _parameters(settings, model)
        parameters.api_keys = [key]
        if self._fronts:
            parameters.slot_save_path = f"{self._fronts.folder}{os.sep}"
        try:
            self._server: Any = xllamacpp.Server(parameters)
        except (RuntimeError, MemoryError) as error:
            raise _loading_failed(model) from error
        # xllamacpp always opens llama.cpp's HTTP interface on a free port of this machine. The random key
        # keeps other users out; tokens and states can be had only there.
        self._http = httpx.Client(
            base_url=self._server.listening_address,
            headers={"Authorization": f"Bearer {key}"},
            timeout=60,
            trust_env=False,
        )

    def answer(
        self, request: dict[str, Any], emit: Callable[[str], object], stop: Callable[[], bool]
    ) -> GenerationStats | None:
        """Write the answer to ``request``; return None when it was stopped."""
        end: dict[str, Any] = {}
        finish_reason: list[str] = []
        errors: list[BaseException] = []
        logprobs: list[float] = []

        def receive(chunk: dict[str, Any]) -> bool:
            # The binding swallows what is raised here and goes on; only returning True stops it.
            try:
                if chunk.get("error"):
                    raise self._failure(chunk["error"])
                for choice in chunk["choices"]:
                    if choice["delta"].get("content"):
                        emit(choice["delta"]["content"])
                    # Of tokens that were guessed from earlier ones and found right nothing is said.
                    logprobs.extend(
                        token["logprob"] for token in (choice.get("logprobs") or {}).get("content") or ()
                    )
                    if choice["finish_reason"]:
                        finish_reason.append(choice["finish_reason"])
                if "usage" in chunk:
                    end.update(chunk)
            except BaseException as error:
                errors.append(error)
                return True
            return stop()

        self._server.handle_chat_completions(
            {
                **request,
                "temperature": 0,
                "logprobs": True,
                "top_logprobs": 1,
                "stream": True,
                "stream_options": {"include_usage": True},
                # Calls back between the pieces of a prompt too, so that a stop need not wait for its end.
                "return_progress": True,
            },
            receive,
        )
        if errors:
            raise errors[0]
        if not end or not finish_reason:
            return None
        usage = end["usage"]
        return GenerationStats(
            prompt_tokens=usage["prompt_tokens"],
            cached_tokens=usage["prompt_tokens_details"]["cached_tokens"],
            answer_tokens=usage["completion_tokens"],
            finish_reason="length" if finish_reason[-1] == "length" else "stop",
            # Guessed tokens count as certain, as nearly all of them are.
            mean_logprob=sum(logprobs) / usage["completion_tokens"] if logprobs else None,
        )

    def prepare(self, front: list[Message], stop: Callable[[], bool]) -> None:
        """Bring the state of ``front`` into the model's memory, from disk where it was kept."""
        if front == self._front:
            return
        kept = self._fronts.find(front) if self._fronts else None
        if kept is None or not self._state("restore", kept):
            request = {"messages": front, "max_tokens": 0, "add_generation_prompt": False}
            if self.answer(request, lambda piece: None, stop) is None:
                return
            if self._fronts and self._state("save", self._fronts.new_name()):
                self._fronts.keep(front, self._fronts.new_name())
        self._front = front

    def count_tokens(self, text: str) -> int:
        import httpx

        try:
            response = self._http.post("/tokenize", json={"content": text}).raise_for_status()
        except (httpx.HTTPError, RuntimeError) as error:  # RuntimeError: the client is closed
            raise _closed(self._name) from error
        return len(response.json()["tokens"])

    def close(self) -> None:
        self._http.close()
        # The binding has no other way to end llama.cpp's threads and free the model.
        del self._server

    def _state(self, action: str, name: str) -> bool:
        response = self._http.post("/slots/0", params={"action": action}, json={"filename": name})
        if response.is_error:
            logger.debug("prompt front %s: %s: %s", name, action, response.text)
        return response.is_success

    def _failure(self, error: dict[str, Any]) -> GeneratorError:
        if error.get("type") == "exceed_context_size_error":
            return prompt_too_long(error["n_prompt_tokens"], error["n_ctx"])
        message = one_line(error.get("message"), 120)
        return GeneratorError(f"{self._name} failed to answer ({message}): ask again")


@dataclass
class _Question:
    """What is asked and, as it is written, the answer: pieces of text, then statistics or an error."""

    messages: list[Message]
    max_tokens: int
    grammar: str | None
    items: SimpleQueue[str | GenerationStats | BaseException] = field(default_factory=SimpleQueue)
    stopped: threading.Event = field(default_factory=threading.Event)

    def request(self) -> dict[str, Any]:
        request: dict[str, Any] = {"messages": self.messages, "max_tokens": self.max_tokens}
        return request if self.grammar is None else {**request, "grammar": self.grammar}


@dataclass(frozen=True)
class _Front:
    """A prompt front to be computed when no question waits before it."""

    messages: list[Message]


class _Worker:
    """The one thread on which llama.cpp works, and the queue before it."""

    def __init__(self, engine: _Engine) -> None:
        self._jobs: SimpleQueue[_Question | _Front | None] = SimpleQueue()
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, args=(engine,), name="llama.cpp", daemon=True)
        self._thread.start()

    def put(self, job: _Question | _Front) -> bool:
        """Queue the job; False when the worker is closed."""
        with self._lock:
            if self._closing.is_set():
                return False
            self._jobs.put(job)
            return True

    def shut(self) -> None:
        """Stop the running job, fail those that wait, free the model, end the thread."""
        with self._lock:
            if not self._closing.is_set():
                self._closing.set()
                # Nothing comes after it, so that no job is left in the queue.
                self._jobs.put(None)
        # The garbage collector may call this on the worker's own thread.
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def _run(self, engine: _Engine) -> None:
        while (job := self._jobs.get()) is not None:
            if isinstance(job, _Question):
                self._answer(engine, job)
            elif not self._closing.is_set():
                try:
                    engine.prepare(job.messages, self._closing.is_set)
                except Exception:
                    logger.debug("the prompt front could not be prepared", exc_info=True)
        engine.close()

    def _answer(self, engine: _Engine, question: _Question) -> None:
        def stop() -> bool:
            return question.stopped.is_set() or self._closing.is_set()

        try:
            stats = None if stop() else engine.answer(question.request(), question.items.put, stop)
            question.items.put(stats or GeneratorError("the generator was closed while it wrote: ask again"))
        except BaseException as error:
            question.items.put(error)


def _parameters(settings: GenerationSettings, model: Path) -> Any:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(model)
    parameters.n_ctx = settings.context_tokens
    parameters.n_parallel = 1
    parameters.n_batch = PROMPT_PIECE_TOKENS
    parameters.n_ubatch = PROMPT_PIECE_TOKENS
    threads = cpu_threads(settings.threads)
    for cpu in (parameters.cpuparams, parameters.cpuparams_batch):
        cpu.n_threads = threads
        _pin(cpu, threads)
    # Below errors: with anything above, llama.cpp writes to the terminal.
    parameters.verbosity = -1
    parameters.warmup = False
    # Left at their defaults, measured with the 1.5B: memory mapping (without it loading takes twice as long) and
    # repacked weights (600 MB more, of 1.9 GB in all, 1.1 GB of them reclaimable file pages; without them
    # generation is 30% slower); an 8-bit key-value cache would save 55 MB.
    # States of earlier conversations in memory, up to 8 GB: with one slot, the shared front of the prompts
    # stays in the slot anyway.
    parameters.cache_ram_mib = 0
    # A context of the size we asked for, or an error; not a smaller one.
    parameters.fit_params = False
    # Thinking aloud would use up the answer's tokens.
    parameters.enable_reasoning = 0
    parameters.endpoint_slots = False
    parameters.ui = False
    parameters.n_threads_http = 4
    speculation = parameters.speculative
    speculation.types = [xllamacpp.common_speculative_type.COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE]
    speculation.ngram_simple.size_n = NGRAM_MATCH
    speculation.ngram_simple.size_m = NGRAM_DRAFT
    speculation.ngram_simple.min_hits = 1
    return parameters


def _pin(cpu: Any, threads: int) -> None:
    """Give each thread a processor of its own, where every processor gets one.

    llama.cpp's threads wait for each other hundreds of times a token, spinning. When another program is busy,
    the scheduler puts two of them on one processor, where one spins while the other could work: 0.5 to 0.9
    tokens/s on 2 cores with one busy neighbour, against 8.8 pinned and 23 on a quiet machine (0.5B model, Intel
    Xeon, November 2026).
    """
    if not hasattr(os, "sched_getaffinity"):
        return
    allowed = os.sched_getaffinity(0)
    # With fewer threads than processors, every process would pin itself to the same first ones.
    if threads != len(allowed) or max(allowed) >= CPU_MASK_SIZE:
        return
    cpu.cpumask = [number in allowed for number in range(CPU_MASK_SIZE)]
    cpu.mask_valid = True
    cpu.strict_cpu = True


def _check_file(model: Path) -> None:
    try:
        with model.open("rb") as file:
            magic = file.read(len(GGUF_MAGIC))
    except OSError as error:
        raise GeneratorError(
            f"the model file {model} cannot be read ({error.strerror}): "
            "run `rag models` or set RAG_GENERATION__MODEL"
        ) from error
    if magic != GGUF_MAGIC:
        raise GeneratorError(f"{model} is no GGUF file: set RAG_GENERATION__MODEL to one")


def _loading_failed(model: Path) -> GeneratorError:
    # llama.cpp says the reason only in its log.
    needed = model.stat().st_size
    free = _free_memory()
    if free is not None and free < needed:
        return GeneratorError(
            f"{model.name} needs more than {needed / 1e9:.1f} GB of memory and {free / 1e9:.1f} GB are free: "
            "close other programs, choose a smaller RAG_GENERATION__MODEL or lower RAG_GENERATION__CONTEXT_TOKENS"
        )
    return GeneratorError(
        f"llama.cpp cannot load {model}: the file is damaged (fetch it again), of a kind that it does not "
        "know, or RAG_GENERATION__CONTEXT_TOKENS is too large for the memory"
    )


def _free_memory() -> int | None:
    """Return the bytes a new program could use; None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return kilobytes["MemAvailable"] * 1024 if "MemAvailable" in kilobytes else None


def _closed(name: str) -> GeneratorError:
    return GeneratorError(f"{name} is closed: open it again")
