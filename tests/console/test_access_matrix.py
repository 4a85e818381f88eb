"""Every route, with every method, as every role. A route without a row here fails.

The routes are read from the URLconf. The call is one that has ended, so that whoever may do something is told
409 `gone`, and nothing is ever sent.
"""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from participants.access import may
from participants.models import Account
from participants.services import VERBS, verbs_at
from tests.console.matrix import METHODS, OURS, ROLES, Floor, ask, make_floor, make_people
from tests.console.server import Screen, Server, signed_in
from tests.factories import make_agent, make_call, make_conference, make_team

pytestmark = pytest.mark.django_db
Expected = dict[str, str]

# --- expectations, in the order of ROLES --------------------------------------------------------------------
EVERYBODY = "200 200 200 200 200 200 200 200"
SIGNED_IN = "401 200 200 200 200 200 200 200"
OF_A_CALL = "401 200 200 200 404 200 404 404"
# An ended call: 409 for those who might, were it live. The administrator is a superuser with every verb.
ACTING = "401 409 409 409 404 403 404 404"
LOOKING = "401 409 409 409 404 409 404 404"
PAGE = "302 200 200 200 200 200 200 200"
PAGE_OF_A_CALL = "302 200 200 200 404 200 404 404"
# Who may read callbacks in the admin.
RAW_FORM = "302 200 403 403 404 200 404 404"
BACK_TO_THE_CALL = "302 302 302 302 404 302 404 404"
# What is not a method of the route: strangers are asked to sign in first.
NO_API_METHOD = "401 405 405 405 405 405 405 405"
NO_PAGE_METHOD = "302 405 405 405 405 405 405 405"
NO_METHOD = "405 405 405 405 405 405 405 405"

# An address that nobody signed.
NOT_SIGNED = "404 404 404 404 404 404 404 404"

