"""Who writes the answer: one small protocol, three adapters."""

from __future__ import annotations

from pathlib import Path

from rag.errors import GeneratorError
from rag.generators.base import GenerationStats, Generator, Message, TextStream
from rag.settings import GenerationSettings

__all__ = ["GenerationStats", "Generator", "Message", "TextStream", "open_generator"]


def open_generator(
    settings: GenerationSettings,
    model: Path | None = None,
    *,
    name: str | None = None,
    cache: Path | None = None,
) -> Generator:
    """Open the generator that the settings name; the engine is imported here and not before.

    Args:
        settings: the adapter and its limits.
        model: the .gguf file (llamacpp) or the folder (transformers); the openai adapter needs none.
        name: what answers call the model; ``settings.model`` when not given.
        cache: folder for what :meth:`Generator.prepare` computed, so that the next process starts with it
            (llamacpp only); nothing is kept when not given.

    Raises:
        GeneratorError: the engine or the model cannot be loaded.
    """
    name = name or settings.model
    if settings.adapter == "openai":
        from rag.generators.openai_server import OpenAIServerGenerator

        return OpenAIServerGenerator(settings, name)
    if model is None:
        raise GeneratorError(
            f"adapter {settings.adapter} needs a model on this machine: run `rag models` to see what there is"
        )
    if settings.adapter == "transformers" or (settings.adapter == "auto" and model.is_dir()):
        from rag.generators.transformers import TransformersGenerator

        return TransformersGenerator(settings, model, name)
    from rag.generators.llamacpp import LlamaCppGenerator

    return LlamaCppGenerator(settings, model, name, cache=cache)
