"""Train the reader: ``python -m rag.training.reader --drcd A --lecoqa B --xquad C --out D``.

See :mod:`rag.reader` for what it is, and :mod:`rag.training.examples`, :mod:`rag.training.written` and
:mod:`rag.training.asked` for what it learns from. Needs ``pip install -e ".[train]"``. The settings, the data with
their sha256, and the log are written beside the weights.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from index.durable import sha256_of
from rag.models import resolve
from rag.reader import (
    ADAPTED,
    ADAPTER_SCALE,
    FIRST_ADAPTED_LAYER,
    LONGEST,
    load_network,
    new_network,
    read_weights,
    save_weights,
)
from rag.settings import load_settings
from rag.training.asked import FOLDER as ASKED
from rag.training.asked import asked_examples
from rag.training.examples import (
    Example,
    SpanExamples,
    cross_lingual_questions,
    read_questions,
    statute_examples,
)
from rag.training.mining import Search
from rag.training.reports import Reports
from rag.training.signatures import signature_examples
from rag.training.written import FOLDER, WrittenExamples, read_all
from rag.weights import READER, READER_BASE, READER_SHA256

logger = logging.getLogger(__name__)

_VALIDATION_SHARE = 0.04
_MOST_VALIDATED = 300
"""Questions of a kind that are read when training has ended; they are read one by one."""
_WARM_UP = 0.06
_WEIGHT_DECAY = 0.01
_LONGEST_GRADIENT = 1.0
_REPORT_SHARE = 0.4
_LICENCES = (
    "DRCD: CC BY-SA 3.0 (Delta Research Center, from Wikipedia); LeCoQA: MIT; "
    "XQuAD: CC BY-SA 4.0 (DeepMind, from Wikipedia); what was written for this: the program's own"
)
_TOKENS_AROUND = 16
_TOKENS_A_CHARACTER = 0.75


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--drcd", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--lecoqa", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--xquad", type=click.Path(exists=True, path_type=Path), required=True)
@click.option(
    "--asked",
    "more_asked",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="A gold set to learn from besides those in rag/training/asked: NAME.jsonl beside the folder NAME.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--resume", is_flag=True, help="Go on with the weights that the program has.")
@click.option("--rank", type=int, default=32, show_default=True)
@click.option("--batch-tokens", type=int, default=2600, show_default=True)
@click.option("--learning-rate", type=float, default=3e-4, show_default=True)
@click.option("--minutes", type=float, default=None, help="Plan the run to end in about this time.")
@click.option(
    "--limit", type=int, default=None, help="Train on this many questions of DRCD and LeCoQA, and of XQuAD."
)
@click.option(
    "--limit-written", type=int, default=None, help="Train on this many questions of written documents."
)
@click.option("--seed", type=int, default=0, show_default=True)
def main(
    drcd: Path,
    lecoqa: Path,
    xquad: Path,
    more_asked: Sequence[Path],
    out: Path,
    resume: bool,
    rank: int,
    batch_tokens: int,
    learning_rate: float,
    minutes: float | None,
    limit: int | None,
    limit_written: int | None,
    seed: int,
) -> None:
    """Mine examples with the program's own retrieval and train on them. Mining is done once; it is kept in OUT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    out.mkdir(parents=True, exist_ok=True)
    encyclopedia = _kept(out / "examples.jsonl", lambda: mine(drcd, lecoqa, out / "mining", seed))
    cross_lingual = _kept(out / "xquad.jsonl", lambda: mine_cross_lingual(xquad, out / "mining", seed))
    golds = [*sorted(ASKED.glob("*.jsonl")), *more_asked]
    asked = _kept(out / "asked.jsonl", lambda: mine_asked(golds, out / "mining"))
    writer, reports, chance = WrittenExamples(seed), Reports(seed), random.Random(seed)
    documents = read_all()
    written, written_held_out = (
        [group for one in documents if one.is_held_out == is_held_out for group in writer.of(one)]
        for is_held_out in (False, True)
    )
    learned = (one for one in documents if not one.is_held_out)
    written += [group for one in learned for group in signature_examples(one, chance)]
    for groups in (encyclopedia, cross_lingual, written, written_held_out):
        random.Random(seed).shuffle(groups)
    held_out = round(len(encyclopedia) * _VALIDATION_SHARE)
    validation = {
        "public": encyclopedia[:held_out][:_MOST_VALIDATED],
        "written": written_held_out[:_MOST_VALIDATED],
    }
    public = [*encyclopedia[held_out:][:limit], *cross_lingual[:limit]]
    dressed = [
        reports.dressed(item) if chance.random() < _REPORT_SHARE else item
        for group in public
        for item in group
    ]
    written = written[:limit_written]
    examples = [*dressed, *(item for groups in (written, asked) for group in groups for item in group)]
    files = [
        *sorted(drcd.glob("*.jsonl")),
        *(lecoqa / name for name in ("train.json", "passages.jsonl")),
        *(xquad / name for name in ("questions.jsonl", "passages.jsonl")),
        *sorted(FOLDER.glob("*.txt")),
        *golds,
    ]
    manifest = {
        "base": READER_BASE,
        "resumed_from": READER_SHA256 if resume else None,
        "data": {f"{path.parent.name}/{path.name}": sha256_of(path) for path in files},
        "licences": _LICENCES,
        "questions": {"public": len(public), "written": len(written), "asked": len(asked)},
        "examples": {
            "public": len(dressed),
            "written": sum(map(len, written)),
            "asked": sum(map(len, asked)),
        },
        "validation_questions": {name: len(groups) for name, groups in validation.items()},
        "rank": rank,
        "batch_tokens": batch_tokens,
        "learning_rate": learning_rate,
        "longest": LONGEST,
        "first_adapted_layer": FIRST_ADAPTED_LAYER,
        "minutes": minutes,
        "seed": seed,
    }
    (out / "manifest.json").write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    train(
        _batches(examples, batch_tokens, seed + 1),
        validation,
        out,
        begin=READER if resume else None,
        rank=rank,
        learning_rate=learning_rate,
        minutes=minutes,
        seed=seed,
    )


