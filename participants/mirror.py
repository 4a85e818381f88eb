"""The only writer of Conference and Participant. It believes providers alone.

Every callback, answer and read comes through `apply`: one transaction, the conference locked, each fact
merged, the version raised when anything that people see has changed, the news published after the commit.
"""

from collections.abc import Iterable, Sequence, Set
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from . import derive, history, live
from .believing import Believed
from .changed import Changed
from .events import ConferenceEvent, Event, LegEvent, RecordingEvent, Source
from .facts import columns, leg_of
from .identity import identify
from .models import Account, Agent, Callback, Conference, Participant, Recording
from .providers import provider_for

Status = Conference.Status
# What nobody sees may change without a new version.
UNSEEN_OF_LEG = {"marks", "source", "as_of", "presence", "call_status", "missed_at"}  # two make `status`
UNSEEN_OF_RECORDING = {"as_of"}
UNSEEN_OF_CONFERENCE = {
    "version",
    "verified_at",
    "listed_at",
    "callbacks_seen_at",
    "missed_at",
    "numbering",
    "gap_since",
    "alone_since",
}


def apply(
    account: Account,
    events: Iterable[Event],
    *,
    callback: Callback | None = None,
    at: datetime | None = None,
) -> Changed:
    """Merge the events into the rows. `callback`: the one that brought them, for the story of the call.

    `at`: our time of the facts, for the demo's opening positions alone.
    """
    changed = Changed()
    now = at or timezone.now()
    with transaction.atomic():
        for sid, group in _by_conference(account, events).items():
            if sid is None:
                changed.verdict = Callback.Verdict.WAITING
                for event in group:
                    _look_again(account, event)
                continue
            mirrored = _Mirrored(account, sid, now)
            mirrored.told_of = [event.sid for event in group if isinstance(event, RecordingEvent)]
            counted = mirrored.merge(group)
            mirrored.save(changed)
            mirrored.keep_story(group[0].stamp.source, callback)
            if changed.verdict != Callback.Verdict.APPLIED:
                changed.verdict = Callback.Verdict.APPLIED if counted else Callback.Verdict.SUPERSEDED
    return changed


def touch(conference_id: UUID) -> None:
    """Something that the conference's JSON shows has changed beside the facts: a new version, published."""
    with transaction.atomic():
        Conference.objects.filter(pk=conference_id).update(version=F("version") + 1)
        version = Conference.objects.values_list("version", flat=True).get(pk=conference_id)
        _publish(conference_id, version)


def touch_live(account: Account) -> None:
    """Something about the account shows in each of its live calls. The hubs' comparison finds them."""
    live_ones = Conference.objects.filter(account=account).exclude(status=Status.COMPLETED)
    live_ones.update(version=F("version") + 1)


def mark_stale(conferences: Iterable[UUID], reason: str) -> None:
    """The facts of these conferences are in doubt, because `reason`."""
    for pk in conferences:
        with transaction.atomic():
            conference = Conference.objects.select_for_update().get(pk=pk)
            if conference.live and conference.stale_reason != reason:
                mirrored = _Mirrored(conference.account, conference.sid, timezone.now())
                mirrored.doubt(reason)
                mirrored.save(Changed())


def set_role(participant: Participant, *, role: str, agent: Agent | None) -> None:
    """A person with the right said who this leg is."""
    account = participant.conference.account
    with transaction.atomic():
        mirrored = _Mirrored(account, participant.conference.sid, timezone.now())
        leg = mirrored.legs[participant.call_sid]
        leg.role, leg.agent, leg.certainty = role, agent, Participant.Certainty.PERSON
        mirrored.save(Changed())


