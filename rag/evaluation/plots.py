"""The plots of the report, as SVG.

Text stays text, so that the browser finds a glyph for every script. Colours are written as placeholders, which become
CSS variables inside the report, where they follow light and dark, and plain colours in the files beside it.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from rag.evaluation.confidence import RiskCoverage
from rag.evaluation.figures import METRICS
from rag.evaluation.retrieving import RETRIEVERS
from rag.evaluation.statistics import Figure
from rag.evaluation.summary import CURVE_DEPTHS, Figures

COLOURS = {
    "ink": "#1c2128",
    "muted": "#6b7280",
    "grid": "#e5e7eb",
    "right": "#1a7f64",
    "rightly-refused": "#8fcbb8",
    "wrongly-refused": "#d8b365",
    "wrong": "#c4432b",
    "answered-unanswerable": "#8c2a1c",
    "failed": "#3f3f46",
    "not-judged": "#c9ccd3",
    "accent": "#2f5fd0",
    "second": "#b4690e",
}
"""By name, as they are on a light page."""

_PLACEHOLDERS = {name: f"#0{number:02x}0f0" for number, name in enumerate(COLOURS, 1)}
_WIDTH = 4.9
_LABEL_CHARS = 24
_SAME_GLYPHS = ("Noto Sans CJK SC", "Noto Serif CJK SC", "WenQuanYi Zen Hei", "PingFang SC", "SimHei")
_LINES = {
    "product": ("accent", "o-"),
    "merged": ("accent", "o:"),
    "fused": ("ink", "o-"),
    "sentences": ("right", "o-"),
    "chunks": ("second", "o-"),
    "lexical": ("muted", "o-"),
}


def headline_plot(figures: Figures) -> str | None:
    """Return the shares of a run as dots with their intervals."""
    names = [
        name
        for name, metric in METRICS.items()
        if name in figures
        and metric.unit == "share"
        and figures[name].value is not None
        and metric.topic in ("Outcome", "Answers", "Citations")
        and name != "failed"
    ]
    if not names:
        return None
    with _drawing(0.34 * len(names) + 0.6) as (axes, finish):
        for row, name in enumerate(names):
            _dot(axes, row, figures[name], "wrong" if METRICS[name].better == "lower" else "accent")
        _rows(axes, [METRICS[name].label for name in names])
        _shares(axes)
        return finish("headline")


def outcome_plot(counts: Mapping[str, Mapping[str, int]], salt: str) -> str | None:
    """Return what became of the questions, a stacked bar for each part."""
    parts = {name: found for name, found in counts.items() if sum(found.values())}
    if not parts:
        return None
    with _drawing(0.36 * len(parts) + 1.1) as (axes, finish):
        seen = [name for name in _outcome_order() if any(name in found for found in parts.values())]
        for row, found in enumerate(parts.values()):
            total, left = sum(found.values()), 0.0
            for name in seen:
                share = found.get(name, 0) / total
                if share:
                    axes.barh(
                        row, share, left=left, height=0.68, color=_colour(name.replace(" ", "-")), linewidth=0
                    )
                    left += share
        for name in seen:
            axes.barh(0, 0, color=_colour(name.replace(" ", "-")), label=name)
        _rows(axes, [f"{_short(name)}  ({sum(found.values())})" for name, found in parts.items()])
        _shares(axes)
        axes.set_xlim(0, 1)
        axes.grid(False)
        _legend(axes, columns=3)
        return finish(salt)


def reliability_plot(parts: Mapping[str, Figures], salt: str) -> str | None:
    """Return accuracy and answered-and-wrong of each part, with intervals."""
    names = [name for name, figures in parts.items() if "answer_accuracy" in figures]
    if not names:
        return None
    with _drawing(0.5 * len(names) + 1.0) as (axes, finish):
        for row, name in enumerate(names):
            _dot(axes, row - 0.16, parts[name]["answer_accuracy"], "accent", "right answer or right refusal")
            _dot(axes, row + 0.16, parts[name]["answered_wrong"], "wrong", "answered and wrong")
        _rows(axes, [f"{_short(name)}  ({parts[name]['answer_accuracy'].n})" for name in names])
        _shares(axes)
        _legend(axes, columns=2)
        return finish(salt)


def risk_plot(risk: RiskCoverage) -> str | None:
    """Return the risk-coverage curve with its band."""
    if not risk.points:
        return None
    with _drawing(3.0) as (axes, finish):
        coverage = [point.coverage for point in risk.points]
        axes.fill_between(
            coverage,
            [point.low for point in risk.points],
            [point.high for point in risk.points],
            color=_colour("wrong"),
            alpha=0.15,
            linewidth=0,
        )
        axes.plot(coverage, [point.risk for point in risk.points], color=_colour("wrong"))
        last = risk.points[-1]
        axes.plot([last.coverage], [last.risk], "o", color=_colour("wrong"), markersize=6)
        on_the_left = last.coverage > 0.5  # where there is room
        axes.annotate(
            f"as shipped: {last.coverage:.0%} answered,\n{last.risk:.0%} of that wrong",
            (last.coverage, last.risk),
            xytext=(-8 if on_the_left else 8, 22),
            textcoords="offset points",
            ha="right" if on_the_left else "left",
            color=_colour("ink"),
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(0, max(0.2, *(point.high for point in risk.points)) * 1.05)
        axes.set_xlabel("coverage: share of all questions answered")
        axes.set_ylabel("risk: share of these wrong")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        return finish("risk")


def retrieval_plot(retrievers: Mapping[str, Figures], product: Figures) -> str | None:
    """Return hit@k by k: of every retriever where they were compared, else of the product."""
    curves = retrievers or {"product": product}
    if not any("hit@1" in figures for figures in curves.values()):
        return None
    with _drawing(3.3) as (axes, finish):
        for name, figures in curves.items():
            depths = [depth for depth in CURVE_DEPTHS if f"hit@{depth}" in figures]
            values = [figures[f"hit@{depth}"] for depth in depths]
            heights = [_known(value.value) for value in values]
            role, style = _LINES[name]
            colour = _colour(role)
            width = 2.4 if name == "product" else 1.4
            places = list(range(len(depths))) if not retrievers else [CURVE_DEPTHS.index(d) for d in depths]
            label = RETRIEVERS[name].partition(" (")[0]
            axes.plot(places, heights, style, color=colour, linewidth=width, markersize=3.5, label=label)
            if name in ("product", "lexical"):
                lows, highs = [_known(v.low) for v in values], [_known(v.high) for v in values]
                axes.fill_between(places, lows, highs, color=colour, alpha=0.12, linewidth=0)
            axes.set_xticks(places, [str(depth) for depth in depths])
        axes.set_xlabel("k: passages looked at")
        axes.set_ylabel("hit@k")
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        axes.set_ylim(top=1.01)
        _legend(axes, columns=2)
        return finish("retrieval")


def latency_plot(seconds: Mapping[str, Sequence[float]]) -> str | None:
    """Return the share of questions that are done within a time."""
    shown = {name: np.sort(values) for name, values in seconds.items() if len(values)}
    if not shown:
        return None
    with _drawing(3.0) as (axes, finish):
        for (name, values), colour, side in zip(shown.items(), ("accent", "ink"), (-1, 1), strict=False):
            shares = np.arange(1, len(values) + 1) / len(values)
            axes.step(
                np.concatenate(([0.0], values)),
                np.concatenate(([0.0], shares)),
                where="post",
                color=_colour(colour),
                label=name,
            )
            for share in (0.5, 0.9):
                axes.plot([np.quantile(values, share)], [share], "o", color=_colour(colour), markersize=5)
                axes.annotate(
                    f"{np.quantile(values, share):.1f} s",
                    (float(np.quantile(values, share)), share),
                    xytext=(7 * side, -10 * side),
                    textcoords="offset points",
                    ha="left" if side > 0 else "right",
                    color=_colour(colour),
                )
        axes.set_xlim(left=0)
        axes.set_ylim(0, 1.02)
        axes.set_xlabel("seconds since the question (dots: median and 90%)")
        axes.set_ylabel("share of questions")
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        _legend(axes, columns=2)
        return finish("latency")


def inline(svg: str) -> str:
    """Return a plot for inside an HTML page: colours by CSS variable, scaled to its place, nothing to be loaded."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", svg)
    svg = re.sub(r'(<svg[^>]*?)\swidth="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?)\sheight="[^"]*"', r"\1", svg, count=1)
    # matplotlib numbers its groups anew in every plot; on one page these ids would meet.
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    for name, placeholder in _PLACEHOLDERS.items():
        svg = svg.replace(placeholder, f"var(--{name})")
    return svg


