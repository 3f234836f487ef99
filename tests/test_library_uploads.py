"""Files that the user of the documents tab uploads: kept whole or refused, and nothing outside reached."""

from __future__ import annotations

import json
import os
import shutil
import threading
from pathlib import Path

import pytest
from desk import FIRMS, MEGABYTE, SHOP, Desk
from desk import desk as desk
from folders import make_pdf

from index.loading import Skipped
from rag.errors import LibraryError
from rag.library import BuildPlan, Library
from rag.settings import Settings


def outside(desk: Desk, tmp_path: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.is_file() and not path.is_relative_to(desk.uploads)
    }


# --- adding ----------------------------------------------------------------------------------------------


def test_an_uploaded_file_is_found_and_the_documents_there_keep_their_ids(desk: Desk) -> None:
    assert desk.add("报告.txt", SHOP) == []
    assert (desk.uploads / "报告.txt").read_text(encoding="utf-8") == SHOP
    plan = desk.rebuild()
    assert set(plan.paths) == {desk.own, desk.uploads / "报告.txt"}
    assert list(desk.listed()) == ["001.txt", "002.txt", "003.txt", "报告.txt"]
    assert desk.finds("跨境电商线上综合服务平台")
    desk.add("第二份.txt", FIRMS)
    desk.rebuild()
    assert list(desk.listed()) == ["001.txt", "002.txt", "003.txt", "报告.txt", "第二份.txt"]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("/etc/passwd.txt", "passwd.txt"),
        ("..\\..\\Windows\\系统.txt", "系统.txt"),
        ("a/b.txt", "b.txt"),
        (".hidden.txt", "hidden.txt"),
        (". . .b.txt", "b.txt"),
        ("报\x00告\n\u202e.txt", "报告.txt"),
        ("半\ud800个.txt", "半个.txt"),
        (" 空格 .txt ", "空格 .txt"),
        ("cafe\u0301.txt", "caf\u00e9.txt"),
        ("大写.TXT", "大写.TXT"),
        ("a" * 300 + ".txt", "a" * 146 + ".txt"),
        ("许" * 300 + ".txt", "许" * 78 + ".txt"),
    ],
)
def test_a_name_is_made_safe_and_nothing_is_written_elsewhere(
    desk: Desk, tmp_path: Path, name: str, kept: str
) -> None:
    upload = desk.send(name, SHOP)
    before = outside(desk, tmp_path)
    assert desk.library.add([upload], MEGABYTE) == []
    assert desk.kept() == [kept]
    assert outside(desk, tmp_path) == before
    desk.rebuild()
    assert desk.listed()[kept].uploaded


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("", SHOP, "its name is none that a file can have"),
        ("..", SHOP, "its name is none that a file can have"),
        ("a/", SHOP, "its name is none that a file can have"),
        ("\x00\n", SHOP, "its name is none that a file can have"),
        (".txt", SHOP, "not a supported type (no suffix)"),
        ("程序.exe", b"MZ\x90\x00", "not a supported type (.exe)"),
        ("旧.doc", SHOP, "not a supported type (.doc): save it as .docx"),
        ("x." + "t" * 400, SHOP, "not a supported type (.ttt"),
        ("空.txt", b"", "empty"),
        ("白.txt", " \n\t\n", "empty"),
        ("看不见.txt", "\u200b\u200b\n", "no text in it"),
        ("二进制.txt", bytes(range(256)) * 20, ""),
        ("坏.pdf", b"%PDF-1.7 and no more", "broken PDF"),
        ("扫描.pdf", make_pdf([""]), "run OCR first"),
        ("坏.docx", b"PK\x03\x04 no zip", ""),
        ("坏.jsonl", '{"id": 1}\n', 'line 1: no "text"'),
        ("大.txt", "许" * (MEGABYTE // 3 + 1), "larger than 1.0 MB: split it"),
    ],
)
def test_what_cannot_be_indexed_is_refused_at_once_in_one_line_and_not_kept(
    desk: Desk, name: str, content: str | bytes, says: str
) -> None:
    (refused,) = desk.add(name, content)
    assert says in refused.reason
    assert refused.reason
    assert "\n" not in refused.reason + refused.id
    assert ".new-" not in refused.reason + refused.id
    assert desk.kept() == []


