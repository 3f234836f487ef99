from __future__ import annotations

from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from fakes import FakeEmbedder
from test_retrieval import index_of

from index.store import Index
from rag.evidence import Evidence, choose_evidence, estimated_tokens
from rag.retrieval import Retriever
from rag.settings import RetrievalSettings
from rag.terms import quoted_terms


def choose(index: Index, question: str, budget: int = 300) -> list[Evidence]:
    retriever = Retriever(index, FakeEmbedder(), RetrievalSettings())
    vector = retriever.embed(question)
    passages = retriever.retrieve(question, vector)
    return choose_evidence(question, vector, passages, retriever, index.lexical, budget)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("长葛市食品行业产销对接会现场签约合同金额是多少？", "合同金额3400万元"),
        ("許昌市新增城鎮就業多少人？", "新增城鎮就業5.04萬人"),
        ("今年中心城区计划实施园林绿化项目多少项？", "六大类62项"),
        ("東湖社區的圖書流動車開進了哪個小區？", "开进东湖翡翠小区"),
    ],
)
def test_the_sentence_that_answers_is_among_the_five_that_count_most(
    seed_index: Index, question: str, words: str
) -> None:
    best = sorted(choose(seed_index, question), key=lambda item: -item.score)[:5]
    assert any(words in item.sentence.text for item in best)


def test_the_passage_with_the_best_sentence_comes_first(seed_index: Index) -> None:
    evidence = choose(seed_index, "長葛市食品行業產銷對接會現場簽約合同金額是多少？")
    best = max(evidence, key=lambda item: item.score)
    assert evidence[0].passage == best.passage


def test_sentences_are_numbered_from_one_without_gaps(seed_index: Index) -> None:
    evidence = choose(seed_index, "长葛市举行了什么会？")
    assert [item.number for item in evidence] == list(range(1, len(evidence) + 1))


def test_sentences_of_one_passage_stand_together_in_reading_order(seed_index: Index) -> None:
    evidence = choose(seed_index, "许昌市委经济工作会议说了什么？", budget=800)
    passages = [item.passage.rows for item in evidence]
    assert len(set(passages)) == sum(a != b for a, b in pairwise(passages)) + 1
    for rows in set(passages):
        order = [item.sentence.row for item in evidence if item.passage.rows == rows]
        assert order == sorted(order)


@pytest.mark.parametrize("budget", [80, 150, 300, 800])
def test_the_budget_is_kept(seed_index: Index, budget: int) -> None:
    evidence = choose(seed_index, "许昌市2023年经济工作怎么做？", budget)
    # One sentence may be longer than the whole budget; it then comes alone.
    assert len(evidence) == 1 or sum(estimated_tokens(item.sentence.text) for item in evidence) <= budget


def test_a_larger_budget_reads_more(seed_index: Index) -> None:
    question = "许昌市2023年经济工作怎么做？"
    assert len(choose(seed_index, question, 800)) > len(choose(seed_index, question, 150))


def test_one_sentence_is_read_however_small_the_budget(seed_index: Index) -> None:
    evidence = choose(seed_index, "长葛市食品行业产销对接会现场签约合同金额是多少？", 1)
    assert len(evidence) == 1
    assert "合同金额3400万元" in evidence[0].sentence.text


def test_every_sentence_lies_in_its_document(seed_index: Index) -> None:
    for item in choose(seed_index, "谁主持了6月3日的全市领导干部会议？"):
        text = seed_index.tables.document(item.passage.chunk.doc_id).text
        quote = "".join(text[item.sentence.start : item.sentence.end].split())
        assert quote == "".join(item.sentence.text.split())


def test_a_sentence_of_another_year_sinks(tmp_path: Path) -> None:
    documents = {
        "a.txt": "2022年，全市新增城镇就业4.8万人。\n",
        "b.txt": "2023年，新增全市城镇就业5.1万人。\n",
    }
    with closing(index_of(tmp_path, documents)) as index:
        by_document = {
            year: {
                item.passage.chunk.doc_id: item.score
                for item in choose(index, f"{year}年全市新增城镇就业多少人？")
            }
            for year in (2022, 2023)
        }
    assert by_document[2022]["a.txt"] > by_document[2022]["b.txt"]
    assert by_document[2023]["b.txt"] > by_document[2023]["a.txt"]


def test_the_heading_over_a_sentence_is_short_and_names_both_ends(seed_index: Index) -> None:
    for item in choose(seed_index, "两次重点项目集中开工 扭负为正", 800):
        headings = item.passage.chunk.headings
        assert len(item.heading) <= 3 * 53 + 6
        if headings:
            assert item.heading.startswith(headings[0][:28])
            assert headings[-1][:28] in item.heading


def test_each_sentence_stands_under_the_headings_of_its_own_section(tmp_path: Path) -> None:
    report = (
        "青山市2023年政府工作报告\n\n一、2022年工作回顾\n\n2022年全市新建学校12所，改造老旧小区40个，群众满意度持续提升。\n\n"
        "二、2023年工作安排\n\n全市新建学校20所，改造老旧小区75个，推动教育优质均衡发展，办好群众身边的事。\n"
    )
    with closing(index_of(tmp_path, {"report.txt": report}, chunk_chars=60)) as index:
        asked = "2023年青山市要新建多少所学校？"
        retriever = Retriever(index, FakeEmbedder(), RetrievalSettings())
        vector = retriever.embed(asked)
        (passage,) = retriever.retrieve(asked, vector)  # neighbours are read together
        above = {
            sentence.text: passage.headings_above(sentence)[-1]
            for sentence, _ in retriever.sentences(passage, vector)
        }
        (planned,) = (item for item in choose(index, asked) if "20所" in item.sentence.text)
    (done,) = (text for text in above if "12所" in text)
    assert above[done] == "一、2022年工作回顾"
    assert above[planned.sentence.text] == "二、2023年工作安排"
    assert planned.heading.endswith("二、2023年工作安排")


