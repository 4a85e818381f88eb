"""What is true about the calls: mirrored from the providers, and the callbacks as received.

Only `participants.mirror` writes Conference and Participant.
"""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .accounts import Account
from .people import Agent, Team
from .seconds import SecondsBetween


class Conference(models.Model):
    """A room where legs hear one another. `version` is the version of its JSON."""

    class Status(models.TextChoices):
        INIT = "init"
        IN_PROGRESS = "in-progress"
        COMPLETED = "completed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="conferences")
    sid = models.CharField(max_length=64)
    friendly_name = models.CharField(max_length=255, null=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.INIT)
    state = models.CharField(max_length=16, default="starting")
    state_since = models.DateTimeField(default=timezone.now)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="conferences"
    )
    region = models.CharField(max_length=40, null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason_ended = models.CharField(max_length=80, null=True)
    recording = models.CharField(max_length=20, null=True)
    version = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField(default=timezone.now, db_index=True)
    verified_at = models.DateTimeField(null=True)
    listed_at = models.DateTimeField(null=True)
    stale_since = models.DateTimeField(null=True)
    stale_reason = models.CharField(max_length=40, null=True)
    callbacks_seen_at = models.DateTimeField(null=True)
    missed_at = models.DateTimeField(null=True, help_text="First 404 of the conference's own resource.")
    numbering = models.JSONField(default=dict, help_text="Of its callbacks: see participants.gaps.")
    gap_since = models.DateTimeField(null=True, help_text="A number is missing since.")
    alone_since = models.DateTimeField(null=True, help_text="Only supervisors' legs are left since.")
    purged_at = models.DateTimeField(
        null=True, help_text="Kept for what supervisors did on it: without names, numbers and story since."
    )

    class Meta:
        verbose_name = "call"
        ordering = ["-first_seen_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["account", "sid"], name="one_row_per_conference")]
        indexes = [
            models.Index(
                fields=["id", "version"],
                condition=~Q(status="completed"),
                name="live_versions",
            ),
            models.Index(fields=["status", "first_seen_at"], name="conference_by_status"),
        ]
        permissions = [
            ("see_all", "See every call of every team"),
            ("see_numbers", "See phone numbers in full"),
            ("listen", "Listen"),
            ("whisper", "Whisper"),
            ("barge", "Barge"),
            ("take_over", "Take over"),
            ("mute", "Mute and unmute"),
            ("hold", "Hold and resume"),
            ("announce", "Announce"),
            ("cue", "Cue"),
            ("dial", "Dial somebody in"),
            ("remove", "Take somebody off the call"),
            ("end", "End the call for everyone"),
            ("record", "Record"),
            ("identify", "Say who somebody is"),
        ]

    def __str__(self) -> str:
        return self.friendly_name or self.sid

    @property
    def live(self) -> bool:
        return self.status != self.Status.COMPLETED


class Participant(models.Model):
    """A leg while in a conference. Any fact may be null: not said.

    `marks` holds, per field group, how far it is known: see `participants.merge`.
    """

    class Role(models.TextChoices):
        AGENT = "agent"
        CUSTOMER = "customer"
        SUPERVISOR = "supervisor"
        OTHER = "other"

    class Certainty(models.TextChoices):
        CERTAIN = "certain"
        PROBABLE = "probable"  # an inbound caller id, which can be forged
        PERSON = "person"  # somebody with the right said so

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conference = models.ForeignKey(Conference, on_delete=models.CASCADE, related_name="participants")
    call_sid = models.CharField(max_length=128, db_index=True)
    label = models.CharField(max_length=128, null=True)
    role = models.CharField(max_length=10, choices=Role.choices, null=True)
    certainty = models.CharField(max_length=8, choices=Certainty.choices, null=True)
    agent = models.ForeignKey(
        Agent, null=True, blank=True, on_delete=models.SET_NULL, related_name="participants"
    )
    address = models.CharField(max_length=255, null=True)
    direction = models.CharField(max_length=8, null=True)
    status = models.CharField(max_length=12, default="queued")
    presence = models.CharField(max_length=4, null=True)
    call_status = models.CharField(max_length=12, null=True)
    muted = models.BooleanField(null=True)
    hold = models.BooleanField(null=True)
    hold_since = models.DateTimeField(null=True)
    coaching = models.BooleanField(null=True)
    coaching_call_sid = models.CharField(max_length=128, null=True)
    start_conference_on_enter = models.BooleanField(null=True)
    end_conference_on_exit = models.BooleanField(null=True)
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    left_reason = models.CharField(max_length=40, null=True)
    answered_by = models.CharField(max_length=40, null=True)
    queue_time = models.PositiveIntegerField(null=True, help_text="Milliseconds.")
    missed_at = models.DateTimeField(
        null=True, help_text="First 404 of the leg's own resource while its call seemed to go on."
    )
    source = models.CharField(max_length=8)
    as_of = models.DateTimeField()
    marks = models.JSONField(default=dict)
    first_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "person on a call"
        verbose_name_plural = "people on calls"
        ordering = ["first_seen_at", "call_sid"]
        constraints = [models.UniqueConstraint(fields=["conference", "call_sid"], name="one_row_per_leg")]

    def __str__(self) -> str:
        return self.label or self.call_sid

    @property
    def is_in(self) -> bool:
        return self.status == "connected"


class Callback(models.Model):
    """A provider's post, exactly as received, and what became of it."""

    class Verdict(models.TextChoices):
        APPLIED = "applied"
        DUPLICATE = "duplicate"
        SUPERSEDED = "superseded"
        WAITING = "waiting"
        UNKNOWN = "unknown"
        REJECTED = "rejected"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="callbacks", db_index=False)
    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=255, unique=True)
    event = models.CharField(max_length=60, blank=True)
    conference_sid = models.CharField(max_length=64, blank=True, db_index=True)
    call_sid = models.CharField(max_length=128, blank=True, db_index=True)
    sequence = models.PositiveIntegerField(null=True)
    occurred_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(default=timezone.now, db_index=True)
    delay = models.GeneratedField(
        expression=SecondsBetween(F("received_at"), F("occurred_at")),
        output_field=models.FloatField(null=True),
        db_persist=True,
        help_text="Seconds from the event to our door, by two clocks that may disagree.",
    )
    form = models.JSONField(help_text="Pairs of key and value in the order received.")
    redacted_at = models.DateTimeField(null=True, help_text="The form is without personal data since.")
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    detail = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        indexes = [
            # Alone enough to say how late an account's callbacks are; it begins as the foreign key's would.
            models.Index(fields=["account", "received_at", "delay"], name="callback_delay"),
            models.Index(
                fields=["received_at", "id"], condition=Q(redacted_at=None), name="callbacks_in_full"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event or self.kind} {self.call_sid or self.conference_sid}"
