"""What the page's scripts and the HTTP API send, read strictly: nothing of it is trusted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag.answers import Answer, AnswerPassage
from rag.choices import Choices
from rag.conversation import Exchange
from rag.errors import WenyuanError

_Text = Annotated[str, Field(max_length=20_000)]
_Name = Annotated[str, Field(max_length=4_000)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Exchange(_Message):
    question: _Text
    answer: _Text = ""


class Question(Choices):
    """A question with what was chosen for it."""

    question: _Text
    history: list[_Exchange] = Field(default=[], max_length=50)
    documents: list[_Name] | None = Field(default=None, max_length=1_000_000)

    def exchanges(self) -> list[Exchange]:
        """Return the conversation so far."""
        return [Exchange(one.question, one.answer) for one in self.history]


class AskRequest(Question):
    """A question of the page."""

    turn: str = Field(max_length=64)
    passages_only: bool = False


class LibraryRequest(_Message):
    """The documents, and some example questions about them."""

    examples: int = Field(default=0, ge=0, le=20)


class SourceRequest(_Message):
    """A place in a document."""

    doc: _Name
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str | None = Field(default=None, max_length=200_000)


class _Upload(_Message):
    name: _Name
    path: _Name


class AddRequest(_Message):
    """Files that were uploaded into Gradio's folder."""

    files: list[_Upload] = Field(max_length=1000)

    def uploads(self) -> list[tuple[str, Path]]:
        """Return each file's name and where it lies.

        Raises:
            WenyuanError: a path does not lie in the folder for uploads; only the page's own scripts send them, so
                that someone else did.
        """
        from gradio.utils import get_upload_folder

        folder = Path(get_upload_folder()).resolve()
        found: list[tuple[str, Path]] = []
        for upload in self.files:
            path = Path(upload.path)
            if not _lies_in(folder, path):
                raise WenyuanError(f"{upload.name}: not an uploaded file; drop it on the page again")
            found.append((upload.name, path))
        return found


def _lies_in(folder: Path, path: Path) -> bool:
    """Whether a path leads to a file in a folder, and not by a link."""
    try:
        return path.resolve().is_relative_to(folder) and not path.is_symlink() and path.is_file()
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL in it, a circle of links
        return False


class RemoveRequest(_Message):
    """Documents to take out of the index."""

    ids: list[_Name] = Field(max_length=1_000_000)


class ExportedPassage(AnswerPassage):
    """A passage as the page keeps it."""

    model_config = ConfigDict(extra="ignore")


class ExportedAnswer(Answer):
    """An answer as the page keeps it: what it was answered from stands beside it."""

    passages: list[AnswerPassage] = Field(default_factory=list)


class ExportedTurn(_Message):
    """One question of a conversation with what came of it."""

    question: _Text
    asked: str = Field(default="", max_length=64)
    standalone: _Text | None = None
    step: str = Field(max_length=32)
    passages: list[ExportedPassage] = Field(default=[], max_length=200)
    answer: ExportedAnswer | None = None
    error: _Text | None = None


class ExportRequest(_Message):
    """A conversation to be exported."""

    format: Literal["markdown", "json"]
    language: Literal["zh", "en"] = "zh"
    turns: list[ExportedTurn] = Field(max_length=500)
