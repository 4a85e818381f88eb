"""The server as it runs in production, asked from outside."""

import re

import pytest
import requests

from tests.patience import ANSWER_S
from tests.site import Site

PAGES = ["/", "/me/", "/dial/", "/connect/", "/admin/", "/admin/participants/conference/", "/api/docs/"]
LATER = [
    "/my-calls/",
    "/history/",
    "/interventions/",
    "/reports/",
    "/tv/",
    "/api/v1/hands/",
    "/api/v1/me/tokens/",
]


def page(site: Site, path: str, *, user: str = "admin") -> requests.Response:
    return site.visitor(user).http.get(site.url + path, timeout=ANSWER_S)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_lets_a_foreign_or_inline_script_run(site: Site, path: str) -> None:
    answer = page(site, path)
    assert answer.status_code == 200
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in str(policy) or path == "/api/docs/"  # its viewer brings styles of its own


@pytest.mark.parametrize("path", ["/", "/me/", "/dial/"])
def test_our_pages_have_nothing_inline(site: Site, path: str) -> None:
    text = page(site, path, user="lead").text
    assert not re.findall(r'<script(?![^>]*\bsrc=)(?![^>]*type="application/json")[^>]*>', text)
    assert not re.findall(r"<style|\sstyle=|\son[a-z]+=", text)


def test_scripts_and_what_they_import_are_named_after_their_content(site: Site) -> None:
    seen: set[str] = set()
    waiting = re.findall(r'src="(/static/[^"]+\.js)"', page(site, "/", user="lead").text)
    while waiting:
        name = waiting.pop()
        seen.add(name)
        assert re.search(r"\.[0-9a-f]{12}\.js$", name), name
        script = requests.get(site.url + name, timeout=ANSWER_S)
        assert script.status_code == 200
        assert "immutable" in script.headers["Cache-Control"]
        folder = name.rpartition("/")[0]
        found = {f"{folder}/{one}" for one in re.findall(r'from\s*"\./([^"]+)"', script.text)}
        waiting += found - seen
    assert len(seen) > 5


def test_a_provider_is_never_redirected(site: Site) -> None:
    answer = requests.post(
        f"{site.url}/callbacks/twilio/conference", data={"a": "b"}, allow_redirects=False, timeout=ANSWER_S
    )
    assert answer.status_code == 404


@pytest.mark.parametrize("path", LATER)
def test_a_part_of_a_later_step_is_not_there(site: Site, path: str) -> None:
    assert page(site, path).status_code == 404


def test_a_foreign_host_is_not_served(site: Site) -> None:
    answer = requests.get(f"{site.url}/healthz", headers={"Host": "evil.example.com"}, timeout=ANSWER_S)
    assert answer.status_code == 400


def test_a_page_asks_for_a_sign_in_and_comes_back(site: Site) -> None:
    answer = requests.get(f"{site.url}/me/", allow_redirects=False, timeout=ANSWER_S)
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/login/?next=/me/"


def test_a_wrong_address_shows_nothing_of_the_inside(site: Site) -> None:
    answer = page(site, "/no/such/page/")
    assert answer.status_code == 404
    assert "urlpatterns" not in answer.text and "Traceback" not in answer.text
