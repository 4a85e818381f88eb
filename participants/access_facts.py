"""What the facts of a call forbid, the same for everybody: codes of `participants.words`."""

from collections.abc import Callable, Iterable

from .models import Account, Conference, Participant
from .providers import PROVIDERS
from .words import BLOCKED

ORDER = {code: place for place, code in enumerate(BLOCKED)}
RINGING = frozenset({"queued", "connecting", "ringing"})


def is_here(leg: Participant) -> bool:
    return leg.left_at is None and leg.status not in {"complete", "failed"}


def is_connected(leg: Participant) -> bool:
    return leg.status == "connected" and is_here(leg)


class Call:
    """A conference with its legs, as the checks look at it."""

    def __init__(self, conference: Conference, legs: Iterable[Participant]) -> None:
        self.conference = conference
        self.legs = [leg for leg in legs if is_here(leg)]
        # A leg whose role is not known yet counts as a customer's.
        self.parties = [leg for leg in self.legs if leg.role != Participant.Role.SUPERVISOR]
        self.agents = [leg for leg in self.parties if leg.role == Participant.Role.AGENT]


Check = Callable[[Call], str]
LegCheck = Callable[[Participant, Call], str]


def _gone(call: Call) -> str:
    return "" if call.conference.live else "gone"


def _provider_down(call: Call) -> str:
    account = call.conference.account
    if account.reachable is not False:
        return ""
    known = account.unreachable_why != Account.Unreachable.REJECTED
    return "provider_down" if known else "credentials_refused"


def _stale(call: Call) -> str:
    return "stale" if call.conference.stale_since else ""


def _nobody_on(call: Call) -> str:
    begun = call.conference.status != Conference.Status.INIT
    return "" if begun and any(is_connected(leg) for leg in call.parties) else "not_started"


def _agent(call: Call) -> str:
    """Why nobody can be whispered to, when nobody is named."""
    connected = [leg for leg in call.agents if is_connected(leg)]
    if len(connected) > 1:
        return "choose_agent"
    if connected:
        return _as_agent(connected[0], call)
    if call.agents:
        return "agent_ringing"
    others = [leg for leg in call.parties if is_connected(leg)]
    return "agent_unknown" if len(others) > 1 or any(leg.role is None for leg in others) else "no_agent"


def _as_agent(leg: Participant, _call: Call) -> str:
    """Why this leg cannot be whispered to."""
    if leg.role != Participant.Role.AGENT or leg.certainty == Participant.Certainty.PROBABLE:
        return "agent_unknown"
    if not is_here(leg):
        return "gone"
    if leg.status in RINGING:
        return "agent_ringing"
    return "agent_on_hold" if leg.hold else ""


def _certain_agent(leg: Participant, _call: Call) -> str:
    """Why this leg cannot be sent a cue, beside what stands in the way of a whisper."""
    certain = leg.certainty in {Participant.Certainty.CERTAIN, Participant.Certainty.PERSON}
    return "" if certain else "agent_unknown"


def _left(leg: Participant, _call: Call) -> str:
    return "" if is_here(leg) else "gone"


def _leaving(leg: Participant, _call: Call) -> str:
    over = leg.call_status in {"completed", "busy", "no-answer", "failed", "canceled"}
    return "leg_leaving" if over else ""


def _supervisors_line(leg: Participant, _call: Call) -> str:
    return "use_modes" if leg.role == Participant.Role.SUPERVISOR else ""


def _not_picked_up(leg: Participant, call: Call) -> str:
    waiting = leg.status in RINGING or call.conference.status == Conference.Status.INIT
    return "not_started" if waiting else ""


def _held(leg: Participant, _call: Call) -> str:
    return "held_no_announce" if leg.hold else ""


def _last_party(leg: Participant, call: Call) -> str:
    connected = [party for party in call.parties if is_connected(party)]
    return "last_party" if [party.pk for party in connected] == [leg.pk] else ""


def _already(field: str, *, value: bool) -> LegCheck:
    # What is in doubt is never a reason not to ask for it.
    def check(leg: Participant, call: Call) -> str:
        return "already" if getattr(leg, field) is value and not call.conference.stale_since else ""

    return check


