"""The weights that come with the program: those of :mod:`rag.reader`. reader.json says how they were trained."""

from __future__ import annotations

from pathlib import Path

READER = Path(__file__).with_name("reader.safetensors")
READER_SHA256 = "a3c06e13cf4140922ef0ec7d9abc8063dc83c1b77f0b564361803cd8d84c56ea"
READER_BASE = "embeddinggemma-300m"
"""The model that they are added to."""
READER_NAME = "wenyuan-reader"
