"""Where each fact comes from and how old it is; why a call is in doubt, since when, and the way out."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from participants.models import Participant
from participants.providers import PROVIDERS
from tests.console.server import signed_in
from tests.factories import make_account, make_agent, make_call, make_supervisor, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam() -> User:
    return make_supervisor("sam", teams=(make_team(),))


@pytest.fixture
def client(sam: User) -> Client:
    return signed_in(sam)


def words(page: str, css_class: str) -> list[str]:
    return re.findall(rf'class="{css_class}"[^>]*>([^<]*)<', page.partition('<template id="row"')[0])


@pytest.mark.parametrize(
    ("source", "ago", "said"),
    [
        ("callback", timedelta(seconds=4), "told by {title} 4 s ago"),
        ("callback", timedelta(minutes=2), "told by {title} 2 min ago"),
        ("read", timedelta(minutes=119), "asked 119 min ago"),
        ("answer", timedelta(hours=3), "{title}’s answer to a command, 3 h ago"),
    ],
)
def test_each_person_s_facts_say_who_told_them_and_how_long_ago(
    client: Client, provider: str, source: str, ago: timedelta, said: str
) -> None:
    account = make_account(provider, provider=provider)
    conference, agent, _ = make_call(account=account)
    as_of = timezone.now() - ago - timedelta(milliseconds=300)
    Participant.objects.update(source=source, as_of=as_of)
    Participant.objects.filter(pk=agent.pk).update(status="complete", left_at=as_of)
    page = client.get(f"/conferences/{conference.pk}/").content.decode()
    shown = re.sub(r"\b[5-9] s", "4 s", words(page, "person-source")[0])  # the machine may be slow
    assert shown == said.format(title=PROVIDERS[provider].title)
    assert len(words(page, "person-source")) == 1, "who has left is not asked for"


def test_of_a_call_that_is_over_nobody_asks_how_old_its_facts_are(client: Client) -> None:
    now = timezone.now()
    conference, *_ = make_call(status="completed", state="ended", ended_at=now)
    page = client.get(f"/conferences/{conference.pk}/").content.decode()
    assert set(words(page, "person-source")) == {""}


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("unverified", "Twilio has said nothing about this call: what is shown may be old."),
        ("doubt", "Twilio has said two things that do not fit together: the less safe one is shown."),
        ("callback", "Twilio has sent something about this call that cannot be right, and is being asked."),
        ("of a newer version", "What is shown may be old."),
    ],
)
def test_a_call_in_doubt_says_why_and_for_how_long(client: Client, reason: str, why: str) -> None:
    now = timezone.now()
    checked = now - timedelta(minutes=12)
    conference, *_ = make_call(stale_since=now, stale_reason=reason, verified_at=checked)
    page = client.get(f"/conferences/{conference.pk}/").content.decode()
    assert words(page, "call-warning-text") == [f"Not checked for 12 min. {why}"]
    assert words(page, "fact-checked") == [""], "the warning says it"
    board = client.get("/").content.decode()
    assert f'title="{why}">not checked for 12 min</span>' in board
    assert 'class="c-state" data-aged="12 min old"' in board, "on a phone it stands below the state"


def test_a_call_in_doubt_that_was_never_checked_says_so(client: Client) -> None:
    conference, *_ = make_call(stale_since=timezone.now(), stale_reason="callback", verified_at=None)
    page = client.get(f"/conferences/{conference.pk}/").content.decode()
    assert words(page, "call-warning-text")[0].startswith("Not checked yet. Twilio has sent something")


def test_a_call_in_doubt_offers_to_ask(client: Client) -> None:
    conference, *_ = make_call(stale_since=timezone.now(), stale_reason="doubt")
    page = client.get(f"/conferences/{conference.pk}/").content.decode()
    warning = page.partition('class="call-warning"')[2].partition("</div>")[0]
    assert "Ask Twilio now" in warning and f"/conferences/{conference.pk}/commands/refresh/" in warning


def test_a_call_that_is_not_in_doubt_says_nothing(client: Client) -> None:
    conference, *_ = make_call(agent=make_agent("Ann Okafor"))
    page = client.get(f"/conferences/{conference.pk}/").content.decode()
    assert words(page, "call-warning-text") == [""] and 'class="call-warning" hidden' in page
