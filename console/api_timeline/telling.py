"""Each row of a call's story as a sentence: what was told, found, asked for or done, and what it changed."""

from functools import cached_property
from typing import Any, NamedTuple

from participants.models import Callback, Change, Intervention, Outcome
from participants.serializers import user_json

from . import facts
from .departures import Departures
from .people import People, begin
from .rows import Row
from .words import (
    CORRECTED,
    CORRECTED_CUSTOMER,
    DEEDS,
    DIALS,
    EVENTS,
    FOUND,
    LATE,
    NOTHING_CHANGED,
    NOTHING_NEW,
    ONE_LEG,
    OUTCOMES,
    PLAYED,
    REJECTED,
    SAYS,
    STOP,
    TWICE,
    UNREPORTED,
    WHOLE,
    WHY,
    WITHOUT_A_WORD,
)

Json = dict[str, Any]
State = Outcome.State
Verdict = Callback.Verdict
UNCHANGED = {Verdict.SUPERSEDED: LATE, Verdict.DUPLICATE: TWICE, Verdict.UNKNOWN: NOTHING_CHANGED}
GONE = {"complete", "failed"}


class Item(NamedTuple):
    """`row`: what it was made from."""

    kind: str
    text: str
    row: Row
    participant: str | None = None
    by: Json | None = None
    evidence: str | None = None


class Teller:
    """Tells the rows of one call."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.departures = Departures(people)

    def item(self, row: Row) -> Item | None:
        """None: the row says nothing that anybody looks for."""
        if isinstance(row, Callback):
            return self._callback(row)
        return self._change(row) if isinstance(row, Change) else self._outcome(row)

    @cached_property
    def _endings(self) -> set[Any]:
        """When the whole call became known to have ended: that its legs did is no news then."""
        rows = Change.objects.filter(conference=self.people.conference, participant=None)
        return {row.at for row in rows if row.facts.get("status", [None, None])[1] == "completed"}

    # --- callbacks ----------------------------------------------------------------------------------------
    def _callback(self, row: Callback) -> Item:
        text = self._told(row)
        participant = self.people.id_of(row.call_sid)
        return Item("callback", begin(text), row, participant, evidence=str(row.pk))

    def _told(self, row: Callback) -> str:
        provider = self.people.provider
        if row.verdict == Verdict.REJECTED:
            return REJECTED.format(provider=provider, detail=row.detail)
        known = EVENTS.get(row.event)
        words = {"person": self.people.named(row.call_sid), "provider": provider, "event": row.event}
        text = (known or WITHOUT_A_WORD).format(**words)
        if row.kind == "recording" and row.call_sid and not row.conference_sid:
            text += ONE_LEG.format(**words)
        if row.verdict != Verdict.APPLIED:
            return text + UNCHANGED[Verdict(row.verdict)]
        changes = list(row.changes.all())
        if not changes:
            if row.kind == "recording":  # one of several: the call's word stays
                return text
            return text + (NOTHING_NEW if known else NOTHING_CHANGED)
        return text + self._beside(row, changes)

    def _beside(self, row: Callback, changes: list[Change]) -> str:
        """What a callback changed beside what its word says."""
        if row.event == "conference-end":
            why = [change.facts["reason_ended"][1] for change in changes if "reason_ended" in change.facts]
            return f": {facts.reason(why[0])}" if why and why[0] else ""
        of_leg = [one for one in changes if one.participant and one.participant.call_sid == row.call_sid]
        but = SAYS.get(row.event, set()) | ({"status"} if row.event in EVENTS else set())
        more = facts.listed([facts.of_leg(change, self.people, but=but) for change in of_leg])
        after = "".join(self._after(change) for change in of_leg)
        return (f": {more}" if more else "") + after

    def _after(self, change: Change) -> str:
        """What followed when this change was that somebody left."""
        leg = change.participant
        if leg is None or change.facts.get("status", [None, None])[1] not in GONE:
            return ""
        return self.departures.after(leg.call_sid, change.at)

    # --- what was found by asking -------------------------------------------------------------------------
    def _change(self, row: Change) -> Item | None:
        what = facts.of_leg(row, self.people) if row.participant else facts.of_call(row)
        if not what or (row.participant and row.at in self._endings and set(row.facts) == {"status"}):
            return None
        return Item(
            kind="correction" if row.correction else "callback" if row.source == "callback" else "read",
            text=begin(self._found(row, what)) + self._after(row),
            row=row,
            participant=str(row.participant_id) if row.participant_id else None,
            evidence=f"change-{row.pk}",
        )

    def _found(self, row: Change, what: str) -> str:
        leg = row.participant
        who = self.people.named(leg.call_sid) if leg else "the call"
        words = {"who": who, "what": what, "provider": self.people.provider}
        if not row.correction:
            return FOUND[row.source].format(**words)
        if [leg] == self.people.customers and what.startswith("is "):
            return CORRECTED_CUSTOMER.format(**words | {"what": what.removeprefix("is ")})
        return CORRECTED.format(**words)

    # --- what people did ----------------------------------------------------------------------------------
    def _outcome(self, row: Outcome) -> Item:
        intervention, provider = row.intervention, self.people.provider
        call_sid = _whom(intervention)
        nobody = not call_sid and intervention.verb in WHOLE
        person = WHOLE[intervention.verb] if nobody else self.people.named(call_sid)
        if intervention.verb in DIALS:
            person = str(intervention.parameters.get("name") or "somebody")
        words = {"person": person, "provider": provider, "said": _said(intervention)}
        asked, did = (deed.format(**words) for deed in DEEDS[intervention.verb])
        by = user_json(intervention.user)
        text = _sentence(row, intervention).format(by=by["name"], asked=asked, did=did, provider=provider)
        return Item(
            kind="command" if row.state == State.REQUESTED else "outcome",
            text=text + WHY.get(row.detail, ""),
            row=row,
            participant=self.people.id_of(call_sid),
            by=by,
            evidence=f"outcome-{row.position}",
        )


def _sentence(row: Outcome, intervention: Intervention) -> str:
    if row.detail == Outcome.NOT_REPORTED:
        return UNREPORTED
    if row.state == State.CONFIRMED and intervention.verb in PLAYED:
        return "{did}"
    return OUTCOMES[State(row.state)]


def _said(intervention: Intervention) -> str:
    """What is heard: the words, or the name of the sound; of a change what it changes."""
    given = intervention.parameters
    if intervention.verb == "update":
        return ", ".join(name.replace("_", " ") for name in given)
    said = given.get("text") or given.get("name")
    return f"“{said}”" if said else STOP


def _whom(intervention: Intervention) -> str:
    if intervention.participant is not None:
        return intervention.participant.call_sid
    return str(intervention.parameters.get("target", ""))
