"""Mute, unmute, hold, resume, remove one person on a call; and say who somebody is."""

import time
from typing import Any

from .. import documents, mirror, reading, wishes
from ..events import Event
from ..models import Agent, Asset, Intervention, Mode, Outcome, Participant, Supervision
from ..providers import provider_for
from ..timing import TIMING
from .command import Act, Asked, allow, conclude, open_for, repeated, run
from .confirming import confirm_remove

# verb -> the one flag it sets. What silences is repeated until it shows.
FLAGS = {
    "mute": ("muted", True),
    "unmute": ("muted", False),
    "hold": ("hold", True),
    "resume": ("hold", False),
}


def mute(participant: Participant, asked: Asked) -> Intervention:
    return _set_flag("mute", participant, asked)


def unmute(participant: Participant, asked: Asked) -> Intervention:
    return _set_flag("unmute", participant, asked)


def hold(participant: Participant, asked: Asked) -> Intervention:
    return _set_flag("hold", participant, asked)


def resume(participant: Participant, asked: Asked) -> Intervention:
    return _set_flag("resume", participant, asked)


def _set_flag(verb: str, participant: Participant, asked: Asked) -> Intervention:
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, verb, participant)
    flag, value = FLAGS[verb]
    started = time.time()

    def send() -> Event:
        if verb == "hold":
            silence_coaches_of(participant)
        provider = provider_for(participant.conference.account)
        change: dict[str, Any] = {flag: value} | (_music(participant) if verb == "hold" else {})
        return provider.update_participant(participant.conference.sid, participant.call_sid, **change)

    def done() -> bool:
        row = Participant.objects.get(pk=participant.pk)
        seen = row.source != "answer" and row.as_of.timestamp() >= started
        return (seen and getattr(row, flag) is value) or (verb == "mute" and row.left_at is not None)

    act = Act(send=send, read=lambda: _read(participant), done=done, again=verb == "mute")
    return run(asked, verb, participant, act)


def _music(participant: Participant) -> dict[str, Any]:
    """What the account lets people on hold hear; left out it is the provider's own."""
    music = participant.conference.account.hold_music
    return {} if music is None else music_of(music)


def music_of(asset: Asset) -> dict[str, Any]:
    return {"hold_url": documents.music_url(asset), "hold_method": "GET"}


def remove(participant: Participant, asked: Asked) -> Intervention:
    """Take somebody off the call. Raises Denial `confirm` until its outcome was confirmed."""
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "remove", participant)
    confirm_remove(participant, asked)
    provider = provider_for(participant.conference.account)

    def send() -> None:
        silence_coaches_of(participant)
        provider.delete_participant(participant.conference.sid, participant.call_sid)

    def done() -> bool:
        return Participant.objects.filter(pk=participant.pk).exclude(left_at=None).exists()

    act = Act(send=send, read=lambda: _read(participant), done=done, again=True)
    return run(asked, "remove", participant, act)


def _read(participant: Participant) -> mirror.Changed:
    return reading.leg(participant.conference, participant.call_sid)[1]


def silence_coaches_of(participant: Participant) -> None:
    """A coach whose agent goes away is silenced first: what becomes of them then is not documented."""
    coaches = Supervision.objects.filter(
        conference=participant.conference, ended_at=None, wanted=Mode.WHISPER, target=participant.call_sid
    )
    found = list(coaches.values_list("pk", flat=True))
    for pk in found:
        wishes.lapse(pk, to=Mode.LISTEN, why="agent_on_hold")
    until = time.monotonic() + TIMING.coach_silence
    open_lines = Supervision.objects.filter(pk__in=found, ended_at=None).exclude(confirmed=Mode.LISTEN)
    while open_lines.exists() and time.monotonic() < until:
        time.sleep(TIMING.command_poll)


def identify(
    participant: Participant, asked: Asked, *, role: str, agent: Agent | None = None
) -> Intervention:
    """A person who knows says who this leg is. Certain from then on, whatever its caller id says.

    Without `agent` the role agent stays that of the agent whom the leg was probably.
    """
    if (before := repeated(asked)) is not None:
        return before
    allow(asked, "identify", participant)
    if role == Participant.Role.AGENT:
        agent = agent or participant.agent
    parameters = {"role": role, "agent": agent.pk if agent else None}
    intervention, new = open_for(asked, "identify", participant, parameters)
    if new:
        mirror.set_role(participant, role=role, agent=agent)
        conclude(intervention, Outcome.State.CONFIRMED)
    return intervention
