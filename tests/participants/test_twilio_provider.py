"""Twilio over HTTP: every operation against the sandbox, and every way in which one can end."""

import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from participants.events import Presence, Source
from participants.providers import (
    Gone,
    NotSent,
    ProviderError,
    Refused,
    Unknown,
    base,
    callback_url,
    exchange,
    provider_for,
    twilio,
)
from participants.providers.twilio import Twilio
from participants.timing import Timing
from tests.participants.trickling import answers, hangs, listening, says, trickles
from tests.sandbox.process import Sandbox, free_port

SID = "AC00000000000000000000000000000001"
TOKEN = "sandbox-twilio-token"
ROOM = "CF" + "1" * 32
LEG = "CA" + "2" * 32
AGENT = {"label": "agent-1", "from": "+12025550100", "to": "client:agent-1"}
CUSTOMER = {"from": "+442079460102", "to": "+12025550100", "direction": "inbound", "role": "customer"}


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the waiting times, whatever the environment says; 1 is production's."""

    def scale(factor: float) -> Timing:
        timing = Timing().scaled(factor)
        for module in (base, exchange):
            monkeypatch.setattr(module, "TIMING", timing)
        return timing

    scale(1)
    return scale


def provider_at(url: str, *, sid: str = SID, token: str = TOKEN) -> Twilio:
    account = SimpleNamespace(
        key="twilio", sid=sid, api_url=url, caller_id="+12025550100", application_sid=""
    )
    return Twilio(account, token)


@pytest.fixture
def wire(sandbox: Sandbox, waits: Any) -> Twilio:
    return provider_at(sandbox.url)


@pytest.fixture
def call(sandbox: Sandbox) -> SimpleNamespace:
    """A customer and an agent who talk."""
    made = sandbox.post(
        "/_sandbox/conferences",
        {
            "provider": "twilio",
            "friendly_name": "billing-1041",
            "callbacks": False,
            "legs": [CUSTOMER, {**AGENT, "direction": "outbound", "role": "agent"}],
        },
    )
    customer, agent = (leg["call_sid"] for leg in made["legs"])
    return SimpleNamespace(sid=made["sid"], customer=customer, agent=agent)


def dial(wire: Twilio, conference_sid: str, **changes: Any) -> Any:
    wanted = {
        "to": "client:lead",
        "label": "earshot-1",
        "muted": True,
        "coaching": None,
        "target": None,
        "timeout": 15,
        "beep": False,
        "start_conference_on_enter": False,
        "end_conference_on_exit": False,
        "status_callback": "http://127.0.0.1:9/callbacks/twilio/call/",
        **changes,
    }
    return wire.create_participant(conference_sid, **wanted)


def next_fault(sandbox: Sandbox, effect: str, operation: str, **more: Any) -> None:
    sandbox.post("/_sandbox/faults/next", {"effect": effect, "operation": operation, **more})


def asked(sandbox: Sandbox, method: str, ending: str) -> list[dict[str, Any]]:
    """The requests of this method that the sandbox got for paths with this ending."""
    return [
        request
        for request in sandbox.get("/_sandbox/requests")
        if request["method"] == method and request["path"].endswith(ending)
    ]


# --- reading ----------------------------------------------------------------------------------------------
def test_it_lists_the_conferences_of_a_status(wire: Twilio, call: SimpleNamespace) -> None:
    before = time.time()
    (conference,) = wire.list_conferences("in-progress")
    assert (conference.conference_sid, conference.friendly_name) == (call.sid, "billing-1041")
    assert conference.status == "in-progress"
    assert conference.stamp.source is Source.READ
    assert before <= (conference.stamp.began or 0) <= time.time()
    assert abs((conference.stamp.occurred or 0) - time.time()) < 5, "the provider's clock: its Date header"
    assert wire.list_conferences("completed") == []


def test_it_follows_every_page_of_a_list(
    wire: Twilio, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "PAGE_SIZE", ("PageSize", "2"))
    legs = [CUSTOMER, *({**AGENT, "label": f"agent-{n}"} for n in range(1, 5))]
    legs = [{"direction": "outbound", "role": "agent", **leg} for leg in legs]
    rooms = [
        sandbox.post("/_sandbox/conferences", {"provider": "twilio", "callbacks": False, "legs": legs})
        for _ in range(5)
    ]
    assert {event.conference_sid for event in wire.list_conferences("in-progress")} == {
        room["sid"] for room in rooms
    }
    assert {event.call_sid for event in wire.list_participants(rooms[0]["sid"])} == {
        leg["call_sid"] for leg in rooms[0]["legs"]
    }


