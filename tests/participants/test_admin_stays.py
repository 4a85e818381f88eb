"""How long a supervisor listened, whispered and barged, from the requests for their leg."""

from datetime import UTC, datetime, timedelta

import pytest

from participants.admin.stays import in_words, times
from participants.models import LegRequest, Supervision
from tests.factories import make_conference, make_supervision, make_supervisor

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def at(second: float) -> datetime:
    return BEGIN + timedelta(seconds=second)


@pytest.fixture
def stay() -> Supervision:
    return make_supervision(
        make_supervisor(),
        make_conference(),
        "listen",
        since=BEGIN,
        dialled_at=BEGIN,
        ended_at=at(100),
        confirmed="listen",
    )


def asked(stay: Supervision, second: float, answered: float | None = None, **fields: object) -> None:
    values = {"verb": "update", "wish": 1, "outcome": "accepted", **fields}
    LegRequest.objects.create(
        supervision=stay, sent_at=at(second), answered_at=at(answered or second + 0.2), **values
    )


def whole(stay: Supervision) -> dict[str, float]:
    return {mode: spent.total_seconds() for mode, spent in times(stay, at(500)).items()}


def test_who_only_listened_listened_until_the_end(stay: Supervision) -> None:
    assert whole(stay) == {"listen": 100}


def test_an_open_line_counts_from_the_request_until_the_answer_to_its_silencing(stay: Supervision) -> None:
    asked(stay, 10, muted=False, coaching=True)
    asked(stay, 40, 43, muted=True)
    asked(stay, 60, muted=False, coaching=False)
    asked(stay, 80, 81, muted=True)
    assert whole(stay) == {"listen": 10 + 17 + 19, "whisper": 33, "barge": 21}
    assert in_words(times(stay, at(500))) == "listened, whispered, barged"


def test_a_refused_request_opened_nothing(stay: Supervision) -> None:
    asked(stay, 10, muted=False, coaching=True, outcome="refused")
    asked(stay, 20, muted=False, coaching=False, outcome="not_sent")
    assert whole(stay) == {"listen": 100}


def test_a_request_without_an_answer_counts_as_open(stay: Supervision) -> None:
    asked(stay, 10, muted=False, coaching=False, outcome="unknown")
    assert whole(stay) == {"listen": 10, "barge": 90}


def test_a_live_stay_counts_until_now(stay: Supervision) -> None:
    Supervision.objects.filter(pk=stay.pk).update(ended_at=None)
    stay.refresh_from_db()
    assert whole(stay) == {"listen": 500}


def test_who_was_never_connected_heard_nothing(stay: Supervision) -> None:
    stay.connected = False
    assert whole(stay) == {}
    assert in_words({}) == "did not get through"
