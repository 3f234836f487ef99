"""The report as one HTML page that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from rag.evaluation import plots
from rag.evaluation.cases import Case
from rag.evaluation.figures import METRICS, Metric
from rag.evaluation.manifest import RunManifest
from rag.evaluation.report_style import style
from rag.evaluation.retrieving import RETRIEVERS
from rag.evaluation.statistics import Figure
from rag.evaluation.summary import Figures, Summary

WRONG = ("wrong", "answered unanswerable")
TABLE_COLUMNS = (
    "answer_accuracy",
    "answered_wrong",
    "answer_rate",
    "false_refusal",
    "refusal_unanswerable",
    "f1_bag",
    "grounded_sentences",
    "hit@5",
    "total_s_p50",
)
RETRIEVER_COLUMNS = ("hit@1", "hit@3", "hit@5", "hit@10", "recall@10", "all_gold@10", "mrr", "ndcg@10")
_TILES = (
    "answer_accuracy",
    "answer_rate",
    "selective_accuracy",
    "refusal_unanswerable",
    "false_refusal",
    "grounded_sentences",
)
_RETRIEVAL_TILES = ("hit@1", "hit@5", "hit@10", "all_gold@10", "mrr", "ndcg@10")
_MOST_CASES = 200
METHOD = (
    "Intervals are 95% percentile bootstrap intervals over questions, 2,000 resamples; where no resample can differ "
    "(none or all of the questions), exact binomial ones.",
    "An answer is right when it holds a gold text, or one of each group for lists, after folding (width, script, "
    "case, punctuation), whole words only, numbers by value. A right text in a wrong sentence counts as right: read "
    "the list.",
    "An unanswerable question is right only when it was refused. F1 and containment are over all answerable "
    "questions; a refusal scores 0. Withheld sentences are no part of an answer.",
    "Where every gold text is longer than 40 characters, right and wrong are not judged, and only F1 is reported.",
    "A passage counts when it holds the whole span of an evidence quote (or is a document of passage_ids). The product "
    "merges neighbouring chunks, so its passages may be longer than those of the retrievers alone.",
    "Names in a sentence are found without a model (titles, Latin names, Chinese names by their ending, answers of "
    "up to six characters); between languages only numbers are compared.",
    "Confidence is what the program says of its own answer: the probability that it is right, from what a second "
    "reader finds, the generator's token probabilities and the place of the cited sentence among those it read.",
)
"""What a reader has to know to believe the figures."""


@dataclass(frozen=True)
class Run:
    """Everything a report says."""

    name: str
    manifest: RunManifest
    summary: Summary
    cases: tuple[Case, ...]
    seconds: dict[str, list[float]]
    notes: tuple[str, ...]
    questions: int


def drawings(run: Run) -> dict[str, tuple[str, str, str]]:
    """Return the plots that there is something for: by file name, a title, a caption and the SVG."""
    summary = run.summary
    candidates = {
        "outcomes": (
            "What became of the questions, by type",
            "Red was answered and is wrong. In brackets: questions.",
            plots.outcome_plot(summary.outcomes["type"], "outcomes"),
        ),
        "headline": (
            "Every share with its 95% interval",
            "Blue should be high, red low.",
            plots.headline_plot(summary.overall),
        ),
        "risk": (
            "Risk and coverage",
            "To the left only the surest answers are given. Those below the least confidence were refused.",
            plots.risk_plot(summary.risk) if summary.risk else None,
        ),
        "languages": (
            "Reliability by language",
            "With 95% intervals. In brackets: questions that can be judged.",
            plots.reliability_plot(summary.parts["language"], "languages"),
        ),
        "retrieval": (
            "Is the evidence among the first k passages?",
            "Share of the answerable questions; bands are 95% intervals.",
            plots.retrieval_plot(summary.retrievers, summary.overall),
        ),
        "latency": (
            "How long it takes",
            f"On {run.manifest.machine.processor}, {run.manifest.machine.threads} threads.",
            plots.latency_plot(run.seconds),
        ),
        "documents": (
            "Reliability by document",
            "The documents with the most questions.",
            plots.reliability_plot(summary.parts["document"], "documents")
            if len(summary.parts["document"]) > 1
            else None,
        ),
    }
    return {name: (title, text, svg) for name, (title, text, svg) in candidates.items() if svg is not None}


def html_report(run: Run) -> str:
    """Return the whole page."""
    parts = [
        f"<header><h1>{escape(title(run))}</h1>",
        f'<p class="muted">{escape(subtitle(run))}</p></header>',
        f'<p class="lead">{escape(in_words(run))}</p>',
        *(f'<p class="note">{escape(note)}</p>' for note in run.notes),
        _hero(run.summary.overall),
        '<section class="plots">',
        *(
            f"<figure><h3>{escape(heading)}</h3><figcaption>{escape(text)}</figcaption>"
            f"{_described(plots.inline(svg), heading)}</figure>"
            for heading, text, svg in drawings(run).values()
        ),
        "</section>",
        _cases_section(run.cases),
        *(_part_table(part, found) for part, found in run.summary.parts.items()),
        _retriever_table(run.summary.retrievers),
        _all_figures(run.summary.overall),
        "<h2>How it was measured</h2>",
        "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in METHOD) + "</ul>",
        "<details><summary>The run's manifest</summary><pre>"
        + escape(json.dumps(run.manifest.model_dump(mode="json"), ensure_ascii=False, indent=1))
        + "</pre></details>",
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title(run))}</title><style>{style()}</style></head>"
        f"<body><main>{''.join(parts)}</main></body></html>\n"
    )


def title(run: Run) -> str:
    """Return what the report is called."""
    return f"Evaluation on {run.name}"


def subtitle(run: Run) -> str:
    """Return who was at work, and when."""
    manifest = run.manifest
    generator = f"{manifest.generator.name} with " if manifest.generator else "retrieval alone, "
    commit = f", commit {manifest.code.commit[:10]}" if manifest.code.commit else ""
    changed = " with changes" if manifest.code.changed else ""
    index = f"{manifest.index.documents:,} documents in {manifest.index.chunks:,} chunks"
    return (
        f"{run.questions:,} questions · {generator}{manifest.embedder.name} · {index} · "
        f"{manifest.started_at[:16].replace('T', ' ')} UTC · wenyuan {manifest.code.version}{commit}{changed}"
    )


def in_words(run: Run) -> str:
    """Return the outcomes as one sentence."""
    counts = run.summary.outcomes["all"]["all"]
    if not counts:
        return f"{run.questions:,} questions were searched for; nothing was answered."
    words = {
        "right": "answered rightly",
        "rightly refused": "rightly refused",
        "wrongly refused": "refused although the documents answer them",
        "wrong": "answered wrongly",
        "answered unanswerable": "answered although the documents do not say",
        "failed": "failed",
        "not judged": "answered but not judged (the gold answers are whole texts)",
    }
    told = [f"{count:,} {words[name]}" for name, count in counts.items()]
    return f"Of {sum(counts.values()):,} questions: {', '.join(told)}."


def shown(figure: Figure | None, metric: Metric) -> str:
    """Return a figure's value for people."""
    if figure is None or figure.value is None:
        return "–"
    if metric.unit == "share":
        return f"{100 * figure.value:.1f}%"
    if metric.unit == "seconds":
        return f"{figure.value:.2f} s"
    return f"{figure.value:,.0f}{' MB' if metric.unit == 'megabytes' else ''}"


