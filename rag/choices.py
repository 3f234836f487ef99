"""What may be chosen for a question, as JSON brings it: from a file of questions, from the page, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from index.dating import days
from rag.errors import QuestionError
from rag.pipeline import AskOptions

LanguageChoice = Literal["auto", "zh", "zh-Hant", "en"]


def first_day(text: str) -> date:
    """Return the first day that a written date covers: 2020-08-17, or shorter, 2020-08 and 2020.

    Raises:
        ValueError: it is no such date.
    """
    return _covered(text)[0]


def last_day(text: str) -> date:
    """Return the last day that a written date covers; see :func:`first_day`.

    Raises:
        ValueError: it is no such date.
    """
    return _covered(text)[1]


def _covered(text: str) -> tuple[date, date]:
    covered = days(text.strip()) if isinstance(text, str) else None
    if covered is None:
        raise ValueError("write a date like 2020, 2020-08 or 2020-08-17")
    return covered


def read_choices(fields: Mapping[str, object]) -> AskOptions:
    """Read what was chosen; ``None`` chooses nothing.

    Raises:
        QuestionError: a field is not what it should be.
    """
    try:
        return Choices.model_validate(fields).options()
    except ValidationError as error:
        raise QuestionError(first_problem(error)) from error


def first_problem(error: ValidationError) -> str:
    """Return in one line which field is wrong, the first one, and why."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    said = first["msg"].removeprefix("Value error, ")
    return f"{where}: {said}" if where else said


class Choices(BaseModel):
    """The fields; what is left out is left to the settings."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    documents: list[str] | None = None
    top_k: int | None = Field(default=None, ge=1, le=100)
    language: LanguageChoice | None = None
    since: Annotated[date, BeforeValidator(first_day)] | None = None
    until: Annotated[date, BeforeValidator(last_day)] | None = None

    @model_validator(mode="after")
    def _check_days(self) -> Self:
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"since {self.since} is after until {self.until}: exchange them")
        return self

    def options(self) -> AskOptions:
        """Return what was chosen."""
        return AskOptions(
            documents=None if self.documents is None else frozenset(self.documents),
            top_k=self.top_k,
            language=None if self.language == "auto" else self.language,
            since=self.since,
            until=self.until,
        )