def _kept(path: Path, groups: Callable[[], Iterator[list[Example]]]) -> list[list[Example]]:
    """Return the examples in ``path``, a list a question; they are mined once."""
    if not path.exists():
        with path.with_suffix(".new").open("w", encoding="utf-8") as file:
            for group in groups():
                file.write(json.dumps([asdict(example) for example in group], ensure_ascii=False) + "\n")
        path.with_suffix(".new").replace(path)
    lines = path.read_text(encoding="utf-8").split("\n")
    return [[_example(item) for item in json.loads(line)] for line in lines if line]


def mine(drcd: Path, lecoqa: Path, work: Path, seed: int) -> Iterator[list[Example]]:
    """Yield the examples of all questions, a list a question."""
    for suffix in ("", "_dev"):
        with Search(drcd / f"passages{suffix}.jsonl", work / f"drcd{suffix}") as search:
            examples = SpanExamples(search.index.tables, search.retriever, seed)
            for number, question in enumerate(read_questions(drcd / f"questions{suffix}.jsonl")):
                if number % 500 == 0:
                    logger.info("drcd%s: %d questions mined", suffix, number)
                yield from filter(None, [examples.of(question)])
            for document in examples.documents:
                yield from filter(None, [examples.cloze(document)])
    with Search(lecoqa / "passages.jsonl", work / "lecoqa") as search:
        yield from statute_examples(
            lecoqa / "train.json",
            lecoqa / "passages.jsonl",
            search.retriever,
            search.index.tables.titles(),
            seed,
        )


def mine_cross_lingual(xquad: Path, work: Path, seed: int) -> Iterator[list[Example]]:
    """Yield the examples of XQuAD's questions, in Chinese and in English."""
    with Search(xquad / "passages.jsonl", work / "xquad") as search:
        examples = SpanExamples(search.index.tables, search.retriever, seed)
        for question in cross_lingual_questions(xquad / "questions.jsonl"):
            yield from filter(None, [examples.of(question)])


def mine_asked(golds: Sequence[Path], work: Path) -> Iterator[list[Example]]:
    """Yield the examples of gold sets, each beside the folder of its documents."""
    for gold in golds:
        with Search(gold.with_suffix(""), work / gold.stem) as search:
            yield from asked_examples(gold, search.index.tables, search.retriever)


