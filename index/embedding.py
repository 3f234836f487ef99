"""Text to vectors, by a sentence-transformers model that lies in a local folder."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from index.errors import WenyuanError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Vectors = npt.NDArray[np.float32]
"""Shape ``(texts, dimension)``, each row of length 1, so that the inner product is the cosine."""

_TITLE_CHARS = 120


class EmbeddingError(WenyuanError):
    """The embedding model cannot be loaded from its folder."""


@dataclass(frozen=True)
class EmbedderIdentity:
    """What an index must remember of the model that made its vectors."""

    name: str
    fingerprint: str
    dimension: int
    query_prompt: str
    document_prompt: str


class Embedder(Protocol):
    """Turns documents and questions into vectors that can be compared."""

    @property
    def identity(self) -> EmbedderIdentity:
        """What an index built with this embedder must remember."""

    def document_text(self, title: str, text: str) -> str:
        """Return exactly what is embedded for ``text`` under ``title``: equal texts have equal vectors."""

    def embed_documents(
        self, document_texts: Sequence[str], on_batch: Callable[[Sequence[int], Vectors], None]
    ) -> None:
        """Embed results of :meth:`document_text`; ``on_batch`` gets positions and vectors of each batch."""

    def embed_queries(self, questions: Sequence[str]) -> Vectors:
        """Embed questions, in order."""


class SentenceTransformerEmbedder:
    """Any sentence-transformers model; prompts come from the model's own configuration."""

    def __init__(
        self, path: Path, name: str, fingerprint: str, *, batch_size: int = 16, threads: int | None = None
    ) -> None:
        """Load the model.

        Raises:
            EmbeddingError: the folder does not hold a loadable sentence-transformers model.
        """
        _share_cores()
        import torch
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

        transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        if threads is not None:
            torch.set_num_threads(threads)
        try:
            self._model: SentenceTransformer = SentenceTransformer(
                str(path), model_kwargs={"dtype": _dtype()}, local_files_only=True, trust_remote_code=False
            )
        except (OSError, ValueError, KeyError, RuntimeError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise EmbeddingError(f"cannot load the embedding model from {path}: {reason}") from error
        self._batch_size = batch_size
        prompts = self._model.prompts or {}
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise EmbeddingError(f"the model in {path} does not say how long its vectors are")
        self.identity = EmbedderIdentity(
            name=name,
            fingerprint=fingerprint,
            dimension=dimension,
            query_prompt=prompts.get("query") or "",
            document_prompt=prompts.get("document") or prompts.get("passage") or "",
        )
        # The first call sets the tokenizer's padding and truncation, and two threads doing that at once fail with
        # "Already borrowed"; later calls find them set. A lock instead would have a question wait for a build's batch:
        # measured 4.1 s instead of 0.1 s (median, 2 cores).
        self._encode(["."])

    @property
    def network(self) -> Any:
        """The transformers model inside, without pooling, for who computes with it too and has no room for two."""
        return self._model[0].auto_model

    def document_text(self, title: str, text: str) -> str:
        """Return exactly what is embedded for ``text`` under ``title`` (see :class:`Embedder`)."""
        title = title[:_TITLE_CHARS]
        prompt = self.identity.document_prompt
        if "title: none" in prompt:  # EmbeddingGemma's documented form has a place for the title
            return prompt.replace("title: none", f"title: {title or 'none'}") + text
        return prompt + (f"{title}\n{text}" if title else text)

    def embed_documents(
        self, document_texts: Sequence[str], on_batch: Callable[[Sequence[int], Vectors], None]
    ) -> None:
        """Embed results of :meth:`document_text`, batches of similar length together."""
        order = sorted(range(len(document_texts)), key=lambda i: len(document_texts[i]))
        for start in range(0, len(order), self._batch_size):
            positions = order[start : start + self._batch_size]
            on_batch(positions, self._encode([document_texts[i] for i in positions]))

    def embed_queries(self, questions: Sequence[str]) -> Vectors:
        """Embed questions, in order."""
        return self._encode([self.identity.query_prompt + question for question in questions])

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = self._model.encode(
            list(texts),
            prompt="",  # already part of the texts
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_tensor=True,
        )
        return np.ascontiguousarray(vectors.float().cpu().numpy(), dtype=np.float32)


def _share_cores() -> None:
    """Have torch's threads wait for each other less impatiently; works until torch is loaded, harmless after.

    They spin at the end of every operation, and with a busy neighbour on the machine most of the time goes there. On
    2 cores (Intel Xeon with AMX, November 2026) embeddinggemma-300m embeds 12.5 chunks/s on a quiet machine and 1.7
    beside one busy program; with this limit 11.8 and 4.8.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "10000")


def _dtype() -> object:
    """bf16 where the CPU multiplies it in hardware: the same vectors (cosine 1.000) at over twice the speed."""
    import torch

    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.bfloat16 if processor_has_bf16() else torch.float32


def processor_has_bf16() -> bool:
    """Whether the CPU multiplies bf16 numbers in hardware."""
    import torch

    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
