"""Reading and taking away what is not for everybody's eyes is itself on the record."""

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest

from .. import ledger
from ..models import Conference


def record(
    request: HttpRequest, verb: str, *, parameters: dict[str, Any], conference: Conference | None = None
) -> None:
    """A deed of the signed-in person: `export` or `read_callback`."""
    ledger.append_deed(user=reader(request), verb=verb, parameters=parameters, conference=conference)


def reader(request: HttpRequest) -> User:
    """The signed-in person: the admin's pages have no other readers."""
    assert isinstance(request.user, User)
    return request.user