# Of a recording that runs. Whether one does is asked when it is wanted: not every provider tells.
RECORDING = ("recording/pause", "recording/resume", "recording/stop")
EVERYBODY: tuple[Check, ...] = (_gone, _provider_down)
CHECKS: dict[str, tuple[Check, ...]] = {
    "listen": (*EVERYBODY, _nobody_on),
    "whisper": (*EVERYBODY, _stale, _agent, _nobody_on),
    "barge": (*EVERYBODY, _stale, _nobody_on),
    "end": (*EVERYBODY, _stale),
    "refresh": EVERYBODY,
    "announce": (*EVERYBODY, _nobody_on),
    "cue": (*EVERYBODY, _agent, _nobody_on),
    "update": EVERYBODY,
    "dial": EVERYBODY,
    "cancel": (),
    **dict.fromkeys(RECORDING, EVERYBODY),
}
LEG_CHECKS: dict[str, tuple[tuple[Check, ...], tuple[LegCheck, ...]]] = {
    "whisper": ((*EVERYBODY, _stale, _nobody_on), (_as_agent,)),
    "mute": (EVERYBODY, (_left, _leaving, _already("muted", value=True))),
    "unmute": ((*EVERYBODY, _stale), (_left, _supervisors_line, _already("muted", value=False))),
    "hold": (EVERYBODY, (_left, _leaving, _supervisors_line, _not_picked_up, _already("hold", value=True))),
    "resume": (EVERYBODY, (_left, _supervisors_line, _not_picked_up, _already("hold", value=False))),
    "remove": ((*EVERYBODY, _stale), (_left, _leaving, _last_party)),
    "identify": (EVERYBODY, (_supervisors_line,)),
    "announce": (EVERYBODY, (_left, _leaving, _supervisors_line, _not_picked_up, _held)),
    # Into the ear of the agent and of nobody else: who is only probably the agent hears none.
    "cue": ((*EVERYBODY, _nobody_on), (_left, _leaving, _supervisors_line, _as_agent, _certain_agent)),
    "update": (EVERYBODY, (_left, _leaving, _supervisors_line)),
    "recording/start": (EVERYBODY, (_left, _leaving, _not_picked_up)),
    **dict.fromkeys(RECORDING, (EVERYBODY, (_left, _leaving))),
}


# What each verb asks of the provider: an operation, and the parameter without which it would do less.
NEEDS: dict[str, tuple[str, str | None]] = {
    "listen": ("participant.create", "muted"),
    "whisper": ("participant.update", "call_sid_to_coach"),
    "barge": ("participant.update", "muted"),
    "end": ("conference.update", "status"),
    "refresh": ("conference.fetch", None),
    "mute": ("participant.update", "muted"),
    "unmute": ("participant.update", "muted"),
    "hold": ("participant.update", "hold"),
    "resume": ("participant.update", "hold"),
    "remove": ("participant.delete", None),
    "dial": ("participant.create", "to"),
    "cue": ("participant.update", "announce_url"),
}
# The same, where the call and one person on it are asked differently.
NEEDS_OF_CALL = NEEDS | {
    "announce": ("conference.update", "announce_url"),
    "update": ("conference.update", None),
    **dict.fromkeys(RECORDING, ("conference_recording.update", "status")),
}
NEEDS_OF_LEG = NEEDS | {
    "announce": ("participant.update", "announce_url"),
    "update": ("participant.update", None),
    "recording/start": ("call_recording.start", None),
    **dict.fromkeys(RECORDING, ("call_recording.update", "status")),
}
# Where more can be said than that it cannot be done.
CANNOT_OF_CALL = dict.fromkeys(RECORDING, "no_room_recording")
CANNOT_OF_LEG = {"recording/start": "no_recording_start"}


def _unsupported(verb: str, call: Call, *, of_leg: bool) -> str:
    """Whether the call's provider has no such operation, or none with this parameter."""
    needs = NEEDS_OF_LEG if of_leg else NEEDS_OF_CALL
    if verb not in needs:
        return ""
    operation, parameter = needs[verb]
    kind = PROVIDERS.get(call.conference.account.provider)
    taken = kind.operations().get(operation) if kind else None
    possible = taken is not None and (parameter is None or parameter in taken)
    if possible:
        return ""
    words = CANNOT_OF_LEG if of_leg else CANNOT_OF_CALL
    return words.get(verb, "unsupported") if kind else "unsupported"


def first(codes: Iterable[str]) -> str:
    """The code that the catalogue names first; empty when there is none."""
    return min(filter(None, codes), key=ORDER.__getitem__, default="")


def forbids(verb: str, call: Call, leg: Participant | None = None) -> str:
    """The first code that forbids the verb on this call, or on this leg of it; empty when nothing does."""
    if leg is None:
        unsupported = _unsupported(verb, call, of_leg=False)
        return first([unsupported, *(check(call) for check in CHECKS.get(verb, ()))])
    of_call, of_leg = LEG_CHECKS[verb]
    checked = [*(check(call) for check in of_call), *(check(leg, call) for check in of_leg)]
    return first([_unsupported(verb, call, of_leg=True), *checked])


def blocked(conference: Conference, participants: Iterable[Participant]) -> dict[str, str]:
    """{verb: code} of what may not be done to the call now; a verb that is absent is possible."""
    call = Call(conference, participants)
    return {verb: code for verb in CHECKS if (code := forbids(verb, call))}


def blocked_leg(
    participant: Participant, conference: Conference, participants: Iterable[Participant]
) -> dict[str, str]:
    """{verb: code} of what may not be done to this leg now; a verb that is absent is possible."""
    call = Call(conference, participants)
    codes = {verb: forbids(verb, call, participant) for verb in LEG_CHECKS}
    return {verb: code for verb, code in codes.items() if code}
