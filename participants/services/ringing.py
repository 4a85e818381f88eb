"""“Ring me now”: a person's own phone rings, alone, in a conference that nobody else is in and nobody sees.

It is muted, rings as long as listening would, and is taken off right after the answer; should this process
die meanwhile, the provider ends it by its time limit.
"""

import logging
import secrets
import time
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from .. import access, access_dialling, dial_queue
from ..access import Denial
from ..capabilities import refusals_json
from ..documents import ring_url
from ..ledger import append_outcome, open_intervention
from ..models import Account, Intervention, Outcome, Ring, Supervisor
from ..models.ringing import RING_NAME
from ..pools import Pool
from ..providers import PROVIDERS, Gone, NotSent, Provider, ProviderError, Refused, provider_for
from ..timing import TIMING
from ..words import RIGHTS, say
from .command import Asked, conclude, repeated, wait

log = logging.getLogger(__name__)
State, End = Outcome.State, Ring.End
MINUTE = timedelta(minutes=1)
LONGEST_S = 60  # what the provider is told: no ring lasts longer, whoever dies
_pool = Pool("ring", threads=4)


def ring(asked: Asked, account: Account | None = None) -> Intervention:
    """Without `account` one that can be reached, of the person's teams if there is one. Raises Denial."""
    if (before := repeated(asked)) is not None:
        return before
    account = account or account_for(asked.by)
    address = Supervisor.objects.filter(user=asked.by).values_list("address", flat=True).first() or ""
    try:
        _check_right(asked.by)
        if account is None:
            raise Denial("no_account", say("ring_account"))
        if account.reachable is False:
            raise Denial("ring_unreachable", say("ring_unreachable", account=account.key))
        _check(asked.by, account, address)
        row = _open(asked, account, address)
    except Denial as denial:
        raise _kept(asked, account, denial) from denial
    if isinstance(row, Intervention):  # the key was used at the same instant
        return row
    _pool.submit(account.pk, _run, row)
    return wait(row.intervention)


def account_for(user: User) -> Account | None:
    teams = access.teams_of(user)
    reached = list(Account.objects.exclude(reachable=False))
    own = [account for account in reached if account.default_team_id in teams]
    return next(iter([*own, *reached]), None)


def may_ring(user: User) -> bool:
    """Whoever listens by phone; and who sets Earshot up, to try it."""
    return user.has_perm("participants.listen") or access.configures(user)


def _check_right(user: User) -> None:
    if not may_ring(user):
        auditor = user.groups.filter(name=access.AUDITORS).exists()
        button, deed = RIGHTS["listen"]
        raise (
            Denial("auditor")
            if auditor
            else Denial("not_allowed", say("not_allowed", verb=deed, right=button))
        )


def _check(user: User, account: Account, address: str) -> None:
    if not address:
        raise Denial("no_phone")
    if not access.phone_allowed(address) or not access_dialling.own_phone_allowed(address, account):
        raise Denial("phone_not_allowed", say("phone_not_allowed", phone=address))
    if access.stay_of(user) is not None:
        raise Denial("ring_on_call")


def _kept(asked: Asked, account: Account | None, denial: Denial) -> Denial:
    """A refused attempt is on the record too."""
    parameters = {"account": account.key if account else None}
    refused, _ = open_intervention(
        user=asked.by, verb="ring", parameters=parameters, reason=asked.reason, fingerprint=asked.fingerprint
    )
    append_outcome(refused, State.REFUSED, detail=denial.code)
    denial.intervention = refused
    return denial


@transaction.atomic
def _open(asked: Asked, account: Account, address: str) -> Ring | Intervention:
    """Committed before anything is sent. One at a time, and not more in a minute than dials."""
    Supervisor.objects.select_for_update().get(user=asked.by)
    now = timezone.now()
    recent = Ring.objects.filter(user=asked.by, asked_at__range=(now - MINUTE, now))
    if recent.filter(ended_at=None).exists():
        raise Denial("ring_goes_on")
    earlier = list(recent.values_list("asked_at", flat=True)[: account.dials_per_minute])
    if len(earlier) >= account.dials_per_minute:
        again = max(1.0, (earlier[-1] + MINUTE - now).total_seconds()) if earlier else 60.0
        raise Denial("too_many", say("too_many", age=f"{again:.0f} s"), retry_after=again)
    intervention, new = open_intervention(
        user=asked.by,
        verb="ring",
        parameters={"account": account.key, "to": access.mask(address)},
        reason=asked.reason,
        key=asked.key,
        fingerprint=asked.fingerprint,
    )
    if not new:
        return intervention
    name = RING_NAME + secrets.token_hex(8)
    return Ring.objects.create(
        user=asked.by, account=account, intervention=intervention, address=address, name=name
    )


