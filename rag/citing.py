"""Matching what was written to the sentences that carry it.

The generator's own marks and its copied sentence are hints; what decides is the text: the words of the answer, and
above all its numbers, must stand in the sentence that is cited.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter

from index.characters import is_ideograph
from index.folding import fold, search_tokens, to_simplified
from index.lexical import LexicalIndex
from rag.asked import Asked, has_figure, left_unsaid, read_question
from rag.evidence import Evidence
from rag.injection import without_orders
from rag.matter import other_matter
from rag.names import person_names
from rag.numbers import Number, numbers
from rag.periods import periods
from rag.places import cities
from rag.prompting import Wording
from rag.replies import Reply, marked_sentences, without_marks
from rag.terms import letters
from rag.units import dimensions
from rag.years import days, years

_LATIN_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_PARTICLE = re.compile("[的了由是在被]")
_COUNTED_PEOPLE = re.compile(r"，\s*[名位口](?!次)")
_COUNTED = re.compile(r"，\s*个")
_BREAKS_OFF = re.compile("[、，,：:（(《“「『]$")
_WRITTEN_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMBER_OF_A_NAME = re.compile(r"\bno\. ?(\d{1,2})\b")
_CALENDAR = re.compile(r"\d+(?=\s*[年月日号])")
# When these were is said in their headings; when something happened that a speech tells of is not.
_OF_A_DOCUMENT = re.compile(
    "讲话|会议?|报告|发布|文章|报道|新闻|稿|刊|印发|通知|公告|致辞|发言|日期|[写发]的|发表|\\b(?:speech|meeting|report|conference|article|published)\\b"
)
_ASKS_AT_ITS_END = re.compile("[？?][！!]*[”\"’'」』）)》\\s]*$")
_QUOTES_A_QUESTION = re.compile("[是为為叫题題:：]\\s*[“「『《][^”」』》]*[？?][！!]*[”」』》]\\s*$")
_CLAUSE_BEFORE = re.compile("^.*[，,；;]", re.DOTALL)
_HINT_BONUS = 0.15
_QUOTE_BONUS = 0.3
_NUMBER_PENALTY = 0.5
_QUOTE_OVERLAP = 0.7
_SUPPORTED_WORDS = 0.5
_SHORTEST_NAME = 2
_AFTER_A_NAME = "摄拍文图说称等的译著以在获用共于"
_IN_QUOTATION_MARKS = re.compile(
    '(?<![：:说說道])[“「『《"]([^“”「」『』《》"，,。；;：:！!？?]{2,24})[”」』》"]'
)
# 3.92万人+9600个: what is to be added up, the program does.
_RECKONS = re.compile(r"\d[^，。,;；]{0,6}?[+＋×÷=＝]\s*\d")
_FIRST_ITEM = re.compile("(?<![二三四五六七八九十])一是")
_MOST_CITATIONS = 3
_THINGS_COMPARED = 2
_TIES = re.compile(r"\b(?:which|accounting for|representing|making up)\b|[占佔]|其中", re.IGNORECASE)
_SHORTEST_EXPLANATION = 8
"""Characters. What is shorter says over again that it is so: 产值不降反增."""
_ENDING = re.compile("(?<=[a-z]{3})(?:ed|es|s|ing|ies|y)$")
_JOINING = re.compile(
    "a|an|and|as|because|by|even|for|from|in|it|its|of|on|or|that|the|their|they|this|to|was|were"
)


@dataclass(frozen=True)
class CheckedSentence:
    """A sentence of the answer without marks, the evidence that carries it, and what is missing there."""

    text: str
    evidence: tuple[Evidence, ...]
    problems: tuple[str, ...]

    @property
    def supported(self) -> bool:
        """Whether every part that can be checked stands in the evidence."""
        return bool(self.evidence) and not self.problems


def check_answer(
    reply: Reply, question: str, evidence: Sequence[Evidence], lexical: LexicalIndex, words: Wording
) -> list[CheckedSentence]:
    """Check each sentence of the answer against the evidence and cite what carries it.

    A source that asks itself supports nothing, and is never cited.

    Args:
        reply: the generator's reply.
        question: as it was asked; its words, its dates, and its numbers that stand around the cited sentence may
            be repeated without being in that sentence.
        evidence: what the generator was given.
        lexical: tells how rare, and so how telling, a word is.
        words: of the language that is answered in.
    """
    evidence = [item for item in evidence if not is_a_question(item.sentence.text)]
    if not evidence:
        return []
    quoted = quoted_evidence(reply.quote, evidence)
    asked_for = read_question(question)
    if asked_for.yes_or_no and quoted is not None:
        # A small model says yes to nearly everything. What the source says is shown, and the reader compares.
        return [in_the_words_of(quoted, question, words)]
    missing = left_unsaid(asked_for, question, without_marks(reply.answer))
    checked = []
    for text, hints in marked_sentences(reply.answer):
        checked.append(_check_sentence(text, hints, quoted, question, evidence, lexical, asked_for, missing))
    if asked_for.yes_or_no:
        # So it is where it copied no sentence: a name of the question as the answer says no more than yes.
        said = {item.evidence[0].sentence.row: item.evidence[0] for item in checked if item.supported}
        failed = [item for item in checked if not item.supported]
        return [*(in_the_words_of(source, question, words) for source in said.values()), *failed]
    if asked_for.explanation and quoted is not None and not any(sentence.supported for sentence in checked):
        # It found the reason and failed to put it into words of its own.
        return [in_the_words_of(quoted, question, words)]
    return checked


def is_a_question(text: str) -> bool:
    """Whether a sentence of a source asks, and so answers nothing: 属特大型以下的大型滑坡？

    A title or a saying that is quoted in it may ask, and so may the end of one that has told a figure before.
    """
    asks = _ASKS_AT_ITS_END.search(text)
    if asks is None or _QUOTES_A_QUESTION.search(text):
        return False
    told = _CLAUSE_BEFORE.match(text[: asks.start()])
    return told is None or not has_figure(told.group())


def in_the_words_of(source: Evidence, question: str, words: Wording) -> CheckedSentence:
    """Return what a source says, quoted, as an answer; orders to the reader that stand in it are left out."""
    said = words.says.format(without_orders(source.sentence.text).strip())
    problems = other_matter(question, source.sentence.text, (source,))
    if (
        read_question(question).yes_or_no
        and dimensions(question) - {None}
        and not has_figure(source.sentence.text)
    ):
        problems += ("the source has no figure to compare with",)
    return CheckedSentence(said, (source,), problems)


def cited_rows(checked: Sequence[CheckedSentence]) -> frozenset[int]:
    """Return the rows of the sentences of the index that the supported ones rest on."""
    supported = (sentence for sentence in checked if sentence.supported)
    return frozenset(item.sentence.row for sentence in supported for item in sentence.evidence)


def carries(source: Evidence, text: str, question: str) -> bool:
    """Whether a source holds all numbers and words that ``text`` adds to the question, and is about its matter."""
    asked = {number.key for number in numbers(question)}
    needed = [number for number in numbers(text) if number.key not in asked]
    added = set(_words(text)) - set(_words(question))
    return (
        bool(needed or added)
        and not _missing(needed, asked, [source])
        and added <= set(_words(source.sentence.text))
        and not other_matter(question, text, (source,))
    )


def quoted_evidence(quote: str, evidence: Sequence[Evidence]) -> Evidence | None:
    """Return the evidence that ``quote`` was copied from, or None when it is not a copy of any."""
    tokens = search_tokens(quote)
    if not tokens:
        return None
    best: tuple[float, Evidence] | None = None
    for item in evidence:
        present = set(search_tokens(item.sentence.text))
        share = sum(token in present for token in tokens) / len(tokens)
        if best is None or share > best[0]:
            best = share, item
    return best[1] if best is not None and best[0] >= _QUOTE_OVERLAP else None


def _check_sentence(
    text: str,
    hints: frozenset[int],
    quoted: Evidence | None,
    question: str,
    evidence: Sequence[Evidence],
    lexical: LexicalIndex,
    asked_for: Asked,
    missing: str | None,
) -> CheckedSentence:
    asked = {number.key for number in numbers(question)}
    dates = _dates(question) | _numbers_of_names(question)
    needed = [number for number in numbers(text) if number.key not in dates]

    def score(item: Evidence) -> float:
        hinted = _HINT_BONUS * (item.number in hints) + _QUOTE_BONUS * (item is quoted)
        return (
            lexical.coverage(text, item.sentence.text)
            + hinted
            - _NUMBER_PENALTY * len(_missing(needed, asked, [item]))
        )

    ranked = sorted(evidence, key=lambda item: (-score(item), item.number))
    cited = ranked[:1]
    for item in ranked[1:]:
        # More than one source only where another holds a number that the first does not.
        still = _missing(needed, asked, cited)
        if len(cited) < _MOST_CITATIONS and len(_missing(needed, asked, [*cited, item])) < len(still):
            cited.append(item)
    all_carried = _cite_other_clauses(text, question, cited, ranked, lexical)
    problems = [f"{number.text}: not in the source" for number in _missing(needed, asked, cited)]
    if not all_carried:
        problems.append("a part of it is in no source")
    if _puts_together(text, cited):
        problems.append("no one source tells this of one thing")
    told = "\n".join(item.sentence.text for item in cited)
    if not missing and asked_for.items is not None and _FIRST_ITEM.search(told) and "二是" not in told:
        missing = f"{asked_for.items} things were asked for"
    if missing:
        problems.append(missing)
    of_events = (asked_for.time or asked_for.day) and not _OF_A_DOCUMENT.search(fold(question))
    if of_events and needed and not _any_in_the_text(needed, cited):
        problems.append("the day is that of the document")
    if _BREAKS_OFF.search(text) or (asked_for.person and _cuts_a_name_off(text, cited)):
        problems.append("it breaks off")
    if asked_for.explanation and (
        len(letters(text)) < _SHORTEST_EXPLANATION or _is_a_quoted_name(text, told)
    ):
        problems.append("a reason was asked for")
    new_figures = needed if asked_for.number else [number for number in needed if number.key not in asked]
    repeats = not new_figures and not _telling_words(text) - _telling_words(question)
    if repeats and not asked_for.yes_or_no and not asked_for.choice:
        problems.append("it only repeats the question")
    reckons = _RECKONS.search(text) and not _RECKONS.search(told)
    if reckons or (
        not problems and not _words_supported(text, question, cited, quoted, lexical, bool(needed))
    ):
        problems.append("the source says something else")
    problems.extend(other_matter(question, text, cited))
    cited.sort(key=lambda item: item.number)
    return CheckedSentence(text, tuple(cited), tuple(problems))


def _cite_other_clauses(
    text: str, question: str, cited: list[Evidence], ranked: Sequence[Evidence], lexical: LexicalIndex
) -> bool:
    """Add to ``cited`` what carries a clause that it does not: 一是…；二是…, copied out of two sentences.

    Returned is whether all clauses are carried. Across languages words cannot tell.
    """

    def carried(added: set[str], items: Sequence[Evidence]) -> float:
        return _share(added, _present(items), lexical)

    clauses = re.split("[；;]", text)
    if len(clauses) == 1 or _mostly_chinese(text) != _mostly_chinese(cited[0].sentence.text):
        return True
    for added in filter(None, (set(_words(clause)) - set(_words(question)) for clause in clauses)):
        if carried(added, cited) < _SUPPORTED_WORDS:
            best = max(ranked, key=lambda item: carried(added, [item]))
            if len(cited) == _MOST_CITATIONS or carried(added, [best]) < _SUPPORTED_WORDS:
                return False
            cited.append(best)
    return True


def _dates(question: str) -> set[tuple[Decimal, bool]]:
    """Return the numbers of the question that are years, months and days: they say what is asked about."""
    written = {Decimal(digits) for digits in _CALENDAR.findall(fold(question))} | {
        Decimal(y) for y in years(question)
    }
    return {(value, False) for value in written}


def _numbers_of_names(question: str) -> set[tuple[Decimal, bool]]:
    """Return the numbers that are parts of names in an English question: No. 2 Bridge, which the source calls 二桥."""
    return {(Decimal(digits), False) for digits in _NUMBER_OF_A_NAME.findall(fold(question))}


def _missing(
    needed: Sequence[Number], asked: set[tuple[Decimal, bool]], cited: Sequence[Evidence]
) -> list[Number]:
    """Return the numbers that none of the cited sentences, nor the headings above them, hold.

    For a number that the question brought up, it is enough to stand near the sentence.
    """
    present: set[tuple[Decimal, bool]] = set()
    for item in cited:
        for source in (item.sentence.text, *item.headings):
            present.update(map(attrgetter("key"), numbers(source)))
        for source in item.passage.surroundings(item.sentence):
            present.update(asked.intersection(map(attrgetter("key"), numbers(source))))
    return [number for number in needed if number.key not in present]


def _puts_together(text: str, cited: Sequence[Evidence]) -> bool:
    """Whether a sentence ties figures out of several sections to one another, as if they were of one thing.

    "In 2020 it was 174亿元, which is 80.1%": the one is the year's, the other the half-year's of another speech.
    """
    if not _TIES.search(text):
        return False
    sections = {(item.passage.chunk.doc_id, item.headings) for item in cited}
    named = (*years(text), *periods(text), *days(text), *cities(text), *person_names(text))
    return len(sections) > 1 and len(named) < _THINGS_COMPARED


def _is_a_quoted_name(text: str, source: str) -> bool:
    """Whether an answer is nothing but what its source sets in quotation marks: the name of a campaign is no reason."""
    return letters(text) in {letters(name) for name in _IN_QUOTATION_MARKS.findall(source)}


def _cuts_a_name_off(text: str, cited: Sequence[Evidence]) -> bool:
    """Whether an answer ends before the last character of a name that stands alone: 县长 逄秋 of 县长 逄秋实."""
    source = to_simplified("\n".join(item.sentence.text for item in cited))
    said = re.sub(r"\W", "", to_simplified(text))[-_SHORTEST_NAME:]
    if len(said) < _SHORTEST_NAME or any(name.endswith(said) for name in person_names(source)):
        return False
    follows = re.findall(rf"{re.escape(said)}(.?)(.?)", source)
    return bool(follows) and all(
        is_ideograph(one) and one not in _AFTER_A_NAME and not is_ideograph(other) for one, other in follows
    )


def _any_in_the_text(needed: Sequence[Number], cited: Sequence[Evidence]) -> bool:
    """Whether the cited sentences hold one of the numbers, and not only the headings above them."""
    said = {number.key for item in cited for number in numbers(item.sentence.text)}
    return any(number.key in said for number in needed)


def _words_supported(
    text: str,
    question: str,
    cited: Sequence[Evidence],
    quoted: Evidence | None,
    lexical: LexicalIndex,
    states_number: bool,
) -> bool:
    """Whether the words that the answer adds to the question stand in the cited sentences."""
    source = "\n".join(item.sentence.text for item in cited)
    present = _present(cited)
    added = set(_words(text)) - set(_words(question))
    if _words(text) and _mostly_chinese(text) != _mostly_chinese(source):
        # Across languages only names can be compared; the copied sentence must then be a real one, and be cited.
        if quoted is None or quoted not in cited:
            return False
        added = {word for word in added if is_ideograph(word[0]) == _mostly_chinese(source)}
        return _share(added, present, lexical) >= _SUPPORTED_WORDS if added else True
    if added:
        return _share(added, present, lexical) >= _SUPPORTED_WORDS
    # Nothing but words of the question: a number is an answer all the same; else the source must be about them.
    return states_number or lexical.coverage(text, source) >= _SUPPORTED_WORDS


def _present(cited: Sequence[Evidence]) -> set[str]:
    """Return the words of some sentences and of the headings above them."""
    return {word for item in cited for text in (item.sentence.text, *item.headings) for word in _words(text)}


def _words(text: str) -> list[str]:
    """Return the search tokens without numbers, which are compared by value, and not across particles."""
    folded = _WRITTEN_DATE.sub(r"\1年\2月\3日", fold(text))
    for number in numbers(folded):
        folded = folded.replace(number.text, "，", 1)
    # 61人 are 61名学员 and 61个人.
    folded = _COUNTED.sub("，", _COUNTED_PEOPLE.sub("，人", folded))
    return search_tokens(_PARTICLE.sub("，", folded))


def _telling_words(text: str) -> set[str]:
    """Return the words that can say something new; English ones without endings, and without what joins sentences."""
    return {_ENDING.sub("", word) for word in _words(text) if not _JOINING.fullmatch(word)}


def _share(words: set[str], present: set[str], lexical: LexicalIndex) -> float:
    """Return the share of the words that are present, rare ones weighing more; 元 is present where 万元 is."""
    everything = "\n".join(present)
    weights = {word: lexical.rarity(word) for word in words}
    found = sum(
        w for word, w in weights.items() if word in present or (len(word) == 1 and word in everything)
    )
    return found / sum(weights.values())


def _mostly_chinese(text: str) -> bool:
    """Whether Chinese outweighs words in Latin letters; 5.04万 people is English."""
    rest = "".join(_words(text))
    return sum(map(is_ideograph, rest)) >= 2 * len(_LATIN_WORD.findall(fold(text)))
