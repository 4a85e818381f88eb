"""A stay and everybody on its call: what the strip speaks about."""

from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.utils import timezone

from participants.models import Mode, Participant, Supervision
from participants.stay import HEARD_IN, LOUDNESS, Audience, State
from participants.stay_rows import load

Role = Participant.Role


@dataclass(frozen=True, slots=True)
class Scene:
    """A stay, and everybody on its call."""

    user: User
    stay: Supervision
    state: State
    now: float
    legs: list[Participant] = field(default_factory=list)

    @property
    def others(self) -> list[Participant]:
        return [leg for leg in self.legs if leg.is_in and leg.call_sid != self.stay.call_sid]

    @property
    def agents(self) -> list[Participant]:
        return [leg for leg in self.others if leg.role == Role.AGENT]

    @property
    def agent(self) -> Participant | None:
        """The one who is coached, or was to be; else the one who joined last."""
        target = self.stay.target or (self.state.seen.target if self.state.seen else None)
        by_sid = {leg.call_sid: leg for leg in self.stay.conference.participants.all()}
        return by_sid.get(target or "") or max(self.agents, key=lambda leg: leg.as_of, default=None)

    @property
    def lost_agent(self) -> Participant | None:
        """Whom a whisper reached until they left or were held; the line may point at another by now."""
        agents = [leg for leg in self.stay.conference.participants.all() if leg.role == Role.AGENT]
        if self.state.lapsed == "agent_on_hold":
            return next((leg for leg in agents if leg.is_in and leg.hold), None)
        left = [(leg.left_at, leg.call_sid, leg) for leg in agents if leg.left_at is not None]
        return max(left)[2] if left else None

    @property
    def exposure(self) -> Audience:
        return self.state.exposure(self.now)

    @property
    def worst(self) -> Audience:
        """What decides the ground: what may be heard now, or is about to be, or was until silence shows."""
        state, exposure = self.state, self.exposure
        if exposure == Audience.UNKNOWN or not state.connected or state.confirmed == state.wanted:
            return exposure
        wanted = HEARD_IN.get(state.wanted, Audience.NOBODY)
        before = (
            HEARD_IN.get(state.confirmed or "", Audience.NOBODY) if state.wanted == Mode.LISTEN else wanted
        )
        return max(exposure, wanted, before, key=LOUDNESS.__getitem__)


def scene_of(user: User, stay: Supervision) -> Scene:
    legs = list(stay.conference.participants.select_related("agent").filter(left_at=None))
    return Scene(user, stay, load(stay), timezone.now().timestamp(), legs)
