"""What whoever ends the program relies on: nothing is in use any more, and nothing computed is lost."""

from __future__ import annotations

import threading
import time

import pytest
from serving import ASK_LIBRARY, ASK_SIGNED, LIBRARY, LONG_S, Place, answer, found, settled

from rag import opening
from rag.answers import Answer
from rag.errors import NotReadyError
from rag.pipeline import PassagesFound


def test_an_index_is_closed_when_the_last_who_asks_it_is_done(place: Place) -> None:
    service = place.service(place.own)
    opened = service._opened
    assert opened is not None
    closed: list[str] = []
    close = opened.index.close
    opened.index.close = lambda: (closed.append("closed"), close())[1]  # type: ignore[method-assign,func-returns-value]
    place.generator.gate.clear()
    place.generator.writing.clear()
    events = service.stream(ASK_SIGNED)
    assert isinstance(next(events), PassagesFound)
    (place.own / "003.txt").write_text(LIBRARY, encoding="utf-8")
    service.rebuild()
    assert settled(service).generation == "generation-000002"
    assert closed == []
    place.generator.gate.set()
    last = list(events)[-1]
    assert isinstance(last, Answer)
    assert last.citations, "it was answered from the index that it began with"
    assert closed == ["closed"]
    assert "003.txt" in found(service, ASK_LIBRARY)


def test_closing_frees_the_models_and_the_index(place: Place) -> None:
    service = place.service(place.own)
    opened = service._opened
    assert opened is not None
    service.close()
    assert place.generator.closed
    with pytest.raises(Exception, match="closed"):
        opened.index.tables.document_ids()
    with pytest.raises(NotReadyError, match="rag chat"):
        service.find(ASK_SIGNED)
    service.start()
    with pytest.raises(NotReadyError):
        service.rebuild()
    service.close()


@pytest.mark.parametrize("rebuilding", [False, True])
def test_closing_waits_for_what_is_built_to_stop_at_its_next_step(place: Place, rebuilding: bool) -> None:
    service = place.service(place.own, start=rebuilding)
    place.embedder.embedding.clear()
    place.embedder.gate.clear()
    if rebuilding:
        (place.own / "003.txt").write_text(LIBRARY, encoding="utf-8")
        service.rebuild()
    else:
        service.start()
    assert place.embedder.embedding.wait(LONG_S)
    closing = threading.Thread(target=service.close)
    closing.start()
    for _ in range(20):
        assert closing.is_alive(), "a thread within a model would abort the program at its end"
        closing.join(0.01)
    place.embedder.gate.set()
    closing.join(LONG_S)
    assert not any(thread.name in ("set-up", "rebuild") for thread in threading.enumerate())
    assert service._opened is None
    generations = [path.name for path in place.index_dir.glob("generation-*")]
    assert generations == (["generation-000001"] if rebuilding else []), "it was not built to its end"
    assert not answer(place.service(place.own), ASK_SIGNED).refused, "the next start goes on"


def test_a_generator_that_is_loaded_while_the_service_is_closed_is_freed(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = place.service(place.own, start=False)
    closing = threading.Thread(target=service.close)

    def load(settings: object) -> object:
        closing.start()
        while not service._closed:
            time.sleep(0.001)
        return place.generator

    monkeypatch.setattr(opening, "load_generator", load)
    service.start()
    settled(service)
    closing.join(LONG_S)
    assert place.generator.closed
    assert service._opened is None
