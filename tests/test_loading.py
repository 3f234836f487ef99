"""What a user relies on when a folder of documents is read."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from folders import SETTINGS, documents, only, reason, reasons, write

from index import loading
from index.errors import DocumentError
from index.loading import Document, Skipped, count_sources, load
from index.parsers import Parsed
from index.settings import LoadingSettings

SEEDS = Path(__file__).parent.parent / "seeds"
SIMPLIFIED = sorted(SEEDS.glob("*.txt"))[:1] + sorted(SEEDS.glob("*.txt"))[2:]
TRADITIONAL = SEEDS / "001_cd93c6f70429d5e1.txt"


# ---- folders


def test_seeds_are_five_documents_equal_to_their_files() -> None:
    found = documents(SEEDS)
    assert sorted(found) == sorted(path.name for path in SEEDS.glob("*.txt"))
    for path in SEEDS.glob("*.txt"):
        document = found[path.name]
        assert document.text.encode("utf-8") == path.read_bytes()
        assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert document.meta["encoding"] == "utf-8"
        assert document.meta["source"] == str(path)


def test_walk_is_recursive_and_in_the_same_order_each_time(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/c/d.md", "文/甲.txt", "A.TXT"):
        write(tmp_path / name, "正文")
    ids = [item.id for item in load([tmp_path], SETTINGS)]
    assert ids == ["A.TXT", "a/c/d.md", "a/z.txt", "b.txt", "文/甲.txt"]
    assert ids == [item.id for item in load([tmp_path], SETTINGS)]


def test_hidden_files_and_folders_and_word_lock_files_are_not_looked_at(tmp_path: Path) -> None:
    for name in (".secret.txt", ".git/a.txt", "a/.cache/b.txt", "~$report.docx"):
        write(tmp_path / name, "正文")
    assert list(load([tmp_path], SETTINGS)) == []
    assert count_sources([tmp_path]) == 0
    assert only(tmp_path / ".secret.txt").text == "正文", "a file that is named is read"


def test_unsupported_types_are_reported_with_what_to_do(tmp_path: Path) -> None:
    write(tmp_path / "table.xlsx", "x")
    write(tmp_path / "old.DOC", "x")
    write(tmp_path / "Makefile", "x")
    assert reasons(tmp_path) == {
        "table.xlsx": "not a supported type (.xlsx)",
        "old.DOC": "not a supported type (.doc): save it as .docx",
        "Makefile": "not a supported type (no suffix)",
    }
    assert reasons(tmp_path / "table.xlsx") == {"table.xlsx": "not a supported type (.xlsx)"}


def test_a_path_that_does_not_exist_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="nowhere: no such file or folder"):
        load([tmp_path, tmp_path / "nowhere"], SETTINGS)
    with pytest.raises(DocumentError, match="no such file or folder"):
        count_sources([tmp_path / "nowhere"])


def test_several_folders_put_their_names_before_the_ids(tmp_path: Path) -> None:
    write(tmp_path / "laws/a.txt", "法律")
    write(tmp_path / "news/a.txt", "新闻")
    assert {key: value.text for key, value in documents(tmp_path / "laws", tmp_path / "news").items()} == {
        "laws/a.txt": "法律",
        "news/a.txt": "新闻",
    }
    assert list(documents(tmp_path / "laws")) == ["a.txt"]
    assert list(documents(tmp_path / "laws", write(tmp_path / "b.txt", "单独"))) == ["a.txt", "b.txt"]


def test_a_second_document_with_the_same_id_is_skipped_and_says_which_was_first(tmp_path: Path) -> None:
    first = write(tmp_path / "x/docs/a.txt", "一")
    write(tmp_path / "y/docs/a.txt", "二")
    roots = (tmp_path / "x/docs", tmp_path / "y/docs")
    assert documents(*roots)["docs/a.txt"].text == "一"
    assert str(first) in reasons(*roots)["docs/a.txt"]


def test_a_skipped_file_does_not_take_the_id_from_a_good_one(tmp_path: Path) -> None:
    empty, good = write(tmp_path / "x/a.txt", ""), write(tmp_path / "y/a.txt", "好")
    assert documents(empty, good)["a.txt"].text == "好"


def test_a_file_reached_twice_is_read_once(tmp_path: Path) -> None:
    write(tmp_path / "docs/sub/a.txt", "一")
    paths = (tmp_path / "docs", tmp_path / "docs/sub", tmp_path / "docs/sub/a.txt", tmp_path / "docs")
    items = list(load(paths, SETTINGS))
    assert [item.id for item in items if isinstance(item, Document)] == ["docs/sub/a.txt"]
    assert {item.reason for item in items if isinstance(item, Skipped)} == {"the same file as docs/sub/a.txt"}


def test_links_that_leave_the_folder_or_loop_are_reported_and_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside/secret.txt", "外")
    root = tmp_path / "root"
    write(root / "a/in.txt", "内")
    (root / "loop").symlink_to(root, target_is_directory=True)
    (root / "self").symlink_to(root / "self")
    (root / "out.txt").symlink_to(outside)
    (root / "out").symlink_to(outside.parent, target_is_directory=True)
    (root / "again.txt").symlink_to(root / "a/in.txt")
    (root / "gone.txt").symlink_to(root / "nothing.txt")
    assert list(documents(root)) == ["a/in.txt"]
    skipped = reasons(root)
    assert set(skipped) == {"loop", "self", "out.txt", "out", "again.txt", "gone.txt"}
    assert "leaves the folder" in skipped["out.txt"]
    assert "leaves the folder" in skipped["out"]
    assert "a link to a/in.txt" in skipped["again.txt"]
    assert skipped["gone.txt"] == skipped["self"] == "a broken link"


def test_a_link_into_a_hidden_folder_of_the_same_root_is_read(tmp_path: Path) -> None:
    kept = write(tmp_path / ".git/annex/objects/x.txt", "附件")
    (tmp_path / "report.txt").symlink_to(kept)
    assert documents(tmp_path)["report.txt"].text == "附件"


def test_a_root_that_is_itself_a_link_is_read(tmp_path: Path) -> None:
    write(tmp_path / "real/a.txt", "正文")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert list(documents(tmp_path / "link")) == ["a.txt"]


def test_a_pipe_in_the_folder_does_not_hang_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    assert reason(tmp_path) == "not a regular file"


def test_a_file_name_that_is_not_utf8_still_has_a_storable_id(tmp_path: Path) -> None:
    os.close(os.open(os.fsencode(tmp_path) + b"/" + "许昌".encode("gbk") + b".txt", os.O_CREAT))
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + "许昌".encode("gbk") + b".txt"))).write_text("正文")
    document = only(tmp_path)
    json.dumps([document.id, document.title, document.meta], ensure_ascii=False).encode("utf-8")
    assert document.text == "正文"


def test_a_file_deleted_or_locked_after_the_listing_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.txt", "一")
    write(tmp_path / "b.txt", "二")
    items = load([tmp_path], SETTINGS)
    (tmp_path / "a.txt").unlink()
    assert next(items) == Skipped("a.txt", "gone since the folder was listed: run again")

    def deny(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)
    assert next(items) == Skipped("b.txt", "no permission to read it")


def test_a_folder_that_cannot_be_listed_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", "一")
    write(tmp_path / "closed/b.txt", "二")
    scan = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert reasons(tmp_path) == {"closed": "the folder cannot be listed: Permission denied"}
    assert list(documents(tmp_path)) == ["a.txt"]


def test_a_file_over_the_limit_is_skipped_and_names_the_setting(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "x" * 2000)
    assert "max_file_mb" in reason(path, LoadingSettings(max_file_mb=0.001))


def test_any_failure_of_a_parser_is_a_skipped_file_but_an_interrupt_passes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.txt", "一")
    write(tmp_path / "b.md", "二")

    def fail(*_: object) -> Iterator[object]:
        raise RecursionError("too deep\nreally")

    def interrupt(*_: object) -> Iterator[object]:
        raise KeyboardInterrupt

    monkeypatch.setitem(loading.PARSERS, ".txt", fail)
    assert reasons(tmp_path) == {"a.txt": "broken .txt: RecursionError: too deep really"}
    assert list(documents(tmp_path)) == ["b.md"]
    monkeypatch.setitem(loading.PARSERS, ".txt", interrupt)
    with pytest.raises(KeyboardInterrupt):
        documents(tmp_path)


def test_parsers_that_know_one_thread_only_are_never_run_in_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = threading.Semaphore(1)
    overlaps = []

    def parse(raw: bytes, settings: LoadingSettings) -> Parsed:
        alone = inside.acquire(blocking=False)
        overlaps.append(not alone)
        never.wait(0.1)  # time for another thread to come in
        if alone:
            inside.release()
        return Parsed("正文")

    never = threading.Event()
    monkeypatch.setitem(loading.PARSERS, ".pdf", parse)
    paths = [write(tmp_path / f"{number}.pdf", b"%PDF") for number in range(3)]
    threads = [threading.Thread(target=only, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == [False, False, False]


def test_sources_are_known_by_the_ids_that_their_documents_get(tmp_path: Path) -> None:
    write(tmp_path / "一" / "甲.txt", "正文")
    write(tmp_path / "一" / "README", "不读")
    write(tmp_path / "二" / "深" / "乙.md", "正文")
    write(tmp_path / "丙.txt", "正文")
    found = loading.sources_by_id([tmp_path / "一", tmp_path / "二", tmp_path / "丙.txt"])
    assert found == {
        "一/甲.txt": tmp_path / "一" / "甲.txt",
        "二/深/乙.md": tmp_path / "二" / "深" / "乙.md",
        "丙.txt": tmp_path / "丙.txt",
    }
    assert found.keys() == documents(tmp_path / "一", tmp_path / "二", tmp_path / "丙.txt").keys()
    assert loading.sources_by_id([]) == {}


@pytest.mark.parametrize("suffix", loading.SUFFIXES)
def test_every_suffix_that_is_told_is_supported_in_either_case(suffix: str) -> None:
    assert loading.why_unsupported(Path(f"a{suffix}")) is None
    assert loading.why_unsupported(Path(f"a{suffix.upper()}")) is None
    assert loading.why_unsupported(Path(f"a{suffix}x")) is not None or f"{suffix}x" in loading.SUFFIXES


def test_progress_reaches_the_count(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "一")
    write(tmp_path / "b.xlsx", "二")
    write(tmp_path / "c.jsonl", '{"id": "1", "text": "甲"}\n{"id": "2", "text": "乙"}\n')
    done: list[Path] = []
    list(load([tmp_path], SETTINGS, finished=done.append))
    assert len(done) == count_sources([tmp_path]) == 3


# ---- encodings


@pytest.mark.parametrize("length", [300, None])
@pytest.mark.parametrize("path", SIMPLIFIED, ids=lambda path: path.name[:3])
@pytest.mark.parametrize("encoding", ["gb18030", "gbk"])
def test_simplified_text_in_gb_encodings(
    tmp_path: Path, path: Path, encoding: str, length: int | None
) -> None:
    raw = path.read_text("utf-8")[:length].encode(encoding)
    document = only(write(tmp_path / "a.txt", raw))
    assert document.text == raw.decode(encoding)
    assert document.meta["encoding"] == "gb18030"


@pytest.mark.parametrize("length", [300, None])
@pytest.mark.parametrize("encoding", ["big5", "gb18030"])
def test_traditional_text_in_both_encodings(tmp_path: Path, encoding: str, length: int | None) -> None:
    raw = TRADITIONAL.read_text("utf-8")[:length].encode(encoding, "ignore")
    document = only(write(tmp_path / "a.txt", raw))
    assert document.text == raw.decode(encoding)
    assert document.meta["encoding"] == encoding


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("会议通知", "gb18030"),
        ("會議通知:請準時出席", "big5"),
        ("许昌市 2023 年 GDP", "gb18030"),
        ("許昌市 2023 年 GDP", "big5"),
        ("English with one Chinese word: 中国", "gb18030"),
        ("他引用“彼はできない理由を考える”一句说明原因", "gb18030"),
        ("生僻字：𠮷野家的㐂", "gb18030"),
        ("香港嘅天氣好好，我哋一齊去食嘢", "big5hkscs"),
    ],
)
def test_short_texts(tmp_path: Path, text: str, encoding: str) -> None:
    assert only(write(tmp_path / "a.txt", text.encode(encoding))).text == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", ["许昌市\r\n全力以赴拼经济 2024", "Plain English,\nnothing else."])
def test_unicode_encodings_with_and_without_mark(tmp_path: Path, encoding: str, text: str) -> None:
    assert only(write(tmp_path / "a.txt", text.encode(encoding))).text == text
    if encoding == "utf-16":
        big_endian = b"\xfe\xff" + text.encode("utf-16-be")
        assert only(write(tmp_path / "b.txt", big_endian)).text == text


def test_line_ends_and_spaces_are_kept_as_they_are(tmp_path: Path) -> None:
    text = " 一\r\n二\r三\u2028\u3000四\n\n"
    assert only(write(tmp_path / "a.txt", text)).text == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        ("\ufeff\u3000\n".encode(), "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01", "binary file"),
        (bytes(range(256)) * 20, "binary file"),
        (b"\x01\x02\x03\x04abc\x05" * 9, "binary file"),
        ("许昌市全力以赴拼经济".encode()[:-1], "broken UTF-8 at byte 27: save it as UTF-8"),
        ("许昌市".encode() + b"\xff" + "全力以赴拼经济".encode(), "broken UTF-8 at byte 9: save it as UTF-8"),
        (b"\xff\xfea\0b", "broken UTF-16-LE at byte 2: save it as UTF-8"),
        ("Où étaient les élèves français d'Orléans?".encode("cp1252"), "unknown encoding"),
        ("I don\u2019t know what it\u2019s about.".encode("cp1252"), "unknown encoding"),
        ("Größe für Österreich".encode("latin-1"), "unknown encoding"),
        ("日本の首都は東京です。多くの人々が暮らしています。".encode("shift_jis"), "unknown encoding"),
        (
            "日本の首都は東京です。経済の中心地であり、多くの人々が暮らしています。".encode("euc_jp"),
            "unknown encoding",
        ),
        (
            "대한민국은 동아시아의 한반도 남부에 위치한 나라이다. 수도는 서울이며 인구가 많다.".encode(
                "euc_kr"
            ),
            "unknown encoding",
        ),
        ("Москва является столицей России".encode("cp1251"), "unknown encoding"),
    ],
)
def test_what_is_not_text_is_refused_and_never_guessed(tmp_path: Path, raw: bytes, expected: str) -> None:
    assert reason(write(tmp_path / "a.txt", raw)).startswith(expected)


# ---- titles


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("通知.txt", "没有标题的正文", "通知"),
        ("a.txt", "\n\n# 全市 会议 \n正文", "全市 会议"),
        ("run.txt", "正文\n# 注释", "run"),
        ("a.md", "前言\n\n## 小节\n# 大标题 #\n# 第二", "大标题"),
        ("a.md", "```\n# comment\n```\n# 真标题", "真标题"),
        ("a.md", "---\ndate: 2024\ntitle: '年度报告'\n---\n# 别的", "年度报告"),
        ("a.markdown", "#没有空格不是标题", "a"),
    ],
)
def test_titles_of_texts(tmp_path: Path, name: str, text: str, title: str) -> None:
    document = only(write(tmp_path / name, text))
    assert document.title == title
    assert document.text == text
