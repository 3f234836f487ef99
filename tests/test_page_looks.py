"""Languages, keyboard, screen sizes and accessibility of the page, in a real browser; the models are stand-ins."""

from __future__ import annotations

import pytest
from browser import (
    ASK,
    ASK_METRO,
    ASK_TASTING,
    PHONE,
    Site,
    Visitor,
    Writer,
    visiting,
)
from browser import browser as browser
from browser import context as context
from browser import shared_writer as shared_writer
from browser import site as site
from browser import visitor as visitor
from browser import writer as writer
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

# Every visible text whose contrast is below WCAG AA: the ink over all the grounds behind it.
LOW_CONTRAST = """() => {
  const read = (text) => {
    const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number);
    return text.startsWith("color(srgb") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a];
  };
  const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  const light = (colour) => {
    const [r, g, b] = colour.slice(0, 3).map((v) => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) layers.unshift(read(getComputedStyle(one).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const low = [];
  const check = (element, text, style) => {
    const below = ground(element);
    const [one, two] = [light(over(read(style.color), below)), light(below)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (one + 0.05) / (two + 0.05);
    if (ratio < (large ? 3 : 4.5)) low.push(`${ratio.toFixed(2)}: ${text.trim().slice(0, 30)} (${element.className})`);
  };
  const root = document.querySelector("#wenyuan");
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const { textContent, parentElement: element } = walker.currentNode;
    if (!textContent.trim() || element.closest("option, .unseen, :disabled")) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    seen += 1;
    check(element, textContent, getComputedStyle(element));
  }
  for (const field of root.querySelectorAll("textarea, input")) {
    if (!field.placeholder || !field.checkVisibility()) continue;
    check(field, field.placeholder, getComputedStyle(field, "::placeholder"));
  }
  return { seen, low };
}"""

# What a screen reader could not name.
NAMELESS = """() => {
  const all = (what) => [...document.querySelectorAll("#wenyuan :is(" + what + ")")]
    .filter((one) => one.checkVisibility() && !one.closest("[aria-hidden]"));
  const label = (one) => one.getAttribute("aria-label") ?? "";
  const pressed = all("button, [role=img], [role=tab], summary, a")
    .filter((one) => !(label(one) || one.textContent).trim());
  const filled = all("input, select, textarea")
    .filter((one) => !label(one) && ![...one.labels].some((text) => text.textContent.trim()));
  return [...pressed, ...filled].map((one) => one.outerHTML.slice(0, 120));
}"""

# What sticks out of the window to the left or right.
STICKING_OUT = """() => {
  const what = "button, input, select, textarea, p, h1, h2, h3, td";
  return [...document.querySelectorAll("#wenyuan :is(" + what + ")")]
    .filter((one) => one.checkVisibility() && !one.closest(".unseen, .skip"))
    .filter((one) => one.getBoundingClientRect().left < -0.5 || one.getBoundingClientRect().right > innerWidth + 0.5)
    .map((one) => one.outerHTML.slice(0, 120));
}"""


# Languages.


@pytest.mark.parametrize(
    ("locale", "lang", "greeting", "other", "other_lang", "other_greeting"),
    [
        ("zh-CN", "zh-Hans", "想知道什么？", "English", "en", "What would you like to know?"),
        ("en-US", "en", "What would you like to know?", "中文", "zh-Hans", "想知道什么？"),
    ],
)
def test_the_page_speaks_the_browsers_language_and_remembers_another(
    browser: Browser,
    site: Site,
    locale: str,
    lang: str,
    greeting: str,
    other: str,
    other_lang: str,
    other_greeting: str,
) -> None:
    with visiting(browser, site.address, locale=locale) as visitor:
        html = visitor.page.locator("html")
        expect(visitor.page.get_by_role("heading", name=greeting)).to_be_visible()
        expect(html).to_have_attribute("lang", lang)
        visitor.button(other).click()
        expect(visitor.page.get_by_role("heading", name=other_greeting)).to_be_visible()
        expect(html).to_have_attribute("lang", other_lang)
        visitor.page.reload()
        expect(visitor.page.get_by_role("heading", name=other_greeting)).to_be_visible()
        expect(html).to_have_attribute("lang", other_lang)


