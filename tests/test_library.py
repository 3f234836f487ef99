"""What the user of the documents tab relies on: nothing lost, nothing of his own touched."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from desk import FIRMS, SHOP, Desk
from desk import desk as desk
from folders import make_pdf

from index.errors import DocumentError, EmptyCorpusError, IndexCorruptError
from index.store import current_generation, open_index
from rag.errors import LibraryError
from rag.library import BuildPlan, Library
from rag.settings import Settings

# --- the list --------------------------------------------------------------------------------------------


def test_the_list_says_of_each_document_what_it_is(desk: Desk) -> None:
    assert desk.add("两页.pdf", make_pdf([SHOP, FIRMS])) == []
    desk.rebuild()
    listed = desk.listed()
    assert list(listed) == ["001.txt", "002.txt", "003.txt", "两页.pdf"]
    own, uploaded = listed["001.txt"], listed["两页.pdf"]
    assert own.title == "許昌:全力以赴拼經濟 鉚足幹勁開新局"
    assert own.characters == len((desk.own / "001.txt").read_text(encoding="utf-8"))
    assert (own.pages, own.format, own.uploaded) == (None, "txt", False)
    assert (uploaded.pages, uploaded.format, uploaded.uploaded) == (2, "pdf", True)
    index = open_index(desk.index_dir)
    pieces = [stored.chunk.doc_id for stored in index.tables.chunks()]
    assert {name: summary.chunks for name, summary in listed.items()} == {
        name: pieces.count(name) for name in listed
    }
    assert own.indexed_at == index.tables.document("001.txt").indexed_at
    index.close()


# --- removing --------------------------------------------------------------------------------------------


def test_removing_a_document_of_the_users_own_keeps_the_file_and_its_text_is_not_found(desk: Desk) -> None:
    before = (desk.own / "002.txt").read_bytes()
    assert desk.finds("重点工作周交办会议召开")
    desk.library.remove(["002.txt"])
    plan = desk.rebuild()
    assert plan == BuildPlan((desk.own,), frozenset({"002.txt"}))
    assert (desk.own / "002.txt").read_bytes() == before
    assert list(desk.listed()) == ["001.txt", "003.txt"]
    assert not desk.finds("重点工作周交办会议召开")
    # The manifest knows it, so that it stays away: from this library and from the next process's.
    assert desk.library.plan() == Library(Settings(index_dir=desk.index_dir)).plan() == plan


def test_removing_an_uploaded_document_deletes_it_at_once(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    desk.rebuild()
    desk.library.remove(["报告.txt"])
    assert desk.kept() == []
    assert desk.rebuild() == BuildPlan((desk.own,))
    assert list(desk.listed()) == ["001.txt", "002.txt", "003.txt"]


def test_an_unknown_id_is_ignored(desk: Desk) -> None:
    desk.library.remove(["没有.txt", "", "..", "/etc/passwd"])
    assert desk.library.plan() == BuildPlan((desk.own,))


def test_an_upload_that_no_index_holds_is_not_what_is_removed_under_the_name_of_ones_own(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    (desk.own / "报告.txt").write_text(FIRMS, encoding="utf-8")
    desk.index(desk.own)  # on the command line: exactly that folder
    assert not desk.listed()["报告.txt"].uploaded
    desk.library.remove(["报告.txt"])
    assert desk.kept() == ["报告.txt"]
    assert desk.library.plan().excluded == {"报告.txt"}


def test_a_line_of_an_uploaded_file_is_excluded_and_the_file_goes_with_its_last_one(desk: Desk) -> None:
    lines = [{"id": "甲", "text": SHOP}, {"id": "乙", "text": FIRMS}]
    content = "\n".join(json.dumps(line) for line in lines)
    desk.add("表.jsonl", content)
    desk.rebuild()
    desk.library.remove(["甲"])
    assert desk.kept() == ["表.jsonl"]
    desk.rebuild()
    assert list(desk.listed()) == ["001.txt", "002.txt", "003.txt", "乙"]
    desk.library.remove(["乙"])
    assert desk.kept() == []
    desk.rebuild()
    desk.add("表.jsonl", content)
    desk.rebuild()
    assert {"甲", "乙"} <= desk.listed().keys()


def test_a_file_that_cannot_be_deleted_is_told_in_one_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, os.strerror(13))

    desk.add("报告.txt", SHOP)
    desk.rebuild()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", denied)
        with pytest.raises(LibraryError, match=r"报告\.txt cannot be deleted \(Permission denied\)"):
            desk.library.remove(["报告.txt"])
    assert desk.kept() == ["报告.txt"]


# --- coming back -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rebuilt_between", [True, False])
def test_a_removed_document_of_ones_own_comes_back_when_its_file_is_uploaded(
    desk: Desk, rebuilt_between: bool
) -> None:
    desk.library.remove(["002.txt"])
    if rebuilt_between:
        desk.rebuild()
    assert desk.add("002.txt", (desk.own / "002.txt").read_bytes()) == []
    assert desk.rebuild() == BuildPlan((desk.own,))
    assert list(desk.listed()) == ["001.txt", "002.txt", "003.txt"]


def test_another_file_under_the_name_of_a_removed_one_does_not_bring_that_one_back(desk: Desk) -> None:
    desk.library.remove(["002.txt"])
    desk.rebuild()
    desk.add("002.txt", FIRMS)
    desk.rebuild()
    assert list(desk.listed()) == ["001.txt", "002 (2).txt", "003.txt"]
    assert not desk.finds("重点工作周交办会议召开")


def test_the_name_of_a_removed_document_whose_file_has_gone_is_free(desk: Desk) -> None:
    desk.library.remove(["002.txt"])
    desk.rebuild()
    (desk.own / "002.txt").unlink()
    desk.add("002.txt", FIRMS)
    desk.rebuild()
    assert desk.listed()["002.txt"].uploaded


def test_a_removed_upload_can_be_added_again(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    desk.rebuild()
    desk.library.remove(["报告.txt"])
    desk.rebuild()
    desk.add("报告.txt", FIRMS)
    desk.rebuild()
    assert desk.finds("隐形冠军企业")


def test_indexing_on_the_command_line_brings_back_what_was_removed(desk: Desk) -> None:
    desk.library.remove(["002.txt"])
    desk.rebuild()
    desk.listed()
    desk.index(desk.own)
    assert desk.library.plan() == BuildPlan((desk.own,))
    assert list(desk.listed()) == ["001.txt", "002.txt", "003.txt"]


def test_a_removal_during_a_build_is_not_forgotten_when_that_build_ends(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    plan = desk.library.plan()
    desk.library.remove(["002.txt"])
    desk.build(plan.paths, plan.excluded)  # was begun before
    assert desk.library.plan().excluded == {"002.txt"}
    desk.rebuild()
    assert list(desk.listed()) == ["001.txt", "003.txt", "报告.txt"]


def test_a_return_during_a_build_is_not_forgotten_when_that_build_ends(desk: Desk) -> None:
    desk.library.remove(["002.txt"])
    plan = desk.library.plan()
    desk.add("002.txt", (desk.own / "002.txt").read_bytes())
    desk.listed()  # the page looks again meanwhile
    desk.build(plan.paths, plan.excluded)
    assert desk.library.plan().excluded == frozenset()


# --- folders that have gone, and the end -----------------------------------------------------------------


def test_a_folder_that_has_gone_does_not_keep_files_from_being_added(desk: Desk) -> None:
    shutil.rmtree(desk.own)
    desk.add("报告.txt", SHOP)
    plan = desk.rebuild()
    assert plan == BuildPlan((desk.uploads / "报告.txt",), frozenset(), (str(desk.own),))
    assert list(desk.listed()) == ["报告.txt"]


def test_a_folder_that_has_gone_is_no_reason_to_clear_the_index(desk: Desk) -> None:
    shutil.rmtree(desk.own)
    with pytest.raises(DocumentError, match="no such file or folder"):
        desk.rebuild()
    assert len(desk.listed()) == 3


def test_a_folder_that_is_empty_today_is_no_reason_to_clear_the_index(desk: Desk) -> None:
    desk.library.remove(["002.txt"])
    for path in desk.own.iterdir():
        path.unlink()
    with pytest.raises(EmptyCorpusError):
        desk.rebuild()
    assert len(desk.listed()) == 3


def test_a_removed_document_stays_away_when_another_folder_goes_and_the_ids_get_shorter(
    desk: Desk, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    second.mkdir()
    (second / "绿.txt").write_text(FIRMS, encoding="utf-8")
    desk.index(desk.own, second)
    desk.library.remove(["own/002.txt"])
    desk.rebuild()
    assert list(desk.listed()) == ["own/001.txt", "own/003.txt", "second/绿.txt"]
    shutil.rmtree(second)
    plan = desk.rebuild()
    assert plan.missing == (str(second),)
    assert list(desk.listed()) == ["001.txt", "003.txt"]


def test_when_everything_is_removed_nothing_is_left_and_the_files_stay(desk: Desk) -> None:
    desk.add("报告.txt", SHOP)
    desk.rebuild()
    desk.library.remove(list(desk.listed()))
    assert desk.rebuild() == BuildPlan(())
    assert current_generation(desk.index_dir) is None
    assert desk.kept() == []
    assert len(list(desk.own.iterdir())) == 3
    # The user begins anew, with nothing left over from before.
    assert desk.library.plan() == BuildPlan(())
    desk.index(desk.own)
    assert desk.library.plan() == BuildPlan((desk.own,))


def test_a_new_file_in_the_folder_is_a_reason_not_to_clear_the_index(desk: Desk) -> None:
    desk.library.remove(list(desk.listed()))
    (desk.own / "新.txt").write_text(FIRMS, encoding="utf-8")
    desk.rebuild()
    assert list(desk.listed()) == ["新.txt"]


def test_with_uploads_left_the_folder_of_removed_documents_is_still_looked_at(desk: Desk) -> None:
    desk.library.remove(list(desk.listed()))
    desk.add("报告.txt", SHOP)
    desk.rebuild()
    assert list(desk.listed()) == ["报告.txt"]
    (desk.own / "新.txt").write_text(FIRMS, encoding="utf-8")
    desk.rebuild()
    assert list(desk.listed()) == ["报告.txt", "新.txt"]


def test_an_index_that_cannot_be_read_is_told_and_not_taken_for_an_empty_one(desk: Desk) -> None:
    folder = current_generation(desk.index_dir)
    assert folder is not None
    index = open_index(desk.index_dir)
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    for action in (
        desk.library.plan,
        lambda: desk.add("报告.txt", SHOP),
        lambda: desk.library.remove(["001.txt"]),
    ):
        with pytest.raises(IndexCorruptError):
            action()
    assert len(desk.library.documents(index)) == 3  # the opened one goes on
    index.close()
