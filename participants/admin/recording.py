"""Reading and taking away what is not for everybody's eyes is itself on the record."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest

from .. import ledger
from ..models import Conference, Outcome


def record(
    request: HttpRequest, verb: str, *, parameters: dict[str, Any], conference: Conference | None = None
) -> None:
    """A finished intervention of the signed-in person: `export`, `search` or `read_callback`."""
    with transaction.atomic():
        done, _ = ledger.open_intervention(
            user=reader(request), verb=verb, conference=conference, parameters=parameters
        )
        ledger.append_outcome(done, Outcome.State.CONFIRMED)


def reader(request: HttpRequest) -> User:
    """The signed-in person: the admin's pages have no other readers."""
    assert isinstance(request.user, User)
    return request.user
