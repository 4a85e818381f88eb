"""Recordings: pause, resume, stop, start, delete."""

import contextlib
from dataclasses import dataclass
from typing import Any, NoReturn

from .. import access, reading_recordings, supervising
from ..access import Denial
from ..changed import Changed
from ..events import RecordingEvent
from ..ledger import append_outcome, open_intervention
from ..merge_recordings import ON, PAUSED, RUNNING
from ..models import Conference, Intervention, Outcome, Participant, Recording
from ..providers import PROVIDERS, Gone, Provider, ProviderError, callback_url, provider_for
from ..providers.parameters import BadParameter
from ..providers.recordings import RecordingKey
from ..urls_allowed import allowed_url
from . import recordings
from .command import Act, Asked, allow, repeated, run
from .confirming import confirm_delete_recording
from .refusing import invalid

Target = Conference | Participant
TOLD = ("in-progress", "completed", "absent")


@dataclass(frozen=True, slots=True)
class _Change:
    """`status` is what is asked for; `of` the states from which it can be, `seen` those that show it."""

    status: str
    of: tuple[str, ...]
    seen: tuple[str, ...]


CHANGES = {
    "pause": _Change(PAUSED, (ON,), (PAUSED,)),
    "resume": _Change(ON, (PAUSED,), (ON,)),
    "stop": _Change("stopped", RUNNING, ("stopped", "processing", "completed", "absent")),
}


def pause(target: Target, asked: Asked, **parameters: Any) -> Intervention:
    """Of the whole call, or of one leg alone. `parameters`: what else the provider takes for it."""
    return _change("pause", target, asked, **parameters)


def resume(target: Target, asked: Asked) -> Intervention:
    return _change("resume", target, asked)


def stop(target: Target, asked: Asked) -> Intervention:
    """The page asks first: of a whole call it cannot be started again."""
    return _change("stop", target, asked)


def _change(act: str, target: Target, asked: Asked, **parameters: Any) -> Intervention:
    if (before := repeated(asked)) is not None:
        return before
    verb, change = f"recording/{act}", CHANGES[act]
    allow(asked, verb, target)
    conference, seen = _conference_of(target), list[Changed]()
    provider = provider_for(conference.account)
    operation = provider.recording_operation("update", of_leg=isinstance(target, Participant))
    _check(provider, operation, status=change.status, **parameters)
    key = _running(verb, change, target, asked)

    def read() -> Changed:
        changed = reading_recordings.of_conference(conference)
        seen.append(changed)
        return changed

    def done() -> bool:
        rows = Recording.objects.filter(conference=conference, status__in=change.seen)
        named = {} if key.sid == provider.current_recording else {"sid": key.sid}
        return bool(seen) and rows.filter(**named).exists()

    def send() -> RecordingEvent:
        return provider.update_recording(key, status=change.status, **parameters)

    return run(asked, verb, target, Act(send=send, read=read, done=done), recording=key.sid, **parameters)


def _check(provider: Provider, operation: str, **values: Any) -> None:
    """Raises Denial `invalid` with the field, before anybody is asked."""
    try:
        provider.form(operation, **values)
    except BadParameter as wrong:
        raise invalid(wrong.field, wrong.allowed) from wrong


def _running(verb: str, change: _Change, target: Target, asked: Asked) -> RecordingKey:
    """The one that is meant. Asked anew, because pausing by others is told by nobody."""
    conference = _conference_of(target)
    leg = target if isinstance(target, Participant) else None
    read = False
    with contextlib.suppress(ProviderError):
        supervising.touched(conference.account, reading_recordings.of_conference(conference))
        read = True
    rows = [row for row in reading_recordings.known(conference) if row.participant == leg]
    running = [row for row in rows if row.status in RUNNING]
    meant = [row for row in running if row.status in change.of]
    if meant:
        return reading_recordings.key_of(meant[-1])
    current = provider_for(conference.account).current_recording
    if current and leg is None and not read and not running:
        return RecordingKey(current, conference.sid)
    _refuse(asked, verb, target, "already" if running else "not_recording")


def start(participant: Participant, asked: Asked, **parameters: Any) -> Intervention:
    """Record one leg from now on. `parameters` are those of the provider's operation; callbacks are ours."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "recording/start", participant)
    conference = participant.conference
    if any(
        row.participant == participant and row.status in RUNNING for row in recordings.asked_anew(conference)
    ):
        _refuse(asked, "recording/start", participant, "already")
    values = _start_values(conference, parameters)
    provider, made = provider_for(conference.account), list[str]()
    seen: list[Changed] = []

    def send() -> RecordingEvent:
        event = provider.start_recording(participant.call_sid, **values)
        made.append(event.sid)
        return event

    def read() -> Changed:
        changed = reading_recordings.of_conference(conference)
        seen.append(changed)
        return changed

    def done() -> bool:
        ours = Recording.objects.filter(participant=participant, status__in=RUNNING)
        return bool(seen) and ours.filter(**({"sid": made[0]} if made else {})).exists()

    act = Act(send=send, read=read, done=done)
    return run(asked, "recording/start", participant, act, **parameters)


def _start_values(conference: Conference, parameters: dict[str, Any]) -> dict[str, Any]:
    """With our own callback, unless an allowed one was given. Raises Denial `invalid`."""
    account, given = conference.account, parameters.get("recording_status_callback")
    ours = {
        "recording_status_callback": callback_url(account, "recording"),
        "recording_status_callback_event": TOLD,
    }
    if given is not None and not allowed_url(account, given):
        raise invalid("recording_status_callback", "an address that this account allows")
    values = {**ours, **parameters}
    _check(provider_for(account), "call_recording.start", **values)
    return values


def _refuse(asked: Asked, verb: str, target: Target, code: str) -> NoReturn:
    """Not possible as things are; the attempt is kept."""
    conference = _conference_of(target)
    leg = target if isinstance(target, Participant) else None
    refused, _ = open_intervention(
        user=asked.by, verb=verb, conference=conference, participant=leg, reason=asked.reason
    )
    append_outcome(refused, Outcome.State.REFUSED, detail=code)
    call = access.Call(conference, conference.participants.all())
    raise Denial(
        code, access.sentence(code, access.About(asked.by, verb, call, leg, None)), intervention=refused
    )


def _conference_of(target: Target) -> Conference:
    return target.conference if isinstance(target, Participant) else target


# --- what is over -----------------------------------------------------------------------------------------
def delete(row: Recording, asked: Asked) -> Intervention:
    """At the provider, for good. Raises Denial `confirm` until that was confirmed."""
    if (before := repeated(asked)) is not None:
        return before
    verb, conference = "recording/delete", row.conference
    assert conference is not None
    allow(asked, verb, conference)
    key = reading_recordings.key_of(row)
    if not PROVIDERS[row.account.provider].recording_operation("delete", of_leg=key.of_leg):
        _refuse(asked, verb, conference, "unsupported")
    if row.status not in (Recording.Status.COMPLETED, Recording.Status.ABSENT):
        over = row.status == Recording.Status.DELETED
        _refuse(asked, verb, conference, "already" if over else "still_recording")
    confirm_delete_recording(row, asked)
    provider = provider_for(row.account)

    def send() -> None:
        with contextlib.suppress(Gone):
            provider.delete_recording(key)

    act = Act(
        send=send,
        read=lambda: reading_recordings.one(row),
        done=lambda: Recording.objects.filter(pk=row.pk, status=Recording.Status.DELETED).exists(),
    )
    return run(asked, verb, conference, act, recording=row.sid)
