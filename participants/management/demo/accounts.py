"""The demo's accounts, one at each provider, all at one sandbox; the contract names their credentials."""

from dataclasses import dataclass, field

import requests
from django.core.management.base import CommandError

from participants.models import Account, Team

TIMEOUT = 10.0  # seconds
CALLER_ID = "+12025550100"
# Those of the examples in the providers' documentation: every address parameter can be tried.
URL_HOSTS = (
    *("example.com", "www.example.com", "myapp.com", "www.myapp.com", "demo.twilio.com", "api.twilio.com"),
    *("statuscallback.com", "clientnotification.com", "com.twilio.music.classical.s3.amazonaws.com"),
)
# Whom the examples of the providers' documentation dial. Other strangers are refused.
DIALLED = (
    *("client:alice", "client:bob", "client:name", "sip:name@company.com", "sip:bob@twilio.com"),
    *("sip:*@example.com", "sip:*@sip.example.com", "app:AP" + "a" * 32),
)


@dataclass(frozen=True)
class DemoAccount:
    """`variable`: where the product looks for `secret`. `facts`: more fields of the account."""

    provider: str
    sid: str
    variable: str
    secret: str
    facts: dict[str, str] = field(default_factory=dict)
    signs: bool = False  # with a key pair of its own, whose public half the sandbox tells


ACCOUNTS = (
    DemoAccount(
        provider="twilio",
        sid="AC00000000000000000000000000000001",
        variable="EARSHOT_DEMO_TWILIO_TOKEN",
        secret="sandbox-twilio-token",  # noqa: S106 (as public as the demo's password)
    ),
    DemoAccount(
        provider="telnyx",
        sid="00000000-0000-4000-8000-000000000002",
        variable="EARSHOT_DEMO_TELNYX_KEY",
        secret="sandbox-telnyx-key",  # noqa: S106 (as public as the demo's password)
        facts={"application_sid": "1900000000000000001"},
        signs=True,
    ),
)
SECRETS = {account.variable: account.secret for account in ACCOUNTS}


def public_keys(api_url: str) -> dict[str, str]:
    """Provider -> what its callbacks are verified with, as the sandbox says now.

    Raises CommandError when it does not say.
    """
    return {one.provider: _public_key(api_url, one.provider) for one in ACCOUNTS if one.signs}


def _public_key(api_url: str, provider: str) -> str:
    url = f"{api_url}/_sandbox/{provider}-public-key"
    try:
        answer = requests.get(url, timeout=TIMEOUT)
        answer.raise_for_status()
        return str(answer.json()["key"])
    except (requests.RequestException, KeyError, TypeError):  # no answer, no JSON, not this JSON
        raise CommandError(
            f"The demo could not read the sandbox's public key at {url}. "
            "SANDBOX_URL has to be the address of a running sandbox of this version."
        ) from None


def make(keys: dict[str, str], *, api_url: str, team: Team) -> None:
    """The accounts with the facts of today; `keys`: what `public_keys` read."""
    for one in ACCOUNTS:
        Account.objects.update_or_create(
            key=one.provider,
            defaults={
                "provider": one.provider,
                "sid": one.sid,
                "api_url": api_url,
                "secret": one.variable,
                "caller_id": CALLER_ID,
                "public_key": keys.get(one.provider, ""),
                "default_team": team,
                "dial_urls": "\n".join(URL_HOSTS),
                "dial_addresses": "\n".join(DIALLED),
                "dial_countries": "GB US",
                # Whoever tries every parameter dials more than a supervisor does.
                "dials_per_minute": 60,
                "dials_per_day": 2000,
                "account_dials_per_minute": 120,
                **one.facts,
            },
        )
