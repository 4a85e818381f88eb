"""Every route of the admin: who comes in, and who may change what."""

import pytest

from tests.console.matrix import ADMIN, ROLES, Floor, ask, make_floor

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor(monkeypatch: pytest.MonkeyPatch) -> Floor:
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", "sandbox-twilio-token")
    return make_floor()


# GET and POST of an auditor, GET and POST of the administrator; nobody else comes in.
MIRRORED = [
    f"participants/{name}"
    for name in ["conference", "participant", "callback", "supervision", "intervention"]
]
CONFIGURED = [
    f"participants/{name}" for name in ["account", "team", "agent", "supervisor", "destination", "asset"]
]
DJANGO_S = ["auth/group", "auth/user"]
ID = "<path:object_id>/"
PAGES = {  # mirrored and recorded rows are read only, for everybody
    "": ("200 200 200 200", "200 200 200 200"),
    "add/": ("403 403 403 403", "403 403 200 200"),
    ID: ("302 302 302 302", "302 302 302 302"),
    ID + "history/": ("200 200 200 200", "200 200 200 200"),
    ID + "delete/": ("403 403 403 403", "403 403 200 200"),
    ID + "change/": ("200 403 200 403", "200 403 200 200"),
}
EMAILS = "admin/account/emailaddress/"
ADMIN_ROWS = {
    **{f"admin/{model}/{page}": row for model in MIRRORED for page, (row, _) in PAGES.items()},
    **{f"admin/{model}/{page}": row for model in CONFIGURED + DJANGO_S for page, (_, row) in PAGES.items()},
    **{f"admin/{model}/export/": "405 200 405 200" for model in MIRRORED + CONFIGURED},
    "admin/participants/intervention/check/": "405 302 405 302",
    "admin/participants/participant/<path:pk>/identify/": "302 302 302 302",
    "admin/auth/user/<id>/password/": "403 403 200 200",
    EMAILS: "403 403 200 200",
    EMAILS + "add/": "403 403 200 200",
    EMAILS + ID: "302 302 302 302",
    EMAILS + ID + "history/": "302 302 302 302",
    EMAILS + ID + "delete/": "403 403 302 302",
    EMAILS + ID + "change/": "403 403 302 302",
    "admin/": "200 200 200 200",
    "admin/login/": "302 200 302 200",
    "admin/logout/": "405 200 405 200",
    "admin/password_change/": "200 200 200 200",
    "admin/password_change/done/": "200 405 200 405",
    "admin/autocomplete/": "403 405 403 405",
    "admin/jsi18n/": "200 405 200 405",
    "admin/r/<path:content_type_id>/<path:object_id>/": "404 404 404 404",
    "admin/^(?P<app_label>participants|auth|account)/$": "404 404 404 404",
    "admin/(?P<url>.*)$": "404 404 404 404",
}


def test_every_route_of_the_admin_has_a_row_and_every_row_a_route() -> None:
    assert set(ADMIN) == set(ADMIN_ROWS)


@pytest.mark.parametrize("route", ADMIN)
def test_the_admin_lets_in_those_who_keep_it_and_shows_auditors_what_they_may_read(
    route: str, floor: Floor
) -> None:
    path = floor.admin_path(route)
    keepers = [
        ask(floor.client(role), method, path) for role in ("auditor", "admin") for method in ("GET", "POST")
    ]
    assert " ".join(map(str, keepers)) == ADMIN_ROWS[route], path
    for role in set(ROLES) - {"auditor", "admin"}:
        status = ask(floor.client(role), "GET", path)
        assert status == (403 if route == "admin/login/" and role != "anonymous" else 302), (
            f"{path} as {role}"
        )
