"""Turns the 4-bit file of multilingual-e5-small into a sentence-transformers folder.

The file is laid out by another program's author; it is read here as plain data. The tokenizer it
carries is SentencePiece's Unigram with the "nmt_nfkc" normaliser, the network a BERT encoder.
"""

from __future__ import annotations

import json
import shutil
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import ModelVerificationError

CONVERTER_VERSION = 1
"""Goes up whenever the converted model's vectors could change; indexes then ask to be rebuilt."""

_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2
_BLOCKS_AT_ONCE = 1 << 18
_MAX_TOKENS = 512

# Where nmt_nfkc differs from NFKC, read off the file's own table: control characters vanish,
# invisible separators become spaces, and the full-width tilde of "3～5" stays as it is.
_REMOVED = "\\x{0001}-\\x{0008}\\x{000B}\\x{000E}-\\x{001F}\\x{007F}\\x{008F}\\x{009F}"
_SPACES = (
    "\\x{0009}\\x{000A}\\x{000C}\\x{000D}\\x{1680}\\x{200B}-\\x{200F}"
    "\\x{2028}\\x{2029}\\x{2581}\\x{FEFF}\\x{FFFD}"
)
_TILDE, _TILDE_KEEPER = "～", "\U0010fffd"

_TENSOR_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_SUFFIXES = {"w": "weight", "b": "bias"}


@dataclass(frozen=True)
class _Shape:
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class _Pieces:
    pieces: list[str]
    scores: list[float]
    bos: int
    eos: int
    pad: int
    unk: int


