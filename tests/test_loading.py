"""What a user relies on when a folder of documents is read."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from index import loading
from index.errors import DocumentError
from index.loading import Document, Skipped, count_sources, load
from index.parsers import Parsed
from index.settings import LoadingSettings

SEEDS = Path(__file__).parent.parent / "seeds"
SIMPLIFIED = sorted(SEEDS.glob("*.txt"))[:1] + sorted(SEEDS.glob("*.txt"))[2:]
TRADITIONAL = SEEDS / "001_cd93c6f70429d5e1.txt"
SETTINGS = LoadingSettings()


def documents(*paths: Path, settings: LoadingSettings = SETTINGS) -> dict[str, Document]:
    return {item.id: item for item in load(paths, settings) if isinstance(item, Document)}


def reasons(*paths: Path, settings: LoadingSettings = SETTINGS) -> dict[str, str]:
    return {item.id: item.reason for item in load(paths, settings) if isinstance(item, Skipped)}


def only(path: Path) -> Document:
    (item,) = load([path], SETTINGS)
    assert isinstance(item, Document), item
    return item


def reason(path: Path, settings: LoadingSettings = SETTINGS) -> str:
    (item,) = load([path], settings)
    assert isinstance(item, Skipped), item
    assert "\n" not in item.reason
    return item.reason


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def make_pdf(pages: list[str], title: str = "", encrypted: bool = False) -> bytes:
    """A small PDF whose font maps every UTF-16 code unit to itself, so that any script can be written."""

    def stream(body: bytes) -> bytes:
        return b"<</Length %d>>stream\n%s\nendstream" % (len(body), body)

    to_unicode = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def "
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange "
        b"1 beginbfrange <0000> <FFFF> <0000> endbfrange endcmap end end"
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"",
        stream(to_unicode),
        b"<</Type/FontDescriptor/FontName/SimSun/Flags 4/FontBBox[0 -200 1000 900]/ItalicAngle 0"
        b"/Ascent 800/Descent -200/CapHeight 700/StemV 80>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/SimSun/DW 1000/FontDescriptor 4 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>",
        b"<</Type/Font/Subtype/Type0/BaseFont/SimSun/Encoding/Identity-H/DescendantFonts[5 0 R]"
        b"/ToUnicode 3 0 R>>",
        b"<</Title <FEFF%s>>>" % title.encode("utf-16-be").hex().encode(),
    ]
    kids = []
    for page in pages:
        shown = b" ".join(
            b"<%s> Tj T*" % line.encode("utf-16-be").hex().encode() for line in page.split("\n")
        )
        objects.append(stream(b"BT /F1 12 Tf 14 TL 50 700 Td " + shown + b" ET"))
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 6 0 R>>>>"
            b"/Contents %d 0 R>>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(kids), b" ".join(kids))
    pdf = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(b"%010d 00000 n \n" % len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    lock = b"/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>/ID[<00><00>]" % (b"11" * 32, b"22" * 32)
    return (
        pdf
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, b"".join(places))
        + b"trailer<</Size %d/Root 1 0 R/Info 7 0 R%s>>\n" % (len(objects) + 1, lock if encrypted else b"")
        + b"startxref\n%d\n%%%%EOF" % len(pdf)
    )


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


# ---- JSON lines


def test_json_lines_are_documents_and_a_broken_line_is_only_itself(tmp_path: Path) -> None:
    lines = [
        '{"id": "p1", "title": "第一", "text": "甲\u2028乙"}',
        "",
        '{"id": 2, "text": "丙"}',
        '{"id": "p3", "text": "丁',
        '["a"]',
        '{"text": "没有编号"}',
        '{"id": "p4"}',
        '{"id": "p5", "text": " "}',
        '{"id": "p1", "text": "重复"}',
        '{"id": "p6", "text": "\\ud800"}',
        '{"id": "a\\nb", "text": "戊"}',
        '{"id": "p7", "text": "己"}\r',
    ]
    path = write(tmp_path / "set.jsonl", "\n".join(lines))
    found = documents(path)
    assert {key: value.text for key, value in found.items()} == {"p1": "甲\u2028乙", "2": "丙", "p7": "己"}
    assert found["p1"].title == "第一"
    assert found["2"].title == "set"
    assert found["p7"].meta == {
        "source": str(path),
        "format": "jsonl",
        "encoding": "utf-8",
        "line": "12",
    }
    skipped = reasons(path)
    assert list(skipped) == [f"set.jsonl:{number}" for number in (4, 5, 6, 7, 8, 9, 10, 11)]
    assert skipped["set.jsonl:4"].startswith("not JSON: Unterminated string")
    assert skipped["set.jsonl:8"] == "empty"
    assert skipped["set.jsonl:9"] == f'the id "p1" is already taken by {path}:1'


def test_a_json_lines_file_cut_inside_a_character_keeps_its_other_lines(tmp_path: Path) -> None:
    raw = '{"id": "1", "text": "许昌"}\n{"id": "2", "text": "经济"}'.encode()[:-4]
    path = write(tmp_path / "a.jsonl", raw)
    assert list(documents(path)) == ["1"]
    assert reasons(path) == {"a.jsonl:2": "not valid UTF-8, as the other lines are"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
def test_json_lines_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    raw = '{"id": "1", "text": "许昌市的会议"}\n{"id": "2", "text": "全力拼经济"}\n'.encode(encoding)
    found = documents(write(tmp_path / "a.jsonl", raw))
    assert [document.text for document in found.values()] == ["许昌市的会议", "全力拼经济"]


# ---- HTML

PAGE = """<!DOCTYPE html><html><head><meta charset="{charset}"><title>许昌市
 年度报告</title><style>p {{}}</style><script>var x = "不显示";</script></head>
