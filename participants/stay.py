"""A supervisor's stay on a call, as plain data: what is wished, what was asked, what was seen.

Pure: `modes` decides on it, `supervising` stores it, the simulation drives it. Times: our unix seconds.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from .timing import TIMING


class Audience(StrEnum):
    """Who hears the supervisor. Ordered from silence to everyone by `LOUDNESS`."""

    NOBODY = "nobody"
    AGENT = "agent"
    EVERYONE = "everyone"
    UNKNOWN = "unknown"


LOUDNESS = {Audience.NOBODY: 0, Audience.AGENT: 1, Audience.EVERYONE: 2}
HEARD_IN = {"listen": Audience.NOBODY, "whisper": Audience.AGENT, "barge": Audience.EVERYONE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent's leg on the call, as somebody to whisper to. `certain`: not known by caller id alone."""

    call_sid: str
    connected: bool
    held: bool
    certain: bool
    joined_at: float

    @property
    def can_be_coached(self) -> bool:
        return self.connected and not self.held and self.certain


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request for the leg. None: the request does not carry that field."""

    id: int
    verb: str
    wish: int
    sent_at: float
    muted: bool | None = None
    coaching: bool | None = None
    target: str | None = None
    answered_at: float | None = None
    outcome: str = "open"
    code: str = ""
    message: str = ""
    closed: bool = False

    @property
    def relaxing(self) -> bool:
        """May make the leg audible to somebody who does not hear it now."""
        return self.muted is False or self.coaching is False

    @property
    def may_speak(self) -> bool:
        return self.muted is False

    @property
    def may_reach_all(self) -> bool:
        return self.coaching is False

    @property
    def tainting(self) -> bool:
        """A relaxing request without an answer may land at any time: only the leg's end resolves it."""
        return self.outcome == "unknown" and self.relaxing

    @property
    def open(self) -> bool:
        return self.tainting or (not self.closed and self.outcome not in {"refused", "not_sent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A fetch of the leg. Its age counts from the start of the fetch."""

    began: float
    found: bool
    call_sid: str | None = None
    status: str | None = None
    muted: bool | None = None
    coaching: bool | None = None
    target: str | None = None

    # A flag that the provider did not say may have its less safe value.
    @property
    def may_speak(self) -> bool:
        return self.muted is not True

    @property
    def may_reach_all(self) -> bool:
        return self.coaching is not True

    @property
    def mode(self) -> str | None:
        if not self.found or self.muted is None:
            return None
        if self.muted:
            return "listen"
        if self.coaching and self.target:
            return "whisper"
        return "barge" if self.coaching is False else None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    wanted: str
    wanted_at: float
    wish: int = 1
    target: str | None = None
    lapsed: str = ""
    confirmed: str | None = None
    confirmed_at: float | None = None
    mode_since: float | None = None
    silencing_at: float | None = None
    dialled_at: float | None = None
    call_sid: str | None = None
    call_status: str | None = None
    connected: bool = False
    seen: Seen | None = None
    fetch_began: float | None = None
    asked: tuple[Asked, ...] = ()
    # The call around the leg
    agents: tuple[Agent, ...] = ()
    in_progress: bool = True
    over: bool = False
    alone_since: float | None = None
    told: Seen | None = None  # what callbacks and other reads said of the leg since `seen`

    # --- what was asked ---------------------------------------------------------------------------------
    def requests(self, verb: str) -> list[Asked]:
        return [request for request in self.asked if request.verb == verb]

    @property
    def mutes(self) -> list[Asked]:
        return [r for r in self.requests("update") if r.muted and r.coaching is None]

    @property
    def arming(self) -> list[Asked]:
        return [r for r in self.requests("update") if r.muted and r.coaching]

    @property
    def opening(self) -> Asked | None:
        """The request that opens the line for the newest wish; there is at most one."""
        return next(
            (r for r in reversed(self.asked) if r.verb == "update" and r.relaxing and r.wish == self.wish),
            None,
        )

    @property
    def tainted(self) -> bool:
        return any(request.tainting for request in self.asked)

    @property
    def last_answer(self) -> float:
        return max(
            (r.answered_at or 0.0 for r in self.asked if r.outcome in {"accepted", "refused"}), default=0.0
        )

    # --- who may hear the leg ---------------------------------------------------------------------------
    def agent(self, call_sid: str | None) -> Agent | None:
        return next((agent for agent in self.agents if agent.call_sid == call_sid), None)

    @property
    def newest_agent(self) -> Agent | None:
        """The agent who joined last and can be coached."""
        candidates = [agent for agent in self.agents if agent.can_be_coached]
        return max(candidates, key=lambda agent: (agent.joined_at, agent.call_sid), default=None)

    @property
    def _sources(self) -> list["Seen | Asked"]:
        """All that may be true of the leg now: what was seen or told of it, and every open request."""
        said: list[Seen | Asked] = [s for s in (self.seen, self.told) if s is not None and s.found]
        return [*said, *(r for r in self.asked if r.open and r.verb != "delete")]

    @property
    def possible_targets(self) -> set[str]:
        return {source.target for source in self._sources if source.coaching and source.target}

    def worst(self) -> Audience:
        """The loudest that the last observation and every open request allow, combined field by field."""
        sources = self._sources
        if not any(source.may_speak for source in sources):
            return Audience.NOBODY
        if any(source.may_reach_all for source in sources) or len(self.possible_targets) != 1:
            return Audience.EVERYONE
        agent = self.agent(next(iter(self.possible_targets)))
        return Audience.AGENT if agent is not None and agent.connected else Audience.EVERYONE

    def exposure(self, now: float) -> Audience:
        """Who may hear the supervisor now, as the screen has to say it."""
        if not self.connected:
            if self.call_status != "in-progress":
                return Audience.NOBODY
            # A leg with our label was made by our request, also where its answer was lost.
            armed = any(r.coaching and r.outcome != "refused" for r in self.requests("create"))
            return Audience.AGENT if armed else Audience.EVERYONE
        return self.worst() if self.fresh(now) else Audience.UNKNOWN

    def fresh(self, now: float) -> bool:
        return self.seen is not None and now - self.seen.began <= TIMING.observation_valid


# --- transitions ------------------------------------------------------------------------------------------
def wished(state: State, *, mode: str, now: float, target: str | None = None) -> State:
    # Whom a whisper reaches is part of what was seen: it says nothing about a wish for another agent.
    confirmed = None if mode == "whisper" == state.confirmed and target != state.target else state.confirmed
    return replace(
        state,
        wanted=mode,
        wanted_at=now,
        wish=state.wish + 1,
        target=target,
        lapsed="",
        confirmed=confirmed,
        silencing_at=None,
    )


def lapsed(state: State, *, to: str, why: str, now: float) -> State:
    """The wish becomes `to` without a person; `why` is a code that the screen puts in words."""
    return replace(wished(state, mode=to, now=now), lapsed=why, silencing_at=state.silencing_at)


def sent(state: State, request: Asked) -> State:
    silencing = state.silencing_at
    if request.verb == "update" and request.muted and request.coaching is None and silencing is None:
        silencing = request.sent_at
    dialled = request.sent_at if request.verb == "create" else state.dialled_at
    return replace(state, asked=(*state.asked, request), silencing_at=silencing, dialled_at=dialled)


def answered(
    state: State, request_id: int, *, outcome: str, now: float, code: str = "", message: str = ""
) -> State:
    def settle(request: Asked) -> Asked:
        if request.id != request_id:
            return request
        return replace(request, outcome=outcome, answered_at=now, code=code, message=message)

    return replace(state, asked=tuple(settle(request) for request in state.asked))


def observed(state: State, seen: Seen) -> State:
    """The state after a fetch of the leg has come back. An older fetch that arrives later is dropped."""
    if state.seen is not None and seen.began < state.seen.began:
        return state
    state = replace(
        state,
        seen=seen,
        told=None,
        call_sid=seen.call_sid or state.call_sid,
        connected=state.connected or seen.status == "connected",
        asked=tuple(_closed_by(seen, state.asked)),
    )
    return confirm(state)


def opened_by_others(state: State, seen: Seen | None) -> bool:
    """`seen` is louder than wished and confirmed, and nothing of the last two wishes can show late."""
    confirmed_at, mode = state.confirmed_at, seen.mode if seen else None
    if mode is None or confirmed_at is None or state.confirmed != state.wanted:
        return False
    louder = LOUDNESS[HEARD_IN[mode]] > LOUDNESS[HEARD_IN[state.wanted]]
    sent = (r for r in state.asked if r.relaxing and r.outcome not in {"refused", "not_sent"})
    late = state.wish - 1
    return louder and not any(r.tainting or r.sent_at > confirmed_at or r.wish >= late for r in sent)


def _closed_by(seen: Seen, asked: Iterable[Asked]) -> Iterable[Asked]:
    for request in asked:
        over = request.answered_at is not None and request.answered_at <= seen.began
        yield replace(request, closed=True) if over and not (request.closed or request.tainting) else request


def confirm(state: State) -> State:
    """A mode is confirmed when it is what was seen, and nothing open could be louder."""
    seen = state.seen
    if seen is None or not seen.found or seen.status != "connected" or seen.began < state.last_answer:
        return state
    mode = seen.mode
    to_another = mode == "whisper" == state.wanted and seen.target != state.target
    if mode is None or to_another or HEARD_IN[mode] != state.worst():
        return replace(state, confirmed=None, mode_since=None)
    since = state.mode_since if mode == state.confirmed else seen.began
    silencing = (
        None
        if LOUDNESS[HEARD_IN[mode]] <= LOUDNESS[HEARD_IN.get(state.wanted, Audience.NOBODY)]
        else state.silencing_at
    )
    return replace(state, confirmed=mode, confirmed_at=seen.began, mode_since=since, silencing_at=silencing)
