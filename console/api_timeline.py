"""What happened on a call, newest first, in plain words: from callbacks, reads and commands."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from participants import access
from participants.models import Callback, Conference, Intervention, Outcome, Participant
from participants.serializers import leg_name, time_text, user_json, user_name

Json = dict[str, Any]
State = Outcome.State

# Words of a callback -> ours. Those that are not here say nothing that a supervisor looks for.
EVENTS = {
    "conference-start": "The call began",
    "conference-end": "The call ended",
    "participant-join": "{person} joined",
    "participant-leave": "{person} left",
    "participant-mute": "{person} was muted",
    "participant-unmute": "{person} was unmuted",
    "participant-hold": "{person} was put on hold",
    "participant-unhold": "{person} was taken off hold",
    "initiated": "{person} is being called",
    "ringing": "{person}’s phone rings",
    "answered": "{person} answered",
    "in-progress": "{person} answered",
    "busy": "{person}’s phone was busy",
    "no-answer": "{person} did not answer",
    "failed": "{person} could not be reached",
    "canceled": "The call to {person} was cancelled",
}
# verb -> what somebody asks to do, and did.
DEEDS = {
    "listen": ("listen", "began to listen"),
    "whisper": ("whisper to {person}", "began to whisper to {person}"),
    "barge": ("speak to everyone", "began to speak to everyone"),
    "leave": ("leave", "left the call"),
    "mute": ("mute {person}", "muted {person}"),
    "unmute": ("unmute {person}", "unmuted {person}"),
    "hold": ("put {person} on hold", "put {person} on hold"),
    "resume": ("take {person} off hold", "took {person} off hold"),
    "remove": ("take {person} off the call", "took {person} off the call"),
    "end": ("end the call for everyone", "ended the call for everyone"),
    "identify": ("say who {person} is", "said who {person} is"),
    "refresh": ("ask {provider} about the call", "asked {provider} about the call"),
}
OUTCOMES = {
    State.REQUESTED: "{by} asked to {asked}",
    State.CONFIRMED: "{by} {did}",
    State.CONTRADICTED: "{provider} says otherwise: {by} asked to {asked}",
    State.FAILED: "Not done: {by} asked to {asked}",
    State.UNKNOWN: "Not sure yet: {by} asked to {asked}",
    State.REFUSED: "Refused: {by} asked to {asked}",
}


class Item(NamedTuple):
    at: datetime
    kind: str
    text: str
    participant: str | None = None
    by: Json | None = None
    evidence: str | None = None


def timeline(
    conference: Conference, *, numbers: bool, page_size: int, before: datetime | None
) -> tuple[list[Json], str | None]:
    """The newest `page_size` items before `before`, and where the next page begins; None: no more.

    `conference` comes from `serializers.load`. Items of the same instant stay on one page.
    """
    until = before or timezone.now()
    people = People(conference)
    found = [
        *_callbacks(conference, people, until, page_size + 1),
        *_commands(conference, people, until, page_size + 1),
        *(item for item in _reads(conference, people) if item.at < until),
    ]
    found.sort(key=lambda item: item.at, reverse=True)
    page = found[:page_size]
    page += [item for item in found[page_size:] if item.at == page[-1].at]
    more = len(found) > len(page)
    return [_json(item, numbers=numbers) for item in page], page[-1].at.isoformat() if more else None


def _json(item: Item, *, numbers: bool) -> Json:
    json = item._asdict() | {"at": time_text(item.at)}
    return json if numbers else access.masked(json)


class People:
    """The people of one call, as a sentence names them."""

    def __init__(self, conference: Conference) -> None:
        stays = conference.supervisions.all()
        self.legs = {leg.call_sid: leg for leg in conference.participants.all()}
        self.supervisors = {stay.call_sid: user_name(stay.user) for stay in stays if stay.call_sid}

    def id_of(self, call_sid: str) -> str | None:
        leg = self.legs.get(call_sid)
        return str(leg.pk) if leg else None

    def named(self, call_sid: str) -> str:
        """Inside a sentence."""
        leg = self.legs.get(call_sid)
        if leg is None:
            return "somebody"
        if leg.role == Participant.Role.CUSTOMER:
            return "the customer"
        return self.supervisors.get(call_sid) or leg_name(leg) or "somebody"

    def begin(self, sentence: str, call_sid: str) -> str:
        text = sentence.format(person=self.named(call_sid))
        return text[0].upper() + text[1:]


def _callbacks(conference: Conference, people: People, until: datetime, most: int) -> list[Item]:
    rows = Callback.objects.filter(
        Q(conference_sid=conference.sid) | Q(conference_sid="", call_sid__in=people.legs),
        account=conference.account_id,
        verdict=Callback.Verdict.APPLIED,
        event__in=EVENTS,
        received_at__lt=until,
    )
    return [_callback(row, people) for row in rows.order_by("-received_at", "-id")[:most]]


def _callback(row: Callback, people: People) -> Item:
    text = people.begin(EVENTS[row.event], row.call_sid)
    return Item(row.received_at, "callback", text, people.id_of(row.call_sid), evidence=str(row.pk))


def _commands(conference: Conference, people: People, until: datetime, most: int) -> list[Item]:
    rows = Outcome.objects.filter(
        intervention__conference=conference, intervention__verb__in=DEEDS, state__in=OUTCOMES, at__lt=until
    ).select_related("intervention__user", "intervention__participant")
    provider = access.provider_title(conference)
    return [_outcome(row, people, provider) for row in rows.order_by("-at", "-position")[:most]]


def _outcome(row: Outcome, people: People, provider: str) -> Item:
    intervention = row.intervention
    call_sid = _whom(intervention)
    words = {"person": people.named(call_sid), "provider": provider}
    asked, did = (deed.format(**words) for deed in DEEDS[intervention.verb])
    by = user_json(intervention.user)
    return Item(
        at=row.at,
        kind="command" if row.state == State.REQUESTED else "outcome",
        text=OUTCOMES[State(row.state)].format(by=by["name"], asked=asked, did=did, provider=provider),
        participant=people.id_of(call_sid),
        by=by,
    )


def _whom(intervention: Intervention) -> str:
    if intervention.participant is not None:
        return intervention.participant.call_sid
    return str(intervention.parameters.get("target", ""))


def _reads(conference: Conference, people: People) -> Iterator[Item]:
    """What no callback told, so Earshot saw it by asking."""
    told = set(
        Callback.objects.filter(
            account=conference.account_id,
            conference_sid=conference.sid,
            event__in=("participant-join", "participant-leave", "conference-end"),
        ).values_list("event", "call_sid")
    )
    for call_sid, leg in people.legs.items():
        for event, at, text in (
            ("participant-join", leg.joined_at, "{person} is on the call (seen by asking)"),
            ("participant-leave", leg.left_at, "{person} has left (seen by asking)"),
        ):
            if at is not None and (event, call_sid) not in told:
                yield Item(at, "read", people.begin(text, call_sid), str(leg.pk))
    if conference.ended_at is not None and not any(event == "conference-end" for event, _ in told):
        yield Item(conference.ended_at, "read", "The call has ended (seen by asking)")
