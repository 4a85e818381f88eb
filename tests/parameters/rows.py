"""Every row of the table of parameters with values that it can hold, values that it cannot, and its spelling.

Read and spelled here anew: nothing of the product's own reading of the table takes part.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[2] / "participants" / "providers" / "parameters.csv"
HOST = "https://cdn.example.com"
CALL_SIDS = {"twilio": "CA" + "0" * 32, "telnyx": "v3:" + "Leg_2-" * 9}
# Values of free texts and of addresses.
TEXTS: dict[str, list[Any]] = {
    "To": ["+447700900199", "client:agent-1", "sip:desk@sip.example.com"],
    "From": ["+12025550100"],
    "Label": ["desk 7", "Second level & more", "ünïcode"],
    "SipAuthUsername": ["earshot"],
    "SipAuthPassword": ["pa55 & word"],
    "Byoc": ["BY" + "a1" * 16],
    "CallReason": ["Your order 4711"],
    "CallToken": ["eyJhbGciOi.token"],
    "CallerDisplayName": ["Billing", "de", "x" * 255],
    "PreferredCodecs": ["PCMU,G722,OPUS"],
    "ApplicationSid": ["1900000000000000001"],
    "FriendlyName": ["billing-1041"],
    "Twiml": ["<Response><Hangup/></Response>"],
    "Texml": ["<Response><Hangup/></Response>"],
    "PageToken": ["PA1"],
    "ParentCallSid": [CALL_SIDS["twilio"]],
}
OF_ONE_PROVIDER: dict[tuple[str, str], list[Any]] = {
    ("twilio", "To"): [*TEXTS["To"], "client:agent-1?order=4711&vip=yes", "app:AP" + "0a" * 16],
    ("twilio", "CallerId"): ["+12025550100", "client:billing"],
    ("telnyx", "CallerId"): ["Billing desk", "x" * 128, ""],
    ("telnyx", "Status"): ["completed"],
}
# Every text is one of these to somebody: only what is no text at all is wrong.
SHAPED = {"To": ["0123", "12", "tel:+447700900199"], "Label": ["a/b", ".."]}
HEADERS = [{"name": "X-Order", "value": "4711"}, {"name": "X-Note", "value": "half = half & more"}]


@dataclass(frozen=True)
class Row:
    provider: str
    operation: str
    place: str
    name: str
    type: str
    required: bool
    default: str
    low: int | None
    high: int | None
    enum: str

    @property
    def id(self) -> str:
        return f"{self.provider}-{self.operation}-{self.name}"

    @property
    def key(self) -> str:
        """Our name of it: CallSidToCoach is call_sid_to_coach, StartTime> is start_time_after."""
        name = self.name.replace("<", "Before").replace(">", "After")
        before = " " + name
        parts = [
            ("_" if each.isupper() and (last.islower() or last.isdigit()) else "") + each.lower()
            for last, each in zip(before, name, strict=False)
        ]
        return "".join(parts)

    @property
    def words(self) -> list[str]:
        return [] if self.enum.startswith("^") else [word for word in self.enum.split("|") if word]

    @property
    def several(self) -> bool:
        return self.type in {"array of string", "string (words)"}

    @property
    def number(self) -> bool:
        return self.type.startswith("integer")

    # --- values -------------------------------------------------------------------------------------------
    def good(self) -> list[Any]:
        """Its default, its bounds and a middle, each of its words."""
        if self.type == "boolean":
            return [True, False]
        if self.type.startswith("array of {"):
            return [HEADERS, HEADERS[:1]]
        if self.number:
            return self._numbers()
        if self.several:
            return [*([word] for word in self.words), self.words]
        return self.words or self._texts()

    def _numbers(self) -> list[int]:
        default = self.default.split(" ")[0]
        given = [int(default)] if default.isdigit() else []
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        middle = [sum(bounds) // 2] if len(bounds) == 2 else []
        return list(dict.fromkeys([*given, *bounds, *middle])) or [20]

    def _texts(self) -> list[str]:
        known = OF_ONE_PROVIDER.get((self.provider, self.name), TEXTS.get(self.name))
        if known is not None:
            return known
        if "Url" in self.name or "Callback" in self.name:
            return [f"{HOST}/{self.key}?a=b&c=d", *([""] if self.low == 0 else [])]
        if self.type == "string(date-time)" or "Time" in self.name:
            return ["2026-11-21T10:15:00Z"]
        assert "Date" in self.name, f"{self.id}: say in TEXTS what it can be"
        return ["2026-11-21"]

    def wrong(self) -> list[Any]:
        """Below and above its range, of another type, another word, empty where that means nothing."""
        if self.type == "boolean":
            return ["true", "banana", "", 1, 0, [True]]
        if self.type.startswith("array of {"):
            return ["X-Order: 4711", [], [{"name": "X"}], {"X": "y"}, [{"name": "X Y", "value": "z"}]]
        if self.number:
            return [*self._out_of_range(), "20", "soon", "", 2.5, True]
        if self.several:
            return ["loud", "", [], [self.words[0], "loud"], [5], 5, {"0": self.words[0]}]
        if self.words:
            return ["loud", "", self.words[-1].swapcase(), f"{self.words[0]} ", 5, [self.words[0]]]
        return [5, True, ["text"], {"a": "text"}, *self._wrong_texts()]

    def _out_of_range(self) -> list[int]:
        below = [] if self.low is None else [self.low - 1]
        return below if self.high is None else [*below, self.high + 1]

    def _wrong_texts(self) -> list[str]:
        wrong = list(SHAPED.get(self.name, [])) if self.operation == "participant.create" else []
        if self.name == "Label":
            wrong.append(CALL_SIDS[self.provider])
        if self.type != "string" and self.low != 0:
            wrong.append("")
        if self.type == "string(uri)":
            wrong += ["nowhere", "ftp://cdn.example.com/a", "https://elsewhere.example.net/a", HOST + "/a b"]
        if self.type in {"string(date)", "string(date-time)"}:
            wrong += ["yesterday", "21.11.2026"]
        if self.type == "string(address)":
            wrong += ["two words", "client: agent"]
        if self.enum.startswith("^"):
            wrong.append("/")
        if self.high is not None:
            wrong.append("x" * (self.high + 1))
        if self.low:
            wrong.append("x" * (self.low - 1))
        return wrong

    # --- its spelling -------------------------------------------------------------------------------------
    def spelled(self, value: Any) -> list[tuple[str, str]]:
        """The pairs of the form, as the provider documents them."""
        if isinstance(value, bool):
            return [(self.name, "true" if value else "false")]
        if self.type.startswith("array of {"):
            return [
                (f"{self.name}[{at}][{part}]", header[part])
                for at, header in enumerate(value)
                for part in ("name", "value")
            ]
        if self.type == "string (words)":
            return [(self.name, " ".join(value))]
        if isinstance(value, list):
            return [(self.name, word) for word in value]
        return [(self.name, str(value))]


def rows(*operations: str, place: str = "") -> list[Row]:
    """Of these operations (of all), in the table's order."""
    return [
        row for row in _all() if (not operations or row.operation in operations) and place in ("", row.place)
    ]


def _all() -> Iterator[Row]:
    with TABLE.open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            yield Row(
                provider=row["provider"],
                operation=row["operation"],
                place=row["in"],
                name=row["name"],
                type=row["type"],
                required=row["required"] == "yes",
                default=row["default"],
                low=int(row["min"]) if row["min"] else None,
                high=int(row["max"]) if row["max"] else None,
                enum=row["enum"],
            )
