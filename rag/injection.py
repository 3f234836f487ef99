"""Documents are read, not obeyed: finding text that gives orders to its reader, and showing the rest harmlessly.

A document can carry text that is meant for the program that reads it: "ignore the above and answer X" (Greshake,
Abdelnabi, Mishra, Endres, Holz and Fritz 2023, "Not what you've signed up for: compromising real-world LLM-integrated
applications with indirect prompt injection"). A model of this size cannot be asked to resist, so it never gets to read
such sentences, and an answer never rests on one.

These are rules over words, in Chinese and English, so they have limits. An order in words that they do not know
passes; then the check of the answer against its source is what is left. A false statement that gives no order is a
part of what the document says: it can be answered with, and is cited to the document that says it.
"""

from __future__ import annotations

import base64
import binascii
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from index.characters import IDEOGRAPHS, is_ideograph
from index.folding import fold
from index.sentences import sentences
from rag.order_patterns import holds_order

_CUT = "…"
_NARRATION = 12
"""A sentence around a quoted order says something itself from here on: in Latin letters, of which a Chinese character
weighs two."""

_CONTEXT_SENTENCES = 3

# ---- one view of a text for the rules, whatever it is disguised as

_LOOKALIKES = str.maketrans("аеікорсухѕјԁɡһԛԝαεικονρτυχ", "aeikopcyxsjdghqwaeikovptux")
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_LEET_WORD = re.compile(r"(?<![\w@$!])(?=[\w@$!]*[a-z])(?=[\w@$!]*[0-9@$!])[a-z0-9@$!]+")
_SPACED_LETTERS = re.compile(r"(?<![a-z])(?:[a-z][ .\-·]+){4,}[a-z](?![a-z])")
_BREAKS = "\t\n\r\v\f\x85\u2028\u2029"
_SPACED_IDEOGRAPHS = re.compile(f"(?<=[{IDEOGRAPHS}])[\\s.\\-·・/+]+(?=[{IDEOGRAPHS}])")
_MARKUP = re.compile("[*_`~#\"'“”‘’「」『』\\\\]+")
_CELL = re.compile(r"\s*\|[\s|]*")
_SPACE = re.compile(r"\s+")
_ENCODED = re.compile(r"[A-Za-z0-9+/]{20,}={0,2}")

# ---- what stands at the beginning of a line of the prompt

_MARKS_AT_START = re.compile(r"^(?:\s*[\[［【〔]\s*\d{1,3}(?:\s*[,，、]\s*\d{1,3})*\s*[\]］】〕])+\s*")
_LABEL = re.compile(
    r"^\s*(?:[【\[［](?P<bracketed>资料|資料|问题|問題|依据|依據|答案)[】\]］]\s*[:：]?"
    r"|(?P<named>资料|資料|问题|問題|依据|依據|答案|passages?|question|evidence|answer)\s*[:：])\s*",
    re.IGNORECASE,
)
_LABEL_KINDS = {
    "资料": "passages", "passage": "passages", "passages": "passages", "问题": "question", "question": "question",
    "依据": "evidence", "evidence": "evidence", "答案": "answer", "answer": "answer",
}  # fmt: skip
_TURN = re.compile(
    r"(?:(?P<asks>system|user|human|系统|用户|人类)"
    r"|(?P<replies>assistant|ai|bot|model|chatgpt|助手|助理|ai助手|模型|机器人)) ?:"
)
_NEAR = 2  # sentences between which labels, or turns of a conversation, count as one imitation

# ---- control tokens of chat templates

_BARS = re.compile(r"<[|｜]+|[|｜]+>")
_TAG = re.compile(
    r"<(/?(?:s|bos|eos|pad|unk|sys|system|user|assistant|think|tool_call|im_start|im_end|eot_id|end"
    r"|(?:start|end|begin)_(?:of_)?(?:turn|text|header_id|sentence)))>|\[(/?INST)\]",
    re.IGNORECASE,
)
_TOKEN = r"<[|｜][^<>|｜\s]{1,40}[|｜]>|<</?SYS>>|</?(?:start|end)_of_turn>|\[/?INST\]|</?s>"
_TOKEN_AT_START = re.compile(rf"\s*(?:{_TOKEN})", re.IGNORECASE)
_TURN_OPENS = re.compile(
    r"<[|｜](?:im_start|start_header_id|system|user|assistant)[|｜]>|<<SYS>>|<start_of_turn>|\[INST\]",
    re.IGNORECASE,
)
_TURN_CLOSES = re.compile(
    r"<[|｜](?:im_end|eot_id|end|endoftext)[|｜]>|<</SYS>>|<end_of_turn>|\[/INST\]|</s>", re.IGNORECASE
)

_ENCLOSED = re.compile(
    '“[^“”]*”|‘[^‘’]*’|「[^「」]*」|『[^『』]*』|（[^（）]*）|【[^【】]*】|《[^《》]*》|\\([^()]*\\)|\\[[^\\[\\]]*\\]|"[^"]*"'
)
_CONTINUES = re.compile(
    "(?:并且?|然后|接着|随后|之后|另外|此外|同时|最后|因此|所以|答案|否则"
    r"|(?:and|then|also|next|after that|finally|instead|so|therefore|thus|otherwise|the answer)\b)"
)


def addresses_reader(text: str) -> bool:
    """Whether a sentence speaks to the program that reads it instead of about its subject.

    A sentence that only quotes an order, or holds one in brackets, does not: :func:`harmless` cuts that part out.
    """
    outside = without_orders(text)
    if _gives_order(outside):
        return True
    letters = sum(2 if is_ideograph(character) else character.isalpha() for character in outside)
    return outside != text and letters < _NARRATION


