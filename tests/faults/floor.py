"""The provider's truth about the calls of a test, as the sandbox tells it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.site import Site

Json = dict[str, Any]
OURS = "earshot-"


@dataclass
class Floor:
    """What the story made: `people`, by call sid, everybody who is not ours, as "agent" or "customer".

    `meddled`: when somebody else changed a flag, by call sid.
    """

    site: Site
    people: dict[str, str] = field(default_factory=dict)
    sids: dict[str, str] = field(default_factory=dict)  # conference -> provider
    meddled: list[tuple[float, str]] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)  # legs of people whom a command was about
    began: float = 0.0  # by the sandbox's clock

    def truth(self, sid: str) -> Json:
        return dict(self.site.sandbox.get(f"/_sandbox/conferences/{sid}"))

    def heard(self, sid: str) -> list[Json]:
        """Who heard one of ours, from when to when."""
        found, people = self.site.sandbox.get(f"/_sandbox/audibility/{sid}"), self.people
        return [row for row in found if row["speaker"] not in people and row["listener"] in people]

    def journal(self) -> list[Json]:
        """What the providers were asked about these conferences, oldest first."""
        asked = self.site.sandbox.get(f"/_sandbox/requests?since={self.began}")
        known = set(self.sids)
        return [row for row in asked if known & set(row["path"].split("/"))]

    def now(self) -> float:
        return float(self.site.sandbox.get("/_sandbox/time")["now"])

    def ours(self, sid: str) -> list[Json]:
        return [leg for leg in self.truth(sid)["legs"] if (leg["label"] or "").startswith(OURS)]


# --- what was asked ---------------------------------------------------------------------------------------
def leg_of(ask: Json) -> str:
    """The call sid or label at the end of a request's path."""
    return unquote(ask["path"].rstrip("/").split("/")[-1]).removesuffix(".json")


def says_muted(ask: Json) -> bool | None:
    said = ask["params"].get("Muted")
    return None if said is None or ask["method"] != "POST" else said == "true"


def applied(ask: Json) -> bool:
    return not (ask["status"] and ask["status"] >= 400)
