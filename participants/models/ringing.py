"""Rings of a person's own phone, alone in a conference of its own: never a call on a board."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from .calls import Account
from .supervision import Intervention

RING_NAME = "earshot-ring-"  # what the names of their conferences begin with


class Ring(models.Model):
    """One ring: it ends by itself right after the answer, or when nobody answers."""

    class End(models.TextChoices):
        ANSWERED = "answered"
        NO_ANSWER = "no_answer"
        REFUSED = "refused"
        NOT_SENT = "not_sent"
        UNKNOWN = "unknown"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="rings")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="rings")
    intervention = models.OneToOneField(Intervention, on_delete=models.PROTECT, related_name="ring")
    address = models.CharField(max_length=255, help_text="The phone that was rung.")
    name = models.CharField(max_length=128, help_text="Of its conference.")
    conference_sid = models.CharField(max_length=64, blank=True)
    call_sid = models.CharField(max_length=128, blank=True)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=10, choices=End.choices, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="one_ring_per_name")]

    def __str__(self) -> str:
        return self.name
