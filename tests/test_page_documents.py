"""The page's documents, and what it shows while something is missing, in a real browser; the models are stand-ins."""

from __future__ import annotations

import base64
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from browser import (
    ASK,
    ASK_METRO,
    LONG_S,
    Site,
    Visitor,
    listening,
    new_site,
    visiting,
    wide_context,
)
from browser import browser as browser
from fakes import BELIEVED, FakeEmbedder
from playwright.sync_api import Browser, BrowserContext, expect

from index.building import build
from index.embedding import Vectors
from index.settings import IndexSettings
from rag.errors import DownloadError, GeneratorError
from rag.settings import Settings, load_settings

pytestmark = pytest.mark.browser

LIBRARY = "青禾图书馆\n\n青禾图书馆建成于1987年，有藏书48213册，周一闭馆。\n"
ASK_LIBRARY = "青禾图书馆有藏书多少册？"


class HeldEmbedder(FakeEmbedder):
    """Embeds documents only while `go` is set; questions at once."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()
        self.go.set()

    def embed_documents(
        self, document_texts: Sequence[str], on_batch: Callable[[Sequence[int], Vectors], None]
    ) -> None:
        self.go.wait(LONG_S)
        super().embed_documents(document_texts, on_batch)


@pytest.fixture
def own_files(tmp_path: Path, seeds: Path) -> Path:
    """A folder of the user's own with two documents."""
    folder = tmp_path / "papers"
    folder.mkdir()
    for path in sorted(seeds.glob("00[23]*.txt")):
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def settings(tmp_path: Path, own_files: Path) -> Settings:
    """Settings of an index over these two."""
    embedder = FakeEmbedder()
    index_dir = tmp_path / "index"
    build([own_files], index_dir, embedder.identity.fingerprint, lambda: embedder, IndexSettings())
    return load_settings(index_dir=index_dir, chat={"max_upload_mb": 1}, generation=BELIEVED)


@pytest.fixture
def embedder() -> HeldEmbedder:
    return HeldEmbedder()


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """Keeps the page's files from test to test; what the page stores is cleared."""
    return wide_context(browser)


@pytest.fixture(scope="module")
def port() -> int:
    """One for all pages of this module: to the browser they are one site."""
    with listening() as listener:
        found: int = listener.getsockname()[1]
        return found


@pytest.fixture
def site(settings: Settings, embedder: HeldEmbedder, port: int) -> Iterator[Site]:
    with new_site(settings, embedder=lambda: embedder, port=port) as opened:
        yield opened
        embedder.go.set()


@pytest.fixture
def visitor(context: BrowserContext, site: Site) -> Iterator[Visitor]:
    with visiting(context, site.address) as opened:
        yield opened


def choose(visitor: Visitor, name: str, content: str | bytes) -> None:
    """Choose one file in the file dialog."""
    raw = content.encode() if isinstance(content, str) else content
    with visitor.page.expect_file_chooser() as chooser:
        visitor.button("选择文件").click()
    chooser.value.set_files([{"name": name, "mimeType": "text/plain", "buffer": raw}])


def drop(visitor: Visitor, name: str, content: str | bytes) -> None:
    """Drop one file on the page."""
    raw = content.encode() if isinstance(content, str) else content
    carried = visitor.page.evaluate_handle(
        """([name, encoded]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([Uint8Array.from(atob(encoded), (c) => c.charCodeAt(0))], name));
            return carried;
        }""",
        [name, base64.b64encode(raw).decode()],
    )
    visitor.page.locator(".drop").dispatch_event("drop", {"dataTransfer": carried})


def found_passages(visitor: Visitor, question: str) -> list[str]:
    """Search without an answer, and return the names of the documents found."""
    visitor.questions()
    if not visitor.button("只检索段落").is_visible():
        visitor.button("设置").click()
        visitor.dialog.get_by_label("只检索段落").check()
        visitor.button("完成").click()
    visitor.asks(question)
    names = []
    for card in visitor.turn.locator(".card").all():
        visitor.follow(card)
        expect(visitor.panel).to_be_visible()
        names.append(visitor.quoted_place()[0])
    return names


# The list.