def test_of_several_files_only_the_bad_ones_are_refused(desk: Desk) -> None:
    uploads = [desk.send("好.txt", SHOP), desk.send("坏.pdf", b"nothing"), desk.send("也好.md", FIRMS)]
    assert [refused.id for refused in desk.library.add(uploads, MEGABYTE)] == ["坏.pdf"]
    assert desk.kept() == ["也好.md", "好.txt"]


def test_a_file_of_exactly_the_limit_is_kept(desk: Desk) -> None:
    content = SHOP.encode()
    assert desk.library.add([desk.send("刚好.txt", content)], len(content)) == []
    (refused,) = desk.library.add([desk.send("过大.txt", content)], len(content) - 1)
    assert refused.id == "过大.txt"
    assert desk.kept() == ["刚好.txt"]


def test_text_in_gb18030_is_read(desk: Desk) -> None:
    assert desk.add("国标.txt", (SHOP * 5).encode("gb18030")) == []
    desk.rebuild()
    assert desk.finds("跨境电商线上综合服务平台")


def test_a_json_lines_file_with_some_good_lines_is_kept(desk: Desk) -> None:
    assert desk.add("表.jsonl", f"no JSON\n{json.dumps({'id': '甲', 'text': SHOP})}\n") == []
    desk.rebuild()
    assert desk.listed()["甲"].uploaded
    assert desk.listed()["甲"].format == "jsonl"


