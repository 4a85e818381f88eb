"""End a call for everyone; ask the provider about it now."""

import contextlib

from .. import mirror, reading
from ..models import Conference, Intervention
from ..providers import Gone, Refused, provider_for
from .command import Act, Asked, allow, repeated, run
from .confirming import confirm_end


def end(conference: Conference, asked: Asked) -> Intervention:
    """Hang up on everybody. Raises Denial `confirm` until its outcome was confirmed."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "end", conference)
    confirm_end(conference, asked)
    return run(
        asked,
        "end",
        conference,
        Act(
            send=lambda: _end(conference),
            read=lambda: reading.refresh(conference),
            done=lambda: not Conference.objects.get(pk=conference.pk).live,
        ),
    )


def _end(conference: Conference) -> None:
    """Status=completed (Conference resource); a room in `init` refuses it, so its legs are removed."""
    provider = provider_for(conference.account)
    if conference.status == Conference.Status.IN_PROGRESS:
        try:
            provider.update_conference(conference.sid, status="completed")
            return  # that it ended is believed from a read alone: an ended call never comes back
        except Gone:
            raise
        except Refused as refused:
            if refused.status != 400:
                raise
    for leg in conference.participants.filter(left_at=None):
        with contextlib.suppress(Gone):
            provider.delete_participant(conference.sid, leg.call_sid)


def refresh(conference: Conference, asked: Asked) -> Intervention:
    """Ask the provider now. Changes nothing on the call."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "refresh", conference)
    answered: list[mirror.Changed] = []

    def read() -> mirror.Changed:
        changed = reading.refresh(conference)
        answered.append(changed)
        return changed

    return run(asked, "refresh", conference, Act(send=lambda: None, read=read, done=lambda: bool(answered)))
