"""A provider that nobody has written yet: one class and one row of the table, and everything else follows."""

from pathlib import Path
from types import MappingProxyType

import pytest
from django.test import Client

from participants import access, access_facts, capabilities_document
from participants.models import Account, Conference
from participants.providers import PROVIDERS
from participants.providers.capabilities import Operations, operations_of
from participants.providers.twilio import Twilio
from tests.console.server import signed_in
from tests.factories import make_account, make_agent, make_call, make_supervisor, make_team, make_user

ROOT = Path(__file__).resolve().parents[2]


class Third(Twilio):
    """Cannot hold, and cannot take anybody off a call."""

    name = "third"
    title = "Third Voice"
    short = "3V"
    needs = ("application_sid",)
    refusals = MappingProxyType({"7": "room_full"})

    @classmethod
    def operations(cls) -> Operations:
        table = {name: dict(taken) for name, taken in operations_of("twilio").items()}
        del table["participant.update"]["hold"], table["participant.delete"]
        return table


@pytest.fixture(autouse=True)
def third(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PROVIDERS, "third", Third)


@pytest.fixture
def call(db: None) -> Conference:
    make_account("voice", provider="third", sid="AC3")
    conference, *_ = make_call(team=make_team(), agent=make_agent())
    Conference.objects.filter(pk=conference.pk).update(account=Account.objects.get(key="voice"))
    return Conference.objects.get(pk=conference.pk)


@pytest.fixture
def client(call: Conference) -> Client:
    return signed_in(make_supervisor("sam", teams=(make_team(),)))


def test_what_it_cannot_do_is_blocked_and_nothing_else_is(call: Conference) -> None:
    legs = list(call.participants.all())
    assert access.blocked(call, legs) == {}
    for leg in legs:
        blocked = access.blocked_leg(leg, call, legs)
        unsupported = {verb for verb, code in blocked.items() if code == "unsupported"}
        assert unsupported == {"hold", "resume", "remove", *access_facts.RECORDING}
        assert blocked["recording/start"] == "no_recording_start"
        assert not {"mute", "unmute", "identify"} & unsupported


def test_pressed_anyway_it_says_so_and_sends_nothing(call: Conference, client: Client) -> None:
    leg = call.participants.get(role="customer")
    answer = client.post(f"/api/v1/participants/{leg.pk}/hold/", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "unsupported")
    assert answer.json()["detail"] == "Third Voice cannot do this."
    assert answer.json()["conference"]["provider"] == "third"


def test_the_api_tells_of_it(client: Client) -> None:
    told = client.get("/api/v1/accounts/voice/capabilities/").json()
    assert (told["account"], told["provider"], told["title"]) == ("voice", "third", "Third Voice")
    assert "hold" not in {each["name"] for each in told["operations"]["participant.update"]}
    assert "participant.delete" not in told["operations"]
    sentence = "This call is full. Nobody can be added."
    assert told["refusals"] == [{"code": "7", "reason": "room_full", "sentence": sentence}]


def test_the_admin_offers_it_and_asks_for_what_it_needs(call: Conference, client: Client) -> None:
    client.force_login(make_user("administrator", group="Administrator", is_staff=True))
    page = client.get("/admin/participants/account/add/")
    assert ("third", "Third Voice") in page.context["adminform"].form.fields["provider"].choices
    answer = client.post("/admin/participants/account/add/", {"provider": "third"})
    assert answer.context["adminform"].form.errors["application_sid"] == ["Third Voice needs one."]


def test_its_page_of_the_documentation_is_written() -> None:
    written = capabilities_document.document()
    assert "## Third Voice\n" in written and "| Twilio | Telnyx | Third Voice |" in written
    assert "| `participant.update` | `hold` | true or false | true or false | – |" in written


def test_the_documentation_is_what_the_tables_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(PROVIDERS, "third")
    told = "write it: .venv/bin/python -m participants.capabilities_document > docs/providers.md"
    assert (ROOT / "docs/providers.md").read_text() == capabilities_document.document(), told


def test_an_account_at_a_provider_without_a_class_breaks_no_board(call: Conference, client: Client) -> None:
    Account.objects.filter(key="voice").update(provider="nobody")
    legs = list(call.participants.all())
    call = Conference.objects.get(pk=call.pk)
    assert set(access.blocked(call, legs).values()) == {"unsupported"}
    assert client.get("/api/v1/conferences/").status_code == 200
    assert client.get("/api/v1/accounts/voice/capabilities/").status_code == 404