def test_it_reads_a_conference(wire: Twilio, sandbox: Sandbox, call: SimpleNamespace) -> None:
    assert wire.fetch_conference(call.sid).status == "in-progress"
    sandbox.post(f"/_sandbox/conferences/{call.sid}/end")
    ended = wire.fetch_conference(call.sid)
    assert (ended.status, ended.reason_ended) == ("completed", "conference-ended-via-api")


def test_it_reads_the_legs_of_a_conference(wire: Twilio, call: SimpleNamespace) -> None:
    legs = {leg.call_sid: leg for leg in wire.list_participants(call.sid)}
    assert legs.keys() == {call.customer, call.agent}
    agent = legs[call.agent]
    assert (agent.label, agent.presence, agent.call_status) == ("agent-1", Presence.IN, "in-progress")
    assert (agent.muted, agent.hold, agent.coaching, agent.target) == (False, False, False, None)
    assert (agent.start_conference_on_enter, agent.end_conference_on_exit) == (True, False)
    assert legs[call.customer].label is None


def test_it_finds_a_leg_by_its_sid_and_by_its_label(wire: Twilio, call: SimpleNamespace) -> None:
    by_sid, by_label = (wire.fetch_participant(call.sid, name) for name in (call.agent, "agent-1"))
    assert by_sid.call_sid == by_label.call_sid == call.agent


def test_a_label_may_hold_anything_but_a_slash(wire: Twilio, call: SimpleNamespace) -> None:
    made = dial(wire, call.sid, label="Ann Ökafor? #1&x=%41")
    assert wire.fetch_participant(call.sid, "Ann Ökafor? #1&x=%41").call_sid == made.call_sid


def test_it_reads_who_calls_whom(wire: Twilio, call: SimpleNamespace) -> None:
    customer, agent = wire.fetch_call(call.customer), wire.fetch_call(call.agent)
    assert (customer.from_, customer.direction) == ("+442079460102", "inbound")
    assert (agent.to, agent.direction, agent.call_status) == ("client:agent-1", "outbound", "in-progress")


def test_what_is_not_there_is_gone(wire: Twilio, sandbox: Sandbox, call: SimpleNamespace) -> None:
    sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")
    for fetch in (
        lambda: wire.fetch_participant(call.sid, call.agent),
        lambda: wire.fetch_participant(call.sid, "nobody"),
        lambda: wire.fetch_conference(ROOM),
        lambda: wire.fetch_call(LEG),
    ):
        with pytest.raises(Gone) as gone:
            fetch()
        assert (gone.value.status, gone.value.code) == (404, "20404")


@pytest.mark.parametrize(
    "status, call_status, presence",
    [
        ("queued", "queued", None),
        ("connecting", "initiated", None),
        ("ringing", "ringing", None),
        ("connected", "in-progress", Presence.IN),
        ("complete", "completed", Presence.LEFT),
        ("failed", "failed", Presence.LEFT),
        ("teleporting", None, None),
    ],
)
def test_it_says_a_leg_s_status_in_our_words(
    waits: Any, status: str, call_status: str | None, presence: Presence | None
) -> None:
    body = f'{{"conference_sid": "{ROOM}", "call_sid": "{LEG}", "status": "{status}", "queue_time": "1500"}}'
    with listening(answers(body)) as server:
        leg = provider_at(server.url).fetch_participant(ROOM, LEG)
    assert (leg.call_status, leg.presence, leg.queue_time) == (call_status, presence, 1500)
    assert (leg.muted, leg.hold, leg.coaching) == (None, None, None), "absent is not false"


