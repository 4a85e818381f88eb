"""Writes docs/providers.md: `python -m participants.capabilities_document > docs/providers.md`."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import fields

from .capabilities import refusals_json
from .providers import PROVIDERS, Provider
from .providers.capabilities import UNSURE, Operation, Reported
from .providers.parameters import Parameter

Kind = type[Provider]
NOTHING = "–"
INTRODUCTION = """# Providers

What Earshot knows of each provider, from the tables that its program works with. This file is written by
`python -m participants.capabilities_document > docs/providers.md`; a test compares the two. The same is at
`GET /api/v1/accounts/<key>/capabilities/` for one account. `(unsure)` marks what no document settles.
"""
THIRD = """## Adding a third provider

1. `participants/providers/<name>.py`: one class with the tables that this page shows, and what it signs and
   how (`<name>_callbacks.py` where that is long). Where it speaks the API that both others share, it is a
   `ClassicApi`.
2. `participants/providers/parameters.csv`: its rows, what it can be asked. A line that cannot be read stops
   Earshot when it starts.
3. `PROVIDERS` in `participants/providers/__init__.py`: one line.
4. `participants/sandbox/<name>.py`: its dialect, from its documentation and not from the class; its row in
   `DIALECTS` (`participants/sandbox/engine.py`), and the sandbox's account at it in
   `participants/management/demo/accounts.py`.
5. `tests/recordings/<name>/`: its callbacks as received.
6. This page, written anew.

Buttons, reasons, the API, the admin and the checks follow from the tables. A verb whose operation or
parameter is missing is `unsupported`; if any other file has to know the provider's name, a capability is
missing.
"""
REPORTED = {
    "conference_events": "Events of a conference",
    "call_events": "Events of a call that Earshot dialled",
    "flags_on_join": "Joining and leaving tell muted, hold, coaching",
    "mute_and_hold": "Mute and hold by anybody",
    "coaching": "That somebody coaches (whom, nobody says)",
    "leave_reason": "Why somebody left",
    "end_reason": "Why a call ended",
    "labels": "The label of a leg",
    "announcements": "That an announcement ended",
    "speakers": "Who is speaking",
    "sequence": "Callbacks are numbered without holes",
    "queue": "How long a dialled phone waited for its turn",
}
FACTS = {
    "Account needs, beside sid and secret": lambda kind: _listed(kind.needs),
    "Address of its API": lambda kind: kind.url,
    "Ending of every callback address": lambda kind: _listed(filter(None, [kind.callback_fragment])),
    "Says by a code that something has ended, beside 404": lambda kind: _listed(sorted(kind.gone_codes)),
    "Refuses a dial because of its coaching with": lambda kind: _listed(sorted(kind.refused_for_coaching)),
}


def document() -> str:
    kinds = list(PROVIDERS.values())
    parts = [INTRODUCTION, _side_by_side(kinds), *(_provider(kind) for kind in kinds), THIRD]
    return "\n".join(parts)


# --- side by side -----------------------------------------------------------------------------------------
def _side_by_side(kinds: Sequence[Kind]) -> str:
    titles = [kind.title for kind in kinds]
    facts = [[name, *(say(kind) for kind in kinds)] for name, say in FACTS.items()]
    reported = [
        [REPORTED[field.name], *(_reported(getattr(kind.reports, field.name)) for kind in kinds)]
        for field in fields(Reported)
    ]
    return "\n".join(
        [
            "## Side by side\n",
            _table(["", *titles], facts),
            "### What is reported\n",
            "Where it says no, Earshot learns it by asking, or not at all.\n",
            _table(["", *titles], reported),
            "### What is asked otherwise\n",
            f"Parameters that only one has, or that differ. {NOTHING}: it has none.\n",
            _table(["Operation", "Parameter", *titles], list(_differences(kinds))),
        ]
    )


def _reported(value: bool | tuple[str, ...]) -> str:
    return _listed(value) if isinstance(value, tuple) else "yes" if value else "no"


def _differences(kinds: Sequence[Kind]) -> Iterable[list[str]]:
    tables = [kind.operations() for kind in kinds]
    for operation in dict.fromkeys(name for table in tables for name in table):
        taken = [_asked(table.get(operation, {})) for table in tables]
        for key in dict.fromkeys(key for each in taken for key in each):
            said = [_spelling(each[key]) if key in each else NOTHING for each in taken]
            if len(set(said)) > 1:
                yield [f"`{operation}`", f"`{key}`", *said]


def _spelling(parameter: Parameter) -> str:
    default = _default(parameter)
    return parameter.allowed + (f"; default {default}" if default != NOTHING else "")


def _default(parameter: Parameter) -> str:
    """As it travels."""
    said = [] if parameter.default is None else parameter.wire(parameter.default)
    return " ".join([*said, *([] if parameter.sure else [UNSURE])]) or NOTHING


# --- one provider -----------------------------------------------------------------------------------------
def _provider(kind: Kind) -> str:
    steps = [f"{number}. {step}" for number, step in enumerate(kind.connecting.steps, 1)]
    refusals = [[f"`{each['code']}`", each["sentence"]] for each in refusals_json(kind, account="…")]
    return "\n".join(
        [
            f"## {kind.title}\n",
            "### Connecting an account\n",
            *steps,
            "\n### What its refusals mean\n",
            "Its own code and words are always shown beside the sentence.\n",
            _table(["Code", "What people are told"], refusals),
            "### What it can be asked\n",
            *(_operation(name, _asked(taken)) for name, taken in kind.operations().items()),
        ]
    )


def _asked(taken: Operation) -> Operation:
    """What stands in the path is ours to fill."""
    return {key: parameter for key, parameter in taken.items() if parameter.place != "path"}


def _operation(name: str, taken: Operation) -> str:
    if not taken:
        return f"#### `{name}`\n\nNothing is given with it.\n"
    rows = [
        [f"`{key}`", f"`{each.name}`", _kind(each), _default(each), each.allowed, each.note]
        for key, each in taken.items()
    ]
    head = ["Parameter", "Theirs", "Type", "Default", "Must be", "Notes"]
    return f"#### `{name}`\n\n{_table(head, rows)}"


def _kind(parameter: Parameter) -> str:
    unit = f", {parameter.unit}" if parameter.unit else ""
    return f"{parameter.kind}{unit}{', required' if parameter.required else ''}"


# --- Markdown ---------------------------------------------------------------------------------------------
def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or NOTHING


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([_cell(cell) for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(document())
