"""The transformers generator, on a tiny model with random weights."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from generating import ALPHABET, HELLO, PATIENCE_S, error_line, save_tiny_model, user

from rag.generators import Generator, open_generator
from rag.settings import GenerationSettings


def transformers_generator(folder: Path, **settings: Any) -> Generator:
    return open_generator(
        GenerationSettings.model_validate({"adapter": "transformers", **settings}), folder, name="tiny"
    )


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    save_tiny_model(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tiny_folder: Path) -> Iterator[Generator]:
    generator = transformers_generator(tiny_folder, context_tokens=100_000)
    yield generator
    generator.close()


def test_transformers_streams_and_counts(tiny: Generator) -> None:
    pieces = list(tiny.stream([user("天地玄黄")], 12))
    assert len(pieces) > 1
    stats = tiny.last_stats
    assert stats is not None
    assert (stats.prompt_tokens, stats.cached_tokens, stats.answer_tokens) == (4, 0, 12)
    assert stats.finish_reason == "length"
    assert tiny.count_tokens("宇宙洪荒") == 4


def test_transformers_is_greedy_whatever_the_checkpoint_asks_for(tiny: Generator) -> None:
    assert len({"".join(tiny.stream([user("日月")], 20)) for _ in range(4)}) == 1


def test_transformers_batch_answers_as_one_by_one(tiny: Generator) -> None:
    # More than one batch, and prompts of many lengths.
    questions = [[user(ALPHABET[: 1 + number])] for number in range(11)]
    assert tiny.batch(questions, 8) == ["".join(tiny.stream(question, 8)) for question in questions]
    assert tiny.batch([], 8) == []


def test_transformers_stops_at_the_end_token(tmp_path: Path, tiny: Generator, tiny_folder: Path) -> None:
    answer = "".join(tiny.stream([user("寒来")], 1))
    ending = json.loads((tiny_folder / "generation_config.json").read_text())
    for file in tiny_folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    ending["eos_token_id"] = [1, 3 + ALPHABET.index(answer)]
    (tmp_path / "generation_config.json").write_text(json.dumps(ending))
    generator = transformers_generator(tmp_path)
    list(generator.stream([user("寒来")], 20))
    assert generator.last_stats is not None
    assert generator.last_stats.finish_reason == "stop"
    assert generator.last_stats.answer_tokens == 1


def test_transformers_early_close_stops_the_writing(tiny: Generator) -> None:
    stream = tiny.stream([user("天地")], 90_000)
    next(stream)
    (writer,) = [thread for thread in threading.enumerate() if thread.name == "generation"]
    stream.close()
    writer.join(PATIENCE_S)
    assert not writer.is_alive()
    assert list(tiny.stream([user("天地")], 3))


def test_transformers_two_threads_take_turns(tiny: Generator) -> None:
    expected = "".join(tiny.stream([user("秋收")], 30))
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda: answers.append("".join(tiny.stream([user("秋收")], 30))))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [expected] * 4


def test_transformers_prompt_longer_than_the_context(tiny_folder: Path) -> None:
    generator = transformers_generator(tiny_folder, context_tokens=512)
    assert "512" in error_line(lambda: list(generator.stream([user("天" * 600)], 8)))


def test_transformers_error_while_writing_reaches_the_reader(
    tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import transformers

    generator = transformers_generator(tiny_folder)

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no\nluck")

    monkeypatch.setattr(transformers.LlamaForCausalLM, "generate", fail)
    assert "no luck" in error_line(lambda: list(generator.stream(HELLO, 8)))


def test_transformers_closed_generator_says_so(tiny_folder: Path) -> None:
    generator = transformers_generator(tiny_folder)
    generator.close()
    generator.close()
    assert "closed" in error_line(lambda: list(generator.stream(HELLO, 8)))


def test_transformers_folders_that_cannot_be_used(tmp_path: Path) -> None:
    assert "config.json" in error_line(lambda: transformers_generator(tmp_path / "nothing"))
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{")
    assert "cannot be loaded" in error_line(lambda: transformers_generator(tmp_path / "broken"))
    save_tiny_model(tmp_path / "pickle", safe=False)
    assert "cannot be loaded" in error_line(lambda: transformers_generator(tmp_path / "pickle"))
    save_tiny_model(tmp_path / "no-template", template=None)
    assert "chat template" in error_line(lambda: transformers_generator(tmp_path / "no-template"))