# --- the ring ---------------------------------------------------------------------------------------------
def _run(row: Ring) -> None:
    try:
        provider = provider_for(row.account)
        dial_queue.make_way(row.account)
        leg = provider.dial(
            row.name,
            named=True,
            to=row.address,
            label=row.name,
            muted=True,
            beep="false",
            early_media=False,
            start_conference_on_enter=True,
            end_conference_on_exit=True,
            timeout=round(max(TIMING.ring, 5)),
            time_limit=LONGEST_S,
            max_participants=2,
        )
    except NotSent as error:
        return _end(row, End.NOT_SENT, State.FAILED, detail="unreachable", message=str(error))
    except Refused as refused:
        told = {"code": refused.code, "message": refused.message}
        return _end(row, End.REFUSED, State.REFUSED, detail="refused", **told)
    except ProviderError as error:
        return _end(row, End.UNKNOWN, State.UNKNOWN, message=str(error))
    row.conference_sid, row.call_sid = leg.conference_sid, leg.call_sid
    row.save(update_fields=["conference_sid", "call_sid"])
    conclude(row.intervention, State.ACCEPTED)
    return _follow(row, provider)


def _follow(row: Ring, provider: Provider) -> None:
    """Until it is answered or over; then it is taken off, whatever it was."""
    until = time.monotonic() + TIMING.ring + TIMING.ring_grace
    answered = False
    while not answered and time.monotonic() < until:
        time.sleep(TIMING.dial_read)
        try:
            answered = provider.fetch_participant(row.conference_sid, row.call_sid).presence == "in"
        except Gone:
            break
        except ProviderError as error:
            log.info("Looking at a ring failed: %s", error)
    if answered:
        Ring.objects.filter(pk=row.pk).update(answered_at=timezone.now())
        conclude(row.intervention, State.CONFIRMED, evidence={"read": time.time()})
        _speak(row, provider)
    _hang_up(row, provider)
    if answered:
        Ring.objects.filter(pk=row.pk).update(ended_at=timezone.now(), ended_how=End.ANSWERED)
    else:
        _end(row, End.NO_ANSWER, State.FAILED, detail="no_answer")


def _speak(row: Ring, provider: Provider) -> None:
    """Says who rang. A provider that cannot, or will not here, only hangs up."""
    try:
        provider.update_participant(row.conference_sid, row.call_sid, announce_url=ring_url(row))
    except ProviderError as error:
        log.info("A ring ends without a word: %s", error)
        return
    time.sleep(TIMING.ring_words)


def _hang_up(row: Ring, provider: Provider) -> None:
    for _ in range(3):
        try:
            return provider.delete_participant(row.conference_sid, row.call_sid)
        except Gone:
            return None
        except ProviderError as error:
            log.warning("A ring was not taken off yet: %s", error)
            time.sleep(TIMING.retry)
    return None


def _end(row: Ring, how: str, state: str, **words: str) -> None:
    Ring.objects.filter(pk=row.pk).update(ended_at=timezone.now(), ended_how=how)
    conclude(row.intervention, state, **words)


# --- what became of it, in words --------------------------------------------------------------------------
def sentence(intervention: Intervention) -> str:
    """What its newest outcome means."""
    row = Ring.objects.select_related("account").get(intervention=intervention)
    newest = intervention.outcomes.order_by("-position").first()
    state, detail = (newest.state, newest.detail) if newest else (State.REQUESTED, "")
    kind = PROVIDERS[row.account.provider]
    if state == State.CONFIRMED:
        return say("ring_answered")
    if state in {State.REQUESTED, State.ACCEPTED}:
        return say("ring_rings")
    if state == State.FAILED and detail == "no_answer":
        return say("no_answer")
    if state == State.REFUSED:
        code = newest.code if newest else ""
        found = (
            each["sentence"] for each in refusals_json(kind, account=row.account.key) if each["code"] == code
        )
        why = next(found, say("refused", provider=kind.title))
        return f"{why} {kind.title}: “{newest.message}”" if newest and newest.message else why
    return say("unreachable" if state == State.FAILED else "unknown", provider=kind.title)
