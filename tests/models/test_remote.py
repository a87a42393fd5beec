"""A model served elsewhere gives the numbers that it gives here, and every fault of the line ends well."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mmattr_app import pipeline
from mmattr_app.demo.scenes import scene
from mmattr_app.domain import Question, Sampling
from mmattr_app.errors import AppError
from mmattr_app.models import MODELS, load
from mmattr_app.models.huggingface import HuggingFaceModel
from mmattr_app.models.loading import load_huggingface
from mmattr_app.models.vllm import model as remotely
from mmattr_app.models.vllm.http import TRIES
from mmattr_app.models.vllm.model import VllmModel, connect
from mmattr_app.settings import settings
from mmattr_app.workers.inline import InlineWorker
from tests.games import explain_regions
from tests.models.serving import Fault, Handler, Server
from tests.models.short import answer, scored, variants

TEXT = "A red car."


@pytest.fixture(scope="module")
def demo() -> HuggingFaceModel:
    return load_huggingface("demo", MODELS["demo"].source, device="cpu", dtype="float32")


@pytest.fixture
def server(demo: HuggingFaceModel) -> Iterator[Server]:
    server = Server(demo)
    yield server
    server.close()


@pytest.fixture
def pauses() -> list[float]:
    """Collect the pauses between tries, none of which is really made."""
    return []


@pytest.fixture
def remote(server: Server, pauses: list[float]) -> VllmModel:
    return connect(server.name, sleep=pauses.append)


@pytest.fixture
def question() -> Question:
    return Question((scene(3, 96).image,), "Describe the picture.", max_tokens=12)


def test_the_numbers_are_those_of_the_model_here(remote: VllmModel, demo: HuggingFaceModel, question: Question) -> None:
    there, here = answer(remote, question), answer(demo, question)
    assert (there.text, there.token_ids, there.tokens) == (here.text, here.token_ids, here.tokens)
    assert there.cut_off == here.cut_off
    np.testing.assert_allclose(there.logprobs, here.logprobs, atol=1e-4)
    images = variants(question.image)
    np.testing.assert_allclose(scored(remote, there, images), scored(demo, here, images), atol=1e-4)


def test_a_whole_explanation_is_the_same(remote: VllmModel, demo: HuggingFaceModel, question: Question) -> None:
    cut = pipeline.segment(question.image, "grid:3x3")
    there, here = (
        explain_regions(worker, pipeline.ask(worker, question, TEXT), cut, pipeline.Plan("ablation")).scores.values
        for worker in (InlineWorker(remote), InlineWorker(demo))
    )
    assert np.abs(here).max() > 0.05
    np.testing.assert_allclose(there, here, atol=1e-4)


def test_an_answer_streams_and_can_be_broken_off(remote: VllmModel, server: Server, question: Question) -> None:
    stream: Any = remote.answer(question)
    first, second = next(stream), next(stream)
    assert second.startswith(first)
    stream.close()
    assert len(server.bodies) == 1  # nothing is scored


def test_sampling_and_the_system_prompt_are_sent(remote: VllmModel, server: Server, question: Question) -> None:
    answer(remote, replace(question, system="Be brief.", sampling=Sampling(0.7, 0.9, 5)))
    sent, echoed = server.bodies
    assert (sent["temperature"], sent["top_p"], sent["seed"], sent["max_tokens"]) == (0.7, 0.9, 5, 12)
    assert sent["messages"][0] == echoed["messages"][0] == {"role": "system", "content": "Be brief."}
    assert echoed["messages"][-1]["role"] == "assistant"
    assert (echoed["add_generation_prompt"], echoed["continue_final_message"]) == (False, True)


def test_requests_go_out_together_but_not_too_many(
    server: Server, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remotely, "settings", lambda: replace(settings(), remote_requests=3))
    remote = connect(server.name)
    said = answer(remote, question, TEXT)
    gate = threading.Barrier(3, timeout=10)

    def together(_: Handler) -> bool:
        gate.wait()  # opens only when three are there at once
        return False

    server.faults = [together] * 9
    server.busiest = 0
    scored(remote, said, [question.image] * 9)
    assert server.busiest == 3


def test_the_key_comes_from_the_environment(
    server: Server, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MMATTR_API_KEY", "secret-word")
    remote = connect(server.name)
    said = answer(remote, question, TEXT)
    assert set(server.keys) == {"Bearer secret-word"}
    server.faults = [status(401)]
    with pytest.raises(AppError, match="wants another API key; set MMATTR_API_KEY") as caught:
        scored(remote, said, [question.image])
    assert "secret-word" not in str(caught.value)


def status(code: int, **headers: str) -> Fault:
    def fault(handler: Handler) -> bool:
        handler.refuse(code, "Something is the matter.", **headers)
        return True

    return fault


def cut(handler: Handler) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [')
    handler.close_connection = True
    return True


def slow(handler: Handler) -> bool:
    handler.server.quit.wait(5)
    handler.close_connection = True
    return True


@pytest.mark.parametrize("fault", [status(429), status(500), status(503), cut])
def test_a_passing_fault_is_tried_again(
    fault: Fault, remote: VllmModel, server: Server, pauses: list[float], question: Question
) -> None:
    said = answer(remote, question, TEXT)
    expected = scored(remote, said, [question.image])
    server.faults = [fault, fault]
    np.testing.assert_array_equal(scored(remote, said, [question.image]), expected)
    assert pauses == [0.5, 1.0]


def test_a_server_may_say_how_long_to_wait(
    remote: VllmModel, server: Server, pauses: list[float], question: Question
) -> None:
    server.faults = [status(429, Retry_After="7"), status(429, Retry_After="4000"), status(429, Retry_After="soon")]
    answer(remote, question, TEXT)
    assert pauses == [7.0, 30.0, 2.0]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (status(429), "has too much to do, 6 times in a row"),
        (status(500), "fails with status 500, 6 times in a row"),
        (cut, "breaks off its reply, 6 times in a row"),
    ],
)
def test_a_lasting_fault_is_one_sentence(
    fault: Fault, words: str, remote: VllmModel, server: Server, pauses: list[float], question: Question
) -> None:
    server.faults = [fault] * TRIES
    with pytest.raises(AppError, match=words):
        answer(remote, question, TEXT)
    assert pauses == [0.5, 1.0, 2.0, 4.0, 8.0]


def test_a_slow_server_is_not_waited_for_without_end(
    server: Server, question: Question, monkeypatch: pytest.MonkeyPatch
) -> None:
    short: Any = 0.05
    monkeypatch.setattr(remotely, "settings", lambda: replace(settings(), remote_seconds=short))
    remote = connect(server.name, sleep=lambda _: None)
    server.faults = [slow] * TRIES
    with pytest.raises(AppError, match="does not answer in time, 6 times in a row"):
        answer(remote, question, TEXT)


def test_an_answer_that_breaks_off_is_one_sentence(remote: VllmModel, server: Server, question: Question) -> None:
    def half(handler: Handler) -> bool:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b'30\r\ndata: {"choices": [{"delta": {"content": "A"}}]}\n\n')
        handler.close_connection = True
        return True

    server.faults = [half]
    with pytest.raises(AppError, match="broke off in the middle of its answer; ask again"):
        answer(remote, question)


def without_logprobs(reply: dict[str, Any]) -> dict[str, Any]:
    return reply | {"prompt_logprobs": None}


def without_usage(reply: dict[str, Any]) -> dict[str, Any]:
    return reply | {"usage": None}


def one_too_few(reply: dict[str, Any]) -> dict[str, Any]:
    usage = reply["usage"]
    fewer = usage["prompt_tokens"] - bool(reply["prompt_logprobs"])
    return reply | {"usage": usage | {"prompt_tokens": fewer}}


def none_at_all(reply: dict[str, Any]) -> dict[str, Any]:
    return reply | {"usage": reply["usage"] | {"prompt_tokens": 5}}


def no_entries(reply: dict[str, Any]) -> dict[str, Any]:
    return reply | {"prompt_logprobs": reply["prompt_logprobs"] and [None] * len(reply["prompt_logprobs"])}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_logprobs, "gives no prompt_logprobs, without which nothing can be scored; serve the model with vLLM"),
        (without_usage, "does not count its tokens"),
        (one_too_few, "these do not spell it, so it cannot be scored"),
        (none_at_all, "these do not spell it, so it cannot be scored"),
        (no_entries, "tells no log-probs for a token of the answer"),
        (lambda reply: reply | {"error": {"message": "out of  paper"}}, "refuses: out of paper"),
        (lambda _: [1], "sent something that is no reply"),
    ],
)
def test_a_reply_of_another_shape_is_one_sentence(
    change: Callable[[dict[str, Any]], Any], words: str, remote: VllmModel, server: Server, question: Question
) -> None:
    server.change = change
    with pytest.raises(AppError, match=words):
        answer(remote, question, TEXT)


def test_an_answer_cut_otherwise_under_another_picture_is_refused(
    remote: VllmModel, server: Server, question: Question
) -> None:
    said = answer(remote, question, TEXT)
    server.change = lambda reply: reply | {"prompt_logprobs": reply["prompt_logprobs"][:-1]}
    with pytest.raises(AppError, match="cut the answer into other tokens under another picture"):
        scored(remote, said, [question.image])


def test_a_server_that_scores_unlike_it_speaks_is_refused(
    remote: VllmModel, server: Server, question: Question
) -> None:
    def louder(reply: dict[str, Any]) -> dict[str, Any]:
        for entry in (reply.get("prompt_logprobs") or [])[1:]:
            next(iter(entry.values()))["logprob"] -= 1.0
        return reply

    server.change = louder
    with pytest.raises(AppError, match="scores its own answer 1 nats away from how it spoke it"):
        answer(remote, question)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("vllm:", "is no address; write vllm:http://HOST:8000#MODEL"),
        ("vllm:ftp://host#a", "is no address"),
        ("vllm:http://me:secret@host#a", "An address may hold no password"),
        ("vllm:http://127.0.0.1:9#a", "cannot be reached, 6 times in a row"),
    ],
)
def test_a_wrong_address_is_one_sentence(name: str, words: str) -> None:
    with pytest.raises(AppError, match=words) as caught:
        connect(name, sleep=lambda _: None)
    assert "secret" not in str(caught.value)


def test_a_server_with_one_model_needs_no_name(server: Server) -> None:
    assert connect(f"vllm:{server.url}/v1/").name == server.name
    with pytest.raises(AppError, match=r"serves tiny/model; write vllm:http://127\.0\.0\.1:\d+#MODEL"):
        connect(f"vllm:{server.url}#other/model")


def test_it_is_loaded_by_its_name_and_takes_no_device(server: Server) -> None:
    assert isinstance(load(server.name), VllmModel)
    with pytest.raises(AppError, match="runs elsewhere, where its device and precision were chosen"):
        load(server.name, dtype="int8")