def test_the_documents_are_listed(visitor: Visitor, seed_texts: dict[str, str]) -> None:
    expect(visitor.page.get_by_role("tab", name="文档")).to_have_text("文档2")
    visitor.documents()
    rows = visitor.page.locator("tbody tr")
    expect(rows).to_have_count(2)
    first = rows.first
    expect(first.locator(".title")).to_contain_text("002_4d038e9deba97052.txt")
    expect(first.locator(".size")).to_have_text(f"{len(seed_texts['002']):,} 字符")
    expect(first.locator(".chunks")).to_have_text(re.compile(r"^\d+$"))
    today = visitor.page.evaluate("new Date().toLocaleDateString('zh-Hans')")
    expect(first.locator(".date")).to_have_text(today)
    expect(visitor.page.get_by_text("2 份文档 · ")).to_be_visible()


def test_the_list_is_searched(visitor: Visitor) -> None:
    visitor.documents()
    rows = visitor.page.locator("tbody tr")
    search = visitor.page.get_by_role("searchbox", name="搜索文档")
    search.fill("003_7BF")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("003_7bfdbcd22150bf3a.txt")
    search.fill("没有这份文档")
    expect(visitor.page.get_by_text("没有匹配的文档。")).to_be_visible()


def test_a_document_can_be_left_out_of_asking(visitor: Visitor) -> None:
    visitor.documents()
    visitor.page.locator("tbody tr").filter(has_text="002_4d").get_by_role("checkbox").uncheck()
    expect(visitor.button("1 / 2 份文档")).to_be_visible()
    assert set(found_passages(visitor, "签约合同金额")) == {"003_7bfdbcd22150bf3a.txt"}


# Adding.


@pytest.mark.parametrize("add", [choose, drop])
def test_a_file_is_added_and_asked_about(
    visitor: Visitor, embedder: HeldEmbedder, add: Callable[[Visitor, str, str], None]
) -> None:
    visitor.documents()
    embedder.go.clear()
    add(visitor, "图书馆.txt", LIBRARY)
    upload = visitor.page.locator(".uploads li")
    expect(upload).to_contain_text("图书馆.txt")
    expect(upload).to_contain_text("已收下")
    expect(visitor.page.get_by_text("正在更新索引；提问照常使用旧索引")).to_be_visible()
    expect(visitor.page.get_by_role("progressbar", name="计算向量")).to_be_visible()

    embedder.go.set()
    expect(visitor.page.get_by_text("索引已更新：新增 1，更改 0，移除 0")).to_be_visible()
    row = visitor.page.locator("tbody tr").filter(has_text="图书馆.txt")
    expect(row).to_contain_text("上传")
    visitor.questions()
    visitor.asks(ASK_LIBRARY)
    expect(visitor.turn.locator(".text")).to_contain_text("48213")
    visitor.follow(visitor.turn.locator(".chip").first)
    doc, start, end = visitor.quoted_place()
    assert doc == "图书馆.txt"
    assert visitor.mark.text_content() == LIBRARY[start:end]


def test_questions_are_answered_while_the_index_is_being_updated(
    visitor: Visitor, embedder: HeldEmbedder
) -> None:
    visitor.documents()
    embedder.go.clear()
    choose(visitor, "图书馆.txt", LIBRARY)
    expect(visitor.page.get_by_text("正在更新索引；提问照常使用旧索引")).to_be_visible()
    visitor.questions()
    visitor.asks(ASK)
    expect(visitor.turn.locator(".text")).to_contain_text("3400")
    visitor.documents()
    expect(visitor.page.get_by_text("正在更新索引；提问照常使用旧索引")).to_be_visible()
    embedder.go.set()
    expect(visitor.page.get_by_text("索引已更新：新增 1")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("报告.pdf", b"%PDF-1.7 and then nothing", "没有收下"),
        ("空.txt", b"", "没有收下：empty"),
        ("程序.exe", b"MZ", "没有收下"),
        ("大.txt", b"a" * 1_200_000, "超过 1 MB"),
    ],
    ids=["broken", "empty", "unsupported", "large"],
)
def test_a_file_that_is_not_taken_has_its_reason(
    visitor: Visitor, name: str, content: bytes, reason: str
) -> None:
    visitor.documents()
    drop(visitor, name, content)
    upload = visitor.page.locator(".uploads li.refused")
    expect(upload).to_contain_text(name)
    expect(upload).to_contain_text(reason)
    assert len(upload.locator("span").last.inner_text()) > len("没有收下：")
    expect(visitor.page.locator("tbody tr")).to_have_count(2)


