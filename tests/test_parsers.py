"""What a user relies on when documents of one format are read."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from folders import documents, make_pdf, only, reason, reasons, write

from index.settings import LoadingSettings


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
