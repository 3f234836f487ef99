"""How well follow-up questions are recognised and completed: by rules alone, and by rules and a generator.

    .venv/bin/python tests/benchmarks/follow_ups.py [--generator qwen2.5-coder-0.5b] [--show]

``tests/gold/follow_ups.jsonl`` has a conversation a line. ``needs`` are the words that its last question must hold
once it is completed, one of each group; where there are none, the question stands alone and must stay as it was typed.
``avoid`` are words of the conversation that must not be carried over.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gold import ROOT

import rag
from index.folding import fold, is_traditional
from rag.conversation import Exchange, standalone_question
from rag.generators import Generator
from rag.opening import load_generator

FOLLOW_UPS = ROOT / "tests" / "gold" / "follow_ups.jsonl"


@dataclass(frozen=True)
class Conversation:
    """One exchange or more, and the question that comes after."""

    id: str
    lang: str
    history: tuple[Exchange, ...]
    question: str
    needs: tuple[tuple[str, ...], ...]
    avoid: tuple[str, ...]

    @property
    def continues(self) -> bool:
        """Whether the last question needs the conversation to be understood."""
        return bool(self.needs)

    def is_complete(self, completed: str) -> bool:
        """Whether ``completed`` holds what it must, nothing that it must not, and keeps the asker's script."""
        said = _comparable(completed)
        return (
            all(any(_comparable(word) in said for word in group) for group in self.needs)
            and not any(_comparable(word) in said for word in self.avoid)
            and is_traditional(completed) == (self.lang == "zh-Hant")
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--generator", action="append", default=[], help="one or more presets; none by default"
    )
    parser.add_argument("--show", action="store_true", help="also every follow-up as it was completed")
    options = parser.parse_args()
    conversations = read_conversations()
    print("| completed by | follow-ups recognised | with all they need | independent ones left alone |")
    print("|---|---|---|---|")
    completed = {"rules": completions(conversations, None)}
    for name in options.generator:
        settings = rag.load_settings(generation={"model": name})
        generator = load_generator(settings)
        try:
            completed[f"rules + {name}"] = completions(conversations, generator)
        finally:
            generator.close()
    for name, texts in completed.items():
        print(f"| {name} | {' | '.join(shares(conversations, texts))} |")
    if options.show:
        for name, texts in completed.items():
            show(name, conversations, texts)


def read_conversations(path: Path = FOLLOW_UPS) -> list[Conversation]:
    """Read the conversations of a file, in their order."""
    return [
        Conversation(
            id=row["id"],
            lang=row["lang"],
            history=tuple(Exchange(**exchange) for exchange in row["history"]),
            question=row["question"],
            needs=tuple(map(tuple, row["needs"])),
            avoid=tuple(row["avoid"]),
        )
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
    ]


def completions(conversations: Sequence[Conversation], generator: Generator | None) -> list[str]:
    """Complete the last question of each conversation."""
    return [standalone_question(item.question, item.history, generator) for item in conversations]


def shares(conversations: Sequence[Conversation], completed: Sequence[str]) -> tuple[str, str, str]:
    """Return, as text, how many follow-ups were recognised and complete, and how many other questions stayed."""
    pairs = list(zip(conversations, completed, strict=True))
    changed = [text != item.question for item, text in pairs if item.continues]
    complete = [item.is_complete(text) for item, text in pairs if item.continues]
    alone = [text == item.question for item, text in pairs if not item.continues]
    return share(changed), share(complete), share(alone)


def share(found: Sequence[bool]) -> str:
    """Return a share as text: 24 of 32 (75%)."""
    return f"{sum(found)} of {len(found)} ({sum(found) / len(found):.0%})"


def show(name: str, conversations: Sequence[Conversation], completed: Sequence[str]) -> None:
    """Print what became of each follow-up, and of each other question that did not stay as it was."""
    print(f"\n{name}")
    for item, text in zip(conversations, completed, strict=True):
        if item.continues or text != item.question:
            right = item.continues and text != item.question and item.is_complete(text)
            print(
                f"{'+' if right else '-'} {item.id} {item.history[-1].question} / {item.question} -> {text}"
            )


def _comparable(text: str) -> str:
    return re.sub(r"\s", "", fold(text))


if __name__ == "__main__":
    main()