def standalone(svg: str) -> str:
    """Return a plot as a file of its own, on white."""
    for name, placeholder in _PLACEHOLDERS.items():
        svg = svg.replace(placeholder, COLOURS[name])
    return svg


@contextmanager
def _drawing(height: float) -> Iterator[tuple[Axes, Callable[[str], str]]]:
    """Yield axes, and what turns the drawing into SVG; equal drawings give equal text."""
    style: dict[Any, Any] = {
        "svg.fonttype": "none",
        "font.family": _families(),
        "font.size": 9.5,
        "text.parse_math": False,
        "axes.edgecolor": _colour("grid"),
        "axes.labelcolor": _colour("muted"),
        "axes.grid": True,
        "grid.color": _colour("grid"),
        "axes.axisbelow": True,
        "xtick.color": _colour("muted"),
        "ytick.color": _colour("ink"),
        "text.color": _colour("ink"),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "lines.linewidth": 1.8,
        "figure.constrained_layout.use": True,
    }
    with mpl.rc_context(style), warnings.catch_warnings():
        # The browser has the glyphs that this machine's fonts lack.
        warnings.simplefilter("ignore", UserWarning)
        canvas = Canvas(figsize=(_WIDTH, height))
        axes = canvas.add_subplot()
        axes.tick_params(length=0)

        def finish(salt: str) -> str:
            buffer = io.StringIO()
            with mpl.rc_context({"svg.hashsalt": salt}):
                canvas.savefig(
                    buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None}
                )
            return buffer.getvalue()

        yield axes, finish


