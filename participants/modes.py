"""What a supervisor's leg needs next: next_request(state, now), pure.

Doubt about a whisper falls towards silence. A relaxing request is sent once per wish; mutes and removals
are repeated. Every request keeps the audience within the newest wish, also if only a part of it is applied.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .events import TERMINAL
from .stay import HEARD_IN, LOUDNESS, Asked, Audience, State
from .timing import TIMING


class Act(StrEnum):
    WAIT = "wait"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    FETCH = "fetch"  # the leg, by its call sid or its label
    ASK_CALL = "ask_call"  # the call resource, when the leg is not found
    LISTEN = "listen"  # the wish becomes listen
    LEAVE = "leave"  # the wish becomes leave
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`urgent`: waits for no lease. `at`: look again then. `why`: a code that the screen puts in words."""

    act: Act = Act.WAIT
    muted: bool | None = None
    coaching: bool | None = None
    target: str | None = None
    urgent: bool = False
    at: float = 0.0
    why: str = ""
    detail: str = ""


Rule = Callable[[State, float], Decision | None]


def next_request(state: State, now: float, *, refused_for_coaching: frozenset[str] = frozenset()) -> Decision:
    """The one thing to do now. `refused_for_coaching`: the provider's codes for a target it does not take."""
    create = _last(state.requests("create"))
    if create is None or _retry_unarmed(create, refused_for_coaching):
        return _dial(state, create)
    rules = DIALLING if not state.connected else CONNECTED
    return next(filter(None, (rule(state, now) for rule in rules)))


def _last(requests: list[Asked]) -> Asked | None:
    return requests[-1] if requests else None


# --- a leg that is not on the call yet --------------------------------------------------------------------
def _dial(state: State, refused: Asked | None) -> Decision:
    if state.wanted == "leave":
        return Decision(act=Act.END, why="left")
    if state.over or not state.in_progress:
        return Decision(act=Act.END, why="conference_ended" if state.over else "not_started")
    agent = None if refused else state.newest_agent
    if agent is None:
        return Decision(act=Act.CREATE, muted=True)
    return Decision(act=Act.CREATE, muted=True, coaching=True, target=agent.call_sid)


def _retry_unarmed(create: Asked, codes: frozenset[str]) -> bool:
    return create.outcome == "refused" and bool(create.coaching) and create.code in codes


def _call_is_over(state: State, _now: float) -> Decision | None:
    if state.over:
        return Decision(act=Act.END, why="conference_ended")
    if state.call_status not in TERMINAL:
        return None
    if state.wanted == "leave":
        return Decision(act=Act.END, why=state.lapsed or "left")
    words = {"no-answer": "no_answer", "busy": "busy", "failed": "failed", "canceled": "no_answer"}
    return Decision(
        act=Act.END, why="dropped" if state.connected else words.get(state.call_status, "no_answer")
    )


def _dial_failed(state: State, _now: float) -> Decision | None:
    create = state.requests("create")[-1]
    if create.outcome == "refused":
        return Decision(act=Act.END, why="refused", detail=create.message)
    return Decision(act=Act.END, why="unreachable") if create.outcome == "not_sent" else None


def _ring_over(state: State, now: float) -> Decision | None:
    """The phone has rung as long as it may: nobody is there, or nobody was ever called."""
    if now < _ring_end(state):
        return None
    if state.call_sid is None:
        return Decision(act=Act.END, why=state.lapsed or ("left" if state.wanted == "leave" else "not_found"))
    if state.seen is not None and not state.seen.found and state.seen.began >= _ring_end(state):
        return Decision(act=Act.END, why=state.lapsed or ("left" if state.wanted == "leave" else "no_answer"))
    return None if state.wanted == "leave" else Decision(act=Act.LEAVE, why="no_answer")


def _ring_end(state: State) -> float:
    return (state.dialled_at or 0.0) + TIMING.ring + TIMING.ring_grace


def _look(state: State, now: float) -> Decision:
    missing = state.seen is not None and not state.seen.found and state.call_sid is not None
    due = (state.fetch_began or 0.0) + TIMING.read_switching
    if now < due:
        return Decision(at=due)
    return Decision(act=Act.ASK_CALL if missing and now < _ring_end(state) else Act.FETCH)


# --- leaving ----------------------------------------------------------------------------------------------
def _leave(state: State, now: float) -> Decision | None:
    if state.wanted != "leave":
        return None
    if state.connected and state.worst() != Audience.NOBODY and _mute_due(state, now):
        return Decision(act=Act.UPDATE, muted=True, urgent=True)
    removals = [r for r in state.requests("delete") if r.wish == state.wish]
    if not removals:
        return Decision(act=Act.DELETE, urgent=True)
    pause = min(TIMING.remove_first * 2 ** (len(removals) - 1), TIMING.remove_last)
    if now >= removals[-1].sent_at + pause:
        return Decision(act=Act.DELETE, urgent=True)
    return None


def _gone(state: State, _now: float) -> Decision | None:
    if state.seen is None or state.seen.found:
        return None
    return Decision(act=Act.END, why=(state.lapsed or "left") if state.wanted == "leave" else "dropped")


def _only_supervisors(state: State, now: float) -> Decision | None:
    alone = state.alone_since is not None and now - state.alone_since >= TIMING.only_supervisors
    return Decision(act=Act.LEAVE, why="only_supervisors") if alone and state.wanted != "leave" else None


