"""/connect/: an account is connected by pasting, its secret is never seen again, mistakes are sentences."""

import sys
import time
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.test import Client
from django.utils import timezone
from django.views.debug import ExceptionReporter

from participants.ledger import open_intervention
from participants.models import Account, Agent, Intervention, Participant, Ring
from participants.providers import provider_for
from participants.sealing import unseal
from participants.services import connecting
from tests.factories import (
    PASSWORD,
    make_account,
    make_agent,
    make_call,
    make_supervisor,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db
CANARY = "canary-4711-token"
SHAPES: dict[str, dict[str, str]] = {
    "twilio": {"sid": "AC" + "5" * 32, "secret": CANARY, "caller_id": "+12025550100"},
    "telnyx": {
        "sid": "00000000-0000-4000-8000-000000000077",
        "secret": CANARY,
        "caller_id": "+12025550100",
        "application_sid": "1900000000000000001",
        "public_key": "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=",
    },
}


@pytest.fixture
def admin() -> User:
    return make_supervisor("admin", group="Administrator", is_staff=True)


@pytest.fixture
def client(admin: User, settings: Any) -> Client:
    """An administrator who has just signed in by the form."""
    settings.ACCOUNT_RATE_LIMITS = False
    client = Client()
    assert client.post("/login/", {"login": "admin", "password": PASSWORD}).status_code == 302
    return client


def text_of(client: Client, path: str, **posted: Any) -> str:
    answer = client.post(path, posted, follow=True) if posted else client.get(path, follow=True)
    return answer.content.decode()


def signed_in_ago(client: Client, seconds: float) -> None:
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - seconds}]
    session.save()


# --- connecting -------------------------------------------------------------------------------------------
def test_an_account_is_connected_and_its_secret_is_sealed(client: Client, provider: str) -> None:
    page = text_of(client, f"/connect/new/{provider}/", key="main", **SHAPES[provider])
    account = Account.objects.get()
    assert (account.provider, account.sid) == (provider, SHAPES[provider]["sid"])
    assert CANARY not in account.secret_sealed and unseal(account.secret_sealed) == CANARY
    assert provider_for(account) is provider_for(Account.objects.get())
    assert "Pasted here on" in page and CANARY not in page


def test_the_audit_row_says_who_and_what_and_no_secret(client: Client, admin: User) -> None:
    text_of(client, "/connect/new/twilio/", key="main", **SHAPES["twilio"])
    text_of(
        client, "/connect/accounts/main/credentials/", **SHAPES["twilio"] | {"secret": "another-token-now"}
    )
    deeds = list(Intervention.objects.order_by("position"))
    assert [(deed.user, deed.verb) for deed in deeds] == [
        (admin, "connect_account"),
        (admin, "change_credentials"),
    ]
    assert deeds[1].parameters == {"account": "main", "changed": ["secret"]}
    assert CANARY not in str([vars(deed) for deed in deeds])


@pytest.mark.parametrize(
    "name, field, value, sentence",
    [
        ("twilio", "sid", "SK" + "5" * 32, "An account sid is AC and 32 digits"),
        ("twilio", "sid", "AC123", "An account sid is AC and 32 digits"),
        ("twilio", "secret", "two words here", "An auth token is one word"),
        ("twilio", "caller_id", "020 7946 0102", "Write it with country code"),
        ("telnyx", "sid", "AC" + "5" * 32, "The sid is a uuid"),
        ("telnyx", "application_sid", "my-app", "not its name"),
        ("telnyx", "public_key", "MFkwEwYHKoZIzj0", "The public key cannot be read"),
        ("telnyx", "public_key", "", "This field is required"),
        ("telnyx", "key", "Main Line", "Small letters, digits and single hyphens"),
        ("twilio", "api_url", "http://api.example.com", "the secret would travel unencrypted"),
    ],
)
def test_a_wrong_shape_is_told_at_its_field_and_nothing_is_kept(
    client: Client, name: str, field: str, value: str, sentence: str
) -> None:
    page = text_of(client, f"/connect/new/{name}/", **{"key": "main", **SHAPES[name], field: value})
    assert sentence in page
    assert CANARY not in page and not Account.objects.exists()


