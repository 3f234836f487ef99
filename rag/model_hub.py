"""The model hub, where it can be reached. Only weights as data are taken: no pickles, no code."""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import TypeVar

from rag.errors import DownloadError, ModelMissingError
from rag.model_download import bytes_below
from rag.model_lock import Kind, ModelSpec
from rag.progress import Progress, phase
from rag.settings import ModelSettings

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_COMPANIONS = ["*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken"]
# Other runtimes' copies of the same weights, some of them gigabytes.
_OTHER_RUNTIMES = ["onnx/*", "openvino/*", "coreml/*", "flax/*", "tf/*"]
_POLL_SECONDS = 0.5
_TRUE = {"1", "true", "yes", "on"}


def hub_allowed(settings: ModelSettings) -> bool:
    """Return whether the settings and the hub's own variables allow asking the hub."""
    switched_off = any(
        os.environ.get(name, "").lower() in _TRUE for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    )
    return settings.hub and not settings.offline and not switched_off


def fetch_preset_file(
    spec: ModelSpec, folder: Path, settings: ModelSettings, progress: Progress
) -> Path | None:
    """Fetch the preset's file from the hub into ``folder``; the caller verifies it.

    Returns ``None``, without an error, whenever the package index has to serve instead: the hub is
    switched off, silent for ``settings.hub_timeout_s`` seconds, has other bytes, or breaks off.
    """
    if not hub_allowed(settings) or spec.hub is None or spec.hub.gated or spec.hub.file is None:
        return None
    from huggingface_hub import get_hf_file_metadata, hf_hub_download, hf_hub_url

    source, file = spec.hub, spec.hub.file
    try:
        url = hf_hub_url(source.repo, file)
        found = _within(
            settings.hub_timeout_s, lambda: get_hf_file_metadata(url, timeout=settings.hub_timeout_s)
        )
        if found.etag != spec.sha256:
            _log.info("the hub has another version of %s; taking the package index", spec.name)
            return None
        with _watched(progress, spec.name, spec.bytes, folder):
            return Path(hf_hub_download(source.repo, file, local_dir=folder))
    except Exception as error:  # whatever goes wrong at the hub, the package index is next
        _log.info("the hub cannot serve %s (%s); taking the package index", spec.name, error)
        return None


def fetch_repository(repo: str, kind: Kind, settings: ModelSettings, progress: Progress) -> Path:
    """Return a folder (or GGUF file) with the hub's model ``repo``, fetched unless it is there already.

    It lies in the hub's own cache, shared with other programs. What was fetched once is not
    updated: an index stays with the weights it was built with.

    Raises:
        ModelMissingError: no such model, it may not be fetched, or it has no weights that are plain data.
        DownloadError: the hub cannot be reached or broke off.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        folder = Path(
            snapshot_download(
                repo,
                local_files_only=True,
                allow_patterns=["*.safetensors", *_COMPANIONS],
                ignore_patterns=_OTHER_RUNTIMES,
            )
        )
        there = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
        weights = choose_weights(there, repo, kind)
        return folder / weights if weights.endswith(".gguf") else folder
    except (LocalEntryNotFoundError, HFValidationError, OSError, ModelMissingError):
        pass  # not there, or only in part
    if not hub_allowed(settings):
        raise ModelMissingError(
            f"{repo}: no such file or folder here, and the settings forbid asking the model hub; give a "
            "local path, a preset (see rag models list), or allow it (RAG_MODELS__OFFLINE, RAG_MODELS__HUB)"
        )
    return _download_repository(repo, kind, settings, progress)


def _download_repository(repo: str, kind: Kind, settings: ModelSettings, progress: Progress) -> Path:
    from huggingface_hub import HfApi, constants, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError
    from huggingface_hub.file_download import repo_folder_name

    timeout = settings.hub_timeout_s
    try:
        info = _within(timeout, lambda: HfApi().model_info(repo, timeout=timeout, files_metadata=True))
        files = info.siblings or []
        weights = choose_weights([file.rfilename for file in files], repo, kind)
        total = sum(file.size or 0 for file in files if _is_wanted(file.rfilename, weights))
        store = Path(constants.HF_HUB_CACHE) / repo_folder_name(repo_id=repo, repo_type="model") / "blobs"
        with _watched(progress, repo, total, store):
            # No revision: only then is the name recorded for the next, offline, look-up.
            folder = snapshot_download(
                repo,
                allow_patterns=[weights, *_COMPANIONS],
                ignore_patterns=_OTHER_RUNTIMES,
            )
    except ModelMissingError:
        raise
    except GatedRepoError as error:
        raise ModelMissingError(
            f"{repo}: the hub asks you to accept its terms; do so there, log in with "
            "'hf auth login', and try again"
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise ModelMissingError(
            f"{repo}: no such file or folder here and no such model on the hub; see rag models list"
        ) from error
    except Exception as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise DownloadError(
            f"{repo}: it cannot be fetched from the model hub ({reason}); try again, give a local path, "
            "or use a preset, which the package index serves too (see rag models list)"
        ) from error
    return Path(folder) / weights if weights.endswith(".gguf") else Path(folder)


def _is_wanted(file: str, weights: str) -> bool:
    """Return what the hub's own patterns, which are those of fnmatch, make of ``file``."""
    allowed = any(fnmatch(file, pattern) for pattern in [weights, *_COMPANIONS])
    return allowed and not any(fnmatch(file, pattern) for pattern in _OTHER_RUNTIMES)


