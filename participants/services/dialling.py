"""Dial somebody into a call, or into a call that begins with them; cancel it, dial again.

What is dialled stands in a row of its own, from its place in line to its end; `dial_running` moves it on.
"""

import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from .. import access, access_dialling, dial_progress, dial_queue, reading, supervising
from ..access import Denial
from ..access_numbers import mask
from ..ledger import append_outcome, open_intervention
from ..models import Account, Conference, Dial, Intervention, Outcome
from ..providers import NoSecret, ProviderError, provider_for
from ..serializers_dials import name_of
from ..timing import TIMING
from ..words import say
from . import command, dial_running, dial_watching, dial_wishes
from .command import FINAL, Act, Asked, allow, conclude, open_for, repeated, state_of
from .dial_wishes import Forbidden, Wish

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
OWN = ("role", "announcement")
State, End, Said = Dial.State, Dial.End, Outcome.State


def dial(conference: Conference, asked: Asked, **wanted: Any) -> Intervention:
    """`wanted`: the provider's parameters by our names; `role` and `announcement` are Earshot's own."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "dial", conference)
    return _dial(conference.account, conference, asked, wanted)


def dial_by_name(account: Account, asked: Asked, *, friendly_name: str, **wanted: Any) -> Intervention:
    """Into the call of this name, which begins with it where none lives."""
    if (before := repeated(asked)) is not None:
        return before
    code, why = access_dialling.may_dial(asked.by, account)
    if code:
        raise _kept(asked, account, None, Denial(code, why), wanted)
    return _dial(account, friendly_name, asked, wanted)


def _dial(account: Account, room: Conference | str, asked: Asked, wanted: Mapping[str, Any]) -> Intervention:
    own, given = _parted(wanted)
    conference = None if isinstance(room, str) else room
    try:
        wish = dial_wishes.read(account, asked.by, room, given)
    except Forbidden as forbidden:
        denial = Denial(forbidden.word, forbidden.sentence)
        raise _kept(asked, account, conference, denial, wanted) from forbidden
    except NoSecret as unset:
        raise Denial("unreachable", str(unset)) from unset
    if isinstance(room, str) and (live := _living(account, room)) is not None:
        if not access.may_see(asked.by, live):
            raise _kept(asked, account, None, Denial("name_taken"), wanted)
        return dial(live, asked, **wanted)
    try:
        row = _open(account, room, asked, wish, own)
    except Limited as limited:
        raise _kept(asked, account, conference, limited.denial, wanted) from limited
    if isinstance(row, Intervention):  # the key was used at the same instant
        return row
    if wish.password is not None:
        dial_running.keep_password(row.pk, wish.password)
    return wait(row)


def _living(account: Account, friendly_name: str) -> Conference | None:
    """Asked of the provider, too: nobody dials into a call of others because nobody has told of it yet."""
    try:
        return dial_watching.living(account, friendly_name)
    except ProviderError as failed:
        raise Denial("unreachable", str(failed)) from failed


def _parted(wanted: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is Earshot's own, and what the provider is asked; what is null was not given."""
    given = {key: value for key, value in wanted.items() if value is not None}
    own: dict[str, Any] = {key: given.pop(key) for key in OWN if key in given}
    wrong = {}
    if own.get("role", "other") not in dial_wishes.ROLES:
        wrong["role"] = [f"Must be one of: {', '.join(dial_wishes.ROLES)}."]
    text = own.get("announcement", "said")
    if not isinstance(text, str) or not 1 <= len(text.strip()) <= dial_wishes.LONGEST_ANNOUNCEMENT:
        wrong["announcement"] = [f"Must be a text of 1 to {dial_wishes.LONGEST_ANNOUNCEMENT} characters."]
    if wrong:
        raise dial_wishes.invalid(wrong)
    return own, given


def _kept(
    asked: Asked, account: Account, conference: Conference | None, denial: Denial, wanted: Mapping[str, Any]
) -> Denial:
    """The attempt stays on the record, with whom it was meant for as everybody may read it."""
    intervention, _ = open_intervention(
        user=asked.by,
        verb="dial",
        conference=conference,
        reason=asked.reason,
        parameters={
            "account": account.key,
            "to": mask(str(wanted.get("to", ""))[:255]),
            "name": name_of(str(wanted.get("to", ""))[:255]),
        },
        fingerprint=asked.fingerprint,
    )
    append_outcome(intervention, Said.REFUSED, detail=denial.code)
    denial.intervention = intervention
    return denial


# --- its place in line ------------------------------------------------------------------------------------
class Limited(Exception):
    def __init__(self, denial: Denial) -> None:
        super().__init__(denial.code)
        self.denial = denial


