"""A small model that reads: does this text answer the question?

An encoder over question and text together (a cross-encoder: Nogueira and Cho 2019, "Passage re-ranking with BERT",
arXiv:1901.04085) with two heads: whether the text answers; and where the answer begins and ends, with the first token
for "not here" (Devlin et al. 2019, "BERT", NAACL, section 4.3). Its body is embeddinggemma-300m, which reads in both
directions, with low-rank adapters (Hu et al. 2022, "LoRA", ICLR) that were trained by :mod:`rag.training.reader` and
are added to its matrices when it is loaded.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from index.durable import sha256_of
from index.embedding import processor_has_bf16
from rag import weights
from rag.errors import ModelVerificationError
from rag.reading import Reading

LONGEST = 320
"""Tokens of a question and its text together; longer texts are cut."""

ADAPTED = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
"""The matrices of a layer that are adapted."""

FIRST_ADAPTED_LAYER = 10
"""Those before it stay as they are: with them training is a third slower (480 tokens/s, 735 without)."""

ADAPTER_SCALE = 2
"""What the product of the two low-rank matrices is multiplied with."""

_LONGEST_SPAN = 40
_HEADS = ("relevance", "span")
# The form in which embeddinggemma was trained to take questions; what follows stands for a document.
_BEFORE_TEXT = "task: question answering | query: {} | text: "


class ReaderNetwork(nn.Module):
    """The network with its tokenizer; a :class:`rag.reading.Reader`."""

    def __init__(self, body: nn.Module, tokenizer: Any, width: int) -> None:
        super().__init__()
        self.body: Any = body
        self.tokenizer = tokenizer
        self.relevance = nn.Linear(width, 1)
        self.span = nn.Linear(width, 2)

    def encode(self, questions: Sequence[str], texts: Sequence[str]) -> Any:
        """Return the tokens of pairs, padded to the longest, as tensors of shape ``(pairs, tokens)``.

        ``offset_mapping`` counts from where the text begins: what is below 0 is the question.
        """
        before = [_BEFORE_TEXT.format(question) for question in questions]
        encoded = self.tokenizer(
            [one + text for one, text in zip(before, texts, strict=True)],
            truncation=True,
            max_length=LONGEST,
            padding=True,
            padding_side="right",
            return_tensors="pt",
            return_offsets_mapping=True,
        )
        encoded["offset_mapping"] -= torch.tensor([len(one) for one in before])[:, None, None]
        return encoded

    def forward(self, encoded: Any) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return relevance ``(pairs,)`` and each token's scores to begin and to end the span ``(pairs, tokens)``."""
        mask, offsets = encoded["attention_mask"], encoded["offset_mapping"]
        states = self.body(input_ids=encoded["input_ids"], attention_mask=mask).last_hidden_state.float()
        # A token may hold the blank before the text and its first character.
        allowed = (offsets[..., 0] >= -1) & (offsets[..., 1] > 0) & mask.bool()
        allowed[:, 0] = True
        scores = self.span(states).masked_fill(~allowed.unsqueeze(-1), -1e4)
        counted = mask.unsqueeze(-1)
        mean = (states * counted).sum(1) / counted.sum(1)
        return self.relevance(mean).squeeze(-1), scores[..., 0], scores[..., 1]

    @torch.inference_mode()
    def read(self, question: str, texts: Sequence[str]) -> list[Reading]:
        """Return the log-odds that each text answers the question, and the words of it that answer best."""
        if not texts:
            return []
        encoded = self.encode([question] * len(texts), texts)
        relevances, starts, ends = self(encoded)
        found = []
        for row, text in enumerate(texts):
            joint = starts[row].unsqueeze(1) + ends[row].unsqueeze(0)
            fits = torch.ones_like(joint, dtype=torch.bool).triu().tril(_LONGEST_SPAN - 1)
            fits[0, :] = False
            first, last = divmod(int(joint.masked_fill(~fits, -1e9).argmax()), joint.shape[1])
            offsets = encoded["offset_mapping"][row].tolist()
            words = text[max(0, offsets[first][0]) : max(0, offsets[last][1])].strip()
            found.append(Reading(float(relevances[row]), words))
        return found


