"""What a run was made with, so that it can be made again, and answers of another run are not taken for its own."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from index.store import current_generation, missing_index
from rag.evaluation.gold import GoldQuestion
from rag.models import resolve
from rag.opening import embedder_files
from rag.progress import Progress
from rag.settings import Settings, cpu_threads
from rag.weights import READER_BASE, READER_SHA256

_PROGRAM = Path(__file__).resolve().parents[2]
_ANSWERING = ("index", "rag", "rag/generators")
"""Packages whose code decides what is answered."""

_LIBRARIES = ("torch", "transformers", "sentence-transformers", "faiss-cpu", "bm25s", "xllamacpp", "numpy")


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class ModelRecord(_Record):
    """A model, and what tells its weights from others."""

    name: str
    fingerprint: str


class IndexRecord(_Record):
    """The index generation that was asked."""

    folder: str
    generation: str
    fingerprint: str
    documents: int
    chunks: int


class CodeRecord(_Record):
    """The program: its release, its git commit where it runs from a clone, and a hash of the code that answers."""

    version: str
    commit: str | None
    changed: bool  # files differ from the commit
    fingerprint: str


class MachineRecord(_Record):
    """Where it ran; latencies mean nothing without."""

    system: str
    processor: str
    threads: int
    memory_gb: float | None
    python: str
    libraries: dict[str, str]


class RunManifest(_Record):
    """Everything that a run depends on."""

    started_at: str
    gold: str
    gold_sha256: str
    selection: dict[str, Any]
    seed: int
    settings: dict[str, Any]
    embedder: ModelRecord
    generator: ModelRecord | None  # None: nothing was answered
    index: IndexRecord
    code: CodeRecord
    machine: MachineRecord
    reader: ModelRecord | None = None  # None: there was no second reader

    def answering(self) -> str:
        """Return a hash of what decides an answer besides the question: settings, models and the index generation."""
        parts = {
            "settings": {key: self.settings[key] for key in ("answer_language", "retrieval", "generation")},
            "embedder": self.embedder.fingerprint,
            "generator": self.generator.fingerprint if self.generator else None,
            "index": self.index.fingerprint,
            "reader": self.reader.fingerprint if self.reader else None,
        }
        return _digest(parts)


def describe_run(
    settings: Settings,
    *,
    gold: Path,
    gold_sha256: str,
    selection: Mapping[str, Any],
    seed: int,
    answers: bool,
    downloads: Progress | None = None,
) -> RunManifest:
    """Look up everything a run depends on; nothing is loaded.

    ``downloads`` receives the progress of fetching the embedder, where it is not there.

    Raises:
        IndexMissingError: there is no index yet.
        WenyuanError: a model cannot be had.
    """
    embedder = embedder_files(settings, downloads)
    return RunManifest(
        started_at=datetime.now(UTC).isoformat(timespec="seconds"),
        gold=str(gold),
        gold_sha256=gold_sha256,
        selection=dict(selection),
        seed=seed,
        settings=settings.model_dump(mode="json"),
        embedder=ModelRecord(name=embedder.name, fingerprint=embedder.fingerprint),
        generator=_generator(settings) if answers else None,
        index=_index(settings.index_dir),
        code=_code(),
        machine=_machine(settings),
        reader=ModelRecord(name=READER_BASE, fingerprint=READER_SHA256)
        if settings.generation.second_reader
        else None,
    )


def question_fingerprint(manifest: RunManifest, question: GoldQuestion) -> str:
    """Return a hash of a question and all that decides its answer; equal ones need no second asking."""
    return _digest(
        {
            "run": manifest.answering(),
            "question": question.question,
            "history": [[exchange.question, exchange.answer] for exchange in question.history],
            "documents": sorted(question.documents) if question.documents is not None else None,
        }
    )


def _generator(settings: Settings) -> ModelRecord:
    generation = settings.generation
    if generation.adapter == "openai":
        # A server tells nothing of its weights; its address and the model's name are all there is.
        return ModelRecord(name=generation.model, fingerprint=f"{generation.base_url} {generation.model}")
    files = resolve(generation.model, "generator", settings.models)
    return ModelRecord(name=files.name, fingerprint=files.fingerprint)


def _index(index_dir: Path) -> IndexRecord:
    from index.store import read_manifest

    folder = current_generation(index_dir)
    if folder is None:
        raise missing_index(index_dir)
    manifest = read_manifest(folder)
    return IndexRecord(
        folder=str(index_dir),
        generation=folder.name,
        fingerprint=_digest(manifest.model_dump(mode="json")),
        documents=manifest.documents,
        chunks=manifest.chunks,
    )


def _code() -> CodeRecord:
    source = hashlib.sha256()
    for package in _ANSWERING:
        for path in sorted((_PROGRAM / package).glob("*.py")):
            source.update(path.name.encode() + b"\0" + path.read_bytes())
    commit = _git("rev-parse", "HEAD")
    changes = _git("status", "--porcelain", "--untracked-files=no") if commit else None
    try:
        release = version("wenyuan")
    except PackageNotFoundError:
        release = "unknown"
    return CodeRecord(
        version=release, commit=commit, changed=bool(changes), fingerprint=source.hexdigest()[:16]
    )


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(_PROGRAM), *arguments], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _machine(settings: Settings) -> MachineRecord:
    libraries = {}
    for name in _LIBRARIES:
        try:
            libraries[name] = version(name)
        except PackageNotFoundError:
            continue
    return MachineRecord(
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        threads=cpu_threads(settings.generation.threads),
        memory_gb=_memory_gb(),
        python=platform.python_version(),
        libraries=libraries,
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gb() -> float | None:
    try:
        return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)
    except (AttributeError, OSError, ValueError):
        return None


def _digest(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