def test_a_conversation_is_redrawn_in_the_other_language(visitor: Visitor) -> None:
    visitor.asks(ASK)
    visitor.asks(ASK_METRO)
    visitor.button("English").click()
    first, second = visitor.turns.all()
    expect(first.get_by_role("heading", name="Sources")).to_be_visible()
    expect(first.get_by_role("img", name="Checked against source 1")).to_be_visible()
    expect(second).to_contain_text("Possibly related, not an answer")
    expect(visitor.page.get_by_placeholder("Ask something that the documents answer…")).to_be_visible()
    expect(visitor.page).to_have_title("Wenyuan · Ask your documents; every sentence has its source")


# Keyboard.


def test_enter_sends_and_shift_enter_begins_a_line(visitor: Visitor) -> None:
    visitor.input.press_sequentially("第一行")
    visitor.input.press("Shift+Enter")
    visitor.input.press_sequentially("第二行")
    expect(visitor.input).to_have_value("第一行\n第二行")
    expect(visitor.turns).to_have_count(0)
    visitor.input.press("Enter")
    expect(visitor.turn.locator(".question")).to_have_text("第一行\n第二行")


def test_keys_that_belong_to_an_input_method_do_nothing_else(visitor: Visitor) -> None:
    visitor.asks(ASK)
    expect(visitor.panel).to_be_visible()
    visitor.input.fill("shenme")
    for key in ("Enter", "Escape"):
        visitor.input.evaluate(
            "(field, key) => field.dispatchEvent("
            "new KeyboardEvent('keydown', { key, isComposing: true, bubbles: true, cancelable: true }))",
            key,
        )
    expect(visitor.turns).to_have_count(1)
    expect(visitor.input).to_have_value("shenme")
    expect(visitor.panel).to_be_visible()


def test_the_tabs_follow_the_arrow_keys(visitor: Visitor) -> None:
    visitor.page.locator("#tab-ask").focus()
    visitor.page.keyboard.press("ArrowRight")
    expect(visitor.page.get_by_role("tab", name="文档")).to_be_focused()
    expect(visitor.page.get_by_role("tabpanel", name="文档")).to_be_visible()
    visitor.page.keyboard.press("ArrowLeft")
    expect(visitor.page.get_by_role("tabpanel", name="问答")).to_be_visible()


def test_everything_is_reached_with_the_tab_key(visitor: Visitor) -> None:
    visitor.asks(ASK)
    reached = set()
    visitor.page.locator(".skip").focus()
    for _ in range(40):
        reached.add(
            visitor.page.evaluate(
                "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
            )
        )
        visitor.page.keyboard.press("Tab")
    wanted = {"跳到提问框", "English", "设置", "修改问题", "重答", "导出 Markdown", "问题", "关闭"}
    assert wanted <= reached


# Screen sizes.


