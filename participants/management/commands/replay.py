"""`manage.py replay`: do the stored callbacks explain what the rows say? Changes nothing."""

import sys
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Exists, OuterRef, Q, QuerySet

from participants.differences import Report, compare, untold
from participants.models import Callback, Conference


class Command(BaseCommand):
    help = "Applies stored callbacks to nothing and reports where the rows differ. Exit code 1: they do."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--conference", help="its id or its sid; default: all")
        parser.add_argument("--account", help="the key of an account")
        parser.add_argument(
            "--since", help="calls that began after this: 2026-11-21 or 2026-11-21T14:00, UTC"
        )
        parser.add_argument("--shuffle", type=int, metavar="SEED", help="not in the order received")

    def handle(self, *_args: Any, **options: Any) -> None:
        calls = self._calls(options)
        total, seen = Report(), 0
        for pk in list(calls.values_list("pk", flat=True)):
            found = compare(calls.get(pk=pk), seed=options["shuffle"])
            for line in (*found.notes, *found.explained):
                self.stdout.write(line)
            self._say_differences(found.differences)
            seen += 1
            total.callbacks += found.callbacks
            total.explained += found.explained
            total.differences += found.differences
        missing = [untold(sid) for sid in self._untold(options)]
        self._say_differences(missing)
        total.differences += missing
        self.stdout.write(
            f"{seen:,} calls, {total.callbacks:,} callbacks: {len(total.differences):,} differences;"
            f" {len(total.explained):,} more are explained by what was asked."
        )
        if total.differences:
            sys.exit(1)

    def _say_differences(self, lines: list[str]) -> None:
        for line in lines:
            self.stdout.write(f"DIFFERENT: {line}")

    def _calls(self, options: dict[str, Any]) -> QuerySet[Conference]:
        rows = Conference.objects.select_related("account").order_by("first_seen_at", "pk")
        if options["account"]:
            rows = rows.filter(account__key=options["account"])
        if options["since"]:
            rows = rows.filter(first_seen_at__gte=_moment(options["since"]))
        if options["conference"]:
            rows = rows.filter(_named(options["conference"]))
            if not rows.exists():
                raise CommandError(f"There is no call {options['conference']}.")
        return rows

    def _untold(self, options: dict[str, Any]) -> list[str]:
        """Conferences of applied callbacks that have no row."""
        if options["conference"]:
            return []
        known = Conference.objects.filter(account=OuterRef("account"), sid=OuterRef("conference_sid"))
        rows = Callback.objects.filter(verdict=Callback.Verdict.APPLIED).exclude(conference_sid="")
        if options["account"]:
            rows = rows.filter(account__key=options["account"])
        if options["since"]:
            rows = rows.filter(received_at__gte=_moment(options["since"]))
        named = rows.exclude(Exists(known)).order_by("conference_sid")
        return list(named.values_list("conference_sid", flat=True).distinct())


def _named(text: str) -> Q:
    try:
        return Q(pk=UUID(text)) | Q(sid=text)
    except ValueError:
        return Q(sid=text)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--since is {text!r}; it must be a date or a time, like 2026-11-21.") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
