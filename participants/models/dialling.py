"""Dials that people asked for: where each of them stands, from its place in line to its end."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .accounts import Account
from .calls import Conference, Participant
from .supervision import Intervention


class Dial(models.Model):
    """One call that a person had placed into a conference. Dialled once at most, whatever happens."""

    class State(models.TextChoices):
        WAITING = "waiting"  # for its turn with us: nothing was sent
        SENT = "sent"  # committed before it leaves
        UNKNOWN = "unknown"  # its answer was lost: looked for by its label
        QUEUED = "queued"  # accepted; the provider places it later
        DIALLING = "dialling"
        RINGING = "ringing"
        CONNECTED = "connected"
        ENDED = "ended"

    class End(models.TextChoices):
        LEFT = "left"  # after having been on the call
        NO_ANSWER = "no_answer"
        BUSY = "busy"
        FAILED = "failed"  # could not be reached
        CANCELLED = "cancelled"
        REFUSED = "refused"  # by the provider, before it dialled
        NOT_SENT = "not_sent"
        NOT_FOUND = "not_found"  # its answer was lost and it never appeared

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="dials")
    conference = models.ForeignKey(Conference, null=True, on_delete=models.PROTECT, related_name="dials")
    friendly_name = models.CharField(
        max_length=128, blank=True, help_text="Of the conference that it brings to life."
    )
    intervention = models.OneToOneField(Intervention, on_delete=models.PROTECT, related_name="dial")
    participant = models.ForeignKey(Participant, null=True, on_delete=models.SET_NULL, related_name="dials")
    label = models.CharField(max_length=128)
    call_sid = models.CharField(max_length=128, blank=True)
    to = models.CharField(max_length=255)
    parameters = models.JSONField(default=dict, help_text="By our names, as they are sent; no secret in it.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    ended_how = models.CharField(max_length=10, choices=End.choices, blank=True)
    code = models.CharField(max_length=40, blank=True, help_text="The provider's code.")
    message = models.CharField(max_length=255, blank=True, help_text="The provider's words.")
    asked_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, help_text="Its place in line.")
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["account", "label"], name="one_dial_per_label")]
        indexes = [
            models.Index(fields=["due_at"], condition=~Q(state="ended"), name="dials_under_way"),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.state}"
