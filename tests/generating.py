"""What the tests of the three generators share."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.errors import GeneratorError
from rag.generators import Message

HELLO: list[Message] = [{"role": "user", "content": "你好"}]
PATIENCE_S = 10.0
ALPHABET = "天地玄黄宇宙洪荒日月盈昃辰宿列张寒来暑往秋收冬藏"
TEMPLATE = "{% for m in messages %}{{ m['content'] }}{% endfor %}"


def user(text: str) -> Message:
    return {"role": "user", "content": text}


def system(text: str) -> Message:
    return {"role": "system", "content": text}


def error_line(call: Callable[[], object]) -> str:
    """The message of the GeneratorError that ``call`` raises; it must be one line."""
    with pytest.raises(GeneratorError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message
    return message


def save_tiny_model(folder: Path, *, safe: bool = True, template: str | None = TEMPLATE) -> None:
    """Write a small Llama with random weights and a tokenizer of a character a token into ``folder``."""
    import torch
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers

    # As Any: half of what is used of it has no type hints.
    transformers: Any = importlib.import_module("transformers")
    words = ["<pad>", "<end>", "<unknown>", *ALPHABET]
    tokens = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, "<unknown>"))
    tokens.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    tokens.decoder = decoders.Fuse()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokens, pad_token="<pad>", eos_token="<end>", unk_token="<unknown>"
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(3)
    model = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=len(words),
            hidden_size=32,
            intermediate_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            # Far apart, so that rounding does not decide which token comes next.
            initializer_range=1.0,
            pad_token_id=0,
            bos_token_id=None,
            eos_token_id=1,
        )
    )
    # The special tokens never come first among the 24 others, so an answer runs to its limit.
    model.lm_head.weight.data[:3] = 0
    model.generation_config.update(do_sample=True, temperature=5.0, repetition_penalty=1.5, eos_token_id=1)
    model.save_pretrained(folder)
    if not safe:
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
        (folder / "model.safetensors").unlink()
