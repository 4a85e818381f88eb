"""What the facts of a conference are called on the screen, for pages that are complete without scripts.

Everything is made from the conference's JSON, exactly what a script gets; `static/js/screen.js` follows the
same rules, and a browser test holds the two together.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from .phrases import CHIPS, phrases

Json = dict[str, Any]
PHRASES = phrases()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page, and when."""

    user_id: str
    now: datetime


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
    """A customer is a number, everybody else a name."""
    order = ("address", "name") if person["role"] == "customer" else ("name", "address")
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


def provider_text(conference: Json) -> str:
    return str(conference["provider"]).capitalize()


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
    return " · ".join(words)


def also_here(conference: Json, reader: Reader) -> str:
    said = [_stay_text(conference, stay, reader) for stay in conference["supervisions"]]
    if conference["state"] == "talking":
        agents = with_role(conference, "agent")
        said += [say("also.muted", who=named(one)) for one in agents if one["muted"] and present(one)]
    if conference["recording"] == "in-progress":
        said.append(say("also.recording"))
    return " · ".join(said)


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
        "in_call": "" if ended else span(conference["started_at"], reader.now),
        "also": also_here(conference, reader),
    }
