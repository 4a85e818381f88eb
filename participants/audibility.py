"""Who hears whom, and in which state a call is, from the flags alone. Three-valued: None is "not known"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Heard = bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One leg as the provider's flags describe it. A flag that was not said is None."""

    call_sid: str
    connected: bool
    muted: bool | None
    hold: bool | None
    coaching: bool | None
    target: str | None
    role: str | None = None
    ringing: bool = False


def _all(conditions: Iterable[Heard]) -> Heard:
    known = list(conditions)
    if False in known:
        return False
    return None if None in known else True


def _not(flag: bool | None) -> Heard:
    return None if flag is None else not flag


def hears(voices: Sequence[Voice], *, mixing: bool) -> dict[str, dict[str, Heard]]:
    """{speaker's call sid: {listener's call sid: does the listener hear the speaker}}.

    `mixing`: the conference is in progress; before that everybody hears music and nobody is heard.
    """
    present = [voice for voice in voices if voice.connected]
    here = {voice.call_sid for voice in present}
    return {
        speaker.call_sid: {
            listener.call_sid: _heard(speaker, listener, here) if mixing else False
            for listener in present
            if listener is not speaker
        }
        for speaker in present
    }


def _heard(speaker: Voice, listener: Voice, here: set[str]) -> Heard:
    return _all(
        [_not(speaker.muted), _not(speaker.hold), _not(listener.hold), _reaches(speaker, listener, here)]
    )


def _reaches(speaker: Voice, listener: Voice, here: set[str]) -> Heard:
    if not speaker.coaching:
        return _not(speaker.coaching)
    # What a coach becomes when the target has left is not documented by either provider.
    return speaker.target == listener.call_sid if speaker.target in here else None


def state_word(status: str, voices: Sequence[Voice], *, stale: bool) -> str:
    """The call's own state, one word. A leg whose role is not known yet counts as a customer."""
    if status == "completed":
        return "ended"
    if stale:
        return "unverified"
    customers = [v for v in voices if v.role in (None, "customer")]
    agents = [v for v in voices if v.role == "agent"]
    talking_customer = any(v.connected for v in customers)
    talking_agent = any(v.connected for v in agents)
    rules = (
        ("held", any(v.connected and v.hold for v in customers)),
        ("agent_held", any(v.connected and v.hold for v in agents)),
        ("supervised", talking_customer and not talking_agent and any(_speaks_to_all(v) for v in voices)),
        ("waiting", talking_customer and not talking_agent and not any(v.ringing for v in agents)),
        ("ringing", not talking_agent and any(v.ringing for v in agents)),
        ("dialling", not talking_customer and any(v.ringing for v in customers)),
        ("alone", talking_agent and not talking_customer),
        ("talking", talking_agent and talking_customer),
    )
    return next((word for word, holds in rules if holds), "starting")


def _speaks_to_all(voice: Voice) -> bool:
    return voice.role == "supervisor" and voice.connected and voice.muted is False and voice.coaching is False