def new_network(base: Path, dtype: torch.dtype, loaded: Any = None) -> ReaderNetwork:
    """Return an untrained network; for the arguments see :func:`open_reader`, ``dtype`` is of what is not loaded."""
    from transformers import AutoModel, AutoTokenizer
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    if loaded is None:
        body = AutoModel.from_pretrained(str(base), dtype=dtype)
    else:
        shared = loaded.get_input_embeddings()
        body = copy.deepcopy(loaded, {id(shared): shared})
    return ReaderNetwork(body, AutoTokenizer.from_pretrained(str(base)), body.config.hidden_size)


def save_weights(network: ReaderNetwork, path: Path) -> None:
    """Write what was trained, in bfloat16: the heads, and of each adapted matrix ``…lora_A`` and ``…lora_B``."""
    from safetensors.torch import save_file

    trained = _trained(network)
    save_file({name: tensor.to(torch.bfloat16).contiguous() for name, tensor in trained.items()}, str(path))


def read_weights(network: ReaderNetwork, path: Path) -> None:
    """Read into an adapted network what :func:`save_weights` wrote, to go on training it."""
    from safetensors.torch import load_file

    read = load_file(str(path))
    with torch.no_grad():
        for name, tensor in _trained(network).items():
            tensor.copy_(read[name].float())


def _trained(network: ReaderNetwork) -> dict[str, torch.Tensor]:
    """Return what is trained of an adapted network, by the names that it has in a file."""
    return {
        name.removeprefix("body.base_model.model.").replace(".default.weight", ""): tensor
        for name, tensor in network.state_dict().items()
        if name.startswith(_HEADS) or ".lora_" in name
    }


def load_network(base: Path, trained: Path, loaded: Any = None) -> ReaderNetwork:
    """Return a trained network, ready to read; for the arguments see :func:`open_reader`.

    Raises:
        ModelVerificationError: the weights were trained on another base model.
    """
    from safetensors.torch import load_file

    network = new_network(base, torch.bfloat16 if processor_has_bf16() else torch.float32, loaded)
    tensors = {name: tensor.float() for name, tensor in load_file(str(trained)).items()}
    misfit = ModelVerificationError(f"{trained} does not fit {base}; reinstall the program")
    heads = {name: tensors.pop(name) for name in list(tensors) if name.startswith(_HEADS)}
    matrices = dict(network.body.named_parameters())
    adapted = {name.removesuffix(".lora_A") for name in tensors if name.endswith(".lora_A")}
    if any(network.load_state_dict(heads, strict=False)[1]) or len(heads) != 2 * len(_HEADS):
        raise misfit
    try:
        with torch.no_grad():
            for name in adapted:
                matrix = matrices[f"{name}.weight"]
                change = ADAPTER_SCALE * tensors[f"{name}.lora_B"] @ tensors[f"{name}.lora_A"]
                matrix.copy_(matrix.float() + change)
    except (KeyError, RuntimeError) as error:
        raise misfit from error
    return network.eval()


def open_reader(base: Path, loaded: Any = None) -> ReaderNetwork:
    """Return the reader that comes with the program.

    Args:
        base: folder of the base model.
        loaded: the base model, where it is in memory already: its word vectors, two thirds of it, are shared, and the
            rest is copied.

    Raises:
        ModelVerificationError: the weights are not those that the program was released with.
    """
    if not weights.READER.is_file() or sha256_of(weights.READER) != weights.READER_SHA256:
        raise ModelVerificationError(f"{weights.READER} is missing or damaged; reinstall the program")
    network = load_network(base, weights.READER, loaded)
    # The first call sets the tokenizer's padding and truncation, which two threads must not do at once.
    network.read(".", ["."])
    return network
