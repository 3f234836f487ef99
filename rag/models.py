"""The one place that knows about models: what a name means, where its files are, whether they are whole.

A preset's files are fetched once into ``<cache>/<name>`` with a ``verified.json`` beside them that
records what was checked; from then on only sizes are compared, unless :func:`verify` is called.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from rag import e5, model_download, model_hub
from rag.errors import ModelMissingError, ModelVerificationError
from rag.model_lock import HubSource, Kind, ModelSpec, WheelPart, cache_folder, known_models, partial_folder
from rag.progress import Progress, SilentProgress, phase
from rag.settings import ModelSettings

__all__ = [
    "HubSource",
    "Kind",
    "ModelFiles",
    "ModelSpec",
    "ModelStatus",
    "VerifyResult",
    "WheelPart",
    "fetch",
    "known_models",
    "resolve",
    "status",
    "verify",
]

State = Literal["missing", "partial", "damaged", "ready"]

_RECORD = "verified.json"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_MODEL_SUFFIXES = {".json", ".safetensors", ".gguf", ".txt", ".model", ".jinja"}
_EDGE_BYTES = 1 << 20
_WHOLE_FILE_BYTES = 4 << 20


@dataclass(frozen=True)
class ModelFiles:
    """A model on this machine.

    ``path`` is a GGUF file, a sentence-transformers folder or a transformers folder;
    ``fingerprint`` changes when, and only when, the weights or their configuration do.
    """

    name: str
    path: Path
    fingerprint: str
    licence: str | None = None


@dataclass(frozen=True)
class ModelStatus:
    """Where a preset stands: ``bytes_on_disk`` of ``bytes_when_ready``; the rest has to be fetched."""

    name: str
    state: State
    bytes_on_disk: int
    bytes_when_ready: int


@dataclass(frozen=True)
class VerifyResult:
    """The outcome of a full check; ``problem`` is one line, or ``None`` when every byte is right."""

    name: str
    files_checked: int
    problem: str | None = None

    @property
    def ok(self) -> bool:
        """Whether every file matches."""
        return self.problem is None


def resolve(
    name_or_path: str, kind: Kind, settings: ModelSettings, progress: Progress | None = None
) -> ModelFiles:
    """Return the files of a model, fetching them first if need be.

    ``name_or_path`` is a preset, a local file or folder, or a hub id such as ``org/name``; a preset's
    exact name always means the preset (a folder of that name is ``./name``). A preset comes from
    the cache, else the model hub, else the package index; its sha256 decides, not the source.

    Raises:
        ModelMissingError: the name is unknown, of the other kind, or absent while downloads are forbidden.
        ModelVerificationError: the files in the cache are damaged, or a download does not match the lock.
        DownloadError: the download failed; the next call goes on from there.
        DiskSpaceError: there is no room for it.
    """
    progress = progress or SilentProgress()
    spec = known_models().get(name_or_path)
    if spec is not None:
        if spec.kind != kind:
            raise ModelMissingError(
                f"{spec.name} is {_with_article(spec.kind)}, not {_with_article(kind)}; {_presets(kind)}"
            )
        files = _cached(spec, settings)
        return files if files is not None else _obtain(spec, settings, progress)
    path = Path(name_or_path).expanduser()
    if path.exists():
        return _local(path, name_or_path, kind)
    if _HUB_ID.fullmatch(name_or_path) and path.suffix != ".gguf":
        folder = model_hub.fetch_repository(name_or_path, kind, settings, progress)
        return _local(folder, name_or_path, kind)
    if _looks_like_a_path(name_or_path):
        raise ModelMissingError(f"{name_or_path}: no such file or folder; {_presets(kind)}")
    raise ModelMissingError(f"unknown model {name_or_path!r}; {_presets(kind)}")


def fetch(name: str, settings: ModelSettings, progress: Progress | None = None) -> ModelFiles:
    """Make sure that a preset is whole in the cache: every byte is checked and what is wrong fetched again.

    Raises:
        ModelMissingError: no such preset, or it is absent while downloads are forbidden.
        ModelVerificationError: what was downloaded does not match the lock file.
        DownloadError: the download failed; the next call goes on from there.
        DiskSpaceError: there is no room for it.
    """
    progress = progress or SilentProgress()
    spec = _preset(name)
    if status(name, settings).state == "ready":
        problem = verify(name, settings, progress).problem
        if problem is not None and settings.offline:
            raise ModelVerificationError(problem)
        if problem is not None:
            # Without its record the folder counts as absent, and is fetched below.
            with model_download.disk_errors(name, settings.cache):
                (cache_folder(spec, settings.cache) / _RECORD).unlink(missing_ok=True)
    return _obtain(spec, settings, progress)


def verify(name: str, settings: ModelSettings, progress: Progress | None = None) -> VerifyResult:
    """Hash every file of a preset in the cache. Reads gigabytes; changes nothing.

    Raises:
        ModelMissingError: no such preset, or it is not in the cache.
    """
    progress = progress or SilentProgress()
    spec = _preset(name)
    folder = cache_folder(spec, settings.cache)
    record = _read_record(spec, folder)
    if record is None:
        raise ModelMissingError(f"{name} is not on this machine; fetch it with: rag models fetch {name}")
    damage = _size_damage(folder, record)
    if damage is not None:
        return VerifyResult(name, 0, _damaged(spec, damage))
    with phase(progress, f"checking {name}", sum(entry["bytes"] for entry in record["files"].values())):
        for count, (file, expected) in enumerate(_expected_hashes(spec, record).items()):
            if model_download.file_sha256(folder / file, progress) != expected:
                return VerifyResult(name, count + 1, _damaged(spec, f"{file} was altered"))
    return VerifyResult(name, len(record["files"]))


def status(name: str, settings: ModelSettings) -> ModelStatus:
    """Return where a preset stands, judged by file sizes only.

    Raises:
        ModelMissingError: no such preset.
    """
    spec = _preset(name)
    folder = cache_folder(spec, settings.cache)
    record = _read_record(spec, folder)
    if record is not None:
        state: State = "ready" if _size_damage(folder, record) is None else "damaged"
        return ModelStatus(name, state, model_download.bytes_below(folder), spec.installed_bytes)
    fetched = model_download.bytes_below(partial_folder(spec, settings.cache))
    return ModelStatus(name, "partial" if fetched else "missing", fetched, spec.installed_bytes)


def _obtain(spec: ModelSpec, settings: ModelSettings, progress: Progress) -> ModelFiles:
    """Fetch a preset while keeping other processes from doing the same."""
    with model_download.disk_errors(spec.name, settings.cache):
        partial = partial_folder(spec, settings.cache)
        if settings.offline:
            files = _cached(spec, settings)
            if files is None:
                raise ModelMissingError(
                    f"{spec.name} is not on this machine and models.offline (RAG_MODELS__OFFLINE) forbids "
                    f"downloads; where they are allowed, run: rag models fetch {spec.name}"
                )
            return files
        partial.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(partial.with_name(f"{spec.name}.lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:
            with phase(progress, f"another process is fetching {spec.name}; waiting for it", None):
                lock.acquire()
        try:
            return _obtain_locked(spec, settings, progress)
        finally:
            lock.release()


def _obtain_locked(spec: ModelSpec, settings: ModelSettings, progress: Progress) -> ModelFiles:
    folder = cache_folder(spec, settings.cache)
    partial = partial_folder(spec, settings.cache)
    if status(spec.name, settings).state != "ready":
        # What lies there is damaged, from another release or half-written; its room is needed.
        _remove(folder)
        _install(spec, settings, progress)
    _remove(partial)
    files = _cached(spec, settings)
    if files is None:
        raise ModelVerificationError(_damaged(spec, "it vanished while it was being fetched"))
    return files


def _install(spec: ModelSpec, settings: ModelSettings, progress: Progress) -> None:
    cache = settings.cache
    partial = partial_folder(spec, cache)
    partial.mkdir(parents=True, exist_ok=True)
    if model_download.assembled_parts(spec, cache)[0] == 0:
        model_download.require_space(spec.name, partial, spec.bytes)
        from_hub = model_hub.fetch_preset_file(spec, partial / "hub", settings, progress)
        if from_hub is not None:
            model_download.adopt_whole_file(spec, cache, from_hub)
    assembled = model_download.assemble(spec, cache, progress)
    staging = model_download.staging_folder(spec, cache)
    if spec.form != "gguf":
        _remove(staging)
        staging.mkdir()
    if spec.form == "sentence-transformers-zip":
        try:
            model_download.unpack(spec, assembled, staging, progress)
        except ModelVerificationError:
            _remove(partial)
            raise
    elif spec.form == "e5-q4":
        with phase(progress, f"converting {spec.name}", None):
            e5.convert(assembled, staging)
    _write_record(spec, staging, progress)
    staging.replace(cache_folder(spec, cache))
    model_download.sync(cache)


def _write_record(spec: ModelSpec, folder: Path, progress: Progress) -> None:
    known = {spec.file: spec.sha256} if spec.form == "gguf" else spec.files_sha256
    paths = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    for path in paths.values():
        model_download.sync(path)
    files = {
        # A converted model's files are in no lock: what was just written is what is right.
        name: {"bytes": path.stat().st_size, "sha256": known.get(name) or model_download.file_sha256(path)}
        for name, path in sorted(paths.items())
    }
    record = {"name": spec.name, "fingerprint": _fingerprint(spec), "licence": spec.licence, "files": files}
    model_download.write_json(folder / _RECORD, record)


def _read_record(spec: ModelSpec, folder: Path) -> dict[str, Any] | None:
    """Return what was recorded about the cached preset; ``None`` when it is absent or of another version."""
    try:
        record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        current = record["fingerprint"] == _fingerprint(spec) and isinstance(record["files"], dict)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if current else None


def _cached(spec: ModelSpec, settings: ModelSettings) -> ModelFiles | None:
    folder = cache_folder(spec, settings.cache)
    record = _read_record(spec, folder)
    if record is None:
        return None
    damage = _size_damage(folder, record)
    if damage is not None:
        raise ModelVerificationError(_damaged(spec, damage))
    path = folder / spec.file if spec.form == "gguf" else folder
    return ModelFiles(spec.name, path, _fingerprint(spec), spec.licence)


def _expected_hashes(spec: ModelSpec, record: dict[str, Any]) -> dict[str, str]:
    if spec.form == "gguf":
        return {spec.file: spec.sha256}
    return spec.files_sha256 or {file: entry["sha256"] for file, entry in record["files"].items()}


def _size_damage(folder: Path, record: dict[str, Any]) -> str | None:
    for file, expected in record["files"].items():
        try:
            size = (folder / file).stat().st_size
        except OSError:
            return f"{file} is missing"
        if size != expected["bytes"]:
            return f"{file} has {size} bytes instead of {expected['bytes']}"
    return None


def _damaged(spec: ModelSpec, damage: str) -> str:
    return f"{spec.name} in the model cache is damaged: {damage}; mend it with: rag models fetch {spec.name}"


def _fingerprint(spec: ModelSpec) -> str:
    """Return what identifies a preset's weights, whether or not they are on this machine."""
    return f"{spec.sha256}+converter{e5.CONVERTER_VERSION}" if spec.form == "e5-q4" else spec.sha256


