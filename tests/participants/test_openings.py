"""When a line may be opened, and how loud it may be meanwhile: only what was seen counts for safe."""

from dataclasses import replace

from participants.modes import Act, next_request
from participants.stay import Audience
from tests.participants.test_modes import (
    ANN,
    BEN,
    LISTENING,
    NOW,
    OPEN_WHISPER,
    WHISPERING,
    flags_of,
    on_call,
    seen,
    update,
)


def test_a_whisper_waits_until_no_arming_is_under_way() -> None:
    """One towards another agent, applied after the opening, would turn the whisper to that agent's ear."""
    towards_ben = update(LISTENING | {"target": "CAben"}, wish=4, outcome="unknown", answered_at=NOW - 0.3)
    state = on_call("whisper", LISTENING, towards_ben, agents=(ANN, BEN))
    assert next_request(state, NOW).act is not Act.UPDATE
    settled = replace(state, asked=(state.asked[0], replace(towards_ben, closed=True)))
    assert flags_of(next_request(settled, NOW)) == OPEN_WHISPER


def test_a_line_is_opened_on_what_was_seen_after_the_last_answer_alone() -> None:
    unmuted = update({"muted": True}, wish=4, outcome="accepted", answered_at=NOW - 0.2)
    began = NOW - 0.3
    before = on_call("barge", LISTENING, unmuted, seen=seen(LISTENING, began=began), fetch_began=began)
    assert next_request(before, NOW).act is Act.FETCH
    after = replace(before, seen=seen(LISTENING, began=NOW - 0.1))
    assert next_request(after, NOW).act is Act.UPDATE


def test_a_coaching_that_was_not_said_is_none_whatever_is_under_way() -> None:
    """Of an opening that may be applied in part, the unmute alone would reach everyone."""
    unsaid = {"muted": True, "coaching": None, "target": None}
    assert on_call("whisper", unsaid, update(WHISPERING)).worst() == Audience.EVERYONE
    assert on_call("whisper", LISTENING, update(WHISPERING)).worst() == Audience.AGENT