# --- silence ----------------------------------------------------------------------------------------------
def _silence(state: State, now: float) -> Decision | None:
    """The leg may be louder than wished: mute it at once, again each second, and remove it after five."""
    if state.wanted == "leave" or not _too_loud(state):
        return None
    if state.tainted:
        return Decision(act=Act.LEAVE, why="tainted")
    if state.silencing_at is not None and now - state.silencing_at >= TIMING.silence_deadline:
        return Decision(act=Act.LEAVE, why="not_silenced")
    if _mute_due(state, now):
        return Decision(act=Act.UPDATE, muted=True, urgent=True)
    louder_seen = state.seen is not None and state.seen.mode == "barge"
    if state.wanted == "whisper" and state.opening is not None and louder_seen:
        return Decision(act=Act.LISTEN, why="overridden")
    return None


def _too_loud(state: State) -> bool:
    worst = state.worst()
    wanted = HEARD_IN[state.wanted]
    if LOUDNESS[worst] > LOUDNESS[wanted]:
        return True
    return state.wanted == "whisper" and worst == Audience.AGENT and state.possible_targets != {state.target}


def _mute_due(state: State, now: float) -> bool:
    last = _last(state.mutes)
    if last is None or last.wish != state.wish or now - last.sent_at >= TIMING.mute_repeat:
        return True
    # One that relaxes and was sent after the mute, or answered after it was sent, may be applied after it.
    return any(r.relaxing and (r.id > last.id or (r.answered_at or 0.0) >= last.sent_at) for r in state.asked)


# --- whisper and barge ------------------------------------------------------------------------------------
def _lapse(state: State, now: float) -> Decision | None:
    """An opening that is no longer what the person meant becomes listen; nothing opens by itself."""
    if state.wanted not in {"whisper", "barge"}:
        return None
    why = _agent_is_away(state) or _opening_failed(state, now)
    return Decision(act=Act.LISTEN, why=why) if why else None


def _agent_is_away(state: State) -> str:
    if state.wanted != "whisper":
        return ""
    agent = state.agent(state.target)
    if agent is None or not agent.connected:
        return "agent_left"
    return "agent_on_hold" if agent.held else ""


def _opening_failed(state: State, now: float) -> str:
    opening = state.opening
    if opening is None:
        asked_at = max(state.wanted_at, _answer_of_dial(state))
        if state.confirmed == state.wanted:
            return ""
        return "late" if now - asked_at > TIMING.delayed_opening else ""
    if opening.outcome in {"refused", "not_sent"}:
        return "refused" if opening.outcome == "refused" else "unreachable"
    if opening.outcome != "accepted":
        return ""
    last_good = state.confirmed_at or 0.0 if state.confirmed == state.wanted else 0.0
    since = max(opening.answered_at or 0.0, last_good)
    unseen = state.seen is None or state.seen.mode != state.wanted
    return "not_seen" if unseen and now - since > TIMING.opening_deadline else ""


def _answer_of_dial(state: State) -> float:
    return max((r.answered_at or 0.0 for r in state.requests("create")), default=0.0)


def _open(state: State, _now: float) -> Decision | None:
    seen = state.seen
    if state.wanted not in {"whisper", "barge"} or state.opening is not None or seen is None:
        return None
    if seen.began < max((r.answered_at or 0.0 for r in state.asked), default=0.0):
        return None
    if state.wanted == "barge":
        return Decision(act=Act.UPDATE, muted=False, coaching=False)
    armed = seen.muted and seen.coaching and seen.target == state.target
    arming_lost = any(r.open for r in state.arming)
    if armed and not arming_lost:
        return Decision(act=Act.UPDATE, muted=False, coaching=True, target=state.target)
    return None


def _arm(state: State, now: float) -> Decision | None:
    """Listen is an armed whisper: whatever goes wrong later reaches the agent's ear at worst."""
    seen = state.seen
    if (
        state.wanted not in {"listen", "whisper"}
        or seen is None
        or not seen.muted
        or state.worst() != Audience.NOBODY
    ):
        return None
    agent = state.agent(state.target) if state.wanted == "whisper" else state.newest_agent
    if agent is None or not agent.can_be_coached or (seen.coaching and seen.target == agent.call_sid):
        return None
    if any(r.outcome == "open" for r in state.arming):
        return None
    last = _last([r for r in state.arming if r.target == agent.call_sid])
    if last is not None and now < last.sent_at + _arming_pause(last):
        return None
    return Decision(act=Act.UPDATE, muted=True, coaching=True, target=agent.call_sid)


def _arming_pause(last: Asked) -> float:
    return TIMING.read_listening if last.outcome == "refused" else TIMING.read_switching


# --- reading ----------------------------------------------------------------------------------------------
def _read(state: State, now: float) -> Decision:
    began = state.fetch_began or 0.0
    if began < _last_news(state):
        return Decision(act=Act.FETCH)
    due = began + read_interval(state)
    return Decision(act=Act.FETCH) if now >= due else Decision(at=min(due, now + TIMING.due_interval))


def _last_news(state: State) -> float:
    """When something last happened that only a fetch can settle: a wish, an answer, or somebody's word."""
    answers = max((r.answered_at or 0.0 for r in state.asked), default=0.0)
    return max(state.wanted_at, answers, state.told.began if state.told else 0.0)


def read_interval(state: State) -> float:
    """Seconds between two fetches of the leg."""
    if (
        state.confirmed is None
        or state.confirmed != state.wanted
        or any(r.open and not r.tainting for r in state.asked)
    ):
        return TIMING.read_switching
    return TIMING.read_listening if state.confirmed == "listen" else TIMING.read_audible


DIALLING: tuple[Rule, ...] = (_call_is_over, _dial_failed, _ring_over, _leave, _look)
CONNECTED: tuple[Rule, ...] = (
    _call_is_over,
    _gone,
    _only_supervisors,
    _leave,
    _lapse,
    _silence,
    _open,
    _arm,
    _read,
)
