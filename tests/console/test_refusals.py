"""What a provider's refusal is told as: our sentence for its code, with its own code and words beside it."""

from collections.abc import Iterator

import pytest
from django.utils import timezone

from console import api
from console.strip import strip
from participants import access, words
from participants.models import Conference, Intervention, LegRequest, Outcome, Participant
from participants.providers import PROVIDERS
from participants.services import monitoring
from tests.console.server import signed_in
from tests.console.test_api_commands import post, wait_at_most
from tests.factories import (
    make_account,
    make_agent,
    make_call,
    make_intervention,
    make_supervisor,
    make_team,
)
from tests.participants.floor import Floor, standing_floor, wait_for
from tests.sandbox.process import Sandbox


@pytest.fixture
def call(provider: str, db: None) -> Conference:
    conference, *_ = make_call(team=make_team(), agent=make_agent("Ann Okafor"))
    conference.account = make_account(
        f"at-{provider}", provider=provider, sid=f"AC-{provider}", caller_id="+12025550100"
    )
    conference.save(update_fields=["account"])
    return conference


def refused(call: Conference, verb: str, leg: Participant | None, code: str) -> access.Denial:
    sam = make_supervisor("sam", teams=(make_team(),), address="+442079460102")
    intervention = make_intervention(sam, call, verb, participant=leg)
    end = api.Ending(Outcome.State.REFUSED, "refused", code, "Their own words")
    return api.failure(end, intervention, call)


def code_for(provider: str, reason: str) -> str:
    return next(code for code, known in PROVIDERS[provider].refusals.items() if known == reason)


@pytest.mark.parametrize(
    "reason, sentence",
    [
        ("credentials_refused", "{title} rejected Earshot’s password for account “{key}”."),
        ("slow_down", "{title} asks us to slow down. Nothing was changed. Try again in a few seconds."),
        ("room_full", "This call is full. Nobody can be added."),
        ("bad_number", "+44 ••• •• 02 is not a full number for {title}. Write it with its country code"),
        ("too_late", "This ended before your request reached {title}. Nothing was changed."),
    ],
)
def test_a_known_code_is_told_in_our_words_with_theirs_beside_it(
    call: Conference, provider: str, reason: str, sentence: str
) -> None:
    code = code_for(provider, reason)
    denial = refused(call, "mute", None, code)
    title = PROVIDERS[provider].title
    assert denial.detail.startswith(sentence.format(title=title, key=f"at-{provider}"))
    assert (denial.code, denial.status) == ("refused", 422)
    assert denial.provider == {"code": code, "message": "Their own words"}


def test_another_code_is_told_as_a_refusal(call: Conference, provider: str) -> None:
    denial = refused(call, "mute", None, "99999")
    assert denial.detail == f"{PROVIDERS[provider].title} refused this. Nothing was changed."
    assert denial.provider == {"code": "99999", "message": "Their own words"}


@pytest.mark.parametrize("provider", ["twilio"], indirect=True)
@pytest.mark.parametrize(
    "code, sentence",
    [
        (
            "16027",
            "Ann Okafor is on hold, and Twilio cannot whisper to a held phone. You are listening; "
            "whisper again when Ann Okafor is back.",
        ),
        (
            "16028",
            "Twilio does not find Ann Okafor on this call. You are silent. Choose whom to whisper to.",
        ),
        (
            "21210",
            "Twilio does not let “+1 ••• •• 00” be shown as caller. "
            "An administrator must choose one of the account’s numbers.",
        ),
        (
            "21215",
            "Calls to +44 ••• •• 02 are not allowed for account “at-twilio”. "
            "Choose another phone, or tell an administrator.",
        ),
    ],
)
def test_names_and_masked_numbers_are_filled_in(call: Conference, code: str, sentence: str) -> None:
    assert refused(call, "whisper", call.participants.get(role="agent"), code).detail == sentence


def test_who_left_before_it_came_is_named(call: Conference, provider: str) -> None:
    leg = call.participants.get(role="agent")
    leg.left_at = timezone.now().replace(hour=14, minute=32, second=10)
    leg.save()
    sam = make_supervisor("sam", teams=(make_team(),))
    intervention = make_intervention(sam, call, "mute", participant=leg)
    denial = api.failure(
        api.Ending(Outcome.State.FAILED, "gone", "", "Resource not found"), intervention, call
    )
    title = PROVIDERS[provider].title
    assert (denial.code, denial.status) == ("gone", 409)
    assert denial.detail == (
        f"Ann Okafor left the call at 14:32:10, before this reached {title}. Nothing was changed."
    )
    assert denial.provider == {"code": "", "message": "Resource not found"}


# --- over the wire ----------------------------------------------------------------------------------------
@pytest.fixture
def floor(
    provider: str, sandbox: Sandbox, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Floor]:
    wait_at_most(2.0, monkeypatch)
    yield from standing_floor(provider, sandbox, monkeypatch)


def test_a_wrong_password_is_told_as_one(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    call = floor.call("locked")
    monkeypatch.setenv(floor.account.secret, "an old one")
    answer = post(signed_in(floor.user), floor.leg(call, "customer"), "hold")
    assert (answer.status_code, answer.json()["code"]) == (422, "refused"), answer.content
    told = words.SENTENCES["credentials_refused"].format(provider=floor.title, account=floor.account.key)
    assert answer.json()["detail"] == told
    assert PROVIDERS[floor.provider].refusals[answer.json()["provider"]["code"]] == "credentials_refused"


def test_the_strip_says_why_a_whisper_did_not_open(floor: Floor) -> None:
    call = floor.call("held")
    monitoring.listen(call, floor.asked())
    floor.confirmed("listen")
    held = floor.leg(call, "agent")
    floor.sandbox.post(f"/_sandbox/legs/{held.call_sid}/set", {"hold": True})
    monitoring.whisper(call, floor.asked())
    shown = wait_for(lambda: _shown(floor, "S17"), within_s=5)
    code = LegRequest.objects.filter(outcome="refused").latest("sent_at").code
    known = words.SENTENCES[PROVIDERS[floor.provider].refusals[code]]
    told = known.format(provider=floor.title, agent="Agent 1")
    assert shown["subline"] == f"{told} Nothing is open that you did not ask for."
    assert Intervention.objects.get(verb="whisper").outcomes.filter(code=code).exists()


@pytest.mark.parametrize("provider", ["twilio"], indirect=True)
def test_what_a_provider_cannot_be_told_is_not_sent_and_never_in_doubt(floor: Floor) -> None:
    call = floor.call("spaces")
    floor.account.caller_id = "+1 202 555 0100"
    floor.account.save()
    answer = post(signed_in(floor.user), call, "listen")
    assert (answer.status_code, answer.json()["code"]) == (502, "unreachable"), answer.content
    assert not floor.dials()
    assert LegRequest.objects.get(verb="create").message.startswith("from must be a number, client:…")


def _shown(floor: Floor, *codes: str) -> dict | None:
    floor.confirmed_now("")
    now = strip(floor.user)
    return now if now["code"] in codes else None
