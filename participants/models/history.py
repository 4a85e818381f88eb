"""What became known of a call, when, and from where: the story behind the rows."""

from django.db import models
from django.utils import timezone

from .calls import Callback, Conference, Participant


class Change(models.Model):
    """What one callback, answer or read changed of a conference, or of one leg of it. No personal data.

    `facts`: {column: [before, after]}; a row that was new had null. `correction`: a read found what a
    callback should have told, as this provider sends them about such a fact.
    """

    conference = models.ForeignKey(Conference, on_delete=models.CASCADE, related_name="changes")
    participant = models.ForeignKey(Participant, null=True, on_delete=models.CASCADE, related_name="changes")
    callback = models.ForeignKey(Callback, null=True, on_delete=models.SET_NULL, related_name="changes")
    at = models.DateTimeField(default=timezone.now)
    source = models.CharField(max_length=8)
    facts = models.JSONField()
    correction = models.BooleanField(default=False)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["conference", "at"], name="story_of_a_conference"),
            models.Index(fields=["at"], condition=models.Q(correction=True), name="corrections"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {', '.join(self.facts)}"
