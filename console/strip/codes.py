"""Which situation a supervisor is in: one code of the strip's table."""

from datetime import timedelta

from participants.models import Mode, Supervision
from participants.stay import HEARD_IN, LOUDNESS, Audience

from .scene import Role, Scene
from .words import NOT_ANSWERED, REFUSED

# Nothing is under way and nothing is in doubt: no stripes.
AT_REST = {"S0", "S1", "S4", "S5", "S5a", "S5h", "S6", "S7", "S13", "S14", "S15", "S16", "S17"}
NEVER_ON = set(NOT_ANSWERED)
TOGETHER = timedelta(seconds=5)
LAPSE_SHOWN = 30.0  # seconds: then plain listening says it better


def code_of_ended(stay: Supervision) -> str:
    if stay.ended_why == "left":
        return ""
    if stay.ended_why in NEVER_ON and not stay.connected:
        return "S4"
    if stay.ended_why == "conference_ended" or _ended_with_its_call(stay):
        return "S14"
    return "S15" if stay.ended_why == "dropped" else "S16"


def _ended_with_its_call(stay: Supervision) -> bool:
    """The end of a call takes the legs first: one that was seen to be gone may have gone with it."""
    over = stay.conference.ended_at
    if stay.ended_why != "dropped" or stay.ended_at is None:
        return False
    if over is None:
        return not stay.conference.participants.filter(status="connected").exists()
    return abs(over - stay.ended_at) < TOGETHER


def code_of(scene: Scene) -> str:
    state = scene.state
    if not state.connected:
        return _code_dialling(scene)
    if scene.exposure == Audience.UNKNOWN:
        return "S11"
    if state.wanted == Mode.LEAVE:
        silent = scene.exposure == Audience.NOBODY
        return "S18" if silent else ("S8x" if state.lapsed in {"tainted", "not_silenced"} else "S8")
    if state.confirmed == state.wanted and LOUDNESS[scene.exposure] == LOUDNESS[HEARD_IN[state.wanted]]:
        return _code_confirmed(scene)
    return _code_switching(scene)


def _code_dialling(scene: Scene) -> str:
    state = scene.state
    if state.wanted == Mode.LEAVE:
        return "S18"
    if state.call_status == "in-progress":
        return "S3"
    lost = any(r.outcome == "unknown" for r in state.requests("create")) and state.call_sid is None
    return "S2d" if lost else "S2"


def _code_confirmed(scene: Scene) -> str:
    state = scene.state
    if state.wanted == Mode.WHISPER:
        return "S6"
    if state.wanted == Mode.BARGE:
        customers = any(leg.role in (Role.CUSTOMER, None) for leg in scene.others)
        return "S13" if customers and not scene.agents else "S7"
    if scene.now - state.wanted_at < LAPSE_SHOWN:
        if state.lapsed == "agent_left":
            return "S9"
        if state.lapsed == "agent_on_hold" and scene.lost_agent is not None:
            return "S6o"
        if state.lapsed in REFUSED:
            return "S17"
    if any(leg.hold and leg.role in (Role.CUSTOMER, None) for leg in scene.others):
        return "S5h"
    return "S5" if scene.stay.armed else "S5a"


def _code_switching(scene: Scene) -> str:
    state, wanted = scene.state, HEARD_IN[scene.state.wanted]
    opening = state.opening
    if state.wanted != Mode.LISTEN and opening is not None and opening.tainting:
        return "S10"
    if LOUDNESS[scene.exposure] > LOUDNESS[wanted]:
        return _code_too_loud(scene)
    if (
        state.wanted == Mode.WHISPER
        and state.possible_targets - {state.target}
        and scene.exposure == Audience.AGENT
    ):
        return "S12b"
    if state.confirmed is None and state.mode_since is None and state.wanted == Mode.LISTEN:
        return "S3"
    return {Mode.WHISPER: "S6p", Mode.BARGE: "S7p"}.get(Mode(state.wanted), "S8")


def _code_too_loud(scene: Scene) -> str:
    state = scene.state
    if state.lapsed in {"agent_left", "agent_on_hold"}:
        return "S9" if state.lapsed == "agent_left" else "S6o"
    asked = any(r.relaxing and r.outcome != "refused" for r in state.asked)
    return "S8" if asked else "S12"


def if_lost(scene: Scene) -> Audience:
    """What has to be assumed when the page no longer hears from us."""
    state = scene.state
    if not state.connected:
        armed = any(r.coaching for r in state.requests("create"))
        return Audience.AGENT if armed else Audience.EVERYONE
    if state.wanted == Mode.BARGE or scene.worst == Audience.EVERYONE:
        return Audience.EVERYONE
    return Audience.AGENT if scene.stay.armed else Audience.EVERYONE
