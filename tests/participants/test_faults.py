"""Each request for a supervisor's leg, gone wrong in each way that a request can: over real HTTP.

One story for all: listen, speak, listen, leave. Whatever happens on the way, nobody hears the supervisor who
was not meant to, nobody is dialled twice, and what Earshot says at the end is true.
"""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from participants import pools, stay_rows, supervising
from participants.access import Denial
from participants.models import Conference, Intervention, LegRequest, Outcome, Supervision
from participants.providers import PROVIDERS
from participants.sandbox.faults import EFFECTS
from participants.services import monitoring
from participants.services.command import FINAL, state_of
from participants.timing import TIMING
from tests.participants.floor import Floor, wait_for

State = Outcome.State
GRACE_S = 1.0  # from a mute at the provider to silence, also when that mute was refused
OURS = "earshot-"
LOUDNESS = {"listen": 0, "whisper": 1, "barge": 2}
# Which request goes wrong. `answer_not_apply` makes a fetch honest, so it goes wrong some other way there.
REQUESTS: dict[str, dict[str, Any]] = {
    "create": {"operation": "participant.create"},
    "arm": {"operation": "participant.update", "params": {"Muted": "true", "Coaching": "true"}},
    "open": {"operation": "participant.update", "params": {"Muted": "false"}},
    "mute": {"operation": "participant.update", "params": {"Muted": "true"}},
    "remove": {"operation": "participant.delete"},
    "fetch": {"operation": "participant.fetch", "times": 3},
}
# Longer than we wait for an answer; the sandbox's clock runs at 0.05.
WAITS = {"slow": 1.3 * TIMING.read / 0.05 * 1000}
# These wait for the end of the ringing, or for every time-out of a fetch.
LONG = {
    *itertools.product(["create"], ["500", "close", "html_200", "answer_not_apply"]),
    *itertools.product(["fetch"], ["500", "close", "slow", "apply_no_answer", "html_200"]),
}


def cases() -> Iterator[Any]:
    """Each takes ten seconds: by day the providers take turns, and every night each case is of each."""
    turns = itertools.cycle(sorted(PROVIDERS))
    for request, mode, effect in itertools.product(REQUESTS, ("whisper", "barge"), EFFECTS):
        if mode == "barge" and request not in {"open", "mute"}:
            continue
        turn = next(turns)
        for provider in sorted(PROVIDERS):
            nightly = (request, effect) in LONG or provider != turn
            marks = [pytest.mark.nightly] if nightly else []
            name = f"{provider}-{mode}-{request}-{effect}"
            yield pytest.param(provider, request, mode, effect, id=name, marks=marks)


@dataclass
class Play:
    """The story of one case, and what its wishes were."""

    floor: Floor
    conference: Conference
    wishes: list[tuple[float, str]] = field(default_factory=list)

    def wish(self, mode: str, **asked: Any) -> Intervention | None:
        """The intervention once it is decided or cannot be known; None when it was denied."""
        try:
            intervention = getattr(monitoring, mode)(self.conference, self.floor.asked(**asked))
        except Denial:
            return None
        self.wishes.append((intervention.requested_at.timestamp(), mode))
        wait_for(lambda: self.decided(intervention), within_s=12.0)
        self.what_is_confirmed_is_true(intervention, mode)
        return intervention

    def decided(self, intervention: Intervention) -> bool:
        supervising.run_due()
        self.the_screen_is_never_safer_than_the_truth()
        return state_of(intervention) in {*FINAL, State.UNKNOWN}

    def stay(self) -> Supervision | None:
        return Supervision.objects.filter(user=self.floor.user, ended_at=None).first()

    def what_is_confirmed_is_true(self, intervention: Intervention, mode: str) -> None:
        if state_of(intervention) != State.CONFIRMED:
            return
        legs = self.our_legs()
        if mode == "leave":
            assert not legs, "left means that the phone is off the call"
        else:
            assert [mode_of(leg) for leg in legs] == [mode]

    def our_legs(self) -> list[dict[str, Any]]:
        legs = self.floor.truth(self.conference)["legs"]
        return [leg for leg in legs if (leg["label"] or "").startswith(OURS)]

    def the_screen_is_never_safer_than_the_truth(self) -> None:
        """Looks before and after the truth: what changed in between proves nothing."""
        screen = [self.on_screen()]
        loudest = max((LOUDNESS[mode_of(leg)] for leg in self.our_legs()), default=0)
        screen.append(self.on_screen())
        assert max(screen) >= loudest, f"the screen said {screen}, true was {loudest}"

    def on_screen(self) -> int:
        stay = self.stay()
        audience = stay_rows.load(stay).exposure(time.time()).value if stay else "nobody"
        return {"nobody": 0, "agent": 1}.get(audience, 2)

    def what_was_confirmed_is_true_after_a_fetch(self) -> None:
        since = time.time()
        wait_for(lambda: self.fetched_after(since), within_s=12.0)
        self.the_screen_is_never_safer_than_the_truth()
        stay = self.stay()
        if stay is not None and stay.confirmed is not None:
            loudest = max((LOUDNESS[mode_of(leg)] for leg in self.our_legs()), default=0)
            assert LOUDNESS[stay.confirmed] >= loudest

    def fetched_after(self, since: float) -> bool:
        supervising.run_due()
        stay = self.stay()
        return stay is None or (stay.seen is not None and stay.seen["began"] > since)

    def rest(self) -> None:
        """Until no stay lives, and nothing is left on the call that is ours."""
        wait_for(self.is_over, within_s=12.0)

    def is_over(self) -> bool:
        supervising.run_due()
        return self.stay() is None and not self.our_legs() and pools.idle()


