"""The weights that come with the program: those of :mod:`rag.reader`. reader.json says how they were trained."""

from __future__ import annotations

from pathlib import Path

READER = Path(__file__).with_name("reader.safetensors")
READER_SHA256 = "852d898dcb838a8d5256b38e287a6f096a975c6911090870c9f8a339e1529d39"
READER_BASE = "embeddinggemma-300m"
"""The model that they are added to."""
READER_NAME = "wenyuan-reader"
