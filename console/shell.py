"""What every page of a signed-in person is given: theme, keys, rights, the words, and the strip."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from participants import access
from participants.models import Supervisor

from . import account_states
from .display import PHRASES, Reader
from .phrases import CHIPS, KEY_SHEET
from .strip import strip

MODES = ("listen", "whisper", "barge")
AT_THE_EDGE = ("leave", "close")


def signed_in(request: HttpRequest) -> User:
    """The middleware lets nobody else through to these pages."""
    assert isinstance(request.user, User)
    return request.user


def reader_of(user: User) -> Reader:
    return Reader(user_id=str(user.pk), now=timezone.now())


def with_lines(reader: Reader) -> Reader:
    """Also knowing how the lines to the accounts are."""
    return replace(reader, lines=account_states.read())


def may_enter(user: User) -> bool:
    """Whether there is anything here for this person: a team, all of them, or a right."""
    teams = access.teams_of(user)
    return teams is access.ALL or bool(teams or access.verbs_of(user))


def page(
    request: HttpRequest,
    template: str,
    *,
    here: str = "",
    status: int = 200,
    reader: Reader | None = None,
    **own: Any,
) -> HttpResponse:
    """`template` inside the shell; `here` marks the page in the rail, and the header what `reader` knows."""
    user = signed_in(request)
    profile = Supervisor.objects.filter(user=user).first()
    context = {
        "theme": profile.theme if profile else Supervisor.Theme.SYSTEM,
        "keys": profile.keys if profile else True,
        "verbs": access.verbs_of(user),
        "reads_raw": access.reads_raw(user),
        "configures": access.configures(user),
        "auditor": user.groups.filter(name=access.AUDITORS).exists(),
        "person": user.get_full_name() or user.get_username(),
        "now": timezone.now(),
        "here": here,
        "chips": CHIPS,
        "phrases": PHRASES,
        "troubles": list(account_states.marks(reader.lines)) if reader else [],
        "key_sheet": KEY_SHEET,
        "strip": _strip(user) if may_enter(user) else None,
    }
    return render(request, template, context | own, status=status)


def _strip(user: User) -> dict[str, Any]:
    """The strip with its buttons as forms, in the three places where they stand."""
    state = strip(user)
    buttons = [_button(button, state) for button in state["buttons"]]
    return state | {
        "modes": [button for button in buttons if button["verb"] in MODES],
        "others": [button for button in buttons if button["verb"] not in (*MODES, *AT_THE_EDGE)],
        "leaves": [button for button in buttons if button["verb"] == "leave"],
    }


def _button(button: dict[str, Any], state: dict[str, Any]) -> dict[str, Any]:
    if button["verb"] == "phone":
        return button | {"href": reverse("me")}
    if state["conference"] is None or button["verb"] == "close":
        return button
    verb = "listen" if button["verb"] == "again" else button["verb"]
    place = {"action": reverse("conference-command", args=[state["conference"], verb])}
    if verb not in MODES or button["verb"] == "again":
        return button | place
    return button | place | {"role": "radio", "checked": not state["striped"] and state["wanted"] == verb}
