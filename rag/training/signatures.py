"""Examples of who spoke or wrote, and when: what stands in a line of its own over a speech, or in a byline.

Such a line, (2021年3月5日) or （记者 林晓棠）, answers a question that shares no word with it; what it is about stands
in the title. The persons and days over speeches are drawn; bylines are those of the written documents.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from index.folding import to_simplified
from rag.names import person_names
from rag.training.examples import Example, example_under
from rag.training.reports import drawn_name
from rag.training.written import WrittenDocument

_SPOKEN = re.compile("报告|讲话|致辞|发言|发布会|会议")
_ISSUED = re.compile("通知|公告|通告|方案|意见|办法|规定|决定|通报")
_YEAR = re.compile(r"(?:19|20)\d\d")
_DAY = re.compile(r"\d月\d|\d-\d")
_BYLINE = re.compile(r"[（(](?:本报)?(?:见习)?记者\s*(?P<who>[一-鿿]{2,4})[\s）)](?!\s*摄)")
_OFFICES = (
    "市长",
    "县长",
    "市委书记",
    "县委书记",
    "代区长",
    "主任",
    "局长",
    "人民政府市长",
    "区委书记",
    "副市长",
)
_SHARE = 0.9
_TIMES = 2
_HEADING_CHARS = 28


def signature_examples(document: WrittenDocument, chance: random.Random) -> Iterator[list[Example]]:
    """Yield a list a question: the line that answers, and one of the document that does not."""
    title = to_simplified(document.title)
    about = re.sub("[（(].*?[）)]", "", title).strip()
    plain = not person_names(title) and not _DAY.search(title)
    if plain and (_SPOKEN.search(title) or _ISSUED.search(title)) and chance.random() < _SHARE:
        for _ in range(_TIMES):
            yield from _over_a_speech(document, about, chance)
    for number, (heading, text) in document.sentences.items():
        found = _BYLINE.search(to_simplified(text))
        if found is None or chance.random() > _SHARE:
            continue
        article = to_simplified(heading.split(" > ")[-1] or about)
        question = chance.choice(
            ("{} 记者", "《{}》这篇报道是谁写的？", "{}，采写的记者是谁？", "{}的记者叫什么")
        )
        others = [other for other in document.sentences if other != number]
        yield [
            example_under(question.format(article), text, article[:_HEADING_CHARS], found["who"]),
            *(
                example_under(
                    question.format(article), document.sentences[other][1], article[:_HEADING_CHARS], None
                )
                for other in chance.sample(others, min(1, len(others)))
                if found["who"] not in document.sentences[other][1]
            ),
        ]


def _over_a_speech(document: WrittenDocument, about: str, chance: random.Random) -> Iterator[list[Example]]:
    """Yield a question after the day, and one after the person."""
    year = _YEAR.search(about)
    day = f"{year[0] if year else chance.randint(2012, 2025)}年{chance.randint(1, 12)}月{chance.randint(1, 28)}日"
    person = drawn_name(chance)
    spoken = _SPOKEN.search(about) is not None
    signed = f"{chance.choice(_OFFICES)} {person}"
    lines = {f"{signed}（{day}）", f"（{day}）", day, signed, f"发布时间：{day} 来源：本网"}
    lines |= {f"{day}在会上 {signed}"} if spoken else set()
    texts = (text for _, text in document.sentences.values())
    others = [text for text in texts if not _DAY.search(text) and not person_names(text)]
    when = ("{}是什么时候的？", "{} 日期", "{}是哪一天{}的？", "{}是几月几号的", "{} 时间")
    who = ("{}是谁{}的？", "{}是哪位领导{}的", "{} 报告人" if spoken else "{} 签发人")
    for forms, answer in ((when, day), (who, person)):
        question = chance.choice(forms).format(about, "作" if spoken else "发")
        right = chance.choice(sorted(line for line in lines if answer in line))
        near = chance.sample(others, min(2, len(others)))
        wrong = [line for line in (*sorted(lines), *near) if answer not in line]
        above = about[:_HEADING_CHARS]
        yield [
            example_under(question, right, above, answer),
            example_under(question, chance.choice(wrong), above, None),
        ]