def _local(path: Path, name: str, kind: Kind) -> ModelFiles:
    # absolute, not resolved: the hub's links lead to files without a suffix.
    if path.is_file():
        if kind == "generator" and path.suffix.lower() == ".gguf":
            return ModelFiles(name, path.absolute(), _content_fingerprint(path.parent, [path]))
        wanted = (
            "a .gguf file or a transformers folder"
            if kind == "generator"
            else "a sentence-transformers folder"
        )
        raise ModelMissingError(
            f"{name} cannot be used as {_with_article(kind)}: give {wanted}; {_presets(kind)}"
        )
    files = sorted(file for file in path.rglob("*") if _belongs_to_model(file, path))
    names = [file.relative_to(path).as_posix() for file in files]
    weights = model_hub.choose_weights(names, name, kind)
    if weights in names:
        return _local(path / weights, name, kind)
    if "config.json" not in names and "modules.json" not in names:
        raise ModelMissingError(f"{name} is not a model folder: it has no config.json; {_presets(kind)}")
    return ModelFiles(name, path.absolute(), _content_fingerprint(path, files))


def _belongs_to_model(file: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    return not hidden and file.suffix.lower() in _MODEL_SUFFIXES and file.name != _RECORD and file.is_file()


def _content_fingerprint(folder: Path, files: list[Path]) -> str:
    """Return a hash of names, sizes and contents; of large files only the edges, to stay under a second.

    Safetensors and GGUF put every tensor's name, shape and place at the front and weights at the end.
    """
    digest = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        digest.update(json.dumps([file.relative_to(folder).as_posix(), size]).encode())
        with file.open("rb") as source:
            if size <= _WHOLE_FILE_BYTES:
                digest.update(source.read())
            else:
                digest.update(source.read(_EDGE_BYTES))
                source.seek(size - _EDGE_BYTES)
                digest.update(source.read(_EDGE_BYTES))
    return digest.hexdigest()


def _preset(name: str) -> ModelSpec:
    spec = known_models().get(name)
    if spec is None:
        raise ModelMissingError(f"unknown model {name!r}; {_presets(None)}")
    return spec


def _presets(kind: Kind | None) -> str:
    names = [spec.name for spec in known_models().values() if kind in (None, spec.kind)]
    return f"presets: {', '.join(names)} (see rag models list)"


def _with_article(kind: Kind) -> str:
    return f"an {kind}" if kind == "embedder" else f"a {kind}"


def _looks_like_a_path(text: str) -> bool:
    return text.startswith((".", "~", "/")) or "/" in text or os.sep in text or text.endswith(".gguf")


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
