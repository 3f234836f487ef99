"""Pictures of the page for the README, into tests/screenshots/: small PNGs of at most 120 kB each.

    .venv/bin/python tests/benchmarks/screenshots.py [--index FOLDER] [--generator qwen2.5-coder-1.5b]

The real page with the real models; only the set-up is held still. Without --index, seeds/ is indexed first. Needs
Debian's Chromium and Pillow (which comes with gradio).
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gold import SEEDS
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent.parent))

from browser import ASK_METRO, PHONE, Visitor, chromium, served, visiting
from playwright.sync_api import Browser, Route, expect

from rag.service import Service
from rag.settings import load_settings

FOLDER = Path(__file__).parent.parent / "screenshots"
LARGEST = 120_000
ANSWER_MS = 300_000
ASK = "长葛市食品行业产销对接会现场签约合同金额是多少？"
ASK_ENGLISH = "Which vice mayor inspected Xuchang's downtown landscaping projects on 13 March 2023?"
DESK: dict[str, Any] = {"size": (1280, 800)}
HAND: dict[str, Any] = {"size": PHONE, "is_mobile": True, "has_touch": True}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", type=Path, help="an index over seeds/")
    parser.add_argument("--generator", default="qwen2.5-coder-1.5b")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings(
            index_dir=options.index or Path(folder) / "index", generation={"model": options.generator}
        )
        with served(Service(settings, SEEDS), settings) as site, chromium() as browser:
            setting_up(browser, site.address)
            site.service.start()
            pictures(browser, site.address)


def pictures(browser: Browser, address: str) -> None:
    with ready(browser, address, **DESK) as visitor:
        take(visitor, "welcome")
        answered(visitor, ASK)
        visitor.turn.locator(".chip").first.click()
        expect(visitor.mark).to_be_in_viewport()
        take(visitor, "answer-light")
        visitor.page.emulate_media(color_scheme="dark")
        take(visitor, "answer-dark")
        visitor.page.emulate_media(color_scheme="light")
        answered(visitor, ASK_METRO)
        take(visitor, "refusal")
        visitor.documents()
        take(visitor, "documents")
        visitor.questions()
        visitor.button("设置").click()
        take(visitor, "settings")
    with ready(browser, address, **HAND) as visitor:
        answered(visitor, ASK)
        take(visitor, "phone-answer")
        visitor.page.emulate_media(color_scheme="dark")
        visitor.turn.locator(".chip").first.tap()
        expect(visitor.mark).to_be_in_viewport()
        take(visitor, "phone-source-dark")
    with ready(browser, address, locale="en-US", **DESK) as visitor:
        answered(visitor, ASK_ENGLISH)
        take(visitor, "english")


def setting_up(browser: Browser, address: str) -> None:
    """Show the set-up in the middle of its first step: the service has not begun, the status is made up."""

    def status(route: Route) -> None:
        if '"status"' not in (route.request.post_data or ""):
            route.continue_()
            return
        answer = route.fetch()
        told = answer.json()
        phase = {"description": "embedding", "done": 186, "total": 313, "unit": "items"}
        route.fulfill(response=answer, json={**told, "phase": phase})

    with visiting(browser, address, ready=False, **DESK) as visitor:
        visitor.page.route("**/component_server/", status)
        expect(visitor.page.get_by_text("186 / 313")).to_be_visible(timeout=ANSWER_MS)
        take(visitor, "setting-up")
        visitor.page.unroute_all(behavior="wait")


@contextmanager
def ready(browser: Browser, address: str, **how: Any) -> Iterator[Visitor]:
    with visiting(browser, address, ready=False, **how) as visitor:
        expect(visitor.page.locator(".examples")).to_be_visible(timeout=ANSWER_MS)
        yield visitor


def answered(visitor: Visitor, question: str) -> None:
    count = visitor.turns.count()
    visitor.ask(question)
    expect(visitor.turns).to_have_count(count + 1)
    expect(visitor.turn).to_have_attribute("data-step", "done", timeout=ANSWER_MS)


def take(visitor: Visitor, name: str) -> None:
    """Take a picture, in as many colours as fit."""
    visitor.page.evaluate("document.fonts.ready")
    picture = Image.open(io.BytesIO(visitor.page.screenshot(animations="disabled"))).convert("RGB")
    path = FOLDER / f"{name}.png"
    for colours in (128, 64, 32, 16):
        picture.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            break
    print(f"{path.name}: {picture.width} x {picture.height}, {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
