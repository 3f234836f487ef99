"""The answers of the README on our own questions and on public sets: ``python tests/benchmarks/public.py FOLDER``.

FOLDER holds the public sets, each a folder with ``passages.jsonl`` and ``questions.jsonl``; one that is not there
is left out. Everything goes through `rag eval`: a run that was interrupted goes on, and each figure has a report.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[2]
SEEDS_GOLD = ROOT / "tests" / "gold" / "seeds.jsonl"
PRESETS = ("qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b")
FORMS = ("noise 0", "noise 0.4", "noise 0.8", "noise alone")


@dataclass(frozen=True)
class Answered:
    """A set that is answered: what to call it, what `rag eval` is given, and the types that get lines of their own."""

    name: str
    gold: str
    options: tuple[str, ...]
    types: tuple[str, ...] = ()


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=Path("runs/public"), show_default=True)
@click.option(
    "--indexes", type=click.Path(path_type=Path), default=Path(".wenyuan/public"), show_default=True
)
@click.option(
    "--seeds-index", type=click.Path(path_type=Path), default=Path(".wenyuan/index"), show_default=True
)
@click.option(
    "--checklist", type=int, default=500, show_default=True, help="Questions of dureader_checklist."
)
@click.option("--cmrc", type=int, default=300, show_default=True, help="Questions of cmrc2018.")
@click.option(
    "--rgb", type=int, default=1200, show_default=True, help="Questions of rgb_zh, four forms together."
)
@click.option("--generator", "generators", multiple=True, default=PRESETS, show_default=True)
def main(
    folder: Path,
    out: Path,
    indexes: Path,
    seeds_index: Path,
    checklist: int,
    cmrc: int,
    rgb: int,
    generators: tuple[str, ...],
) -> None:
    """Answer every set that is there, and print the table in Markdown."""
    sets = [
        Answered("seeds dev", str(SEEDS_GOLD), ("--split", "dev")),
        Answered("seeds test", str(SEEDS_GOLD), ("--split", "test")),
        # Its development questions took part in fitting the confidence.
        Answered(
            "dureader_checklist test",
            "dureader_checklist",
            ("--split", "test", "--limit", str(checklist)),
        ),
        Answered("cmrc2018", "cmrc2018", ("--limit", str(cmrc))),
        Answered(
            "rgb_zh",
            "rgb_zh",
            (*(part for form in FORMS for part in ("--only", form)), "--limit", str(rgb)),
            FORMS,
        ),
    ]
    click.echo(
        "| answers | generator | n | right, of those that have an answer | answered and wrong, of all "
        "| refused, of those without an answer | refused, of those with one |\n|---|---|---|---|---|---|---|"
    )
    for one in sets:
        own = one.gold == str(SEEDS_GOLD)
        gold = Path(one.gold) if own else folder / one.gold
        if not gold.exists():
            continue
        for generator in generators:
            run = out / f"{one.name.replace(' ', '-')}-{generator}"
            evaluate(
                gold, seeds_index if own else indexes / one.gold, run, *one.options, "--generator", generator
            )
            metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
            if not one.types:
                click.echo(answer_row(one.name, generator, metrics["overall"]))
            for form in one.types:
                click.echo(answer_row(f"{one.name}, {form}", generator, metrics["by"]["type"][form]))


def evaluate(gold: Path, index: Path, out: Path, *options: str) -> None:
    """Run `rag eval`; what is answered already is used again."""
    program = str(Path(sys.executable).with_name("rag"))
    subprocess.run(
        [program, "eval", str(gold), "--index", str(index), "--out", str(out), *options], check=True
    )


def answer_row(name: str, generator: str, figures: dict[str, Any]) -> str:
    """Return the line of one set and generator."""
    asked = figures["answer_rate"]["n"]
    cells = [
        figure(figures.get(key))
        for key in ("contains", "answered_wrong", "refusal_unanswerable", "false_refusal")
    ]
    return f"| {name} | {generator.removeprefix('qwen2.5-coder-')} | {asked} | " + " | ".join(cells) + " |"


def figure(value: dict[str, float] | None) -> str:
    """Return a share with its interval: ``.93 (.91–.95)``."""
    if not value or not value["n"]:
        return "–"
    return f"{short(value['value'])} ({short(value['low'])}–{short(value['high'])})"


def short(value: float) -> str:
    """Return a share with two digits: ``.93``, ``1.0``."""
    return f"{value:.2f}".removeprefix("0") if value < 0.995 else "1.0"


if __name__ == "__main__":
    main()