<body><nav><a>首页</a></nav><!-- 注释 --><h1>许昌市<br>报告</h1>
<p>第一段，<b>加粗</b>&amp;符号&nbsp;与
换行。</p>第二<br>第三<h2>表</h2>
<table><tr><th>年份</th><th>产值</th></tr><tr><td><p>2023</p></td><td>一<br>二</td></tr></table>
<ul><li>项目一</li><li>项目<i>二</i></li></ul><pre>  代码
    缩进</pre><noscript>无</noscript><template>模板</template></body></html>"""
PAGE_TEXT = """# 许昌市 报告
第一段，加粗&符号\xa0与换行。
第二
第三
## 表
年份\t产值
2023\t一 二
项目一
项目二
  代码
    缩进"""


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("gb2312", "gbk"), ("gb2312", "utf-8"), ("", "gb18030"), ("iso-8859-1", "gb18030")],
)
def test_html_is_read_as_shown_in_declared_and_undeclared_encodings(
    tmp_path: Path, charset: str, encoding: str
) -> None:
    page = PAGE.format(charset=charset)
    raw = page.encode(encoding) if encoding == "utf-8" else page.encode("gb18030")
    document = only(write(tmp_path / "a.htm", raw))
    assert document.text == PAGE_TEXT
    assert document.title == "许昌市 年度报告"
    assert document.meta["format"] == "html"


def test_html_in_an_encoding_it_declares_but_we_never_guess(tmp_path: Path) -> None:
    page = '<meta charset="shift_jis"><p>日本の首都は東京です。</p>'
    assert only(write(tmp_path / "a.html", page.encode("shift_jis"))).text == "日本の首都は東京です。"
    page_of_french = '<meta charset="iso-8859-1"><p>Où étaient les élèves?</p>'
    assert only(write(tmp_path / "c.html", page_of_french.encode("cp1252"))).text == "Où étaient les élèves?"
    broken = page.encode("shift_jis") + b"\xff\xff"
    assert reason(write(tmp_path / "b.html", broken)).startswith("declares shift_jis and breaks it")


def test_html_that_lays_out_an_article_in_a_table_keeps_its_paragraphs(tmp_path: Path) -> None:
    page = "<table><tr><td><h1>题</h1><p>一段</p><p>二段</p></td><td><ul><li>链接</ul></td></tr></table>"
    assert only(write(tmp_path / "a.html", page)).text == "# 题\n一段\n二段\n链接"


@pytest.mark.parametrize(
    ("name", "text", "date"),
    [
        ("a.md", "---\ndate: 2024-03-01\ntitle: 年度报告\n---\n# 别的", "2024-03-01"),
        ("a.md", "正文\n\ndate: 2024-03-01\n", None),
        (
            "a.html",
            '<meta property="article:published_time" content="2024-03-01T08:00:00Z"><p>正文</p>',
            "2024-03-01T08:00:00Z",
        ),
        ("a.html", '<meta name="pubdate" content="2024-03-01"><p>正文</p>', "2024-03-01"),
        ("a.html", '<meta name="author" content="2024-03-01"><p>正文</p>', None),
        ("a.html", '<meta name="date"><p>正文</p>', None),
        ("a.jsonl", '{"id": "1", "text": "正文", "date": "2024-03"}', "2024-03"),
        ("a.jsonl", '{"id": "1", "text": "正文", "date": 2024}', "2024"),
        ("a.jsonl", '{"id": "1", "text": "正文", "date": ["2024"]}', None),
        ("a.txt", "2024-03-01\n正文", None),
    ],
)
def test_the_date_that_a_format_gives_is_kept(tmp_path: Path, name: str, text: str, date: str | None) -> None:
    assert only(write(tmp_path / name, text)).meta.get("date") == date


def test_html_without_a_title_takes_its_heading_and_xhtml_and_entities_do_no_harm(tmp_path: Path) -> None:
    page = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        '<html xmlns="http://www.w3.org/1999/xhtml"><body><h1>标题</h1><p>&e;正文</p></body></html>'
    )
    document = only(write(tmp_path / "a.html", page))
    assert document.title == "标题"
    assert "root:" not in document.text
    assert "正文" in document.text


def test_html_nested_without_end_is_read(tmp_path: Path) -> None:
    page = "<div>" * 3000 + "深处" + "</div>" * 3000 + "<p>后面</p>"
    assert only(write(tmp_path / "a.html", page)).text == "深处\n后面"


def test_html_that_shows_nothing_is_empty(tmp_path: Path) -> None:
    assert reason(write(tmp_path / "a.html", "<html><script>x</script></html>")) == "empty"


# ---- PDF


def test_pdf_pages_part_by_form_feeds_with_chinese_text_and_title(tmp_path: Path) -> None:
    pages = ["许昌市全力以赴拼经济\n第二行", "Page two: hyphen-\nated words\n2021-\n2030 𠮷"]
    document = only(write(tmp_path / "a.pdf", make_pdf(pages, title="会议纪要")))
    assert document.text == "许昌市全力以赴拼经济\n第二行\fPage two: hyphenated words\n2021-\n2030 𠮷"
    assert document.title == "会议纪要"
    assert document.meta["pages"] == "2"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("", "文件"),
        ("Microsoft Word - 文档1.doc", "文件"),
        ("Untitled", "文件"),
        ("Microsoft Word - 年报.docx", "年报"),
    ],
)
def test_pdf_titles_written_by_programs_are_not_used(tmp_path: Path, title: str, expected: str) -> None:
    assert only(write(tmp_path / "文件.pdf", make_pdf(["正文"], title=title))).title == expected


def test_pdf_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    good = make_pdf(["正文"])
    assert reason(write(tmp_path / "a.pdf", good[:300])).startswith("broken PDF")
    assert reason(write(tmp_path / "b.pdf", b"%PDF-1.7 junk")).startswith("broken PDF")
    assert reason(write(tmp_path / "c.pdf", make_pdf(["正文"], encrypted=True))).startswith("password")
    assert reason(write(tmp_path / "d.pdf", make_pdf([""]))).startswith("no text in it (scanned?): run OCR")
    assert reason(write(tmp_path / "e.pdf", make_pdf(["\ue123\ue124\ue125\ue126"]))).endswith("run OCR first")
    assert reason(write(tmp_path / "f.pdf", b"")) == "empty"


# ---- Word


def test_docx_paragraphs_tables_and_headings_in_order(tmp_path: Path) -> None:
    import docx

    document = docx.Document()
    document.add_heading("年度报告", 0)
    document.add_heading("第一章", 1)
    document.add_paragraph("第一段")
    mixed = document.add_paragraph("two")
    mixed.add_run(" ")
    mixed.add_run("words\ttab")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(
        [c for row in table.rows for c in row.cells], ["年", "值", "2023", "高\n低"], strict=True
    ):
        cell.text = text
    document.add_heading("小节", 2)
    document.add_paragraph("")
    document.add_paragraph("最后")
    document.save(str(tmp_path / "a.docx"))
    loaded = only(tmp_path / "a.docx")
    assert loaded.text == "# 年度报告\n# 第一章\n第一段\ntwo words\ttab\n年\t值\n2023\t高 低\n## 小节\n最后"
    assert loaded.title == "年度报告"
    document.core_properties.title = "许昌年报"
    document.save(str(tmp_path / "a.docx"))
    assert only(tmp_path / "a.docx").title == "许昌年报"


def test_docx_text_in_content_controls_insertions_and_boxes_is_not_lost(tmp_path: Path) -> None:
    import docx
    from docx.oxml import parse_xml

    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    compatibility = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    box = "<w:txbxContent><w:p><w:r><w:t>文本框</w:t></w:r></w:p></w:txbxContent>"
    fragments = [
        f"<w:sdt {space}><w:sdtContent><w:p><w:r><w:t>控件</w:t></w:r></w:p></w:sdtContent></w:sdt>",
        f"<w:p {space}><w:ins><w:r><w:t>插入</w:t></w:r></w:ins>"
        "<w:del><w:r><w:delText>删除</w:delText></w:r></w:del></w:p>",
        f"<w:p {space} {compatibility}><w:r><w:t>段落</w:t></w:r><w:r><mc:AlternateContent>"
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>",
        f'<w:p {space}><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs><w:outlineLvl w:val="1"/></w:pPr>'
        "<w:r><w:t>按大纲级别</w:t></w:r></w:p>",
    ]
    document = docx.Document()
    for fragment in fragments:
        document.element.body.insert(len(document.element.body) - 1, parse_xml(fragment))
    document.save(str(tmp_path / "a.docx"))
    assert only(tmp_path / "a.docx").text == "控件\n插入\n段落\n文本框\n## 按大纲级别"


def test_docx_headings_by_a_style_derived_from_a_heading(tmp_path: Path) -> None:
    import docx
    from docx.enum.style import WD_STYLE_TYPE

    document = docx.Document()
    style = document.styles.add_style("公文标题", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Heading 2"]
    document.add_paragraph("工作安排", style="公文标题")
    document.save(str(tmp_path / "a.docx"))
    assert only(tmp_path / "a.docx").text == "## 工作安排"


def test_docx_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    import docx

    docx.Document().save(str(tmp_path / "none.docx"))
    whole = (tmp_path / "none.docx").read_bytes()
    assert reason(tmp_path / "none.docx") == "empty"
    assert reason(write(tmp_path / "a.docx", whole[:2000])).startswith("broken .docx: not a whole zip")
    assert reason(write(tmp_path / "b.docx", b"\xd0\xcf\x11\xe0\xa1\xb1")).startswith(
        "password-protected, or"
    )
    with zipfile.ZipFile(tmp_path / "c.docx", "w") as archive:
        archive.writestr("hello.txt", "not Word")
    assert reason(tmp_path / "c.docx").startswith("broken .docx")


def test_docx_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 5_000_000)
    assert "zip bomb" in reason(tmp_path / "a.docx", LoadingSettings(max_file_mb=0.05))
    assert "zip bomb" in reason(tmp_path / "a.docx", LoadingSettings(max_file_mb=1))
