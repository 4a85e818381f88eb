"""A provider's posts, signed for exactly this address: what is believed, and what of it nobody may read."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from tests.patience import ANSWER_S
from tests.site import Site

from .person import Call, Person
from .provider import ANOTHER_KEY, TELNYX, Provider, Story, address, post, sign_as_telnyx


def a_join(poster: Provider) -> tuple[Story, dict[str, str]]:
    told = Story(poster)
    told.tell("participant-join", poster.call_sid(), "agent-3")
    return told, told.told[0][1]


def test_each_wrong_post_has_its_own_status(poster: Provider, site: Site, lead: Person) -> None:
    told, form = a_join(poster)
    url = address(site.url, poster, "conference")
    wrong = {
        "forged": post(poster, url, form, **{poster.signature: "x" * 28}),
        "another host": post(poster, url, form, **{poster.signature: "", "Host": "127.0.0.1"}),
        "foreign account": post(poster, url, form | {"AccountSid": poster.foreign}),
        "unknown account": post(poster, url.replace(poster.key, "nobody"), form),
        "no such kind": post(poster, url.replace("conference", "transcription"), form),
        "no slash": post(poster, url.rstrip("/"), form),
        "too long": post(poster, url, form | {"Reason": "x" * 70_000}),
        "another method": requests.put(url, timeout=ANSWER_S).status_code,
    }
    assert wrong == {
        "forged": 403,
        "another host": 403,
        "foreign account": 403,
        "unknown account": 404,
        "no such kind": 404,
        "no slash": 404,
        "too long": 413,
        "another method": 405,
    }
    assert lead.find(told.sid) is None, "nothing of it was believed"
    assert post(poster, f"{url}?leg=agent-3", form) == 200 and lead.find(told.sid) is not None


@pytest.mark.parametrize(
    "provider", ["telnyx"], indirect=True
)  # the other signs neither with a time nor a key pair
def test_a_signature_holds_for_one_body_one_key_and_five_minutes(
    poster: Provider, site: Site, lead: Person
) -> None:
    told, form = a_join(poster)
    url, body = address(site.url, poster, "conference"), urlencode(form).encode()
    wrong = {
        "another body": sign_as_telnyx(url, body + b"&Muted=true"),
        "another key": sign_as_telnyx(url, body, key=ANOTHER_KEY),
        "six minutes old": sign_as_telnyx(url, body, at=time.time() - 360),
        "six minutes early": sign_as_telnyx(url, body, at=time.time() + 360),
        "a later time written over it": sign_as_telnyx(url, body, at=time.time() - 360)
        | {"telnyx-timestamp": str(int(time.time()))},
    }
    statuses = {why: post(poster, url, form, **headers) for why, headers in wrong.items()}
    assert statuses == dict.fromkeys(wrong, 403)
    query = requests.get(f"{url}?{urlencode(form)}", headers=sign_as_telnyx(url, b""), timeout=ANSWER_S)
    assert query.status_code == 403, "a query is not signed"
    assert lead.find(told.sid) is None
    assert post(poster, url, form, **sign_as_telnyx(url, body, at=time.time() - 240)) == 200


def test_one_account_s_signature_opens_no_other(poster: Provider, site: Site, lead: Person) -> None:
    told, form = a_join(poster)
    other = "twilio" if poster is TELNYX else "telnyx"
    assert post(poster, address(site.url, poster, "conference").replace(poster.key, other), form) == 403
    assert lead.find(told.sid) is None


# --- as the sandbox delivers them -------------------------------------------------------------------------
def test_what_is_delivered_again_changes_nothing(call: Callable[..., Call], site: Site) -> None:
    one = call(2)
    site.sandbox.post(f"/_sandbox/legs/{one.call_sids[1]}/hangup")
    site.wait_for(lambda: len(one.seen()["participants"]) == 1)
    before = site.wait_for(lambda: at_rest(one))
    timeline = one.person.get(f"conferences/{one.id}/timeline/")
    mine = [
        row["index"]
        for row in site.sandbox.get("/_sandbox/callbacks")
        if row["form"].get("ConferenceSid") == one.sid
    ]
    assert len(mine) >= 4
    for index in reversed(mine):
        assert site.sandbox.post("/_sandbox/callbacks/redeliver", {"index": index}) == {"statuses": [200]}
    assert without_age(one.seen()) == without_age(before)
    assert one.person.get(f"conferences/{one.id}/timeline/") == timeline


def without_age(seen: dict[str, Any]) -> dict[str, Any]:
    """All but how fresh it is: the sweep goes on looking."""
    age = {"version", "verified_at", "as_of", "source"}
    legs = [{name: leg[name] for name in leg.keys() - age} for leg in seen["participants"]]
    return {name: seen[name] for name in seen.keys() - age} | {"participants": legs}


def at_rest(one: Call) -> dict[str, Any] | None:
    """The call, once what follows from its callbacks (a look-up, a read) has been done too."""
    before = one.seen()
    time.sleep(0.3)
    return before if one.seen()["version"] == before["version"] else None


def test_what_is_lost_on_the_way_is_found_by_asking(call: Callable[..., Call], site: Site) -> None:
    one = call(2)
    site.sandbox.post("/_sandbox/faults", {"conference": one.sid, "drop": 1.0})
    site.sandbox.post(f"/_sandbox/legs/{one.call_sids[1]}/set", {"muted": True})
    one.ask("refresh")
    site.wait_for(lambda: one.leg(1)["muted"])
    site.sandbox.post(f"/_sandbox/conferences/{one.sid}/end")
    ended = site.wait_for(
        lambda: seen if (seen := one.seen())["status"] == "completed" else None, within_s=10
    )
    assert ended["reason_ended"] == "conference-ended-via-api"
    assert all(leg["left_at"] for leg in ended["participants"])


# --- what nobody may read ---------------------------------------------------------------------------------
def test_a_number_is_whole_for_the_lead_alone_wherever_it_stands(
    poster: Provider, site: Site, lead: Person, sam: Person
) -> None:
    told, customer = Story(poster), poster.call_sid()
    told.name = "from +447700900177"
    told.tell_call(customer, 1, "in-progress", From="+447700900177", CallerName="+447700900177")
    told.tell("participant-join", customer, "desk +447700900177")
    told.tell("participant-join", poster.call_sid(), "agent-3")
    for kind, form in told.told:
        assert post(poster, address(site.url, poster, kind), form) == 200
    call = lead.find(told.sid)
    assert call is not None and "+447700900177" in str(call)
    sam.post(f"conferences/{call['id']}/refresh/", {"reason": "rang from +44 7700 900177"})
    for path in (f"conferences/{call['id']}/", f"conferences/{call['id']}/timeline/", "interventions/"):
        assert "900177" not in str(sam.get(path)).replace(" ", ""), path
    for page in ("/", f"/conferences/{call['id']}/"):
        assert "900177" not in sam.http.get(site.url + page, timeout=ANSWER_S).text.replace(" ", ""), page
