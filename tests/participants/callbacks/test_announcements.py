"""The end of an announcement, where a provider tells it: that one and no other was played, or was not."""

import pytest

from participants import documents
from participants.ledger import append_outcome, open_intervention
from participants.models import Account, Callback, Conference, Intervention, Outcome
from participants.services.command import state_of
from tests.factories import make_conference, make_supervisor
from tests.participants.callbacks.posting import post, verdicts
from tests.participants.wire import Wire, recording

pytestmark = pytest.mark.django_db
State = Outcome.State


@pytest.fixture
def name() -> str:
    return "twilio"


@pytest.fixture
def conference(wire: Wire) -> Conference:
    sid = recording("twilio", "announcement-end")["form"]["ConferenceSid"]
    return make_conference(account=Account.objects.get(), sid=sid)


def under_way(conference: Conference, verb: str = "announce", *, accepted: bool = True) -> Intervention:
    user = make_supervisor(f"supervisor-{Intervention.objects.count()}")
    parameters = {"text": "Hello", "seconds": 1.0}
    made, _ = open_intervention(user=user, verb=verb, conference=conference, parameters=parameters)
    if accepted:
        append_outcome(made, State.ACCEPTED)
    return made


@pytest.mark.parametrize("verb", ["announce", "cue"])
def test_its_end_confirms_it(wire: Wire, conference: Conference, verb: str) -> None:
    made, other = under_way(conference, verb), under_way(conference, verb)
    version = conference.version
    assert post(wire, "announcement-end", AnnounceUrl=documents.announcement_url(made)) == 200
    assert (state_of(made), state_of(other)) == (State.CONFIRMED, State.ACCEPTED)
    assert made.outcomes.last().evidence == {"callback": Callback.objects.get().pk}
    assert verdicts() == ["applied"]
    conference.refresh_from_db()
    assert conference.version > version  # every board is told


def test_what_could_not_be_played_failed_and_says_why(wire: Wire, conference: Conference) -> None:
    made = under_way(conference)
    assert post(wire, "announcement-fail", AnnounceUrl=documents.announcement_url(made)) == 200
    newest = made.outcomes.last()
    assert (newest.state, newest.detail) == (State.FAILED, "not_fetched")


def test_told_twice_it_ends_once(wire: Wire, conference: Conference) -> None:
    made = under_way(conference)
    url = documents.announcement_url(made)
    for number in ("10", "10", "12"):
        assert post(wire, "announcement-end", AnnounceUrl=url, SequenceNumber=number) == 200
    assert post(wire, "announcement-fail", AnnounceUrl=url, SequenceNumber="14") == 200
    assert [outcome.state for outcome in made.outcomes.all()] == ["requested", "accepted", "confirmed"]
    assert verdicts() == ["applied", "superseded", "superseded"]


def test_a_callback_that_is_faster_than_the_answer_is_not_lost(wire: Wire, conference: Conference) -> None:
    made = under_way(conference, accepted=False)
    assert post(wire, "announcement-end", AnnounceUrl=documents.announcement_url(made)) == 200
    assert state_of(made) == State.CONFIRMED


def test_who_says_that_it_was_heard_knows_better_than_who_saw_nobody_fetch_it(
    wire: Wire, conference: Conference
) -> None:
    made = under_way(conference)
    append_outcome(made, State.FAILED, detail="not_fetched")
    assert post(wire, "announcement-end", AnnounceUrl=documents.announcement_url(made)) == 200
    assert state_of(made) == State.CONFIRMED


def test_an_announcement_of_another_call_is_none_of_this_one(wire: Wire, conference: Conference) -> None:
    elsewhere = make_conference("other", account=conference.account)
    made = under_way(elsewhere)
    assert post(wire, "announcement-end", AnnounceUrl=documents.announcement_url(made)) == 200
    assert state_of(made) == State.ACCEPTED and verdicts() == ["unknown"]


@pytest.mark.parametrize(
    "url",
    [
        "https://earshot.example/audio/notice.mp3",
        "https://earshot.example/documents/x/",
        "http://a.example/?q=<b>&x=ä",
    ],
)
def test_what_others_announce_is_stored_and_changes_nothing(
    wire: Wire, conference: Conference, url: str
) -> None:
    made = under_way(conference)
    assert post(wire, "announcement-end", AnnounceUrl=url) == 200
    assert state_of(made) == State.ACCEPTED and verdicts() == ["unknown"]


def test_an_address_that_stands_twice_is_forged(wire: Wire, conference: Conference) -> None:
    form = recording("twilio", "announcement-end")["form"]
    body = "&".join(f"{name}={value}" for name, value in form.items()) + "&AnnounceUrl=https://b.example/"
    assert wire.post("conference", body.encode()) == 403
