"""The converter of multilingual-e5-small: on a tiny file made here, and on the real one."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rag import e5
from rag.errors import ModelVerificationError
from rag.models import resolve
from rag.settings import load_settings

HIDDEN, LAYERS, FEED_FORWARD, POSITIONS = 32, 1, 64, 8
PIECES = [
    ("<s>", 0.0),
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -2.0),
    ("北京", -3.0),
    ("市", -4.0),
    ("北", -6.0),
    ("京", -6.0),
    ("▁A", -3.5),
    ("～", -5.0),
    ("<mask>", 0.0),
]
VOCABULARY = len(PIECES) + 4


def quantised(generator: np.random.Generator, elements: int) -> tuple[bytes, npt.NDArray[np.float32]]:
    """Return 4-bit blocks and, worked out one weight at a time, what they stand for."""
    payload, values = b"", []
    for _ in range(elements // 32):
        scale = np.float16(generator.uniform(0.01, 0.1))
        nibbles = generator.integers(0, 16, 32)
        payload += scale.tobytes() + bytes(int(nibbles[j] | nibbles[j + 16] << 4) for j in range(16))
        values += [(int(nibble) - 8) * float(scale) for nibble in nibbles]
    return payload, np.array(values, np.float32)


def tiny_model() -> tuple[bytes, dict[str, npt.NDArray[np.float32]]]:
    generator = np.random.default_rng(7)
    header = b"E5S1" + struct.pack("<I7i", 1, HIDDEN, LAYERS, 2, FEED_FORWARD, VOCABULARY, POSITIONS, 2)
    header += struct.pack("<fi", 1e-12, 32)
    texts = [piece.encode() for piece, _ in PIECES]
    blob = b"".join(texts)
    header += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob))
    header += struct.pack(f"<{len(PIECES) + 1}I", *np.cumsum([0, *map(len, texts)]).tolist())
    header += struct.pack(f"<{len(PIECES)}f", *(score for _, score in PIECES)) + blob
    header += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 9, 1, 32)

    square, wide = HIDDEN * HIDDEN, HIDDEN * FEED_FORWARD
    four_bit = {"emb.word": VOCABULARY * HIDDEN, "l0.fi.w": wide, "l0.fo.w": wide}
    four_bit |= {f"l0.{part}.w": square for part in ("q", "k", "v", "ao")}
    plain = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN, "l0.fi.b": FEED_FORWARD}
    plain |= {f"l0.{part}.b": HIDDEN for part in ("q", "k", "v", "ao", "fo", "aln", "oln")}
    plain |= dict.fromkeys(("emb.ln.w", "emb.ln.b", "l0.aln.w", "l0.oln.w"), HIDDEN)
    tensors: dict[str, npt.NDArray[np.float32]] = {}
    payloads: list[tuple[str, int, bytes]] = []
    for name, elements in four_bit.items():
        payload, tensors[name] = quantised(generator, elements)
        payloads.append((name, 1, payload))
    for name, elements in plain.items():
        tensors[name] = generator.normal(size=elements).astype(np.float32)
        payloads.append((name, 0, tensors[name].tobytes()))
    directory_size = 4 + sum(2 + len(name) + struct.calcsize("<BIQQ") for name, _, _ in payloads)
    offset = len(header) + directory_size
    directory, body = struct.pack("<i", len(payloads)), b""
    for name, kind, payload in payloads:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, len(tensors[name]), offset + len(body), len(payload))
        body += payload
    return header + directory + body, tensors


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("e5")
    source, target = folder / "tiny.bin", folder / "converted"
    source.write_bytes(tiny_model()[0])
    target.mkdir()
    e5.convert(source, target)
    return target


@pytest.mark.parametrize(
    ("theirs", "ours", "shape"),
    [
        ("emb.word", "embeddings.word_embeddings.weight", (VOCABULARY, HIDDEN)),
        ("emb.pos", "embeddings.position_embeddings.weight", (POSITIONS, HIDDEN)),
        ("emb.ln.b", "embeddings.LayerNorm.bias", (HIDDEN,)),
        ("l0.q.w", "encoder.layer.0.attention.self.query.weight", (HIDDEN, HIDDEN)),
        ("l0.ao.w", "encoder.layer.0.attention.output.dense.weight", (HIDDEN, HIDDEN)),
        ("l0.aln.w", "encoder.layer.0.attention.output.LayerNorm.weight", (HIDDEN,)),
        ("l0.fi.w", "encoder.layer.0.intermediate.dense.weight", (FEED_FORWARD, HIDDEN)),
        ("l0.fi.b", "encoder.layer.0.intermediate.dense.bias", (FEED_FORWARD,)),
        ("l0.fo.w", "encoder.layer.0.output.dense.weight", (HIDDEN, FEED_FORWARD)),
    ],
)
def test_weights_are_dequantised_under_berts_names(
    converted: Path, theirs: str, ours: str, shape: tuple[int, ...]
) -> None:
    from safetensors.numpy import load_file

    found = load_file(converted / "model.safetensors")[ours]
    assert found.shape == shape
    np.testing.assert_allclose(found.reshape(-1), tiny_model()[1][theirs], rtol=2**-11, atol=1e-7)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("北京市", ["▁", "北京", "市"]),
        ("Ａ\u3000北京", ["▁A", "▁", "北京"]),  # full-width forms
        ("北\u0001京", ["▁", "北京"]),  # a control character vanishes
        ("北\u200b京", ["▁", "北", "▁", "京"]),  # a zero-width space separates
        (" 北京\n\n 市 ", ["▁", "北京", "▁", "市"]),
        ("北～京", ["▁", "北", "～", "京"]),  # not folded into ~
        ("龘", ["▁", "<unk>"]),
    ],
)
def test_text_is_cut_into_pieces(converted: Path, text: str, pieces: list[str]) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(converted / "tokenizer.json"))
    ids = tokenizer.encode(text).ids
    assert [tokenizer.id_to_token(index) for index in ids] == ["<s>", *pieces, "</s>"]


def test_prompts_pooling_and_length_are_set(converted: Path) -> None:
    prompts = json.loads((converted / "config_sentence_transformers.json").read_text())["prompts"]
    assert prompts == {"query": "query: ", "document": "passage: "}
    modules = [
        entry["type"].rpartition(".")[2] for entry in json.loads((converted / "modules.json").read_text())
    ]
    assert modules == ["Transformer", "Pooling", "Normalize"]
    assert json.loads((converted / "sentence_bert_config.json").read_text())["max_seq_length"] == 512


def test_converting_twice_gives_the_same_files(converted: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    again.mkdir()
    e5.convert(converted.parent / "tiny.bin", again)
    names = sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert names
    assert all((again / name).read_bytes() == (converted / name).read_bytes() for name in names)


@pytest.mark.parametrize("damage", ["other", "version", "short"])
def test_a_file_of_another_layout_is_refused(tmp_path: Path, damage: str) -> None:
    data = tiny_model()[0]
    source = tmp_path / "broken.bin"
    source.write_bytes(
        {"other": b"GGUF" + data[4:], "version": b"E5S1\x09" + data[5:], "short": data[:-40]}[damage]
    )
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(ModelVerificationError) as error:
        e5.convert(source, target)
    assert "rag models fetch multilingual-e5-small" in str(error.value)
    assert "\n" not in str(error.value)
    assert not list(target.iterdir())


QUESTIONS = [
    "北京市的积分落户政策从什么时候开始实施？",
    "跨省换工作以后怎样转移养老保险？",
    "How do I reset my password?",
    "At what temperature does water boil?",
]
PASSAGES = [
    "积分落户政策自2017年1月1日起实施，持有本市居住证的申请人可以在线申报积分。",
    "参保人员跨省流动就业的，由新就业地社保机构办理基本养老保险关系转移接续手续。",
    "To choose a new password, open the settings page and click on 'Forgot password'.",
    "At standard atmospheric pressure, water turns to steam at 100 degrees Celsius.",
    "今天股市上涨了百分之二，成交额比昨天减少。",
    "The cat sat on the mat and looked out of the window.",
]


@pytest.mark.models
def test_the_real_model_finds_the_right_passage() -> None:
    from sentence_transformers import SentenceTransformer

    files = resolve("multilingual-e5-small", "embedder", load_settings().models)
    model = SentenceTransformer(str(files.path), device="cpu")
    assert model.max_seq_length == 512
    similarity = model.encode_query(QUESTIONS) @ model.encode_document(PASSAGES).T
    right = np.diagonal(similarity)
    wrong = np.where(np.eye(*similarity.shape, dtype=bool), -1, similarity).max(axis=1)
    print("right", right.round(3), "best wrong", wrong.round(3))
    # e5's cosines lie close together; 0.05 is a wide gap for it.
    assert (right - wrong > 0.05).all()


@pytest.mark.models
def test_the_real_tokenizer_knows_chinese() -> None:
    from tokenizers import Tokenizer

    files = resolve("multilingual-e5-small", "embedder", load_settings().models)
    tokenizer = Tokenizer.from_file(str(files.path / "tokenizer.json"))
    for text in [*QUESTIONS, *PASSAGES, "臺灣的圖書館開放時間是上午九點到下午五點～"]:
        encoded = tokenizer.encode(text)
        assert "<unk>" not in encoded.tokens
        # Decoding gives the text back, but for full-width punctuation folded to its plain form.
        folded = text.translate(str.maketrans("？，！：", "?,!:"))
        assert tokenizer.decode(encoded.ids) == folded
