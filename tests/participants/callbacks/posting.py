"""Recorded callbacks, posted as if they came now."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from participants import mirror
from participants.models import Callback, Conference
from tests.factories import make_account
from tests.participants.wire import Wire, recording

Told = list[mirror.Changed]


def make_wire(name: str, client: Client, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """The provider of this name, with an account of ours."""
    wire = Wire(name, client)
    monkeypatch.setenv("EARSHOT_TEST_TOKEN", wire.dialect.secret)
    make_account(name, provider=name, sid=wire.dialect.account_sid, **wire.dialect.facts)
    return wire


def fresh(
    wire: Wire, event: str, *, age: timedelta = timedelta(0), **changes: str
) -> tuple[str, dict[str, str]]:
    """A recorded callback as it would come now (or `age` ago)."""
    recorded = recording(wire.name, event)
    stamp = wire.dialect.stamp(datetime.now(UTC) - age)
    return recorded["kind"], {**recorded["form"], "Timestamp": stamp, **changes}


def post(wire: Wire, event: str, **changes: str) -> int:
    kind, form = fresh(wire, event, **changes)
    return wire.post(kind, form)


def verdicts() -> list[str]:
    return list(Callback.objects.order_by("id").values_list("verdict", flat=True))


def nothing_was_kept() -> bool:
    return not Callback.objects.exists() and not Conference.objects.exists()
