"""One opened index in the hands of many askers."""

from __future__ import annotations

import threading

from rag.pipeline import Assistant


class SharedAssistant:
    """An assistant and the number of those who use it; its index is closed when it is retired and the last has gone.

    The models are not closed: they outlive the index.
    """

    def __init__(self, assistant: Assistant) -> None:
        """Begin without users."""
        self.assistant = assistant
        self.index = assistant.index
        self._users = 0
        self._retired = False
        self._lock = threading.Lock()

    def hold(self) -> None:
        """Count one more user."""
        with self._lock:
            self._users += 1

    def release(self) -> None:
        """Count one user less."""
        with self._lock:
            self._users -= 1
            close = self._retired and self._users == 0
        if close:
            self.index.close()

    def retire(self) -> None:
        """Take no more users."""
        with self._lock:
            self._retired = True
            close = self._users == 0
        if close:
            self.index.close()
