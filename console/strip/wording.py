"""The strip's words, filled with the names of the call."""

from participants import access
from participants.models import Participant
from participants.stay import Audience

from .codes import AT_REST, if_lost
from .scene import Role, Scene
from .words import CHANGED, CHECKING, ENDED, NOBODY_HEARS, NOT_ANSWERED, REFUSED, WHY_TAKEN_OFF, WORDS

LOST = {"S6o", "S9"}  # whisper ended because its agent went away or was held


def words_of(scene: Scene, code: str) -> tuple[str, str]:
    names = _names(scene, scene.lost_agent if code in LOST else scene.agent)
    return tuple(text.format(**names) for text in WORDS[code])  # type: ignore[return-value]


def _names(scene: Scene, agent: Participant | None) -> dict[str, str]:
    stay, conference = scene.stay, scene.stay.conference
    name = name_of(agent) if agent is not None else "The agent"
    customer_here = any(leg.role in (Role.CUSTOMER, None) for leg in scene.others)
    hearers = _join([name_of(leg) for leg in scene.others if leg.role != Role.SUPERVISOR]) or "Everyone"
    loudest = if_lost(scene) if scene.worst == Audience.UNKNOWN else scene.worst
    basic = {
        "provider": access.provider_title(conference),
        "agent": name,
        "hearers": hearers,
        "others": hearers.replace("The customer", "the customer", 1),
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
        "detail": stay.ended_detail or _last_refusal(scene),
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


def _last_refusal(scene: Scene) -> str:
    return next((r.message for r in reversed(scene.state.asked) if r.outcome == "refused"), "no reason given")


def _why_no_whisper(scene: Scene) -> str:
    verdict = access.may(scene.user, "whisper", scene.stay.conference)
    return verdict.detail or "Earshot is getting it ready."


def suffix_of(scene: Scene, code: str) -> str:
    """At most one more sentence, the most important one."""
    if code not in AT_REST:
        return ""
    changed = [leg for leg in scene.others if leg.call_sid in scene.stay.flags_changed]
    if changed:
        return CHANGED.format(name=_join([name_of(leg) for leg in changed]))
    others = [leg for leg in scene.others if leg.role == Role.SUPERVISOR]
    if not others:
        return ""
    return f" {_join([name_of(leg) for leg in others])} {'is' if len(others) == 1 else 'are'} here too."
