"""The first look at the floor, on which calls have been going on for a while."""

import threading
import time
from collections.abc import Mapping
from datetime import timedelta

import requests
from django.utils import timezone

from participants import mirror, sweep
from participants.models import Account, Conference
from participants.providers import provider_for
from participants.sandbox.scenes import SCENES
from participants.timing import TIMING

LIVE = ("init", "in-progress")


def set_scene(sandbox: str, scene: str, *, speed: float) -> None:
    """With speed 0 the floor stands as it is; the next speed sets it going."""
    answer = requests.post(f"{sandbox}/_sandbox/scene", json={"name": scene, "speed": speed}, timeout=10)
    answer.raise_for_status()


def play(sandbox: str, scene: str) -> None:
    """Put the scene's calls in place and mirror them, each with its age."""
    set_scene(sandbox, scene, speed=0)
    ages = {position.name: position.age for position in SCENES[scene].positions}
    for account in Account.objects.all():
        mirror_all(account, ages)


def excuse_silence() -> None:
    """While the floor stands the providers have nothing to tell: no page shall call that trouble."""
    now = timezone.now()
    for account in Account.objects.exclude(callback_at__gt=now - timedelta(minutes=1)):
        account.callback_at = now
        account.save(update_fields=["callback_at"])


def end_former_calls(stop: threading.Event) -> None:
    """Calls of an earlier run, which the new sandbox does not know, end as in production: by asking."""
    deadline = time.monotonic() + 3 * TIMING.gone_again
    live = Conference.objects.exclude(status=Conference.Status.COMPLETED)
    while live.exists() and time.monotonic() < deadline:
        for account in Account.objects.all():
            sweep.sweep(account)
        stop.wait(TIMING.due_interval)


def mirror_all(account: Account, ages: Mapping[str, float]) -> None:
    """As the sweep would, but as if Earshot had been there when each call took its state."""
    provider = provider_for(account)
    for found in [event for status in LIVE for event in provider.list_conferences(status)]:
        at = timezone.now() - timedelta(seconds=ages.get(found.friendly_name or "", 0.0))
        legs = provider.list_participants(found.conference_sid)
        mirror.apply(account, [found, *legs], at=at)
        mirror.apply(account, [provider.fetch_call(leg.call_sid) for leg in legs], at=at)
        mirror.apply(account, provider.list_recordings(found.conference_sid), at=at)
