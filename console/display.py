"""What the facts of a conference are called on the screen, for pages that are complete without scripts.

Everything is made from the conference's JSON, exactly what a script gets; `static/js/screen.js` follows the
same rules, and a browser test holds the two together.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse

from participants.serializers import ProviderName, provider_name

from .phrases import CHIPS, phrases

Json = dict[str, Any]
NUMBERED = {"customer", "other"}
PHRASES = phrases()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page, and when. `lines`: how those to the accounts are, as the heartbeat says it."""

    user_id: str
    now: datetime
    lines: Json = field(default_factory=dict)


def say(key: str, **values: str) -> str:
    return PHRASES[key].format(**values)


def span(since: str | None, now: datetime) -> str:
    """How long ago `since` (ISO 8601) was: 0:34, 12:05, 1:02:03; nothing for None."""
    if since is None:
        return ""
    seconds = max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def present(person: Json) -> bool:
    return person["left_at"] is None and person["status"] not in {"complete", "failed"}


def with_role(conference: Json, role: str) -> list[Json]:
    """Those who are there; when nobody is any more, those who were."""
    everybody = [person for person in conference["participants"] if person["role"] == role]
    return [person for person in everybody if present(person)] or everybody


def named(person: Json) -> str:
    """A customer and any other phone is a number, agents and supervisors have a name."""
    order = ("address", "name") if person["role"] in NUMBERED else ("name", "address")
    told = next((person[key] for key in order if person[key]), None)
    return told or say(f"role.{person['role'] or 'unknown'}")


def agent_text(conference: Json) -> str:
    return ", ".join(map(named, with_role(conference, "agent"))) or say("no_agent")


def customer_text(conference: Json) -> str:
    return ", ".join(map(named, with_role(conference, "customer"))) or say("no_customer")


def title(conference: Json) -> str:
    """A call is named by its agent, else by its customer."""
    has_agent = with_role(conference, "agent")
    return agent_text(conference) if has_agent else customer_text(conference)


def team_text(conference: Json) -> str:
    return conference["team"]["name"] if conference["team"] else ""


def provider(conference: Json) -> ProviderName:
    return provider_name(conference["provider"])


def call_since(conference: Json) -> str | None:
    """When it began for those who are on it; the provider's own start may come after the first of them."""
    joined = [person["joined_at"] for person in conference["participants"]]
    times = [at for at in (conference["started_at"], *joined) if at]
    return min(times, key=datetime.fromisoformat, default=None)


def age(since: str, now: datetime) -> str:
    """In one figure, for sentences: 4 s, 12 min, 3 h."""
    seconds = max(0, int((now - datetime.fromisoformat(since)).total_seconds()))
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def checked_text(conference: Json, reader: Reader) -> str:
    """How old the facts are, where they or the account are in doubt; else they are as new as they can be."""
    line = reader.lines.get(conference["account"])
    if not conference["stale"] and (not line or line["state"] == "ok"):
        return ""
    if not conference["verified_at"]:
        return say("never_checked")
    key = "not_checked" if conference["stale"] else "checked"
    return say(key, age=age(conference["verified_at"], reader.now))


def aged_text(conference: Json, reader: Reader) -> str:
    """The same for the screen of a phone, in the width of a state."""
    if not checked_text(conference, reader):
        return ""
    at = conference["verified_at"]
    return say("aged", age=age(at, reader.now)) if at else say("never_checked")


def doubt(conference: Json) -> str:
    """Why the call's facts are in doubt; nothing where they are not."""
    if not conference["stale"]:
        return ""
    why = f"doubt.{conference['stale_reason']}"
    return say(why if why in PHRASES else "doubt.other", provider=provider(conference).title)


def warning(conference: Json, reader: Reader) -> str:
    """Since when and why the facts of a call should not be trusted; nothing where they can be."""
    if not conference["stale"]:
        return ""
    since, why = conference["verified_at"], doubt(conference)
    return say("stale", age=age(since, reader.now), why=why) if since else say("stale_never", why=why)


def source_text(person: Json, conference: Json, reader: Reader) -> str:
    """Where the newest fact about a person comes from, and how old it is; of the past nobody asks."""
    if conference["state"] == "ended" or not present(person):
        return ""
    told = {"provider": provider(conference).title, "age": age(person["as_of"], reader.now)}
    return say(f"source.{person['source']}", **told)


def own_stay(conference: Json, reader: Reader) -> Json | None:
    return next((stay for stay in conference["supervisions"] if stay["user"]["id"] == reader.user_id), None)


def person_name(conference: Json, person: Json, reader: Reader) -> str:
    for stay in conference["supervisions"]:
        if stay["participant"] == person["id"]:
            mine = stay["user"]["id"] == reader.user_id
            return say("you") if mine else stay["user"]["name"]
    return named(person)


def person_state(person: Json, reader: Reader) -> str:
    held = person["hold"] and person["status"] == "connected"
    status = "held" if held else person["status"]
    since = {"held": person["hold_since"], "connected": person["joined_at"]}.get(status)
    words = [
        say(f"role.{person['role'] or 'unknown'}"),
        f"{say(f'status.{status}')} {span(since, reader.now)}".strip(),
    ]
    if person["muted"] and person["role"] != "supervisor":
        words.append(say("muted"))
    if (person["answered_by"] or "").startswith(("machine", "fax")):
        words.append(say("answered_by_machine"))
    return " · ".join(words)


def also_here(conference: Json, reader: Reader) -> str:
    said = [_stay_text(conference, stay, reader) for stay in conference["supervisions"]]
    if conference["state"] == "talking":
        agents = with_role(conference, "agent")
        said += [say("also.muted", who=named(one)) for one in agents if one["muted"] and present(one)]
    return " · ".join(said)


def recording_text(conference: Json) -> str:
    """The words beside the red dot; nothing where nothing is being recorded."""
    key = f"recording.mark.{conference['recording']}"
    return PHRASES.get(key, "") if conference["state"] != "ended" else ""


def _stay_text(conference: Json, stay: Json, reader: Reader) -> str:
    doing = stay["confirmed"] or "joining"
    if stay["user"]["id"] == reader.user_id:
        return say(f"also.me.{doing}")
    target = next((one for one in conference["participants"] if one["id"] == stay["target"]), None)
    return say(
        f"also.{doing}", who=stay["user"]["name"], agent=named(target) if target else say("role.agent")
    )


def row(conference: Json, reader: Reader) -> Json:
    """One line of the board, as its template prints it."""
    ended = conference["state"] == "ended"
    return {
        "id": conference["id"],
        "url": reverse("conference", args=[conference["id"]]),
        "state": conference["state"],
        "chip": CHIPS[conference["state"]],
        "agent": agent_text(conference),
        "customer": customer_text(conference),
        "team": team_text(conference),
        "in_state": "" if ended else span(conference["state_since"], reader.now),
        "in_call": "" if ended else span(call_since(conference), reader.now),
        "provider": provider(conference),
        "checked": checked_text(conference, reader),
        "aged": aged_text(conference, reader),
        "doubt": doubt(conference),
        "recording": recording_text(conference),
        "paused": conference["recording"] == "paused",
        "also": also_here(conference, reader),
    }
