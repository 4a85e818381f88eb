"""What supervisors do: their stays on calls, and every command with what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .calls import Conference, Participant
from .people import Team


class Mode(models.TextChoices):
    LISTEN = "listen"
    WHISPER = "whisper"
    BARGE = "barge"
    LEAVE = "leave"


class Supervision(models.Model):
    """A supervisor's presence on a conference: one leg, what is wished for it, what was last seen of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="supervisions")
    conference = models.ForeignKey(Conference, on_delete=models.PROTECT, related_name="supervisions")
    team = models.ForeignKey(
        Team, null=True, on_delete=models.SET_NULL, related_name="+", help_text="Of the call, at the start."
    )
    address = models.CharField(max_length=255, help_text="The phone that was rung.")
    label = models.CharField(max_length=128, unique=True, null=True)
    call_sid = models.CharField(max_length=128, null=True, db_index=True)

    wanted = models.CharField(max_length=8, choices=Mode.choices)
    wanted_at = models.DateTimeField()
    wish = models.PositiveIntegerField(default=1, help_text="Counts the wishes: the newest wins.")
    target = models.CharField(
        max_length=128, null=True, help_text="Call sid of the agent to whisper to; null: the armed one."
    )
    lapsed = models.CharField(max_length=20, blank=True, help_text="Why the last wish became listen.")
    intervention = models.ForeignKey(
        "Intervention", null=True, on_delete=models.PROTECT, related_name="+", help_text="Of the newest wish."
    )

    confirmed = models.CharField(max_length=8, choices=Mode.choices, null=True)
    confirmed_at = models.DateTimeField(null=True)
    mode_since = models.DateTimeField(null=True, help_text="In the confirmed mode since.")
    silencing_at = models.DateTimeField(null=True, help_text="Mutes are being sent since.")
    armed = models.BooleanField(default=False)
    connected = models.BooleanField(default=False, help_text="The leg was once seen connected.")
    seen = models.JSONField(null=True, help_text="The newest fetch of the leg.")
    fetch_began_at = models.DateTimeField(null=True)

    audience = models.CharField(
        max_length=8, blank=True, help_text="Who may hear it, as last published: time alone can change that."
    )
    flags_before = models.JSONField(
        default=dict, help_text="Muted and hold of the others before the leg joined, by call sid."
    )
    opened_at = models.DateTimeField(null=True, help_text="When others made the line audible.")
    opened_to = models.CharField(max_length=8, blank=True)
    flags_changed = models.JSONField(
        default=list, help_text="Call sids of those whose flags had changed when it joined."
    )
    dialled_at = models.DateTimeField(null=True)
    next_step_at = models.DateTimeField(null=True, db_index=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    then_conference = models.ForeignKey(Conference, null=True, on_delete=models.PROTECT, related_name="+")
    then_intervention = models.ForeignKey(
        "Intervention", null=True, on_delete=models.PROTECT, related_name="+"
    )

    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, db_index=True)
    ended_why = models.CharField(max_length=20, blank=True)
    ended_detail = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at__isnull=True), name="one_live_supervision"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} on {self.conference}"


class LegRequest(models.Model):
    """One request for a supervisor's leg. Committed before it is sent; open until a later fetch closes it."""

    class Verb(models.TextChoices):
        CREATE = "create"
        UPDATE = "update"
        DELETE = "delete"

    class Outcome(models.TextChoices):
        OPEN = "open"
        ACCEPTED = "accepted"
        REFUSED = "refused"
        NOT_SENT = "not_sent"
        UNKNOWN = "unknown"

    supervision = models.ForeignKey(Supervision, on_delete=models.CASCADE, related_name="requests")
    verb = models.CharField(max_length=8, choices=Verb.choices)
    wish = models.PositiveIntegerField()
    label = models.CharField(max_length=128, blank=True)
    muted = models.BooleanField(null=True)
    coaching = models.BooleanField(null=True)
    target = models.CharField(max_length=128, null=True)
    sent_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.OPEN)
    code = models.CharField(max_length=20, blank=True)
    message = models.CharField(max_length=255, blank=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["sent_at", "id"]

    def __str__(self) -> str:
        return f"{self.verb} {self.outcome}"


class Chained(models.Model):
    """A row of the tamper-evident chain: written once by `participants.ledger`, never changed."""

    position = models.PositiveBigIntegerField(unique=True, editable=False)
    previous = models.CharField(max_length=64, editable=False)
    digest = models.CharField(max_length=64, editable=False)

    class Meta:
        abstract = True


class Intervention(Chained):
    """One command of one person: who, what, on whom, why. Refused attempts are interventions too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="interventions")
    verb = models.CharField(max_length=20)
    conference = models.ForeignKey(
        Conference, null=True, on_delete=models.PROTECT, related_name="interventions"
    )
    participant = models.ForeignKey(
        Participant, null=True, on_delete=models.PROTECT, related_name="interventions"
    )
    parameters = models.JSONField(default=dict)
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=200, null=True, help_text="Idempotency-Key of the request.")
    fingerprint = models.CharField(
        max_length=64, blank=True, help_text="Method, path and body of the request."
    )
    requested_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "intervention"
        verbose_name_plural = "what supervisors did"
        ordering = ["-requested_at", "-position"]
        indexes = [models.Index(fields=["user", "key"], name="intervention_by_key")]

    def __str__(self) -> str:
        return f"{self.verb} by {self.user}"


class Outcome(Chained):
    """What became of an intervention. Rows are appended; the newest is its state."""

    NOT_REPORTED = "not_reported"  # detail of an accepted one of whose end nobody will tell

    class State(models.TextChoices):
        REQUESTED = "requested"
        ACCEPTED = "accepted"
        CONFIRMED = "confirmed"
        CONTRADICTED = "contradicted"
        FAILED = "failed"
        UNKNOWN = "unknown"
        REFUSED = "refused"

    FINAL = frozenset({State.CONFIRMED, State.CONTRADICTED, State.FAILED, State.REFUSED})

    intervention = models.ForeignKey(Intervention, on_delete=models.PROTECT, related_name="outcomes")
    state = models.CharField(max_length=12, choices=State.choices)
    at = models.DateTimeField(default=timezone.now)
    detail = models.CharField(max_length=255, blank=True)
    code = models.CharField(max_length=20, blank=True, help_text="The provider's code.")
    message = models.CharField(max_length=255, blank=True, help_text="The provider's words.")
    evidence = models.JSONField(null=True, help_text="The callback or read that proves it.")

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.intervention}: {self.state}"


class LedgerHead(models.Model):
    """The one row that is locked to append to the chain. It also keeps what the last check found."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    position = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")
    checked_at = models.DateTimeField(null=True)
    checked_rows = models.PositiveBigIntegerField(default=0)
    fault = models.TextField(default="", help_text="Where the chain is broken; empty: it is not.")

    def __str__(self) -> str:
        return f"{self.position} {self.digest[:12]}"
