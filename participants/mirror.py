"""The only writer of Conference and Participant. It believes providers alone.

Every callback, answer and read comes through `apply`: one transaction, the conference locked, each fact
merged, the version raised when anything that people see has changed, the news published after the commit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from . import live
from .audibility import state_word
from .events import CallEvent, ConferenceEvent, Event, LegEvent, Presence, Source
from .facts import columns, leg_of, voice, write_leg, write_words
from .identity import identify, team_of
from .merge import leg_status, merge, merge_conference_status
from .models import Account, Agent, Callback, Conference, Participant
from .providers import provider_for

Status = Conference.Status
# What nobody sees may change without a new version.
UNSEEN_OF_LEG = {"marks", "source", "as_of", "presence", "call_status"}  # the last two make `status`
UNSEEN_OF_CONFERENCE = {
    "version",
    "verified_at",
    "listed_at",
    "callbacks_seen_at",
    "missed_at",
    "alone_since",
}


@dataclass
class Changed:
    """What `apply` did. Its caller hands it to `supervising.touched`: `legs` to fetch, `calls` to look up."""

    conferences: set[UUID] = field(default_factory=set)
    legs: set[tuple[UUID, str]] = field(default_factory=set)
    calls: set[tuple[UUID, str]] = field(default_factory=set)
    verdict: str = Callback.Verdict.UNKNOWN


def apply(account: Account, events: Iterable[Event], *, at: datetime | None = None) -> Changed:
    """Merge the events into the rows. `at`: our time of the facts, for the demo's opening positions alone."""
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
            verdict = mirrored.merge(group, changed)
            mirrored.save(changed)
            if changed.verdict != Callback.Verdict.APPLIED:
                changed.verdict = verdict
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


def verified(conference_id: UUID, *, began: datetime) -> None:
    """The whole roster was read, starting at `began`."""
    Conference.objects.filter(pk=conference_id).update(verified_at=began)


def listed(conference_ids: Iterable[UUID], *, began: datetime) -> None:
    """The provider listed these conferences as live."""
    Conference.objects.filter(pk__in=list(conference_ids)).update(listed_at=began, missed_at=None)


def missed(conference: Conference) -> None:
    """The provider does not know the conference, for the first time."""
    Conference.objects.filter(pk=conference.pk, missed_at=None).update(missed_at=timezone.now())


def _publish(conference_id: UUID, version: int) -> None:
    # Robust: what is stored stays stored, whoever cannot be told.
    transaction.on_commit(lambda: live.publish(conference_id, version), robust=True)


def _look_again(account: Account, event: Event) -> None:
    """A leg and an event of its call written at one instant miss each other: the later commit sees both."""
    if not isinstance(event, ConferenceEvent):
        call_sid = event.call_sid
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
    Callback.objects.filter(pk__in=[row.pk for row in rows]).update(verdict=Callback.Verdict.APPLIED)
    provider = provider_for(account)
    return [event for row in rows for event in provider.parse(row.kind, row.form).events]


def _by_conference(account: Account, events: Iterable[Event]) -> dict[str | None, list[Event]]:
    grouped: dict[str | None, list[Event]] = {}
    for event in events:
        sid = event.conference_sid if not isinstance(event, CallEvent) else _conference_of(account, event)
        grouped.setdefault(sid, []).append(event)
    return grouped


def _conference_of(account: Account, event: CallEvent) -> str | None:
    legs = Participant.objects.filter(call_sid=event.call_sid, conference__account=account)
    return legs.order_by("-first_seen_at").values_list("conference__sid", flat=True).first()


