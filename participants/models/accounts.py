"""Accounts at providers: how to reach them, how they are doing, and what may be dialled through them."""

from django.db import models

from .people import Team


class Account(models.Model):
    """One account at one provider. `secret` is the name of an environment variable, never the secret.

    What was pasted at /connect/ is in `secret_sealed`, and goes before the variable.
    """

    class Unreachable(models.TextChoices):
        SILENT = "silent"  # no answer, or none that can be read
        REJECTED = "rejected"  # it answers, but does not know us
        UNSET = "unset"  # we have no secret to send
        REFUSED = "refused"  # it answers and says no for another reason

    key = models.SlugField(max_length=40, unique=True, help_text="Stands in the callback URLs.")
    provider = models.CharField(max_length=20)
    sid = models.CharField(max_length=64)
    api_url = models.URLField(blank=True, help_text="Empty: the provider's own.")
    secret = models.CharField(
        max_length=100, blank=True, help_text="Name of the environment variable that holds the auth token."
    )
    secret_sealed = models.TextField(
        blank=True, editable=False, help_text="The same, encrypted: what was pasted at /connect/."
    )
    secret_pasted_at = models.DateTimeField(null=True, editable=False)
    caller_id = models.CharField(max_length=64, help_text="The number that Earshot's own calls show.")
    application_sid = models.CharField(
        max_length=64, blank=True, help_text="Where the provider dials through an application of its own."
    )
    public_key = models.CharField(
        max_length=200,
        blank=True,
        help_text=(
            "Base64; where the provider signs callbacks with a key pair. Several, separated by spaces,"
            " while it changes."
        ),
    )
    default_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL)
    hold_music = models.ForeignKey(
        "Asset",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        limit_choices_to={"kind": "music"},
        help_text="What people on hold hear when Earshot puts them there. Empty: the provider's own.",
    )
    # Dial policy
    dial_countries = models.CharField(
        max_length=400,
        blank=True,
        help_text=(
            "Whose numbers may be dialled: two-letter codes separated by spaces."
            " Empty: the country of the caller id."
        ),
    )
    dial_addresses = models.TextField(
        blank=True,
        help_text=(
            "Which other addresses may be dialled, one a line: client:*, sip:*@example.com, app:AP…"
            " Empty: those of agents, supervisors and saved destinations alone."
        ),
    )
    dial_urls = models.TextField(
        blank=True,
        help_text=(
            "Hosts of the addresses that a dial may give to the provider, one a line, *.example.com for all"
            " below it. Empty: Earshot's own documents alone."
        ),
    )
    dials_per_minute = models.PositiveSmallIntegerField(default=6, help_text="Of one supervisor.")
    dials_per_day = models.PositiveSmallIntegerField(default=60, help_text="Of one supervisor.")
    account_dials_per_minute = models.PositiveSmallIntegerField(default=60, help_text="Of all supervisors.")
    calls_per_second = models.FloatField(
        null=True,
        blank=True,
        help_text="How fast the provider places calls for this account. Empty: as it says of itself.",
    )
    placed_until = models.DateTimeField(
        null=True, editable=False, help_text="Until when the places in line are taken."
    )
    reachable = models.BooleanField(null=True, editable=False)
    reachable_since = models.DateTimeField(null=True, editable=False)
    unreachable_why = models.CharField(max_length=8, choices=Unreachable.choices, blank=True, editable=False)
    callback_at = models.DateTimeField(null=True, editable=False)
    # Callbacks with a wrong signature: nothing else of them is kept. See `participants.signatures`.
    forged = models.PositiveIntegerField(default=0, editable=False)
    forged_since = models.DateTimeField(null=True, editable=False)
    forged_at = models.DateTimeField(null=True, editable=False)
    forged_why = models.CharField(max_length=8, blank=True, editable=False)
    forged_url = models.CharField(
        max_length=255, blank=True, editable=False, help_text="The address that the signature is right for."
    )
    swept_at = models.DateTimeField(null=True, editable=False)
    lease_owner = models.CharField(max_length=64, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["key"]
        constraints = [models.UniqueConstraint(fields=["provider", "sid"], name="one_account_per_sid")]

    def __str__(self) -> str:
        return self.key
