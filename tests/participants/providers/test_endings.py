"""How a request can end: an answer, a refusal, or nothing that anybody could believe."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from participants.providers import Gone, NotSent, ProviderError, Refused, Unknown, exchange
from tests.participants.providers.apis import Api
from tests.participants.providers.asking import READS, WRITES, dial, next_fault
from tests.participants.trickling import answers, hangs, listening, says, trickles
from tests.patience import at_most
from tests.sandbox.process import Sandbox, free_port

OK = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"


def sent(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.get("/_sandbox/requests")
    return found


def mute(api: Api, url: str) -> Any:
    return api.at(url).update_participant(api.room, api.leg, muted=True)


def whole(body: str) -> str:
    return f"HTTP/1.1 200 OK\r\nContent-Length: {len(body.encode())}\r\n\r\n{body}"


# --- faults of the provider -------------------------------------------------------------------------------
@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize(
    "effect, error",
    [
        ("refuse", Refused),
        ("429", Refused),
        ("500", Unknown),
        ("close", Unknown),
        ("apply_no_answer", Unknown),
        ("slow", Unknown),
        ("html_200", Unknown),
    ],
)
def test_a_write_is_sent_once_and_says_what_is_known(
    wire: Any,
    sandbox: Sandbox,
    call: SimpleNamespace,
    waits: Any,
    operation: str,
    effect: str,
    error: type[ProviderError],
) -> None:
    waits(0.1, request=0.1 if effect in ("slow", "apply_no_answer") else 1)
    next_fault(sandbox, effect, operation, **({"after_ms": 3_600_000} if effect == "slow" else {}))
    with pytest.raises(error) as failed:
        WRITES[operation](wire, call)
    assert type(failed.value) is error
    assert len(sent(sandbox)) == 1, "a write is never repeated by itself"


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("effect", ["429", "500", "close", "html_200"])
def test_a_read_is_tried_again(
    wire: Any, sandbox: Sandbox, call: SimpleNamespace, waits: Any, operation: str, effect: str
) -> None:
    waits(0.1, request=1)
    if operation == "call.fetch":
        time.sleep(0.1)  # longer than a new call of this sandbox may not be read yet
    next_fault(sandbox, effect, operation)
    assert READS[operation](wire, call)
    assert len(sent(sandbox)) == 2


def test_a_read_gives_up_after_four_tries(
    wire: Any, sandbox: Sandbox, call: SimpleNamespace, waits: Any
) -> None:
    waits(0.1, request=1)
    next_fault(sandbox, "500", "conference.fetch", times=9)
    with pytest.raises(Unknown):
        wire.fetch_conference(call.sid)
    assert len(sent(sandbox)) == 4


def test_a_refused_read_is_not_tried_again(wire: Any, sandbox: Sandbox, call: SimpleNamespace) -> None:
    next_fault(sandbox, "refuse", "participant.fetch", times=9)
    with pytest.raises(Refused):
        wire.fetch_participant(call.sid, call.agent)
    assert len(sent(sandbox)) == 1


def test_a_read_waits_as_long_as_it_was_told_to(api: Api, waits: Any) -> None:
    refused = answers(
        api.error("20429", "Too many"), status="429 Too Many Requests", headers="Retry-After: 1\r\n"
    )
    with listening(refused, answers(f'{{"sid": "{api.room}"}}')) as server:
        start = time.monotonic()
        api.at(server.url).fetch_conference(api.room)
        assert time.monotonic() - start >= 1


def test_a_read_does_not_wait_beyond_the_time_of_a_request(api: Api, waits: Any) -> None:
    waits(0.1, request=1)
    refused = answers(
        api.error("20429", "Too many"), status="429 Too Many Requests", headers="Retry-After: 60\r\n"
    )
    with listening(refused) as server:
        with pytest.raises(Refused) as told:
            api.at(server.url).fetch_conference(api.room)
        assert (told.value.status, told.value.code, told.value.retry_after) == (429, "20429", 60)
        assert len(server.heard) == 1


# --- answers that come slowly -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    "script",
    [
        lambda body: trickles(whole(body), every_s=0.1),
        lambda body: trickles("HTTP/1.1 200 OK\r\n" + "X-Slow: x\r\n" * 99, every_s=0.1),
        lambda body: trickles("HTT", every_s=0.37, then_s=60),
        lambda body: hangs(60),
    ],
    ids=["body, byte by byte", "headers, byte by byte", "some bytes, then silence", "silence"],
)
def test_the_whole_answer_has_to_come_in_time(api: Api, waits: Any, script: Any) -> None:
    timing = waits(0.1)
    with listening(script(api.leg_body())) as server:
        start = time.monotonic()
        with pytest.raises(Unknown):
            mute(api, server.url)
        assert time.monotonic() - start < at_most(timing.request + 0.3)
        assert len(server.heard) == 1


def test_a_slow_answer_that_comes_in_time_is_an_answer(api: Api, waits: Any) -> None:
    with listening(trickles(whole(api.leg_body()), every_s=0.005)) as server:
        assert mute(api, server.url).muted is True


# --- answers that nobody can believe ----------------------------------------------------------------------
@pytest.mark.parametrize(
    "script",
    [
        lambda api: says(""),
        lambda api: says("HTTP/1.1 20"),
        lambda api: says(OK + '{"half": '),
        lambda api: answers(""),
        lambda api: answers("null"),
        lambda api: answers("[]"),
        lambda api: answers("<html>Welcome to the hotel</html>"),
        lambda api: answers("{}"),
        lambda api: answers(api.leg_body(call_sid=api.other_leg)),
        lambda api: answers(api.leg_body(conference_sid=api.other_room)),
        lambda api: answers(api.leg_body(account_sid=api.foreign_sid)),
        lambda api: answers(api.leg_body(muted="yes")),
        lambda api: answers(api.leg_body(status=["connected"])),
        lambda api: answers(api.leg_body(**{api.target: {"sid": api.other_leg}})),
        lambda api: answers(api.leg_body(), status="500 Internal Server Error"),
        lambda api: answers("<html>no such page</html>", status="404 Not Found"),
        lambda api: answers('{"detail": "a proxy speaks"}', status="403 Forbidden"),
        lambda api: answers('{"errors": []}', status="400 Bad"),
        lambda api: answers('{"errors": ["no"]}', status="400 Bad"),
        lambda api: answers("", status="302 Found", headers="Location: http://127.0.0.1:9/\r\n"),
        lambda api: answers("", status="204 No Content"),
        lambda api: answers("{" + " " * exchange.ANSWER_LIMIT + "}"),
    ],
)
def test_what_cannot_be_believed_is_unknown(api: Api, waits: Any, script: Any) -> None:
    with listening(script(api)) as server:
        with pytest.raises(Unknown) as unknown:
            mute(api, server.url)
        assert len(server.heard) == 1, "neither repeated nor redirected"
    assert str(unknown.value).startswith(f"{api.title} ")


def test_a_dial_s_answer_has_to_name_a_call(api: Api, waits: Any) -> None:
    with listening(answers(api.leg_body(call_sid="earshot-1"))) as server, pytest.raises(Unknown):
        dial(api.at(server.url), api.room)


def test_removing_needs_the_empty_answer(api: Api, waits: Any) -> None:
    with listening(answers("{}")) as server, pytest.raises(Unknown):
        api.at(server.url).delete_participant(api.room, api.leg)


@pytest.mark.parametrize(
    "following", ["https://evil.example/next.json", "//evil.example/next.json", 7, "ITSELF"]
)
def test_it_leaves_no_trail_to_another_host_nor_walks_in_circles(
    api: Api, waits: Any, following: Any
) -> None:
    provider = api.at("")
    itself = f"{provider.root}/{api.sid}/Conferences{provider.suffix}"
    shown = f'"{itself if following == "ITSELF" else following}"' if isinstance(following, str) else following
    with listening(answers(f'{{"conferences": [], "next_page_uri": {shown}}}')) as server:
        with pytest.raises(Unknown):
            api.at(server.url).list_conferences("init")
        assert len(server.heard) == 1


def test_a_list_without_its_rows_is_not_an_empty_floor(api: Api, waits: Any) -> None:
    with listening(answers('{"page": 0, "next_page_uri": null}')) as server, pytest.raises(Unknown):
        api.at(server.url).list_conferences("in-progress")


def test_a_leg_that_two_pages_hold_is_one_leg(api: Api, waits: Any) -> None:
    page = f'{{"participants": [{api.leg_body()}], "next_page_uri": %s}}'
    with listening(answers(page % '"/next.json"'), answers(page % "null")) as server:
        assert len(api.at(server.url).list_participants(api.room)) == 1
        assert server.heard[1].startswith(b"GET /next.json "), "followed as given"


# --- refusals ---------------------------------------------------------------------------------------------
def test_a_refusal_keeps_the_provider_s_own_words(api: Api, waits: Any) -> None:
    body = api.error("21220", "Call is not in-progress")
    with listening(answers(body, status="400 Bad")) as server, pytest.raises(Refused) as refused:
        mute(api, server.url)
    assert (refused.value.code, refused.value.message) == ("21220", "Call is not in-progress")
    assert str(refused.value) == f"{api.title} refused: Call is not in-progress (code 21220, HTTP 400)."


def test_a_refusal_without_a_code_is_still_one(api: Api, waits: Any) -> None:
    script = answers(api.error(None, "No"), status="400 Bad")
    with listening(script) as server, pytest.raises(Refused) as refused:
        mute(api, server.url)
    assert type(refused.value) is Refused
    assert refused.value.code == ""


def test_whatever_a_404_says_it_is_gone(api: Api, waits: Any) -> None:
    script = answers(api.error(None, "Resource not found"), status="404 Not Found")
    with listening(script) as server, pytest.raises(Gone, match="Resource not found"):
        mute(api, server.url)


# --- nothing was sent -------------------------------------------------------------------------------------
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_connection_nothing_was_sent(api: Api, waits: Any, scheme: str) -> None:
    with pytest.raises(NotSent):
        mute(api, f"{scheme}://127.0.0.1:{free_port()}")


def test_a_name_that_nobody_knows_is_not_sent_to(api: Api, waits: Any) -> None:
    with pytest.raises(NotSent):
        mute(api, "http://no-such-host.invalid")


def test_a_handshake_that_fails_sends_nothing(api: Api, waits: Any) -> None:
    with listening(says("HTTP/1.1 400 I speak no TLS\r\n\r\n")) as server, pytest.raises(NotSent):
        mute(api, server.url.replace("http:", "https:"))