# Taking away.


def test_a_removed_document_is_not_found_and_the_users_file_stays(visitor: Visitor, own_files: Path) -> None:
    assert "002_4d038e9deba97052.txt" in found_passages(visitor, ASK)
    visitor.documents()
    row = visitor.page.locator("tbody tr").filter(has_text="002_4d")
    visitor.button("移除", row).click()
    expect(visitor.page.locator("tbody tr")).to_have_count(2)
    visitor.button("确定移除？", row).click()
    expect(visitor.page.get_by_text("索引已更新：新增 0，更改 0，移除 1")).to_be_visible()
    expect(visitor.page.locator("tbody tr")).to_have_count(1)
    assert set(found_passages(visitor, "签约单位代表签署合同")) == {"003_7bfdbcd22150bf3a.txt"}
    assert (own_files / "002_4d038e9deba97052.txt").exists()


def test_a_source_that_has_been_removed_says_so(visitor: Visitor) -> None:
    visitor.asks(ASK)
    visitor.button("关闭", visitor.panel).click()
    visitor.documents()
    row = visitor.page.locator("tbody tr").filter(has_text="002_4d")
    visitor.button("移除", row).click()
    visitor.button("确定移除？", row).click()
    expect(visitor.page.locator("tbody tr")).to_have_count(1)
    visitor.questions()
    visitor.follow(visitor.turn.locator(".sources .card").first)
    expect(visitor.panel).to_contain_text("is no longer among the indexed documents")


def test_an_uploaded_document_is_removed_with_its_file(visitor: Visitor, settings: Settings) -> None:
    visitor.documents()
    choose(visitor, "图书馆.txt", LIBRARY)
    row = visitor.page.locator("tbody tr").filter(has_text="图书馆.txt")
    expect(row).to_be_visible()
    kept = settings.index_dir / "documents" / "图书馆.txt"
    assert kept.exists()
    visitor.button("移除", row).click()
    visitor.button("确定移除？", row).click()
    expect(row).to_have_count(0)
    assert not kept.exists()


def test_the_index_is_made_anew_after_a_change_of_the_users_file(visitor: Visitor, own_files: Path) -> None:
    (own_files / "图书馆.txt").write_text(LIBRARY, encoding="utf-8")
    visitor.documents()
    visitor.button("重建索引").click()
    expect(visitor.page.get_by_text("索引已更新：新增 1，更改 0，移除 0")).to_be_visible()
    expect(visitor.page.locator("tbody tr")).to_have_count(3)


def test_what_could_not_begin_says_why(visitor: Visitor, settings: Settings) -> None:
    uploads = settings.index_dir / "documents"
    uploads.symlink_to(settings.index_dir.parent)
    visitor.documents()
    visitor.button("移除", visitor.page.locator("tbody tr").first).click()
    visitor.button("确定移除？").click()
    expect(visitor.page.get_by_role("alert").filter(has_text="is a link")).to_be_visible()


# While something is missing.


def test_setting_up_shows_its_progress_and_takes_no_question(
    context: BrowserContext, port: int, settings: Settings
) -> None:
    go = threading.Event()

    def load() -> FakeEmbedder:
        go.wait(LONG_S)
        return FakeEmbedder()

    with (
        new_site(settings, port=port, embedder=load) as site,
        visiting(context, site.address, ready=False) as visitor,
    ):
        setup = visitor.page.get_by_role("status").filter(has_text="正在准备")
        expect(setup).to_be_visible()
        expect(setup.get_by_role("progressbar", name="加载检索模型")).to_be_visible()
        visitor.input.fill(ASK)
        expect(visitor.button("发送")).to_be_disabled()
        visitor.input.press("Enter")
        expect(visitor.turns).to_have_count(0)
        go.set()
        visitor.ready()
        expect(visitor.input).to_have_value(ASK)
        visitor.button("发送").click()
        visitor.reaches("done")


