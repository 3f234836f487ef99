"""What answers cost: seconds, tokens and memory."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from rag.answers import Answer
from rag.evaluation.statistics import Figure, mean, quantile

QUANTILES = (0.5, 0.9, 0.95)
_SECONDS = ("retrieve_s", "first_token_s", "total_s")
_TOKENS = ("prompt_tokens", "answer_tokens")


def peak_memory_mb() -> float | None:
    """Return the most memory that this process has taken, in MB; ``None`` where the system does not say."""
    try:
        import resource
    except ImportError:
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Linux counts in kibibytes, macOS in bytes.
    return round(peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6, 1)


def costs(answer: Answer) -> dict[str, float]:
    """Return what one answer cost. A refusal has no first token, but a last one: when it was given."""
    timings = answer.timings
    found = {
        "retrieve_s": timings.retrieve_s,
        "total_s": timings.total_s,
        "prompt_tokens": float(timings.prompt_tokens),
        "answer_tokens": float(timings.answer_tokens),
    }
    if not answer.refused:
        found["first_token_s"] = timings.first_token_s
    return found


def cost_figures(values: Mapping[str, Sequence[float]], seed: int) -> dict[str, Figure]:
    """Return quantiles of the seconds and means of the tokens, by name: ``total_s_p50``, ``prompt_tokens``."""
    figures = {
        f"{name}_p{round(100 * share)}": quantile(values[name], share, seed)
        for name in _SECONDS
        if values.get(name)
        for share in QUANTILES
    }
    figures.update({name: mean(values[name], seed) for name in _TOKENS if values.get(name)})
    return figures
