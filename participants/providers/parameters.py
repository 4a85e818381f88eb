"""One parameter of a provider's operation: what it can hold, in words, and how it is spelled on the wire."""

import re
from dataclasses import dataclass

from .errors import NotSent

UNITS = {"s": " seconds", "ms": " milliseconds"}
# Everything but `true` un-mutes at one provider, with a 200: no other spelling may leave this house.
BOOLEAN = {True: "true", False: "false"}
Default = bool | int | str | tuple[str, ...]
FORMS = {
    "address": (re.compile(r"[^\x00-\x1f\s]+"), "a number, client:… or sip:… without spaces"),
    "uri": (re.compile(r"https?://[^\s/?#]+[^\s]*"), "an address that begins with http:// or https://"),
    "uuid": (re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "a uuid"),
    "date": (re.compile(r"\d{4}-\d\d-\d\d"), "a day as in 2026-11-21"),
    "date-time": (
        re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
        "a time as in 2026-11-21T10:15:00Z",
    ),
}
MOST_PAIRS = 20
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
HEADER_VALUE = re.compile(
    r"[\x21-\x7e\u00a1-\uffff]([\x20-\x7e\u00a1-\uffff]{0,254}[\x21-\x7e\u00a1-\uffff])?"
)
_SID = re.compile(r"\^([A-Z]{2})\[0-9a-fA-F\]\{32\}\$")


class BadParameter(NotSent, ValueError):
    """A parameter that the provider does not have, or a value that it cannot hold: nothing was sent.

    A text is never repeated in the sentence: it may be a password or somebody's number.
    """

    def __init__(self, field: str, allowed: str, value: object = "") -> None:
        said = f" is {value!r}, it" if isinstance(value, int | float) else ""
        super().__init__(f"{field}{said} must be {allowed}.")
        self.field = field
        self.allowed = allowed


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter of one operation. `low` and `high` bound a number, or the length of a text."""

    name: str  # theirs: CallSidToCoach
    key: str  # ours: call_sid_to_coach
    place: str  # path, query, form
    kind: str  # a first word of TYPES; `word`: one of `words`, `words`: several of them
    unit: str  # s, ms, or none
    required: bool
    default: Default | None  # None: none is stated, or it is no value but a rule, which `note` tells then
    sure: bool  # False: no document settles the default
    low: int | None
    high: int | None
    words: tuple[str, ...]
    pattern: str
    note: str
    between: str | None  # what stands between several words in one text; None: the name is repeated

    def wire(self, value: object) -> list[str]:
        """The texts that are sent under `name`, each with it. Raises BadParameter."""
        texts = self._texts(value)
        if texts is None:
            raise BadParameter(self.key, self.allowed, value)
        return texts

    def sent(self, value: object) -> list[tuple[str, str]]:
        """The pairs of a form that carry the value. Raises BadParameter."""
        if self.kind != "pairs":
            return [(self.name, text) for text in self.wire(value)]
        rows = _pairs(value)
        if rows is None:
            raise BadParameter(self.key, self.allowed, value)
        # How an array of objects travels in a form no document says; this is how forms usually nest, and what
        # the provider's other arrays of objects look like in the answers of people who tried.
        return [
            (f"{self.name}[{number}][{part}]", text)
            for number, row in enumerate(rows)
            for part, text in (("name", row[0]), ("value", row[1]))
        ]

    def _texts(self, value: object) -> list[str] | None:
        match self.kind, value:
            case ("boolean", bool()):
                return [BOOLEAN[value]]
            case ("integer", int()) if not isinstance(value, bool) and self._within(value):
                return [str(value)]
            case ("word", bool()) if BOOLEAN[value] in self.words:
                return [BOOLEAN[value]]
            case ("word", str()) if value in self.words:
                return [value]
            case ("words", str()) if value.split():
                return self._texts(value.split())
            case ("words", list() | tuple()) if value and all(each in self.words for each in value):
                return list(value) if self.between is None else [self.between.join(value)]
            case ("text" | "address" | "uri" | "uuid" | "date" | "date-time", str()) if self._fits(value):
                return [value]
        return None

    def _within(self, number: int) -> bool:
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)

    def _fits(self, text: str) -> bool:
        if text == "" and self.kind != "text":
            return self.low == 0
        whole, _ = FORMS.get(self.kind, (None, ""))
        return (
            self._within(len(text))
            and (whole is None or whole.fullmatch(text) is not None)
            and (not self.pattern or re.fullmatch(self.pattern, text) is not None)
        )

    @property
    def allowed(self) -> str:
        """What it can hold, in words."""
        match self.kind:
            case "boolean":
                return "true or false"
            case "integer":
                return self._number_allowed()
            case "word":
                return f"one of: {', '.join(self.words)}"
            case "words":
                return f"a list of: {', '.join(self.words)}"
            case "pairs":
                return (
                    f"a list of at most {MOST_PAIRS} objects with name (letters, digits and hyphens,"
                    " each once) and value (1 to 256 visible characters)"
                )
        return self._text_allowed()

    def _number_allowed(self) -> str:
        unit, bounds = UNITS.get(self.unit, ""), _range(self.low, self.high)
        return f"{bounds}{unit}" if bounds else f"a whole number{unit and ' of'}{unit}"

    def _text_allowed(self) -> str:
        if sid := _SID.fullmatch(self.pattern):
            return f"{sid[1]} and 32 hex digits"
        if self.kind in FORMS:
            return FORMS[self.kind][1] + (", or empty" if self.low == 0 else "")
        length = _range(self.low, self.high)
        said = f"a text of {length} characters" if length else "a text"
        return f"{said} that matches {self.pattern}" if self.pattern else said


def _pairs(value: object) -> list[tuple[str, str]] | None:
    """Name and value of each header; None where one of them could be read as something else."""
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MOST_PAIRS:
        return None
    if not all(isinstance(row, dict) and row.keys() == {"name", "value"} for row in value):
        return None
    rows = [(row["name"], row["value"]) for row in value]
    if not all(isinstance(text, str) for row in rows for text in row):
        return None
    known = all(HEADER_NAME.fullmatch(name) and HEADER_VALUE.fullmatch(said) for name, said in rows)
    return rows if known and len({name.lower() for name, _ in rows}) == len(rows) else None


def _range(low: int | None, high: int | None) -> str:
    if low is None:
        return f"at most {high}" if high is not None else ""
    return f"{low} to {high}" if high is not None else f"{low} or more"
