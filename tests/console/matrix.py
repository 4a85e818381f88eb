"""The roles and routes of the access matrix, and a floor that every route finds its rows on."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.apps.registry import apps
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from participants.models import Asset, Callback, Conference, Destination, Intervention, Participant, Recording
from tests.console.server import signed_in
from tests.factories import (
    make_agent,
    make_call,
    make_dial,
    make_intervention,
    make_recording,
    make_supervision,
    make_supervisor,
    make_team,
    make_user,
)

get_model = apps.get_model
ROLES = ("anonymous", "admin", "lead", "supervisor", "stranger", "auditor", "agent", "nobody")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# A satellite is dialled for nobody.
DIALLED = {"to": "+882161234567"}
BODIES = {
    "participants": DIALLED,
    "conferences": {**DIALLED, "friendly_name": "case 4711"},
    "barge": {"confirm": True},
    "identify": {"role": "customer"},
    "announce": {"text": "Hello"},
    "cue": {"text": "Hello"},
}


def routes(patterns: list, before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


ROUTES = list(routes(get_resolver().url_patterns))
OURS = [route for route in ROUTES if not route.startswith("admin/")]
ADMIN = [route for route in ROUTES if route.startswith("admin/")]


@dataclass
class Floor:
    conference: Conference
    leg: Participant
    intervention: Intervention
    recording: Recording
    users: dict[str, User]

    def client(self, role: str) -> Client:
        return Client() if role == "anonymous" else signed_in(self.users[role])

    def path(self, route: str) -> str:
        """The route with the ids of this floor's rows in it."""
        rows = {
            "conferences/": self.conference,
            "participants/": self.leg,
            "interventions/": self.intervention,
            "recordings/": self.recording,
            "dials/": self.conference.dials.first(),
        }
        row = next((row for name, row in rows.items() if name in route), None)
        filled = route.replace("<uuid:pk>", str(row.pk) if row is not None else "")
        verbs = {"participants/": "mute", "dials/": "again", "recordings/": "delete"}
        verb = next((verb for name, verb in verbs.items() if name in route), "listen")
        evidence = f"outcome-{self.intervention.outcomes.get(state='confirmed').position}"
        for place, value in (
            ("<path:verb>", verb),
            ("<slug:verb>", verb),
            ("<slug:name>", evidence),
            ("<slug:key>", "twilio"),
            ("<slug:provider>", "twilio"),
            ("^", "hands/"),
        ):
            filled = filled.replace(place, value)
        return "/" + filled

    def admin_path(self, route: str) -> str:
        """The admin's route with the id of the model's first row in it."""
        found = re.match(r"admin/(\w+)/(\w+)/.*<", route)
        row = get_model(*found.groups()).objects.first() if found else None
        return "/" + re.sub(r"<(path:)?\w+>", str(row.pk) if row is not None else "1", route)


def make_people() -> dict[str, User]:
    """One user for each role but the anonymous."""
    billing, returns = make_team("Billing"), make_team("Returns")
    ann = make_user("agent", group="Agent")
    make_agent("Ann Okafor", team=billing, user=ann)
    return {
        "admin": make_supervisor("admin", group="Administrator", is_superuser=True, is_staff=True),
        "lead": make_supervisor("lead", group="Lead", teams=(billing, returns)),
        "supervisor": make_supervisor("supervisor", teams=(billing,)),
        "stranger": make_supervisor("stranger", teams=(returns,)),
        "auditor": make_user("auditor", group="Auditor", is_staff=True),
        "agent": ann,
        "nobody": make_user("nobody"),
    }


def make_floor() -> Floor:
    """A call of Billing that has ended, with a row of everything that stands in a route."""
    people = make_people()
    ann = people["agent"].agent  # type: ignore[attr-defined]
    conference, leg, _ = make_call(team=ann.team, agent=ann, status="completed", ended_at=timezone.now())
    rosa = make_supervisor("rosa", teams=(ann.team,))
    make_supervision(rosa, conference, ended_at=timezone.now())
    Destination.objects.create(name="Second level", address="+447700900199", team=ann.team)
    Asset.objects.create(
        name="Closing", sound="assets/x.wav", content_type="audio/wav", seconds=1, sha256="x"
    )
    Callback.objects.create(account=conference.account, kind="call", key="1", form=[], verdict="applied")
    make_dial(rosa, conference)
    done = make_intervention(rosa, conference, "hold", "confirmed")
    return Floor(conference, leg, done, make_recording(conference), people)


def ask(client: Client, method: str, path: str) -> int:
    """The status; the API is sent JSON, a page the form of a browser."""
    send = getattr(client, method.lower())
    if method == "GET" or not path.startswith("/api/"):
        return int(send(path).status_code)
    verb = path.rstrip("/").rpartition("/")[2]
    return int(send(path, BODIES.get(verb, {}), content_type="application/json").status_code)
