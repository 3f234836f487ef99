"""Documents on disk as the tests of reading them make them, and what is read of them."""

from __future__ import annotations

from pathlib import Path

from index.loading import Document, Skipped, load
from index.settings import LoadingSettings

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