def test_a_source_bears_the_headline_of_its_own_article(seed_index: Index) -> None:
    evidence = choose(seed_index, "长葛市食品行业产销对接会现场签约合同金额是多少？", 800)
    signed = next(item for item in evidence if "签署项目合作书" in item.sentence.text)
    assert "长葛市举行食品行业产销对接会" in signed.headline


def test_no_passages_give_no_evidence(seed_index: Index) -> None:
    retriever = Retriever(seed_index, FakeEmbedder(), RetrievalSettings())
    vector = retriever.embed("许昌")
    assert choose_evidence("许昌", vector, [], retriever, seed_index.lexical, 300) == []


def test_tokens_are_estimated_on_the_safe_side_of_nothing() -> None:
    assert estimated_tokens("") == 1
    assert estimated_tokens("许昌市园林绿化") > estimated_tokens("Xuchang")


def test_a_figure_of_half_the_year_is_not_read_for_the_whole_where_that_is_told(tmp_path: Path) -> None:
    documents = {
        "a.txt": "截至目前，空气质量优良天数达到162天，同比增加45天。\n",
        "b.txt": "一年来环境改善，空气优良天数达到246天。\n",
    }
    with closing(index_of(tmp_path, documents)) as index:
        evidence = choose(index, "全年空气质量优良天数达到多少天？")
    assert "246天" in max(evidence, key=lambda item: item.score).sentence.text


def test_where_a_year_is_asked_for_a_sentence_of_another_year_is_read(tmp_path: Path) -> None:
    told = "总体目标是实现“一达到”，即到2022年，教育主要发展指标达到教育现代化水平。"
    documents = {
        "a.txt": f"2020年9月29日的讲话\n\n{told}",
        "b.txt": "2020年9月，长葛的教育发展目标已经明确。",
    }
    with closing(index_of(tmp_path, documents)) as index:
        evidence = choose(index, "照2020年9月讲的目标，教育主要发展指标要到哪一年达到教育现代化水平？")
    assert "2022年" in max(evidence, key=lambda item: item.score).sentence.text


def test_a_figure_of_the_half_year_goes_before_one_of_no_named_part(tmp_path: Path) -> None:
    text = "全市完成生产总值781亿元。\n\n上半年全市经济平稳向好，生产总值完成367亿元。"
    with closing(index_of(tmp_path, {"a.txt": text})) as index:
        best = max(choose(index, "2020年上半年生产总值是多少亿元？"), key=lambda item: item.score)
    assert "367亿元" in best.sentence.text


def test_a_sentence_with_what_is_asked_for_goes_before_one_that_is_only_about_it(tmp_path: Path) -> None:
    text = "会上，市商务局负责同志汇报了座谈会筹备情况。我市18个相关单位负责同志参会。\n"
    with closing(index_of(tmp_path, {"a.txt": text})) as index:
        evidence = choose(index, "座谈会有几个单位的负责同志参会？")
    assert "18个" in max(evidence, key=lambda item: item.score).sentence.text


def test_what_stands_with_the_quoted_term_goes_before_what_only_resembles_the_question(
    tmp_path: Path,
) -> None:
    documents = {
        "a.txt": "规划建设中德产业园，以产业园的建设为抓手，争取早日实现目标。\n",
        "b.txt": "加快发制品产业园建设，争取“双千亿”目标早日完成。\n",
    }
    with closing(index_of(tmp_path, documents)) as index:
        named = choose(index, "哪個產業園的建設，是爭取早日實現「雙千億」目標的抓手？")
        unknown = choose(index, "哪個產業園的建設，是爭取早日實現「三千億」目標的抓手？")
    assert max(named, key=lambda item: item.score).passage.chunk.doc_id == "b.txt"
    assert max(unknown, key=lambda item: item.score).passage.chunk.doc_id == "a.txt", "nobody has the term"


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("「雙千億」目標的抓手是什麼？", {"双千亿"}),
        ("“万人助企”和“无废 城市”各是啥？", {"万人助企", "无废城市"}),
        ('the "zhuanjingtexin" companies of Xuchang\'s plan', set()),
        ("许昌的“", set()),
    ],
)
def test_terms_in_quotation_marks_are_read_in_either_script(question: str, terms: set[str]) -> None:
    assert quoted_terms(question) == terms


def test_a_figure_that_another_page_takes_back_stands_behind(tmp_path: Path) -> None:
    wrong = "上半年许昌经济稳中有进，进出口总额83.6亿元，增长6.9%。"
    right = "更正：昨日一版《经济稳中有进》一文中，“进出口总额83.6亿元”应为“进出口总额63.8亿元”，特此更正。"
    with closing(index_of(tmp_path, {"一.txt": wrong, "二.txt": right})) as index:
        chosen = choose(index, "许昌上半年的进出口总额是多少？")
    scores = {item.sentence.text: item.score for item in chosen}
    assert scores[right] > scores.get(wrong, -9.0) + 0.5


def test_what_was_done_goes_before_what_was_planned_where_that_is_asked_for(tmp_path: Path) -> None:
    plan = "政府工作报告\n二、2023年工作安排\n新建高标准农田3.5万亩。"
    done = "政府工作报告\n一、2023年工作回顾\n新建高标准农田3.1万亩，离目标差一些。"
    with closing(index_of(tmp_path, {"一.txt": plan, "二.txt": done})) as index:
        first = max(choose(index, "2023年实际新建了多少高标准农田？"), key=lambda item: item.score)
    assert "3.1万亩" in first.sentence.text
