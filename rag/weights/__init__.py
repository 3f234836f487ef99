"""The weights that come with the program: those of :mod:`rag.reader`. reader.json says how they were trained."""

from __future__ import annotations

from pathlib import Path

READER = Path(__file__).with_name("reader.safetensors")
READER_SHA256 = "ccc2ef43c1d7e04f6a9661aa33d11a9da795ac6efc5c22053090268b61ccd1e6"
READER_BASE = "embeddinggemma-300m"
"""The model that they are added to."""
READER_NAME = "wenyuan-reader"
