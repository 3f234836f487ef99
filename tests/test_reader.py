"""The reader that comes with the program: its weights are whole, and it reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.durable import sha256_of
from index.embedding import SentenceTransformerEmbedder
from rag import weights
from rag.errors import ModelVerificationError
from rag.opening import embedder_files, load_embedder, load_reader
from rag.reader import ReaderNetwork, open_reader
from rag.settings import load_settings


def test_the_weights_are_those_that_the_program_names_and_small_enough_to_ship() -> None:
    assert sha256_of(weights.READER) == weights.READER_SHA256
    assert weights.READER.stat().st_size <= 45_000_000


def test_damaged_weights_are_told_with_what_mends_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "reader.safetensors"
    damaged.write_bytes(weights.READER.read_bytes()[:-1])
    monkeypatch.setattr(weights, "READER", damaged)
    with pytest.raises(ModelVerificationError, match="is missing or damaged; reinstall the program"):
        open_reader(tmp_path)
    damaged.unlink()
    with pytest.raises(ModelVerificationError, match="reinstall the program"):
        open_reader(tmp_path)


def test_it_can_be_switched_off() -> None:
    assert load_reader(load_settings(generation={"second_reader": False})) is None


@pytest.mark.models
@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        (
            "现场签约合同金额是多少？",
            "签约单位代表依次登台签署项目合作书，现场签约合同金额3400万元。",
            "3400万元",
        ),
        ("谁主持了会议？", "市委书记史根治主持会议并讲话，市长刘涛部署工作。", "史根治"),
        ("图书流动车开进了哪个小区？", "当天，一辆图书流动服务车开进东湖翡翠小区。", "东湖翡翠小区"),
    ],
)
def test_it_tells_a_text_that_answers_from_one_that_does_not(question: str, text: str, answer: str) -> None:
    reader = load_reader(load_settings(generation={"second_reader": True}))
    assert reader is not None
    right, wrong = reader.read(question, [text, "居民们表示，希望多组织这样的活动。"])
    assert right.relevance > 0 > wrong.relevance
    assert answer in right.words
    assert reader.read(question, []) == []


@pytest.mark.models
def test_beside_its_base_model_it_takes_little_room_and_leaves_that_as_it_is() -> None:
    settings = load_settings(generation={"second_reader": True})
    embedder = load_embedder(embedder_files(settings), settings)
    assert isinstance(embedder, SentenceTransformerEmbedder)
    before = embedder.embed_queries(["谁主持了会议？"])
    reader, alone = load_reader(settings, embedder), load_reader(settings)
    assert isinstance(reader, ReaderNetwork)
    assert alone is not None
    shared = embedder.network.get_input_embeddings()
    assert reader.body.get_input_embeddings() is shared
    assert np.array_equal(embedder.embed_queries(["谁主持了会议？"]), before)
    asked, text = "谁主持了会议？", "市委书记史根治主持会议并讲话，市长刘涛部署工作。"
    (one,), (other,) = reader.read(asked, [text]), alone.read(asked, [text])
    assert one.relevance == pytest.approx(other.relevance, abs=0.2)
    assert one.words == other.words == "史根治"
