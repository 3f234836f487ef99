"""Fitting how sure an answer is."""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from pathlib import Path

from rag.training.confidence import KeptReply, Observation, read_replies, report


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


def test_what_was_seen_on_a_public_set_counts_less() -> None:
    both = {"own": observations("own", True), "public": observations("public", False)}
    alike = weights(report("drafts", "draft", ("relevance", "distance"), both))
    less = weights(report("drafts", "draft", ("relevance", "distance"), both, frozenset({"public"})))
    assert less["relevance"] > alike["relevance"] + 0.05


def test_what_a_regression_cannot_take_is_left_out() -> None:
    some = observations("a", True)
    unread = [
        Observation(one.question, one.kind, {**one.signals, "relevance": None}, one.right)
        for one in some[:30]
    ]
    quoted = [Observation(one.question, "quotation", one.signals, one.right) for one in some[:30]]
    told = report("drafts", "draft", ("relevance",), {"a": [*unread, *quoted, *some[30:]]})
    assert "drafts: 90, 60 of them right" in told


def test_a_reply_that_was_kept_is_read_again_and_half_a_line_is_not(tmp_path: Path) -> None:
    kept = tmp_path / "kept.jsonl"
    reply = KeptReply("ab12", "答案：3400万元[1]。", True, -0.02)
    kept.write_text(f'{json.dumps(asdict(reply))}\n{{"prompt": "cd34", "te', encoding="utf-8")
    assert read_replies(kept) == [reply]
    assert read_replies(tmp_path / "none.jsonl") == []
