"""One call in full, as the panel and the call's own page print it, with a form for each command."""

from datetime import datetime

from django.contrib.auth.models import User
from django.urls import reverse

from participants import access
from participants.models import Conference, Participant
from participants.serializers import conference_json

from .api_timeline import timeline
from .call_page_rows import dials, recordings_of
from .display import (
    Json,
    Reader,
    call_since,
    checked_text,
    customer_text,
    own_stay,
    person_name,
    person_state,
    present,
    provider,
    recording_text,
    say,
    source_text,
    span,
    team_text,
    title,
    warning,
)
from .hearing import matrix
from .phrases import CHIPS

ICONS = {"listen": "headphones", "whisper": "speech", "barge": "megaphone", "dial": "user-round-plus"}
MAIN = ("listen", "whisper", "barge")
MENU = ("announce", "refresh", "end")
MORE = ("announce", "recording/start", "identify", "remove")
SHEETS = {"dial", "announce", "cue", "identify"}  # asked on a form of its own: a link leads to it
NEWEST = 50


def call(conference: Conference, *, user: User, reader: Reader) -> Json:
    """`conference` comes from `serializers.load`."""
    json = conference_json(conference, numbers=access.sees_numbers(user))
    rows = {str(leg.pk): leg for leg in conference.participants.all()}
    ended = json["state"] == "ended"
    return {
        "id": json["id"],
        "title": title(json),
        "chip": CHIPS[json["state"]],
        "provider": provider(json),
        "customer": customer_text(json),
        "team": team_text(json) or say("no_team"),
        "in_call": span(call_since(json), reader.now if not ended else conference.ended_at or reader.now),
        "state_text": "" if ended else say("in_state", time=span(json["state_since"], reader.now)),
        "checked_text": "" if json["stale"] else checked_text(json, reader),
        "warning": warning(json, reader),
        "commands": [command(verb, conference, user=user, json=json) for verb in MAIN],
        "ask": command("refresh", conference, user=user, json=json) | {"small": True},
        "menu": [command(verb, conference, user=user, json=json) for verb in MENU],
        "dial": command("dial", conference, user=user, json=json) | {"small": True},
        "hears": matrix(json, reader),
        "people": [
            _person(one, rows[one["id"]], json, user=user, reader=reader) for one in json["participants"]
        ],
        "dials": dials(conference, user=user),
        "recording": recording_text(json),
        "paused": json["recording"] == "paused",
        "recordings": recordings_of(conference, json, user=user, reader=reader),
        "timeline": _timeline(conference, user=user),
        "friendly_name": json["friendly_name"] or say("not_said"),
        "account": f"{provider(json).title} · {json['account']}",
        "sid": json["sid"],
        "checked": say("ago", time=span(json["verified_at"], reader.now))
        if json["verified_at"]
        else say("not_said"),
    }


def _timeline(conference: Conference, *, user: User) -> list[Json]:
    items, _ = timeline(conference, numbers=access.sees_numbers(user), page_size=NEWEST)
    return [
        item
        | {
            "clock": f"{datetime.fromisoformat(item['at']):%H:%M:%S}",
            "raw": reverse("conference-evidence", args=[conference.pk, item["evidence"]]),
        }
        for item in items
    ]


def _checked(at: str | None, reader: Reader) -> str:
    return say("ago", time=span(at, reader.now)) if at else say("not_said")


def command(verb: str, target: Conference | Participant, *, user: User, json: Json) -> Json:
    """A button: what it says, where it posts, and why it is off."""
    name = "participant-command" if isinstance(target, Participant) else "conference-command"
    named = f"verb.{verb}_all" if verb == "announce" and isinstance(target, Conference) else f"verb.{verb}"
    url = reverse(name, args=[target.pk, verb])
    blocked = access.may(user, verb, target).detail
    return {
        "verb": verb,
        "label": say(named, provider=provider(json).title),
        "icon": ICONS.get(verb),
        "url": url,
        "href": url if verb in SHEETS and not blocked else None,
        "blocked": blocked,
        "danger": verb == "end",
    }


def _person(person: Json, row: Participant, json: Json, *, user: User, reader: Reader) -> Json:
    verbs, more = verbs_for(person, json, reader)
    return {
        "id": person["id"],
        "name": person_name(json, person, reader),
        "state": person_state(person, reader),
        "source": source_text(person, json, reader),
        "here": present(person),
        "commands": [command(verb, row, user=user, json=json) | {"small": True} for verb in verbs],
        "more": [_more(verb, row, person, user=user, json=json) for verb in more],
    }


def verbs_for(person: Json, json: Json, reader: Reader) -> tuple[list[str], list[str]]:
    """What may be done to a person: beside their name, and in the menu."""
    stay = own_stay(json, reader)
    if not present(person) or (stay and stay["participant"] == person["id"]):
        return [], []
    mute = "unmute" if person["muted"] else "mute"
    if person["role"] == "supervisor":
        return ["mute"], ["remove"]
    cue = ["cue"] if person["role"] == "agent" else []
    return [mute, "resume" if person["hold"] else "hold"], [*cue, *MORE]


def _more(verb: str, row: Participant, person: Json, *, user: User, json: Json) -> Json:
    button = command(verb, row, user=user, json=json) | {"small": True, "plain": True}
    if verb == "remove" and person["role"] == "customer":
        return button | {"label": say("verb.disconnect")}
    return button
