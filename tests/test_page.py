"""Asking on the page, in a real browser; only the models are stand-ins."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from browser import (
    ASK,
    ASK_METRO,
    ASK_TASTING,
    ASK_YEAR,
    LONG_S,
    Site,
    Visitor,
    Writer,
    chromium,
    served,
    stand_ins,
    visiting,
    wide_context,
)
from fakes import BELIEVED
from playwright.sync_api import Browser, BrowserContext, Route, expect

from rag.prompting import wording
from rag.service import Service
from rag.settings import load_settings

pytestmark = pytest.mark.browser

FAIR = "长葛市举行食品行业产销对接会 现场签约合同金额3400万元"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def shared_writer() -> Writer:
    return Writer()


@pytest.fixture(scope="module")
def site(
    small_index: Path, shared_writer: Writer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """The page over the texts in seeds/; nothing in this module changes its documents."""
    index_dir = tmp_path_factory.mktemp("site") / "index"
    shutil.copytree(small_index, index_dir)
    settings = load_settings(index_dir=index_dir, generation=BELIEVED)
    with stand_ins(generator=lambda: shared_writer), served(Service(settings), settings) as opened:
        opened.service.start()
        yield opened


@pytest.fixture
def writer(shared_writer: Writer) -> Iterator[Writer]:
    yield shared_writer
    shared_writer.go_on()


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """Keeps the page's files from test to test; what the page stores is cleared."""
    return wide_context(browser)


@pytest.fixture
def visitor(context: BrowserContext, site: Site, writer: Writer) -> Iterator[Visitor]:
    with visiting(context, site.address) as opened:
        yield opened
        writer.go_on()


def begin_draft(visitor: Visitor, writer: Writer, question: str = ASK) -> None:
    """Ask, and stop time when the first words of the answer have been written."""
    writer.hold()
    visitor.ask(question)
    visitor.reaches("searched")
    writer.write(16)
    visitor.reaches("writing")


# From question to answer.


def test_the_question_shows_before_the_server_has_heard_of_it(visitor: Visitor) -> None:
    held: list[Route] = []
    visitor.page.route("**/queue/join*", lambda route: held.append(route))
    visitor.ask(ASK)
    expect(visitor.turn.locator(".question")).to_have_text(ASK)
    expect(visitor.turn).to_contain_text("检索中…")
    expect(visitor.turn).to_have_attribute("aria-busy", "true")
    expect(visitor.input).to_have_value("")
    held[0].continue_()
    visitor.reaches("done")


def test_an_answer_grows_from_passages_to_a_draft_to_checked_sentences(
    visitor: Visitor, writer: Writer
) -> None:
    writer.hold()
    visitor.ask(ASK)
    visitor.reaches("searched")
    expect(visitor.turn.locator(".found li").first).to_contain_text(FAIR)
    expect(visitor.turn.locator(".draft")).to_have_count(0)

    writer.write(16)
    draft = visitor.turn.locator(".draft")
    expect(draft).to_contain_text("现场签约")
    expect(draft).to_contain_text("草稿，正在逐句核对")
    expect(visitor.turn.locator(".chip")).to_have_count(0)

    writer.go_on()
    visitor.reaches("done")
    expect(draft).to_have_count(0)
    sentences = visitor.turn.locator(".answer .sentence")
    expect(sentences).to_have_text(["现场签约合同金额3400万元1。", "参展客商签订购销合同2300万元2。"])
    assert sentences.first.evaluate("s => s.querySelector('.chip').nextSibling.textContent") == "。"
    expect(sentences.first.get_by_role("img", name="已核对：来源 1")).to_be_visible()
    expect(visitor.turn.locator(".sources .card")).to_have_count(2)


def test_an_example_is_asked_by_clicking_it(visitor: Visitor) -> None:
    example = visitor.page.locator(".example").first
    question = example.inner_text()
    example.click()
    visitor.reaches("done")
    expect(visitor.turn.locator(".question")).to_have_text(question)


# Sources.


def test_a_chip_opens_its_place_in_the_original(visitor: Visitor, seed_texts: dict[str, str]) -> None:
    visitor.asks(ASK)
    visitor.follow(visitor.button(f"来源 1：{FAIR}", visitor.turn.locator(".text")))
    expect(visitor.panel).to_be_visible()
    expect(visitor.panel.get_by_role("heading")).to_have_text(FAIR)
    doc, start, end = visitor.quoted_place()
    assert doc == "002_4d038e9deba97052.txt"
    quote = seed_texts["002"][start:end]
    assert "\n" in quote
    assert visitor.mark.text_content() == quote
    assert visitor.panel.locator(".text").text_content() == seed_texts["002"]
    mark, text = visitor.mark.bounding_box(), visitor.panel.locator(".text").bounding_box()
    assert mark is not None
    assert text is not None
    assert text["y"] <= mark["y"]
    assert mark["y"] + mark["height"] < text["y"] + text["height"] / 2  # what follows it can be read as well


