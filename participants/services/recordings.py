"""What recordings of a call there are, what may be done to them, and hearing one."""

import contextlib
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from .. import access, reading_recordings, supervising
from ..access import Denial
from ..ledger import append_deed
from ..merge_recordings import ON, PAUSED, RUNNING
from ..models import Conference, Intervention, Recording
from ..providers import PROVIDERS, ProviderError, Refused, provider_for
from ..providers.sound import Sound

HEARD_AGAIN = timedelta(minutes=10)  # one deed for all the parts that a player asks for
# What may be asked of one that runs, and in which states.
ACTS = {"pause": (ON,), "resume": (PAUSED,), "stop": RUNNING}


def of(conference: Conference, *, fresh: bool = False) -> list[Recording]:
    """`fresh`: the provider is asked first, unless everything of a call that is over is known."""
    rows = reading_recordings.known(conference)
    settled = not conference.live and rows and all(row.status in reading_recordings.OVER for row in rows)
    if fresh and not settled:
        rows = asked_anew(conference)
    return [row for row in rows if row.status != Recording.Status.DELETED]


def asked_anew(conference: Conference) -> list[Recording]:
    """Also where the provider does not answer: then what was known."""
    with contextlib.suppress(ProviderError):
        supervising.touched(conference.account, reading_recordings.of_conference(conference))
    return reading_recordings.known(conference)


def possible(user: User, row: Recording) -> list[str]:
    """What this person may do to it now: words of the routes."""
    kind, conference = PROVIDERS.get(row.account.provider), row.conference
    if kind is None or conference is None or not user.has_perm("participants.record"):
        return []
    of_leg = row.participant_id is not None
    if row.status in RUNNING:
        changeable = conference.live and kind.recording_operation("update", of_leg=of_leg)
        return [act for act, states in ACTS.items() if changeable and row.status in states]
    over = row.status in (Recording.Status.COMPLETED, Recording.Status.ABSENT)
    return ["delete"] if over and kind.recording_operation("delete", of_leg=of_leg) else []


# --- hearing one ------------------------------------------------------------------------------------------
def play(user: User, row: Recording, *, wanted: str = "") -> Sound:
    """Its sound as it comes, and on the record who heard it. `wanted`: a Range header.

    Sight of the call is asked elsewhere. Raises Denial.
    """
    assert row.conference is not None
    access.check(user, "recording/play", row.conference)
    if row.status != Recording.Status.COMPLETED:
        raise Denial("no_sound", status=404)
    try:
        sound = provider_for(row.account).open_sound(reading_recordings.key_of(row), wanted=wanted)
    except Refused as refused:
        raise Denial("no_sound", status=404) from refused
    except ProviderError as failed:
        raise Denial("unavailable", str(failed), status=502) from failed
    _record_hearing(user, row)
    return sound


def _record_hearing(user: User, row: Recording) -> None:
    recent = Intervention.objects.filter(
        user=user,
        verb="recording/play",
        conference=row.conference,
        requested_at__gt=timezone.now() - HEARD_AGAIN,
    )
    if not any(one.parameters.get("recording") == row.sid for one in recent):
        append_deed(
            user=user, verb="recording/play", conference=row.conference, parameters={"recording": row.sid}
        )
