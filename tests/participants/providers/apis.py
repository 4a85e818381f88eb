"""What a test has to know of each provider's API to play its server, or to be its client at the sandbox."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from participants.providers import PROVIDERS, Provider
from participants.sandbox import telnyx_account, twilio_account

CUSTOMER = {"from": "+442079460102", "to": "+12025550100", "direction": "inbound", "role": "customer"}
AGENT = {
    "from": "+12025550100",
    "to": "client:agent-1",
    "direction": "outbound",
    "role": "agent",
    "label": "agent-1",
}


@dataclass(frozen=True, kw_only=True)
class Api:
    """Sids in its shape that are nobody's, its bodies and its codes."""

    name: str
    sid: str
    secret: str
    foreign_sid: str
    room: str
    other_room: str
    leg: str
    other_leg: str
    root: str  # of every path
    target: str  # the field that names the coached leg
    created: int  # the status of an answer to a dial
    not_found: str  # the code of a 404
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return PROVIDERS[self.name].title

    def account(self, url: str, **changes: str) -> SimpleNamespace:
        facts = {"application_sid": "", "public_key": "", **self.facts}
        return SimpleNamespace(
            **{"key": self.name, "sid": self.sid, "api_url": url, "caller_id": "+12025550100"}
            | facts
            | changes
        )

    def at(self, url: str, *, secret: str = "", **changes: str) -> Any:
        """The provider, speaking to `url`."""
        made: Provider = PROVIDERS[self.name](self.account(url, **changes), secret or self.secret)
        return made

    def leg_body(self, **changes: Any) -> str:
        about = {"conference_sid": self.room, "call_sid": self.leg, "muted": True, "status": "connected"}
        return json.dumps(about | changes)

    def error(self, code: str | None, message: str) -> str:
        if self.name == "twilio":
            return json.dumps({"code": int(code) if code else None, "message": message})
        return json.dumps({"errors": [{"detail": message, **({"code": code} if code else {})}]})


APIS = {
    "twilio": Api(
        name="twilio",
        sid=twilio_account.ACCOUNT_SID,
        secret="sandbox-twilio-token",
        foreign_sid="AC00000000000000000000000000000002",
        room="CF" + "1" * 32,
        other_room="CF" + "3" * 32,
        leg="CA" + "2" * 32,
        other_leg="CA" + "3" * 32,
        root="/2010-04-01/Accounts/",
        target="call_sid_to_coach",
        created=201,
        not_found="20404",
    ),
    "telnyx": Api(
        name="telnyx",
        sid=telnyx_account.ACCOUNT_SID,
        secret=telnyx_account.API_KEY,
        foreign_sid="00000000-0000-4000-8000-000000000009",
        room="11111111-1111-4111-8111-111111111111",
        other_room="33333333-3333-4333-8333-333333333333",
        leg="v3:" + "Leg_2-" * 9,
        other_leg="v3:" + "Leg_3-" * 9,
        root="/v2/texml/Accounts/",
        target="coaching_call_sid",
        created=200,
        not_found="",
        facts={
            "application_sid": telnyx_account.APPLICATION_SID,
            "public_key": telnyx_account.PUBLIC_KEY,
        },
    ),
}
