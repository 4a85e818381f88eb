"""Every route, with every method, as every role. A route without a row here fails.

The routes are read from the URLconf. The call is one that has ended, so that whoever may do something is told
409 `gone`, and nothing is ever sent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from participants.access import may
from participants.models import Conference, Intervention, Participant
from participants.services import VERBS
from tests.console.server import signed_in
from tests.factories import make_agent, make_call, make_intervention, make_supervisor, make_team, make_user

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "admin", "lead", "supervisor", "stranger", "auditor", "agent", "nobody")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
Expected = dict[str, str]


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

# --- expectations, in the order of ROLES --------------------------------------------------------------------
EVERYBODY = "200 200 200 200 200 200 200 200"
SIGNED_IN = "401 200 200 200 200 200 200 200"
OF_A_CALL = "401 200 200 200 404 200 404 404"
# An ended call: 409 for those who might, were it live. The administrator is a superuser with every verb.
ACTING = "401 409 409 409 404 403 404 404"
LOOKING = "401 409 409 409 404 409 404 404"
PAGE = "302 200 200 200 200 200 200 200"
PAGE_OF_A_CALL = "302 200 200 200 404 200 404 404"
BACK_TO_THE_CALL = "302 302 302 302 404 302 404 404"
# What is not a method of the route: strangers are asked to sign in first.
NO_API_METHOD = "401 405 405 405 405 405 405 405"
NO_PAGE_METHOD = "302 405 405 405 405 405 405 405"
NO_METHOD = "405 405 405 405 405 405 405 405"

V1 = "api/v1/"
CALL, LEG = V1 + "conferences/<uuid:pk>/", V1 + "participants/<uuid:pk>/"
ROWS: dict[str, Expected] = {
    "": {"GET": "302 200 200 200 200 200 403 403", "else": NO_PAGE_METHOD},
    "conferences/<uuid:pk>/": {"GET": PAGE_OF_A_CALL, "else": NO_PAGE_METHOD},
    "conferences/<uuid:pk>/hears/": {"GET": PAGE_OF_A_CALL, "else": NO_PAGE_METHOD},
    "conferences/<uuid:pk>/commands/<slug:verb>/": {
        "GET": BACK_TO_THE_CALL,
        "POST": BACK_TO_THE_CALL,
        "else": NO_PAGE_METHOD,
    },
    "participants/<uuid:pk>/commands/<slug:verb>/": {
        "GET": BACK_TO_THE_CALL,
        "POST": BACK_TO_THE_CALL,
        "else": NO_PAGE_METHOD,
    },
    "me/": {"GET": PAGE, "POST": PAGE, "else": NO_PAGE_METHOD},
    "login/": {"GET": "200 302 302 302 302 302 302 302", "POST": "200 302 302 302 302 302 302 302"},
    "logout/": {"GET": "302 200 200 200 200 200 200 200", "POST": "302 302 302 302 302 302 302 302"},
    V1 + "me/": {"GET": SIGNED_IN, "PATCH": SIGNED_IN, "else": NO_API_METHOD},
    V1 + "words/": {"GET": SIGNED_IN, "else": NO_API_METHOD},
    V1 + "conferences/": {"GET": SIGNED_IN, "else": NO_API_METHOD},
    V1 + "interventions/": {"GET": SIGNED_IN, "else": NO_API_METHOD},
    V1 + "interventions/<uuid:pk>/": {"GET": OF_A_CALL, "else": NO_API_METHOD},
    CALL: {"GET": OF_A_CALL, "else": NO_API_METHOD},
    CALL + "timeline/": {"GET": OF_A_CALL, "else": NO_API_METHOD},
    **{
        CALL + f"{verb}/": {"POST": ACTING, "else": NO_API_METHOD}
        for verb in ("listen", "whisper", "barge", "end")
    },
    **{CALL + f"{verb}/": {"POST": LOOKING, "else": NO_API_METHOD} for verb in ("leave", "refresh")},
    **{
        LEG + f"{verb}/": {"POST": ACTING, "else": NO_API_METHOD}
        for verb in ("mute", "unmute", "hold", "resume", "identify", "remove")
    },
    V1: {"else": "401 404 404 404 404 404 404 404"},
    V1 + "<path:rest>": {"else": "401 404 404 404 404 404 404 404"},
    "api/schema/": {"GET": EVERYBODY, "else": NO_METHOD},
    "api/docs/": {"GET": EVERYBODY, "else": NO_METHOD},
    **{
        f"callbacks/<slug:key>/{kind}/": {
            "GET": "403 403 403 403 403 403 403 403",
            "POST": "403 403 403 403 403 403 403 403",
            "else": NO_METHOD,
        }
        for kind in ("conference", "call")
    },
    "healthz": {"GET": EVERYBODY, "else": NO_METHOD},
    "readyz": {"GET": "503 503 503 503 503 503 503 503", "else": NO_METHOD},
    "metrics": {"GET": "404 404 404 404 404 404 404 404", "else": NO_METHOD},
}
BODIES = {"barge": {"confirm": True}, "identify": {"role": "customer"}}


@dataclass
class Floor:
    conference: Conference
    leg: Participant
    intervention: Intervention
    users: dict[str, User]

    def client(self, role: str) -> Client:
        return Client() if role == "anonymous" else signed_in(self.users[role])

    def path(self, route: str) -> str:
        """The route with the ids of this floor's rows in it."""
        row = next((row for name, row in self.rows.items() if name in route), None)
        filled = route.replace("<uuid:pk>", str(row.pk) if row is not None else "")
        verb = "mute" if "participants/" in route else "listen"
        for place, value in (("<slug:verb>", verb), ("<slug:key>", "twilio"), ("<path:rest>", "hands/")):
            filled = filled.replace(place, value)
        return "/" + re.sub(r"<path:\w+>", "1", filled)

    @property
    def rows(self) -> dict[str, Conference | Participant | Intervention]:
        return {"conferences/": self.conference, "participants/": self.leg, "interventions/": self.intervention}


@pytest.fixture
def people() -> dict[str, User]:
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


@pytest.fixture
def floor(people: dict[str, User], monkeypatch: pytest.MonkeyPatch) -> Floor:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "sandbox-twilio-token")
    ann = people["agent"].agent  # type: ignore[attr-defined]
    conference, leg, _ = make_call(team=ann.team, agent=ann, status="completed", ended_at=timezone.now())
    rosa = make_supervisor("rosa", teams=(ann.team,))
    return Floor(conference, leg, make_intervention(rosa, conference, "hold", "confirmed"), people)


def ask(client: Client, method: str, path: str) -> int:
    """The status; the API is sent JSON, a page the form of a browser."""
    send = getattr(client, method.lower())
    if method == "GET" or not path.startswith("/api/"):
        return int(send(path).status_code)
    verb = path.rstrip("/").rpartition("/")[2]
    return int(send(path, BODIES.get(verb, {}), content_type="application/json").status_code)


def test_every_route_has_a_row_and_every_row_a_route() -> None:
    assert set(OURS) == set(ROWS)


@pytest.mark.parametrize("route", OURS)
def test_every_role_is_answered_as_the_row_says(route: str, floor: Floor) -> None:
    path = floor.path(route)
    for method in METHODS:
        expected = ROWS[route].get(method) or ROWS[route].get("else")
        if expected is None:  # allauth's own
            continue
        found = {role: ask(floor.client(role), method, path) for role in ROLES}
        assert found == dict(zip(ROLES, map(int, expected.split()), strict=True)), f"{method} {path}"