def identify_again(known: Set[str]) -> None:
    """Whose these addresses and labels are has changed: live legs that have one are looked at anew."""
    certain = Q(certainty=Participant.Certainty.PERSON) | Q(role=Participant.Role.SUPERVISOR)
    legs = Participant.objects.filter(left_at=None).exclude(certain).order_by()
    about: dict[UUID, set[UUID]] = {}
    for pk, conference, *names in legs.values_list("pk", "conference", "address", "label"):
        if not known.isdisjoint(names):
            about.setdefault(conference, set()).add(pk)
    for pk, found in about.items():
        row = Conference.objects.select_related("account").get(pk=pk)
        with transaction.atomic():
            mirrored = _Mirrored(row.account, row.sid, timezone.now())
            for leg in mirrored.legs.values():
                if leg.pk in found:
                    leg.role = leg.agent = leg.certainty = None
            mirrored.save(Changed())


def _publish(conference_id: UUID, version: int) -> None:
    # Robust: what is stored stays stored, whoever cannot be told.
    transaction.on_commit(lambda: live.publish(conference_id, version), robust=True)


def _look_again(account: Account, event: Event) -> None:
    """A leg and an event of its call written at one instant miss each other: the later commit sees both."""
    if (call_sid := getattr(event, "call_sid", None)) is not None:
        transaction.on_commit(lambda: _apply_waiting(account, call_sid), robust=True)


def _apply_waiting(account: Account, call_sid: str) -> None:
    known = Participant.objects.filter(call_sid=call_sid, conference__account=account)
    if _waiting(account, call_sid).exists() and known.exists():
        with transaction.atomic():
            apply(account, _no_longer_waiting(account, call_sid))


def _waiting(account: Account, call_sid: str) -> QuerySet[Callback]:
    return Callback.objects.filter(account=account, call_sid=call_sid, verdict=Callback.Verdict.WAITING)


def _no_longer_waiting(account: Account, call_sid: str) -> list[Event]:
    """The events that waited for this leg; their callbacks are marked as applied."""
    rows = list(_waiting(account, call_sid).order_by("id"))
    if not rows:
        return []
    Callback.objects.filter(pk__in=[row.pk for row in rows]).update(verdict=Callback.Verdict.APPLIED)
    provider = provider_for(account)
    return [event for row in rows for event in provider.parse(row.kind, row.form).events]


def _by_conference(account: Account, events: Iterable[Event]) -> dict[str | None, list[Event]]:
    grouped: dict[str | None, list[Event]] = {}
    for event in events:
        sid = _conference_of(account, event)
        grouped.setdefault(sid, []).append(event)
    return grouped


def _conference_of(account: Account, event: Event) -> str | None:
    """None: a leg that is not known yet."""
    if isinstance(event, RecordingEvent):
        # Its leg may be on another call by now: it stays where it was told of first.
        known = Recording.objects.filter(account=account, sid=event.sid).exclude(conference=None)
        if (sid := known.values_list("conference__sid", flat=True).first()) is not None:
            return sid
    if isinstance(event, ConferenceEvent | LegEvent) or event.call_sid is None:
        return event.conference_sid
    legs = Participant.objects.filter(call_sid=event.call_sid, conference__account=account)
    return legs.order_by("-first_seen_at").values_list("conference__sid", flat=True).first()


