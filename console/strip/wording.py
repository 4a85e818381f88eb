"""The strip's words, filled with the names of the call."""

from participants import access
from participants.models import Participant
from participants.stay import Audience

from .codes import AT_REST, LAPSE_SHOWN, if_lost
from .scene import Role, Scene
from .words import (
    CHANGED,
    CHECKING,
    ENDED,
    NOBODY_HEARS,
    NOT_ANSWERED,
    OPENED,
    RECORDING,
    REFUSED,
    REFUSED_OTHERWISE,
    WHY_TAKEN_OFF,
    WORDS,
)

EVERYONE = "Everyone"  # where nobody is known by name
RECORDED_NOW = "in-progress"
ASKED_AT_ONCE = 5.0  # seconds in which a doubt is asked about before anybody needs to
LOST = {"S6o", "S9"}  # whisper ended because its agent went away or was held


def words_of(scene: Scene, code: str) -> tuple[str, str]:
    names = _names(scene, scene.lost_agent if code in LOST else scene.agent)
    return tuple(text.format(**names) for text in WORDS[code])  # type: ignore[return-value]


def _names(scene: Scene, agent: Participant | None) -> dict[str, str]:
    stay, conference = scene.stay, scene.stay.conference
    name = name_of(agent) if agent is not None else "The agent"
    customer_here = any(leg.role in (Role.CUSTOMER, None) for leg in scene.others)
    hearers = _join([name_of(leg) for leg in scene.others if leg.role != Role.SUPERVISOR]) or EVERYONE
    loudest = if_lost(scene) if scene.worst == Audience.UNKNOWN else scene.worst
    basic = {
        "provider": access.provider_title(conference),
        "agent": name,
        "hearers": hearers,
        "others": _others(hearers),
        "maybe": name if loudest == Audience.AGENT else hearers,
        "other": _other_target(scene),
        "customer": "still there" if customer_here else "gone",
        "silence": NOBODY_HEARS if scene.exposure == Audience.NOBODY else CHECKING,
        "heard": _heard(scene, name),
        "last": {"listen": "nobody", "whisper": f"only {name}", "barge": "everyone"}.get(
            stay.confirmed or "", "nobody knows who"
        ),
        "at": f"{stay.ended_at:%H:%M:%S} UTC" if stay.ended_at else "",
        "ended": ENDED.get(conference.reason_ended or "", "It is over."),
        "then": "Nobody hears you. Your phone rings again for the next call."
        if stay.then_conference_id
        else "Nobody hears you.",
        "blocked": _why_no_whisper(scene),
        "detail": stay.ended_detail,
        "refusal": _refusal(scene, agent),
    }
    reasons = {**NOT_ANSWERED, **WHY_TAKEN_OFF} if stay.ended_at else REFUSED
    why = reasons.get(stay.ended_why if stay.ended_at else stay.lapsed, "It ended.")
    return basic | {"why": why.format(**basic)}


def name_of(leg: Participant) -> str:
    return "the customer" if leg.role in (Role.CUSTOMER, None) else access.person_name(leg)


def _join(names: list[str]) -> str:
    text = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    return text[:1].upper() + text[1:]


def _heard(scene: Scene, agent: str) -> str:
    words = {Audience.NOBODY: NOBODY_HEARS, Audience.AGENT: f"Only {agent} hears you"}
    return words.get(scene.exposure, "Everyone hears you")


def _other_target(scene: Scene) -> str:
    targets = scene.state.possible_targets - {scene.state.target}
    return next((name_of(leg) for leg in scene.others if leg.call_sid in targets), "somebody else")


def _refusal(scene: Scene, agent: Participant | None) -> str:
    """What the last refusal means; the provider's own words only where we have none for its code."""
    refused = next((r for r in reversed(scene.state.asked) if r.outcome == "refused"), None)
    if refused is None:
        return ""
    stay = scene.stay
    about = access.About(scene.user, stay.wanted, access.Call(stay.conference, scene.legs), agent, stay)
    return access.refusal(refused.code, about) or REFUSED_OTHERWISE.format(
        provider=access.provider_title(stay.conference), detail=refused.message
    )


def _others(hearers: str) -> str:
    """The same inside a sentence."""
    if hearers == EVERYONE:
        return "whoever is on it"
    return hearers.replace("The customer", "the customer", 1)


def _why_no_whisper(scene: Scene) -> str:
    verdict = access.may(scene.user, "whisper", scene.stay.conference)
    since = scene.stay.conference.stale_since
    asked_just_now = verdict.code == "stale" and since and scene.now - since.timestamp() < ASKED_AT_ONCE
    return verdict.detail if verdict.detail and not asked_just_now else "Earshot is getting it ready."


def _heard_by(scene: Scene) -> str:
    if scene.stay.opened_to == Audience.AGENT and scene.agent is not None:
        return name_of(scene.agent)
    return _join([name_of(leg) for leg in scene.others if leg.role != Role.SUPERVISOR]) or EVERYONE


def is_worse(leg: Participant) -> bool:
    """Off the talk: what a joining supervisor must not cause, and what is worth a look."""
    return bool(leg.muted or leg.hold)


def suffix_of(scene: Scene, code: str) -> str:
    """At most one more sentence, the most important one."""
    if code not in AT_REST:
        return ""
    opened = scene.stay.opened_at
    if opened is not None and scene.now - opened.timestamp() < LAPSE_SHOWN:
        return OPENED.format(hearers=_heard_by(scene))
    changed = [leg for leg in scene.others if leg.call_sid in scene.stay.flags_changed and is_worse(leg)]
    if changed:
        return CHANGED.format(name=_join([name_of(leg) for leg in changed]))
    # Whom nobody hears is on no recording.
    if scene.stay.conference.recording == RECORDED_NOW and scene.exposure != Audience.NOBODY:
        return RECORDING
    others = [leg for leg in scene.others if leg.role == Role.SUPERVISOR]
    if not others:
        return ""
    return f" {_join([name_of(leg) for leg in others])} {'is' if len(others) == 1 else 'are'} here too."