# --- writing ----------------------------------------------------------------------------------------------
def test_it_dials_an_armed_listener(wire: Twilio, sandbox: Sandbox, call: SimpleNamespace) -> None:
    leg = dial(wire, call.sid, coaching=True, target=call.agent)
    assert leg.stamp.source is Source.ANSWER
    assert (leg.label, leg.presence) == ("earshot-1", None)
    assert (leg.muted, leg.coaching, leg.target) == (True, True, call.agent)
    (request,) = asked(sandbox, "POST", "/Participants.json")
    assert request["params"] == {
        "From": "+12025550100",
        "To": "client:lead",
        "Label": "earshot-1",
        "Timeout": "15",
        "Beep": "false",
        "EarlyMedia": "false",
        "Muted": "true",
        "StartConferenceOnEnter": "false",
        "EndConferenceOnExit": "false",
        "Coaching": "true",
        "CallSidToCoach": call.agent,
        "StatusCallback": "http://127.0.0.1:9/callbacks/twilio/call/",
        "StatusCallbackEvent": request["params"]["StatusCallbackEvent"],
    }


@pytest.mark.parametrize(
    "wanted, sent",
    [
        ({"muted": True}, {"Muted": "true"}),
        ({"muted": False}, {"Muted": "false"}),
        ({"hold": True}, {"Hold": "true"}),
        ({"hold": False}, {"Hold": "false"}),
        (
            {"end_conference_on_exit": True, "hold": False},
            {"EndConferenceOnExit": "true", "Hold": "false"},
        ),
        ({"coaching": False, "muted": False}, {"Coaching": "false", "Muted": "false"}),
    ],
)
def test_it_changes_a_leg_with_exactly_what_was_asked(
    wire: Twilio, sandbox: Sandbox, call: SimpleNamespace, wanted: dict[str, bool], sent: dict[str, str]
) -> None:
    leg = wire.update_participant(call.sid, call.customer, **wanted)
    for name, value in wanted.items():
        assert getattr(leg, name) is value
    (request,) = asked(sandbox, "POST", f"{call.customer}.json")
    assert request["params"] == sent


def test_opening_a_whisper_names_its_target_in_the_same_request(
    wire: Twilio, sandbox: Sandbox, call: SimpleNamespace
) -> None:
    leg = wire.update_participant(call.sid, call.customer, muted=False, coaching=True, target=call.agent)
    assert (leg.muted, leg.coaching, leg.target) == (False, True, call.agent)
    (request,) = asked(sandbox, "POST", f"{call.customer}.json")
    assert request["params"] == {"Muted": "false", "Coaching": "true", "CallSidToCoach": call.agent}


def test_it_takes_a_leg_off_and_a_second_time_it_is_gone(wire: Twilio, call: SimpleNamespace) -> None:
    wire.delete_participant(call.sid, call.agent)
    with pytest.raises(Gone):
        wire.delete_participant(call.sid, call.agent)


def test_it_ends_a_conference(wire: Twilio, call: SimpleNamespace) -> None:
    assert wire.update_conference(call.sid, status="completed").status == "completed"


@pytest.mark.parametrize(
    "code, happens",
    [
        ("16027", lambda sandbox, call: sandbox.post(f"/_sandbox/legs/{call.agent}/set", {"hold": True})),
        ("16028", lambda sandbox, call: sandbox.post(f"/_sandbox/legs/{call.agent}/hangup")),
    ],
)
def test_a_dial_that_is_refused_for_its_coaching_is_known_as_such(
    wire: Twilio, sandbox: Sandbox, call: SimpleNamespace, code: str, happens: Any
) -> None:
    happens(sandbox, call)
    with pytest.raises(Refused) as refused:
        dial(wire, call.sid, coaching=True, target=call.agent)
    assert refused.value.code == code
    assert code in wire.refused_for_coaching