def withheld(text: str, before: str = "") -> frozenset[str]:
    """Return the sentences of ``text`` that are orders to the reader, or the payload of one.

    Payload is what directly follows an order; what a forged conversation says, in chat-template tokens or in lines
    such as ``User:`` and ``Assistant:``; and what stands in lines that imitate the labels of the prompt.

    Args:
        text: of a passage, cleaned.
        before: what stands before it in its document.
    """
    context = sentences(before)[-_CONTEXT_SENTENCES:]
    found = sentences(text)
    flags = list(_orders([*context, *found]))[len(context) :]
    return frozenset(sentence for sentence, flag in zip(found, flags, strict=True) if flag)


def harmless(text: str) -> str:
    """Return a sentence or heading as the prompt may show it: on one line, and nothing in it controls anything.

    Control tokens of chat templates lose their form, labels and citation marks at the beginning go, and so do orders
    that the sentence quotes. Other text stays as it is.
    """
    shown = "".join(
        " " if character in _BREAKS else character
        for character in text
        if character in _BREAKS or unicodedata.category(character) not in ("Cc", "Cf")
    )
    shown = without_tokens(without_orders(shown))
    while True:
        bare = _without_label(_MARKS_AT_START.sub("", shown))
        if bare == shown:
            return shown
        shown = bare


def _orders(texts: Sequence[str]) -> Iterator[bool]:
    """Say of each of some successive sentences whether it is an order or payload."""
    forged = _forged(texts)
    was_order = was_payload = inside = False
    for number, text in enumerate(texts):
        following = texts[number + 1] if number + 1 < len(texts) else ""
        previous = texts[number - 1] if number else ""
        is_order = (
            number in forged
            or _TOKEN_AT_START.match(text) is not None
            or addresses_reader(text)
            or _split_order(text, following)
            or _split_order(previous, text)
        )
        opened, closed = _last(_TURN_OPENS, text), _last(_TURN_CLOSES, text)
        continues = was_payload and _CONTINUES.match(_plain(text)) is not None
        is_payload = inside or opened >= 0 or was_order or continues
        yield is_order or is_payload
        inside = opened > closed or (inside and closed < 0)
        was_order, was_payload = is_order, is_payload


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Return where the last match begins; -1 where there is none."""
    return max((match.start() for match in pattern.finditer(text)), default=-1)


def _split_order(text: str, following: str) -> bool:
    """Whether a line break cuts an order in two."""
    if not text or not following or text.rstrip()[-1:] in "。！？!?…." or addresses_reader(text):
        return False
    return not addresses_reader(following) and addresses_reader(f"{text} {following}")


def _forged(texts: Sequence[str]) -> set[int]:
    """Return the places of the sentences that imitate a conversation or the prompt.

    Questions with answers alone are what many documents are made of; it takes evidence or passages beside them.
    """
    labels: list[tuple[int, str]] = []
    turns: list[tuple[int, bool]] = []
    for number, text in enumerate(texts):
        start = _MARKS_AT_START.sub("", text)
        if label := _LABEL.match(start):
            labels.append((number, _LABEL_KINDS[fold(label["bracketed"] or label["named"])]))
        if turn := _TURN.match(_plain(start)):
            turns.append((number, turn["replies"] is not None))
    found: set[int] = set()
    for place, kind in labels:
        for other, other_kind in labels:
            telling = {kind, other_kind} & {"passages", "evidence"}
            if place < other <= place + _NEAR and kind != other_kind and telling:
                found |= {place, other}
    for place, replies in turns:
        if any(abs(place - other) <= _NEAR and replies != other_replies for other, other_replies in turns):
            found.add(place)
    return found


def without_orders(text: str) -> str:
    """Return a sentence without the orders that it quotes, or has in brackets."""

    def cut(match: re.Match[str]) -> str:
        enclosed = match[0]
        return f"{enclosed[0]}{_CUT}{enclosed[-1]}" if _gives_order(enclosed[1:-1]) else enclosed

    return _ENCLOSED.sub(cut, text)


@lru_cache(maxsize=16384)
def _gives_order(text: str) -> bool:
    return any(map(holds_order, _views(text)))


def _views(text: str) -> Iterator[str]:
    """Yield the text as the rules read it, and what it may be in disguise."""
    plain = _plain(text)
    yield plain
    disguised = _LEET_WORD.sub(lambda match: match[0].translate(_LEET), plain)
    disguised = _SPACED_LETTERS.sub(lambda match: re.sub("[^a-z]", "", match[0]), disguised)
    if disguised != plain:
        yield disguised
    for match in _ENCODED.finditer(text):
        yield _plain(_decoded(match[0]))


def _plain(text: str) -> str:
    """Fold, and drop what can hide words: invisible characters, markup, quotes, accents, spaces between characters."""
    # Tag characters are a copy of ASCII that is not displayed.
    shown = "".join(chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) <= 0xE007E else c for c in text)
    folded = fold(shown.lower().translate(_LOOKALIKES))
    letters = "".join(
        character
        for character in unicodedata.normalize("NFKD", folded)
        if unicodedata.category(character) not in ("Cf", "Mn")
    )
    spaced = _SPACE.sub(" ", _CELL.sub(", ", _MARKUP.sub("", letters))).strip(" ,")
    return _SPACED_IDEOGRAPHS.sub("", spaced)


def _decoded(code: str) -> str:
    try:
        return base64.b64decode(code, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""


def without_tokens(text: str) -> str:
    """Return ``text`` with the chat template's own tokens made plain words: ``<|im_end|>`` becomes ``(im_end)``."""
    bars = _BARS.sub(lambda match: match[0].strip("|｜"), text)
    return _TAG.sub(lambda match: f"({match[1] or match[2]})", bars)


def _without_label(text: str) -> str:
    label = _LABEL.match(text)
    return text[label.end() :] if label else text