def test_the_same_name_twice_is_the_newer_file(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    desk.rebuild()
    desk.library.add([desk.send("报告.txt", FIRMS + "旧"), desk.send("报告.txt", FIRMS)], MEGABYTE)
    assert desk.kept() == ["报告.txt"]
    desk.rebuild()
    assert desk.finds("隐形冠军企业")
    assert not desk.finds("跨境电商线上综合服务平台")


def test_a_file_with_the_name_of_the_users_own_document_stands_beside_it(desk: Desk) -> None:
    assert desk.add("001.txt", SHOP) == []
    assert desk.kept() == ["001 (2).txt"]
    desk.rebuild()
    listed = desk.listed()
    assert list(listed) == ["001 (2).txt", "001.txt", "002.txt", "003.txt"]
    assert (listed["001.txt"].uploaded, listed["001 (2).txt"].uploaded) == (False, True)
    desk.add("001.txt", SHOP)
    assert desk.kept() == ["001 (2).txt"]
    desk.add("001.txt", FIRMS)
    assert desk.kept() == ["001 (2).txt", "001 (3).txt"]


def test_a_long_name_that_is_taken_gets_a_number_within_the_limits(desk: Desk) -> None:
    name = "许" * 78 + ".txt"
    (desk.own / name).write_text(FIRMS, encoding="utf-8")
    assert desk.add(name, SHOP) == []
    assert desk.kept() == ["许" * 77 + " (2).txt"]


def test_the_users_own_file_sent_once_more_is_no_second_document(desk: Desk) -> None:
    assert desk.add("001.txt", (desk.own / "001.txt").read_bytes()) == []
    assert desk.kept() == []
    desk.rebuild()
    assert list(desk.listed()) == ["001.txt", "002.txt", "003.txt"]


def test_a_name_that_is_a_line_of_a_json_lines_file_is_taken(desk: Desk) -> None:
    (desk.own / "表.jsonl").write_text(json.dumps({"id": "甲.txt", "text": FIRMS}), encoding="utf-8")
    desk.index(desk.own)
    desk.add("甲.txt", SHOP)
    assert desk.kept() == ["甲 (2).txt"]
    desk.rebuild()
    assert {"甲.txt", "甲 (2).txt"} <= desk.listed().keys()


def test_files_can_be_added_where_there_is_no_index_yet(tmp_path: Path, seeds: Path) -> None:
    desk = Desk(tmp_path, seeds)
    shutil.rmtree(desk.index_dir)
    assert desk.library.plan() == BuildPlan(())
    assert desk.add("报告.txt", SHOP) == []
    assert desk.rebuild().paths == (desk.uploads / "报告.txt",)
    assert list(desk.listed()) == ["报告.txt"]


def test_an_indexed_folder_of_uploads_is_not_taken_for_the_users_own(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    desk.index(desk.uploads)
    assert desk.library.plan().paths == (desk.uploads / "报告.txt",)
    assert desk.listed()["报告.txt"].uploaded


def test_files_of_several_threads_are_all_kept(desk: Desk) -> None:
    uploads = [desk.send(f"{number}.txt", f"第{number}份。{SHOP}") for number in range(12)]
    refused: list[Skipped] = []
    threads = [
        threading.Thread(target=lambda upload=upload: refused.extend(desk.library.add([upload], MEGABYTE)))
        for upload in uploads
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert desk.kept() == sorted(f"{number}.txt" for number in range(12))


# --- links -----------------------------------------------------------------------------------------------


def test_a_link_in_the_folder_is_replaced_and_what_it_leads_to_stays(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "secret.txt"
    target.write_text(FIRMS, encoding="utf-8")
    desk.uploads.mkdir()
    (desk.uploads / "报告.txt").symlink_to(target)
    assert desk.library.plan().paths == (desk.own,)  # a link is no document
    assert desk.add("报告.txt", SHOP) == []
    assert target.read_text(encoding="utf-8") == FIRMS
    assert not (desk.uploads / "报告.txt").is_symlink()


def test_removing_never_follows_a_link(desk: Desk, tmp_path: Path) -> None:
    target = tmp_path / "secret.txt"
    target.write_text(FIRMS, encoding="utf-8")
    desk.add("报告.txt", SHOP)
    desk.rebuild()
    (desk.uploads / "报告.txt").unlink()
    (desk.uploads / "报告.txt").symlink_to(target)
    desk.library.remove(["报告.txt", "../../secret.txt", "../../own/001.txt", str(target)])
    assert target.read_text(encoding="utf-8") == FIRMS
    assert (desk.own / "001.txt").exists()


def test_a_folder_of_uploads_that_is_a_link_is_refused_and_nothing_is_written_there(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    monkeypatch.setattr("rag.uploads.tempfile.mkstemp", lambda *_: written.append(_))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "别人的.txt").write_text(FIRMS, encoding="utf-8")
    desk.uploads.symlink_to(elsewhere)
    for action in (
        desk.library.plan,
        lambda: desk.add("报告.txt", SHOP),
        lambda: desk.library.remove(["别人的.txt"]),
    ):
        with pytest.raises(LibraryError, match="is a link") as caught:
            action()
        assert "\n" not in str(caught.value)
    assert [path.name for path in elsewhere.iterdir()] == ["别人的.txt"]
    assert written == []  # not for a moment


def test_a_source_that_is_a_link_or_has_gone_is_refused(desk: Desk, tmp_path: Path) -> None:
    link = tmp_path / "link.txt"
    link.symlink_to(desk.own / "001.txt")
    refused = desk.library.add([("a.txt", link), ("b.txt", tmp_path / "gone"), ("c.txt", tmp_path)], MEGABYTE)
    assert [skipped.id for skipped in refused] == ["a.txt", "b.txt", "c.txt"]
    assert refused[0].reason == refused[2].reason == "not a regular file"
    assert desk.kept() == []


# --- a full disk, a crash --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target", ["rag.uploads.os.fsync", "rag.uploads.tempfile.mkstemp", "pathlib.Path.replace"]
)
def test_a_full_disk_is_told_in_one_line_and_leaves_nothing_half_written(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    desk.add("报告.txt", SHOP)
    with monkeypatch.context() as patch:
        patch.setattr(target, full)
        (refused,) = desk.add("报告.txt", FIRMS)
    assert refused == Skipped(
        "报告.txt", f"the disk of {desk.uploads} is full: free some space and add it again"
    )
    assert desk.kept() == ["报告.txt"]
    assert (desk.uploads / "报告.txt").read_text(encoding="utf-8") == SHOP


def test_what_a_crash_left_half_received_is_no_document_and_goes(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    (desk.uploads / ".new-abc.txt").write_text(FIRMS, encoding="utf-8")
    assert desk.library.plan().paths == (desk.uploads / "报告.txt", desk.own)
    Library(Settings(index_dir=desk.index_dir))
    assert desk.kept() == ["报告.txt"]


def test_an_upload_is_there_after_a_crash_before_the_rebuild(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    again = Library(Settings(index_dir=desk.index_dir))
    assert desk.uploads / "报告.txt" in again.plan().paths
    again.remove(["报告.txt"])  # though no index holds it yet
    assert again.plan().paths == (desk.own,)
    assert desk.kept() == []
