"""Every waiting time of the product, in seconds of our clock, in one table.

`EARSHOT_TIME_SCALE` multiplies all of them (1 in production; tests run at 0.05).
"""

import os
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    # Supervisors' legs (design: how a supervisor becomes audible)
    ring: float = 15.0  # before voicemail answers
    ring_grace: float = 5.0  # the provider's own delay on top of the ring time
    read_switching: float = 1.0  # while dialling, joining, switching
    read_audible: float = 3.0  # in whisper and barge
    read_listening: float = 10.0
    observation_valid: float = 20.0  # older than this nothing is called safe
    mute_repeat: float = 1.0
    silence_deadline: float = 5.0  # then the leg is removed
    opening_deadline: float = 5.0  # a 2xx that is not seen makes the wish listen again
    ring_words: float = 5.0  # what a phone that is only tried is told
    delayed_opening: float = 20.0  # a whisper that had to dial lapses after this
    then_deadline: float = 10.0  # moving to another call: the old leg must be gone by then
    only_supervisors: float = 5.0
    remove_first: float = 1.0  # removals are repeated at 1, 2, 4 … 30 s
    remove_last: float = 30.0
    lease: float = 10.0  # longer than a request can take
    due_interval: float = 1.0

    # Commands
    command_wait: float = 2.5  # then the API answers 202
    command_poll: float = 0.05
    fact_deadline: float = 5.0  # an accepted command whose fact is not seen is contradicted
    coach_silence: float = 2.0  # holding an agent waits this long for the coaches' mutes
    abandoned: float = 2.0  # how often commands are looked for whose process has died
    idempotency: float = 24 * 3600.0
    document: float = 600.0  # so long a provider may come for what it is to say
    music_document: float = 26 * 3600.0  # a call lasts up to a day, and its music is asked for when it begins
    fetched: float = 30.0  # what the provider has not come for by then is not played
    announcement_grace: float = 60.0  # its end is told so long after it should have ended, or never
    chain_verified: float = 24 * 3600.0  # by the worker, however long it is
    chain_check: float = 60.0  # the admin's lists verify a short chain again after this

    # Dials that people asked for
    second: float = 1.0  # of a provider that places so many calls in one
    dial_due: float = 0.25  # how often the worker looks whose turn it is
    dial_look: float = 1.0  # a dial whose answer was lost is looked for after 1, 2, 4, 8, 15, 30, 60 of these
    dial_read: float = 1.0  # a phone that rings, in its first ten seconds; then a third as often
    slow_down: float = 2.0  # where a provider asks for it and does not say for how long
    dial_patience: float = 300.0  # so long a dial goes back in line

    # The conversation with a provider
    connect: float = 2.0
    read: float = 5.0
    request: float = 8.0  # in all: requests' own read time-out is per packet
    retry: float = 0.5

    # Reading
    read_pause: float = 0.1  # between two reads of an account: ten a second
    read_patience: float = 2.0  # a read that can wait for its turn waits at most so long
    sweep: float = 10.0
    worker_lease: float = 15.0  # renewed ten times in this time
    worker_silent: float = 4.5  # so long not renewed: /readyz says that there is no worker
    roster: float = 60.0
    roster_supervised: float = 3.0
    unverified: float = 75.0  # then the screen says "not checked"
    gap_wait: float = 2.0  # what is missing may only be late
    gap_read: float = 10.0  # between two reads of a call because of holes
    purge: float = 24 * 3600.0  # between two looks of a worker for what is too old to be kept
    lost_dial: float = 90.0  # so long a dial whose answer was lost is looked for
    gone_again: float = 5.0  # between two 404 of a conference

    # The live board
    batch: float = 0.05
    coalesce: float = 0.25  # changes that follow one another go out together
    compare: float = 0.5
    compare_supervised: float = 0.2
    heartbeat: float = 5.0
    acknowledge: float = 25.0
    not_live: float = 12.0
    revocation: float = 5.0

    def scaled(self, factor: float) -> "Timing":
        return Timing(**{field.name: getattr(self, field.name) * factor for field in fields(self)})


def time_scale() -> float:
    """The factor of `EARSHOT_TIME_SCALE`; raises ValueError with a sentence when it is unusable."""
    text = os.environ.get("EARSHOT_TIME_SCALE", "1")
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= 10:
        raise ValueError(f"EARSHOT_TIME_SCALE is {text!r}; it must be a number above 0 and at most 10.")
    return factor


TIMING = Timing().scaled(time_scale())
