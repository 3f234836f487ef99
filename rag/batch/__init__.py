"""Many questions from a file: ``rag batch``."""
