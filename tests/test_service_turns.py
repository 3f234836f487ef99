"""Many ask one generator: each in turn, nobody forgotten, nobody waited for who has gone."""

from __future__ import annotations

import threading

import pytest
from serving import ASK_BROKEN, ASK_METRO, ASK_SIGNED, LONG_S, Place

from rag.answers import Answer
from rag.errors import GeneratorError, QuestionError
from rag.pipeline import PassagesFound
from rag.service import Service
from rag.service_status import Waiting


class Asker(threading.Thread):
    """Asks one question in a thread of its own; `waits` holds how many were ahead, each time that it was told."""

    def __init__(self, service: Service, question: str) -> None:
        super().__init__(daemon=True)
        self.waits: list[int] = []
        self.waiting = threading.Event()
        self.result: Answer | Exception | None = None
        self._service = service
        self._question = question

    def run(self) -> None:
        try:
            for event in self._service.stream(self._question):
                if isinstance(event, Waiting):
                    self.waits.append(event.ahead)
                    self.waiting.set()
                elif isinstance(event, Answer):
                    self.result = event
        except Exception as error:
            self.result = error

    def done(self) -> Answer | Exception | None:
        self.join(LONG_S)
        assert not self.is_alive()
        return self.result


def test_ten_who_ask_at_once_are_answered_one_after_the_other_in_their_order(place: Place) -> None:
    service = place.service(place.own)
    generator = place.generator
    generator.gate.clear()
    first = Asker(service, f"{ASK_SIGNED}0")
    first.start()
    assert generator.writing.wait(LONG_S)
    others: list[Asker] = []
    for number in range(1, 10):
        other = Asker(service, f"{ASK_SIGNED}{number}")
        other.start()
        assert other.waiting.wait(LONG_S)  # stands in line before the next one comes
        others.append(other)
    assert service.status().asking == 10
    generator.gate.set()
    for asker in (first, *others):
        result = asker.done()
        assert isinstance(result, Answer)
        assert not result.refused
    assert generator.most_at_once == 1
    assert [question[-1] for question in generator.questions] == [str(number) for number in range(10)]
    assert first.waits == []
    for number, other in enumerate(others, 1):
        assert other.waits[0] == number
        assert other.waits == sorted(other.waits, reverse=True)
    assert service.status().asking == 0


def test_passages_come_before_ones_turn(place: Place) -> None:
    service = place.service(place.own)
    place.generator.gate.clear()
    first = Asker(service, ASK_SIGNED)
    first.start()
    assert place.generator.writing.wait(LONG_S)
    events = service.stream(ASK_METRO)
    event = next(events)
    assert isinstance(event, PassagesFound)
    assert event.passages
    assert next(events) == Waiting(1)
    events.close()  # type: ignore[attr-defined]
    place.generator.gate.set()
    first.done()


@pytest.mark.parametrize("events_taken", [1, 2, 3], ids=["passages", "first words", "more words"])
def test_who_goes_away_gives_the_turn_to_the_next(place: Place, events_taken: int) -> None:
    service = place.service(place.own)
    events = service.stream(ASK_SIGNED)
    for _ in range(events_taken):
        next(events)
    other = Asker(service, ASK_METRO)
    if events_taken > 1:
        other.start()
        assert other.waiting.wait(LONG_S)
    events.close()  # type: ignore[attr-defined]
    if events_taken == 1:
        other.start()
    assert isinstance(other.done(), Answer)
    assert service.status().asking == 0
    assert place.generator.most_at_once == 1


def test_who_leaves_the_line_is_not_waited_for(place: Place) -> None:
    service = place.service(place.own)
    place.generator.gate.clear()
    first = Asker(service, ASK_SIGNED)
    first.start()
    assert place.generator.writing.wait(LONG_S)
    impatient = service.stream(ASK_SIGNED)
    assert isinstance(next(impatient), PassagesFound)
    assert next(impatient) == Waiting(1)
    last = Asker(service, ASK_METRO)
    last.start()
    assert last.waiting.wait(LONG_S)
    assert last.waits[0] == 2
    impatient.close()  # type: ignore[attr-defined]
    place.generator.gate.set()
    assert isinstance(first.done(), Answer)
    assert isinstance(last.done(), Answer)
    assert sum(ASK_SIGNED in question for question in place.generator.questions) == 1


def test_a_generator_that_fails_lets_the_next_have_their_turn(place: Place) -> None:
    service = place.service(place.own)
    place.generator.gate.clear()
    unlucky = Asker(service, ASK_BROKEN)
    unlucky.start()
    assert place.generator.writing.wait(LONG_S)
    other = Asker(service, ASK_SIGNED)
    other.start()
    assert other.waiting.wait(LONG_S)
    place.generator.gate.set()
    assert isinstance(unlucky.done(), GeneratorError)
    assert isinstance(other.done(), Answer)


@pytest.mark.parametrize("question", ["", " \n", "许" * 1001])
def test_a_question_that_cannot_be_asked_takes_no_turn(place: Place, question: str) -> None:
    service = place.service(place.own)
    for ask in (service.stream, service.find):
        with pytest.raises(QuestionError):
            list(ask(question))
    assert service.status().asking == 0
    assert place.generator.calls == []
