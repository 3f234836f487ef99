"""A small model that reads: does this text answer the question?

A BERT encoder over question and text together (a cross-encoder: Nogueira and Cho 2019, "Passage re-ranking with
BERT", arXiv:1901.04085) with two heads: whether the text answers; and, for training alone, where the answer begins and
ends, with the first token for "not here" (Devlin et al. 2019, "BERT", NAACL, section 4.3). Its body is
multilingual-e5-small, whose embeddings and first layers it shares; the rest was trained by :mod:`rag.training.reader`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from index.durable import sha256_of
from rag import weights
from rag.errors import ModelVerificationError

LONGEST = 320
"""Tokens of a question and its text together; longer texts are cut."""

SHARED_LAYERS = 4
"""The first layers are the base model's, in training and after it."""

_SHARED = ("body.embeddings.", *(f"body.encoder.layer.{number}." for number in range(SHARED_LAYERS)))


class ReaderNetwork(nn.Module):
    """The network with its tokenizer; a :class:`rag.confidence.Reader`."""

    def __init__(self, body: nn.Module, tokenizer: Any, width: int) -> None:
        super().__init__()
        self.body: Any = body
        self.tokenizer = tokenizer
        self.relevance = nn.Linear(width, 1)
        self.span = nn.Linear(width, 2)

    def encode(self, questions: Sequence[str], texts: Sequence[str]) -> Any:
        """Return the tokens of pairs, padded to the longest, as tensors of shape ``(pairs, tokens)``."""
        return self.tokenizer(
            list(questions),
            list(texts),
            truncation="only_second",
            max_length=LONGEST,
            padding=True,
            return_tensors="pt",
        )

    def forward(self, encoded: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return relevance ``(pairs,)`` and each token's scores to begin and to end the span ``(pairs, tokens)``."""
        states = self.body(
            input_ids=encoded["input_ids"], attention_mask=encoded["attention_mask"]
        ).last_hidden_state
        scores = self.span(states).float()
        allowed = torch.tensor(
            [
                [number == 0 or part == 1 for number, part in enumerate(encoded.sequence_ids(row))]
                for row in range(len(scores))
            ]
        )
        scores = scores.masked_fill(~allowed.unsqueeze(-1), -1e4)
        return self.relevance(states[:, 0]).squeeze(-1).float(), scores[..., 0], scores[..., 1]

    @torch.inference_mode()
    def score(self, question: str, texts: Sequence[str]) -> list[float]:
        """Return the log-odds that each text answers the question."""
        if not texts:
            return []
        with torch.autocast("cpu", dtype=torch.bfloat16):
            relevance, _, _ = self(self.encode([question] * len(texts), texts))
        found: list[float] = relevance.tolist()
        return found


def new_network(base: Path) -> ReaderNetwork:
    """Return an untrained network on the base model at ``base``."""
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    body = AutoModel.from_pretrained(str(base), dtype=torch.float32)
    body.pooler = None  # left out at loading, it would be reported to the user as unexpected
    tokenizer = AutoTokenizer.from_pretrained(str(base))
    return ReaderNetwork(body, tokenizer, body.config.hidden_size)


def save_weights(network: ReaderNetwork, path: Path) -> None:
    """Write what was trained, in bfloat16: all but the embeddings and the first layers."""
    from safetensors.torch import save_file

    trained = {
        name: tensor.to(torch.bfloat16).contiguous()
        for name, tensor in network.state_dict().items()
        if not name.startswith(_SHARED)
    }
    save_file(trained, str(path))


def load_network(base: Path, trained: Path) -> ReaderNetwork:
    """Return a trained network, ready to read.

    Raises:
        ModelVerificationError: the weights were trained on another base model.
    """
    from safetensors.torch import load_file

    network = new_network(base)
    missing, unexpected = network.load_state_dict(load_file(str(trained)), strict=False)
    if unexpected or not all(name.startswith(_SHARED) for name in missing):
        raise ModelVerificationError(f"{trained} does not fit {base}; reinstall the program")
    return network.eval()


def open_reader(base: Path) -> ReaderNetwork:
    """Return the reader that comes with the program.

    Args:
        base: folder of the base model.

    Raises:
        ModelVerificationError: the weights are not those that the program was released with.
    """
    if not weights.READER.is_file() or sha256_of(weights.READER) != weights.READER_SHA256:
        raise ModelVerificationError(f"{weights.READER} is missing or damaged; reinstall the program")
    network = load_network(base, weights.READER)
    # Four fifths of the weights are word vectors, made of four bits each: half the memory loses nothing.
    network.body.embeddings.word_embeddings.to(torch.bfloat16)
    # The first call sets the tokenizer's padding and truncation, which two threads must not do at once.
    network.score(".", ["."])
    return network
