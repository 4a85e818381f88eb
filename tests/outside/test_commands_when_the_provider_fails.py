"""Commands over the contract while the provider misbehaves, held against what is true in the sandbox."""

from collections.abc import Callable

import pytest

from tests.site import Site

from .person import Call, Person

MakeCall = Callable[..., Call]


def test_listening_is_never_refused_on_a_line_that_cannot_be_trusted(call: MakeCall, lead: Person) -> None:
    one = call(1)
    assert one.ask("listen")[0] in (200, 202)
    lead.until("S5")
    one.fault("apply_no_answer", "participant.update", params={"Muted": "false"})
    status, answer = one.ask("whisper")
    assert (status, answer["code"]) == (504, "unknown")
    assert one.ask("listen")[0] in (200, 202), "mute and removal are the answer to it, not a refusal"
    assert "taken off" in lead.until("S16")["headline"]
    assert not [leg for leg in one.truth()["legs"] if (leg["label"] or "").startswith("earshot")]


@pytest.mark.parametrize("effect", ["close", "html_200", "answer_not_apply"])
def test_a_lost_answer_does_not_end_the_wait_for_a_mute(effect: str, call: MakeCall) -> None:
    one = call(2)
    one.fault(effect, "participant.update", params={"Muted": "true"})
    assert one.ask_leg(1, "mute")[0] in (200, 202)
    one.person.site.wait_for(lambda: one.truth()["legs"][1]["muted"])


@pytest.mark.parametrize("effect", ["close", "refuse", "answer_not_apply"])
def test_leaving_is_never_refused(effect: str, call: MakeCall, lead: Person) -> None:
    one = call(3)
    one.ask("listen")
    lead.until("S5")
    one.fault(effect, "participant.delete")
    assert one.ask("leave")[0] in (200, 202)
    lead.until("S0")
    assert len(one.truth()["legs"]) == 2


def test_an_end_that_was_answered_but_not_done_is_not_believed(call: MakeCall, site: Site) -> None:
    one = call(4)
    token = one.ask("end")[1]["confirm"]
    one.fault("answer_not_apply", "conference.update")
    status, answer = one.ask("end", {"confirm": token})
    assert one.truth()["status"] == one.seen()["status"] == "in-progress"
    assert (status, answer.get("code")) in ((202, None), (409, "contradicted"))
    intervention = f"interventions/{answer['intervention']['id']}/"
    site.wait_for(lambda: one.person.get(intervention)["state"] == "contradicted")
    assert one.ask("end", {"confirm": one.ask("end")[1]["confirm"]})[0] in (200, 202)
    site.wait_for(lambda: one.seen()["status"] == "completed")


def test_a_token_holds_for_one_outcome_of_one_person(call: MakeCall, sam: Person) -> None:
    one = call(5)
    token = one.ask("end")[1]["confirm"]
    assert sam.post(f"conferences/{one.id}/end/", {"confirm": token})[1]["code"] == "confirm"
    assert one.ask_leg(0, "hold")[0] in (200, 202)
    status, again = one.ask("end", {"confirm": token})
    assert (status, again["code"]) == (409, "confirm") and again["confirm"] != token
    assert one.truth()["status"] == "in-progress"


def test_the_strip_names_the_agent_who_was_held(call: MakeCall, lead: Person) -> None:
    one = call(1, 2)
    assert one.ask("whisper")[1]["code"] == "choose_agent"
    one.ask("listen")
    lead.until("S5")
    one.ask("whisper", {"participant": one.leg(2)["id"]})
    lead.until("S6")
    assert one.ask_leg(2, "hold")[0] in (200, 202)
    assert lead.until("S6o")["subline"].startswith("Joost de Vries is on hold.")
    mine = next(leg for leg in one.truth()["legs"] if (leg["label"] or "").startswith("earshot"))
    assert mine["muted"]


def test_who_is_the_agent_can_be_said_without_a_name(call: MakeCall, lead: Person) -> None:
    desk = {"from": "+12025550100", "to": "+442079460166", "direction": "outbound", "role": "agent"}
    one = call(legs=(desk,))
    assert one.seen()["blocked"]["whisper"] == "agent_unknown"
    assert one.ask_leg(1, "identify", {"role": "agent"})[0] == 200
    assert one.leg(1)["role"] == "agent" and "whisper" not in one.seen()["blocked"]
    assert one.ask("whisper")[0] in (200, 202)
    lead.until("S6")
    hears = one.truth()["hears"]
    mine = next(leg["call_sid"] for leg in one.truth()["legs"] if (leg["label"] or "").startswith("earshot"))
    assert mine in hears[one.call_sids[1]] and mine not in hears.get(one.call_sids[0], [])


def test_an_account_that_stops_answering_blocks_its_calls_in_a_new_version(
    call: MakeCall, lead: Person, site: Site
) -> None:
    one = call(6)
    before = one.seen()
    one.standing_faults(api_error_rate=1.0)
    try:
        down = site.wait_for(
            lambda: seen if "listen" in (seen := one.seen())["blocked"] else None, within_s=15
        )
        assert down["blocked"]["listen"] == "provider_down" and down["version"] > before["version"]
        assert one.ask("listen")[1]["code"] == "provider_down"
        assert lead.find(one.sid), "never an empty floor"
    finally:
        one.standing_faults(api_error_rate=None)
        site.wait_for(lambda: "listen" not in one.seen()["blocked"], within_s=15)


def test_a_dial_whose_answer_was_lost_is_found_once_and_never_painted_red(
    call: MakeCall, lead: Person
) -> None:
    one = call(7)
    one.fault("apply_late", "participant.create", after_ms=300)
    status, answer = one.ask("listen")
    assert (status, answer.get("code")) in ((200, None), (504, "unknown"))
    grounds = set()
    while (strip := lead.strip())["code"] != "S5":
        grounds.add(strip["ground"])
        assert strip["code"] in {"S2", "S2d", "S3"}, strip
    assert "red" not in grounds
    mine = [leg for leg in one.truth()["legs"] if (leg["label"] or "").startswith("earshot")]
    assert len(mine) == 1 and mine[0]["muted"] and mine[0]["coaching"]
