"""Putting the parts together: settings in, an index built or an assistant opened."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from index.building import BuildReport, build
from index.embedding import Embedder, SentenceTransformerEmbedder
from index.store import current_generation, missing_index, open_index
from rag.generators import Generator, open_generator
from rag.models import ModelFiles, resolve
from rag.pipeline import Assistant
from rag.progress import Progress
from rag.reading import Reader
from rag.retrieval import Retriever
from rag.settings import Settings, cpu_threads
from rag.weights import READER_BASE, READER_SHA256


def embedder_files(settings: Settings, progress: Progress | None = None) -> ModelFiles:
    """Return the embedding model's files, fetched when they are not there.

    Raises:
        WenyuanError: see :func:`rag.models.resolve`.
    """
    return resolve(settings.index.embedding.model, "embedder", settings.models, progress)


def load_embedder(files: ModelFiles, settings: Settings) -> Embedder:
    """Load an embedding model.

    Raises:
        EmbeddingError: the folder holds no loadable model.
    """
    embedding = settings.index.embedding
    return SentenceTransformerEmbedder(
        files.path,
        files.name,
        files.fingerprint,
        batch_size=embedding.batch_size,
        threads=cpu_threads(embedding.threads),
    )


def build_index(
    paths: Sequence[Path],
    settings: Settings,
    *,
    downloads: Progress | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Make the index at ``settings.index_dir`` hold exactly the documents at ``paths``.

    Args:
        paths: folders and files.
        settings: the whole tree.
        downloads: receives the progress of fetching the model, in bytes.
        progress: receives the progress of the work, in items.

    Raises:
        WenyuanError: see :func:`index.building.build` and :func:`rag.models.resolve`.
    """
    files = embedder_files(settings, downloads)
    return build(
        paths,
        settings.index_dir,
        files.fingerprint,
        lambda: load_embedder(files, settings),
        settings.index,
        progress,
    )


def load_generator(settings: Settings, progress: Progress | None = None) -> Generator:
    """Load the generator, fetching its model when it is not there.

    Raises:
        GeneratorError: it cannot be loaded.
        WenyuanError: see :func:`rag.models.resolve`.
    """
    generation = settings.generation
    if generation.adapter == "openai":
        return open_generator(generation)
    files = resolve(generation.model, "generator", settings.models, progress)
    return open_generator(
        generation, files.path, name=files.name, cache=settings.models.cache / "prompt-fronts"
    )


def load_reader(settings: Settings, embedder: Embedder | None = None) -> Reader | None:
    """Load the second reader, fetching the model it is made of when that is not there; None where it is switched off.

    Where it is made of the model that ``embedder`` has loaded, they share what they can.

    Raises:
        ModelVerificationError: its weights are damaged.
        WenyuanError: see :func:`rag.models.resolve`.
    """
    if not settings.generation.second_reader:
        return None
    from rag.reader import open_reader  # which loads torch

    base = resolve(READER_BASE, "embedder", settings.models)
    loaded = None
    if (
        isinstance(embedder, SentenceTransformerEmbedder)
        and embedder.identity.fingerprint == base.fingerprint
    ):
        loaded = embedder.network
    return open_reader(base.path, loaded)


def fetch_generator(settings: Settings, progress: Progress | None = None) -> None:
    """Fetch the generator's model, unless it is there or a server runs it, and what the second reader is made of.

    Raises:
        WenyuanError: see :func:`rag.models.resolve`.
    """
    if settings.generation.adapter != "openai":
        resolve(settings.generation.model, "generator", settings.models, progress)
    if settings.generation.second_reader:
        resolve(READER_BASE, "embedder", settings.models, progress)


def fetch_models(settings: Settings, progress: Progress | None = None) -> None:
    """Fetch what :func:`open_assistant` will need, unless it is there; an index comes first, as it is quick to check.

    Raises:
        IndexMissingError: there is no index yet.
        WenyuanError: a model cannot be had.
    """
    if current_generation(settings.index_dir) is None:
        raise missing_index(settings.index_dir)
    for name, kind in settings.models_in_use().items():
        resolve(name, kind, settings.models, progress)


def models_fingerprint(settings: Settings) -> str:
    """Return what changes when another model would answer: another one by name or, where it is here, by its weights.

    Raises:
        WenyuanError: see :func:`rag.models.resolve`.
    """
    if settings.generation.adapter == "openai":
        generator = f"server {settings.generation.model}"
    else:
        generator = resolve(settings.generation.model, "generator", settings.models).fingerprint
    reader = f" {READER_SHA256}" if settings.generation.second_reader else ""
    return f"{embedder_files(settings).fingerprint} {generator}{reader}"


def open_assistant(settings: Settings) -> Assistant:
    """Open the index at ``settings.index_dir`` and load the models.

    Raises:
        IndexStateError: there is no index, it is damaged, or it was built with another embedder.
        WenyuanError: a model cannot be had.
    """
    files = embedder_files(settings)
    index = open_index(settings.index_dir, embedder=files.name, fingerprint=files.fingerprint)
    try:
        # One after the other: while it loads, the embedder takes 1 GB more than later, and `rag ask` is to stay
        # below 4 GB with the larger preset.
        embedder = load_embedder(files, settings)
        reader = load_reader(settings, embedder)
        generator = load_generator(settings)
        retriever = Retriever(index, embedder, settings.retrieval, reader)
        return Assistant(index, retriever, generator, settings)
    except BaseException:
        index.close()
        raise
