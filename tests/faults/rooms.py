"""The calls of a story, and who is on them."""

import random
from dataclasses import dataclass

from .floor import Json

RETURNS = range(9, 15)  # agents whose calls another team never sees


@dataclass
class Room:
    provider: str
    sid: str
    name: str
    agents: list[str]
    customers: list[str]
    ended: bool = False


def agent(number: int, *, again: bool = False) -> Json:
    label = f"agent-{number}" if not again else None
    return {
        "label": label,
        "from": "+12025550100",
        "to": f"client:agent-{number}",
        "direction": "outbound",
        "role": "agent",
    }


def customer(rng: random.Random) -> Json:
    number = f"+4420794{rng.randrange(60000, 69999)}"
    return {"from": number, "to": "+12025550100", "direction": "inbound", "role": "customer"}
