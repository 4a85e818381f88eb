"""A call in the sandbox and its mirrored rows, for tests that act on it over real HTTP."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User

from participants import pools, reading, supervising, sweep
from participants.models import Account, Conference, Intervention, Outcome, Participant, Supervision
from participants.providers import PROVIDERS
from participants.services.command import FINAL, Asked, state_of
from tests.factories import make_agent, make_sandbox_account, make_supervisor, make_team
from tests.patience import wait_for
from tests.sandbox.process import Sandbox


@dataclass
class Floor:
    """One account at the sandbox, one team, one agent, one supervisor; calls are added as needed."""

    sandbox: Sandbox
    account: Account
    user: User
    agents: list[Any] = field(default_factory=list)

    @property
    def provider(self) -> str:
        return self.account.provider

    @property
    def title(self) -> str:
        """The provider's name as the screen says it."""
        return PROVIDERS[self.provider].title

    def call(self, name: str, *legs: dict[str, Any], **more: Any) -> Conference:
        """A live call, already swept: by default an agent (labelled) and a customer."""
        legs = legs or (self.agent_leg(), self.customer_leg())
        asked = {"provider": self.provider, "friendly_name": name, "callbacks": False, "legs": list(legs)}
        made = self.sandbox.post("/_sandbox/conferences", asked | more)
        self.sweep()
        return Conference.objects.select_related("account").get(sid=made["sid"])

    def agent_leg(self, number: int = 1, **more: Any) -> dict[str, Any]:
        return {
            "label": f"agent-{number}",
            "from": "+12025550100",
            "to": f"client:agent-{number}",
            "direction": "outbound",
            "role": "agent",
            **more,
        }

    def customer_leg(self, **more: Any) -> dict[str, Any]:
        return {
            "from": "+442079460102",
            "to": "+12025550100",
            "direction": "inbound",
            "role": "customer",
            **more,
        }

    def sweep(self) -> None:
        sweep.sweep(self.account)
        wait_for(lambda: not Participant.objects.filter(role=None, left_at=None).exists())

    def sweep_again(self, conference: Conference) -> None:
        """Somebody changed the call at the provider, and no callback told of it."""
        supervising.touched(self.account, reading.roster(conference))

    def leg(self, conference: Conference, role: str, **more: Any) -> Participant:
        return Participant.objects.select_related("conference__account").get(
            conference=conference, role=role, left_at=None, **more
        )

    def agents_leg(self, conference: Conference, number: int) -> Participant:
        """That of the agent with this number, however Earshot came to know who it is."""
        return self.leg(conference, "agent", agent=self.agents[number - 1])

    def asked(self, **fields: Any) -> Asked:
        return Asked(by=self.user, **fields)

    def stay(self) -> Supervision:
        return Supervision.objects.get(user=self.user, ended_at=None)

    def truth(self, conference: Conference) -> dict[str, Any]:
        return self.sandbox.get(f"/_sandbox/conferences/{conference.sid}")

    def true_leg(self, conference: Conference, call_sid: str | None) -> dict[str, Any]:
        return next(leg for leg in self.truth(conference)["legs"] if leg["call_sid"] == call_sid)

    def audibility(self, conference: Conference, speaker: str, listener: str) -> list[dict[str, Any]]:
        found = self.sandbox.get(f"/_sandbox/audibility/{conference.sid}")
        return [row for row in found if row["speaker"] == speaker and row["listener"] == listener]

    def requests(self, method: str = "POST") -> list[dict[str, Any]]:
        """What this account's provider was asked, oldest first; `place`: see `place_of`."""
        rows = self.sandbox.get("/_sandbox/requests?since=0")
        mine = [row for row in rows if (row["provider"], row["method"]) == (self.provider, method)]
        return [{**row, "place": place_of(row["path"])} for row in mine]

    def dials(self) -> list[dict[str, Any]]:
        return [row for row in self.requests() if row["place"][-1] == "Participants"]

    def updates(self, call_sid: str | None = None, **params: str) -> list[dict[str, Any]]:
        """Changes of legs (of this one) that carry these parameters."""
        rows = [row for row in self.requests() if "Participants" in row["place"][:-1]]
        mine = [row for row in rows if call_sid in (None, row["place"][-1])]
        return [row for row in mine if params.items() <= row["params"].items()]

    def reads(self, *place: str) -> list[dict[str, Any]]:
        """Of everything whose place begins so."""
        return [row for row in self.requests("GET") if row["place"][: len(place)] == place]

    def fault(self, **fault: Any) -> None:
        self.sandbox.post("/_sandbox/faults/next", {"provider": self.provider, **fault})

    def confirmed(self, mode: str, *, within_s: float = 3.0) -> Supervision:
        return wait_for(lambda: self.confirmed_now(mode), within_s=within_s)

    def confirmed_now(self, mode: str) -> Supervision | None:
        supervising.run_due()
        return Supervision.objects.filter(user=self.user, ended_at=None, wanted=mode, confirmed=mode).first()

    def outcome(self, intervention: Intervention, state: str, *, within_s: float = 3.0) -> Outcome:
        """Waits for this outcome; another final one fails at once."""
        wait_for(lambda: self._concluded(intervention, state), within_s=within_s)
        newest = intervention.outcomes.order_by("-position")[0]
        assert newest.state == state, f"{newest.state} {newest.detail} {newest.message}"
        return newest

    def _concluded(self, intervention: Intervention, state: str) -> bool:
        supervising.run_due()
        return state_of(intervention) in {*FINAL, state}

    def ended(self, pk: Any, *, within_s: float = 5.0) -> Supervision:
        return wait_for(lambda: self._ended(pk), within_s=within_s)

    def _ended(self, pk: Any) -> Supervision | None:
        supervising.run_due()
        return Supervision.objects.filter(pk=pk).exclude(ended_at=None).first()


def quicker(monkeypatch: pytest.MonkeyPatch, module: ModuleType, **times: float) -> None:
    """These waiting times as this module knows them, in seconds: for a test that would wait for them."""
    monkeypatch.setattr(module, "TIMING", replace(module.TIMING, **times))


def place_of(path: str) -> tuple[str, ...]:
    """Where a request went, below the account: ("Conferences", sid, "Participants", call sid)."""
    below = path.partition("/Accounts/")[2].split("/")[1:]
    return tuple(unquote(part).removesuffix(".json") for part in below)


def standing_floor(provider: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    """For one test. Nothing of it runs on into the next: its stays end, and the pools come to rest."""
    yield make_floor(provider, sandbox, monkeypatch)
    Supervision.objects.filter(ended_at=None).update(next_step_at=None)
    wait_for(pools.idle)


def second_floor(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Floor:
    """The same people's calls at another provider, and somebody else who supervises them."""
    other = next(name for name in sorted(PROVIDERS) if name != floor.provider)
    team = make_team("Billing")
    account = make_sandbox_account(other, floor.sandbox, monkeypatch, default_team=team)
    return Floor(floor.sandbox, account, make_supervisor("second", teams=(team,)), floor.agents)


def make_floor(provider: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Floor:
    team = make_team("Billing")
    account = make_sandbox_account(provider, sandbox, monkeypatch, default_team=team)
    agents = [
        make_agent(f"Agent {n}", team=team, label=f"agent-{n}", addresses=(f"client:agent-{n}",))
        for n in (1, 2)
    ]
    user = make_supervisor("supervisor", teams=(team,), full_name="Sam Whitfield")
    return Floor(sandbox, account, user, agents)
