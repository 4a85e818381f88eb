"""What stands below the people of a call: who was dialled in, and what was recorded."""

from datetime import timedelta

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from participants import access
from participants.models import Conference, Dial, Participant, Recording
from participants.serializers import recording_json
from participants.serializers_dials import dials_json
from participants.services import recordings

from .display import Json, Reader, person_name, say

MOST_DIALS, MOST_READ = 4, 100
OVER = timedelta(minutes=10)


def dials(conference: Conference, *, user: User) -> list[Json]:
    """Who is being dialled, and who did not come and was not dialled again."""
    rows = Dial.objects.filter(conference=conference).exclude(ended_at__lt=timezone.now() - OVER)
    related = rows.select_related("account", "conference__account", "participant", "intervention__user")
    shown, seen = list[Dial](), set[str]()
    for row in related[:MOST_READ]:
        over = row.state in (Dial.State.CONNECTED, Dial.State.ENDED)
        came = row.state == Dial.State.CONNECTED or row.ended_how == Dial.End.LEFT
        if not came and not (over and row.to in seen):
            shown.append(row)
        seen.add(row.to)
    found = dials_json(shown[:MOST_DIALS], numbers=access.sees_numbers(user))
    return [dial | {"look": "failed" if dial["state"] == Dial.State.ENDED else "ring"} for dial in found]


def recordings_of(conference: Conference, json: Json, *, user: User, reader: Reader) -> list[Json]:
    """Each with its words, its buttons and its sound."""
    heard = user.has_perm("participants.record")
    legs = {str(leg.pk): leg for leg in conference.participants.all()}
    return [
        _recording(
            recording_json(row, can=recordings.possible(user, row), heard=heard),
            conference,
            legs,
            json,
            user=user,
            reader=reader,
        )
        for row in recordings.of(conference)
    ]


def _recording(
    told: Json,
    conference: Conference,
    legs: dict[str, Participant],
    json: Json,
    *,
    user: User,
    reader: Reader,
) -> Json:
    person = next((one for one in json["participants"] if one["id"] == told["participant"]), None)
    who = person_name(json, person, reader) if person else say("recording.phone")
    return told | {
        "who": who if told["participant"] else say("recording.call"),
        "state": say(f"recording.{told['status']}"),
        "long": span_of(told["seconds"]),
        "commands": [_command(act, told, conference, legs, user=user) for act in acts(told)],
    }


def acts(told: Json) -> list[str]:
    """Which buttons stand beside it. While it runs also those that are off, with the reason."""
    if told["status"] == Recording.Status.IN_PROGRESS:
        return ["pause", "stop"]
    if told["status"] == Recording.Status.PAUSED:
        return ["resume", "stop"]
    return list(told["can"])


def _command(
    act: str, told: Json, conference: Conference, legs: dict[str, Participant], *, user: User
) -> Json:
    verb = f"recording/{act}"
    button = {"verb": verb, "label": say(f"recording.do.{act}"), "small": True}
    if act == "delete":
        return button | {"url": reverse("recording-command", args=[told["id"], "delete"]), "blocked": ""}
    target: Conference | Participant = legs.get(told["participant"] or "", conference)
    name = "participant-command" if isinstance(target, Participant) else "conference-command"
    blocked = access.may(user, verb, target).detail
    return button | {"url": reverse(name, args=[target.pk, verb]), "blocked": blocked}


def span_of(seconds: int | None) -> str:
    return "" if seconds is None else f"{seconds // 60}:{seconds % 60:02}"