def _dot(axes: Axes, row: float, figure: Figure, colour: str, label: str | None = None) -> None:
    if figure.value is None or figure.low is None or figure.high is None:
        return
    shown = None if label is None or label in axes.get_legend_handles_labels()[1] else label
    axes.plot([figure.low, figure.high], [row, row], color=_colour(colour), linewidth=5, alpha=0.25)
    axes.plot([figure.value], [row], "o", color=_colour(colour), markersize=6.5, label=shown, clip_on=False)
    axes.annotate(
        f"{figure.value:.0%}" if figure.value in (0, 1) else f"{100 * figure.value:.1f}%",
        (figure.high, row),
        xytext=(6, 0),
        textcoords="offset points",
        va="center",
        fontsize=8.5,
        color=_colour("muted"),
        annotation_clip=False,
    )


def _rows(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.5, -0.6)
    axes.spines["left"].set_visible(False)
    axes.grid(False, axis="y")


def _shares(axes: Axes) -> None:
    axes.set_xlim(0, 1.01)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))


def _legend(axes: Axes, columns: int) -> None:
    """Put the legend over the whole width: over the axes alone, long labels would be cut off."""
    axes.figure.legend(
        loc="outside upper left",
        ncols=columns,
        frameon=False,
        fontsize=8.5,
        handlelength=1.1,
        columnspacing=1.2,
        borderaxespad=0.2,
    )


def _outcome_order() -> tuple[str, ...]:
    from rag.evaluation.refusal_metrics import OUTCOMES

    return OUTCOMES


def _colour(name: str) -> str:
    return _PLACEHOLDERS[name]


def _short(text: str) -> str:
    return text if len(text) <= _LABEL_CHARS else f"{text[: _LABEL_CHARS - 1]}…"


def _known(value: float | None) -> float:
    return float("nan") if value is None else value


@cache
def _families() -> tuple[str, ...]:
    """Return the fonts that text is measured with; Chinese ones among them where there are any."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    return ("DejaVu Sans", *(name for name in _SAME_GLYPHS if name in installed))
