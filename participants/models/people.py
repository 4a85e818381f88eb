"""Teams, agents, and the supervisors who listen to them."""

from django.conf import settings
from django.db import models


class Team(models.Model):
    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """Somebody who talks to customers. Known on a call by `label` (exact) or by one of the addresses."""

    name = models.CharField(max_length=120)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="agents")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="agent"
    )
    label = models.CharField(
        max_length=128, unique=True, null=True, blank=True, help_text="The participant label, exactly."
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AgentAddress(models.Model):
    """A phone of an agent: E.164, `client:…` or `sip:…`."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="addresses")
    address = models.CharField(max_length=255, unique=True)

    class Meta:
        verbose_name_plural = "agent addresses"

    def __str__(self) -> str:
        return f"address {self.pk}"  # stands in histories that people without `see_numbers` read


class Supervisor(models.Model):
    """What Earshot keeps of a person who signs in: whose calls they see, and which phone rings for them."""

    class Theme(models.TextChoices):
        SYSTEM = "system"
        LIGHT = "light"
        DARK = "dark"

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="supervisor")
    teams = models.ManyToManyField(Team, blank=True, related_name="supervisors")
    address = models.CharField(
        max_length=255, blank=True, help_text="The phone that listening rings: E.164, client:… or sip:…"
    )
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    keys = models.BooleanField(default=True, help_text="Single-key shortcuts on the board.")

    class Meta:
        ordering = ["user__username"]

    def __str__(self) -> str:
        return self.user.get_full_name() or self.user.get_username()


class Destination(models.Model):
    """Somebody who can be dialled into a call, saved under a name: the second level, an interpreter."""

    name = models.CharField(max_length=120)
    address = models.CharField(max_length=255, help_text="E.164, client:…, sip:… or app:…")
    team = models.ForeignKey(
        Team,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="destinations",
        help_text="Whose supervisors may dial it. Empty: all.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["name", "team"], name="one_destination_per_name")]

    def __str__(self) -> str:
        return self.name