def test_another_refusal_of_a_dial_is_not_for_its_coaching(wire: Twilio, call: SimpleNamespace) -> None:
    dial(wire, call.sid)
    with pytest.raises(Refused) as taken:
        dial(wire, call.sid)
    assert taken.value.code == "16026"
    assert taken.value.code not in wire.refused_for_coaching
    with pytest.raises(Refused) as invalid:
        dial(wire, call.sid, to="+15005550001", label="earshot-2")
    assert invalid.value.code not in wire.refused_for_coaching


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"label": ""}, "label"),
        ({"label": "a/b"}, "label"),
        ({"label": LEG}, "label"),
        ({"label": "x" * 129}, "label"),
        ({"timeout": 4}, "timeout is 4, it must be 5 to 600 seconds."),
        ({"coaching": True}, "coaching needs a target"),
        ({"target": LEG}, "coaching needs a target"),
        ({"coaching": True, "target": "agent-1"}, "it must be a call sid"),
    ],
)
def test_a_dial_that_makes_no_sense_is_not_sent(
    wire: Twilio, sandbox: Sandbox, wrong: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        dial(wire, ROOM, **wrong)
    assert not asked(sandbox, "POST", ".json")


def test_an_update_of_nothing_is_not_sent(wire: Twilio) -> None:
    with pytest.raises(ValueError, match="at least one field"):
        wire.update_participant(ROOM, LEG)
    with pytest.raises(ValueError, match="completed"):
        wire.update_conference(ROOM, status="init")


# --- how a request can end --------------------------------------------------------------------------------
WRITES = {
    "participant.create": lambda wire, call: dial(wire, call.sid),
    "participant.update": lambda wire, call: wire.update_participant(call.sid, call.agent, muted=True),
    "participant.delete": lambda wire, call: wire.delete_participant(call.sid, call.agent),
    "conference.update": lambda wire, call: wire.update_conference(call.sid, status="completed"),
}
READS = {
    "conference.list": lambda wire, call: wire.list_conferences("in-progress"),
    "conference.fetch": lambda wire, call: wire.fetch_conference(call.sid),
    "participant.list": lambda wire, call: wire.list_participants(call.sid),
    "participant.fetch": lambda wire, call: wire.fetch_participant(call.sid, call.agent),
    "call.fetch": lambda wire, call: wire.fetch_call(call.agent),
}


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
    wire: Twilio,
    sandbox: Sandbox,
    call: SimpleNamespace,
    waits: Any,
    operation: str,
    effect: str,
    error: type[ProviderError],
) -> None:
    waits(0.1)
    next_fault(sandbox, effect, operation, **({"after_ms": 60_000} if effect == "slow" else {}))
    start = time.monotonic()
    with pytest.raises(error) as failed:
        WRITES[operation](wire, call)
    assert type(failed.value) is error
    assert time.monotonic() - start < 1.5
    sent = [request for request in sandbox.get("/_sandbox/requests") if request["method"] != "GET"]
    assert len(sent) == 1, "a write is never repeated by itself"


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("effect", ["429", "500", "close", "html_200"])
def test_a_read_is_tried_again(
    wire: Twilio, sandbox: Sandbox, call: SimpleNamespace, waits: Any, operation: str, effect: str
) -> None:
    waits(0.1)
    next_fault(sandbox, effect, operation)
    assert READS[operation](wire, call)
    assert len(sandbox.get("/_sandbox/requests")) == 2


def test_a_read_gives_up_after_four_tries(
    wire: Twilio, sandbox: Sandbox, call: SimpleNamespace, waits: Any
) -> None:
    waits(0.1)
    next_fault(sandbox, "500", "conference.fetch", times=9)
    with pytest.raises(Unknown):
        wire.fetch_conference(call.sid)
    assert len(sandbox.get("/_sandbox/requests")) == 4


def test_a_refused_read_is_not_tried_again(wire: Twilio, sandbox: Sandbox, call: SimpleNamespace) -> None:
    next_fault(sandbox, "refuse", "participant.fetch", times=9)
    with pytest.raises(Refused):
        wire.fetch_participant(call.sid, call.agent)
    assert len(sandbox.get("/_sandbox/requests")) == 1


def test_a_read_waits_as_long_as_it_was_told_to(waits: Any) -> None:
    refused = answers(TOO_MANY, status="429 Too Many Requests", headers="Retry-After: 1\r\n")
    with listening(refused, answers(f'{{"sid": "{ROOM}"}}')) as server:
        start = time.monotonic()
        provider_at(server.url).fetch_conference(ROOM)
        assert time.monotonic() - start >= 1


def test_a_read_does_not_wait_beyond_the_time_of_a_request(waits: Any) -> None:
    waits(0.1)
    refused = answers(TOO_MANY, status="429 Too Many Requests", headers="Retry-After: 60\r\n")
    with listening(refused) as server:
        with pytest.raises(Refused) as told:
            provider_at(server.url).fetch_conference(ROOM)
        assert (told.value.status, told.value.code, told.value.retry_after) == (429, "20429", 60)
        assert len(server.heard) == 1


