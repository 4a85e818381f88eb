"""A person at the public API, over plain HTTP."""

from itertools import count
from typing import Any

from tests.patience import ANSWER_S
from tests.site import Site

Json = dict[str, Any]
_numbers = count(1)


class Person:
    def __init__(self, site: Site, username: str) -> None:
        self.site, self.http = site, site.visitor(username).http
        self.headers = {"X-CSRFToken": self.http.cookies["csrftoken"], "Referer": site.url}

    def get(self, path: str) -> Json:
        answer = self.http.get(f"{self.site.url}/api/v1/{path}", timeout=ANSWER_S)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def post(self, path: str, body: Json | None = None) -> tuple[int, Json]:
        url = f"{self.site.url}/api/v1/{path}"
        answer = self.http.post(url, json=body or {}, headers=self.headers, timeout=ANSWER_S)
        return answer.status_code, dict(answer.json())

    def find(self, sid: str) -> Json | None:
        return next(iter(self.get(f"conferences/?status=all&sid={sid}")["results"]), None)

    def strip(self) -> Json:
        return dict(self.get("me/")["strip"])

    def until(self, code: str, *, within_s: float = 4.0) -> Json:
        """The strip, once it shows `code`."""
        return dict(
            self.site.wait_for(
                lambda: strip if (strip := self.strip())["code"] == code else None, within_s=within_s
            )
        )


class Call:
    """A conference in the sandbox with a customer and these agents, as `person` sees it."""

    def __init__(
        self, person: Person, provider: str, *agents: int, legs: tuple[Json, ...] = (), record: bool = False
    ) -> None:
        self.person, self.sandbox, self.provider = person, person.site.sandbox, provider
        number = next(_numbers)
        customer = {
            "from": f"+44770090{number:04}",
            "to": "+12025550100",
            "direction": "inbound",
            "role": "customer",
        }
        made = self.sandbox.post(
            "/_sandbox/conferences",
            {
                "provider": provider,
                "friendly_name": f"outside {number}",
                "callbacks": True,
                "record": record,
                "legs": [customer, *(_agent(agent) for agent in agents), *legs],
            },
        )
        self.sid = made["sid"]
        self.call_sids = [leg["call_sid"] for leg in made["legs"]]
        self.id = person.site.wait_for(self._begun)["id"]

    def _begun(self) -> Json | None:
        found = self.person.find(self.sid)
        complete = (
            found and found["status"] == "in-progress" and len(found["participants"]) == len(self.call_sids)
        )
        return found if complete and all(leg["role"] for leg in found["participants"]) else None

    def seen(self) -> Json:
        return self.person.get(f"conferences/{self.id}/")

    def leg(self, index: int) -> Json:
        """The customer is 0, then the agents in their order."""
        legs = self.seen()["participants"]
        return next(leg for leg in legs if leg["call_sid"] == self.call_sids[index])

    def ask(self, verb: str, body: Json | None = None) -> tuple[int, Json]:
        body = {"confirm": True} if verb == "barge" and body is None else body
        return self.person.post(f"conferences/{self.id}/{verb}/", body)

    def ask_leg(self, index: int, verb: str, body: Json | None = None) -> tuple[int, Json]:
        return self.person.post(f"participants/{self.leg(index)['id']}/{verb}/", body)

    def truth(self) -> Json:
        return dict(self.sandbox.get(f"/_sandbox/conferences/{self.sid}"))

    def fault(self, effect: str, operation: str, **more: Any) -> None:
        fault = {"provider": self.provider, "effect": effect, "operation": operation, **more}
        self.sandbox.post("/_sandbox/faults/next", fault)

    def standing_faults(self, **faults: float | None) -> None:
        """Of all that this call's provider is asked; None ends one."""
        self.sandbox.post("/_sandbox/faults", {"provider": self.provider, **faults})

    def now(self) -> float:
        """Seconds of the sandbox's clock."""
        return float(self.sandbox.get("/_sandbox/time")["now"])

    def close(self) -> None:
        """Nobody of ours stays on it."""
        if self.truth()["status"] != "completed":
            self.sandbox.post(f"/_sandbox/conferences/{self.sid}/end")
        self.person.site.wait_for(lambda: not self.person.get("me/")["supervision"])


def _agent(number: int) -> Json:
    return {
        "label": f"agent-{number}",
        "from": "+12025550100",
        "to": f"client:agent-{number}",
        "direction": "outbound",
        "role": "agent",
    }
