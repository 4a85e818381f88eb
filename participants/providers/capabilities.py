"""What each provider can be asked, and how it is spelled: the rows of `parameters.csv`, read strictly.

One row is one parameter of one operation: `type` with its unit, `min` and `max` (of a number its value, of a
text its length), `enum` (words between bars, or a pattern between ^ and $), `default` (a value that can be
given, and ` (unsure)` where no document settles it; what is no value is told in `notes`). Against the list
that it was made from, the table lacks the column of sources, which named papers that nobody else has, and
says `string (words)` where one text holds several words.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .exchange import Fields
from .parameters import BOOLEAN, BadParameter, Default, Parameter

TABLE = Path(__file__).with_name("parameters.csv")
COLUMNS = (
    "provider",
    "operation",
    "in",
    "name",
    "type",
    "required",
    "default",
    "min",
    "max",
    "enum",
    "notes",
)
PLACES = ("path", "query", "form")
# Type of the table: its kind, its unit, and what stands between several words in one text.
TYPES: dict[str, tuple[str, str, str | None]] = {
    "string": ("text", "", None),
    "string(address)": ("address", "", None),
    "string(uri)": ("uri", "", None),
    "string(uuid)": ("uuid", "", None),
    "string(date)": ("date", "", None),
    "string(date-time)": ("date-time", "", None),
    "string (words)": ("words", "", " "),
    "array of string": ("words", "", None),
    "array of {name,value}": ("pairs", "", None),
    "boolean": ("boolean", "", None),
    "integer": ("integer", "", None),
    "integer (s)": ("integer", "s", None),
    "integer (ms)": ("integer", "ms", None),
}
UNSURE = "(unsure)"
_WORDS = re.compile(r"[A-Za-z0-9][\w-]*(\|[A-Za-z0-9][\w-]*)*")
Operation = Mapping[str, Parameter]
Operations = Mapping[str, Operation]  # "participant.update" -> "muted" -> Parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a provider tells by itself. What is false here, Earshot learns by asking, or never."""

    conference_events: tuple[str, ...]
    call_events: tuple[str, ...]
    flags_on_join: bool  # join and leave carry muted, hold and coaching
    mute_and_hold: bool
    coaching: bool  # that a leg coaches; of whom, no provider says
    leave_reason: bool
    end_reason: bool
    labels: bool
    announcements: bool
    speakers: bool
    sequence: bool  # callbacks are numbered without holes
    queue: bool  # how long a dialled leg waited for its turn


def fields(operation: str, parameters: Operation, values: Mapping[str, object]) -> Fields:
    """The query or form of a request from our keys (`from_` is `from`); what is None is left out.

    Raises BadParameter for an unknown key, a wrong value, or a required one that is not there.
    """
    given = {key.rstrip("_"): value for key, value in values.items() if value is not None}
    sent = {key: parameter for key, parameter in parameters.items() if parameter.place != "path"}
    for key in given:
        if key not in sent:
            raise BadParameter(key, f"left out: {operation} has no such parameter")
    for key, parameter in sent.items():
        if parameter.required and key not in given:
            raise BadParameter(key, f"given: {parameter.allowed}")
    return [pair for key, value in given.items() for pair in sent[key].sent(value)]


# --- reading the table ------------------------------------------------------------------------------------
def read_table(lines: Iterable[str]) -> dict[str, dict[str, dict[str, Parameter]]]:
    """{provider: {operation: {our key: Parameter}}}; raises ValueError that names the line it cannot read."""
    rows = csv.DictReader(lines)
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise ValueError(f"The table of parameters must have the columns {', '.join(COLUMNS)}.")
    table: dict[str, dict[str, dict[str, Parameter]]] = {}
    for row in rows:
        try:
            parameter = _parameter(row)
            operation = table.setdefault(row["provider"], {}).setdefault(row["operation"], {})
            if parameter.key in operation:
                raise ValueError(f"{parameter.key} stands twice")
        except (KeyError, ValueError, re.error) as wrong:
            raise ValueError(f"Line {rows.line_num} of the table of parameters: {wrong}") from None
        operation[parameter.key] = parameter
    return table


def _parameter(row: dict[str, Any]) -> Parameter:
    if None in row.values() or None in row:
        raise ValueError("too few or too many columns")
    if row["in"] not in PLACES or not re.fullmatch(r"[a-z_]+\.[a-z]+", row["operation"]):
        raise ValueError(f"{row['in']} or {row['operation']} is not known")
    kind, unit, between = TYPES[row["type"]]
    pattern, words = _values(row["enum"])
    if kind == "text" and words:
        kind = "word"
    if (kind == "words") > bool(words) or (words and kind not in {"word", "words", "boolean"}):
        raise ValueError(f"{kind} with {words or 'no'} words")
    if kind == "boolean" and words not in {(), tuple(BOOLEAN.values())}:
        raise ValueError(f"a boolean that may be {words}")
    parameter = Parameter(
        name=row["name"],
        key=key_of(row["name"]),
        place=row["in"],
        kind=kind,
        unit=unit,
        required={"yes": True, "no": False}[row["required"]],
        default=_default(kind, row["default"].removesuffix(UNSURE).rstrip()),
        sure=not row["default"].endswith(UNSURE),
        low=int(row["min"]) if row["min"] else None,
        high=int(row["max"]) if row["max"] else None,
        words=words if kind != "boolean" else (),
        pattern=pattern,
        note=row["notes"],
        between=between,
    )
    if parameter.default is not None:
        parameter.wire(parameter.default)
    return parameter


def _default(kind: str, text: str) -> Default | None:
    """As it would be given; a word that is not one of the kind stays a text, which `wire` refuses."""
    if not text:
        return None
    if kind == "boolean":
        return {spelled: value for value, spelled in BOOLEAN.items()}.get(text, text)
    if kind == "integer":
        return int(text)
    return tuple(text.split()) if kind == "words" else text


def _values(enum: str) -> tuple[str, tuple[str, ...]]:
    """The pattern, or the words."""
    if enum.startswith("^") and enum.endswith("$"):
        re.compile(enum)
        return enum, ()
    if enum and not _WORDS.fullmatch(enum):
        raise ValueError(f"{enum!r} is neither words between bars nor a pattern between ^ and $")
    return "", tuple(enum.split("|")) if enum else ()


def key_of(name: str) -> str:
    """Our name of a parameter: CallSidToCoach is call_sid_to_coach, StartTime> is start_time_after."""
    for sign, word in (("<", "Before"), (">", "After")):
        name = name.replace(sign, word)
    if not re.fullmatch(r"[A-Za-z]\w*", name):
        raise ValueError(f"{name!r} is no name")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


with TABLE.open(newline="", encoding="utf-8") as _lines:
    _TABLE = read_table(_lines)


def operations_of(provider: str) -> Operations:
    """What the provider of this name can be asked; nothing for one without rows."""
    return _TABLE.get(provider, {})