def test_setting_up_that_failed_can_be_tried_again(
    context: BrowserContext, port: int, settings: Settings
) -> None:
    tries: list[int] = []

    def load() -> FakeEmbedder:
        tries.append(1)
        if len(tries) == 1:
            raise DownloadError("the download stopped half way: check the network")
        return FakeEmbedder()

    with (
        new_site(settings, port=port, embedder=load) as site,
        visiting(context, site.address, ready=False) as visitor,
    ):
        failed = visitor.page.get_by_role("alert").filter(has_text="准备没有成功")
        expect(failed).to_contain_text("the download stopped half way: check the network")
        visitor.button("再试一次").click()
        visitor.ready()
        visitor.asks(ASK_METRO)


def test_without_documents_the_page_leads_to_adding_some(
    context: BrowserContext, port: int, tmp_path: Path
) -> None:
    settings = load_settings(index_dir=tmp_path / "none", generation=BELIEVED)
    with (
        new_site(settings, port=port) as site,
        visiting(context, site.address, ready=False) as visitor,
    ):
        expect(visitor.page.get_by_role("heading", name="还没有文档")).to_be_visible()
        visitor.button("去添加文档").click()
        choose(visitor, "图书馆.txt", LIBRARY)
        expect(visitor.page.locator("tbody tr")).to_have_count(1)
        visitor.questions()
        visitor.asks(ASK_LIBRARY)
        expect(visitor.turn.locator(".text")).to_contain_text("48213")

        visitor.documents()
        visitor.button("移除").click()
        visitor.button("确定移除？").click()
        expect(visitor.page.locator("tbody tr")).to_have_count(0)
        visitor.questions()
        visitor.button("清空对话").click()
        visitor.button("确定清空？").click()
        expect(visitor.page.get_by_role("heading", name="还没有文档")).to_be_visible()


def test_the_first_corpus_is_indexed_without_being_asked(
    context: BrowserContext, port: int, tmp_path: Path, own_files: Path
) -> None:
    settings = load_settings(index_dir=tmp_path / "new", generation=BELIEVED)
    with (
        new_site(settings, port=port, first_corpus=own_files) as site,
        visiting(context, site.address) as visitor,
    ):
        visitor.asks(ASK)
        expect(visitor.turn.locator(".text")).to_contain_text("3400")


def test_without_a_generator_passages_can_be_searched(
    context: BrowserContext, port: int, settings: Settings
) -> None:
    def load() -> object:
        raise GeneratorError("not enough memory for the model")

    with (
        new_site(settings, port=port, generator=load) as site,  # type: ignore[arg-type]
        visiting(context, site.address) as visitor,
    ):
        expect(visitor.page.get_by_text("生成模型没有加载，现在只能检索段落。")).to_be_visible()
        visitor.ask(ASK)
        visitor.reaches("error")
        expect(visitor.turn).to_contain_text("not enough memory for the model")
        assert "002_4d038e9deba97052.txt" in found_passages(visitor, ASK)


def test_a_question_that_is_too_long_cannot_be_sent(visitor: Visitor) -> None:
    visitor.input.fill("问" * 1001)
    expect(visitor.page.get_by_text("问题有 1001 个字符，最多 1000 个")).to_be_visible()
    expect(visitor.button("发送")).to_be_disabled()
    visitor.input.press("Enter")
    expect(visitor.turns).to_have_count(0)
    visitor.input.fill("问" * 1000)
    expect(visitor.button("发送")).to_be_enabled()
    visitor.input.press("Enter")
    visitor.reaches("done")


def test_a_server_that_has_gone_is_noticed(context: BrowserContext, site: Site) -> None:
    with visiting(context, site.address, troubles=True) as visitor:
        visitor.page.clock.install()
        visitor.page.reload()
        visitor.ready()
        visitor.asks(ASK_METRO)
        visitor.page.route("**/gradio_api/**", lambda route: route.abort())
        visitor.ask(ASK)
        visitor.page.clock.run_for(10_000)
        visitor.reaches("error")
        expect(visitor.turn).to_contain_text("连不上本机的服务")
        expect(visitor.button("发送")).to_be_disabled()
        expect(visitor.page.locator(".setup")).to_contain_text("连不上本机的服务")
        visitor.page.unroute("**/gradio_api/**")
        visitor.page.clock.run_for(10_000)
        expect(visitor.page.locator(".setup")).to_be_hidden()
        visitor.button("重答", visitor.turn).click()
        visitor.reaches("done")
