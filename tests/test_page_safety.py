"""What the page must not do, in a real browser: run what a document says, reach elsewhere, let strangers in."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from browser import ASK, Site, Visitor, new_site, visiting
from browser import browser as browser
from fakes import BELIEVED
from playwright.sync_api import Browser, expect

from rag.settings import load_settings
from ui.access import Logins, set_password

STATIC = Path(__file__).parent.parent / "ui" / "static"
IMG = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(2)</script>"
SVG = '"><svg onload=alert(3)>'
LINK = "[x](javascript:alert(4))"
NAME = f'{IMG}"><svg onload=alert(5)>.txt'
TEXT = f"{SCRIPT}{SVG}\n\n奇书阁图书馆有藏书{IMG}48213册，另见{LINK}{SVG}。{SCRIPT}周一闭馆。\n"
ASK_LIBRARY = "奇书阁图书馆有藏书多少册？"
ALIVE = "#wenyuan :is(img, script, iframe, object, embed, svg[onload], [onerror], a[href^='javascript'])"


@pytest.fixture(scope="module")
def index_dir(small_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "index"
    shutil.copytree(small_index, folder)
    return folder


@pytest.fixture
def site(index_dir: Path) -> Iterator[Site]:
    with new_site(load_settings(index_dir=index_dir, generation=BELIEVED)) as opened:
        yield opened


def upload(visitor: Visitor, name: str, text: str) -> None:
    visitor.documents()
    visitor.page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": text.encode()}]
    )


def test_no_script_of_the_page_makes_html_of_a_string() -> None:
    scripts = sorted(STATIC.glob("*.js"))
    assert scripts
    ways = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser|srcdoc|setHTML"
    for script in scripts:
        assert re.findall(ways, script.read_text(encoding="utf-8")) == [], script.name


@pytest.mark.browser
def test_what_a_document_and_a_model_say_stays_text(browser: Browser, site: Site, tmp_path: Path) -> None:
    # A dialog that opened, or a request to "x", would fail the visit itself.
    with visiting(browser, site.address) as visitor:
        page = visitor.page
        upload(visitor, f"{IMG}.exe", "MZ")
        expect(page.locator(".uploads .refused")).to_contain_text(IMG)
        upload(visitor, NAME, TEXT)
        row = page.locator("tbody tr").filter(has_text="onload=alert(5)")
        expect(row).to_be_visible()
        expect(row.locator(".title")).to_contain_text(NAME)
        expect(row.locator(".title strong")).to_contain_text(SCRIPT)
        expect(page.locator(ALIVE)).to_have_count(0)

        visitor.button("设置").click()
        expect(visitor.dialog).to_contain_text(SCRIPT)
        expect(page.locator(ALIVE)).to_have_count(0)
        visitor.button("完成").click()

        visitor.questions()
        question = f"{ASK_LIBRARY}{IMG}"
        visitor.asks(question)
        expect(visitor.turn.locator(".question")).to_have_text(question)
        expect(visitor.turn.locator(".text")).to_contain_text(IMG)
        expect(visitor.turn.locator(".text")).to_contain_text("javascript:alert(4)")
        expect(visitor.turn.locator(".sources")).to_contain_text(SVG)
        visitor.follow(visitor.turn.locator(".chip").first)
        expect(visitor.panel.locator(".file")).to_contain_text(NAME)
        text = visitor.panel.locator(".text")
        expect(text).to_contain_text(SCRIPT)
        assert text.text_content() == TEXT
        expect(page.locator(ALIVE)).to_have_count(0)

        page.reload()
        visitor.ready()
        expect(visitor.turn.locator(".text")).to_contain_text(IMG)
        expect(page.locator(ALIVE)).to_have_count(0)
        with page.expect_download() as exported:
            visitor.button("导出 Markdown").click()
        exported.value.save_as(tmp_path / "conversation.md")
        markdown = (tmp_path / "conversation.md").read_text(encoding="utf-8")
        assert "48213" in markdown
        assert "alert(1)" in markdown
        assert "<" not in markdown
        assert re.search(r"(?<!\\)\]\(", markdown) is None

        visitor.documents()
        visitor.button("移除", row).click()
        visitor.button("确定移除？", row).click()
        expect(row).to_have_count(0)


@pytest.mark.browser
def test_a_whole_session_asks_nobody_but_its_own_server(browser: Browser, site: Site) -> None:
    with visiting(browser, site.address) as visitor:
        asked: list[str] = []
        visitor.page.on("request", lambda request: asked.append(request.url))
        visitor.page.reload()
        visitor.ready()
        visitor.asks(ASK)
        visitor.follow(visitor.turn.locator(".chip").first)
        expect(visitor.mark).to_be_visible()
        visitor.documents()
        visitor.button("设置").click()
        visitor.button("完成").click()
        visitor.button("English").click()
        visitor.questions()
        assert len(asked) > 10
        assert {urlsplit(url).netloc for url in asked} == {urlsplit(site.address).netloc}


@pytest.mark.browser
def test_the_browser_itself_keeps_the_page_from_reaching_elsewhere(browser: Browser, site: Site) -> None:
    with visiting(browser, site.address, troubles=True) as visitor:
        outcome = visitor.page.evaluate(
            "fetch('http://localhost:9/').then(() => 'sent', (error) => error.name)"
        )
        assert outcome == "TypeError"
        blocked = visitor.page.evaluate(
            """() => new Promise((resolve) => {
                document.addEventListener("securitypolicyviolation", (event) => resolve(event.violatedDirective));
                fetch("http://localhost:9/").catch(() => null);
            })"""
        )
        assert blocked == "connect-src"


@pytest.mark.browser
def test_a_login_is_asked_for_and_nothing_works_without(
    browser: Browser, index_dir: Path, tmp_path: Path
) -> None:
    set_password(tmp_path / "logins", "安娜", "correct horse")
    logins = Logins.load(tmp_path / "logins")
    with new_site(load_settings(index_dir=index_dir, generation=BELIEVED), logins=logins) as site:
        with httpx.Client(base_url=site.address, timeout=60) as stranger:
            refused = {
                "chat": stranger.post(
                    "v1/chat/completions", json={"model": "x", "messages": [{"role": "user", "content": ASK}]}
                ),
                "ask": stranger.post("gradio_api/call/ask", json={"data": [ASK]}),
                "queue": stranger.post("gradio_api/queue/join", json={"data": [{}], "fn_index": 0}),
                "server": stranger.post(
                    "gradio_api/component_server/",
                    json={"data": {}, "component_id": 1, "fn_name": "library", "session_hash": "x"},
                ),
                "upload": stranger.post("gradio_api/upload", files={"files": ("a.txt", b"text")}),
                "config": stranger.get("config"),
            }
            assert {name: response.status_code for name, response in refused.items()} == dict.fromkeys(
                refused, 401
            )
            assert not any("002_4d" in json.dumps(response.text) for response in refused.values())

        with visiting(browser, site.address, ready=False, troubles=True) as visitor:
            page = visitor.page
            name, password = page.get_by_role("textbox").first, page.locator("input[type=password]")
            expect(password).to_be_visible()
            expect(visitor.input).to_have_count(0)
            name.fill("安娜")
            password.fill("wrong password")
            visitor.button("登录").click()
            expect(page.locator("body")).to_contain_text("凭据不正确")
            expect(visitor.input).to_have_count(0)
            name.fill("安娜")
            password.fill("correct horse")
            visitor.button("登录").click()
            visitor.ready()
            visitor.asks(ASK)
            expect(visitor.turn.locator(".text")).to_contain_text("3400")
