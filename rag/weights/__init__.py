"""The weights that come with the program: those of :mod:`rag.reader`. reader.json says how they were trained."""

from __future__ import annotations

from pathlib import Path

READER = Path(__file__).with_name("reader.safetensors")
READER_SHA256 = "0f040b2c9eae24c73c82b0593b1c83b8d3c12966fdfdc6202bdb964518705343"
READER_BASE = "embeddinggemma-300m"
"""The model that they are added to."""
READER_NAME = "wenyuan-reader"
