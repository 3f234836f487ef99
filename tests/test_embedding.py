"""What a vector is worth: normalised, in the right place, and near to what answers it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder

from index.embedding import Embedder, EmbeddingError, SentenceTransformerEmbedder, Vectors
from rag.models import resolve
from rag.settings import ModelSettings

QUESTION = "图书流动服务车开进了哪个小区？"
PASSAGES = [
    "当前，我市各园林绿化部门加强春季补栽绿化养护，为城市增春色。",
    "当天，一辆载有千余册图书的图书流动服务车开进东湖翡翠小区。",
    "展示品鉴活动结束后，参展客商签订购销合同2300万元。",
    "會議指出,許昌高品質建設城鄉融合共同富裕先行試驗區。",
    "The committee met in March.",
]


@pytest.fixture(scope="module")
def e5() -> SentenceTransformerEmbedder:
    files = resolve("multilingual-e5-small", "embedder", ModelSettings())
    return SentenceTransformerEmbedder(files.path, files.name, files.fingerprint, batch_size=2)


def embed(embedder: Embedder, texts: Sequence[str], title: str = "") -> Vectors:
    """The vectors of documents, in the order of their texts."""
    vectors = np.full((len(texts), embedder.identity.dimension), np.nan, dtype=np.float32)

    def keep(positions: Sequence[int], batch: Vectors) -> None:
        assert np.isnan(vectors[list(positions)]).all(), "a text was embedded twice"
        vectors[list(positions)] = batch

    embedder.embed_documents([embedder.document_text(title, text) for text in texts], keep)
    assert not np.isnan(vectors).any(), "a text was left out"
    return vectors


def test_the_fake_embedder_keeps_the_promises_of_a_real_one() -> None:
    embedder = FakeEmbedder()
    texts = [*PASSAGES, *(f"第{n}条" + "很长" * n for n in range(40, 0, -1)), "。"]
    vectors = embed(embedder, texts)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1)
    assert int((vectors @ embedder.embed_queries([QUESTION])[0]).argmax()) == 1
    assert np.array_equal(vectors, embedder.embed_queries(texts))
    assert embedder.embedded == len(texts)


@pytest.mark.parametrize(
    "content", [None, {"README.md": "no model here"}, {"config.json": "{}"}, {"config.json": "]"}]
)
def test_a_folder_without_a_model_is_refused_in_one_line(
    tmp_path: Path, content: dict[str, str] | None
) -> None:
    folder = tmp_path / "model"
    if content is not None:
        folder.mkdir()
        for name, text in content.items():
            (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(EmbeddingError) as caught:
        SentenceTransformerEmbedder(folder, "nothing", "0")
    assert str(caught.value).startswith(f"cannot load the embedding model from {folder}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.models
def test_vectors_are_normalised_single_precision_rows(e5: SentenceTransformerEmbedder) -> None:
    for vectors in (embed(e5, PASSAGES), e5.embed_queries(PASSAGES)):
        assert vectors.dtype == np.float32
        assert vectors.shape == (len(PASSAGES), e5.identity.dimension)
        assert vectors.flags.c_contiguous
        # bf16 has eight bits of precision.
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=0.01)


@pytest.mark.models
def test_a_question_is_nearest_to_the_passage_that_answers_it_in_either_script(
    e5: SentenceTransformerEmbedder,
) -> None:
    vectors = embed(e5, PASSAGES)
    questions = e5.embed_queries([QUESTION, "圖書流動服務車開進了哪個小區？", "When did the committee meet?"])
    assert (questions @ vectors.T).argmax(axis=1).tolist() == [1, 1, 4]


@pytest.mark.models
def test_each_vector_comes_back_at_its_texts_place_though_batches_are_sorted_by_length(
    e5: SentenceTransformerEmbedder,
) -> None:
    texts = ["长句" * 40, "短", *PASSAGES, "中等长度的一句话"]
    together = embed(e5, texts)
    alone = np.vstack([embed(e5, [text]) for text in texts])
    similarities = together @ alone.T
    assert similarities.argmax(axis=1).tolist() == list(range(len(texts)))
    assert similarities.diagonal() == pytest.approx(1, abs=0.02)


@pytest.mark.models
def test_questions_and_documents_are_given_the_models_own_prompts(e5: SentenceTransformerEmbedder) -> None:
    assert e5.identity.query_prompt == "query: "
    assert e5.document_text("", "正文") == "passage: 正文"
    assert e5.document_text("标题", "正文") == "passage: 标题\n正文"
    long = e5.document_text("标" * 1000, "正文")
    assert len(long) < 200
    assert long.endswith("正文")


@pytest.mark.models
def test_nothing_to_embed_is_no_trouble(e5: SentenceTransformerEmbedder) -> None:
    assert embed(e5, []).shape == (0, e5.identity.dimension)