def test_a_source_is_shown_for_reading_or_as_it_is_in_the_file(
    visitor: Visitor, seed_texts: dict[str, str]
) -> None:
    visitor.asks(ASK)
    visitor.follow(visitor.turn.locator(".chip").first)
    assert visitor.mark.inner_text() == "签约单位代表依次登台签署项目合作书，现场签约合同金额3400万元。"
    visitor.panel.get_by_label("按原文件排版").check()
    _, start, end = visitor.quoted_place()
    assert visitor.mark.inner_text() == seed_texts["002"][start:end]
    expect(visitor.mark).to_be_in_viewport()


def test_one_goes_from_source_to_source(visitor: Visitor, seed_texts: dict[str, str]) -> None:
    visitor.asks(ASK)
    visitor.follow(visitor.turn.locator(".sources .card").first)
    expect(visitor.mark).to_contain_text("3400")
    expect(visitor.button("上一处")).to_be_disabled()
    visitor.button("下一处").click()
    expect(visitor.mark).to_contain_text("2300")
    _, start, end = visitor.quoted_place()
    assert visitor.mark.text_content() == seed_texts["002"][start:end]
    expect(visitor.button("下一处")).to_be_disabled()
    visitor.button("上一处").click()
    expect(visitor.mark).to_contain_text("3400")


def test_escape_closes_the_panel_and_the_keyboard_is_back_at_the_chip(visitor: Visitor) -> None:
    visitor.asks(ASK)
    chip = visitor.turn.locator(".chip").last
    chip.focus()
    visitor.page.keyboard.press("Enter")
    expect(visitor.mark).to_contain_text("2300")
    expect(visitor.panel.locator(".text")).to_be_focused()
    visitor.button("上一处").press("Enter")
    expect(visitor.mark).to_contain_text("3400")
    visitor.page.keyboard.press("Escape")
    expect(visitor.panel).to_be_hidden()
    expect(chip).to_be_focused()


def test_asking_on_leaves_the_keyboard_where_one_types(visitor: Visitor) -> None:
    visitor.asks(ASK)
    visitor.follow(visitor.turn.locator(".chip").first)
    expect(visitor.panel.locator(".text")).to_be_focused()
    visitor.asks(ASK_METRO)
    expect(visitor.panel).to_be_hidden()
    expect(visitor.input).to_be_focused()


def test_pointing_at_a_chip_is_enough(visitor: Visitor) -> None:
    visitor.asks(ASK)
    visitor.button("关闭", visitor.panel).click()
    expect(visitor.panel).to_be_hidden()
    visitor.turn.locator(".chip").last.hover()
    expect(visitor.mark).to_contain_text("2300")


# What holds up, and what does not.


def test_a_refusal_says_so_and_offers_what_is_near(visitor: Visitor, seed_texts: dict[str, str]) -> None:
    visitor.asks(ASK_METRO)
    reply = visitor.turn.locator(".reply")
    expect(reply).to_contain_text(wording("zh").refusal)
    expect(reply).to_contain_text("读了最相关的段落，其中没有答案。")
    expect(reply).to_have_css("border-style", "dashed")
    expect(visitor.turn.locator(".chip, .sources")).to_have_count(0)
    expect(reply.locator(".related h3")).to_have_text("可能相关，但不是答案")
    expect(reply.locator(".related .card")).to_have_count(3)
    expect(visitor.panel).to_be_hidden()
    visitor.follow(reply.locator(".related .card").first)
    expect(visitor.mark).to_be_visible()
    doc, start, end = visitor.quoted_place()
    assert visitor.mark.text_content() == seed_texts[doc[:3]][start:end]


def test_a_sentence_without_support_is_withheld(visitor: Visitor) -> None:
    visitor.asks(ASK_TASTING)
    expect(visitor.turn.locator(".text")).to_contain_text("参展客商签订购销合同2300万元")
    expect(visitor.turn.locator(".text")).not_to_contain_text("999")
    withheld = visitor.turn.locator("details.withheld")
    expect(withheld.locator("p")).to_be_hidden()
    withheld.locator("summary").click()
    expect(withheld.locator("p")).to_contain_text("参展客商共有999家")
    expect(withheld.locator("p")).to_contain_text("999：来源里没有")


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


def test_a_click_on_a_citation_takes_the_keyboard_along_however_slow_the_answer(visitor: Visitor) -> None:
    visitor.asks(ASK)
    held: list[Route] = []
    visitor.page.route("**/component_server/**", lambda route: held.append(route))
    visitor.turn.locator(".chip").last.click()
    # The mouse rests on what it has clicked, which by itself would only show the place.
    visitor.page.wait_for_timeout(500)
    assert held
    for route in held:
        route.continue_()
    expect(visitor.panel.locator(".text")).to_be_focused()
    expect(visitor.mark).to_contain_text("2300")


