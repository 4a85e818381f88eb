"""What became known of a call, when and from where: the story that the mirror keeps beside the facts."""

import time
from typing import Any

import pytest
from django.utils import timezone

from participants import mirror
from participants.events import ConferenceEvent, LegEvent, Presence, Source, Stamp, Stream
from participants.models import Account, Callback, Change, Participant
from participants.providers import PROVIDERS
from tests.factories import make_account

SID, LEG = "CFstory", "CAstory"


@pytest.fixture(params=sorted(PROVIDERS))
def account(request: pytest.FixtureRequest, db: None) -> Account:
    return make_account(request.param, provider=request.param)


def told(number: int, **facts: Any) -> LegEvent:
    stamp = Stamp(source=Source.CALLBACK, stream=Stream.CONFERENCE, number=number, occurred=time.time())
    return LegEvent(conference_sid=SID, call_sid=LEG, stamp=stamp, presence=Presence.IN, **facts)


def read(**facts: Any) -> LegEvent:
    stamp = Stamp(source=Source.READ, began=time.time(), occurred=time.time() + 5)
    return LegEvent(conference_sid=SID, call_sid=LEG, stamp=stamp, presence=Presence.IN, **facts)


def changes() -> list[tuple[str, dict[str, Any], bool]]:
    rows = Change.objects.exclude(participant=None).order_by("id")
    return [(row.source, row.facts, row.correction) for row in rows]


def test_a_callback_is_kept_with_what_it_changed(account: Account) -> None:
    callback = Callback.objects.create(account=account, kind="conference", key="one", form=[])
    mirror.apply(account, [told(1, muted=False, hold=False)], callback=callback)
    row = Change.objects.exclude(participant=None).get()
    assert row.callback == callback and not row.correction
    assert row.facts["hold"] == [None, False] and row.facts["status"] == [None, "connected"]


def test_what_changes_nothing_is_not_part_of_the_story(account: Account) -> None:
    mirror.apply(account, [told(1, muted=False)])
    before = Change.objects.count()
    mirror.apply(account, [told(1, muted=False)])
    mirror.apply(account, [read(muted=False)])
    assert Change.objects.count() == before


def test_a_read_corrects_only_what_callbacks_should_have_told(account: Account) -> None:
    mirror.apply(account, [told(1, muted=False, hold=True)])
    mirror.apply(account, [read(muted=False, hold=False)])
    reported = PROVIDERS[account.provider].reports.mute_and_hold
    assert changes()[-1] == ("read", {"hold": [True, False]}, reported)


def test_without_callbacks_there_is_nothing_to_correct(account: Account) -> None:
    mirror.apply(account, [read(muted=False, hold=True)])
    mirror.apply(account, [read(muted=False, hold=False)])
    assert [correction for _, _, correction in changes()] == [False, False]


def test_a_read_that_was_faster_than_its_callback_corrected_nothing(account: Account) -> None:
    mirror.apply(account, [told(1, muted=False, hold=True)])
    mirror.apply(account, [read(muted=False, hold=False)])
    mirror.apply(account, [told(2, muted=False, hold=False)])
    assert not any(correction for _, _, correction in changes())


def test_somebody_whom_no_callback_announced_is_a_correction(account: Account) -> None:
    stamp = Stamp(source=Source.CALLBACK, stream=Stream.CONFERENCE, number=1, occurred=time.time())
    mirror.apply(account, [ConferenceEvent(conference_sid=SID, stamp=stamp, status="in-progress")])
    mirror.apply(account, [read(muted=False)])
    assert changes()[-1][2]


def test_the_story_holds_no_personal_data(account: Account) -> None:
    mirror.apply(account, [told(1, label="+442079460102", friendly_name="Mrs Dent")], at=timezone.now())
    Participant.objects.update(address="+442079460102")
    mirror.apply(account, [read(muted=True)])
    assert "79460102" not in str(changes()) and "Dent" not in str(list(Change.objects.values()))


def test_a_call_s_end_that_a_read_saw_first_is_no_correction_once_its_callback_comes(
    account: Account,
) -> None:
    mirror.apply(account, [told(1, muted=False)])
    ended = {"conference_sid": SID, "status": "completed"}
    by_read = Stamp(source=Source.READ, began=time.time(), occurred=time.time() + 5)
    mirror.apply(account, [ConferenceEvent(**ended, stamp=by_read)])
    of_call = Change.objects.filter(participant=None, source="read")
    assert [row.correction for row in of_call] == [True]
    by_callback = Stamp(source=Source.CALLBACK, stream=Stream.CONFERENCE, number=2, occurred=time.time())
    mirror.apply(account, [ConferenceEvent(**ended, stamp=by_callback)])
    assert [row.correction for row in of_call.all()] == [False]


def test_what_an_answer_repeated_meanwhile_is_no_correction_either(account: Account) -> None:
    mirror.apply(account, [told(1, muted=False)])
    reports = PROVIDERS[account.provider].reports.mute_and_hold
    mirror.apply(account, [read(muted=True)])
    assert Change.objects.filter(correction=True).exists() is reports
    answered = Stamp(source=Source.ANSWER, began=time.time() + 1, occurred=time.time() + 6)
    mirror.apply(
        account,
        [LegEvent(conference_sid=SID, call_sid=LEG, stamp=answered, presence=Presence.IN, muted=True)],
    )
    mirror.apply(account, [told(2, muted=True)])
    assert not Change.objects.filter(correction=True).exists()
