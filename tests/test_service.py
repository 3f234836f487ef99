"""What the page relies on: it gets ready by itself, and its documents change under it while it is asked."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from serving import (
    ASK_LIBRARY,
    ASK_SIGNED,
    LIBRARY,
    LONG_S,
    CountingGenerator,
    GatedEmbedder,
    Place,
    answer,
    found,
    settled,
)

from index.store import current_generation
from rag import opening
from rag.conversation import Exchange
from rag.errors import GeneratorError, ModelMissingError, NotReadyError, SourceGoneError
from rag.pipeline import AskOptions
from rag.service_status import ServiceStatus

MEGABYTE = 1_000_000


def one_line(text: str | None) -> str:
    assert text
    assert "\n" not in text
    return text


# Setting up.


def test_the_first_corpus_is_indexed_and_then_questions_are_answered(place: Place) -> None:
    service = place.service(place.own)
    status = service.status()
    assert (status.state, status.error, status.generator_error, status.phase) == ("ready", None, None, None)
    assert status.documents == 2
    assert status.chunks > 2
    assert status.generation == "generation-000001"
    assert answer(service, ASK_SIGNED).answer == "现场签约合同金额3400万元[1]。"
    assert {document.id for document in service.documents()} == {"001.txt", "002.txt"}
    assert len(service.examples(3)) == 3
    json.dumps([vars(document) for document in service.documents()])


def test_how_far_setting_up_is_can_be_seen_meanwhile(place: Place) -> None:
    place.embedder.gate.clear()
    service = place.service(place.own, start=False)
    assert service.status().state == "starting"
    service.start()
    assert place.embedder.embedding.wait(LONG_S)
    status = service.status()
    assert status.state == "starting"
    assert status.phase is not None
    assert status.phase.description == "computing vectors"
    assert status.phase.total is not None
    assert (status.phase.done, status.phase.unit) == (0, "items")
    assert status.phase.total > 2
    place.embedder.gate.set()
    assert settled(service).state == "ready"
    steps = list(dict.fromkeys(phase.description for phase in place.phases if phase))
    assert steps == [
        "loading the embedding model",
        "reading documents",
        "computing vectors",
        "loading the generator",
    ]
    ends = [phase for phase in place.phases if phase and phase.description == "computing vectors"]
    assert ends[-1].done == ends[-1].total, "the bar gets to its end"


def test_before_it_is_ready_questions_and_changes_are_refused_with_the_reason(place: Place) -> None:
    place.embedder.gate.clear()
    service = place.service(place.own, start=False)
    service.start()
    assert place.embedder.embedding.wait(LONG_S)
    # The set-up builds the first index itself: nothing may build beside it.
    attempts: list[Callable[[], object]] = [
        lambda: next(iter(service.stream(ASK_SIGNED))),
        lambda: service.find(ASK_SIGNED),
        lambda: service.source("001.txt", 0, 5),
        lambda: service.add([("new.txt", place.file("new.txt", LIBRARY))], MEGABYTE),
        lambda: service.remove(["001.txt"]),
        lambda: service.rebuild(),
    ]
    for attempt in attempts:
        with pytest.raises(NotReadyError, match="still setting up"):
            attempt()
    assert service.documents() == []
    assert service.examples(3) == []
    place.embedder.gate.set()
    assert settled(service).documents == 2


def test_an_index_that_is_there_is_opened_and_nothing_is_embedded(place: Place) -> None:
    place.service(place.own)
    embedded = place.embedder.embedded
    again = place.service(place.own)
    assert again.status().state == "ready"
    assert again.status().generation == "generation-000001"
    assert place.embedder.embedded == embedded


@pytest.mark.parametrize("empty_folder", [False, True])
def test_without_documents_it_is_empty_until_some_come(place: Place, empty_folder: bool) -> None:
    corpus = place.index_dir.parent / "nothing"
    corpus.mkdir()
    service = place.service(corpus if empty_folder else None)
    assert service.status().state == "empty"
    with pytest.raises(NotReadyError, match="there are no documents yet"):
        service.find(ASK_SIGNED)
    assert service.add([("new.txt", place.file("new.txt", LIBRARY))], MEGABYTE) == []
    assert settled(service).state == "ready"
    assert found(service, ASK_LIBRARY) == {"new.txt"}


def test_an_empty_one_sees_what_rag_index_makes(place: Place) -> None:
    service = place.service(None)
    opening.build_index([place.own], place.settings())
    assert service.status().state == "ready", "the page, which asks how things are, comes to life"
    assert found(service, ASK_SIGNED)


@pytest.mark.parametrize(
    "error",
    [
        ModelMissingError("the model is missing:\nfetch it with `rag models fetch`"),
        GeneratorError("the folder holds no loadable model"),
        OSError(errno.ENOSPC, "No space left on device", "/cache/model"),
        RuntimeError("torch\nbroke"),
    ],
)
def test_a_set_up_that_fails_says_why_on_one_line_and_can_be_tried_again(
    place: Place, error: Exception
) -> None:
    place.embedder_error = error
    service = place.service(place.own)
    status = service.status()
    assert (status.state, status.phase) == ("failed", None)
    expected = error.strerror if isinstance(error, OSError) else str(error).split()[0]
    assert expected is not None
    assert expected in one_line(status.error)
    with pytest.raises(NotReadyError) as caught:
        service.find(ASK_SIGNED)
    assert expected in one_line(str(caught.value))
    place.embedder_error = None
    service.start()
    status = settled(service)
    assert (status.state, status.error) == ("ready", None)
    assert not answer(service, ASK_SIGNED).refused


def test_starting_twice_sets_up_once(place: Place) -> None:
    place.embedder.gate.clear()
    service = place.service(place.own, start=False)
    service.start()
    assert place.embedder.embedding.wait(LONG_S)
    service.start()
    assert sum(thread.name == "set-up" for thread in threading.enumerate()) == 1
    place.embedder.gate.set()
    assert settled(service).generation == "generation-000001"


@pytest.mark.parametrize("error", [GeneratorError("no such model: fetch it"), RuntimeError("not\nloaded")])
def test_without_a_generator_passages_can_be_searched(place: Place, error: Exception) -> None:
    place.generator_error = error
    service = place.service(place.own)
    status = service.status()
    assert (status.state, status.error) == ("ready", None)
    assert str(error).split()[0] in one_line(status.generator_error)
    assert "002.txt" in found(service, ASK_SIGNED)
    events = service.stream("那人口呢？", history=[Exchange("长葛市2022年的面积是多少？", "650平方公里。")])
    with pytest.raises(GeneratorError) as caught:
        list(events)
    assert str(error).split()[0] in one_line(str(caught.value))
    assert service.status().asking == 0
    place.generator_error = None
    service.start()
    assert settled(service).generator_error is None
    assert not answer(service, ASK_SIGNED).refused


def test_an_index_of_another_embedder_names_the_ways_out(place: Place) -> None:
    place.service(place.own)
    place.embedder = GatedEmbedder("another", "another-1")
    service = place.service(place.own)
    status = service.status()
    assert status.state == "failed"
    assert "--embedder fake" in one_line(status.error)
    assert "rag index PATH" in one_line(status.error)
    service.rebuild()  # the documents tab can mend it too
    assert settled(service).state == "ready"
    assert not answer(service, ASK_SIGNED).refused, "the generator was loaded as well"


def test_a_first_build_that_failed_can_be_made_up_for_by_re_indexing(place: Place) -> None:
    place.embedder.failure = OSError(errno.ENOSPC, "No space left on device")
    service = place.service(place.own)
    assert service.status().state == "failed"
    place.embedder.failure = None
    service.rebuild()
    status = settled(service)
    assert (status.state, status.error, status.documents) == ("ready", None, 2)
    assert not answer(service, ASK_SIGNED).refused


def test_uploads_that_were_not_indexed_any_more_are_at_the_next_start(place: Place) -> None:
    first = place.service(None)
    place.embedder.failure = OSError(errno.ENOSPC, "No space left on device")
    first.add([("new.txt", place.file("new.txt", LIBRARY))], MEGABYTE)
    settled(first)
    place.embedder.failure = None
    second = place.service(place.own)
    assert {document.id for document in second.documents()} == {"new.txt"}


# Documents come and go.


def test_an_added_document_is_indexed_while_the_old_index_is_asked(place: Place) -> None:
    service = place.service(place.own)
    place.embedder.embedding.clear()
    place.embedder.gate.clear()
    assert service.add([("new.txt", place.file("new.txt", LIBRARY))], MEGABYTE) == []
    assert place.embedder.embedding.wait(LONG_S)
    status = service.status()
    assert (status.state, status.building, status.rebuilt) == ("ready", True, None)
    assert status.phase is not None
    assert not answer(service, ASK_SIGNED).refused
    assert "new.txt" not in found(service, ASK_LIBRARY)
    service.start()  # nothing is set up beside it
    assert service.status().state == "ready"
    place.embedder.gate.set()
    status = settled(service)
    assert (status.building, status.phase, status.documents) == (False, None, 3)
    assert status.rebuilt is not None
    assert (status.rebuilt.added, status.rebuilt.error) == (("new.txt",), None)
    assert "new.txt" in found(service, ASK_LIBRARY)


def test_what_is_refused_is_named_and_rebuilds_nothing(place: Place) -> None:
    service = place.service(place.own)
    (refused,) = service.add([("photo.png", place.file("photo.png", "x"))], MEGABYTE)
    assert refused.id == "photo.png"
    assert refused.reason
    assert settled(service).generation == "generation-000001"


def test_a_document_added_while_the_index_is_rebuilt_is_in_it_in_the_end(place: Place) -> None:
    service = place.service(place.own)
    place.embedder.embedding.clear()
    place.embedder.gate.clear()
    service.add([("one.txt", place.file("one.txt", LIBRARY))], MEGABYTE)
    assert place.embedder.embedding.wait(LONG_S)
    service.add([("two.txt", place.file("two.txt", "许昌市的市花是荷花，市树是小叶榕。"))], MEGABYTE)
    place.embedder.gate.set()
    status = settled(service)
    assert status.documents == 4
    assert status.rebuilt is not None
    assert status.rebuilt.added == ("one.txt", "two.txt")
    assert "two.txt" in found(service, "许昌市的市花是什么？")


def test_removing_leaves_the_users_own_file_and_deletes_an_uploaded_one(place: Place) -> None:
    service = place.service(place.own)
    service.add([("new.txt", place.file("new.txt", LIBRARY))], MEGABYTE)
    settled(service)
    uploaded = place.index_dir / "documents" / "new.txt"
    assert uploaded.exists()
    service.remove(["new.txt", "001.txt"])
    status = settled(service)
    assert [document.id for document in service.documents()] == ["002.txt"]
    assert status.rebuilt is not None
    assert set(status.rebuilt.removed) == {"001.txt", "new.txt"}
    assert (place.own / "001.txt").exists()
    assert not uploaded.exists()


def test_with_every_document_removed_it_is_empty_and_stays_so(place: Place) -> None:
    service = place.service(place.own)
    service.remove(["001.txt", "002.txt"])
    status = settled(service)
    assert (status.state, status.documents, status.generation) == ("empty", 0, None)
    assert status.rebuilt is not None
    assert status.rebuilt.removed == ("001.txt", "002.txt")
    assert service.documents() == []
    assert (place.own / "001.txt").exists()
    again = place.service(place.own)
    assert again.status().state == "empty", "what was taken out does not come back by itself"


def test_a_rebuild_that_fails_says_why_and_the_old_index_is_asked(place: Place) -> None:
    service = place.service(place.own)
    place.embedder.failure = OSError(errno.ENOSPC, "No space left on device")
    service.add([("new.txt", place.file("new.txt", LIBRARY))], MEGABYTE)
    status = settled(service)
    assert (status.state, status.building, status.phase) == ("ready", False, None)
    assert status.rebuilt is not None
    assert "No space left on device" in one_line(status.rebuilt.error)
    assert not answer(service, ASK_SIGNED).refused
    place.embedder.failure = None
    service.rebuild()
    status = settled(service)
    assert status.rebuilt is not None
    assert (status.rebuilt.error, status.documents) == (None, 3)


def test_a_rebuild_that_breaks_in_an_unknown_way_does_not_end_all_rebuilding(place: Place) -> None:
    service = place.service(place.own)
    place.embedder.failure = RuntimeError("CUDA\nerror")
    service.add([("new.txt", place.file("new.txt", LIBRARY))], MEGABYTE)
    rebuilt = settled(service).rebuilt
    assert rebuilt is not None
    assert "CUDA error" in one_line(rebuilt.error)
    place.embedder.failure = None
    service.rebuild()
    assert settled(service).documents == 3


def test_what_another_process_indexed_is_asked_at_the_next_question(place: Place) -> None:
    service = place.service(place.own)
    (place.own / "003.txt").write_text(LIBRARY, encoding="utf-8")
    opening.build_index([place.own], place.settings())
    assert "003.txt" in found(service, ASK_LIBRARY)
    assert service.status().generation == "generation-000002"


@pytest.mark.parametrize("damage", [b"", b"no such generation\n", b"\xff\xfe"])
def test_a_damaged_index_of_another_process_leaves_the_old_one_in_use(place: Place, damage: bytes) -> None:
    service = place.service(place.own)
    (place.index_dir / "CURRENT").write_bytes(damage)
    assert not answer(service, ASK_SIGNED).refused


# What is passed on.


def test_history_and_options_reach_the_pipeline(place: Place) -> None:
    service = place.service(place.own)
    history = [Exchange("长葛市2022年的合同金额是多少？", "3400万元。")]
    options = AskOptions(documents=frozenset({"001.txt"}), top_k=1, language="en")
    result = answer(service, "2023年呢？", history=history, options=options)
    assert result.standalone_question == "长葛市2023年的合同金额是多少？"
    assert [passage.doc for passage in result.passages] == ["001.txt"]
    asked, passages = service.find("2023年呢？", history=history, options=options)
    assert asked == result.standalone_question
    assert [passage.chunk.doc_id for passage in passages] == ["001.txt"]


def test_a_cited_place_is_shown_from_the_index_that_is_asked(place: Place) -> None:
    service = place.service(place.own)
    (citation,) = answer(service, ASK_SIGNED).citations
    view = service.source(citation.doc, citation.start, citation.end, citation.quote)
    assert "".join(piece.text for piece in view.quote) == citation.quote
    service.remove([citation.doc])
    settled(service)
    with pytest.raises(SourceGoneError, match="no longer"):
        service.source(citation.doc, citation.start, citation.end, citation.quote)


def test_what_the_status_says_can_be_sent_as_json(place: Place) -> None:
    service = place.service(place.own)
    service.rebuild()
    status = settled(service)
    assert isinstance(status, ServiceStatus)
    assert replace(status) == status
    assert status.generator == place.settings().generation.model
    assert isinstance(place.generator, CountingGenerator)
    assert current_generation(place.index_dir) == Path(place.index_dir / str(status.generation))
