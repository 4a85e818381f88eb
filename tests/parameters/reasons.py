"""Rows that nobody can ask for from outside, each with its reason; a new row without a route needs one."""

WHERE = "a place in the path: Earshot knows where the call is, and says it"
COACHING = "who hears whom of a supervisor's line Earshot alone decides: 409 use_modes"
CONFIRMED = "a call is ended with end/, which asks first"
BUTTONS = "a recording is paused, resumed and stopped with verbs of its own"
WHOLE_LISTS = "Earshot reads whole lists and filters its own rows: a reader asks Earshot"
MOVED = "a leg leaves its call with DELETE; Earshot gives no running call another document"

# Operation -> name of the parameter ("*": each) -> why.
NOT_FROM_OUTSIDE: dict[str, dict[str, str]] = {
    "participant.create": {"Coaching": COACHING, "CallSidToCoach": COACHING},
    "participant.update": {"Coaching": COACHING, "CallSidToCoach": COACHING},
    "conference.update": {"Status": CONFIRMED},
    "conference_recording.update": {"Status": BUTTONS, "PauseBehavior": BUTTONS},
    "call_recording.update": {"Status": BUTTONS},
    "call.update": {"*": MOVED},
    "conference.list": {"*": WHOLE_LISTS},
    "participant.list": {"*": WHOLE_LISTS},
    "conference_recording.list": {"*": WHOLE_LISTS},
    "recording.list": {"*": WHOLE_LISTS},
    "call.list": {"*": WHOLE_LISTS},
}
# Operations with a route, and the file that takes each of their other parameters through it.
FROM_OUTSIDE = frozenset(
    {"participant.create", "participant.update", "conference.update", "call_recording.start"}
)


def why_not_from_outside(operation: str, place: str, name: str) -> str:
    """Empty for what has a route."""
    if place == "path":
        return WHERE
    known = NOT_FROM_OUTSIDE.get(operation, {})
    return known.get(name, known.get("*", ""))
