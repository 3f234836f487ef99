"""The page with the real models in a real browser: nothing here stands in for anything."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from browser import (
    ASK_METRO,
    ASK_YEAR,
    PHONE,
    Site,
    Visitor,
    served,
    visiting,
    wide_context,
)
from browser import browser as browser
from playwright.sync_api import Browser, BrowserContext, expect

from rag.prompting import wording
from rag.service import Service
from rag.settings import load_settings

pytestmark = [pytest.mark.browser, pytest.mark.models]

ASK = "长葛市食品行业产销对接会现场签约合同金额是多少？"
BRIDGE = "云溪大桥通车\n\n云溪大桥全长2847米，由工程师林若水设计，于2019年建成通车。\n"
ASK_BRIDGE = "云溪大桥全长多少米？"
IMG = "<img src=x onerror=alert(1)>"
HOSTILE = (
    f'<script>alert(2)</script>\n\n墨香书店开业于2009年{IMG}，共有图书73651册"><svg onload=alert(3)>。\n'
)
ANSWER_MS = 240_000
SETUP_MS = 1_800_000  # two slow cores index seeds/ in eight minutes when nothing else runs on them


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    return wide_context(browser)


@pytest.fixture(scope="module")
def site(context: BrowserContext, seeds: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The page as `rag chat` begins it: it indexes the first corpus by itself, and shows how far it is."""
    folder = tmp_path_factory.mktemp("real")
    shutil.copytree(seeds, folder / "seeds")
    settings = load_settings(index_dir=folder / "index", generation={"model": "qwen2.5-coder-0.5b"})
    with served(Service(settings, folder / "seeds"), settings) as opened:
        opened.service.start()
        with visiting(context, opened.address, ready=False) as waiting:
            expect(waiting.page.get_by_role("progressbar")).to_be_visible()
            expect(waiting.page.get_by_role("progressbar", name="计算向量")).to_be_visible(timeout=SETUP_MS)
            expect(waiting.page.locator(".examples")).to_be_visible(timeout=SETUP_MS)
        yield opened


@pytest.fixture
def visitor(context: BrowserContext, site: Site) -> Iterator[Visitor]:
    with visiting(context, site.address) as opened:
        yield opened


def answer(visitor: Visitor, question: str) -> None:
    """Ask, and wait as long as a busy machine may take."""
    count = visitor.turns.count()
    visitor.ask(question)
    expect(visitor.turns).to_have_count(count + 1)
    expect(visitor.turn).to_have_attribute("data-step", "done", timeout=ANSWER_MS)


def upload(visitor: Visitor, name: str, text: str) -> None:
    visitor.documents()
    visitor.page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": text.encode()}]
    )
    expect(visitor.page.locator("tbody tr").filter(has_text=name)).to_be_visible(timeout=ANSWER_MS)
    visitor.questions()


def remove(visitor: Visitor, name: str) -> None:
    visitor.documents()
    row = visitor.page.locator("tbody tr").filter(has_text=name)
    visitor.button("移除", row).click()
    visitor.button("确定移除？", row).click()
    expect(row).to_have_count(0, timeout=ANSWER_MS)
    visitor.questions()


def test_an_answer_is_streamed_checked_and_leads_to_its_place(
    visitor: Visitor, seed_texts: dict[str, str]
) -> None:
    visitor.page.evaluate(
        """() => {
            window.steps = [];
            new MutationObserver(() => {
                const step = document.querySelector("article.turn:last-child")?.dataset.step;
                if (step && window.steps.at(-1) !== step) window.steps.push(step);
            }).observe(document.querySelector(".log"), { childList: true });
        }"""
    )
    answer(visitor, ASK)
    steps = visitor.page.evaluate("window.steps")
    assert steps[:2] == ["searching", "searched"]
    assert steps[-1] == "done"
    expect(visitor.turn.locator(".text")).to_contain_text(re.compile(r"3400\s*万元"))
    visitor.follow(visitor.turn.locator(".chip").first)
    expect(visitor.mark).to_be_in_viewport()
    doc, start, end = visitor.quoted_place()
    assert doc.startswith("002")
    assert visitor.mark.text_content() == seed_texts["002"][start:end]
    expect(visitor.mark).to_contain_text(re.compile(r"3400\s*万元"))


def test_a_follow_up_is_searched_in_its_complete_form(visitor: Visitor) -> None:
    answer(visitor, ASK_YEAR)
    expect(visitor.turn.locator(".text")).to_contain_text("5.04")
    answer(visitor, "那2022年呢？")
    expect(visitor.turn.locator(".standalone")).to_contain_text("许昌市2022年新增城镇就业多少人？")


