"""Logins: who may ask, kept as a file of hashed passwords.

A line of the file is ``name:scrypt:N:r:p:salt:hash``, salt and hash in base64. Blank lines and lines that begin
with ``#`` are left alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
import os
import re
import stat
import tempfile
import threading
import time
import unicodedata
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from ui.errors import AccessError

logger = logging.getLogger(__name__)

_LONGEST_NAME = 64
_SHORTEST_PASSWORD, _LONGEST_PASSWORD = 8, 1024
_LARGEST_FILE = 1 << 20

_COST, _BLOCK, _PARALLEL = 2**15, 8, 1
_SALT_BYTES, _HASH_BYTES = 16, 32
# The dearest line that is accepted takes 128 MiB to check: no file can take all the memory.
_MOST_BLOCKS, _LARGEST_BLOCK, _MOST_PARALLEL = 2**20, 32, 4
_NUMBER = re.compile("[1-9][0-9]{0,7}")

_FAILURES, _FAILURES_WITHIN_S, _REFUSED_FOR_S = 5, 60.0, 30.0
# Guessed names are remembered as well, so there is an end to them.
_MOST_GUESSED_NAMES = 10_000


@dataclass(frozen=True)
class _Secret:
    """A hashed password, with the parameters it was hashed with."""

    cost: int
    block: int
    parallel: int
    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, password: str) -> _Secret:
        salted = cls(_COST, _BLOCK, _PARALLEL, os.urandom(_SALT_BYTES), bytes(_HASH_BYTES))
        return replace(salted, digest=salted._hashed(password))

    @classmethod
    def parse(cls, text: str) -> _Secret:
        """Read all of a line but its name.

        Raises:
            ValueError: it is broken, or would take too much memory or time.
        """
        method, *fields = text.split(":")
        if method != "scrypt" or len(fields) != 5:
            raise ValueError("it is not name:scrypt:N:r:p:salt:hash")
        if not all(_NUMBER.fullmatch(number) for number in fields[:3]):
            raise ValueError("N, r and p are not numbers that can be used")
        cost, block, parallel = (int(number) for number in fields[:3])
        if cost < 2 or cost & (cost - 1):
            raise ValueError("N is not a power of two")
        if cost * block > _MOST_BLOCKS or block > _LARGEST_BLOCK or parallel > _MOST_PARALLEL:
            raise ValueError("N, r and p are too large")
        try:
            salt, digest = (base64.b64decode(part, validate=True) for part in fields[3:])
        except (ValueError, binascii.Error) as error:
            raise ValueError("salt or hash is not base64") from error
        if not 8 <= len(salt) <= 64 or not 16 <= len(digest) <= 64:
            raise ValueError("salt or hash has the wrong length")
        return cls(cost, block, parallel, salt, digest)

    def __str__(self) -> str:
        salt, digest = (base64.b64encode(part).decode() for part in (self.salt, self.digest))
        return f"scrypt:{self.cost}:{self.block}:{self.parallel}:{salt}:{digest}"

    @property
    def work(self) -> int:
        return self.cost * self.block * self.parallel

    def matches(self, password: str) -> bool:
        return hmac.compare_digest(self._hashed(password), self.digest)

    def _hashed(self, password: str) -> bytes:
        memory = 128 * self.block * (self.cost + self.parallel + 2)
        return hashlib.scrypt(
            password.encode(),
            salt=self.salt,
            n=self.cost,
            r=self.block,
            p=self.parallel,
            maxmem=memory + (1 << 20),
            dklen=len(self.digest),
        )


def set_password(path: Path, name: str, password: str) -> None:
    """Add a login to the file at ``path``, or replace its password; every other line is kept.

    The file is replaced in one step and can then be read by its owner only.

    Args:
        path: the file; it is made when it is not there, its folder is not.
        name: 1 to 64 characters, without colons, control characters and blanks around it.
        password: 8 to 1024 characters.

    Raises:
        AccessError: the name or the password cannot be used, or the file cannot be read or written.
    """
    name, password = _normal(name), _normal(password)
    if problem := _name_problem(name) or _password_problem(password):
        raise AccessError(problem)
    path = _resolved(path)
    lines = _lines(path) if _there(path) else []
    places = [place for place, line in enumerate(lines) if _name_in(line) == name]
    line = f"{name}:{_Secret.of(password)}"
    if places:
        lines[places[0]] = line
        lines = [kept for place, kept in enumerate(lines) if place not in places[1:]]
    else:
        lines.append(line)
    try:
        _replace(path, "".join(f"{kept}\n" for kept in lines))
    except OSError as error:
        raise AccessError(f"the logins cannot be written to {path}: {error.strerror or error}") from error


@dataclass
class _Guesses:
    """Wrong passwords of late, name by name. Not thread-safe."""

    clock: Callable[[], float]
    _failures: OrderedDict[str, deque[float]] = field(default_factory=OrderedDict)
    _refused_until: dict[str, float] = field(default_factory=dict)

    def refused(self, name: str) -> bool:
        return self._refused_until.get(name, float("-inf")) > self.clock()

    def failed(self, name: str) -> None:
        now = self.clock()
        times = self._failures.setdefault(name, deque(maxlen=_FAILURES))
        self._failures.move_to_end(name)
        times.append(now)
        if len(times) == _FAILURES and now - times[0] < _FAILURES_WITHIN_S:
            logger.warning(
                "%d wrong passwords for login %r: refused for %.0f s", _FAILURES, name, _REFUSED_FOR_S
            )
            self._refused_until[name] = now + _REFUSED_FOR_S
            times.clear()
        if len(self._failures) > _MOST_GUESSED_NAMES:
            self.forget(next(iter(self._failures)))

    def forget(self, name: str) -> None:
        self._failures.pop(name, None)
        self._refused_until.pop(name, None)


class Logins:
    """Checks names and passwords; safe to use from many threads.

    Passwords that were right are remembered as digests under a key that lives only in this object, so that a
    program that sends its password with every request does not pay for scrypt every time.
    """

    def __init__(self, secrets: Mapping[str, _Secret], clock: Callable[[], float] = time.monotonic) -> None:
        self._secrets = dict(secrets)
        # What an unknown name is checked against, so that it takes as long as a known one.
        dearest = max(self._secrets.values(), key=lambda secret: secret.work)
        self._stand_in = replace(dearest, salt=os.urandom(_SALT_BYTES), digest=os.urandom(_HASH_BYTES))
        self._guesses = _Guesses(clock)
        self._key = os.urandom(32)
        self._proofs: dict[str, bytes] = {}
        self._state = threading.Lock()
        # One scrypt at a time: it bounds the memory, and makes guesses count that come all at once.
        self._turn = threading.Lock()

    @classmethod
    def load(cls, path: Path, clock: Callable[[], float] = time.monotonic) -> Logins:
        """Read the file of logins; later changes to it are not seen.

        Args:
            path: a file that :func:`set_password` wrote.
            clock: seconds that only ever grow; guesses are slowed down by it.

        Raises:
            AccessError: the file is missing, empty of logins, unreadable, broken, or others can write to it.
        """
        if not _there(path):
            raise AccessError(f"there is no file of logins at {path}: add a login with {_mend(path)}")
        lines = _lines(path)
        _refuse_open_to_others(path)
        secrets: dict[str, _Secret] = {}
        for number, line in enumerate(lines, 1):
            name = _name_in(line)
            if name is None:
                continue
            try:
                if problem := _name_problem(name):
                    raise ValueError(problem)
                if name in secrets:
                    raise ValueError("its name stands on an earlier line")
                secrets[name] = _Secret.parse(line.strip().partition(":")[2])
            except ValueError as error:
                raise AccessError(
                    f"{path}, line {number}: {error}: remove the line and add the login with {_mend(path)}"
                ) from error
        if not secrets:
            raise AccessError(f"{path} holds no logins: add one with {_mend(path)}")
        return cls(secrets, clock)

    def check(self, name: str, password: str) -> bool:
        """Tell whether ``password`` is that of ``name``.

        After five wrong passwords for a name within a minute, every attempt on it is refused for 30 seconds,
        with the right password too: otherwise guessing could go on.
        """
        if max(len(name), len(password)) > 2 * _LONGEST_PASSWORD:
            return False  # before work is spent on it
        name, password = _normal(name), _normal(password)
        if _name_problem(name) or _password_problem(password):
            return False  # nobody has such a login
        proof = self._proof(name, password)
        with self._state:
            if (known := self._known(name, proof)) is not None:
                return known
        with self._turn:
            with self._state:  # another thread may have found out meanwhile
                if (known := self._known(name, proof)) is not None:
                    return known
            secret = self._secrets.get(name)
            right = (secret or self._stand_in).matches(password) and secret is not None
            with self._state:
                if right:
                    self._proofs[name] = proof
                    self._guesses.forget(name)
                else:
                    self._guesses.failed(name)
        return right

    def _known(self, name: str, proof: bytes) -> bool | None:
        """Return what is known without hashing the password; ``None`` when it must be hashed."""
        if self._guesses.refused(name):
            return False
        if hmac.compare_digest(self._proofs.get(name, b""), proof):
            return True
        return None

    def _proof(self, name: str, password: str) -> bytes:
        # No name holds a line break, so no two pairs make the same bytes.
        return hashlib.blake2b(f"{name}\n{password}".encode(), key=self._key, digest_size=32).digest()


def _mend(path: Path) -> str:
    return f"`rag password {path} NAME`"


def _normal(text: str) -> str:
    """Return a text in the form that does not depend on the keyboard it was typed on."""
    return unicodedata.normalize("NFC", text)


def _name_problem(name: str) -> str | None:
    if not 1 <= len(name) <= _LONGEST_NAME:
        return f"a login's name has 1 to {_LONGEST_NAME} characters"
    if ":" in name or name.startswith("#"):
        return "a login's name holds no colon and does not begin with #"
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in name):
        return "a login's name holds no control or invisible characters"
    if name != name.strip():
        return "a login's name has no blanks around it"
    return None


def _password_problem(password: str) -> str | None:
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        return f"a password has {_SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters"
    if any(unicodedata.category(c) == "Cs" for c in password):
        return "the password is not valid text: type it again"
    return None


def _name_in(line: str) -> str | None:
    """Return the name on a line; ``None`` for blank lines and comments."""
    line = line.strip()
    return None if not line or line.startswith("#") else _normal(line.partition(":")[0])


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise AccessError(f"the logins at {path} cannot be read: {error}: name another file") from error


def _resolved(path: Path) -> Path:
    """Return the file that a link leads to, so that a link stays a link."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise AccessError(f"{path} cannot be a file of logins: name another") from error


def _lines(path: Path) -> list[str]:
    """Return the lines of the file; only line feeds part them: a comment may hold any other character."""
    how = f"mend the file, or begin a new one with {_mend(path)}"
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_FILE:
            raise AccessError(f"{path} is not a file of logins: name another with {_mend(Path('FILE'))}")
        lines = path.read_bytes().decode("utf-8-sig").split("\n")
        return lines if lines[-1] else lines[:-1]
    except OSError as error:
        raise AccessError(f"the logins at {path} cannot be read: {error.strerror or error}: {how}") from error
    except UnicodeDecodeError as error:
        raise AccessError(f"the logins at {path} are not UTF-8 text: {how}") from error


def _refuse_open_to_others(path: Path) -> None:
    mode = path.stat().st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise AccessError(f"others can write to {path}: look it through and close it with `chmod 600 {path}`")
    if mode & (stat.S_IRGRP | stat.S_IROTH):
        logger.warning("others can read %s: close it with `chmod 600 %s`", path, path)


def _replace(path: Path, text: str) -> None:
    """Write the file anew in one step; ``mkstemp`` lets only the owner read it."""
    descriptor, name = tempfile.mkstemp(prefix=".logins-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