class _Mirrored(Believed):
    """One conference and its legs, locked until the transaction ends.

    `told_of`: the sids of recordings that somebody tells of now, which may be of no conference yet.
    """

    told_of: Sequence[str] = ()

    def __init__(self, account: Account, sid: str, now: datetime) -> None:
        self.account, self.now = account, now
        conference = self._lock(sid) or self._new(sid)
        conference.account = account
        super().__init__(conference, conference.participants.all(), now=now)
        self.before = {row.pk: columns(row) for row in (self.conference, *self.legs.values())}
        self.after: dict[Any, dict[str, Any]] = {}
        self.new = self.conference.version == 1 and not self.legs

    def _lock(self, sid: str) -> Conference | None:
        return Conference.objects.select_for_update().filter(account=self.account, sid=sid).first()

    def _new(self, sid: str) -> Conference:
        """Two may make the same one at the same instant: one row comes of it."""
        row = Conference(account=self.account, sid=sid, first_seen_at=self.now, state_since=self.now)
        Conference.objects.bulk_create([row], ignore_conflicts=True)
        return Conference.objects.select_for_update().get(account=self.account, sid=sid)

    @cached_property
    def recordings(self) -> dict[str, Recording]:
        ours = Q(conference=self.conference) | Q(sid__in=self.told_of)
        rows = {row.sid: row for row in Recording.objects.filter(ours, account=self.account)}
        self.before |= {row.pk: columns(row) for row in rows.values()}
        return rows

    def waited_for(self, event: LegEvent) -> list[Event]:
        _look_again(self.account, event)
        return _no_longer_waiting(self.account, event.call_sid)

    def _settle_doubt(self) -> None:
        """A call is in doubt as long as one of its legs is: a read of another leg settles nothing."""
        if any(leg_of(leg).in_doubt for leg in self.legs.values() if leg.left_at is None):
            self.doubt(self.conference.stale_reason or "doubt")
        elif self.conference.stale_reason == "doubt":
            self.conference.stale_since = self.conference.stale_reason = None

    def doubt(self, reason: str) -> None:
        self.conference.stale_since = self.conference.stale_since or self.now
        self.conference.stale_reason = reason

    # --- what follows from the facts ----------------------------------------------------------------------
    def save(self, changed: Changed) -> None:
        over = self.conference.status == Status.COMPLETED
        changed.legs |= {(self.conference.pk, call_sid) for call_sid in self.doubts}
        for leg in self.legs.values():
            derive.leg(leg, over=over, now=self.now)
            if not identify(leg, self.account) and leg.left_at is None:
                changed.calls.add((self.conference.pk, leg.call_sid))
        if over and self.conference.ended_at is None and self._is_unexplained():
            changed.endings.add(self.conference.pk)
        self._settle_doubt()
        derive.conference(self.conference, self.account, list(self.legs.values()), now=self.now)
        if self.doubts_recording:
            changed.recordings.add(self.conference.pk)
        seen = [self._save_row(leg) - UNSEEN_OF_LEG for leg in self.legs.values()]
        # Only where one was told of; else nobody asked for them.
        taped = self.__dict__.get("recordings", {})
        seen += [self._save_row(row) - UNSEEN_OF_RECORDING for row in taped.values()]
        if any(seen) or self._changed(self.conference) - UNSEEN_OF_CONFERENCE or self.new:
            self.conference.version += 1
            changed.conferences.add(self.conference.pk)
            if any(
                leg.role == Participant.Role.SUPERVISOR and leg.left_at is None for leg in self.legs.values()
            ):
                changed.watched.add(self.conference.pk)
            _publish(self.conference.pk, self.conference.version)
        self._save_row(self.conference)

    def keep_story(self, source: Source, callback: Callback | None) -> None:
        """What `save` has written, for the timeline."""
        rows = [
            (row, self.before.get(row.pk), self.after[row.pk])
            for row in (self.conference, *self.legs.values())
        ]
        history.record(rows, source=source, callback_id=callback.pk if callback else None, now=self.now)

    def _is_unexplained(self) -> bool:
        """Ended by a callback, of which not every provider's says why."""
        return self.conference.reason_ended is None and self.conference.callbacks_seen_at == self.now

    def _changed(self, row: Any) -> set[str]:
        """The names of the columns that differ from the database's; of a new row all."""
        before, after = self.before.get(row.pk), columns(row)
        self.after[row.pk] = after
        return set(after) if before is None else {name for name in after if after[name] != before[name]}

    def _save_row(self, row: Any) -> set[str]:
        names = self._changed(row)
        if row.pk not in self.before:
            row.save(force_insert=True)
        elif names:
            row.save(update_fields=names)
        return names