TOO_MANY = '{"code": 20429, "message": "Too Many Requests", "more_info": null, "status": 429}'
LEG_BODY = f'{{"conference_sid": "{ROOM}", "call_sid": "{LEG}", "muted": true, "status": "connected"}}'
OK = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"


def mute(provider: Twilio) -> Any:
    return provider.update_participant(ROOM, LEG, muted=True)


@pytest.mark.parametrize(
    "script",
    [
        trickles(f"HTTP/1.1 200 OK\r\nContent-Length: {len(LEG_BODY)}\r\n\r\n" + LEG_BODY, every_s=0.05),
        trickles("HTTP/1.1 200 OK\r\n" + "X-Slow: x\r\n" * 99, every_s=0.05),
        trickles("HTT", every_s=0.37, then_s=5),
        hangs(5),
    ],
    ids=["body, byte by byte", "headers, byte by byte", "some bytes, then silence", "silence"],
)
def test_the_whole_answer_has_to_come_in_time(waits: Any, script: Any) -> None:
    timing = waits(0.1)
    with listening(script) as server:
        start = time.monotonic()
        with pytest.raises(Unknown):
            mute(provider_at(server.url))
        assert time.monotonic() - start < timing.request + 0.3
        assert len(server.heard) == 1


def test_a_slow_answer_that_comes_in_time_is_an_answer(waits: Any) -> None:
    script = trickles(f"HTTP/1.1 200 OK\r\nContent-Length: {len(LEG_BODY)}\r\n\r\n" + LEG_BODY, every_s=0.005)
    with listening(script) as server:
        assert mute(provider_at(server.url)).muted is True


@pytest.mark.parametrize(
    "script",
    [
        says(""),
        says("HTTP/1.1 20"),
        says(OK + '{"half": '),
        answers(""),
        answers("null"),
        answers("[]"),
        answers("<html>Welcome to the hotel</html>"),
        answers("{}"),
        answers(LEG_BODY.replace(LEG, "CA" + "3" * 32)),
        answers(LEG_BODY.replace(ROOM, "CF" + "3" * 32)),
        answers(LEG_BODY.replace("{", '{"account_sid": "AC00000000000000000000000000000002", ', 1)),
        answers(LEG_BODY.replace("true", '"yes"')),
        answers(LEG_BODY, status="500 Internal Server Error"),
        answers("<html>no such page</html>", status="404 Not Found"),
        answers('{"detail": "a proxy speaks"}', status="403 Forbidden"),
        answers("", status="302 Found", headers="Location: http://127.0.0.1:9/\r\n"),
        answers("", status="204 No Content"),
        answers("{" + " " * exchange.ANSWER_LIMIT + "}"),
    ],
)
def test_what_cannot_be_believed_is_unknown(waits: Any, script: Any) -> None:
    with listening(script) as server:
        with pytest.raises(Unknown) as unknown:
            mute(provider_at(server.url))
        assert len(server.heard) == 1, "neither repeated nor redirected"
    assert str(unknown.value).startswith("Twilio ")


def test_an_answer_about_another_label_is_unknown(waits: Any) -> None:
    body = LEG_BODY.replace("{", '{"label": "earshot-2", ', 1)
    with listening(answers(body, status="201 Created")) as server, pytest.raises(Unknown):
        dial(provider_at(server.url), ROOM)


def test_removing_needs_the_empty_answer(waits: Any) -> None:
    with listening(answers("{}")) as server, pytest.raises(Unknown):
        provider_at(server.url).delete_participant(ROOM, LEG)


def test_a_refusal_keeps_the_provider_s_own_words(waits: Any) -> None:
    with (
        listening(
            answers('{"code": 21220, "message": "Call is not in-progress"}', status="400 Bad")
        ) as server,
        pytest.raises(Refused) as refused,
    ):
        mute(provider_at(server.url))
    assert (refused.value.code, refused.value.message) == ("21220", "Call is not in-progress")
    assert str(refused.value) == "Twilio refused: Call is not in-progress (code 21220, HTTP 400)."


