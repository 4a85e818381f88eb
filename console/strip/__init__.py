"""The strip: who hears this supervisor, in words. The page prints what stands here and adds nothing."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from participants import access
from participants.models import Participant, Supervision
from participants.serializers import time_text
from participants.stay import Audience
from participants.stay_rows import moment

from .codes import AT_REST, code_of, code_of_ended, if_lost
from .scene import Scene, scene_of
from .wording import name_of, suffix_of, words_of
from .words import WORDS

GROUND = {Audience.NOBODY: "grey", Audience.AGENT: "amber", Audience.EVERYONE: "red"}
ENDED_SHOWN = {"S14": 15.0, "S4": 60.0, "S15": 60.0, "S16": 60.0}  # seconds
SILENCED = {"S6o", "S9"}  # at rest as soon as the silence is confirmed
GROUP = ("listen", "whisper", "barge")
LABELS = {"listen": "Listen", "whisper": "Whisper", "barge": "Barge", "leave": "Leave"}


def strip(user: User) -> dict[str, Any]:
    """What the strip of this user says now: the content of the frame `me`."""
    live = Supervision.objects.select_related("conference__account", "then_conference").filter(user=user)
    stay = live.filter(ended_at=None).first()
    if stay is not None:
        return _live(scene_of(user, stay))
    last = live.exclude(ended_at=None).order_by("-ended_at").first()
    code = code_of_ended(last) if last is not None else ""
    if last is None or not code or _is_old(last, code):
        return _away(user)
    return _ended(scene_of(user, last), code)


# --- not on a call ----------------------------------------------------------------------------------------
def _away(user: User) -> dict[str, Any]:
    profile = getattr(user, "supervisor", None)
    phone = profile.address if profile else ""
    shown = phone if access.sees_numbers(user) else access.mask(phone)
    headline, subline = WORDS["S0" if phone else "S1"]
    buttons = [] if phone else [_button("phone", "Set my phone")]
    return _frame(
        "S0" if phone else "S1", headline, subline.format(phone=shown), buttons=buttons, ground="plain"
    )


def _is_old(stay: Supervision, code: str) -> bool:
    assert stay.ended_at is not None
    return timezone.now() - stay.ended_at > timedelta(seconds=ENDED_SHOWN[code])


def _ended(scene: Scene, code: str) -> dict[str, Any]:
    again = [_button("again", "Try again" if code == "S4" else "Call me again")]
    change = [_button("phone", "Change phone")] if code == "S4" else []
    buttons = (again if code in {"S4", "S15"} and scene.stay.conference.live else []) + change
    headline, subline = words_of(scene, code)
    return _frame(
        code,
        headline,
        subline,
        scene=scene,
        buttons=[*buttons, _button("close", "Close")],
        since=time_text(scene.stay.ended_at),
    )


def _live(scene: Scene) -> dict[str, Any]:
    code, state = code_of(scene), scene.state
    headline, subline = words_of(scene, code)
    worst = scene.worst if code not in {"S2", "S2d"} else Audience.NOBODY
    loudest = if_lost(scene) if worst == Audience.UNKNOWN else worst
    at_rest = code in AT_REST or (code in SILENCED and scene.exposure == Audience.NOBODY)
    started = moment(state.mode_since if at_rest and state.mode_since else state.wanted_at)
    return _frame(
        code,
        headline,
        subline + suffix_of(scene, code),
        scene=scene,
        worst=worst,
        ground=GROUND[loudest],
        striped=not at_rest,
        if_lost=if_lost(scene),
        since=time_text(started),
        confirmed_at=time_text(moment(state.confirmed_at)),
        chips=_chips(scene, loudest, certain=at_rest),
        buttons=_buttons(scene, code),
    )


def _chips(scene: Scene, worst: Audience, *, certain: bool) -> list[dict[str, Any]]:
    def hears(leg: Participant) -> bool | None:
        may = worst == Audience.EVERYONE or (worst == Audience.AGENT and leg == scene.agent)
        if leg.hold and certain:
            return False
        return may if certain or not may else None

    return [{"name": name_of(leg), "hears": hears(leg)} for leg in scene.others]


def _buttons(scene: Scene, code: str) -> list[dict[str, Any]]:
    if code in {"S2", "S2d", "S18"}:
        return [_button("leave", "Cancel")]
    if code in {"S3", "S8", "S8x", "S11", "S12b"}:
        return [_button("leave", "Leave")]
    if code == "S10":
        wanted = scene.state.wanted
        return [_button(wanted, LABELS[wanted]), _button("leave", "Leave now")]
    if code == "S12":
        return [_button("listen", "Silence me"), _button("leave", "Leave")]
    if code == "S7p":
        return [_button("listen", "Listen"), _button("leave", "Leave")]
    return [*(_mode_button(scene, verb) for verb in GROUP), _button("leave", "Leave")]


def _mode_button(scene: Scene, verb: str) -> dict[str, Any]:
    if verb == "listen":
        return _button(verb, LABELS[verb])
    verdict = access.may(scene.user, verb, scene.stay.conference)
    off = verdict.code is not None and verdict.code != "already"
    return _button(verb, LABELS[verb], enabled=not off, reason=verdict.detail if off else None)


def _button(verb: str, label: str, *, enabled: bool = True, reason: str | None = None) -> dict[str, Any]:
    return {"verb": verb, "label": label, "enabled": enabled, "reason": reason}


def _frame(
    code: str, headline: str, subline: str, *, scene: Scene | None = None, **parts: Any
) -> dict[str, Any]:
    own = None
    if scene is not None:
        own = Participant.objects.filter(
            conference=scene.stay.conference, call_sid=scene.stay.call_sid
        ).first()
    return {
        "code": code,
        "worst": Audience.NOBODY.value,
        "ground": "grey",
        "striped": False,
        "if_lost": Audience.NOBODY.value,
        "wanted": scene.stay.wanted if scene else None,
        "conference": str(scene.stay.conference_id) if scene else None,
        "participant": str(own.pk) if own else None,
        "since": None,
        "confirmed_at": None,
        "headline": headline,
        "subline": subline,
        "chips": [],
        "buttons": [],
        **parts,
    }
