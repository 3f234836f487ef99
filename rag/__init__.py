"""Questions to checked, cited answers.

>>> import rag
>>> settings = rag.load_settings(index_dir="my-index")
>>> rag.build_index([Path("documents")], settings)
>>> with rag.open_assistant(settings) as assistant:
...     answer = assistant.ask("长葛市食品行业产销对接会现场签约合同金额是多少？")
...     print(answer.answer, [citation.quote for citation in answer.citations])

``assistant.stream(question)`` yields :class:`PassagesFound`, :class:`DraftText` and at the end the
:class:`Answer`. All errors that a user can mend derive from :class:`WenyuanError`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.answers import Answer, AnswerSentence, Citation
    from rag.conversation import Exchange
    from rag.errors import WenyuanError
    from rag.opening import build_index, open_assistant
    from rag.pipeline import AskOptions, Assistant, DraftText, PassagesFound
    from rag.settings import Settings, load_settings

__all__ = [
    "Answer",
    "AnswerSentence",
    "AskOptions",
    "Assistant",
    "Citation",
    "DraftText",
    "Exchange",
    "PassagesFound",
    "Settings",
    "WenyuanError",
    "build_index",
    "load_settings",
    "open_assistant",
]

_HOMES = {
    "rag.answers": ("Answer", "AnswerSentence", "Citation"),
    "rag.errors": ("WenyuanError",),
    "rag.opening": ("build_index", "open_assistant"),
    "rag.conversation": ("Exchange",),
    "rag.pipeline": ("AskOptions", "Assistant", "DraftText", "PassagesFound"),
    "rag.settings": ("Settings", "load_settings"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: `rag --help` must not wait for numpy and FAISS."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
