"""Stopping, asking again and a conversation on the page, in a real browser; only the models are stand-ins."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser import ASK, ASK_METRO, ASK_TASTING, ASK_YEAR, FAIR, LONG_S, Site, Visitor, Writer, visiting
from browser import browser as browser
from browser import context as context
from browser import shared_writer as shared_writer
from browser import site as site
from browser import visitor as visitor
from browser import writer as writer
from playwright.sync_api import Browser, BrowserContext, expect

from rag.prompting import wording

pytestmark = pytest.mark.browser


def begin_draft(visitor: Visitor, writer: Writer, question: str = ASK) -> None:
    """Ask, and stop time when the first words of the answer have been written."""
    writer.hold()
    visitor.ask(question)
    visitor.reaches("searched")
    writer.write(16)
    visitor.reaches("writing")


# Stopping, and asking again.


@pytest.mark.parametrize("by", ["button", "escape"])
def test_stopping_ends_the_generation_and_leaves_no_draft(visitor: Visitor, writer: Writer, by: str) -> None:
    begin_draft(visitor, writer)
    if by == "button":
        visitor.button("停止（Esc）").click()
    else:
        visitor.page.keyboard.press("Escape")
    visitor.reaches("stopped")
    expect(visitor.turn).to_contain_text("已停止")
    expect(visitor.turn.locator(".draft")).to_have_count(0)
    writer.write(1)  # by then the engine learns that nobody reads on
    assert writer.interrupted.wait(LONG_S)
    writer.go_on()
    visitor.asks(ASK_METRO)
    expect(visitor.turns.first).to_have_attribute("data-step", "stopped")


def test_a_new_question_may_follow_a_stopped_one_at_once(visitor: Visitor, writer: Writer) -> None:
    begin_draft(visitor, writer)
    visitor.page.keyboard.press("Escape")
    visitor.ask(ASK_METRO)
    expect(visitor.turns).to_have_count(2)
    writer.go_on()
    visitor.reaches("done")
    expect(visitor.turn).to_contain_text(wording("zh").refusal)


def test_closing_the_tab_ends_the_generation(context: BrowserContext, site: Site, writer: Writer) -> None:
    with visiting(context, site.address) as leaving:
        begin_draft(leaving, writer)
    with visiting(context, site.address) as next_one:
        next_one.ask(ASK_METRO)
        writer.go_on()
        next_one.reaches("done")
    assert writer.interrupted.wait(LONG_S)


def test_a_question_is_asked_again(visitor: Visitor, writer: Writer) -> None:
    visitor.asks(ASK_METRO)
    calls = len(writer.calls)
    visitor.button("重答", visitor.turn).click()
    visitor.reaches("done")
    expect(visitor.turns).to_have_count(1)
    assert len(writer.calls) > calls


def test_editing_a_question_drops_what_followed_it(visitor: Visitor) -> None:
    visitor.asks(ASK_METRO)
    visitor.asks(ASK_TASTING)
    first = visitor.turns.first
    first.hover()
    visitor.button("修改问题", first).click()
    field = visitor.page.get_by_role("textbox", name="修改问题")
    expect(field).to_have_value(ASK_METRO)
    field.fill(ASK)
    field.press("Enter")
    visitor.reaches("done")
    expect(visitor.turns).to_have_count(1)
    expect(visitor.turn.locator(".question")).to_have_text(ASK)
    expect(visitor.turn.locator(".text")).to_contain_text("3400")


def test_an_edit_can_be_given_up(visitor: Visitor) -> None:
    visitor.asks(ASK_METRO)
    visitor.turn.hover()
    visitor.button("修改问题", visitor.turn).click()
    visitor.page.get_by_role("textbox", name="修改问题").press("Escape")
    expect(visitor.turn.locator(".question")).to_have_text(ASK_METRO)


def test_an_answer_is_copied_with_its_sources(browser: Browser, site: Site, writer: Writer) -> None:
    with visiting(browser, site.address, permissions=["clipboard-read", "clipboard-write"]) as visitor:
        visitor.asks(ASK)
        visitor.button("复制", visitor.turn.locator(".reply")).click()
        expect(visitor.page.get_by_role("status").filter(has_text="已复制")).to_be_attached()
        lines = visitor.page.evaluate("navigator.clipboard.readText()").splitlines()
    assert lines[0] == "现场签约合同金额3400万元[1]。参展客商签订购销合同2300万元[2]。"
    assert lines[1].startswith(f"[1] {FAIR} (002_4d038e9deba97052.txt): 签约单位代表依次登台签署")
    assert len(lines) == 3


def test_a_follow_up_is_completed_and_shown_so(visitor: Visitor, writer: Writer) -> None:
    visitor.asks(ASK_YEAR)
    visitor.asks("那2022年呢？")
    expect(visitor.turn.locator(".question")).to_have_text("那2022年呢？")
    expect(visitor.turn.locator(".standalone")).to_have_text("检索的问题：许昌市2022年新增城镇就业多少人？")
    assert writer.question() == "许昌市2022年新增城镇就业多少人？"


def test_a_failing_generator_shows_its_reason_and_a_retry(visitor: Visitor, writer: Writer) -> None:
    begin_draft(visitor, writer)
    writer.fail("the engine ran out of memory: use a smaller model")
    visitor.reaches("error")
    failed = visitor.turn.get_by_role("alert")
    expect(failed).to_contain_text("the engine ran out of memory: use a smaller model")
    expect(visitor.turn.locator(".draft")).to_have_count(0)
    writer.go_on()
    visitor.button("重答", failed).click()
    visitor.reaches("done")
    expect(visitor.turn.locator(".text")).to_contain_text("3400")


# The conversation.


def test_the_conversation_survives_a_reload(visitor: Visitor) -> None:
    visitor.asks(ASK)
    visitor.asks(ASK_METRO)
    visitor.page.reload()
    expect(visitor.turns).to_have_count(2)
    expect(visitor.turns.first.locator(".text")).to_contain_text("3400")
    visitor.follow(visitor.turns.first.locator(".chip").first)
    expect(visitor.mark).to_contain_text("3400")


def test_what_was_being_answered_at_a_reload_has_stopped(
    browser: Browser, site: Site, writer: Writer
) -> None:
    # Chromium reports the connections that a reload cuts.
    with visiting(browser, site.address, troubles=True) as visitor:
        begin_draft(visitor, writer)
        visitor.page.reload()
        visitor.reaches("stopped")
        expect(visitor.turn).to_contain_text("已停止")
        expect(visitor.turn.locator(".draft")).to_have_count(0)
        writer.go_on()
        visitor.asks(ASK_METRO)


def test_clearing_takes_two_presses(visitor: Visitor) -> None:
    visitor.asks(ASK)
    visitor.button("清空对话").click()
    expect(visitor.turns).to_have_count(1)
    visitor.button("确定清空？").click()
    expect(visitor.turns).to_have_count(0)
    expect(visitor.page.get_by_role("heading", name="想知道什么？")).to_be_visible()
    expect(visitor.panel).to_be_hidden()
    visitor.page.reload()
    visitor.ready()
    expect(visitor.turns).to_have_count(0)


def test_a_conversation_is_exported(visitor: Visitor, tmp_path: Path, seed_texts: dict[str, str]) -> None:
    visitor.asks(ASK)
    visitor.asks(ASK_METRO)
    with visitor.page.expect_download() as markdown:
        visitor.button("导出 Markdown").click()
    assert markdown.value.suggested_filename.endswith(".md")
    markdown.value.save_as(tmp_path / "conversation.md")
    text = (tmp_path / "conversation.md").read_text(encoding="utf-8")
    assert f"## {ASK}" in text
    assert "现场签约合同金额3400万元\\[1\\]。" in text
    assert "> 依次登台签署项目合作书，现场签约" in text
    assert "002\\_4d038e9deba97052.txt" in text
    assert wording("zh").refusal in text

    with visitor.page.expect_download() as exported:
        visitor.button("导出 JSON").click()
    exported.value.save_as(tmp_path / "conversation.json")
    first, second = json.loads((tmp_path / "conversation.json").read_text(encoding="utf-8"))
    assert first["answer"]["answer"].startswith("现场签约合同金额3400万元[1]。")
    for citation in first["answer"]["citations"]:
        assert citation["quote"] == seed_texts["002"][citation["start"] : citation["end"]]
    assert first["answer"]["passages"]
    assert second["answer"]["refused"]
