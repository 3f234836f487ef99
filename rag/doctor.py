"""Looking at the installation: what is there, what is missing, and the command that mends it."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from index.embedding import processor_has_bf16
from index.errors import WenyuanError
from index.store import check_files, current_generation, read_manifest
from rag.models import known_models, status
from rag.progress import format_bytes
from rag.settings import Settings, cpu_threads

_PACKAGES = (
    "torch",
    "sentence-transformers",
    "transformers",
    "faiss-cpu",
    "bm25s",
    "xllamacpp",
    "OpenCC",
    "gradio",
)
_FREE_BYTES = 4_000_000_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at; ``mend`` is a command or an advice, empty when nothing is wrong."""

    what: str
    state: str
    ok: bool = True
    mend: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at Python, packages, processor, models, index and disk; changes nothing."""
    return [
        _python(),
        *(_package(name) for name in _PACKAGES),
        _processor(),
        *_models(settings),
        _index(settings),
        _disk(settings),
    ]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    ok = sys.version_info >= (3, 11)
    return Finding("python", version, ok, "" if ok else "install Python 3.11 or later")


def _package(name: str) -> Finding:
    try:
        return Finding(name, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, "missing", False, "pip install -e .")


def _processor() -> Finding:
    import torch

    bf16 = "bf16" if processor_has_bf16() else "no bf16: embedding runs in fp32, slower"
    state = f"{cpu_threads(None)} threads, {bf16}"
    if torch.cuda.is_available():
        state += f", {torch.cuda.get_device_name(0)}"
    return Finding("processor", state)


def _models(settings: Settings) -> list[Finding]:
    findings = []
    for name, kind in settings.models_in_use().items():
        if name not in known_models():
            findings.append(_own_model(name, kind))
            continue
        found = status(name, settings.models)
        state = found.state
        if state == "partial":
            state_text = f"{format_bytes(found.bytes_on_disk)} of {format_bytes(found.bytes_when_ready)}"
        else:
            state_text = state
        ok = state == "ready"
        findings.append(Finding(f"{kind} {name}", state_text, ok, "" if ok else f"rag models fetch {name}"))
    return findings


def _own_model(name: str, kind: str) -> Finding:
    if Path(name).expanduser().exists():
        return Finding(f"{kind} {name}", "found")
    if name.startswith((".", "/", "~")) or name.endswith(".gguf"):
        section = "INDEX__EMBEDDING" if kind == "embedder" else "GENERATION"
        return Finding(
            f"{kind} {name}", "no such file or folder", False, f"set RAG_{section}__MODEL to one that exists"
        )
    return Finding(f"{kind} {name}", "not looked for: not a preset")


def _index(settings: Settings) -> Finding:
    where = settings.index_dir
    mend = f"rag index PATH --index {where}"
    try:
        folder = current_generation(where)
        if folder is None:
            return Finding("index", f"none at {where}", False, mend)
        manifest = read_manifest(folder)
        check_files(folder, manifest, hashes=True)
    except WenyuanError as error:
        return Finding("index", str(error), False, mend)
    wanted = settings.index.embedding.model
    if wanted in known_models() and wanted != manifest.embedder.name:
        return Finding(
            "index", f"{where}: built with the embedder {manifest.embedder.name}, not {wanted}", False, mend
        )
    size = f"{manifest.documents} documents, {manifest.chunks} chunks, embedder {manifest.embedder.name}"
    return Finding("index", f"{where}: {size}, every file as sealed")


def _disk(settings: Settings) -> Finding:
    place = settings.models.cache
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    ready = all(
        status(name, settings.models).state == "ready"
        for name in settings.models_in_use()
        if name in known_models()
    )
    ok = ready or free >= _FREE_BYTES
    mend = "" if ok else "free some space, or set RAG_MODELS__CACHE to a folder on another disk"
    return Finding("disk", f"{format_bytes(free)} free at {place}", ok, mend)