def bounds(figure: Figure | None, metric: Metric) -> str:
    """Return a figure's interval for people."""
    if figure is None or figure.low is None or figure.high is None or metric.unit == "megabytes":
        return ""
    if metric.unit == "share":
        return f"{100 * figure.low:.1f}–{100 * figure.high:.1f}"
    digits = 2 if metric.unit == "seconds" else 0
    return f"{figure.low:,.{digits}f}–{figure.high:,.{digits}f}"


def _hero(figures: Figures) -> str:
    names = _TILES if "answered_wrong" in figures else _RETRIEVAL_TILES
    tiles = "".join(_tile(name, figures[name]) for name in names if name in figures)
    main = (
        _tile("answered_wrong", figures["answered_wrong"], main=True) if "answered_wrong" in figures else ""
    )
    if not main:
        return f'<section class="tiles" style="margin-top:24px">{tiles}</section>'
    return f'<section class="hero">{main}<div class="tiles">{tiles}</div></section>'


def _tile(name: str, figure: Figure, *, main: bool = False) -> str:
    metric = METRICS[name]
    kind = f"tile {'main' if main else ''} {'lower' if metric.better == 'lower' else ''}"
    bar = ""
    if figure.value is not None and figure.low is not None and figure.high is not None:
        bar = (
            f'<div class="range"><i style="left:{100 * figure.low:.2f}%;width:'
            f'{100 * (figure.high - figure.low):.2f}%"></i><u style="left:{100 * figure.value:.2f}%"></u></div>'
        )
    return (
        f'<div class="{kind}"><span>{escape(metric.label)}</span><b>{shown(figure, metric)}</b>{bar}'
        f"<small>95%: {bounds(figure, metric) or '–'} · n = {figure.n:,}</small>"
        f"<small>{escape(metric.meaning)}</small></div>"
    )