def test_what_is_connected_already_is_told(client: Client) -> None:
    text_of(client, "/connect/new/twilio/", key="main", **SHAPES["twilio"])
    assert "This account is connected already" in text_of(
        client, "/connect/new/twilio/", key="second", **SHAPES["twilio"]
    )
    assert "Another account has this key" in text_of(
        client, "/connect/new/twilio/", key="main", **SHAPES["twilio"]
    )


def test_without_keys_the_page_says_so_and_nothing_can_be_pasted(client: Client, settings: Any) -> None:
    settings.EARSHOT_ENCRYPTION_KEYS = []
    make_account("twilio")
    assert "EARSHOT_ENCRYPTION_KEYS is not set" in text_of(client, "/connect/")
    text_of(client, "/connect/new/telnyx/", key="main", **SHAPES["telnyx"])
    assert "EARSHOT_ENCRYPTION_KEYS is not set" in text_of(
        client, "/connect/accounts/twilio/credentials/", **SHAPES["twilio"]
    )
    assert [account.secret_sealed for account in Account.objects.all()] == [""]


# --- credentials ------------------------------------------------------------------------------------------
def test_new_credentials_keep_the_former_for_callbacks_while_it_changes(client: Client) -> None:
    text_of(client, "/connect/new/twilio/", key="main", **SHAPES["twilio"])
    change = SHAPES["twilio"] | {"secret": "the-new-token", "keep_former": "on"}
    text_of(client, "/connect/accounts/main/credentials/", **change)
    assert unseal(Account.objects.get().secret_sealed) == f"the-new-token {CANARY}"
    text_of(client, "/connect/accounts/main/credentials/", **SHAPES["twilio"] | {"secret": "the-new-token"})
    assert unseal(Account.objects.get().secret_sealed) == "the-new-token"


def test_a_change_without_a_secret_keeps_it(client: Client) -> None:
    text_of(client, "/connect/new/twilio/", key="main", **SHAPES["twilio"])
    text_of(
        client,
        "/connect/accounts/main/credentials/",
        **SHAPES["twilio"] | {"secret": "", "caller_id": "+12025550101"},
    )
    account = Account.objects.get()
    assert (account.caller_id, unseal(account.secret_sealed)) == ("+12025550101", CANARY)


@pytest.mark.parametrize("change", [{"sid": "AC" + "6" * 32}, {"api_url": "https://elsewhere.example.com"}])
def test_a_pasted_secret_goes_to_no_other_account_and_no_other_address(
    client: Client, change: dict[str, str]
) -> None:
    text_of(client, "/connect/new/twilio/", key="main", **SHAPES["twilio"])
    posted = SHAPES["twilio"] | {"secret": ""} | change
    assert "Paste it again" in text_of(client, "/connect/accounts/main/credentials/", **posted)
    account = Account.objects.get()
    assert (account.sid, account.api_url) == (SHAPES["twilio"]["sid"], "")


def test_a_masked_number_that_is_left_as_it_stands_is_kept(client: Client) -> None:
    text_of(client, "/connect/new/twilio/", key="main", **SHAPES["twilio"])
    page = text_of(client, "/connect/accounts/main/credentials/")
    assert 'value="+1 ••• •• 00"' in page and 'value="+12025550100"' not in page
    text_of(
        client,
        "/connect/accounts/main/credentials/",
        **SHAPES["twilio"] | {"secret": "", "caller_id": "+1 ••• •• 00"},
    )
    assert Account.objects.get().caller_id == "+12025550100"


# --- the password again -----------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/connect/new/twilio/", "/connect/accounts/twilio/credentials/"])
def test_credentials_ask_for_the_password_when_the_sign_in_is_old(client: Client, path: str) -> None:
    make_account("twilio")
    signed_in_ago(client, 400)
    answer = client.get(path)
    assert answer.status_code == 302 and answer["Location"].startswith("/login/again/?next=")
    again = client.get(answer["Location"])
    assert "Your password again" in again.content.decode()
    wrong = client.post("/login/again/", {"password": "wrong", "next": path})
    assert wrong.status_code == 200
    right = client.post("/login/again/", {"password": PASSWORD, "next": path})
    assert (right.status_code, right["Location"]) == (302, path)
    assert client.get(path).status_code == 200