# Nobody but an administrator learns that there is such a page.
SET_UP = "302 200 404 404 404 404 404 404"
SIGN_IN_AGAIN = "302 302 404 404 404 404 404 404"
V1 = "api/v1/"
CALL, LEG = V1 + "conferences/<uuid:pk>/", V1 + "participants/<uuid:pk>/"
ROWS: dict[str, Expected] = {
    "": {"GET": "302 200 200 200 200 200 403 403", "else": NO_PAGE_METHOD},
    "conferences/<uuid:pk>/": {"GET": PAGE_OF_A_CALL, "else": NO_PAGE_METHOD},
    "conferences/<uuid:pk>/hears/": {"GET": PAGE_OF_A_CALL, "else": NO_PAGE_METHOD},
    "conferences/<uuid:pk>/story.json": {"GET": PAGE_OF_A_CALL, "else": NO_PAGE_METHOD},
    "conferences/<uuid:pk>/evidence/<slug:name>/": {"GET": RAW_FORM, "else": NO_PAGE_METHOD},
    "conferences/<uuid:pk>/dial/": {
        "GET": PAGE_OF_A_CALL,
        "POST": "302 400 400 400 404 400 404 404",
        "else": NO_PAGE_METHOD,
    },
    "conferences/<uuid:pk>/commands/<path:verb>/": {
        "GET": BACK_TO_THE_CALL,
        "POST": BACK_TO_THE_CALL,
        "else": NO_PAGE_METHOD,
    },
    "participants/<uuid:pk>/commands/<path:verb>/": {
        "GET": BACK_TO_THE_CALL,
        "POST": BACK_TO_THE_CALL,
        "else": NO_PAGE_METHOD,
    },
    # Into a call by its name. An empty form is wrong, whoever posts it.
    "dial/": {
        "GET": "302 200 200 200 200 200 403 403",
        "POST": "302 400 400 400 400 400 403 403",
        "else": NO_PAGE_METHOD,
    },
    "dials/<uuid:pk>/": {"GET": BACK_TO_THE_CALL, "else": NO_PAGE_METHOD},
    "dials/<uuid:pk>/commands/<slug:verb>/": {
        "GET": BACK_TO_THE_CALL,
        "POST": BACK_TO_THE_CALL,
        "else": NO_PAGE_METHOD,
    },
    # Who may delete a recording is asked first, on a page of its own.
    "recordings/<uuid:pk>/commands/<slug:verb>/": {
        "GET": BACK_TO_THE_CALL,
        "POST": "302 200 200 200 404 302 404 404",
        "else": NO_PAGE_METHOD,
    },
    "me/": {"GET": PAGE, "POST": PAGE, "else": NO_PAGE_METHOD},
    "login/": {"GET": "200 302 302 302 302 302 302 302", "POST": "200 302 302 302 302 302 302 302"},
    "login/again/": {
        "GET": "302 200 200 200 200 200 200 200",
        "POST": "302 200 200 200 200 200 200 200",
    },
    "connect/": {"GET": SET_UP, "else": NO_PAGE_METHOD},
    "connect/new/<slug:provider>/": {"GET": SIGN_IN_AGAIN, "POST": SIGN_IN_AGAIN, "else": NO_PAGE_METHOD},
    "connect/accounts/<slug:key>/": {"GET": SET_UP, "else": NO_PAGE_METHOD},
    "connect/accounts/<slug:key>/test/": {"POST": SET_UP, "else": NO_PAGE_METHOD},
    "connect/accounts/<slug:key>/ring/": {"POST": "302 302 404 404 404 404 404 404", "else": NO_PAGE_METHOD},
    "me/ring/": {"POST": "302 302 302 302 302 302 302 302", "else": NO_PAGE_METHOD},
    "connect/accounts/<slug:key>/lights.json": {"GET": SET_UP, "else": NO_PAGE_METHOD},
    "connect/accounts/<slug:key>/credentials/": {
        "GET": SIGN_IN_AGAIN,
        "POST": SIGN_IN_AGAIN,
        "else": NO_PAGE_METHOD,
    },
    "connect/agents/": {"GET": SET_UP, "POST": SET_UP, "else": NO_PAGE_METHOD},
    "connect/agents.csv": {"GET": SET_UP, "else": NO_PAGE_METHOD},
    "connect/addresses/": {"POST": SET_UP, "else": NO_PAGE_METHOD},
    "logout/": {"GET": "302 200 200 200 200 200 200 200", "POST": "302 302 302 302 302 302 302 302"},
    V1 + "me/": {"GET": SIGNED_IN, "PATCH": SIGNED_IN, "else": NO_API_METHOD},
    # No account of this floor can be reached.
    V1 + "me/ring/": {"POST": "401 409 409 409 409 403 403 403", "else": NO_API_METHOD},
    V1 + "accounts/<slug:key>/capabilities/": {
        "GET": "401 200 200 200 200 200 404 404",
        "else": NO_API_METHOD,
    },
    V1 + "words/": {"GET": SIGNED_IN, "else": NO_API_METHOD},
    V1 + "conferences/": {"GET": SIGNED_IN, "else": NO_API_METHOD},
    V1 + "interventions/": {"GET": SIGNED_IN, "else": NO_API_METHOD},
    V1 + "interventions/<uuid:pk>/": {"GET": OF_A_CALL, "else": NO_API_METHOD},
    CALL: {"GET": OF_A_CALL, "PATCH": ACTING, "else": NO_API_METHOD},
    LEG: {"PATCH": ACTING, "else": NO_API_METHOD},
    V1 + "assets/": {"GET": "401 200 200 200 200 200 404 404", "else": NO_API_METHOD},
    CALL + "timeline/": {"GET": OF_A_CALL, "else": NO_API_METHOD},
    CALL + "recordings/": {"GET": OF_A_CALL, "else": NO_API_METHOD},
    V1 + "recordings/<uuid:pk>/delete/": {"POST": ACTING, "else": NO_API_METHOD},
    # To whom it may be given it is asked of the provider, which is not there.
    "recordings/<uuid:pk>/sound/": {"GET": "302 502 502 502 404 403 404 404", "else": NO_PAGE_METHOD},
    **{
        f"{of}recording/{act}/": {"POST": ACTING, "else": NO_API_METHOD}
        for of, acts in ((CALL, ("pause", "resume", "stop")), (LEG, ("start", "pause", "resume", "stop")))
        for act in acts
    },
    **{
        CALL + f"{verb}/": {"POST": ACTING, "else": NO_API_METHOD}
        for verb in ("listen", "whisper", "barge", "end", "announce")
    },
    **{CALL + f"{verb}/": {"POST": LOOKING, "else": NO_API_METHOD} for verb in ("leave", "refresh")},
    **{
        LEG + f"{verb}/": {"POST": ACTING, "else": NO_API_METHOD}
        for verb in ("mute", "unmute", "hold", "resume", "identify", "remove", "announce", "cue")
    },
    # Dialling: a call that has ended is gone, and so is what was dialled into it.
    CALL + "participants/": {"POST": ACTING, "else": NO_API_METHOD},
    CALL + "dials/": {"GET": OF_A_CALL, "else": NO_API_METHOD},
    V1 + "accounts/<slug:key>/conferences/": {
        "POST": "401 409 409 409 409 403 404 404",
        "else": NO_API_METHOD,
    },
    V1 + "dials/<uuid:pk>/cancel/": {"POST": "401 409 409 409 404 403 404 404", "else": NO_API_METHOD},
    V1 + "dials/<uuid:pk>/again/": {"POST": ACTING, "else": NO_API_METHOD},
    V1 + "^": {"else": "401 404 404 404 404 404 404 404"},
    "documents/<str:token>/": {"GET": NOT_SIGNED, "POST": NOT_SIGNED, "else": NO_METHOD},
    "api/schema/": {"GET": EVERYBODY, "else": NO_METHOD},
    "api/docs/": {"GET": EVERYBODY, "else": NO_METHOD},
    **{
        f"callbacks/<slug:key>/{kind}/": {
            "GET": "403 403 403 403 403 403 403 403",
            "POST": "403 403 403 403 403 403 403 403",
            "else": NO_METHOD,
        }
        for kind in ("conference", "call", "recording", "amd")
    },
    "healthz": {"GET": EVERYBODY, "else": NO_METHOD},
    "readyz": {"GET": "503 503 503 503 503 503 503 503", "else": NO_METHOD},
    "metrics": {"GET": "404 404 404 404 404 404 404 404", "else": NO_METHOD},
}


