"""Retrieval over seeds/ on the gold set: hit@k of each retriever alone, of the product, and of a plain pipeline.

A chunk is a hit when it holds the whole of an evidence quote. The plain pipeline is what a LangChain tutorial builds:
fixed chunks of the raw text, no cleaning, no headings, the same embedding model.

    .venv/bin/python tests/benchmarks/retrieval.py [--embedder multilingual-e5-small] [--json FILE]
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from gold import SEEDS, GoldQuestion, Span, read_gold

import rag
from index.chunking import Chunk
from index.embedding import Embedder
from index.lexical import LexicalIndex
from index.store import open_index
from rag.opening import embedder_files, load_embedder
from rag.progress import RichProgress
from rag.retrieval import Retriever

DEPTHS = (1, 3, 5, 10, 20)
PLAIN_CHARS = 370
RANKS_K = 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--embedder", default="embeddinggemma-300m")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    questions = [question for question in read_gold() if question.evidence]
    with tempfile.TemporaryDirectory() as folder:
        settings = rag.load_settings(
            index_dir=Path(folder) / "index", index={"embedding": {"model": options.embedder}}
        )
        rag.build_index([SEEDS], settings, progress=RichProgress("items"))
        embedder = load_embedder(embedder_files(settings), settings)
        vectors = [embedder.embed_queries([question.question]) for question in questions]
        with_figures = product(questions, vectors, settings, embedder)
    with_figures.update(plain(questions, vectors, embedder))
    print(f"{len(questions)} questions, {options.embedder}")
    print("| retriever | " + " | ".join(f"hit@{depth}" for depth in DEPTHS) + " |")
    print("|---" * (len(DEPTHS) + 1) + "|")
    for name, figures in with_figures.items():
        print(f"| {name} | " + " | ".join(f"{figure:.2f}" for figure in figures) + " |")
    if options.json:
        options.json.write_text(json.dumps(with_figures, indent=1))


def product(
    questions: Sequence[GoldQuestion],
    vectors: Sequence[np.ndarray],
    settings: rag.Settings,
    embedder: Embedder,
) -> dict[str, list[float]]:
    """Return hit@k of the product's retrievers, alone and fused."""
    index = open_index(settings.index_dir)
    chunks = [stored.chunk for stored in index.tables.chunks()]
    retriever = Retriever(index, embedder, settings.retrieval)
    rankings: dict[str, list[list[int]]] = {}
    for question, vector in zip(questions, vectors, strict=True):
        found = retriever.rankings(question.question, vector)
        ranks = {name: [row for row, _ in ranking] for name, ranking in found.items()}
        ranks["ranks"] = [row for row, _ in reciprocal_rank_fusion(list(ranks.values()), RANKS_K)]
        ranks["fused"] = [row for row, _ in retriever.fused(question.question, vector, found)]
        for name, ranking in ranks.items():
            rankings.setdefault(name, []).append(ranking)
    names = {
        "lexical": "BM25 alone",
        "chunks": "chunk vectors alone",
        "sentences": "sentence vectors alone",
        "ranks": "all three by reciprocal rank",
        "fused": "all three fused",
    }
    return {names[name]: hits(rankings[name], questions, chunks) for name in names}


def plain(
    questions: Sequence[GoldQuestion], vectors: Sequence[np.ndarray], embedder: Embedder
) -> dict[str, list[float]]:
    """Return hit@k of fixed chunks of the raw text."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(chunk_size=PLAIN_CHARS, chunk_overlap=0, add_start_index=True)
    chunks = []
    for file in sorted(SEEDS.glob("*.txt")):
        for piece in splitter.create_documents([file.read_text(encoding="utf-8")]):
            start = piece.metadata["start_index"]
            end = start + len(piece.page_content)
            chunks.append(Chunk(f"{file.name}:{start}", file.name, start, end, (), piece.page_content))
    embedded = np.empty((len(chunks), embedder.identity.dimension), dtype=np.float32)

    def keep(positions: Sequence[int], batch: np.ndarray) -> None:
        embedded[list(positions)] = batch

    embedder.embed_documents([embedder.document_text("", chunk.text) for chunk in chunks], keep)
    lexical = LexicalIndex.build([chunk.text for chunk in chunks])
    by_words = [[row for row, _ in lexical.top(question.question, 50)] for question in questions]
    by_vector = [list(np.argsort(-(embedded @ vector[0]), kind="stable")[:50]) for vector in vectors]
    fused = [
        [row for row, _ in reciprocal_rank_fusion(pair, RANKS_K)]
        for pair in zip(by_words, by_vector, strict=True)
    ]
    return {
        "plain chunks, BM25": hits(by_words, questions, chunks),
        "plain chunks, vectors": hits(by_vector, questions, chunks),
        "plain chunks, fused": hits(fused, questions, chunks),
    }


def reciprocal_rank_fusion(rankings: Iterable[Sequence[int]], k: int) -> list[tuple[int, float]]:
    """Join rankings of rows into one, the best first; equal scores by row.

    Each ranking gives ``1 / (k + rank)`` to the rows it holds (Cormack, Clarke and Büttcher 2009, "Reciprocal rank
    fusion outperforms Condorcet and individual rank learning methods").
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, row in enumerate(ranking, 1):
            scores[row] = scores.get(row, 0.0) + 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def hits(
    rankings: Sequence[Sequence[int]], questions: Sequence[GoldQuestion], chunks: Sequence[Chunk]
) -> list[float]:
    """Return the share of questions with evidence among the first k chunks, for each depth."""
    first = [
        next((rank for rank, row in enumerate(ranking, 1) if holds(chunks[row], question.evidence)), None)
        for ranking, question in zip(rankings, questions, strict=True)
    ]
    return [sum(rank is not None and rank <= depth for rank in first) / len(first) for depth in DEPTHS]


def holds(chunk: Chunk, evidence: Sequence[Span]) -> bool:
    """Whether a chunk holds one of the quotes whole."""
    return any(
        chunk.doc_id == span.doc and chunk.start <= span.start and span.end <= chunk.end for span in evidence
    )


if __name__ == "__main__":
    main()
