"""Generation by transformers: any causal language model in a local folder, on the GPU where there is one."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import GeneratorError
from rag.generators.base import (
    GenerationStats,
    Message,
    StatsKeeper,
    TextStream,
    one_line,
    prompt_too_long,
)
from rag.settings import GenerationSettings, cpu_threads

if TYPE_CHECKING:
    import torch

# Conversations computed side by side in a batch; the key-value cache grows with it.
BATCH_SIZE = 8


class TransformersGenerator(StatsKeeper):
    """Runs a transformers folder in this process. Grammars are ignored: transformers has none."""

    def __init__(self, settings: GenerationSettings, folder: Path, name: str) -> None:
        """Load the model: on a GPU in the checkpoint's number format, else in bfloat16 or float32.

        Args:
            settings: threads and context length.
            folder: a transformers folder with safetensors weights and a chat template. Code that comes with a
                model is never run.
            name: what answers call the model.

        Raises:
            GeneratorError: the folder holds no model that can be loaded, or memory does not suffice.
        """
        super().__init__()
        import torch

        # As Any: half of what is used of it has no type hints.
        transformers: Any = importlib.import_module("transformers")
        self.name = name
        self._context_tokens = settings.context_tokens
        self._lock = threading.Lock()
        self._closing = threading.Event()
        on_gpu = torch.cuda.is_available()
        if not on_gpu:
            torch.set_num_threads(cpu_threads(settings.threads))
        # Its bars and hints would land between the lines of the answer.
        transformers.utils.logging.disable_progress_bar()
        transformers.utils.logging.set_verbosity_error()
        if not (folder / "config.json").is_file():
            raise GeneratorError(
                f"{folder} has no config.json: set RAG_GENERATION__MODEL to a model's folder"
            )
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, padding_side="left"
            )
            model = transformers.AutoModelForCausalLM.from_pretrained(
                folder,
                dtype="auto" if on_gpu else _cpu_dtype(),
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
            )
            model = model.to("cuda" if on_gpu else "cpu").eval()
        except (MemoryError, torch.OutOfMemoryError) as error:
            raise _out_of_memory(name) from error
        except Exception as error:  # a broken folder fails in any of a dozen libraries, each its own way
            raise GeneratorError(f"the model in {folder} cannot be loaded: {one_line(error)}") from error
        if tokenizer.chat_template is None:
            raise GeneratorError(f"the model in {folder} has no chat template: choose one made for chat")
        end_tokens = model.generation_config.eos_token_id
        if end_tokens is None:
            end_tokens = tokenizer.eos_token_id
        self._end_tokens: list[int] = [end_tokens] if isinstance(end_tokens, int) else list(end_tokens or ())
        if tokenizer.pad_token_id is None:
            tokenizer.pad_token = tokenizer.eos_token
        # In place of the checkpoint's own, which often asks for sampling or a repetition penalty; the latter
        # keeps a model from copying names and numbers out of the evidence.
        model.generation_config = transformers.GenerationConfig(
            do_sample=False, eos_token_id=self._end_tokens or None, pad_token_id=tokenizer.pad_token_id
        )
        self._tokenizer: Any = tokenizer
        self._model: Any = model

    def prepare(self, front: Sequence[Message]) -> None:
        """Do nothing: the prompt is computed anew for every question."""

    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        """Write the answer; see :meth:`rag.generators.base.Generator.stream`."""
        import transformers

        inputs = self._inputs([messages])
        stopped = threading.Event()
        streamer = transformers.TextIteratorStreamer(
            self._tokenizer, skip_prompt=True, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        written: list[torch.Tensor] = []
        errors: list[BaseException] = []

        def write() -> None:
            try:
                with self._lock:
                    written.append(self._generate(inputs, max_tokens, stopped, streamer)[0])
            except BaseException as error:
                errors.append(error)
                # Only generate() ends the stream, and it did not get there.
                streamer.text_queue.put(streamer.stop_signal)

        writer = threading.Thread(target=write, name="generation", daemon=True)
        writer.start()
        try:
            for piece in streamer:
                if piece:
                    yield piece
        finally:
            stopped.set()
        writer.join()
        if errors:
            raise self._error_for_the_user(errors[0]) from errors[0]
        if self._closing.is_set():
            raise GeneratorError(f"{self.name} was closed while it wrote: ask again")
        answer = written[0].tolist()
        ended = bool(answer) and answer[-1] in self._end_tokens
        self._keep(
            GenerationStats(
                prompt_tokens=int(inputs["input_ids"].shape[1]),
                cached_tokens=0,
                answer_tokens=len(answer),
                finish_reason="stop" if ended else "length",
            )
        )

    def batch(self, conversations: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        """Answer several conversations side by side, their prompts padded on the left to one length."""
        answers: list[str] = []
        for first in range(0, len(conversations), BATCH_SIZE):
            inputs = self._inputs(conversations[first : first + BATCH_SIZE])
            try:
                with self._lock:
                    written = self._generate(inputs, max_tokens, self._closing, None)
            except Exception as error:
                raise self._error_for_the_user(error) from error
            answers += self._tokenizer.batch_decode(
                written, skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        return answers

    def count_tokens(self, text: str) -> int:
        """Return how many tokens ``text`` has, without special ones."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def close(self) -> None:
        """Stop what is being written and free the model; a second call does nothing."""
        self._closing.set()
        with self._lock:
            self._model = None

    def _inputs(self, conversations: Sequence[Sequence[Message]]) -> dict[str, torch.Tensor]:
        if self._closing.is_set():
            raise GeneratorError(f"{self.name} is closed: open it again")
        prompts = []
        for messages in conversations:
            begun = messages[-1]["role"] == "assistant"
            try:
                prompt = self._tokenizer.apply_chat_template(
                    list(messages),
                    tokenize=False,
                    add_generation_prompt=not begun,
                    continue_final_message=begun,
                )
            except Exception as error:  # templates raise what they like, about roles they do not know
                raise GeneratorError(
                    f"the chat template of {self.name} refuses the prompt ({one_line(error, 80)}): "
                    "choose another model"
                ) from error
            prompts.append(prompt)
        inputs = self._tokenizer(prompts, add_special_tokens=False, padding=True, return_tensors="pt")
        longest = int(inputs["input_ids"].shape[1])
        if longest >= self._context_tokens:
            raise prompt_too_long(longest, self._context_tokens)
        return {key: inputs[key] for key in ("input_ids", "attention_mask")}

    def _generate(
        self,
        inputs: dict[str, torch.Tensor],
        max_tokens: int,
        stopped: threading.Event,
        streamer: object | None,
    ) -> torch.Tensor:
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList

        closing = self._closing

        class Stopped(StoppingCriteria):
            def __call__(self, input_ids: torch.Tensor, scores: object, **kwargs: object) -> torch.Tensor:
                stop = stopped.is_set() or closing.is_set()
                return torch.full((input_ids.shape[0],), stop, dtype=torch.bool, device=input_ids.device)

        if self._model is None:
            raise GeneratorError(f"{self.name} is closed: open it again")
        prompt_length = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            tokens: torch.Tensor = self._model.generate(
                **{key: tensor.to(self._model.device) for key, tensor in inputs.items()},
                max_new_tokens=min(max_tokens, self._context_tokens - prompt_length),
                streamer=streamer,
                stopping_criteria=StoppingCriteriaList([Stopped()]),
            )
        return tokens[:, prompt_length:]

    def _error_for_the_user(self, error: BaseException) -> GeneratorError:
        import torch

        if isinstance(error, GeneratorError):
            return error
        if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
            return _out_of_memory(self.name)
        return GeneratorError(f"{self.name} failed to answer ({one_line(error, 120)}): choose another model")


def _cpu_dtype() -> torch.dtype:
    """Return bfloat16 where the processor multiplies in it: without, it is many times slower than float32."""
    import torch

    return torch.bfloat16 if torch.cpu.get_capabilities().get("avx512_bf16") else torch.float32


def _out_of_memory(name: str) -> GeneratorError:
    return GeneratorError(
        f"{name} needs more memory than is free: close other programs, choose a smaller "
        "RAG_GENERATION__MODEL or lower RAG_GENERATION__CONTEXT_TOKENS"
    )