def mode_of(leg: dict[str, Any]) -> str:
    if leg["muted"]:
        return "listen"
    return "whisper" if leg["coaching"] else "barge"


@pytest.mark.parametrize(("provider", "request_", "mode", "effect"), cases(), indirect=["provider"])
def test_whatever_goes_wrong_nobody_hears_what_was_not_meant_for_them(
    floor: Floor, request_: str, mode: str, effect: str
) -> None:
    play = Play(floor, floor.call("faulty"))
    agent, customer = (floor.leg(play.conference, role).call_sid for role in ("agent", "customer"))
    before = people(floor, play.conference)
    if request_ == "arm":
        floor.sandbox.post(f"/_sandbox/legs/{agent}/set", {"hold": True})
        floor.sweep_again(play.conference)
    wait = {"after_ms": WAITS[effect]} if effect in WAITS else {}
    floor.fault(effect=effect, **wait, **REQUESTS[request_])
    play.wish("listen")
    if request_ == "arm":
        floor.sandbox.post(f"/_sandbox/legs/{agent}/set", {"hold": False})
        floor.sweep_again(play.conference)
    if play.stay() is not None:
        play.what_was_confirmed_is_true_after_a_fetch()
        play.wish(mode, **({"confirm": True} if mode == "barge" else {}))
        play.what_was_confirmed_is_true_after_a_fetch()
    if play.stay() is not None:
        play.wish("listen")
        play.what_was_confirmed_is_true_after_a_fetch()
    if play.stay() is not None:
        play.wish("leave")
    play.rest()
    assert violations(play, customer, late=effect == "apply_late") == []
    assert len(floor.dials()) <= Supervision.objects.count(), "nobody is dialled twice for one stay"
    assert touched(floor, (agent, customer)) == []
    assert people(floor, play.conference) == before
    assert no_outcome_is_missing()


def people(floor: Floor, conference: Conference) -> list[dict[str, Any]]:
    """Everybody on the call who is not ours."""
    return [leg for leg in floor.truth(conference)["legs"] if not (leg["label"] or "").startswith(OURS)]


def touched(floor: Floor, call_sids: tuple[str, ...]) -> list[tuple[str, ...]]:
    places = [row["place"] for method in ("POST", "DELETE") for row in floor.requests(method)]
    return [place for place in places if set(place) & set(call_sids)]


def no_outcome_is_missing() -> bool:
    """Every wish has ended; one whose request was never answered may stay unknown."""
    return all(state_of(one) in {*FINAL, State.UNKNOWN} for one in Intervention.objects.all())


def violations(play: Play, customer: str, *, late: bool) -> list[str]:
    """Every time that the customer heard the supervisor and should not have."""
    heard = play.floor.sandbox.get(f"/_sandbox/audibility/{play.conference.sid}")
    ours = set(LegRequest.objects.values_list("supervision__call_sid", flat=True))
    mutes = [row["at"] for row in play.floor.requests() if row["params"].get("Muted") == "true"]
    silencing = sorted(mutes + [row["at"] for row in play.floor.requests("DELETE")])
    found = []
    for row in heard:
        if row["speaker"] not in ours or row["listener"] != customer:
            continue
        until = row["to"] if row["to"] is not None else time.time()
        wished = [mode for at, mode in play.wishes if at <= row["from"]][-1]
        # An opening on its way when the wish changed cannot be called back.
        if wished != "barge" and not (late and until - row["from"] <= GRACE_S):
            found.append(f"heard under {wished} from {row['from']}")
        first = next((at for at in silencing if at >= row["from"]), None)
        if row["to"] is None or (first is not None and until - first > GRACE_S):
            found.append(f"heard for {until - (first or until):.2f} s after a mute")
    return found
