"""Silence where nothing can be recorded: sent all the same, and told in the log instead of in the chain.

The disk is full, or the database takes no writes. Everything else is refused then, because nobody could tell
afterwards who did it; but nobody may have to listen on because of that. Only reads and the provider are used.
"""

import logging
import time
from collections.abc import Callable
from typing import Any

from ..access import Denial
from ..models import Mode, Participant, Supervision
from ..providers import Gone, ProviderError, provider_for
from ..timing import TIMING
from ..words import say

log = logging.getLogger(__name__)
TRIES = 3
Send = Callable[[], Any]


def of_person(verb: str, leg: Participant, *, user_id: int) -> Denial:
    """Mutes or removes somebody on the call; who whispers to them is silenced first."""
    provider, conference = provider_for(leg.conference.account), leg.conference
    coaches = Supervision.objects.filter(
        conference=conference, ended_at=None, wanted=Mode.WHISPER, target=leg.call_sid
    )
    sends = [_mute(stay) for stay in coaches if verb == "remove"]
    if verb == "remove":
        sends.append(lambda: provider.delete_participant(conference.sid, leg.call_sid))
    else:
        sends.append(lambda: provider.update_participant(conference.sid, leg.call_sid, muted=True))
    return _sent(f"user {user_id}: {verb} of participant {leg.pk}", sends, provider.title)


def of_stay(verb: str, stay: Supervision) -> Denial:
    """Mutes the person's own line; `leave` also takes it off the call."""
    provider, sid = provider_for(stay.conference.account), stay.conference.sid
    sends = [_mute(stay)]
    if verb == Mode.LEAVE:
        sends.append(lambda: provider.delete_participant(sid, stay.call_sid or stay.label or ""))
    return _sent(f"user {stay.user_id}: {verb} on conference {stay.conference_id}", sends, provider.title)


def _mute(stay: Supervision) -> Send:
    provider, sid = provider_for(stay.conference.account), stay.conference.sid
    return lambda: provider.update_participant(sid, stay.call_sid or stay.label or "", muted=True)


def _sent(what: str, sends: list[Send], title: str) -> Denial:
    """What the person is told: there is no record, whatever became of it."""
    done = [_done(send) for send in sends]  # each of them, also after one that failed
    log.critical("Nothing can be recorded. %s: %s.", what, "sent" if all(done) else "not answered")
    sentence = say("unrecorded" if all(done) else "unrecorded_unknown", provider=title)
    return Denial("unavailable", sentence, retry_after=1)


def _done(send: Send) -> bool:
    for attempt in range(TRIES):
        if attempt:
            time.sleep(TIMING.retry)
        try:
            send()
        except Gone:
            return True
        except ProviderError as error:
            log.warning("What silences was not answered: %s", error)
        else:
            return True
    return False