class _Reader:
    """Reads little-endian values one after another."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.position)
        self.position += struct.calcsize("<" + layout)
        return values

    def array(self, kind: str, count: int) -> npt.NDArray[Any]:
        values: npt.NDArray[Any] = np.frombuffer(self.data, kind, count, self.position)
        self.position += values.nbytes
        return values

    def block(self, size: int) -> bytes:
        self.position += size
        return self.data[self.position - size : self.position]


def convert(source: Path, target: Path) -> None:
    """Write the model in ``source`` as a sentence-transformers folder at ``target``, which must be empty.

    Weights are stored as float16 (half the size, vectors unchanged to four decimals) and loaded as
    float32. Takes about 240 MB on disk.

    Raises:
        ModelVerificationError: ``source`` is not laid out as expected.
        OSError: ``target`` cannot be written.
    """
    try:
        reader = _Reader(source.read_bytes())
        shape = _read_shape(reader)
        pieces = _read_pieces(reader)
        tensors = _read_tensors(reader, shape)
    except (struct.error, ValueError, KeyError, IndexError) as error:
        raise ModelVerificationError(
            f"{source.name} is not a 4-bit e5 model ({error}); fetch it again with: "
            "rag models fetch multilingual-e5-small"
        ) from error
    _write_configs(shape, pieces, target)
    _write_weights(tensors, shape, target)
    _write_tokenizer(pieces, target)


def _read_shape(reader: _Reader) -> _Shape:
    if reader.block(4) != _MAGIC:
        raise ValueError("wrong first bytes")
    (version,) = reader.take("I")
    hidden, layers, heads, feed_forward, vocabulary, positions, types = reader.take("7i")
    epsilon, block = reader.take("fi")
    if version != 1 or block != _BLOCK:
        raise ValueError(f"version {version}, block size {block}")
    # The file holds a float32; writing its nearest short decimal keeps the config readable.
    epsilon = float(f"{epsilon:.6g}")
    return _Shape(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon)


def _read_pieces(reader: _Reader) -> _Pieces:
    count, bos, eos, pad, unk = reader.take("5i")
    (blob_size,) = reader.take("Q")
    offsets = reader.array("<u4", count + 1).tolist()
    scores = reader.array("<f4", count).tolist()
    blob = reader.block(blob_size)
    pieces = [blob[start:end].decode() for start, end in pairwise(offsets)]
    # The table of single code points that follows is covered by NFKC and the rules above.
    _, table_size = reader.take("iI")
    reader.block(table_size)
    return _Pieces(pieces, scores, bos, eos, pad, unk)


def _read_tensors(reader: _Reader, shape: _Shape) -> dict[str, npt.NDArray[np.float16]]:
    tensors: dict[str, npt.NDArray[np.float16]] = {}
    (count,) = reader.take("i")
    for _ in range(count):
        (name_size,) = reader.take("H")
        name = reader.block(name_size).decode()
        kind, elements, offset, size = reader.take("BIQQ")
        payload = memoryview(reader.data)[offset : offset + size]
        if kind == 1:
            values = _dequantise(payload, elements)
        else:
            values = np.frombuffer(payload, "<f4", elements).astype(np.float16)
        tensors[_torch_name(name)] = values
    return {name: values.reshape(_tensor_shape(name, shape)) for name, values in tensors.items()}


def _dequantise(payload: memoryview, elements: int) -> npt.NDArray[np.float16]:
    layout = np.dtype([("scale", "<f2"), ("nibbles", "u1", (_BLOCK // 2,))])
    if len(payload) != elements // _BLOCK * _BLOCK_BYTES:
        raise ValueError("a tensor's size does not fit its element count")
    blocks = np.frombuffer(payload, layout)
    values = np.empty((len(blocks), _BLOCK), np.float16)
    # In slices: the word embeddings as float32 in one go would take 800 MB.
    for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
        some = blocks[start : start + _BLOCKS_AT_ONCE]
        scale = some["scale"].astype(np.float32)[:, None]
        target = values[start : start + len(some)]
        target[:, : _BLOCK // 2] = ((some["nibbles"] & 0x0F).astype(np.float32) - 8) * scale
        target[:, _BLOCK // 2 :] = ((some["nibbles"] >> 4).astype(np.float32) - 8) * scale
    return values.reshape(-1)


def _torch_name(name: str) -> str:
    if name in _TENSOR_NAMES:
        return _TENSOR_NAMES[name]
    layer, part, suffix = name.split(".")
    return f"encoder.layer.{int(layer[1:])}.{_LAYER_NAMES[part]}.{_SUFFIXES[suffix]}"


def _tensor_shape(name: str, shape: _Shape) -> tuple[int, ...]:
    if name.endswith("bias") or "LayerNorm" in name:
        return (-1,)
    if "intermediate" in name:
        return (shape.feed_forward, shape.hidden)
    if name.endswith("output.dense.weight") and "attention" not in name:
        return (shape.hidden, shape.feed_forward)
    return (-1, shape.hidden)


def _write_weights(tensors: dict[str, npt.NDArray[np.float16]], shape: _Shape, target: Path) -> None:
    from safetensors.numpy import save_file

    # Mean pooling never reads BERT's own pooler; zeros keep transformers from warning that it is missing.
    tensors["pooler.dense.weight"] = np.zeros((shape.hidden, shape.hidden), np.float16)
    tensors["pooler.dense.bias"] = np.zeros(shape.hidden, np.float16)
    path = target / "model.safetensors"
    save_file(tensors, path, metadata={"format": "pt"})
    # safetensors makes the file private; in a shared cache it is to be as readable as the others.
    shutil.copymode(target / "config.json", path)


def _write_configs(shape: _Shape, pieces: _Pieces, target: Path) -> None:
    _write_json(
        target / "config.json",
        {
            "architectures": ["BertModel"],
            "model_type": "bert",
            # float16 on disk only: on a CPU float16 arithmetic is slow.
            "dtype": "float32",
            "vocab_size": shape.vocabulary,
            "hidden_size": shape.hidden,
            "num_hidden_layers": shape.layers,
            "num_attention_heads": shape.heads,
            "intermediate_size": shape.feed_forward,
            "hidden_act": "gelu",
            "max_position_embeddings": shape.positions,
            "type_vocab_size": shape.types,
            "layer_norm_eps": shape.epsilon,
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "initializer_range": 0.02,
            "bos_token_id": pieces.bos,
            "eos_token_id": pieces.eos,
            "pad_token_id": pieces.pad,
        },
    )
    modules = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    _write_json(
        target / "modules.json",
        [
            {"idx": index, "name": str(index), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for index, (path, kind) in enumerate(modules)
        ],
    )
    _write_json(
        target / "config_sentence_transformers.json",
        {
            "model_type": "SentenceTransformer",
            "prompts": {"query": "query: ", "document": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    )
    _write_json(target / "sentence_bert_config.json", {"max_seq_length": _MAX_TOKENS, "do_lower_case": False})
    (target / "1_Pooling").mkdir()
    _write_json(
        target / "1_Pooling" / "config.json",
        {"word_embedding_dimension": shape.hidden, "pooling_mode_mean_tokens": True, "include_prompt": True},
    )


def _write_tokenizer(pieces: _Pieces, target: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer
    from tokenizers.decoders import Metaspace as MetaspaceDecoder
    from tokenizers.models import Unigram
    from tokenizers.normalizers import NFKC, Replace
    from tokenizers.normalizers import Sequence as Normalizers
    from tokenizers.pre_tokenizers import Metaspace, WhitespaceSplit
    from tokenizers.pre_tokenizers import Sequence as PreTokenizers
    from tokenizers.processors import TemplateProcessing

    scored = list(zip(pieces.pieces, pieces.scores, strict=True))
    tokenizer = Tokenizer(Unigram(scored, unk_id=pieces.unk, byte_fallback=False))
    tokenizer.normalizer = Normalizers(
        [
            Replace(Regex(f"[{_REMOVED}]"), ""),
            Replace(Regex(f"[{_SPACES}]"), " "),
            Replace(_TILDE, _TILDE_KEEPER),
            NFKC(),
            Replace(_TILDE_KEEPER, _TILDE),
            Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = PreTokenizers([WhitespaceSplit(), Metaspace()])
    tokenizer.decoder = MetaspaceDecoder()
    names = {
        role: pieces.pieces[index]
        for role, index in (
            ("bos", pieces.bos),
            ("eos", pieces.eos),
            ("pad", pieces.pad),
            ("unk", pieces.unk),
        )
    }
    tokenizer.post_processor = TemplateProcessing(
        single=f"{names['bos']} $A {names['eos']}",
        pair=f"{names['bos']} $A {names['eos']} {names['eos']} $B {names['eos']}",
        special_tokens=[(names["bos"], pieces.bos), (names["eos"], pieces.eos)],
    )
    mask = AddedToken("<mask>", lstrip=True, special=True)
    tokenizer.add_special_tokens([*(AddedToken(name, special=True) for name in names.values()), mask])
    tokenizer.save(str(target / "tokenizer.json"), pretty=False)
    _write_json(
        target / "tokenizer_config.json",
        {
            # The generic class reads tokenizer.json as it is; XLM-R's own would rebuild it.
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": _MAX_TOKENS,
            "padding_side": "right",
            "truncation_side": "right",
            "clean_up_tokenization_spaces": False,
            **{f"{role}_token": name for role, name in names.items()},
            "cls_token": names["bos"],
            "sep_token": names["eos"],
            "mask_token": "<mask>",
        },
    )


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
