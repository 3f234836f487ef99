"""The page as its user feels it: from Enter to each change that has been painted, measured inside the browser.

    .venv/bin/python tests/benchmarks/page.py [--index FOLDER] [--generator qwen2.5-coder-0.5b] [--questions 10]

Prints medians with minimum and maximum. Without --index, seeds/ is indexed first. The models have answered one question
before. Needs Debian's Chromium, and a quiet machine.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gold import SEEDS, read_gold

sys.path.insert(0, str(Path(__file__).parent.parent))

from browser import Visitor, chromium, served, visiting
from playwright.sync_api import expect

from rag.service import Service
from rag.settings import load_settings

ANSWER_MS = 300_000
# A step counts once it has been painted: two frames after the page changed.
WATCH = """() => {
  window.times = {};
  document.querySelector("#question").addEventListener("keydown", (event) => {
    if (event.key === "Enter") window.times = { enter: performance.now() };
  }, true);
  new MutationObserver(() => {
    const { times } = window, step = document.querySelector("article.turn:last-child")?.dataset.step;
    if (!step || step in times) return;
    times[step] = null;
    requestAnimationFrame(() => requestAnimationFrame(() => { times[step] = performance.now(); }));
  }).observe(document.querySelector(".log"), { childList: true });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", type=Path, help="an index over seeds/")
    parser.add_argument("--generator", default="qwen2.5-coder-0.5b")
    parser.add_argument("--questions", type=int, default=10)
    options = parser.parse_args()
    asked = [item.question for item in read_gold() if item.evidence and item.lang == "zh"]
    asked = asked[:: max(1, len(asked) // options.questions)][: options.questions]
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            index_dir=options.index or Path(folder) / "index", generation={"model": options.generator}
        )
        with served(Service(settings, SEEDS), settings) as site, chromium() as browser:
            site.service.start()
            with visiting(browser, site.address, ready=False) as visitor:
                expect(visitor.page.locator(".examples")).to_be_visible(timeout=ANSWER_MS)
                visitor.page.evaluate(WATCH)
                timed(visitor, asked[-1])
                times = [timed(visitor, question) for question in asked]
    print(f"{options.generator}, {len(times)} questions, seconds")
    report("Enter to question and 'searching' painted", [one["searching"] - one["enter"] for one in times])
    report("Enter to passages painted", [one["searched"] - one["enter"] for one in times])
    drafts = [one["writing"] - one["searched"] for one in times if "writing" in one]
    report("passages to first words of the draft", drafts)
    report("Enter to checked answer", [one["done"] - one["enter"] for one in times])


def timed(visitor: Visitor, question: str) -> dict[str, float]:
    """Ask a question, and return when each step was painted, in milliseconds."""
    count = visitor.turns.count()
    visitor.ask(question)
    expect(visitor.turns).to_have_count(count + 1)
    visitor.page.wait_for_function("window.times.done", timeout=ANSWER_MS)
    found: dict[str, float | None] = visitor.page.evaluate("window.times")
    return {step: time for step, time in found.items() if time is not None}


def report(what: str, milliseconds: Sequence[float]) -> None:
    """Print a median with its range."""
    values = [value / 1000 for value in milliseconds]
    if values:
        print(
            f"{what:<45} {statistics.median(values):7.3f}  ({min(values):.3f} to {max(values):.3f}, n {len(values)})"
        )


if __name__ == "__main__":
    main()
