"""Answers through OpenAI's API, asked with its own client."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import httpx
import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_serving import (
    ASK_MEETING,
    OneAtATime,
    Scripted,
    ask,
    ask_streamed,
    client_of,
    error_of,
    served,
    text_of,
)
from openai_serving import address as address
from openai_serving import client as client
from openai_serving import service as service
from serving import ASK_METRO, ASK_SIGNED, LONG_S

from rag.answers import Answer, AnswerSentence, ModelNames, Timings
from rag.conversation import Exchange
from rag.pipeline import AskOptions, DraftText, PassagesFound
from rag.prompting import wording
from ui import openai_api
from ui.openai_response import sentences_of


def an_answer(text: str = "", sentences: Sequence[AnswerSentence] = ()) -> Answer:
    return Answer(
        id="a1",
        question="什么？",
        answer=text,
        refused=False,
        reason=None,
        sentences=list(sentences),
        citations=[],
        passages=[],
        timings=Timings(prompt_tokens=7, answer_tokens=5),
        models=ModelNames(embedder="e", generator="g"),
    )


def test_an_answer_comes_in_openais_shape_with_its_citations(
    client: openai.OpenAI, seed_texts: dict[str, str]
) -> None:
    found = ask(client, ASK_SIGNED, temperature=0.3, max_tokens=10, user="amy", seed=1)
    assert found.id.startswith("chatcmpl-")
    assert (found.object, found.model) == ("chat.completion", "wenyuan")
    (choice,) = found.choices
    assert choice.message.content == "现场签约合同金额3400万元[1]。"
    assert (choice.message.role, choice.message.refusal, choice.finish_reason) == ("assistant", None, "stop")
    assert found.model_extra is not None
    answer = Answer.model_validate(found.model_extra["wenyuan"])
    assert answer.question == ASK_SIGNED
    (citation,) = found.model_extra["citations"]
    assert citation == answer.citations[0].model_dump()
    assert seed_texts["002"][citation["start"] : citation["end"]] == citation["quote"]
    assert found.usage is not None
    assert found.usage.prompt_tokens == answer.timings.prompt_tokens > 0
    assert found.usage.completion_tokens == answer.timings.answer_tokens > 0
    assert found.usage.total_tokens == found.usage.prompt_tokens + found.usage.completion_tokens


def test_a_refusal_is_what_the_user_reads(client: openai.OpenAI) -> None:
    found = ask(client, ASK_METRO)
    assert found.choices[0].message.content == wording("zh").refusal
    assert (found.choices[0].message.refusal, found.choices[0].finish_reason) == (None, "stop")
    assert found.model_extra is not None
    assert found.model_extra["citations"] == []
    assert found.model_extra["wenyuan"]["reason"] == "not_in_passages"
    assert text_of(ask_streamed(client, ASK_METRO)) == wording("zh").refusal


def test_a_streamed_answer_comes_sentence_by_sentence(client: openai.OpenAI) -> None:
    chunks = ask_streamed(client, ASK_MEETING)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert {(chunk.id, chunk.object, chunk.model) for chunk in chunks} == {
        (chunks[0].id, "chat.completion.chunk", "wenyuan")
    }
    last = chunks[-1]
    assert [chunk.choices[0].finish_reason for chunk in chunks] == [None] * (len(chunks) - 1) + ["stop"]
    assert last.model_extra is not None
    answer = Answer.model_validate(last.model_extra["wenyuan"])
    assert last.model_extra["citations"] == [citation.model_dump() for citation in answer.citations]
    assert text_of(chunks) == answer.answer
    deltas = [chunk.choices[0].delta.content for chunk in chunks[1:-1]]
    assert len(deltas) == len(answer.sentences) > 1
    for delta, sentence in zip(deltas, answer.sentences, strict=True):
        assert delta is not None
        assert all(f"[{number}]" in delta for number in sentence.citations)
        assert sentence.text.rstrip("。") in delta


def test_token_counts_end_the_stream_when_they_are_asked_for(client: openai.OpenAI) -> None:
    *chunks, last = ask_streamed(client, ASK_SIGNED, stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage is not None
    assert last.usage.total_tokens == last.usage.prompt_tokens + last.usage.completion_tokens > 0
    assert all(chunk.usage is None for chunk in chunks)
    assert all(chunk.usage is None for chunk in ask_streamed(client, ASK_SIGNED))


def test_the_events_have_the_form_of_server_sent_events(address: str) -> None:
    body = {"messages": [{"role": "user", "content": ASK_SIGNED}], "stream": True}
    found = httpx.post(f"{address}/chat/completions", json=body, timeout=LONG_S)
    assert found.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert found.headers["cache-control"] == "no-cache"
    assert "content-length" not in found.headers
    events = found.text.split("\n\n")
    assert events.pop() == ""
    assert events.index(": searching") < events.index(": writing") < len(events) - 2
    assert events[-1] == "data: [DONE]"
    assert all(event.startswith((": ", "data: ")) and "\n" not in event for event in events)
    assert found.text.isascii(), "no client takes U+2028 for the end of a line"


def ask_in_conversation(client: openai.OpenAI) -> None:
    client.chat.completions.create(
        model="wenyuan",
        messages=[
            {"role": "system", "content": "You are a pirate."},
            {"role": "user", "content": "谁主持了会议？"},
            {"role": "assistant", "content": "市长主持[1]。副市长 spoke [2][3]."},
            {"role": "user", "content": "没有回答的问题？"},
            {
                "role": "user",
                "content": [{"type": "text", "text": "第二个"}, {"type": "text", "text": "问题？"}],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
            {"role": "tool", "content": "out", "tool_call_id": "1"},
            {"role": "assistant", "content": [{"type": "text", "text": "第二个回答[12]。"}]},
            {"role": "assistant", "content": "还有。"},
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": ASK_SIGNED}]},
        ],
        extra_body={"documents": ["a.txt", "b.txt"], "top_k": 4, "language": "zh-Hant"},
    )


def test_history_and_options_reach_the_service() -> None:
    service = Scripted(lambda: iter([an_answer("好。")]))
    with served(service) as address, client_of(address) as client:
        ask_in_conversation(client)
    question, history, options = service.asked[-1]
    assert question == ASK_SIGNED
    assert history == (
        Exchange("谁主持了会议？", "市长主持。副市长 spoke."),
        Exchange("第二个\n问题？", "第二个回答。"),
    )
    assert options == AskOptions(documents=frozenset({"a.txt", "b.txt"}), top_k=4, language="zh-Hant")


def test_a_document_can_be_chosen_and_the_language(client: openai.OpenAI, seed_texts: dict[str, str]) -> None:
    whole = Answer.model_validate((ask(client, ASK_METRO).model_extra or {})["wenyuan"])
    documents = {passage.doc for passage in whole.passages}
    assert len(documents) > 1
    chosen = min(documents)
    extra = {"documents": [chosen], "top_k": 2, "language": "en"}
    found = ask(client, ASK_METRO, extra_body=extra)
    assert found.choices[0].message.content == wording("en").refusal
    answer = Answer.model_validate((found.model_extra or {})["wenyuan"])
    assert {passage.doc for passage in answer.passages} == {chosen}
    assert len(answer.passages) <= 2


def test_what_is_not_chosen_is_left_to_the_settings(client: openai.OpenAI, service: OneAtATime) -> None:
    ask(client, ASK_SIGNED, extra_body={"language": "auto"})
    ask_streamed(client, ASK_SIGNED, extra_body={"documents": None, "top_k": None, "language": None})
    assert service.asked[-2:] == [(ASK_SIGNED, (), AskOptions())] * 2


def test_ten_questions_at_once_are_all_answered(client: openai.OpenAI) -> None:
    def one(number: int) -> str | None:
        if number % 2:
            return text_of(ask_streamed(client, ASK_SIGNED))
        return ask(client, ASK_SIGNED).choices[0].message.content

    with ThreadPoolExecutor(10) as threads:
        assert list(threads.map(one, range(10))) == ["现场签约合同金额3400万元[1]。"] * 10


def test_ten_slow_questions_are_worked_on_together_and_hold_up_nobody_else() -> None:
    together = threading.Barrier(11)
    go = threading.Event()

    def events() -> Iterator[object]:
        together.wait(LONG_S)
        assert go.wait(LONG_S)
        yield an_answer("好。")

    with (
        served(Scripted(events)) as address,
        client_of(address) as client,
        ThreadPoolExecutor(10) as threads,
    ):
        waiting = [threads.submit(ask, client, f"第{number}个问题") for number in range(10)]
        together.wait(LONG_S)
        assert client.models.retrieve("wenyuan").id == "wenyuan"
        go.set()
        assert [found.result().choices[0].message.content for found in waiting] == ["好。"] * 10


def test_only_checked_text_is_sent_and_signs_of_life_while_it_is_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(openai_api, "_KEEP_ALIVE_S", 0.001)
    found, drafted, checked = threading.Event(), threading.Event(), threading.Event()

    def events() -> Iterator[object]:
        assert found.wait(LONG_S)
        yield PassagesFound(())
        yield DraftText("这是草稿")
        drafted.set()
        assert checked.wait(LONG_S)
        yield an_answer("好。")

    body = {"messages": [{"role": "user", "content": "什么？"}], "stream": True}
    with (
        served(Scripted(events)) as address,
        httpx.stream("POST", f"{address}/chat/completions", json=body, timeout=LONG_S) as response,
    ):
        lines = (line for line in response.iter_lines() if line)
        assert json.loads(next(lines).removeprefix("data: "))["choices"][0]["delta"]["role"] == "assistant"
        assert [next(lines) for _ in range(4)] == [": searching"] * 4
        found.set()
        while (line := next(lines)) == ": searching":
            pass
        assert line == ": writing"
        assert drafted.wait(LONG_S)
        assert [next(lines) for _ in range(4)] == [": writing"] * 4
        checked.set()
        rest = [line for line in lines if line != ": writing"]
    assert json.loads(rest[0].removeprefix("data: "))["choices"][0]["delta"] == {"content": "好。"}
    assert len(rest) == 3
    assert rest[-1] == "data: [DONE]"


@pytest.mark.parametrize("streamed", [True, False])
def test_work_stops_when_the_client_goes(streamed: bool) -> None:
    begun, gone = threading.Event(), threading.Event()

    def events() -> Iterator[object]:
        yield PassagesFound(())
        begun.set()
        for _ in range(LONG_S * 100):
            gone.wait(0.01)
            yield DraftText("词")
        raise AssertionError("nobody stopped the work")

    service = Scripted(events)
    body = {"messages": [{"role": "user", "content": "什么？"}], "stream": streamed}
    with served(service) as address:
        host, _, port = address.removeprefix("http://").removesuffix("/v1").partition(":")
        content = json.dumps(body).encode()
        head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        with socket.create_connection((host, int(port)), LONG_S) as connection:
            connection.sendall(f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content)
            assert begun.wait(LONG_S)
            assert not service.closed.is_set()
        assert service.closed.wait(LONG_S)
        assert httpx.get(f"{address}/models").status_code == 200


def test_there_is_one_model(client: openai.OpenAI) -> None:
    (model,) = client.models.list()
    assert (model.id, model.object, model.owned_by) == ("wenyuan", "model", "local")
    assert client.models.retrieve("wenyuan") == model
    for name in ("gpt-5", "a/b"):
        with pytest.raises(openai.NotFoundError) as caught:
            client.models.retrieve(name)
        assert error_of(caught)["code"] == "model_not_found"


# --- cutting ---


def marked(text: str, citations: Sequence[int]) -> str:
    """The marks stand before the closing punctuation, after a letter with a space, as the pipeline writes them."""
    marks = "".join(f"[{number}]" for number in citations)
    body = text.rstrip("。！？!?.…")
    space = " " if body and body[-1].isascii() and body[-1].isalpha() else ""
    return body + space + marks + text[len(body) :]


plain_sentences = st.text("中文 ab1，「」[]。.", min_size=1, max_size=12).map(str.strip).filter(bool)
cited = st.tuples(plain_sentences, st.lists(st.integers(1, 12), max_size=3)).map(
    lambda pair: AnswerSentence(text=pair[0], citations=pair[1], supported=True, problems=[])
)


@given(
    st.lists(cited, max_size=4), st.sampled_from(["", " "]), st.text("中文a[1]。 ", max_size=20) | st.none()
)
def test_the_pieces_of_an_answer_joined_are_the_answer(
    sentences: list[AnswerSentence], joint: str, other: str | None
) -> None:
    text = joint.join(marked(sentence.text, sentence.citations) for sentence in sentences)
    answer = an_answer(text if other is None else other, sentences)
    assert "".join(sentences_of(answer)) == answer.answer


def test_an_answer_is_cut_after_each_sentence_with_its_marks() -> None:
    texts = [
        ("预算为3.5万元。", [1, 2]),
        ("They met in May.", [3]),
        ("“好。”", [1]),
        ("没有标记", []),
        ("完。", [12]),
    ]
    sentences = [AnswerSentence(text=t, citations=n, supported=True, problems=[]) for t, n in texts]
    pieces = [marked(text, numbers) for text, numbers in texts]
    assert sentences_of(an_answer("".join(pieces), sentences)) == pieces
    spaced = [pieces[0], *(f" {piece}" for piece in pieces[1:])]
    assert sentences_of(an_answer(" ".join(pieces), sentences)) == spaced
