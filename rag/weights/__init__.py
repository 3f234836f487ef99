"""The weights that come with the program: those of :mod:`rag.reader`. reader.json says how they were trained."""

from __future__ import annotations

from pathlib import Path

READER = Path(__file__).with_name("reader.safetensors")
READER_SHA256 = "a86335b45b6531383099a5e3a554c622d740faca680bd8278dd7f2bf032c9609"
READER_BASE = "multilingual-e5-small"
"""The model that they are the upper layers of."""
