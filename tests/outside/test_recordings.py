"""A recorded call from outside: marked by callbacks alone, heard through Earshot, and told in its story."""

from collections.abc import Callable
from typing import Any

import requests

from tests.patience import ANSWER_S
from tests.site import Site

from .person import Call, Person

Make = Callable[..., Call]


def heard(person: Person, path: str, **headers: str) -> requests.Response:
    return person.http.get(
        person.site.url + path, headers=headers, timeout=ANSWER_S, allow_redirects=False, stream=True
    )


def ready(call: Call) -> Any:
    """Its recording, once a callback has told that it can be heard."""
    rows = call.person.get(f"conferences/{call.id}/recordings/")["results"]
    return next((row for row in rows if row["sound"]), None)


def test_a_recorded_call_is_marked_heard_and_told(
    call: Make, lead: Person, site: Site, provider: str
) -> None:
    recorded = call(3, record=True)
    site.wait_for(lambda: recorded.seen()["recording"] == "in-progress")
    site.sandbox.post(f"/_sandbox/conferences/{recorded.sid}/end")
    row = site.wait_for(lambda: ready(recorded), within_s=10)
    assert lead.get(f"conferences/{recorded.id}/")["recording"] == "completed"
    whole = heard(lead, row["sound"])
    assert (whole.status_code, whole.headers["Content-Type"][:6]) == (200, "audio/")
    sound = whole.content
    assert sound[:4] == b"RIFF" and len(sound) == int(whole.headers["Content-Length"])
    part = heard(lead, row["sound"], Range="bytes=8-11")
    assert (part.status_code, part.content) == (206, b"WAVE")
    told = {item["text"] for item in lead.get(f"conferences/{recorded.id}/timeline/")["results"]}
    assert {"Recording is on", "The recording is ready", "Maria Lindner heard a recording"} <= told
    asked = [one for one in site.sandbox.get("/_sandbox/callbacks") if "/recording/" in one["url"]]
    links = [one["form"]["RecordingUrl"] for one in asked if "RecordingUrl" in one["form"]]
    shown = str(lead.get(f"conferences/{recorded.id}/timeline/")) + row["sound"]
    assert links and not any(link in shown for link in links), "a link of the provider's is shown to nobody"


def test_who_may_not_hear_hears_nothing(call: Make, site: Site) -> None:
    recorded = call(3, record=True)
    site.sandbox.post(f"/_sandbox/conferences/{recorded.sid}/end")
    row = site.wait_for(lambda: ready(recorded), within_s=10)
    auditor, agent = Person(site, "auditor"), Person(site, "agent")
    assert heard(auditor, row["sound"]).status_code == 403
    assert heard(agent, row["sound"]).status_code == 404
    assert requests.get(site.url + row["sound"], allow_redirects=False, timeout=ANSWER_S).status_code == 302
    assert auditor.get(f"conferences/{recorded.id}/recordings/")["results"][0]["sound"] is None
