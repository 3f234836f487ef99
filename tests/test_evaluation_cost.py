from __future__ import annotations

import pytest
from evaluation_records import answered, refused

from rag.evaluation.cost import cost_figures, costs, peak_memory_mb


def test_a_refusal_has_no_first_words() -> None:
    assert costs(answered("q", ["甲。"])) == {
        "retrieve_s": 0.1,
        "first_token_s": 1.0,
        "total_s": 2.0,
        "prompt_tokens": 100,
        "answer_tokens": 10,
    }
    assert "first_token_s" not in costs(refused("q"))
    assert costs(refused("q"))["total_s"] == 3.0


def test_quantiles_and_means() -> None:
    values = {"total_s": [float(number) for number in range(1, 12)], "prompt_tokens": [100.0, 200.0]}
    figures = cost_figures(values, 0)
    assert list(figures) == ["total_s_p50", "total_s_p90", "total_s_p95", "prompt_tokens"]
    assert figures["total_s_p50"].value == 6
    assert figures["total_s_p90"].value == pytest.approx(10)
    assert figures["prompt_tokens"].value == 150
    assert figures["prompt_tokens"].n == 2


def test_a_process_takes_memory() -> None:
    memory = peak_memory_mb()
    assert memory is not None
    assert 10 < memory < 1_000_000
