"""Conferences in which somebody's own phone is rung to try it: no calls, and never mirrored."""

from .events import ConferenceEvent
from .models import Account, Ring
from .models.ringing import RING_NAME


def without(account: Account, found: list[ConferenceEvent]) -> list[ConferenceEvent]:
    """The conferences that are calls. A name alone proves nothing: it has to be one that Earshot gave."""
    named = {event.friendly_name for event in found if (event.friendly_name or "").startswith(RING_NAME)}
    if not named:
        return found
    ours = set(Ring.objects.filter(account=account, name__in=named).values_list("name", flat=True))
    return [event for event in found if event.friendly_name not in ours]
