"""Whose turn it is: providers place so many calls a second for an account, and here nobody is refused for it.

A dial takes the next free place, which is stored with the account: several processes stand in one line.
A supervisor's own leg waits for nobody: everybody in line moves back by one place.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from .models import Account, Dial
from .providers import PROVIDERS
from .timing import TIMING

LONGEST = timedelta(hours=24)  # a place later than that was taken before our clock was set back


def pause(account: Account) -> timedelta:
    """Between two calls that the provider places for this account; zero: as many at once as one likes."""
    kind = PROVIDERS.get(account.provider)
    rate = account.calls_per_second or (kind.calls_per_second if kind else None)
    return timedelta(seconds=TIMING.second / rate) if rate else timedelta()


def take_place(account: Account, now: datetime) -> datetime:
    """When the next dial of this account may leave. To be called in the transaction that makes its row."""
    locked = _locked(account)
    place = _free(locked, now)
    _take(locked, place + pause(locked))
    return place


def make_way(account: Account) -> None:
    """A supervisor's own leg is dialled now: it takes the place of whoever would be next."""
    if not (each := pause(account)):
        return
    with transaction.atomic():
        locked = _locked(account)
        _take(locked, _free(locked, timezone.now()) + each)
        _waiting(account).update(due_at=F("due_at") + each)


def step_back(account: Account, seconds: float, now: datetime) -> datetime:
    """The provider asked us to slow down: nobody is dialled before. Returns when the refused one is next."""
    locked, wait = _locked(account), timedelta(seconds=seconds)
    _waiting(account).update(due_at=F("due_at") + wait)
    _take(locked, _free(locked, now) + wait)
    return now + wait


def _locked(account: Account) -> Account:
    return Account.objects.select_for_update().get(pk=account.pk)


def _free(locked: Account, now: datetime) -> datetime:
    taken = locked.placed_until
    return now if taken is None or not now < taken <= now + LONGEST else taken


def _take(locked: Account, until: datetime) -> None:
    Account.objects.filter(pk=locked.pk).update(placed_until=until)


def _waiting(account: Account) -> QuerySet[Dial]:
    return Dial.objects.filter(account=account, state=Dial.State.WAITING, due_at__isnull=False)