@pytest.fixture
def floor(monkeypatch: pytest.MonkeyPatch) -> Floor:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "sandbox-twilio-token")
    made = make_floor()
    Account.objects.update(reachable=False)  # nobody's phone is rung
    return made


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


# --- commands on a live call, as access judges them ---------------------------------------------------------
MAY = "- - - - auditor not_allowed not_allowed"
COMMANDS = {
    **dict.fromkeys(("listen", "whisper", "barge", "end", "mute", "hold", "remove", "identify"), MAY),
    "announce": MAY,
    "cue": MAY.replace("-", "agent_unknown"),
    "unmute": "already already already already auditor not_allowed not_allowed",
    "resume": "already already already already auditor not_allowed not_allowed",
    **{f"recording/{act}": MAY for act in ("pause", "resume", "stop")},
    "recording/start": MAY.replace("-", "no_recording_start"),
    "leave": " ".join(["not_on_call"] * 7),
    "refresh": "- - - - - - -",
}


@pytest.mark.parametrize("verb", VERBS)
def test_every_command_is_judged_as_the_row_says(verb: str) -> None:
    people = make_people()
    conference, _, customer = make_call(agent=make_agent("Ben Archer"))
    target = conference if verb in verbs_at("conference") else customer
    found = [may(people[role], verb, target).code or "-" for role in ROLES[1:]]
    assert " ".join(found) == COMMANDS[verb]


# --- the socket ---------------------------------------------------------------------------------------------
ALL, OWN = {"billing", "returns", "of no team"}, {"billing"}
SOCKETS: dict[str, int | set[str]] = {
    "anonymous": 4401,
    "admin": ALL,
    "lead": {"billing", "returns"},
    "supervisor": OWN,
    "stranger": {"returns"},
    "auditor": ALL,
    "agent": 4403,
    "nobody": 4403,
}


def test_every_role_has_its_calls_on_the_socket_or_is_closed(server: Server) -> None:
    people = make_people()
    for name in ("Billing", "Returns"):
        make_conference(name.lower(), team=make_team(name))
    make_conference("of no team")
    assert {role: seen(server, people.get(role)) for role in ROLES} == SOCKETS


def seen(server: Server, user: User | None) -> int | set[str]:
    """The calls of the first frame, or the code with which the socket is closed."""
    client = signed_in(user) if user is not None else Client()
    if user is None:
        client.cookies["sessionid"] = "none"
    with Screen(server, client) as screen:
        screen.until(lambda screen: screen.frames or screen.close_code is not None)
        return screen.close_code or screen.names()