def test_a_refusal_without_a_code_is_still_one(waits: Any) -> None:
    script = answers('{"code": null, "message": "No"}', status="400 Bad")
    with listening(script) as server, pytest.raises(Refused) as refused:
        mute(provider_at(server.url))
    assert refused.value.code == ""


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_without_a_connection_nothing_was_sent(waits: Any, scheme: str) -> None:
    with pytest.raises(NotSent):
        mute(provider_at(f"{scheme}://127.0.0.1:{free_port()}"))


def test_a_name_that_nobody_knows_is_not_sent_to(waits: Any) -> None:
    with pytest.raises(NotSent):
        mute(provider_at("http://no-such-host.invalid"))


def test_a_handshake_that_fails_sends_nothing(waits: Any) -> None:
    with listening(says("HTTP/1.1 400 I speak no TLS\r\n\r\n")) as server, pytest.raises(NotSent):
        mute(provider_at(server.url.replace("http:", "https:")))


@pytest.mark.parametrize(
    "following",
    [
        "https://evil.example/next.json",
        "//evil.example/next.json",
        7,
        f"/2010-04-01/Accounts/{SID}/Conferences.json",
    ],
)
def test_it_leaves_no_trail_to_another_host_nor_walks_in_circles(waits: Any, following: Any) -> None:
    shown = f'"{following}"' if isinstance(following, str) else following
    with listening(answers(f'{{"conferences": [], "next_page_uri": {shown}}}')) as server:
        with pytest.raises(Unknown):
            provider_at(server.url).list_conferences("init")
        assert len(server.heard) == 1


def test_a_list_without_its_rows_is_not_an_empty_floor(waits: Any) -> None:
    with listening(answers('{"page": 0, "next_page_uri": null}')) as server, pytest.raises(Unknown):
        provider_at(server.url).list_conferences("in-progress")


def test_a_leg_that_two_pages_hold_is_one_leg(waits: Any) -> None:
    page = f'{{"participants": [{LEG_BODY}], "next_page_uri": %s}}'
    with listening(answers(page % '"/next.json"'), answers(page % "null")) as server:
        assert len(provider_at(server.url).list_participants(ROOM)) == 1


def test_many_threads_share_one_provider(wire: Twilio, call: SimpleNamespace) -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(wire.fetch_participant(call.sid, call.agent).call_sid))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    assert found == [call.agent] * 8


# --- accounts and secrets ---------------------------------------------------------------------------------
@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> SimpleNamespace:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", TOKEN)
    return SimpleNamespace(
        pk=1,
        key="main",
        provider="twilio",
        sid=SID,
        api_url=sandbox.url,
        secret="EARSHOT_TEST_TOKEN",
        caller_id="+12025550100",
        application_sid="",
    )


def test_one_account_has_one_pool_until_something_about_it_changes(
    account: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = provider_for(account)
    assert provider_for(account) is first
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "rotated")
    assert provider_for(account) is not first


def test_a_missing_secret_is_a_sentence_that_names_its_variable(
    account: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "")
    with pytest.raises(NotSent, match="EARSHOT_TEST_TOKEN"):
        provider_for(account)


def test_a_wrong_secret_is_refused_in_the_provider_s_words(sandbox: Sandbox, call: SimpleNamespace) -> None:
    with pytest.raises(Refused) as refused:
        provider_at(sandbox.url, token="wrong").fetch_conference(call.sid)
    assert (refused.value.status, refused.value.code) == (401, "20003")


def test_no_secret_shows_in_what_is_printed_logged_or_raised(
    waits: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    provider = provider_at(f"http://127.0.0.1:{free_port()}", token="very-secret-token")
    shown = [repr(provider), str(provider)]
    try:
        mute(provider)
    except NotSent as failed:
        chain: BaseException | None = failed
        while chain is not None:
            shown += [str(chain), repr(chain)]
            chain = chain.__cause__ or chain.__context__
    assert len(shown) > 3
    assert "very-secret-token" not in " ".join(shown) + caplog.text


def test_callback_urls_survive_our_own_failures(account: SimpleNamespace, settings: Any) -> None:
    settings.PUBLIC_URL = "https://earshot.example"
    assert callback_url(account, "conference") == (
        "https://earshot.example/callbacks/main/conference/#rc=3&rp=all&ct=2000&rt=4000"
    )
    assert callback_url(account, "call", leg="earshot 1").startswith(
        "https://earshot.example/callbacks/main/call/?leg=earshot+1#rc=3"
    )
