"""Sounds: what was recorded of calls, and what Earshot lets providers play."""

import uuid

from django.db import models
from django.utils import timezone

from .accounts import Account
from .calls import Conference, Participant


class Recording(models.Model):
    """A recording at the provider, of a whole call or of one leg (`participant`)."""

    class Status(models.TextChoices):
        IN_PROGRESS = "in-progress"
        PAUSED = "paused"
        STOPPED = "stopped"
        PROCESSING = "processing"
        COMPLETED = "completed"
        ABSENT = "absent"  # nothing was recorded, or it failed
        DELETED = "deleted"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="recordings")
    conference = models.ForeignKey(
        Conference, null=True, on_delete=models.SET_NULL, related_name="recordings"
    )
    participant = models.ForeignKey(
        Participant, null=True, on_delete=models.SET_NULL, related_name="recordings"
    )
    sid = models.CharField(max_length=64)
    status = models.CharField(max_length=12, choices=Status.choices)
    source = models.CharField(max_length=60, blank=True, help_text="The provider's word for what began it.")
    channels = models.PositiveSmallIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    as_of = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-as_of"]
        constraints = [models.UniqueConstraint(fields=["account", "sid"], name="one_row_per_recording")]

    def __str__(self) -> str:
        return self.sid


class Asset(models.Model):
    """A sound of the library: an announcement, or music for people on hold."""

    class Kind(models.TextChoices):
        ANNOUNCEMENT = "announcement"
        MUSIC = "music"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ANNOUNCEMENT)
    sound = models.FileField(upload_to="assets/")
    content_type = models.CharField(max_length=40, editable=False)
    seconds = models.FloatField(editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "sound"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