def test_what_no_document_says_is_refused(visitor: Visitor) -> None:
    answer(visitor, ASK_METRO)
    expect(visitor.turn.locator(".verdict")).to_have_text(wording("zh").refusal)
    expect(visitor.turn.locator(".chip, .sources")).to_have_count(0)
    expect(visitor.turn.locator(".related .card")).to_have_count(3)


def test_an_uploaded_file_answers_until_it_is_removed(visitor: Visitor) -> None:
    upload(visitor, "大桥.txt", BRIDGE)
    answer(visitor, ASK_BRIDGE)
    expect(visitor.turn.locator(".text")).to_contain_text("2847")
    visitor.follow(visitor.turn.locator(".chip").first)
    doc, start, end = visitor.quoted_place()
    assert doc == "大桥.txt"
    assert visitor.mark.text_content() == BRIDGE[start:end]
    remove(visitor, "大桥.txt")
    answer(visitor, ASK_BRIDGE)
    expect(visitor.turn).not_to_contain_text("2847")


def test_a_stopped_question_gives_way_to_the_next(visitor: Visitor) -> None:
    visitor.ask(ASK_YEAR)
    expect(visitor.turn).to_have_attribute("data-step", re.compile("searched|writing"), timeout=ANSWER_MS)
    visitor.page.keyboard.press("Escape")
    expect(visitor.turn).to_contain_text("已停止")
    answer(visitor, ASK)
    expect(visitor.turn.locator(".text")).to_contain_text("3400")
    expect(visitor.turns.first).to_have_attribute("data-step", "stopped")


def test_a_conversation_is_reloaded_and_exported(
    visitor: Visitor, tmp_path: Path, seed_texts: dict[str, str]
) -> None:
    answer(visitor, ASK)
    visitor.page.reload()
    expect(visitor.turn.locator(".text")).to_contain_text("3400")
    for name, file in (("导出 Markdown", "conversation.md"), ("导出 JSON", "conversation.json")):
        with visitor.page.expect_download() as exported:
            visitor.button(name).click()
        exported.value.save_as(tmp_path / file)
    assert "3400" in (tmp_path / "conversation.md").read_text(encoding="utf-8")
    (turn,) = json.loads((tmp_path / "conversation.json").read_text(encoding="utf-8"))
    for citation in turn["answer"]["citations"]:
        assert citation["quote"] == seed_texts[citation["doc"][:3]][citation["start"] : citation["end"]]


def test_an_english_question_is_answered_in_english(browser: Browser, site: Site) -> None:
    with visiting(browser, site.address, locale="en-US") as visitor:
        expect(visitor.page.get_by_role("heading", name="What would you like to know?")).to_be_visible()
        answer(visitor, "How many urban greening projects did Xuchang plan for 2023?")
        expect(visitor.turn.locator(".text, .verdict")).to_contain_text(re.compile("[a-z]{3}"))
        expect(visitor.turn.locator(".text, .verdict")).not_to_contain_text("资料中")


def test_a_phone_shows_answer_and_source(browser: Browser, site: Site) -> None:
    with visiting(browser, site.address, size=PHONE, is_mobile=True, has_touch=True) as visitor:
        answer(visitor, ASK)
        visitor.turn.locator(".chip").first.tap()
        expect(visitor.mark).to_be_in_viewport()
        assert visitor.page.evaluate("document.scrollingElement.scrollWidth") <= PHONE[0]


def test_what_a_document_says_stays_text(visitor: Visitor) -> None:
    name = f"{IMG}.txt"
    upload(visitor, name, HOSTILE)
    answer(visitor, "墨香书店共有图书多少册？")
    expect(visitor.turn).to_contain_text("73651")
    visitor.follow(visitor.turn.locator(".card").first)
    expect(visitor.panel.locator(".file")).to_contain_text(name)
    assert visitor.panel.locator(".text").text_content() == HOSTILE
    expect(visitor.page.locator("#wenyuan :is(img, script, svg[onload], [onerror])")).to_have_count(0)
    remove(visitor, name)


def test_ten_askers_are_all_answered(browser: Browser, site: Site) -> None:
    with ExitStack() as stack:
        askers = [stack.enter_context(visiting(browser, site.address, ready=False)) for _ in range(10)]
        for asker in askers:
            asker.ready()
        for asker in askers:
            asker.ask(ASK)
        for asker in askers:
            expect(asker.turn).to_have_attribute("data-step", "done", timeout=ANSWER_MS)
            expect(asker.turn.locator(".text")).to_contain_text("3400")
