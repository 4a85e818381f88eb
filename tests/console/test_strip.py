"""The strip says who hears the supervisor, and is never quieter than the provider's truth."""

from console.strip import strip
from participants import supervising
from participants.models import Supervision
from participants.services import monitoring, recordings
from participants.services.command import state_of
from tests.factories import make_intervention
from tests.participants.conftest import floor  # noqa: F401 - a fixture
from tests.participants.floor import Floor, wait_for


def shown(floor: Floor, *codes: str) -> dict:  # noqa: F811
    def reached() -> dict | None:
        floor.confirmed_now("")
        now = strip(floor.user)
        return now if now["code"] in codes else None

    return wait_for(reached, within_s=4)


def test_it_tells_the_whole_story(floor: Floor) -> None:  # noqa: F811
    conference = floor.call("strip")
    assert strip(floor.user)["code"] == "S0"
    monitoring.listen(conference, floor.asked())
    listening = shown(floor, "S5")
    assert (listening["headline"], listening["ground"], listening["striped"]) == (
        "Nobody hears you",
        "grey",
        False,
    )
    assert listening["if_lost"] == "agent"
    assert listening["conference"] == str(conference.pk)
    assert {chip["hears"] for chip in listening["chips"]} == {False}
    assert [button["verb"] for button in listening["buttons"]] == ["listen", "whisper", "barge", "leave"]
    monitoring.whisper(conference, floor.asked())
    whispering = shown(floor, "S6")
    assert (whispering["headline"], whispering["ground"]) == ("Only Agent 1 hears you", "amber")
    assert {chip["name"]: chip["hears"] for chip in whispering["chips"]} == {
        "Agent 1": True,
        "the customer": False,
    }
    monitoring.barge(conference, floor.asked(confirm=True))
    barging = shown(floor, "S7")
    assert (barging["headline"], barging["ground"], barging["worst"]) == (
        "Everyone hears you",
        "red",
        "everyone",
    )
    monitoring.leave(conference, floor.asked())
    assert shown(floor, "S0")["ground"] == "plain"


def test_an_opening_without_an_answer_is_assumed_to_be_audible(floor: Floor) -> None:  # noqa: F811
    conference = floor.call("doubt")
    monitoring.listen(conference, floor.asked())
    floor.confirmed("listen")
    floor.fault(operation="participant.update", params={"Muted": "false"}, effect="close")
    monitoring.whisper(conference, floor.asked())
    doubtful = shown(floor, "S10", "S6")
    assert doubtful["code"] == "S10"
    assert (doubtful["worst"], doubtful["striped"]) == ("agent", True)


def test_a_person_without_a_phone_is_told_to_set_one(floor: Floor) -> None:  # noqa: F811
    floor.user.supervisor.address = ""
    floor.user.supervisor.save()
    floor.user.refresh_from_db()
    assert strip(floor.user)["code"] == "S1"
    assert strip(floor.user)["buttons"][0]["verb"] == "phone"


def test_a_call_that_ends_is_told_as_ended_not_as_a_phone_that_hung_up(floor: Floor) -> None:  # noqa: F811
    conference = floor.call("ends")
    monitoring.listen(conference, floor.asked())
    stay = floor.confirmed("listen")
    floor.sandbox.post(f"/_sandbox/conferences/{conference.sid}/end", {})
    floor.ended(stay.pk, within_s=8)
    floor.sweep()
    assert shown(floor, "S14")["headline"] == "The call has ended"


def test_a_line_that_was_opened_outside_is_told_also_when_it_is_silent_again(floor: Floor) -> None:  # noqa: F811
    conference = floor.call("opened")
    monitoring.listen(conference, floor.asked())
    stay = floor.confirmed("listen")
    assert "outside" not in shown(floor, "S5")["subline"]
    body = {"muted": False, "coaching": False}
    floor.sandbox.post(f"/_sandbox/legs/{stay.call_sid}/set", body)

    def noticed() -> bool:
        supervising.run_due()
        return Supervision.objects.exclude(opened_at=None).exists()

    wait_for(noticed, within_s=10)
    silent = shown(floor, "S5", "S5a")
    assert silent["headline"] == "Nobody hears you"
    told = silent["subline"].partition("Somebody opened your line outside Earshot: ")[2]
    assert "Agent 1" in told and "customer" in told, silent["subline"]


def test_what_we_opened_ourselves_was_not_opened_outside(floor: Floor) -> None:  # noqa: F811
    conference = floor.call("ours")
    for ask in (monitoring.listen, monitoring.whisper, monitoring.listen):
        ask(conference, floor.asked())
    shown(floor, "S5")
    assert Supervision.objects.get().opened_at is None


def test_an_agent_who_is_back_from_hold_is_not_called_held(floor: Floor) -> None:  # noqa: F811
    conference = floor.call("back")
    monitoring.listen(conference, floor.asked())
    shown(floor, "S5")
    monitoring.whisper(conference, floor.asked())
    shown(floor, "S6")
    agent = floor.leg(conference, "agent").call_sid
    for hold, code in ((True, "S6o"), (False, "S5")):
        floor.sandbox.post(f"/_sandbox/legs/{agent}/set", {"hold": hold})
        floor.sweep_again(conference)
        supervising.run_due()
        shown(floor, code)


def test_who_can_be_heard_is_told_of_a_recording(floor: Floor) -> None:  # noqa: F811
    conference = floor.call("recorded", record=True)
    recordings.of(conference, fresh=True)
    monitoring.listen(conference, floor.asked())
    assert "Recording" not in shown(floor, "S5")["subline"], "nobody hears them, and no recording does"
    monitoring.barge(conference, floor.asked(confirm=True))
    assert shown(floor, "S7")["subline"].endswith("Recording is on: your voice may be on it.")


def test_leaving_a_stay_that_has_just_ended_begins_no_new_one(floor: Floor) -> None:  # noqa: F811
    conference = floor.call("ended")
    intervention = make_intervention(floor.user, conference, "leave")
    monitoring._start_or_change(conference, floor.asked(), "leave", intervention, None)
    assert state_of(intervention) == "confirmed" and not Supervision.objects.exists()
