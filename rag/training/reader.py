"""Train the reader: ``python -m rag.training.reader --drcd FOLDER --lecoqa FOLDER --out FOLDER``.

See :mod:`rag.reader` for what it is and :mod:`rag.training.examples` for what it learns from. The settings, the data
with their sha256, and the log are written beside the weights.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from index.durable import sha256_of
from index.store import open_index
from rag.models import resolve
from rag.opening import build_index, load_embedder
from rag.reader import LONGEST, SHARED_LAYERS, new_network, save_weights
from rag.retrieval import Retriever
from rag.settings import load_settings
from rag.training.examples import Example, SpanExamples, read_questions, statute_examples
from rag.weights import READER_BASE

logger = logging.getLogger(__name__)

_VALIDATION_SHARE = 0.04
_WARM_UP = 0.06
_WEIGHT_DECAY = 0.01
_LONGEST_GRADIENT = 1.0
_LONGEST_SPAN = 40


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--drcd", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--lecoqa", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--epochs", type=int, default=1, show_default=True)
@click.option("--batch-size", type=int, default=32, show_default=True)
@click.option("--learning-rate", type=float, default=1e-4, show_default=True)
@click.option("--minutes", type=float, default=None, help="Plan the run to end in about this time.")
@click.option("--limit", type=int, default=None, help="Train on this many questions, for a trial.")
@click.option("--seed", type=int, default=0, show_default=True)
def main(
    drcd: Path,
    lecoqa: Path,
    out: Path,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    minutes: float | None,
    limit: int | None,
    seed: int,
) -> None:
    """Mine examples with the program's own retrieval and train on them. Mining is done once; it is kept in OUT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    out.mkdir(parents=True, exist_ok=True)
    kept = out / "examples.jsonl"
    if not kept.exists():
        with kept.with_suffix(".new").open("w", encoding="utf-8") as file:
            for group in mine(drcd, lecoqa, out / "mining", seed):
                file.write(json.dumps([asdict(example) for example in group], ensure_ascii=False) + "\n")
        kept.with_suffix(".new").replace(kept)
    lines = kept.read_text(encoding="utf-8").split("\n")
    groups = [[_example(item) for item in json.loads(line)] for line in lines if line]
    random.Random(seed).shuffle(groups)
    held_out = round(len(groups) * _VALIDATION_SHARE)
    validation, training = groups[:held_out], groups[held_out:][:limit]
    files = [*sorted(drcd.glob("*.jsonl")), lecoqa / "train.json", lecoqa / "passages.jsonl"]
    manifest = {
        "base": READER_BASE,
        "data": {f"{path.parent.name}/{path.name}": sha256_of(path) for path in files},
        "licences": "DRCD: CC BY-SA 3.0 (Delta Research Center, from Wikipedia); LeCoQA: MIT",
        "questions": len(training),
        "examples": sum(map(len, training)),
        "validation_questions": len(validation),
        "epochs": epochs,
        "batch_size": batch_size,
        "learning_rate": learning_rate,
        "longest": LONGEST,
        "shared_layers": SHARED_LAYERS,
        "seed": seed,
    }
    (out / "manifest.json").write_text(
        json.dumps(manifest, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    train(
        training,
        validation,
        out,
        epochs=epochs,
        batch_size=batch_size,
        learning_rate=learning_rate,
        minutes=minutes,
        seed=seed,
    )


def mine(drcd: Path, lecoqa: Path, work: Path, seed: int) -> Iterator[list[Example]]:
    """Yield the examples of all questions, a list a question."""
    for suffix in ("", "_dev"):
        with _Search(drcd / f"passages{suffix}.jsonl", work / f"drcd{suffix}") as search:
            examples = SpanExamples(search.index.tables, search.retriever, seed)
            for number, question in enumerate(read_questions(drcd / f"questions{suffix}.jsonl")):
                if number % 500 == 0:
                    logger.info("drcd%s: %d questions mined", suffix, number)
                yield from filter(None, [examples.of(question)])
            for document in examples.documents:
                yield from filter(None, [examples.cloze(document)])
    with _Search(lecoqa / "passages.jsonl", work / "lecoqa") as search:
        yield from statute_examples(
            lecoqa / "train.json",
            lecoqa / "passages.jsonl",
            search.retriever,
            search.index.tables.titles(),
            seed,
        )


class _Search:
    """The program's own retrieval over one file of passages, with the light embedder."""

    def __init__(self, passages: Path, folder: Path) -> None:
        self._settings = load_settings(index_dir=folder, index={"embedding": {"model": READER_BASE}})
        build_index([passages], self._settings)

    def __enter__(self) -> _Search:
        files = resolve(READER_BASE, "embedder", self._settings.models)
        self.index = open_index(self._settings.index_dir, embedder=files.name, fingerprint=files.fingerprint)
        embedder = load_embedder(files, self._settings)
        self.retriever = Retriever(self.index, embedder, self._settings.retrieval)
        return self

    def __exit__(self, *_: object) -> None:
        self.index.close()


def train(
    training: Sequence[Sequence[Example]],
    validation: Sequence[Sequence[Example]],
    out: Path,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    minutes: float | None,
    seed: int,
) -> None:
    """Train and write the weights to ``out/reader.safetensors``; what is the base model's stays out of it."""
    import torch
    from torch.nn import functional

    torch.manual_seed(seed)
    network = new_network(resolve(READER_BASE, "embedder", load_settings().models).path)
    for parameter in network.body.embeddings.parameters():
        parameter.requires_grad = False
    for layer in network.body.encoder.layer[:SHARED_LAYERS]:
        for parameter in layer.parameters():
            parameter.requires_grad = False
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=learning_rate, weight_decay=_WEIGHT_DECAY)
    examples = [example for group in training for example in group]
    batches = [batch for epoch in range(epochs) for batch in _batches(examples, batch_size, seed + epoch)]
    logger.info("%d examples, %d steps", len(examples), len(batches))
    started = time.monotonic()
    log: list[dict[str, float]] = []
    losses: list[tuple[float, float]] = []
    network.train()
    for step, batch in enumerate(batches):
        # The learning rate falls with the share of the work done, or of the time that is left for it.
        done = step / len(batches)
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
        losses.append((relevance_loss.item(), span_loss.item()))
        if step % 50 == 49:
            recent = losses[-50:]
            entry = {
                "step": step + 1,
                "seconds": round(time.monotonic() - started),
                "relevance_loss": round(sum(item[0] for item in recent) / len(recent), 4),
                "span_loss": round(sum(item[1] for item in recent) / len(recent), 4),
            }
            log.append(entry)
            logger.info("%s", entry)
    network.eval()
    log.append(validate(network, validation))
    logger.info("validation: %s", log[-1])
    (out / "log.json").write_text(json.dumps(log, indent=1) + "\n", encoding="utf-8")
    save_weights(network, out / "reader.safetensors")


def validate(network: Any, groups: Sequence[Sequence[Example]]) -> dict[str, float]:
    """Return how well held-out questions are read.

    ``first``: a right text comes first among its question's; ``wins``: a right one beats a wrong one; ``exact``: the
    span is exactly an accepted one; ``overlap``: character F1 of the span.
    """
    first = wins = comparisons = exact = overlap = spans = 0.0
    for group in groups:
        read = [_read(network, item) for item in group]
        scored = [(relevance, item.right) for (relevance, _), item in zip(read, group, strict=True)]
        first += max(scored)[1]
        for score in (score for score, right in scored if right):
            others = [other for other, right in scored if not right]
            wins += sum(score > other for other in others)
            comparisons += len(others)
        for (_, said), item in zip(read, group, strict=True):
            if item.span is not None:
                spans += 1
                wanted = item.text[slice(*item.span)]
                exact += said == wanted
                shared = sum(min(said.count(c), wanted.count(c)) for c in set(said))
                overlap += 2 * shared / (len(said) + len(wanted))
    return {
        "first": first / max(1, len(groups)),
        "wins": wins / max(1.0, comparisons),
        "exact": exact / max(1.0, spans),
        "overlap": overlap / max(1.0, spans),
    }


def _read(network: Any, example: Example) -> tuple[float, str]:
    """Return the relevance of a text, and the words of it that answer best."""
    import torch

    encoded = network.encode([example.question], [example.text])
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        relevance, starts, ends = network(encoded)
    joint = starts[0].unsqueeze(1) + ends[0].unsqueeze(0)
    fits = torch.ones_like(joint, dtype=torch.bool).triu().tril(_LONGEST_SPAN - 1)
    fits[0, :] = False
    first, last = divmod(int(joint.masked_fill(~fits, -1e9).argmax()), joint.shape[1])
    offsets = encoded[0].offsets
    return float(relevance[0]), example.text[offsets[first][0] : offsets[last][1]].strip()


def _targets(batch: Sequence[Example], encoded: Any) -> tuple[Any, Any, Any]:
    """Return the tokens at which each span begins and ends, and whether there is one; token 0 says "not here"."""
    import torch

    starts, ends, known = [], [], []
    for row, example in enumerate(batch):
        start, end, has_span = 0, 0, not example.right
        if example.span is not None:
            first = encoded.char_to_token(row, example.span[0], sequence_index=1)
            last = encoded.char_to_token(row, example.span[1] - 1, sequence_index=1)
            if first is not None and last is not None:
                start, end, has_span = first, last, True
        starts.append(start)
        ends.append(end)
        known.append(has_span)
    return torch.tensor(starts), torch.tensor(ends), torch.tensor(known)


def _batches(examples: Sequence[Example], size: int, seed: int) -> list[list[Example]]:
    """Return batches of examples of about the same length, in a drawn order: little padding."""
    chance = random.Random(seed)
    ordered = sorted(
        examples, key=lambda item: (len(item.question) + len(item.text)) * (1 + 0.15 * chance.random())
    )
    batches = [ordered[start : start + size] for start in range(0, len(ordered), size)]
    chance.shuffle(batches)
    return batches


def _example(item: dict[str, Any]) -> Example:
    span = item["span"]
    return Example(item["question"], item["text"], item["right"], tuple(span) if span else None)


if __name__ == "__main__":
    main()
