"""The llama.cpp generator. Tests that need the real model are marked ``models``."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from generating import HELLO, PATIENCE_S, error_line, save_tiny_model, system, user

from rag.generators import Generator, Message, open_generator
from rag.generators.prompt_fronts import FRONTS_KEPT, PromptFronts
from rag.settings import GenerationSettings


def test_a_local_adapter_needs_a_model() -> None:
    assert "rag models" in error_line(lambda: open_generator(GenerationSettings()))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read"),
        (b"", "is no GGUF file"),
        (b"PK\x03\x04 a zip", "is no GGUF file"),
        (b"GGUF" + bytes(100), "damaged"),
    ],
)
def test_llamacpp_files_that_cannot_be_used(tmp_path: Path, content: bytes | None, expected: str) -> None:
    model = tmp_path / "model.gguf"
    if content is not None:
        model.write_bytes(content)
    assert expected in error_line(lambda: open_generator(GenerationSettings(), model))


def test_llamacpp_folder_in_place_of_a_file(tmp_path: Path) -> None:
    settings = GenerationSettings(adapter="llamacpp")
    assert "cannot be read" in error_line(lambda: open_generator(settings, tmp_path))


def test_a_folder_is_opened_by_transformers_without_being_told(tmp_path: Path) -> None:
    save_tiny_model(tmp_path)
    generator = open_generator(GenerationSettings(), tmp_path, name="tiny")
    assert type(generator).__name__ == "TransformersGenerator"


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"GGUF")
    return path


def keep(fronts: PromptFronts, front: list[Message], content: bytes) -> None:
    (fronts.folder / fronts.new_name()).write_bytes(content)
    fronts.keep(front, fronts.new_name())


def test_prompt_fronts_are_found_again_for_the_same_model_only(tmp_path: Path, model_file: Path) -> None:
    fronts = PromptFronts(tmp_path / "fronts", model_file, "1.0 4096")
    front = [system("规则")]
    assert fronts.find(front) is None
    keep(fronts, front, b"state")
    name = PromptFronts(tmp_path / "fronts", model_file, "1.0 4096").find(front)
    assert name is not None
    assert (tmp_path / "fronts" / name).read_bytes() == b"state"
    assert fronts.find([system("别的规则")]) is None
    assert PromptFronts(tmp_path / "fronts", model_file, "1.1 4096").find(front) is None
    model_file.write_bytes(b"GGUF, another")
    assert PromptFronts(tmp_path / "fronts", model_file, "1.0 4096").find(front) is None


def test_a_truncated_prompt_front_is_never_handed_out(tmp_path: Path, model_file: Path) -> None:
    fronts = PromptFronts(tmp_path / "fronts", model_file, "1.0")
    keep(fronts, HELLO, b"a long state")
    name = fronts.find(HELLO)
    assert name is not None
    (fronts.folder / name).write_bytes(b"a long")
    assert fronts.find(HELLO) is None
    assert list(fronts.folder.iterdir()) == []


def test_only_the_last_used_prompt_fronts_are_kept(tmp_path: Path, model_file: Path) -> None:
    fronts = PromptFronts(tmp_path / "fronts", model_file, "1.0")
    for number in range(FRONTS_KEPT + 3):
        keep(fronts, [system(str(number))], str(number).encode())
        time.sleep(0.01)
    assert len(list(fronts.folder.iterdir())) == FRONTS_KEPT
    assert fronts.find([system("0")]) is None
    assert fronts.find([system(str(FRONTS_KEPT + 2))]) is not None


FRONT = [system("你是文档问答助手，只根据资料回答，答案要短。" * 4)]
QUESTION = [*FRONT, user("资料：问源图书馆每天早上九点开门，晚上六点关门。\n问题：图书馆几点开门？")]
LONG_TASK = [*FRONT, user("写一篇两千字的文章，题目是春天。")]


@pytest.fixture(scope="module")
def small_model() -> Path:
    from rag import models
    from rag.settings import load_settings

    return models.resolve("qwen2.5-coder-0.5b", "generator", load_settings().models).path


@pytest.fixture(scope="module")
def llama(small_model: Path) -> Iterator[Generator]:
    generator = open_generator(GenerationSettings(context_tokens=2048), small_model, name="small")
    yield generator
    generator.close()


@pytest.mark.models
def test_llamacpp_streams_live(llama: Generator) -> None:
    started = time.monotonic()
    arrived = [time.monotonic() - started for _ in llama.stream(LONG_TASK, 40)]
    assert len(arrived) > 10
    assert arrived[-1] - arrived[0] > 0.3 * arrived[-1]


@pytest.mark.models
def test_llamacpp_answers_and_repeats_itself(llama: Generator) -> None:
    answers = ["".join(llama.stream(QUESTION, 40)) for _ in range(2)]
    assert "九点" in answers[0]
    assert answers[0] == answers[1]
    assert llama.last_stats is not None
    assert llama.last_stats.finish_reason == "stop"


@pytest.mark.models
def test_llamacpp_says_how_sure_it_was_of_its_words(llama: Generator) -> None:
    list(llama.stream([user("一加一等于几？只写数字。")], 8))
    assert llama.last_stats is not None
    assert llama.last_stats.mean_logprob is not None
    sure = llama.last_stats.mean_logprob
    list(llama.stream([user("随便写一个你喜欢的三位数和一种颜色。")], 40))
    assert llama.last_stats.mean_logprob is not None
    assert llama.last_stats.mean_logprob < sure <= 0


@pytest.mark.models
def test_llamacpp_does_not_compute_the_same_front_twice(llama: Generator) -> None:
    front = [system("你是一位考官。" * 20)]
    list(llama.stream([*front, user("你好")], 4))
    list(llama.stream([*front, user("什么是水？")], 4))
    assert llama.last_stats is not None
    assert 60 < llama.last_stats.cached_tokens < llama.last_stats.prompt_tokens
    assert llama.last_stats.answer_tokens == 4
    assert llama.last_stats.finish_reason == "length"


@pytest.mark.models
def test_llamacpp_early_close_leaves_it_usable(llama: Generator) -> None:
    stream = llama.stream(LONG_TASK, 1500)
    next(stream)
    started = time.monotonic()
    stream.close()
    assert time.monotonic() - started < 0.5
    assert "九点" in "".join(llama.stream(QUESTION, 40))
    # To write the rest of the article would take a minute.
    assert time.monotonic() - started < 30


@pytest.mark.models
def test_llamacpp_two_threads_at_once(llama: Generator) -> None:
    answers: dict[str, str] = {}
    cached: dict[str, int] = {}

    def ask(country: str) -> None:
        answers[country] = "".join(llama.stream([user(f"{country}的首都是哪座城市？只答城市名。")], 8))
        stats = llama.last_stats
        assert stats is not None
        cached[country] = stats.answer_tokens

    threads = [threading.Thread(target=ask, args=(country,)) for country in ("法国", "日本", "英国")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "巴黎" in answers["法国"]
    assert "东京" in answers["日本"]
    assert "伦敦" in answers["英国"]
    assert len(cached) == 3


@pytest.mark.models
def test_llamacpp_obeys_a_grammar(llama: Generator) -> None:
    grammar = 'root ::= ("甲" | "乙") "方。"'
    assert "".join(llama.stream(QUESTION, 20, grammar=grammar)) in ("甲方。", "乙方。")


@pytest.mark.models
def test_llamacpp_goes_on_with_a_begun_answer(llama: Generator) -> None:
    begun: Message = {"role": "assistant", "content": "图书馆每天早上"}
    assert "".join(llama.stream([*QUESTION, begun], 20)).startswith("九点")


@pytest.mark.models
def test_llamacpp_batch_keeps_the_order(llama: Generator) -> None:
    questions = [[user(f"{country}的首都是哪座城市？只答城市名。")] for country in ("法国", "日本")]
    first, second = llama.batch(questions, 8)
    assert "巴黎" in first
    assert "东京" in second


@pytest.mark.models
def test_llamacpp_counts_tokens(llama: Generator) -> None:
    assert llama.count_tokens("") == 0
    assert llama.count_tokens("123") == 3


@pytest.mark.models
def test_llamacpp_prompt_longer_than_the_context(llama: Generator) -> None:
    assert "the context holds 2048" in error_line(lambda: list(llama.stream([user("水" * 5000)], 8)))
    assert "九点" in "".join(llama.stream(QUESTION, 40))


@pytest.mark.models
def test_llamacpp_prepared_front_is_there_for_the_next_process(small_model: Path, tmp_path: Path) -> None:
    answers = []
    for _ in range(2):
        generator = open_generator(GenerationSettings(), small_model, name="small", cache=tmp_path)
        generator.prepare(FRONT)
        answers.append("".join(generator.stream(QUESTION, 40)))
        stats = generator.last_stats
        generator.close()
        assert stats is not None
        assert stats.cached_tokens > 40
    assert answers[0] == answers[1]
    (state,) = tmp_path.iterdir()
    # A truncated file must cost time only.
    state.write_bytes(state.read_bytes()[:1000])
    generator = open_generator(GenerationSettings(), small_model, name="small", cache=tmp_path)
    generator.prepare(FRONT)
    assert "".join(generator.stream(QUESTION, 40)) == answers[0]
    generator.close()


@pytest.mark.models
def test_llamacpp_closed_generator_says_so(small_model: Path) -> None:
    generator = open_generator(GenerationSettings(), small_model, name="small")
    stream = generator.stream(LONG_TASK, 1500)
    next(stream)
    generator.close()
    generator.close()
    assert "closed" in error_line(lambda: list(stream))
    assert "closed" in error_line(lambda: list(generator.stream(HELLO, 8)))
    assert "closed" in error_line(lambda: generator.count_tokens("水"))


def run_script(model: Path, script: str) -> subprocess.Popen[str]:
    start = f"""
        import pathlib, signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
        from rag.generators import open_generator
        from rag.settings import GenerationSettings
        generator = open_generator(GenerationSettings(), pathlib.Path({str(model)!r}))
        stream = generator.stream([{{"role": "user", "content": "写一篇两千字的文章"}}], 3000)
        next(stream)
    """
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(start) + script],
        cwd=Path(__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.models
def test_llamacpp_is_quiet_and_leaving_in_the_middle_is_clean(small_model: Path) -> None:
    process = run_script(small_model, "")
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output, errors) == (0, "", "")


@pytest.mark.models
def test_llamacpp_interrupt_ends_the_program_at_once(small_model: Path) -> None:
    process = run_script(small_model, "sys.stdout.write('writing\\n'); sys.stdout.flush()\nlist(stream)")
    assert process.stdout is not None
    assert process.stdout.readline() == "writing\n"
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert time.monotonic() - started < PATIENCE_S