def test_a_click_keeps_the_keyboard_though_the_mouse_moves_on_before_the_answer(
    visitor: Visitor,
) -> None:
    visitor.asks(ASK)
    held: list[Route] = []
    visitor.page.route("**/component_server/**", lambda route: held.append(route))
    visitor.turn.locator(".chip").last.click()
    visitor.turn.locator(".chip").first.hover()
    visitor.page.wait_for_timeout(500)
    assert len(held) > 1
    for route in held:
        route.continue_()
    expect(visitor.panel.locator(".text")).to_be_focused()
    expect(visitor.mark).to_contain_text("3400")


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


# Choices.


def test_passages_alone_are_found_without_the_generator(visitor: Visitor, writer: Writer) -> None:
    calls = len(writer.calls)
    visitor.button("设置").click()
    visitor.dialog.get_by_label("只检索段落").check()
    visitor.button("完成").click()
    visitor.asks(ASK)
    cards = visitor.turn.locator(".passages .card")
    expect(visitor.turn).to_contain_text(f"找到 {cards.count()} 段（只检索，不作答）")
    visitor.follow(cards.first)
    expect(visitor.mark).to_be_visible()
    assert len(writer.calls) == calls


def test_only_the_chosen_documents_are_asked(visitor: Visitor) -> None:
    visitor.button("设置").click()
    visitor.dialog.get_by_label("全部文档").uncheck()
    visitor.dialog.locator(".choose label").filter(has_text="002_4d038e9deba97052").get_by_role(
        "checkbox"
    ).check()
    visitor.dialog.get_by_label("只检索段落").check()
    visitor.button("完成").click()
    expect(visitor.button("1 / 5 份文档")).to_be_visible()
    visitor.asks("全市领导干部会议")
    for card in visitor.turn.locator(".card").all():
        visitor.follow(card)
        expect(visitor.panel.locator(".file")).to_contain_text("002_4d038e9deba97052.txt")

    visitor.page.reload()
    visitor.ready()
    expect(visitor.button("1 / 5 份文档")).to_be_visible()
    visitor.button("设置").click()
    visitor.button("恢复默认").click()
    visitor.button("完成").click()
    visitor.asks("全市领导干部会议有哪些人参加？")
    expect(visitor.turn.locator(".reply.passages")).to_have_count(0)


def test_only_what_was_written_in_the_chosen_days_is_asked(visitor: Visitor) -> None:
    visitor.button("设置").click()
    visitor.dialog.get_by_label("从").fill("2023-03-12")
    visitor.dialog.get_by_label("到").fill("2023-03-14")
    visitor.dialog.get_by_label("只检索段落").check()
    visitor.button("完成").click()
    expect(visitor.button("2023-03-12 – 2023-03-14")).to_be_visible()
    visitor.asks("全市领导干部会议")
    expect(visitor.turn.locator(".card .written")).not_to_have_count(0)
    for card in visitor.turn.locator(".card").all():
        assert card.locator(".written").text_content() in {"2023", "2023-03-12", "2023-03-13"}

    visitor.button("2023-03-12 – 2023-03-14").click()
    visitor.dialog.get_by_label("到").fill("2020-12-31")
    # The span is never empty.
    expect(visitor.dialog.get_by_label("从")).to_have_value("2020-12-31")
    visitor.dialog.get_by_label("从").fill("")
    visitor.button("完成").click()
    visitor.asks("全市领导干部会议")
    expect(visitor.turn.locator(".card .written").first).to_have_text("2020-08-17")


def test_fewer_passages_can_be_asked_for(visitor: Visitor) -> None:
    visitor.button("设置").click()
    visitor.dialog.get_by_label("参考段落数").fill("4")
    visitor.dialog.get_by_label("只检索段落").check()
    visitor.page.keyboard.press("Escape")
    expect(visitor.dialog).to_be_hidden()
    visitor.asks(ASK)
    expect(visitor.turn.locator(".passages .card")).to_have_count(2)  # four chunks, neighbours put together


def test_the_answers_language_can_be_chosen(visitor: Visitor) -> None:
    visitor.button("设置").click()
    visitor.dialog.get_by_label("回答语言").select_option("en")
    visitor.button("完成").click()
    visitor.asks(ASK_METRO)
    expect(visitor.turn.locator(".verdict")).to_have_text(wording("en").refusal)


# Many at a time.


def test_ten_askers_wait_in_line_and_all_are_answered(browser: Browser, site: Site, writer: Writer) -> None:
    with ExitStack() as stack:
        askers = [stack.enter_context(visiting(browser, site.address, ready=False)) for _ in range(10)]
        stack.callback(writer.go_on)
        writer.hold()
        for place, asker in enumerate(askers):
            asker.ready()
            asker.ask(ASK)
            # Each is in the line before the next one asks: a page sends its question only a while after Enter.
            asker.reaches("waiting" if place else "searched")
        expect(askers[9].turn).to_contain_text("排队中，前面还有 9 个问题")
        writer.go_on()
        for asker in askers:
            asker.reaches("done")
            expect(asker.turn.locator(".text")).to_contain_text("3400")