class _Mirrored:
    """One conference and its legs, locked until the transaction ends."""

    def __init__(self, account: Account, sid: str, now: datetime) -> None:
        self.account, self.now = account, now
        Conference.objects.bulk_create(
            [Conference(account=account, sid=sid, first_seen_at=now, state_since=now)], ignore_conflicts=True
        )
        self.conference = Conference.objects.select_for_update().get(account=account, sid=sid)
        self.legs = {leg.call_sid: leg for leg in self.conference.participants.all()}
        self.before = {row.pk: columns(row) for row in (self.conference, *self.legs.values())}
        self.new = self.conference.version == 1 and not self.legs

    def merge(self, events: list[Event], changed: Changed) -> str:
        counted = [self._merge_one(event, changed) for event in events]
        return Callback.Verdict.APPLIED if any(counted) else Callback.Verdict.SUPERSEDED

    def _merge_one(self, event: Event, changed: Changed) -> bool:
        if event.stamp.source is Source.CALLBACK:
            self.conference.callbacks_seen_at = self.now
        if isinstance(event, ConferenceEvent):
            return self._merge_conference(event)
        if isinstance(event, LegEvent):
            self._merge_name(event)
            self._ensure_leg(event, changed)
        return self._merge_leg(event, changed)

    def _merge_conference(self, event: ConferenceEvent) -> bool:
        conference = self.conference
        before = columns(conference)
        conference.status = merge_conference_status(conference.status, event)
        self._merge_name(event)
        if event.region and event.region != "unknown":
            conference.region = event.region
        conference.reason_ended = conference.reason_ended or event.reason_ended
        if conference.status != Status.INIT and conference.started_at is None:
            conference.started_at = self.now
        if event.stamp.source is Source.READ and conference.stale_reason != "doubt":
            conference.stale_since = conference.stale_reason = None
        return columns(conference) != before or event.stamp.source is not Source.CALLBACK

    def _merge_name(self, event: ConferenceEvent | LegEvent) -> None:
        self.conference.friendly_name = event.friendly_name or self.conference.friendly_name

    def _ensure_leg(self, event: LegEvent, changed: Changed) -> None:
        if event.call_sid in self.legs:
            return
        self.legs[event.call_sid] = Participant(
            conference=self.conference, call_sid=event.call_sid, as_of=self.now, first_seen_at=self.now
        )
        for past in _no_longer_waiting(self.account, event.call_sid):
            self._merge_one(past, changed)
        _look_again(self.account, event)

    def _merge_leg(self, event: LegEvent | CallEvent, changed: Changed) -> bool:
        row = self.legs[event.call_sid]
        merged = merge(leg_of(row), event, now=self.now.timestamp())
        if merged.doubt:
            changed.legs.add((self.conference.pk, row.call_sid))
        elif event.stamp.source is Source.READ and self.conference.stale_reason != "doubt":
            self.conference.stale_since = self.conference.stale_reason = None
        if merged.counted:
            row.source = event.stamp.source
            began = event.stamp.began
            row.as_of = datetime.fromtimestamp(began, UTC) if began else self.now
        write_leg(row, merged.leg)
        write_words(row, event)
        if isinstance(event, LegEvent) and event.presence is Presence.IN:
            row.joined_at = row.joined_at or self.now  # also when its leaving was told first
        return merged.counted

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
        for leg in self.legs.values():
            self._derive_leg(leg, over=over)
            if not identify(leg, self.account) and leg.left_at is None:
                changed.calls.add((self.conference.pk, leg.call_sid))
        self._settle_doubt()
        self._derive_conference(over=over)
        seen = [self._save_row(leg, UNSEEN_OF_LEG) for leg in self.legs.values()]
        if any(seen) or self._is_changed(self.conference, UNSEEN_OF_CONFERENCE) or self.new:
            self.conference.version += 1
            changed.conferences.add(self.conference.pk)
            _publish(self.conference.pk, self.conference.version)
        self._save_row(self.conference, UNSEEN_OF_CONFERENCE)

    def _derive_leg(self, leg: Participant, *, over: bool) -> None:
        leg.status = leg_status(leg_of(leg), conference_over=over)
        if leg.status in {"complete", "failed"}:
            leg.left_at = leg.left_at or self.now
        else:
            leg.left_at = None
        leg.hold_since = (leg.hold_since or self.now) if leg.hold else None
        if not leg.coaching:
            leg.coaching_call_sid = None

    def _derive_conference(self, *, over: bool) -> None:
        conference, legs = self.conference, list(self.legs.values())
        if over:
            conference.ended_at = conference.ended_at or self.now
            conference.stale_since = conference.stale_reason = None
        conference.team_id = team_of(self.legs.values()) or conference.team_id or self.account.default_team_id
        # A doubt about one fact is asked at once and leaves the word; silence about the call takes it away.
        silent = conference.stale_reason == "unverified"
        word = state_word(conference.status, [voice(leg) for leg in legs], stale=silent)
        if word != conference.state:
            conference.state, conference.state_since = word, self.now
        here = [leg.role for leg in legs if leg.is_in]
        alone = bool(here) and all(role == Participant.Role.SUPERVISOR for role in here)
        conference.alone_since = (conference.alone_since or self.now) if alone else None

    def _is_changed(self, row: Any, unseen: set[str]) -> bool:
        before, after = self.before.get(row.pk), columns(row)
        return before is None or any(after[name] != before[name] for name in after if name not in unseen)

    def _save_row(self, row: Any, unseen: set[str]) -> bool:
        before, after = self.before.get(row.pk), columns(row)
        changed = self._is_changed(row, unseen)
        if before is None:
            row.save(force_insert=True)
        elif fields := [name for name in after if after[name] != before[name]]:
            row.save(update_fields=fields)
        return changed
