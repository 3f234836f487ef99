"""Figures that a run must reach: ``--min answer_accuracy=0.8``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.errors import GateError
from rag.evaluation.figures import METRICS
from rag.evaluation.statistics import Figure


@dataclass(frozen=True)
class Gate:
    """A bound that a figure must keep."""

    metric: str
    bound: float
    at_least: bool  # else at most


def read_gates(least: Sequence[str], most: Sequence[str]) -> list[Gate]:
    """Read gates as they are typed, ``NAME=NUMBER``.

    Raises:
        GateError: one is not of that form, or names no figure.
    """
    return [_gate(text, at_least=True) for text in least] + [_gate(text, at_least=False) for text in most]


def check_gates(gates: Sequence[Gate], figures: Mapping[str, Figure]) -> None:
    """Compare the figures with their bounds.

    Raises:
        GateError: naming every figure that misses its bound, or that the run does not have.
    """
    missed = []
    for gate in gates:
        figure = figures.get(gate.metric)
        if figure is None or figure.value is None:
            missed.append(f"{gate.metric} was not measured")
        elif (figure.value < gate.bound) if gate.at_least else (figure.value > gate.bound):
            missed.append(
                f"{gate.metric} is {figure.value:.4g} (95%: {figure.low:.4g} to {figure.high:.4g}, n = {figure.n}), "
                f"{'below' if gate.at_least else 'above'} {gate.bound:g}"
            )
    if missed:
        raise GateError("; ".join(missed))


def _gate(text: str, *, at_least: bool) -> Gate:
    name, _, number = text.partition("=")
    option = "--min" if at_least else "--max"
    try:
        bound = float(number)
    except ValueError as error:
        raise GateError(f"{option} {text}: write NAME=NUMBER, as in {option} answer_accuracy=0.8") from error
    if name not in METRICS:
        raise GateError(f"{option} {text}: there is no figure of that name; there are {', '.join(METRICS)}")
    return Gate(name, bound, at_least)