def test_nothing_sticks_out_of_a_phone(browser: Browser, site: Site) -> None:
    with visiting(browser, site.address, size=PHONE, is_mobile=True, has_touch=True) as visitor:
        page = visitor.page

        def check() -> None:
            assert page.evaluate("document.scrollingElement.scrollWidth") <= PHONE[0]
            assert page.evaluate(STICKING_OUT) == []

        check()
        visitor.asks(ASK)
        expect(visitor.panel).to_be_hidden()
        expect(visitor.input).to_be_in_viewport()
        check()

        visitor.turn.locator(".chip").first.tap()
        expect(visitor.mark).to_be_in_viewport(ratio=1)
        box = visitor.panel.bounding_box()
        assert box is not None
        assert box["y"] > PHONE[1] * 0.25
        assert box["y"] + box["height"] == pytest.approx(PHONE[1], abs=1)
        assert box["width"] == PHONE[0]
        check()
        visitor.button("关闭", visitor.panel).tap()
        expect(visitor.panel).to_be_hidden()

        visitor.asks(ASK_METRO)
        check()
        page.locator("#tab-documents").tap()
        expect(visitor.button("移除").first).to_be_in_viewport()
        check()
        visitor.button("设置").tap()
        visitor.button("完成").scroll_into_view_if_needed()
        expect(visitor.button("完成")).to_be_in_viewport()
        check()
        visitor.button("完成").tap()
        page.locator("#tab-ask").tap()
        expect(visitor.input).to_be_in_viewport()


def test_a_long_answer_is_followed_to_its_end_and_found_there_after_a_reload(visitor: Visitor) -> None:
    for question in (ASK, ASK_METRO, ASK_TASTING, ASK):
        visitor.asks(question)
        expect(visitor.turn.locator(".actions").last).to_be_in_viewport()
    visitor.page.reload()
    visitor.ready()
    expect(visitor.turn.locator(".actions").last).to_be_in_viewport()


# Accessibility.


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_enough_contrast_and_every_control_a_name(
    browser: Browser, site: Site, writer: Writer, scheme: str
) -> None:
    with visiting(browser, site.address, color_scheme=scheme) as visitor:
        page = visitor.page

        def check() -> None:
            found = page.evaluate(LOW_CONTRAST)
            assert found["seen"] > 5
            assert found["low"] == []
            assert page.evaluate(NAMELESS) == []

        check()
        writer.hold()
        visitor.ask(ASK)
        visitor.reaches("searched")
        check()
        writer.write(16)
        visitor.reaches("writing")
        check()
        writer.go_on()
        visitor.reaches("done")
        expect(visitor.mark).to_be_visible()
        check()
        visitor.asks(ASK_METRO)
        check()
        visitor.asks(ASK_TASTING)
        visitor.turn.locator("summary").click()
        visitor.button("修改问题", visitor.turns.first).click()
        check()
        visitor.documents()
        check()
        visitor.button("设置").click()
        check()


def test_tabs_dialog_and_conversation_have_their_roles(visitor: Visitor) -> None:
    page = visitor.page
    for name, panel in (("问答", "panel-ask"), ("文档", "panel-documents")):
        tab = page.get_by_role("tablist").get_by_role("tab", name=name)
        expect(tab).to_have_attribute("aria-controls", panel)
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        expect(page.get_by_role("tabpanel", name=name)).to_have_id(panel)
    visitor.button("设置").click()
    expect(page.get_by_role("dialog", name="设置")).to_be_visible()
    page.keyboard.press("Escape")
    visitor.questions()
    expect(page.get_by_role("log", name="对话")).to_be_attached()
    expect(page.get_by_role("textbox", name="问题")).to_be_focused()


def test_the_answer_is_read_out_once_it_is_checked(visitor: Visitor, writer: Writer) -> None:
    announced = visitor.page.locator("#wenyuan > [role=status]")
    writer.hold()
    visitor.ask(ASK)
    expect(announced).to_contain_text("段，阅读中…")
    writer.go_on()
    visitor.reaches("done")
    expect(announced).to_have_text("现场签约合同金额3400万元[1]。参展客商签订购销合同2300万元[2]。")


def test_the_colours_can_be_changed_and_are_remembered(visitor: Visitor) -> None:
    frame = visitor.page.locator("#wenyuan")
    light = frame.evaluate("e => getComputedStyle(e).backgroundColor")
    visitor.button("深浅配色").click()
    expect(frame).not_to_have_css("background-color", light)
    visitor.page.reload()
    visitor.ready()
    expect(visitor.page.locator("#wenyuan")).not_to_have_css("background-color", light)
