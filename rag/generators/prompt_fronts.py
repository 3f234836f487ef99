"""Computed prompt fronts on disk: a fresh process need not compute the instructions again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from rag.generators.base import Message

# One is 12 KB (0.5B model) to 28 KB (1.5B) a token.
FRONTS_KEPT = 8


class PromptFronts:
    """A folder of llama.cpp states, one for each model, context length and prompt front.

    A file's name ends in the beginning of the sha256 of its bytes, and only a file that matches is handed
    out: llama.cpp aborts the process when it is given a truncated state.
    """

    def __init__(self, folder: Path, model: Path, engine: str) -> None:
        """Open or make the folder.

        Args:
            folder: where the states lie; nothing else should.
            model: the model file; its path, size and time of change stand for its contents.
            engine: whatever else a state depends on: the engine's version, the context length.

        Raises:
            OSError: the folder cannot be made.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        status = model.stat()
        self._model = [str(model.resolve()), status.st_size, status.st_mtime_ns, engine]

    def find(self, front: Sequence[Message]) -> str | None:
        """Return the name of the file with the state of ``front``, None where there is no sound one."""
        for path in self.folder.glob(f"{self._key(front)}-*.state"):
            try:
                if path.name == self._name(front, path):
                    # Those used last are kept.
                    path.touch()
                    return path.name
                path.unlink()
            except OSError:
                continue
        return None

    def new_name(self) -> str:
        """Return the name under which the engine is to write a state before :meth:`keep` takes it in."""
        return f"{os.getpid()}.part"

    def keep(self, front: Sequence[Message], name: str) -> None:
        """Take in the state of ``front`` that was written under ``name``, and drop the oldest.

        Raises:
            OSError: the file cannot be read or renamed.
        """
        written = self.folder / name
        written.replace(self.folder / self._name(front, written))
        states = sorted(self.folder.glob("*.state"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in states[FRONTS_KEPT:]:
            path.unlink(missing_ok=True)

    def _key(self, front: Sequence[Message]) -> str:
        content = json.dumps([self._model, list(front)], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    def _name(self, front: Sequence[Message], path: Path) -> str:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return f"{self._key(front)}-{digest[:32]}.state"