def test_what_is_pasted_too_late_is_thrown_away(client: Client) -> None:
    signed_in_ago(client, 1000)
    page = text_of(client, "/connect/new/twilio/", key="main", **SHAPES["twilio"])
    assert "Your password again" in page
    assert not Account.objects.exists()
    assert CANARY not in str(dict(client.session.items()))


# --- the pages --------------------------------------------------------------------------------------------
def test_the_page_of_an_account_shows_what_to_paste(client: Client, provider: str, settings: Any) -> None:
    text_of(client, f"/connect/new/{provider}/", key="main", **SHAPES[provider])
    page = text_of(client, "/connect/accounts/main/").replace("&quot;", '"').replace("&amp;", "&")
    kind = provider_for(Account.objects.get())
    url = f"{settings.PUBLIC_URL}/callbacks/main/conference/{kind.callback_fragment}"
    assert f'statusCallback="{url}"'.replace("&rp", "&rp") in page.replace("&amp;", "&")
    assert f'statusCallbackEvent="{" ".join(kind.reports.conference_events)}"' in page


def test_all_lights_are_off_and_come_on_one_by_one(client: Client, admin: User) -> None:
    account = make_account("twilio")
    Account.objects.update(reachable=None)

    def lit() -> list[str]:
        told = client.get("/connect/accounts/twilio/lights.json").json()["lights"]
        return [light["name"] for light in told if light["on"]]

    assert lit() == []
    Account.objects.update(reachable=True, swept_at=timezone.now(), callback_at=timezone.now())
    assert lit() == ["connected", "callback"]
    make_call(account=account, agent=make_agent("Ann Okafor"))
    assert lit() == ["connected", "callback", "agent"]


def test_wrong_signatures_are_told_until_a_right_one_comes(client: Client) -> None:
    make_account("twilio")
    now = timezone.now()
    Account.objects.update(forged=34, forged_since=now, forged_at=now, forged_why="other")
    page = text_of(client, "/connect/accounts/twilio/")
    assert "34 callbacks for “twilio” had a wrong signature since" in page
    assert (
        "Usual causes: PUBLIC_URL is not the address in the Twilio console, or a proxy changes https to http."
        in page
    )
    assert "had a wrong signature since" in text_of(client, "/")
    Account.objects.update(forged_why="scheme", forged_url="http://a.example/callbacks/twilio/conference/")
    assert "a proxy in front of Earshot changes" in text_of(client, "/connect/")
    later = now + timezone.timedelta(seconds=1)
    Account.objects.update(forged=1, callback_at=later)
    assert "wrong signature" not in text_of(client, "/connect/"), "one among valid ones is anybody's"
    earlier = now - timezone.timedelta(hours=1)
    Account.objects.update(forged_at=earlier, forged_since=earlier, callback_at=now)
    assert "wrong signature" not in text_of(client, "/connect/")


@pytest.mark.parametrize("group", ["Lead", "Supervisor", "Auditor", "Agent", None])
def test_nobody_else_learns_that_there_is_such_a_page(group: str | None) -> None:
    make_account("twilio")
    somebody = Client()
    somebody.force_login(make_user("somebody", group=group, is_staff=True))
    for path in (
        "/connect/",
        "/connect/new/twilio/",
        "/connect/accounts/twilio/",
        "/connect/agents/",
        "/connect/agents.csv",
    ):
        assert somebody.get(path).status_code == 404
    assert 'href="/connect/"' not in somebody.get("/me/").content.decode()


# --- agents -----------------------------------------------------------------------------------------------
def upload(client: Client, text: str) -> str:
    file = SimpleUploadedFile("agents.csv", text.encode(), content_type="text/csv")
    return client.post("/connect/agents/", {"file": file}).content.decode()


