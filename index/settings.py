"""Settings of everything between a document and its vectors; part of the tree in rag.settings."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoadingSettings(_Settings):
    """What is read at all."""

    max_file_mb: float = Field(default=200.0, gt=0, description="Files larger than this are skipped.")


class ChunkingSettings(_Settings):
    """How text is cut. A change here asks for a new index."""

    chunk_chars: int = Field(default=320, ge=50, le=4000, description="Longest chunk, in cleaned characters.")
    min_chars: int = Field(
        default=60,
        ge=0,
        description="A shorter tail is merged into the chunk before it, and a shorter heading into the one after it.",
    )


class EmbeddingSettings(_Settings):
    """How chunks become vectors. The model is part of the index; the rest only of the speed."""

    model: str = Field(
        default="embeddinggemma-300m",
        description="embeddinggemma-300m, multilingual-e5-small, a sentence-transformers folder, or a hub id.",
    )
    batch_size: int = Field(default=16, ge=1)
    threads: int | None = Field(default=None, ge=1, description="CPU threads; all cores when not given.")


class IndexSettings(_Settings):
    """Everything the index side needs."""

    loading: LoadingSettings = LoadingSettings()
    chunking: ChunkingSettings = ChunkingSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
