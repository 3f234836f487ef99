"""Reading gold question sets, for the benchmarks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from index.folding import fold
from rag.evaluation.gold import split_of

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
SEEDS_GOLD = ROOT / "tests" / "gold" / "seeds.jsonl"


@dataclass(frozen=True)
class Span:
    """Where evidence stands: offsets into the original document."""

    doc: str
    start: int
    end: int


@dataclass(frozen=True)
class GoldQuestion:
    """One question; ``evidence`` has every place of every quote, any one of which answers it."""

    id: str
    question: str  # a follow-up has the question before it in front
    kind: str
    lang: str
    evidence: tuple[Span, ...]
    accepted: tuple[tuple[str, ...], ...]  # an answer is right when it holds one text of each group

    def is_right(self, answer: str) -> bool:
        """Whether ``answer`` holds what it must, whatever the script, width, spaces and separators."""
        said = _comparable(answer)
        return bool(self.accepted) and all(
            any(_comparable(text) in said for text in group) for group in self.accepted
        )


def read_gold(path: Path = SEEDS_GOLD, documents: Path = SEEDS) -> list[GoldQuestion]:
    """Read the development part of a gold set whose evidence are quotes of text files in ``documents``."""
    texts = {file.name: file.read_text(encoding="utf-8") for file in documents.glob("*.txt")}
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if split_of(entry["id"]) != "dev":
            continue
        before = "".join(f"{turn['question']} " for turn in entry.get("history", [])[-1:])
        spans = tuple(
            Span(item["doc"], start, start + len(item["quote"]))
            for item in entry["evidence"]
            for start in _occurrences(texts[item["doc"]], item["quote"])
        )
        groups = entry.get("all_of") or ([entry["answers"]] if entry["answers"] else [])
        found.append(
            GoldQuestion(
                id=entry["id"],
                question=before + entry["question"],
                kind=entry["type"],
                lang=entry["lang"],
                evidence=spans,
                accepted=tuple(tuple(group) for group in groups),
            )
        )
    return found


def _comparable(text: str) -> str:
    return fold(text).replace(" ", "").replace(",", "")


def _occurrences(text: str, quote: str) -> list[int]:
    starts = []
    position = text.find(quote)
    while position >= 0:
        starts.append(position)
        position = text.find(quote, position + 1)
    return starts
