"""Is the process up, is everything it needs there, and how much is going on."""

import secrets
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from participants.models import Account, Callback, Change, Conference, Supervision
from participants.timing import TIMING

from . import hub

Part = dict[str, Any]
Sample = tuple[str, dict[str, str], float]
RECENT = timedelta(minutes=5)
DAY = timedelta(hours=24)


@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """The process answers; it asks nobody else."""
    return JsonResponse({"ok": True})


@login_not_required
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """503 until every part is there."""
    parts = {name: _asked(part) for name, part in PARTS.items()}
    ready = all(part["ok"] for part in parts.values())
    return JsonResponse({"ok": ready, "parts": parts}, status=200 if ready else 503)


def _asked(part: Callable[[], Part]) -> Part:
    try:
        return part()
    except DatabaseError as wrong:
        return {"ok": False, "detail": type(wrong).__name__}


def _database() -> Part:
    with transaction.atomic(), connection.cursor() as cursor:  # takes the write lock where there is one
        cursor.execute("SELECT 1")
    return {"ok": True}


@cache
def _leaf_nodes_applied() -> bool:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise MissingMigrations(", ".join(str(migration) for migration, _ in missing))
    return True


class MissingMigrations(Exception):
    """Not cached: the next question looks again."""


def _migrations() -> Part:
    try:
        return {"ok": _leaf_nodes_applied()}
    except MissingMigrations as missing:
        return {"ok": False, "detail": f"not applied: {missing}"}


def _layer() -> Part:
    return {"ok": True, "detail": "one process"}


def _worker() -> Part:
    """The worker renews its lease on every account, whether the provider answers or not.

    A worker that is stuck has its leases for a while: it is missed when it has not renewed them.
    """
    now = timezone.now()
    renewed = now + timedelta(seconds=TIMING.worker_lease - TIMING.worker_silent)
    accounts = Account.objects.values_list("key", "lease_until", "swept_at", "reachable")
    without = [key for key, lease, _, _ in accounts if lease is None or lease < renewed]
    unread = [key for key, _, swept, reachable in accounts if swept is None and reachable is None]
    ages = [(now - swept).total_seconds() for _, _, swept, _ in accounts if swept]
    part: Part = {"ok": not without and not unread, "age_s": round(max(ages), 1) if ages else None}
    if without:
        part["detail"] = f"no worker for: {', '.join(without)}"
    elif unread:
        part["detail"] = f"not read yet: {', '.join(unread)}"
    return part


PARTS = {"database": _database, "migrations": _migrations, "layer": _layer, "worker": _worker}


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format, for the bearer of EARSHOT_METRICS_TOKEN; without a token there is none."""
    token = settings.EARSHOT_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not token or not secrets.compare_digest(given.encode(), token.encode()):
        raise Http404
    lines = [
        f"earshot_{name}{_labels(labels)} {value:g}"
        for family in FAMILIES
        for name, labels, value in family()
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; version=0.0.4; charset=utf-8")


def _labels(labels: dict[str, str]) -> str:
    texts = [
        '{}="{}"'.format(name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n"))
        for name, value in labels.items()
    ]
    return f"{{{','.join(texts)}}}" if texts else ""


def _sockets() -> Iterator[Sample]:
    yield "sockets", {}, hub.open_sockets()


def _calls() -> Iterator[Sample]:
    live = Conference.objects.exclude(status=Conference.Status.COMPLETED)
    for account, state, count in live.values_list("account__key", "state").annotate(Count("id")).order_by():
        yield "live_calls", {"account": account, "state": state}, count


def _supervisions() -> Iterator[Sample]:
    live = Supervision.objects.filter(ended_at=None)
    for wanted, count in live.values_list("wanted").annotate(Count("id")).order_by():
        yield "live_supervisions", {"wanted": wanted}, count


def _callbacks() -> Iterator[Sample]:
    recent = Callback.objects.filter(received_at__gte=timezone.now() - RECENT)
    rows = recent.values_list("account__key", "verdict").annotate(Count("id")).order_by()
    for account, verdict, count in rows:
        yield "callbacks_last_5_minutes", {"account": account, "verdict": verdict}, count


def _drift() -> Iterator[Sample]:
    """What reads had to correct because its callback never came; 0 for an account without such."""
    corrections = Change.objects.filter(correction=True, at__gt=timezone.now() - DAY)
    counts = corrections.values_list("conference__account").annotate(Count("id")).order_by()
    found = dict(counts)
    for pk, key in Account.objects.values_list("pk", "key"):
        yield "drift_last_24_hours", {"account": key}, found.get(pk, 0)


def _accounts() -> Iterator[Sample]:
    now = timezone.now()
    for account in Account.objects.all():
        labels = {"account": account.key}
        if account.reachable is not None:
            yield "account_reachable", labels, account.reachable
        if account.swept_at:
            yield "account_swept_age_seconds", labels, (now - account.swept_at).total_seconds()


FAMILIES = (_sockets, _calls, _supervisions, _callbacks, _drift, _accounts)
