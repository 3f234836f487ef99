"""Asking on the page, in a real browser; only the models are stand-ins."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from browser import ASK, ASK_METRO, ASK_TASTING, FAIR, Site, Visitor, Writer, visiting
from browser import browser as browser
from browser import context as context
from browser import shared_writer as shared_writer
from browser import site as site
from browser import visitor as visitor
from browser import writer as writer
from playwright.sync_api import Browser, Route, expect

from rag.prompting import wording

pytestmark = pytest.mark.browser


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