def train(
    batches: Sequence[Sequence[Example]],
    validation: Mapping[str, Sequence[Sequence[Example]]],
    out: Path,
    *,
    begin: Path | None,
    rank: int,
    learning_rate: float,
    minutes: float | None,
    seed: int,
) -> None:
    """Train on the batches, in their order, and write the weights to ``out/reader.safetensors``.

    Args:
        batches: what to train on.
        validation: what to measure at the end, under its name, a list a question.
        out: folder of the weights and the log; what is the base model's stays out of both.
        begin: weights to begin with; ``None`` begins anew.
        rank: of the low-rank matrices.
        learning_rate: the highest.
        minutes: the learning rate falls to 0 in this time, and training ends; ``None`` takes all batches.
        seed: of the weights to begin with.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from torch.nn import functional

    torch.manual_seed(seed)
    base = resolve(READER_BASE, "embedder", load_settings().models).path
    network = new_network(base, torch.bfloat16)
    layers = "|".join(map(str, range(FIRST_ADAPTED_LAYER, network.body.config.num_hidden_layers)))
    matrices = rf"layers\.({layers})\..*({'|'.join(ADAPTED)})"
    network.body = get_peft_model(
        network.body, LoraConfig(r=rank, lora_alpha=ADAPTER_SCALE * rank, target_modules=matrices)
    )
    if begin is not None:
        read_weights(network, begin)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=_WEIGHT_DECAY)
    examples = sum(map(len, batches))
    logger.info("%d examples, %d steps", examples, len(batches))
    started = time.monotonic()
    log: list[dict[str, object]] = []
    losses: list[tuple[float, float]] = []
    network.train()
    used = 0
    for step, batch in enumerate(batches):
        # The learning rate falls with the share of the work done, or of the time that is left for it.
        done = used / examples
        if minutes is not None:
            done = max(done, (time.monotonic() - started) / 60 / minutes)
            if done >= 1:
                break
        for group in optimizer.param_groups:
            group["lr"] = learning_rate * min(1.0, (done + 1e-3) / _WARM_UP, (1 - done) / (1 - _WARM_UP))
        encoded = network.encode([item.question for item in batch], [item.text for item in batch])
        starts, ends, has_span = _targets(batch, encoded)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            relevance, start_scores, end_scores = network(encoded)
        right = torch.tensor([float(item.right) for item in batch])
        relevance_loss = functional.binary_cross_entropy_with_logits(relevance, right)
        span_loss = torch.zeros(())
        if has_span.any():
            span_loss = (
                functional.cross_entropy(start_scores[has_span], starts[has_span])
                + functional.cross_entropy(end_scores[has_span], ends[has_span])
            ) / 2
        loss = relevance_loss + span_loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, _LONGEST_GRADIENT)
        optimizer.step()
        used += len(batch)
        losses.append((relevance_loss.item(), span_loss.item()))
        if step % 50 == 49:
            recent = losses[-50:]
            entry: dict[str, object] = {
                "step": step + 1,
                "examples": used,
                "seconds": round(time.monotonic() - started),
                "relevance_loss": round(sum(item[0] for item in recent) / len(recent), 4),
                "span_loss": round(sum(item[1] for item in recent) / len(recent), 4),
            }
            log.append(entry)
            logger.info("%s", entry)
    save_weights(network, out / "reader.safetensors")
    network = load_network(base, out / "reader.safetensors")
    log.append({name: validate(network, groups) for name, groups in validation.items()})
    logger.info("validation: %s", log[-1])
    (out / "log.json").write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")


def validate(network: Any, groups: Sequence[Sequence[Example]]) -> dict[str, float]:
    """Return how well held-out questions are read.

    ``first``: a right text comes first among its question's; ``wins``: a right one beats a wrong one of its question;
    ``beats_unanswered``: a right one beats the best of a question that none answers; ``exact``: the span is exactly an
    accepted one; ``overlap``: character F1 of the span.
    """
    first = wins = comparisons = exact = overlap = spans = 0.0
    rights: list[float] = []
    unanswered: list[float] = []
    for group in groups:
        read = [network.read(item.question, [item.text])[0] for item in group]
        scored = [(reading.relevance, item.right) for reading, item in zip(read, group, strict=True)]
        if not any(item.right for item in group):
            unanswered.append(max(scored)[0])
            continue
        first += max(scored)[1]
        rights += [score for score, right in scored if right]
        for score in (score for score, right in scored if right):
            others = [other for other, right in scored if not right]
            wins += sum(score > other for other in others)
            comparisons += len(others)
        for reading, item in zip(read, group, strict=True):
            if item.span is not None:
                spans += 1
                said, wanted = reading.words, item.text[slice(*item.span)]
                exact += said == wanted
                shared = sum(min(said.count(c), wanted.count(c)) for c in set(said))
                overlap += 2 * shared / (len(said) + len(wanted))
    beaten = sum(right > other for right in rights for other in unanswered)
    return {
        "first": first / max(1, len(groups) - len(unanswered)),
        "wins": wins / max(1.0, comparisons),
        "beats_unanswered": beaten / max(1, len(rights) * len(unanswered)),
        "exact": exact / max(1.0, spans),
        "overlap": overlap / max(1.0, spans),
    }


def _targets(batch: Sequence[Example], encoded: Any) -> tuple[Any, Any, Any]:
    """Return the tokens at which each span begins and ends, and whether there is one; token 0 says "not here"."""
    import torch

    starts, ends, known = [], [], []
    for row, example in enumerate(batch):
        start, end, has_span = 0, 0, not example.right
        if example.span is not None:
            first, last = example.span
            inside = [
                token
                for token, (begin, stop) in enumerate(encoded["offset_mapping"][row].tolist())
                if token > 0 and begin < stop and stop > first and begin < last
            ]
            if inside:
                start, end, has_span = inside[0], inside[-1], True
        starts.append(start)
        ends.append(end)
        known.append(has_span)
    return torch.tensor(starts), torch.tensor(ends), torch.tensor(known)


def _batches(examples: Sequence[Example], most_tokens: int, seed: int) -> list[list[Example]]:
    """Return batches of examples of about the same length, in a drawn order: little padding."""
    chance = random.Random(seed)
    ordered = sorted(
        examples, key=lambda item: (len(item.question) + len(item.text)) * (1 + 0.15 * chance.random())
    )
    batches: list[list[Example]] = [[]]
    for example in ordered:
        tokens = _TOKENS_AROUND + _TOKENS_A_CHARACTER * (len(example.question) + len(example.text))
        if batches[-1] and min(tokens, LONGEST) * (len(batches[-1]) + 1) > most_tokens:
            batches.append([])
        batches[-1].append(example)
    chance.shuffle(batches)
    return batches


def _example(item: dict[str, Any]) -> Example:
    span = item["span"]
    return Example(item["question"], item["text"], item["right"], tuple(span) if span else None)


if __name__ == "__main__":
    main()
