"""What a change of facts means, in words: "is on hold", "has left"."""

from collections.abc import Collection
from typing import Any

from participants.models import Change

from .people import People
from .words import (
    ANSWERED,
    CALL,
    DID,
    IS,
    REASONS,
    RECORDING,
    SOMEBODY_UNKNOWN,
    UNUSUAL_ONLY_LATER,
    USUAL,
)


def of_leg(change: Change, people: People, *, but: Collection[str] = ()) -> str:
    """What became of the person, without their name; empty: nothing that is worth a word."""
    is_, did = [], []
    for column, (was, now) in change.facts.items():
        if column in but or (was is None and _is_usual(column, now)):
            continue
        if (column, now) in IS:
            is_.append(IS[column, now].format(target=_target(change, people)))
        elif (column, now) in DID:
            did.append(DID[column, now])
        elif column == "coaching_call_sid" and "coaching" not in change.facts and now:
            is_.append(IS["coaching", True].format(target=_target(change, people)))
        elif column == "answered_by" and now:
            did.append(f"was answered by {ANSWERED.get(now, now)}")
    return listed([f"is {listed(is_)}" if is_ else "", *did])


def _is_usual(column: str, value: Any) -> bool:
    return (column, value) in USUAL or column in UNUSUAL_ONLY_LATER


def _target(change: Change, people: People) -> str:
    told = change.facts.get("coaching_call_sid")
    target = told[1] if told else change.participant and change.participant.coaching_call_sid
    return people.named(target) if target else SOMEBODY_UNKNOWN


def of_call(change: Change) -> str:
    """What became of the call, as "has ended: everybody hung up"; empty: nothing that is worth a word."""
    facts = {column: now for column, (_, now) in change.facts.items()}
    said = CALL.get(facts.get("status") or "", "")
    if facts.get("reason_ended"):
        said = f"{said or CALL['completed']}: {reason(facts['reason_ended'])}"
    recording = RECORDING.get(facts.get("recording") or "", "")
    return listed([said, recording])


def reason(word: str) -> str:
    """Why a call ended; a word that Earshot does not know stands as it came."""
    return REASONS.get(word, word.replace("-", " "))


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *most, last = [word for word in words if word] or [""]
    return f"{', '.join(most)} and {last}" if most else last