def _described(svg: str, text: str) -> str:
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(text)}"', 1)


def _part_table(part: str, found: Mapping[str, Figures]) -> str:
    names = [name for name in TABLE_COLUMNS if any(name in figures for figures in found.values())]
    if len(found) < 1 or not names:
        return ""
    return f"<h2>By {part}</h2>" + _figures_table(part, found, names, {})


def _retriever_table(found: Mapping[str, Figures]) -> str:
    if not found:
        return ""
    return "<h2>Retrievers</h2>" + _figures_table("retriever", found, RETRIEVER_COLUMNS, RETRIEVERS)


def _figures_table(
    first: str, found: Mapping[str, Figures], names: Sequence[str], labels: Mapping[str, str]
) -> str:
    head = "".join(f'<th class="number">{escape(METRICS[name].label)}</th>' for name in names)
    rows = []
    for key, figures in found.items():
        questions = max((figure.n for figure in figures.values()), default=0)
        cells = "".join(
            f'<td class="number">{shown(figures.get(name), METRICS[name])}'
            f"<small>{bounds(figures.get(name), METRICS[name])}</small></td>"
            for name in names
        )
        rows.append(
            f'<tr><td class="name">{escape(labels.get(key, key))}</td><td class="number">{questions:,}</td>{cells}</tr>'
        )
    return (
        f'<div class="table"><table><thead><tr><th>{escape(first)}</th><th class="number">n</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _cases_section(found: Sequence[Case]) -> str:
    groups = (
        ("Answered and wrong", [case for case in found if case.outcome in WRONG], True),
        ("Refused although answerable", [c for c in found if c.outcome == "wrongly refused"], False),
        ("Failed", [case for case in found if case.outcome == "failed"], False),
        ("Answered, not judged", [case for case in found if case.outcome == "not judged"], False),
    )
    parts = ["<h2>Answers to look at</h2>"] if found else []
    for heading, group, opened in groups:
        if group:
            more = f", the first {_MOST_CASES}" if len(group) > _MOST_CASES else ""
            parts.append(
                f"<details{' open' if opened else ''}><summary>{heading} ({len(group):,}{more})</summary>"
                f"{_cases_table(group[:_MOST_CASES])}</details>"
            )
    if found and not any(case.outcome in WRONG for case in found):
        parts.insert(1, "<p>No answer was wrong.</p>")
    return "".join(parts)


def _cases_table(found: Sequence[Case]) -> str:
    rows = []
    for case in found:
        tags = "".join(f'<span class="tag">{escape(tag)}</span>' for tag in (case.id, case.type, case.lang))
        quotes = "".join(f"<blockquote>{escape(quote)}</blockquote>" for quote in case.quotes)
        said = ' class="said"' if case.outcome in WRONG else ""
        rows.append(
            f'<tr><td data-label="Question">{escape(case.question)}<br>{tags}</td>'
            f'<td data-label="Gold">{escape(case.gold)}</td>'
            f'<td data-label="Answer"><span{said}>{escape(case.answer)}</span></td>'
            f'<td data-label="Quoted">{quotes or "–"}</td></tr>'
        )
    return (
        '<div class="table"><table class="cases"><thead><tr><th>Question</th><th>Gold</th><th>Answer</th>'
        f"<th>Quoted</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _all_figures(figures: Figures) -> str:
    rows, topic = [], ""
    for name, figure in figures.items():
        metric = METRICS[name]
        if metric.topic != topic:
            topic = metric.topic
            rows.append(f'<tr class="topic"><td colspan="5">{escape(topic)}</td></tr>')
        rows.append(
            f'<tr><td class="name">{escape(metric.label)}</td><td class="number">{shown(figure, metric)}</td>'
            f'<td class="number">{bounds(figure, metric)}</td><td class="number">{figure.n:,}</td>'
            f"<td>{escape(metric.meaning)} <code>{escape(name)}</code></td></tr>"
        )
    return (
        '<h2>All figures</h2><div class="table"><table><thead><tr><th>figure</th><th class="number">value</th>'
        '<th class="number">95% interval</th><th class="number">n</th><th>meaning</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )
