"""Stand-ins for the models: what a test replaces, and nothing else."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from index.embedding import EmbedderIdentity, Vectors
from index.folding import search_tokens
from rag.generators.base import GenerationStats, Message, StatsKeeper, TextStream

BELIEVED = {"least_confidence": 0.0, "second_reader": False}
"""Settings of generation under which what a stand-in writes is shown, however unsure it looks."""

_BATCH = 16


class FakeEmbedder:
    """An `index.embedding.Embedder` that hashes words into a small vector: texts with words in common are close.

    `embedded` counts the document texts that were embedded, `asked` the questions.
    """

    def __init__(self, name: str = "fake", fingerprint: str = "fake-1", dimension: int = 128) -> None:
        self.identity = EmbedderIdentity(name, fingerprint, dimension, "query: ", "passage: ")
        self.embedded = 0
        self.asked = 0

    def document_text(self, title: str, text: str) -> str:
        return self.identity.document_prompt + (f"{title}\n{text}" if title else text)

    def embed_documents(
        self, document_texts: Sequence[str], on_batch: Callable[[Sequence[int], Vectors], None]
    ) -> None:
        # Batches come in another order than the texts, as those of a real model do.
        order = sorted(range(len(document_texts)), key=lambda i: len(document_texts[i]))
        for start in range(0, len(order), _BATCH):
            positions = order[start : start + _BATCH]
            texts = [document_texts[i].removeprefix(self.identity.document_prompt) for i in positions]
            self.embedded += len(texts)
            on_batch(positions, self._vectors(texts))

    def embed_queries(self, questions: Sequence[str]) -> Vectors:
        self.asked += len(questions)
        return self._vectors(questions)

    def _vectors(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.identity.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            for token in search_tokens(text) or [""]:
                vectors[row, zlib.crc32(token.encode()) % self.identity.dimension] += 1
        lengths: Vectors = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / lengths


class ScriptedGenerator(StatsKeeper):
    """A `rag.generators.base.Generator` that says what it was told to, three characters at a time.

    `script` maps a part of the question to the reply, or to the replies to its first, second, … call; or it is a
    function from the messages to the reply. `calls` holds the messages of every call; a question without a reply
    fails the test.
    """

    PIECE = 3

    def __init__(
        self,
        script: Mapping[str, str | Sequence[str]] | Callable[[Sequence[Message]], str],
        name: str = "scripted",
    ) -> None:
        super().__init__()
        self.name = name
        self.calls: list[list[Message]] = []
        self.fronts: list[list[Message]] = []
        self.closed = False
        self._script = script
        self._asked: Counter[str] = Counter()

    def prepare(self, front: Sequence[Message]) -> None:
        self.fronts.append(list(front))

    def stream(
        self, messages: Sequence[Message], max_tokens: int, *, grammar: str | None = None
    ) -> TextStream:
        reply = self._reply(messages)
        for start in range(0, len(reply), self.PIECE):
            yield reply[start : start + self.PIECE]
        prompt_tokens = sum(self.count_tokens(message["content"]) for message in messages)
        self._keep(GenerationStats(prompt_tokens, 0, self.count_tokens(reply), "stop"))

    def batch(self, conversations: Sequence[Sequence[Message]], max_tokens: int) -> list[str]:
        return [self._reply(messages) for messages in conversations]

    def count_tokens(self, text: str) -> int:
        return len(text)

    def close(self) -> None:
        self.closed = True

    def _reply(self, messages: Sequence[Message]) -> str:
        self.calls.append(list(messages))
        if callable(self._script):
            return self._script(messages)
        question = messages[-1]["content"].rpartition("\n")[2]
        for part, reply in self._script.items():
            if part in question:
                replies = [reply] if isinstance(reply, str) else reply
                self._asked[part] += 1
                return replies[min(self._asked[part], len(replies)) - 1]
        raise AssertionError(f"no reply was scripted for {question!r}")
