"""The weights that come with the program: those of :mod:`rag.reader`. reader.json says how they were trained."""

from __future__ import annotations

from pathlib import Path

READER = Path(__file__).with_name("reader.safetensors")
READER_SHA256 = "c0ee91a0dbde8f3400dc34e75967289451e47e572234033b3cfc22a39f8ae808"
READER_BASE = "embeddinggemma-300m"
"""The model that they are added to."""
READER_NAME = "wenyuan-reader"
