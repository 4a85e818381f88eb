"""A provider's posts, signed for exactly this address, in any order and any number."""

import random
from typing import Any

import pytest
import requests

from tests.site import Site

from .person import Person
from .provider import ACCOUNT, Story, new_call_sid, post

# Ours to choose: ids, and the times at which we heard.
OURS = {
    "id",
    "sid",
    "friendly_name",
    "version",
    "verified_at",
    "stale",
    "stale_reason",
    "state_since",
    "source",
    "as_of",
}
MOMENTS = {"joined_at", "left_at", "hold_since", "started_at", "ended_at"}


def story(*, ended: bool) -> tuple[Story, dict[str, str]]:
    """An agent of Billing, then one of Returns; and who is who."""
    told, customer, ben, ines = Story(), new_call_sid(), new_call_sid(), new_call_sid()
    told.tell_call(customer, 0, "ringing")
    told.tell_call(customer, 1, "in-progress")
    told.tell("participant-join", customer)
    told.tell("participant-join", ben, "agent-6")
    told.tell("conference-start")
    told.tell("participant-hold", customer, Hold="true")
    told.tell("participant-join", ines, "agent-9")
    told.tell("participant-mute", ben, "agent-6", Muted="true")
    told.tell("participant-modify", ben, "agent-6", Muted="true", EndConferenceOnExit="true")
    if ended:
        for leg, label in ((ben, "agent-6"), (ines, "agent-9"), (customer, "")):
            left = {"ReasonParticipantLeft": "participant_hung_up", "ParticipantCallStatus": "completed"}
            told.tell("participant-leave", leg, label, **left)
        told.tell("conference-end", ReasonConferenceEnded="last-participant-left")
        told.tell_call(customer, 2, "completed", CallDuration="20")
    return told, {customer: "customer", ben: "ben", ines: "ines"}


def facts(row: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What must not depend on the order: of each moment, whether there is one."""
    said = {
        key: value is not None if key in MOMENTS else value for key, value in row.items() if key not in OURS
    }
    if "call_sid" in said:
        said["call_sid"] = names[row["call_sid"]]
    if "participants" in said:
        legs = [facts(leg, names) for leg in row["participants"]]
        said["participants"] = sorted(legs, key=lambda leg: str(leg["call_sid"]))
    return said


@pytest.mark.parametrize("ended", [False, True])
def test_every_order_with_repetitions_ends_in_the_same_call(ended: bool, site: Site, lead: Person) -> None:
    chance, seen = random.Random(3), []
    for _ in range(6):
        told, names = story(ended=ended)
        order = list(told.told)
        if seen:
            order += chance.sample(order, 4)
            chance.shuffle(order)
        statuses = {post(f"{site.url}/callbacks/twilio/{kind}/", form) for kind, form in order}
        assert statuses == {200}
        row = lead.find(told.sid)
        assert row is not None
        seen.append(facts(lead.get(f"conferences/{row['id']}/"), names))
        assert seen[-1] == seen[0]
    assert seen[0]["team"]["name"] == "Returns", "the agent who joined last"


def test_each_wrong_post_has_its_own_status(site: Site, lead: Person) -> None:
    told = Story()
    told.tell("participant-join", new_call_sid(), "agent-3")
    form, url = told.told[0][1], f"{site.url}/callbacks/twilio/conference/"
    wrong = {
        "forged": post(url, form, **{"X-Twilio-Signature": "x" * 28}),
        "another host": post(url, form, **{"X-Twilio-Signature": "", "Host": "127.0.0.1"}),
        "foreign account": post(url, form | {"AccountSid": ACCOUNT[:-1] + "2"}),
        "unknown account": post(url.replace("twilio", "nobody"), form),
        "a later step": post(url.replace("conference", "recording"), form),
        "no slash": post(url.rstrip("/"), form),
        "too long": post(url, form | {"Reason": "x" * 70_000}),
        "another method": requests.put(url, timeout=5).status_code,
    }
    assert wrong == {
        "forged": 403,
        "another host": 403,
        "foreign account": 403,
        "unknown account": 404,
        "a later step": 404,
        "no slash": 404,
        "too long": 413,
        "another method": 405,
    }
    assert lead.find(told.sid) is None, "nothing of it was believed"
    assert post(f"{url}?leg=agent-3", form) == 200 and lead.find(told.sid) is not None


def test_a_number_is_whole_for_the_lead_alone_wherever_it_stands(
    site: Site, lead: Person, sam: Person
) -> None:
    told, customer = Story(), new_call_sid()
    told.name = "from +447700900177"
    told.tell_call(customer, 1, "in-progress", From="+447700900177", CallerName="+447700900177")
    told.tell("participant-join", customer, "desk +447700900177")
    told.tell("participant-join", new_call_sid(), "agent-3")
    for kind, form in told.told:
        assert post(f"{site.url}/callbacks/twilio/{kind}/", form) == 200
    call = lead.find(told.sid)
    assert call is not None and "+447700900177" in str(call)
    sam.post(f"conferences/{call['id']}/refresh/", {"reason": "rang from +44 7700 900177"})
    for path in (f"conferences/{call['id']}/", f"conferences/{call['id']}/timeline/", "interventions/"):
        assert "900177" not in str(sam.get(path)).replace(" ", ""), path
    for page in ("/", f"/conferences/{call['id']}/"):
        assert "900177" not in sam.http.get(site.url + page, timeout=5).text.replace(" ", ""), page
