"""Fitting how sure an answer is."""

from __future__ import annotations

import json
import random
from pathlib import Path

from rag.evaluation.gold import GoldQuestion, read_gold
from rag.settings import load_settings
from rag.training.confidence import Observation, read, report

GOLD = Path(__file__).parent / "gold" / "seeds.jsonl"


def observations(name: str, telling: bool) -> list[Observation]:
    chance = random.Random(name)
    made = []
    for number in range(120):
        right = number % 3 > 0
        relevance = (4.0 if right else -4.0) * telling + chance.gauss(0, 1)
        signals: dict[str, float | None] = {
            "coverage": 0.2,
            "distance": chance.random() / 5,
            "mean_logprob": -chance.random(),
            "relevance": relevance,
        }
        made.append(Observation(f"{name}-{number}", "draft", signals, right))
    return made


def weights(told: str) -> dict[str, float]:
    line = next(line for line in told.splitlines() if line.startswith("  weights "))
    found: dict[str, float] = json.loads(line.removeprefix("  weights "))
    return found


def test_a_signal_that_tells_right_from_wrong_gets_the_weight() -> None:
    told = report("drafts", "draft", ("relevance", "distance"), {"a": observations("a", True)})
    found = weights(told)
    assert found["relevance"] > 0.5
    assert "120, 80 of them right" in told
    assert "surer than a wrong one in 100% of pairs" in told
    assert "a, right + wrong by threshold: 0.5: 80 + 0" in told


def test_signals_that_tell_nothing_get_no_weight() -> None:
    found = weights(report("drafts", "draft", ("relevance", "distance"), {"a": observations("a", False)}))
    assert abs(found["relevance"]) < 0.4


def test_what_a_regression_cannot_take_is_left_out() -> None:
    some = observations("a", True)
    unread = [
        Observation(one.question, one.kind, {**one.signals, "relevance": None}, one.right)
        for one in some[:30]
    ]
    quoted = [Observation(one.question, "quotation", one.signals, one.right) for one in some[:30]]
    told = report("drafts", "draft", ("relevance",), {"a": [*unread, *quoted, *some[30:]]})
    assert "drafts: 90, 60 of them right" in told


def test_questions_that_were_read_are_not_asked_again(tmp_path: Path) -> None:
    questions: list[GoldQuestion] = list(read_gold(GOLD).questions)[:2]
    kept = tmp_path / "kept.jsonl"
    one = observations("a", True)[0]
    rows = [
        {
            "question": question.id,
            "observations": [
                {"question": question.id, "kind": "draft", "signals": one.signals, "right": one.right}
            ],
        }
        for question in questions
    ]
    kept.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    # With no index to ask, an answer can only come from what was kept.
    found = read(questions, load_settings(index_dir=tmp_path / "none"), kept)
    assert [one.question for one in found] == [question.id for question in questions]
