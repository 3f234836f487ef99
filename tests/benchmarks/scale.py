"""How an index grows: building, disk, opening, searching and memory at 100 to 100,000 chunks.

Documents are mixed from the sentences of PASSAGES (files with one ``{"text": …}`` a line); their vectors are mixed from
those of a real index, so that embedding, which takes the same time for every chunk, is left out. Each size is measured
in a process of its own.

    .venv/bin/python tests/benchmarks/scale.py --index .wenyuan/index --plot scale.svg PASSAGES.jsonl…
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from index.building import build
from index.embedding import EmbedderIdentity, Vectors
from index.sentences import sentences
from index.settings import IndexSettings
from index.store import open_index
from rag.retrieval import Retriever
from rag.settings import RetrievalSettings

SIZES = (100, 1_000, 10_000, 100_000)
CHUNK_CHARS = 280
QUERIES = 100
OWN_SHARE = 0.5
FIGURES = {
    "chunks": "chunks",
    "vectors": "vectors",
    "build_s": "build, s (without embedding)",
    "disk_mb": "disk, MB",
    "open_s": "open, s",
    "p50_ms": "search p50, ms",
    "p95_ms": "search p95, ms",
    "build_peak_mb": "peak memory of building, MB",
    "search_mb": "memory after searching, MB",
}


class MixedEmbedder:
    """Gives each text a vector between two real ones, always the same."""

    def __init__(self, real: Vectors) -> None:
        self._real = real
        self.identity = EmbedderIdentity("mixed", "mixed-1", real.shape[1], "", "")

    def document_text(self, title: str, text: str) -> str:
        return f"{title}\n{text}"

    def embed_documents(
        self, document_texts: Sequence[str], on_batch: Callable[[Sequence[int], Vectors], None]
    ) -> None:
        for start in range(0, len(document_texts), 4096):
            batch = document_texts[start : start + 4096]
            on_batch(range(start, start + len(batch)), self._of(batch))

    def embed_queries(self, questions: Sequence[str]) -> Vectors:
        return self._of(questions)

    def _of(self, texts: Sequence[str]) -> Vectors:
        numbers = np.array([zlib.crc32(text.encode()) for text in texts], dtype=np.uint64)
        one = self._real[numbers % len(self._real)]
        other = self._real[(numbers // len(self._real)) % len(self._real)]
        mixed = (one + OWN_SHARE * other).astype(np.float32)
        result: Vectors = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path, nargs="+")
    parser.add_argument("--index", type=Path, required=True, help="whose vectors are mixed")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            write_documents(options.passages, Path(folder) / "documents.jsonl", size)
            row: dict[str, float] = {}
            for step in ("building", "searching"):
                command = [sys.executable, __file__, "--step", step, folder, str(options.index)]
                row |= json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
            rows.append(row)
            print(row, file=sys.stderr)
    print("| " + " | ".join(FIGURES.values()) + " |\n" + "|---" * len(FIGURES) + "|")
    for row in rows:
        print("| " + " | ".join(f"{row[name]:,.4g}" for name in FIGURES) + " |")
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    if options.plot:
        plot(rows, options.plot)


def write_documents(passages: Sequence[Path], out: Path, chunks: int) -> None:
    """Write documents of about one chunk each, of sentences drawn from the passages."""
    found = [
        sentence.strip()
        for path in passages
        for line in path.read_text(encoding="utf-8").split("\n")
        if line
        for sentence in sentences(json.loads(line)["text"])
        if 10 <= len(sentence) <= 120
    ]
    chance = random.Random(0)
    with out.open("w", encoding="utf-8") as file:
        for number in range(chunks):
            text = ""
            while len(text) < CHUNK_CHARS:
                text += chance.choice(found)
            file.write(json.dumps({"id": str(number), "text": text}, ensure_ascii=False) + "\n")


def building(folder: Path, real: Path) -> dict[str, float]:
    embedder = embedder_of(real)
    started = time.perf_counter()
    report = build(
        [folder / "documents.jsonl"], folder / "index", "mixed-1", lambda: embedder, IndexSettings()
    )
    took = time.perf_counter() - started
    size = sum(file.stat().st_size for file in (folder / "index").rglob("*") if file.is_file())
    return {
        "chunks": report.chunks,
        "vectors": report.chunks + report.sentences,
        "build_s": took,
        "disk_mb": size / 1e6,
        "build_peak_mb": peak_mb(),
    }


def searching(folder: Path, real: Path) -> dict[str, float]:
    embedder = embedder_of(real)
    started = time.perf_counter()
    index = open_index(folder / "index")
    opened = time.perf_counter() - started
    retriever = Retriever(index, embedder, RetrievalSettings())
    chance = random.Random(1)
    lines = (folder / "documents.jsonl").read_text(encoding="utf-8").rstrip("\n").split("\n")
    times = []
    for _ in range(QUERIES):
        text = json.loads(chance.choice(lines))["text"]
        start = chance.randrange(len(text) - 20)
        question = text[start : start + 20]
        began = time.perf_counter()
        retriever.retrieve(question)
        times.append(time.perf_counter() - began)
    index.close()
    return {
        "open_s": opened,
        "p50_ms": 1000 * float(np.percentile(times, 50)),
        "p95_ms": 1000 * float(np.percentile(times, 95)),
        "search_mb": peak_mb(),
    }


def embedder_of(real: Path) -> MixedEmbedder:
    index = open_index(real)
    vectors = index.vectors.all_vectors()
    index.close()
    return MixedEmbedder(vectors)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def plot(rows: Sequence[dict[str, float]], path: Path) -> None:
    """Draw each figure over the number of chunks, both on logarithmic scales."""
    from matplotlib.figure import Figure

    names = [name for name in FIGURES if name not in ("chunks", "vectors")]
    figure = Figure(figsize=(10, 5), layout="constrained")
    axes = figure.subplots(2, 4).flatten()
    for axis, name in zip(axes, names, strict=False):
        axis.loglog([row["chunks"] for row in rows], [row[name] for row in rows], marker="o")
        axis.set_title(FIGURES[name], fontsize=9)
        axis.grid(alpha=0.3)
    for axis in axes[len(names) :]:
        axis.remove()
    figure.supxlabel("chunks")
    figure.savefig(path)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--step"]:
        step = {"building": building, "searching": searching}[sys.argv[2]]
        print(json.dumps(step(Path(sys.argv[3]), Path(sys.argv[4]))))
    else:
        main()
