"""Fit what :mod:`rag.confidence` and :mod:`rag.quoting` know: how sure an answer, or a quoted sentence, is.

``python -m rag.training.confidence --gold tests/gold/seeds.jsonl INDEX --generator NAME --out FOLDER`` asks the
development questions of each gold set over its index, and prints the weights of the logistic regressions for what is
seen of every answer that passes the checks and of every sentence that could be quoted. The generator's replies are kept
in OUT, a file for each gold set and generator: after a change to the checks or the signals nothing is generated anew.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from index.lexical import LexicalIndex
from index.store import open_index
from index.tables import Scope
from rag.asking import search
from rag.citing import CheckedSentence, check_answer, cited_rows
from rag.confidence import WIDEST_DISTANCE, log_coverage, read_signals
from rag.conversation import standalone_question
from rag.evaluation.answer_metrics import can_be_judged, is_right
from rag.evaluation.benchmarks import find_benchmark, read_benchmark
from rag.evaluation.gold import GoldQuestion, Split, read_gold, selected
from rag.evidence import Evidence
from rag.generators import Generator, Message
from rag.opening import embedder_files, load_embedder, load_generator, load_reader
from rag.parts import parts_of
from rag.prompting import Language, detect_language, front, prompt, wording
from rag.quoting import best_quotation, contradicts
from rag.replies import read_reply
from rag.retrieval import Retriever
from rag.settings import Settings, load_settings
from rag.terms import stands_in

_READ = ("relevance", "mean_logprob", "foreign", "contradicted")
_UNREAD = ("coverage", "distance", "mean_logprob")
_QUOTED = ("relevance", "relevance_lead", "agrees", "foreign")
_FOLDS = 10
_PUBLIC_WEIGHT = 1 / 3
"""Of what is seen on a public set: people ask their own documents."""
_THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Observation:
    """What was seen of one answer, or of one sentence that may be quoted, and whether it is right.

    ``signals`` has the fields of :class:`rag.confidence.Signals` or :class:`rag.quoting.QuoteSignals`.
    """

    question: str
    kind: str  # "draft" or "quotation"
    signals: dict[str, float | None]
    right: bool


@dataclass(frozen=True)
class KeptReply:
    """What the generator replied to a prompt, which is known by the sha256 of its messages."""

    prompt: str
    text: str
    finished: bool
    mean_logprob: float | None


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--gold", "golds", nargs=2, multiple=True, required=True, type=click.Path(exists=True, path_type=Path)
)
@click.option(
    "--whole",
    "wholes",
    nargs=2,
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="As --gold, of a set that is all for development.",
)
@click.option("--generator", "generators", multiple=True, required=True)
@click.option("--limit", type=int, default=None, help="Development questions of each set.")
@click.option("--out", type=click.Path(path_type=Path), required=True)
def main(
    golds: Sequence[tuple[Path, Path]],
    wholes: Sequence[tuple[Path, Path]],
    generators: Sequence[str],
    limit: int | None,
    out: Path,
) -> None:
    """Ask development questions (--gold FILE INDEX, as often as you like) and print the fitted weights."""
    out.mkdir(parents=True, exist_ok=True)
    observations: dict[str, list[Observation]] = {}
    public: set[str] = set()
    for gold, index in (*golds, *wholes):
        benchmark = find_benchmark(gold)
        known = read_benchmark(benchmark).gold if benchmark else read_gold(gold)
        split: Split | None = None if (gold, index) in wholes else "dev"
        questions = [q for q in selected(known.questions, split=split, limit=limit) if can_be_judged(q)]
        for generator in generators:
            name = f"{known.name}-{Path(generator).name}"
            settings = load_settings(index_dir=index, generation={"model": generator})
            observations[name] = observe(questions, settings, out / f"{name}.jsonl")
            public |= {name} if benchmark else set()
    for title, kind, columns in (
        ("drafts with a second reader", "draft", _READ),
        ("drafts without", "draft", _UNREAD),
        ("quotations", "quotation", _QUOTED),
    ):
        click.echo(report(title, kind, columns, observations, frozenset(public)))


def observe(questions: Sequence[GoldQuestion], settings: Settings, kept: Path) -> list[Observation]:
    """Ask the questions and return what is seen; what ``kept`` has of the same prompt is not generated again."""
    known = {reply.prompt: reply for reply in read_replies(kept)}
    files = embedder_files(settings)
    opened = open_index(settings.index_dir, embedder=files.name, fingerprint=files.fingerprint)
    observations: list[Observation] = []
    with ExitStack() as stack:
        index = stack.enter_context(closing(opened))
        embedder = load_embedder(files, settings)
        retriever = Retriever(index, embedder, settings.retrieval, load_reader(settings, embedder))
        generator = stack.enter_context(closing(load_generator(settings)))
        file = stack.enter_context(kept.open("a", encoding="utf-8"))
        for number, question in enumerate(questions, 1):
            click.echo(f"\r{number}/{len(questions)} ", nl=False, err=True)
            asked = standalone_question(question.question, question.history, generator)
            part, *others = parts_of(asked)
            budget = settings.retrieval.evidence_tokens
            found = search(part, retriever, index.lexical, budget, scope=Scope(question.documents))
            if others or not found.evidence:
                continue  # what is answered in parts is as sure as each of them
            language = detect_language(question.question)
            generator.prepare(front(language))
            messages = prompt(asked, found.evidence, language)
            digest = hashlib.sha256(json.dumps(messages, ensure_ascii=False).encode()).hexdigest()
            if digest not in known:
                known[digest] = _generated(generator, messages, digest, settings.generation.max_tokens)
                file.write(json.dumps(asdict(known[digest]), ensure_ascii=False) + "\n")
                file.flush()
            observations += _seen(question, asked, found.evidence, known[digest], index.lexical, language)
    return observations


def read_replies(kept: Path) -> list[KeptReply]:
    """Return the replies that were kept; a line that was cut off is none."""
    lines = kept.read_text(encoding="utf-8").split("\n") if kept.exists() else []
    return [KeptReply(**json.loads(line)) for line in lines if line.endswith("}")]


def _generated(generator: Generator, messages: Sequence[Message], digest: str, max_tokens: int) -> KeptReply:
    text = "".join(generator.stream(messages, max_tokens))
    stats = generator.last_stats
    finished = stats is None or stats.finish_reason == "stop"
    return KeptReply(digest, text, finished, stats.mean_logprob if stats else None)


def _seen(
    question: GoldQuestion,
    asked: str,
    evidence: Sequence[Evidence],
    kept: KeptReply,
    lexical: LexicalIndex,
    language: Language,
) -> Iterator[Observation]:
    """Yield what is seen of the answer, where it passed the checks, and of the sentence that may be quoted."""
    words = wording(language)
    reply = read_reply(kept.text, words, finished=kept.finished)
    checked = [] if reply.declined else check_answer(reply, asked, evidence, lexical, words)
    supported = [sentence for sentence in checked if sentence.supported]
    quotation = best_quotation(asked, evidence, cited_rows(checked), words)
    if supported:
        opposed = contradicts(quotation, checked, asked)
        signals = read_signals(asked, checked, evidence, lexical, kept.mean_logprob, contradicted=opposed)
        yield Observation(question.id, "draft", asdict(signals), _right(question, supported))
    if quotation is not None:
        right = _right(question, [quotation.sentence])
        yield Observation(question.id, "quotation", asdict(quotation.signals), right)


def _right(question: GoldQuestion, sentences: Sequence[CheckedSentence]) -> bool:
    """Whether sentences hold a right answer, or say it in fewer words than the set does: 12分 for 扣12分."""
    said = " ".join(sentence.text for sentence in sentences)
    shorter = len(question.groups) == 1 and any(stands_in(said, text) for text in question.groups[0])
    return is_right(question, said) or shorter


def report(
    title: str,
    kind: str,
    columns: Sequence[str],
    observations: dict[str, list[Observation]],
    public: frozenset[str] = frozenset(),
) -> str:
    """Fit one regression and return its weights, how well it ranks, and what each threshold would show.

    What was observed on the ``public`` sets counts less.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold, cross_val_predict
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rows = [
        (name, one)
        for name, some in observations.items()
        for one in some
        if one.kind == kind and all(one.signals[column] is not None for column in columns)
    ]
    seen = np.array([[_value(column, one.signals[column]) for column in columns] for _, one in rows])
    right = np.array([one.right for _, one in rows])
    groups = [one.question for _, one in rows]
    model = make_pipeline(StandardScaler(), LogisticRegression(C=1.0))
    folds = GroupKFold(_FOLDS)
    sure: Matrix = cross_val_predict(model, seen, right, groups=groups, cv=folds, method="predict_proba")[
        :, 1
    ]
    counts = np.array([_PUBLIC_WEIGHT if name in public else 1.0 for name, _ in rows])
    model.fit(seen, right, logisticregression__sample_weight=counts)
    scaler, regression = model[0], model[1]
    weights = regression.coef_[0] / scaler.scale_
    constant = regression.intercept_[0] - float(weights @ scaler.mean_)
    named = {"constant": constant, **dict(zip(columns, weights.tolist(), strict=True))}
    means = {
        column: round(float(seen[right, place].mean()), 3)
        for place, column in enumerate(columns)
        if right.any()
    }
    lines = [
        f"{title}: {len(rows)}, {int(right.sum())} of them right",
        "  weights " + json.dumps({name: round(float(weight), 3) for name, weight in named.items()}),
        f"  means of right ones {json.dumps(means)}",
        f"  a right one is surer than a wrong one in {roc_auc_score(right, sure):.0%} of pairs (cross-validated)",
    ]
    for name in observations:
        mine = np.array([owner == name for owner, _ in rows], dtype=bool)
        above = {threshold: right[mine & (sure >= threshold)] for threshold in _THRESHOLDS}
        shown = (f"{threshold}: {some.sum()} + {(~some).sum()}" for threshold, some in above.items())
        lines.append(f"  {name}, right + wrong by threshold: {', '.join(shown)}")
    return "\n".join(lines)


def _value(column: str, value: float | None) -> float:
    """Return a signal as the regression takes it."""
    match column:
        case "coverage":
            return math.nan if value is None else log_coverage(value)
        case "distance":
            return min(value or 0.0, WIDEST_DISTANCE)
        case _:
            return math.nan if value is None else float(value)


if __name__ == "__main__":
    main()
