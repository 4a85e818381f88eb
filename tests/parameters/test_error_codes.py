"""Every code with which a provider refuses, said once: what is answered, and our sentence for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from participants import pools
from participants.models import Account, Conference, Dial
from participants.providers import PROVIDERS
from participants.sandbox import telnyx_errors, twilio
from participants.services import dial_running
from participants.timing import TIMING
from participants.words import SENTENCES
from tests.parameters.standing import WAITING, Place
from tests.participants.providers.apis import APIS
from tests.participants.trickling import answers, listening
from tests.patience import patient, wait_for

TO = "+447700900199"
GENERAL = {"refused", "bad_request"}


@dataclass(frozen=True)
class Said:
    """One row of the providers' lists: when they say it, and what Earshot makes of it.

    `to`: what is asked (`dial`, or `change`: somebody's beep); `says`: the key of our sentence.
    """

    status: int
    code: str
    says: str
    to: str = "change"
    answer: tuple[int, str] = (422, "refused")


UNKNOWN, GONE = (504, "unknown"), (409, "gone")
NEXT = (202, "")  # not refused at all: it is the next in line
CODES: dict[str, list[Said]] = {
    "twilio": [
        Said(401, "20003", "credentials_refused"),
        Said(403, "20403", "account_not_allowed"),
        Said(404, "20404", "too_late", answer=GONE),
        Said(405, "20004", "bad_request"),
        Said(429, "20429", "slow_down"),
        Said(429, "20429", "", "dial", NEXT),
        Said(400, "22005", "slow_down", "dial"),
        Said(500, "20500", "unknown", answer=UNKNOWN),
        Said(503, "20503", "unknown", answer=UNKNOWN),
        Said(400, "21201", "bad_request", "dial"),
        Said(400, "21213", "caller_refused", "dial"),
        Said(400, "21211", "bad_number", "dial"),
        Said(400, "21217", "bad_number", "dial"),
        Said(400, "21212", "caller_refused", "dial"),
        Said(400, "21210", "caller_refused", "dial"),
        Said(400, "21214", "number_not_allowed", "dial"),
        Said(400, "21215", "number_not_allowed", "dial"),
        Said(400, "21216", "number_not_allowed", "dial"),
        Said(400, "21219", "number_not_allowed", "dial"),
        Said(400, "21205", "bad_request", "dial"),
        Said(400, "21208", "bad_request", "dial"),
        Said(400, "21209", "bad_request", "dial"),
        Said(400, "16024", "bad_request", "dial"),
        Said(400, "16026", "label_taken", "dial"),
        Said(409, "16026", "label_taken", "dial"),
        Said(400, "16020", "room_full", "dial"),
        Said(400, "16027", "target_on_hold"),
        Said(400, "16028", "target_absent"),
        Said(400, "16003", "bad_request"),
        Said(400, "16099", "wrong_state"),
        Said(400, "16002", "bad_request"),
        Said(400, "20001", "bad_request"),
        Said(400, "21220", "wrong_state"),
    ],
    "telnyx": [
        Said(401, "10009", "credentials_refused"),
        Said(403, "10010", "account_not_allowed"),
        Said(403, "403", "account_not_allowed"),
        Said(404, "", "too_late", answer=GONE),
        Said(404, "90058", "too_late", answer=GONE),
        Said(404, "10007", "too_late", answer=GONE),
        Said(422, "10004", "bad_request"),
        Said(422, "10026", "bad_request"),
        Said(422, "10032", "bad_request"),
        Said(422, "10033", "bad_request"),
        Said(422, "10016", "bad_number", "dial"),
        Said(422, "10003", "bad_request"),
        Said(422, "90018", "too_late", answer=GONE),
        Said(422, "90019", "too_late", "dial", GONE),
        Said(422, "90032", "room_full", "dial"),
        Said(422, "90033", "wrong_state", "dial"),
        Said(422, "90034", "not_answered"),
        Said(422, "90015", "target_refused"),
        Said(400, "10015", "bad_request"),
        Said(400, "10028", "bad_request"),
        Said(429, "10011", "slow_down"),
        Said(429, "10011", "", "dial", NEXT),
        Said(408, "10008", "unknown", answer=UNKNOWN),
        Said(500, "10007", "unknown", answer=UNKNOWN),
    ],
}
# Never an answer over HTTP: the account's debugger alone knows them.
NOTIFICATIONS = {"13227", "13236", "21262"}
ALL = [(name, said) for name, rows in CODES.items() for said in rows]
THEIRS = "Their own words"


def name_of(row: Any) -> str:
    return row if isinstance(row, str) else f"{row.to}-{row.status}-{row.code or 'none'}"


@pytest.fixture(scope="module")
def calls(standing: dict[str, Place]) -> dict[str, Conference]:
    return {name: place.floor.call("codes") for name, place in standing.items()}


@pytest.fixture(autouse=True)
def at_home(standing: dict[str, Place]) -> Iterator[None]:
    """What one code does to the account, and dials that would go on, are not the next one's."""
    yield
    wait_for(pools.idle)
    Dial.objects.update(state=Dial.State.ENDED, due_at=None)
    for place in standing.values():
        Account.objects.filter(pk=place.floor.account.pk).update(
            api_url=place.floor.sandbox.url, reachable=True, placed_until=None
        )


def ask(place: Place, call: Conference, what: str, **more: Any) -> Any:
    if what == "dial":
        return place.post(f"conferences/{call.pk}/participants/", {"to": TO, **more})
    leg = place.floor.leg(call, "agent")
    return place.patch(f"participants/{leg.pk}/", {"beep_on_exit": True})


def means(key: str, detail: str) -> bool:
    """Whether this is the sentence, with whatever is filled in."""
    parts = re.split(r"\{\w+\}", SENTENCES[key])
    return re.fullmatch(".+".join(map(re.escape, parts)), detail) is not None


@pytest.mark.parametrize("provider, said", ALL, ids=name_of)
def test_each_code_is_answered_and_said_in_a_sentence(
    standing: dict[str, Place],
    calls: dict[str, Conference],
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    said: Said,
) -> None:
    place, call = standing[provider], calls[provider]
    wait_at_most(0.2 if said.answer == NEXT else patient(1), monkeypatch)
    body = APIS[provider].error(said.code or None, THEIRS)
    with listening(answers(body, status=f"{said.status} Said")) as theirs:
        Account.objects.filter(pk=place.floor.account.pk).update(api_url=theirs.url)
        answer = ask(place, call, said.to)
        wait_for(lambda: theirs.heard, meanwhile=dial_running.run_due)
    told = answer.json()
    assert (answer.status_code, told.get("code", "")) == said.answer, told
    if said.answer == NEXT:
        waits = Dial.objects.filter(state=Dial.State.WAITING, code=said.code, intervention=made_of(told))
        wait_for(waits.exists)
        return
    assert means(said.says, told["detail"]), told["detail"]
    assert THEIRS not in told["detail"], "their own words stand beside the sentence"
    if said.answer != UNKNOWN:
        assert told["provider"] == {"code": said.code, "message": THEIRS}
    assert "{" not in told["detail"]


def made_of(told: dict[str, Any]) -> str:
    return str(told["intervention"]["id"])


def wait_at_most(seconds: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused request is over at once; only what stays open costs this time."""
    for module in (*WAITING, "participants.services.dialling"):
        monkeypatch.setattr(f"{module}.TIMING", replace(TIMING, command_wait=seconds))


# --- the table is whole -----------------------------------------------------------------------------------
@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_no_code_is_without_a_row(provider: str) -> None:
    """Neither one that Earshot knows, nor one that the sandbox can say."""
    sandboxs = {
        "twilio": {str(code) for code in twilio.MESSAGES}
        | {str(code) for _, code in twilio.REFUSALS.values()},
        "telnyx": set(telnyx_errors.TITLES),
    }[provider]
    rows = {said.code for said in CODES[provider]}
    assert (set(PROVIDERS[provider].refusals) | sandboxs) - rows == set()
    assert rows & NOTIFICATIONS == set()


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_only_what_says_no_more_is_said_in_general(provider: str) -> None:
    """A row whose sentence is the general one is a code that means a defect of ours."""
    general = {said.code for said in CODES[provider] if said.says in GENERAL}
    known = PROVIDERS[provider].refusals
    assert {code for code in general if known.get(code) != "bad_request"} == set()


# --- as the sandbox says it, by itself --------------------------------------------------------------------
@pytest.mark.parametrize("provider", sorted(PROVIDERS))
@pytest.mark.parametrize(
    "more, codes",
    [
        ({"to": "+15005550001"}, {"21211", "10016"}),
        ({"from": "+12025550101"}, {"21210", "10015"}),
        ({"label": "taken"}, {"16026", "10015"}),
    ],
    ids=["number", "caller", "label"],
)
def test_what_a_provider_finds_wrong_with_a_dial_is_refused_honestly(
    standing: dict[str, Place],
    calls: dict[str, Conference],
    monkeypatch: pytest.MonkeyPatch,
    provider: str,
    more: dict[str, str],
    codes: set[str],
) -> None:
    wait_at_most(patient(1), monkeypatch)
    place, call = standing[provider], calls[provider]
    if "label" in more:
        leg = place.floor.customer_leg(label="taken")
        place.floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/legs", leg)
    told = ask(place, call, "dial", **more).json()
    assert told["code"] == "refused", told
    assert told["provider"]["code"] in codes
    assert means(PROVIDERS[provider].refusals[told["provider"]["code"]], told["detail"])


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_room_that_is_full_takes_nobody_more(
    standing: dict[str, Place], monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    place = standing[provider]
    path = f"accounts/{place.floor.account.key}/conferences/"
    wait_at_most(0, monkeypatch)
    body = {"friendly_name": "small room", "to": TO, "max_participants": 2}
    for _ in range(2):
        assert place.post(path, body).status_code in (200, 202)
        wait_for(lambda: not still_here().exists(), meanwhile=dial_running.run_due)
    wait_at_most(patient(1), monkeypatch)
    told = place.post(path, body).json()
    assert (told["code"], told["detail"]) == ("refused", SENTENCES["room_full"])


def still_here() -> Any:
    return Dial.objects.filter(state__in=[Dial.State.WAITING, Dial.State.SENT])


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_call_that_has_ended_unseen_is_not_changed(standing: dict[str, Place], provider: str) -> None:
    place = standing[provider]
    call = place.floor.call("over unseen")
    place.floor.sandbox.post(f"/_sandbox/conferences/{call.sid}/end", {})
    answer = place.patch(f"conferences/{call.pk}/", {"announce_url": "https://cdn.example.com/a.mp3"})
    told = answer.json()
    code = told["provider"]["code"]
    assert (answer.status_code, code) in {(409, "20404"), (409, "90019")}
    assert means(PROVIDERS[provider].refusals[code], told["detail"])