@transaction.atomic
def _open(
    account: Account, room: Conference | str, asked: Asked, wish: Wish, own: Mapping[str, Any]
) -> Dial | Intervention:
    """The committed row: from here on it will be dialled once, or never, whatever happens to this process."""
    now = timezone.now()
    place = dial_queue.take_place(account, now)  # locks the account: the rates are counted one by one
    _check_rates(account, asked.by, now)
    conference = None if isinstance(room, str) else room
    intervention, new = open_intervention(
        user=asked.by,
        verb="dial",
        conference=conference,
        parameters={
            "account": account.key,
            "to": mask(wish.target.text),
            "name": name_of(wish.target.text),
            "label": wish.label,
            **own,
        },
        reason=asked.reason,
        key=asked.key,
        fingerprint=asked.fingerprint,
    )
    if not new:
        return command.same(intervention, asked)
    row = Dial.objects.create(
        account=account,
        conference=conference,
        friendly_name=room if isinstance(room, str) else "",
        intervention=intervention,
        label=wish.label,
        to=wish.target.text,
        parameters=wish.parameters,
        asked_at=now,
        due_at=place,
    )
    dial_watching.tell(row)
    return row


def _check_rates(account: Account, user: User, now: Any) -> None:
    mine = Dial.objects.filter(account=account, intervention__user=user)
    everybodys = Dial.objects.filter(account=account)
    for rows, most, span, words in (
        (mine, account.dials_per_minute, MINUTE, "{} dials a minute"),
        (mine, account.dials_per_day, DAY, "{} dials a day"),
        (everybodys, account.account_dials_per_minute, MINUTE, "{} dials a minute for this account"),
    ):
        newest = rows.filter(asked_at__range=(now - span, now)).order_by("-asked_at")
        within = list(newest.values_list("asked_at", flat=True)[:most])
        if len(within) == most:
            again = (within[-1] + span - now).total_seconds() if within else span.total_seconds()
            sentence = say("dial_limit", limit=words.format(most), age=_age(again))
            raise Limited(Denial("dial_limit", sentence, retry_after=max(1.0, again)))


def _age(seconds: float) -> str:
    whole = max(1, round(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def wait(row: Dial) -> Intervention:
    """Until it is known what became of it, at most `TIMING.command_wait`."""
    until = time.monotonic() + TIMING.command_wait
    while time.monotonic() < until and state_of(row.intervention) not in FINAL:
        dial_running.run_due()
        supervising.run_due()
        time.sleep(TIMING.command_poll)
    return row.intervention


# --- cancel, dial again -----------------------------------------------------------------------------------
def cancel(row: Dial, asked: Asked) -> Intervention:
    """In line: it is never sent. Ringing: it is taken off the call. Who is on the call already stays."""
    if (before := repeated(asked)) is not None:
        return before
    if row.conference is not None:
        allow(asked, "cancel", row.conference)
    elif (refused := access_dialling.may_dial(asked.by, row.account, verb="cancel"))[0]:
        raise Denial(*refused)
    before_sent = _wish_cancelled(row)
    if row.conference is None or before_sent:
        return _noted(row, asked)
    return command.run(asked, "cancel", row.conference, _removal(row), **_about(row))


@transaction.atomic
def _wish_cancelled(row: Dial) -> bool:
    """True: it will never be sent. Else whoever sends or finds it takes it off the call again."""
    locked = dial_progress.lock(row.pk)
    if locked.state in {State.ENDED, State.CONNECTED}:
        raise Denial("not_dialled")
    if locked.state == State.WAITING:
        dial_progress.conclude(locked, End.CANCELLED, Said.FAILED)
        return True
    locked.ended_how, locked.due_at = End.CANCELLED, timezone.now()
    locked.save(update_fields=["ended_how", "due_at"])
    dial_watching.tell(locked)
    return False


def _about(row: Dial) -> dict[str, str]:
    return {"dial": str(row.pk), "name": name_of(row.to)}


def _noted(row: Dial, asked: Asked) -> Intervention:
    if row.conference is not None:
        intervention, new = open_for(asked, "cancel", row.conference, _about(row))
    else:
        intervention, new = open_intervention(
            user=asked.by,
            verb="cancel",
            parameters=_about(row),
            reason=asked.reason,
            key=asked.key,
            fingerprint=asked.fingerprint,
        )
    if new:
        conclude(intervention, Said.CONFIRMED)
    return intervention


def _removal(row: Dial) -> Act:
    conference = row.conference
    assert conference is not None

    def leg() -> str:
        return Dial.objects.values_list("call_sid", flat=True).get(pk=row.pk) or row.label

    def send() -> None:
        provider_for(row.account).delete_participant(conference.sid, leg())

    def done() -> bool:
        dial_running.run_due()
        now = Dial.objects.get(pk=row.pk)
        # One that may not even exist is looked for, and taken off when it is found.
        return now.state in {State.ENDED, State.UNKNOWN}

    return Act(send=send, read=lambda: reading.leg(conference, leg())[1], done=done, again=True)


def again(row: Dial, asked: Asked) -> Intervention:
    """The same once more, with a label of its own."""
    if (before := repeated(asked)) is not None:
        return before
    if dial_wishes.PASSWORD in row.parameters:
        raise Denial("no_password")
    own = {key: row.intervention.parameters.get(key) for key in OWN}
    wanted = dial_wishes.without_ours(row.account, row.parameters) | own
    if row.conference is not None and (row.conference.live or not row.friendly_name):
        return dial(row.conference, asked, **wanted)
    return dial_by_name(row.account, asked, friendly_name=row.friendly_name, **wanted)
