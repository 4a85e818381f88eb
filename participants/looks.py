"""When a call was last listed, read, missed, and told of: marks beside its facts, which nobody sees."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from .events import Stamp, Stream
from .gaps import Numbering
from .models import Conference, Participant
from .providers import PROVIDERS

SHOWN_EVERY = 30.0  # seconds; what people see of `verified_at` is at most so much older than it is


def verified(conference: Conference, *, began: datetime) -> bool:
    """The whole roster was read, starting at `began`. True: it is time that people see how fresh that is."""
    Conference.objects.filter(pk=conference.pk).update(verified_at=began)
    before = conference.verified_at
    return before is None or before.timestamp() // SHOWN_EVERY != began.timestamp() // SHOWN_EVERY


def listed(conference_ids: Iterable[UUID], *, began: datetime) -> None:
    """The provider listed these conferences as live."""
    Conference.objects.filter(pk__in=list(conference_ids)).update(listed_at=began, missed_at=None)


def missed(conference: Conference) -> None:
    """The provider does not know the conference, for the first time."""
    Conference.objects.filter(pk=conference.pk, missed_at=None).update(missed_at=timezone.now())


def missed_leg(leg: Participant) -> datetime:
    """The provider does not find the leg, but its call seems to go on. Returns since when."""
    rows = Participant.objects.filter(pk=leg.pk)
    rows.filter(missed_at=None).update(missed_at=timezone.now())
    return rows.values_list("missed_at", flat=True).get() or timezone.now()


def note_number(conference: Conference, stamp: Stamp, *, now: datetime) -> None:
    """A callback of the conference has come: does one before it seem to be missing?"""
    reports = PROVIDERS[conference.account.provider].reports
    if stamp.stream is not Stream.CONFERENCE or stamp.number is None or not reports.sequence:
        return
    numbering = Numbering.load(conference.numbering)
    if numbering.leaves_hole(stamp.number):
        conference.gap_since = conference.gap_since or now
    conference.numbering = numbering.came(stamp.number).dump()


def settled(conference: Conference, numbering: Numbering) -> None:
    """What was missing among the conference's callbacks has come, or was read instead."""
    rows = Conference.objects.filter(pk=conference.pk)
    # A callback that came meanwhile has raised the last number: it is looked at with the next hole.
    rows.update(numbering=numbering.dump(), gap_since=None)
