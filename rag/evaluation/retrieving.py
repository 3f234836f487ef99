"""What each retriever finds alone, beside what the product finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from index.store import open_index
from index.tables import Scope, Tables
from rag.conversation import standalone_question
from rag.errors import QuestionError
from rag.evaluation.gold import GoldQuestion
from rag.evaluation.quotes import GoldItem
from rag.evaluation.retrieval_metrics import Ranking, Span, ranking
from rag.opening import embedder_files, load_embedder, load_reader
from rag.pipeline import readable_question
from rag.progress import Progress, phase
from rag.retrieval import Retriever
from rag.settings import Settings

RETRIEVERS = {
    "product": "product (merged, and put in order by the second reader)",
    "merged": "fused, duplicates dropped, neighbours merged",
    "fused": "all three fused",
    "sentences": "sentence vectors alone",
    "chunks": "chunk vectors alone",
    "lexical": "BM25 alone",
}
"""What is compared, by name."""


def rank_all(
    questions: Sequence[GoldQuestion],
    items: Mapping[str, tuple[GoldItem, ...]],
    settings: Settings,
    progress: Progress,
) -> dict[str, dict[str, Ranking]]:
    """Search every answerable question with each retriever; return rankings by retriever and question.

    Follow-ups are completed by rules alone, as no generator is loaded.

    Raises:
        WenyuanError: the index or a model cannot be opened.
    """
    files = embedder_files(settings)
    index = open_index(settings.index_dir, embedder=files.name, fingerprint=files.fingerprint)
    found: dict[str, dict[str, Ranking]] = {name: {} for name in RETRIEVERS}
    try:
        embedder = load_embedder(files, settings)
        retriever = Retriever(index, embedder, settings.retrieval, load_reader(settings, embedder))
        searched = [question for question in questions if items.get(question.id)]
        with phase(progress, "searching", len(searched)):
            for question in searched:
                spans = _search(question, retriever, index.tables, settings.retrieval.top_k)
                for name, passages in spans.items():
                    found[name][question.id] = ranking(passages, items[question.id])
                progress.advance(1)
    finally:
        index.close()
    return found


def _search(
    question: GoldQuestion, retriever: Retriever, tables: Tables, top_k: int
) -> dict[str, list[Span]]:
    try:
        asked = standalone_question(readable_question(question.question), question.history)
    except QuestionError:  # it cannot be asked, and so nothing is found for it
        return {name: [] for name in RETRIEVERS}
    vector = retriever.embed(asked)
    rankings = retriever.rankings(asked, vector, Scope(question.documents))
    fused = retriever.fused(asked, vector, rankings)
    spans: dict[str, list[Span]] = {
        name: [_span_of(tables, row) for row, _ in ranked[:50]]
        for name, ranked in {**rankings, "fused": fused}.items()
    }
    merged = retriever.passages(fused, rankings, top_k)
    for name, passages in {"merged": merged, "product": retriever.reranked(asked, vector, merged)}.items():
        spans[name] = [(p.chunk.doc_id, p.chunk.start, p.chunk.end) for p in passages]
    return spans


def _span_of(tables: Tables, row: int) -> Span:
    chunk = tables.chunk(row).chunk
    return chunk.doc_id, chunk.start, chunk.end
