"""The form for dialling somebody in: its fields are made from what the provider can be asked.

Nothing that was left alone is sent, so that no default of ours ever takes the place of the provider's.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from .dial_words import CALL_NAME, COMMON, GROUPS, LEFT_OUT, MORE, TOLD, UNITS, told, word
from .display import Json, say

OPERATION = "participant.create"
SILENCE = "silence"  # what is written where an empty text means something
TYPES = {"integer": "number", "boolean": "choice", "word": "choice", "words": "several", "pairs": "lines"}
CHECKBOXES = {"record"}
SECRETS = {"sip_auth_password"}
SEPARATORS = re.compile(r"[\s()./-]+")
BOOLEANS = {"true": True, "false": False}
LONGEST = 2000
NAME, LONGEST_NAME = "friendly_name", 128
SENDABLE_NAME = re.compile(r"[^/\x00-\x1f\x7f]{1,128}")
NO_NAME = f"Must be a name of 1 to {LONGEST_NAME} characters, without a slash."


@dataclass(slots=True)
class Field:
    """One parameter as the page shows it.

    `control`: text, number, choice, several, lines, prose, check or secret.
    """

    name: str
    label: str
    control: str
    hint: str = ""
    unit: str = ""
    low: int | None = None
    high: int | None = None
    options: list[tuple[str, str]] = field(default_factory=list)
    usual: str = ""
    required: bool = False
    value: Any = ""
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    name: str
    title: str
    fields: list[Field]

    @property
    def open(self) -> bool:
        """Whether something in it was written or is wrong: it must not hide that."""
        return any(each.value or each.errors for each in self.fields)


def fields_of(parameters: Iterable[Json]) -> dict[str, Field]:
    """Every parameter of `participants.capabilities.operation_json` that the form offers, by its name."""
    return {each["name"]: _field(each) for each in parameters if each["name"] not in LEFT_OUT}


def groups_of(fields: Iterable[Field]) -> list[Group]:
    """In the order of the page; what nobody has put anywhere stands last."""
    sorted_: dict[str, list[Field]] = {name: [] for name in GROUPS}
    for each in fields:
        sorted_.get(told(each.name).group, sorted_[MORE]).append(each)
    return [Group(name, GROUPS[name], each) for name, each in sorted_.items() if each and name != COMMON]


def common(fields: Iterable[Field]) -> list[Field]:
    """What is asked most often, in its own order."""
    order = list(TOLD)
    return sorted(
        (each for each in fields if told(each.name).group == COMMON), key=lambda each: order.index(each.name)
    )


def _field(parameter: Json) -> Field:
    name, words = parameter["name"], told(parameter["name"])
    control = TYPES.get(parameter["type"], "text")
    control = "check" if name in CHECKBOXES else "secret" if name in SECRETS else control
    booleans = ["true", "false"] if parameter["type"] == "boolean" else []
    options = [(each, word(name, each)) for each in [*booleans, *parameter["words"]]]
    usual = _usual(parameter)
    return Field(
        name=name,
        label=words.label,
        control=control,
        hint=_hint(parameter, usual if control not in {"choice", "check"} else ""),
        unit=UNITS.get(parameter["unit"] or "", ""),
        low=parameter["min"],
        high=parameter["max"] or (LONGEST if control in {"text", "secret"} else None),
        options=options,
        usual=usual.rstrip("."),
        required=name == "to",
    )


def _hint(parameter: Json, usual: str) -> str:
    """Its sentence, its bounds, its default."""
    return " ".join(filter(None, (told(parameter["name"]).sentence, _bounds(parameter), usual)))


def _bounds(parameter: Json) -> str:
    low, high = parameter["min"], parameter["max"]
    if parameter["type"] in {"address", "uri"} or low is high is None:
        return ""
    unit = UNITS.get(parameter["unit"] or "", "") if parameter["type"] == "integer" else "characters"
    if low == high:
        return f"{low} {unit}".strip() + "."
    bounds = f"{low} to {high}" if high is not None else f"{low} or more"
    return f"{bounds if low is not None else f'At most {high}'} {unit}".strip() + "."


def _usual(parameter: Json) -> str:
    """What holds when nothing is given, in words."""
    default = parameter["default"]
    if default is None:
        if parameter["name"] == "to":
            return ""
        otherwise = told(parameter["name"]).otherwise
        return f"Default: {otherwise or 'not stated by the provider'}."
    values = default if isinstance(default, list | tuple) else [default]
    texts = [str(each).lower() if isinstance(each, bool) else str(each) for each in values]
    sure = "" if parameter["sure"] else ", as far as is known"
    said = ", ".join(word(parameter["name"], each) for each in texts)
    return f"Default: {said} {UNITS.get(parameter['unit'] or '', '')}".rstrip() + f"{sure}."


def own_fields() -> list[Field]:
    """What Earshot does beside the provider's part."""
    roles = [(role, say(f"role.{role}")) for role in ("agent", "customer", "other")]
    return [
        Field(
            "role",
            told("role").label,
            "choice",
            told("role").sentence,
            options=roles,
            usual=told("role").otherwise,
        ),
        Field(
            "announcement", told("announcement").label, "prose", told("announcement").sentence, high=LONGEST
        ),
    ]


def name_field() -> Field:
    """Of the call, where nobody has chosen one."""
    return Field(NAME, CALL_NAME.label, "text", CALL_NAME.sentence, low=1, high=LONGEST_NAME, required=True)


def plain_number(typed: str) -> str:
    """A number without what people write between its digits."""
    return SEPARATORS.sub("", typed) if typed.startswith("+") else typed


# --- what was written ---------------------------------------------------------------------------------------
def read(fields: Mapping[str, Field], posted: QueryDict) -> Json:
    """The values that were given, each with its type; what cannot be one is noted at its field.

    Each field keeps what was written, so that the page can show it again. Secrets are not shown again.
    """
    values = {}
    for name, each in fields.items():
        given = _given(each, posted)
        if given is not None:
            values[name] = given
    return values


def _given(each: Field, posted: QueryDict) -> Any:
    if each.control == "several":
        each.value = posted.getlist(each.name)
        return each.value or None
    text = posted.get(each.name, "").strip()
    each.value = "" if each.control == "secret" else text
    if not text:
        return None
    match each.control:
        case "check":
            return True
        case "number":
            return _number(each, text)
        case "lines":
            return _pairs(each, text)
        case "choice" if [value for value, _ in each.options] == [*BOOLEANS]:
            return BOOLEANS.get(text, text)
        case "text" if text.lower() == SILENCE and each.low == 0:
            return ""
    return text


def _number(each: Field, text: str) -> int | None:
    if re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
        return int(text)
    each.errors.append("Must be a whole number.")
    return None


def _pairs(each: Field, text: str) -> list[Json] | None:
    pairs = []
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or not name.strip():
            each.errors.append("Must be a name, a colon and a value on each line.")
            return None
        pairs.append({"name": name.strip(), "value": value.strip()})
    return pairs or None


def note(fields: Mapping[str, Field], wrong: Mapping[str, list[str]]) -> list[str]:
    """Puts what the service found wrong beside its field; returns what belongs to none of them."""
    elsewhere = []
    for name, sentences in wrong.items():
        if name in fields:
            fields[name].errors += sentences
        else:
            elsewhere += [f"{name}: {sentence}" for sentence in sentences]
    return elsewhere
