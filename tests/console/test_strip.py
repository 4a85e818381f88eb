"""The strip says who hears the supervisor, and is never quieter than the provider's truth."""

from console.strip import strip
from participants.services import monitoring
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
