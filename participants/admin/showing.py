"""How rows are written on admin pages. `row.numbers`: whether the reader may see phone numbers in full."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .. import access, ledger
from ..access_reasons import user_name
from ..models import Agent, Conference, Participant, Supervision
from .stays import NEVER_HAPPENED

NOTHING = "–"


def text(row: Any, value: str | None) -> str:
    """Any words that people or providers wrote: a phone number may stand in all of them."""
    if not value:
        return NOTHING
    return value if row.numbers else access.mask_text(value)


def number(row: Any, address: str | None) -> str:
    if not address:
        return NOTHING
    return address if row.numbers else access.mask(address)


def moment(at: datetime | None, *, exact: bool = False) -> str:
    """The time in this site's zone with its name, and UTC in the tooltip; `exact`: with milliseconds."""
    if at is None:
        return NOTHING
    local = timezone.localtime(at)
    shown = f"{local:%Y-%m-%d %H:%M:%S}" + (f".{local:%f}"[:4] if exact else "")
    utc = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return format_html('<time datetime="{}" title="{}">{} {}</time>', utc, utc, shown, local.tzname())


def providers_words(row: Any) -> str:
    """The provider's code and message, as they came with an answer."""
    return text(row, " ".join(part for part in (row.code, row.message) if part))


def seal(row: ledger.Row) -> str:
    """Whether the row is as it was written into the chain."""
    return "✓" if ledger.is_sealed(row) else "CHANGED"


def length(span: timedelta | None) -> str:
    """`0:34`, `12:05`, `1:02:05`."""
    if span is None:
        return NOTHING
    minutes, seconds = divmod(max(0, int(span.total_seconds())), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def said(value: bool | None) -> str:
    """Absent is not false: null was not said."""
    return {True: "yes", False: "no", None: NOTHING}[value]


def link(to: Model | None, label: str) -> str:
    if to is None:
        return NOTHING
    address = reverse(f"admin:{to._meta.app_label}_{to._meta.model_name}_change", args=[to.pk])
    return format_html('<a href="{}">{}</a>', address, label)


def list_link(model: type[Model], label: str, query: str) -> str:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, query, label)


def pretty(row: Any, value: Any) -> str:
    """JSON, indented and escaped."""
    if value is None:
        return NOTHING
    shown = value if row.numbers else access.masked(value)
    return preformatted(json.dumps(shown, indent=2, ensure_ascii=False, sort_keys=True))


def preformatted(words: str) -> str:
    return format_html("<pre>{}</pre>", words)


def lines(texts: Iterable[str]) -> str:
    written: SafeString = format_html_join(SafeString("<br>"), "{}", ((line,) for line in texts))
    return written or NOTHING


def call(row: Any, conference: Conference | None) -> str:
    return link(conference, text(row, str(conference))) if conference else NOTHING


def person(row: Any, leg: Participant | None) -> str:
    """An agent by name, everybody else by role and number."""
    if leg is None:
        return NOTHING
    if leg.agent is not None:
        return text(row, leg.agent.name)
    role = leg.get_role_display() if leg.role else "Not identified"
    return f"{role} {number(row, leg.address)}" if leg.address else role


def user(row: Any, somebody: User) -> str:
    return text(row, user_name(somebody))


def agents(row: Any, conference: Conference) -> str:
    """The agents of a call, once each, in the order in which they came."""
    known: dict[Agent, None] = {leg.agent: None for leg in conference.participants.all() if leg.agent}
    return ", ".join(text(row, agent.name) for agent in known) or NOTHING


def customers(row: Any, conference: Conference) -> str:
    legs = [leg for leg in conference.participants.all() if leg.role == Participant.Role.CUSTOMER]
    return ", ".join(number(row, leg.address) for leg in legs) or NOTHING


def ended_how(row: Any, stay: Supervision) -> str:
    if stay.ended_at is None:
        return "still on the call"
    return text(row, " ".join(part for part in (stay.ended_why.replace("_", " "), stay.ended_detail) if part))


def reasons(row: Any, stay: Supervision) -> str:
    """The supervisor's reasons while the stay lasted, from the prefetched interventions of the call."""
    given = {
        done.reason: None
        for done in stay.conference.interventions.all()
        if done.user_id == stay.user_id and done.reason and _during(stay, done.requested_at)
    }
    return text(row, "; ".join(given))


def _during(stay: Supervision, at: datetime) -> bool:
    # The wish is recorded just before its stay begins.
    return stay.since - timedelta(seconds=15) <= at <= (stay.ended_at or at)


def heard_by(row: Any, stay: Supervision) -> str:
    """Who could hear the supervisor at some time: nobody, the coached agents, everyone."""
    requests = [
        one for one in stay.requests.all() if one.muted is False and one.outcome not in NEVER_HAPPENED
    ]
    if any(one.coaching is False for one in requests):
        return "everyone"
    legs = {leg.call_sid: leg for leg in stay.conference.participants.all()}
    targets = dict.fromkeys(one.target or stay.target for one in requests)
    return ", ".join(person(row, legs.get(target or "")) for target in targets) or "nobody"


def milliseconds(began: datetime, ended: datetime | None) -> str:
    return NOTHING if ended is None else f"{(ended - began) / timedelta(milliseconds=1):,.0f}"


def searches(name: str) -> str:
    """Links to the calls of this agent, and to who supervised them."""
    query = urlencode({"q": name})
    return format_html(
        "{} · {}", list_link(Conference, "Calls", query), list_link(Supervision, "Supervisions", query)
    )