@contextmanager
def _watched(progress: Progress, name: str, total: int, folder: Path) -> Iterator[None]:
    """Report the growth of ``folder`` while a block runs, instead of the hub's own bars."""
    # Public and documented, but its package does not re-export them in mypy's sense.
    from huggingface_hub.utils import (  # type: ignore[attr-defined]
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    stopped = threading.Event()

    def watch() -> None:
        seen = bytes_below(folder)
        while not stopped.wait(_POLL_SECONDS):
            now = bytes_below(folder)
            progress.advance(max(now - seen, 0))
            seen = max(seen, now)

    were_disabled = are_progress_bars_disabled()
    watcher = threading.Thread(target=watch, daemon=True)
    with phase(progress, f"fetching {name} from the model hub", total):
        disable_progress_bars()
        watcher.start()
        try:
            yield
        finally:
            stopped.set()
            watcher.join()
            if not were_disabled:
                enable_progress_bars()


def choose_weights(files: list[str], repo: str, kind: Kind) -> str:
    """Return the pattern ``*.safetensors``, or the one GGUF file, to take of a repository's ``files``.

    Raises:
        ModelMissingError: there are no weights that are plain data, or several that could be meant.
    """
    if any(file.endswith(".safetensors") for file in files):
        return "*.safetensors"
    quantised = [file for file in files if file.lower().endswith(".gguf")] if kind == "generator" else []
    preferred = [file for file in quantised if "q4_k_m" in file.lower()] or quantised
    if len(preferred) == 1:
        return preferred[0]
    if preferred:
        raise ModelMissingError(f"{repo} holds several GGUF files; download one of them and give its path")
    raise ModelMissingError(
        f"{repo} holds no safetensors{' or GGUF' if kind == 'generator' else ''} weights, and pickled "
        "weights can run code and are refused; choose another model"
    )


def _within(seconds: float, call: Callable[[], _Result]) -> _Result:
    """Return ``call()``, or raise ``TimeoutError``: a silent name server ignores time limits of its own."""
    results: queue.SimpleQueue[_Result | Exception] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put(call())
        except Exception as error:  # handed to the caller
            results.put(error)

    threading.Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer within {seconds:g} s, models.hub_timeout_s") from None
    if isinstance(result, Exception):
        raise result
    return result