def test_a_file_is_looked_at_before_it_is_saved(client: Client) -> None:
    make_team("Billing")
    text = "name,team,label,addresses\nAnn Okafor,Billing,agent-1,client:agent-1 | +442079460102\n"
    assert "1 new, 0 changed, 0 as they are" in upload(client, text)
    assert not entered()
    assert "Saved: 1 new, 0 changed." in text_of(client, "/connect/agents/", text=text, save="yes")
    assert entered() == {"Ann Okafor": ["+442079460102", "client:agent-1"]}
    assert Intervention.objects.get().parameters == {"new": 1, "changed": 0}


def entered() -> dict[str, list[str]]:
    return {agent.name: sorted(one.address for one in agent.addresses.all()) for agent in Agent.objects.all()}


def test_mistakes_are_shown_with_line_and_column_and_nothing_is_saved(client: Client) -> None:
    make_team("Billing")
    page = upload(client, "name,team,label,addresses\nAnn,Billing,a,\nBen,Biling,b,123\n")
    assert "Line 3, team: “Biling” is no team. The teams are: Billing." in page
    assert "Line 3, addresses: “123” is no phone" in page
    assert not entered()


def test_an_address_that_was_seen_is_assigned_and_the_call_follows(
    client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    _, _, customer = make_call(agent=make_agent("Ben Archer"))
    Participant.objects.filter(pk=customer.pk).update(
        address="client:ann", role="customer", certainty="certain", direction="outbound", left_at=None
    )
    assert "1 unknown address was seen today" in text_of(client, "/connect/agents/").replace("\n", " ")
    team = make_team("Billing")
    with django_capture_on_commit_callbacks(execute=True):
        page = text_of(
            client, "/connect/addresses/", leg=str(customer.pk), name="Ann Okafor", team=str(team.pk)
        )
    assert "1 address belongs to Ann Okafor now." in page
    customer.refresh_from_db()
    assert (customer.role, customer.agent.name) == ("agent", "Ann Okafor")
    assert "0 unknown addresses were seen today" in page


# --- no text holds the secret -------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/connect/new/twilio/", "/connect/accounts/twilio/credentials/"])
def test_a_failure_while_pasting_tells_nobody_the_secret(
    client: Client, path: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the log, nor the answer, nor the report that Django would mail with everything it knows."""
    make_account("twilio")
    told: list[str] = []

    def report(request: Any, **_: Any) -> None:
        told.append(ExceptionReporter(request, *sys.exc_info()).get_traceback_text())

    got_request_exception.connect(report)
    monkeypatch.setattr(connecting, "append_deed", lambda **_: 1 / 0)
    client.raise_request_exception = False
    try:
        answer = client.post(path, SHAPES["twilio"] | {"key": "main"})
    finally:
        got_request_exception.disconnect(report)
    assert answer.status_code == 500 and "ZeroDivisionError" in told[0]
    assert CANARY not in told[0] + caplog.text + answer.content.decode()
    assert not Account.objects.exclude(secret_sealed="").exists()


@pytest.mark.parametrize(
    "how, minutes, text",
    [
        ("", 0, "It is being called now"),
        ("", 2, "did not say whether"),
        ("no_answer", 0, "Your phone did not answer."),
        ("refused", 0, "refused to call your phone"),
        ("not_sent", 0, "could not be reached"),
    ],
)
def test_the_light_of_one_s_phone_says_how_the_last_ring_ended(
    client: Client, admin: User, how: str, minutes: int, text: str
) -> None:
    account, at = make_account("twilio"), timezone.now() - timezone.timedelta(minutes=minutes)
    deed, _ = open_intervention(user=admin, verb="ring")
    Ring.objects.create(
        user=admin,
        account=account,
        intervention=deed,
        address="client:admin",
        name="earshot-ring-1",
        asked_at=at,
        ended_at=at if how else None,
        ended_how=how,
    )
    told = client.get("/connect/accounts/twilio/lights.json").json()["lights"]
    assert text in told[-1]["text"] and not told[-1]["on"]
