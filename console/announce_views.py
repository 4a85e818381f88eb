"""Announcements and cues as forms: what is said, in which voice, to whom, and for how long about."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse

from participants import access
from participants.access import Denial
from participants.capabilities import kind_of
from participants.models import Conference, Participant
from participants.serializers import conference_json, load
from participants.services import announcing

from . import api
from .display import Json, person_name, present, say, span, title, with_role
from .sheets import answer_done, answer_wrong, asked_by
from .shell import page, reader_of, signed_in

Target = Conference | Participant
AGREED = "yes"
SPOKEN = ("text", "language", "voice", "asset")
SAMPLE = 1000  # signs


def announce(request: HttpRequest, target: Target) -> HttpResponse:
    """To everybody on the call, or to one person. Everybody hears it only after a question."""
    said = {name: request.POST.get(name, "").strip() for name in SPOKEN}
    form = partial(_announce_form, request, target, said)
    if request.method != "POST" or "text" not in request.POST:
        return form(access.may(signed_in(request), "announce", target).detail)
    given: dict[str, Any] = {name: value for name, value in said.items() if value}
    try:
        _ask(request, target, given)
        asked = asked_by(request)
        api.answer(announcing.announce(target, asked, **given), api.conference_of(target), numbers=False)
    except Denial as denial:
        if denial.code == "confirm":
            return answer_wrong(request, denial, partial(_question, request, target, said, denial))
        return answer_wrong(request, denial, partial(_wrong, form, denial))
    names = _about(target, signed_in(request))
    return answer_done(request, say(f"announced.{names['to']}", **names), back_to=names["call"])


def cue(request: HttpRequest, target: Participant) -> HttpResponse:
    """A card or a line into the ear of the agent alone."""
    text = (request.POST.get("card") or request.POST.get("text") or "").strip()
    form = partial(_cue_form, request, target, request.POST.get("text", ""))
    if request.method != "POST" or not {"card", "text"} & set(request.POST):
        return form(access.may(signed_in(request), "cue", target).detail)
    try:
        intervention = announcing.cue(target, asked_by(request), text=text)
        api.answer(intervention, target.conference, numbers=False)
    except Denial as denial:
        return answer_wrong(request, denial, partial(_wrong, form, denial))
    names = _about(target, signed_in(request))
    return answer_done(request, say("cued", who=names["who"], text=text), back_to=names["call"])


def _wrong(form: Any, denial: Denial) -> HttpResponse:
    answer: HttpResponse = form("" if denial.fields else denial.detail, denial.fields or {})
    return answer


# --- the forms --------------------------------------------------------------------------------------------
def _about(target: Target, user: User) -> dict[str, Any]:
    """Who is meant, as this person reads it."""
    conference = api.conference_of(target)
    json = conference_json(load([conference.pk])[0], numbers=access.sees_numbers(user))
    person = next((one for one in json["participants"] if one["id"] == str(target.pk)), None)
    who = person_name(json, person, reader_of(user)) if person else say("hears.everyone")
    return {
        "call": conference.pk,
        "json": json,
        "title": title(json),
        "who": who,
        "to": "one" if isinstance(target, Participant) else "all",
    }


def _announce_form(
    request: HttpRequest,
    target: Target,
    said: dict[str, str],
    error: str = "",
    wrong: dict[str, list[str]] | None = None,
) -> HttpResponse:
    names = _about(target, signed_in(request))
    kind = kind_of(names["json"]["provider"])
    voices = dict(kind.speech.voices) if kind else {}
    return page(
        request,
        "console/announce.html",
        **names,
        said=said,
        error=error,
        wrong=wrong or {},
        key=uuid4(),
        voices=list(voices),
        languages=sorted({language for spoken in voices.values() for language in spoken}),
        sounds=announcing.sounds("announcement"),
        digits_a_second=SAMPLE / announcing.seconds_of("1" * SAMPLE),
        signs_a_second=SAMPLE / announcing.seconds_of("x" * SAMPLE),
    )


def _cue_form(
    request: HttpRequest,
    target: Participant,
    written: str,
    error: str = "",
    wrong: dict[str, list[str]] | None = None,
) -> HttpResponse:
    names = _about(target, signed_in(request))
    return page(
        request,
        "console/cue.html",
        **names,
        cards=_cards(names["json"], signed_in(request)),
        most=announcing.CUE_LENGTH,
        written=written,
        error=error,
        wrong=wrong or {},
        key=uuid4(),
    )


def _cards(json: Json, user: User) -> list[str]:
    """What is at hand; the first says how long the customer has been on hold, where one is."""
    held = [one for one in with_role(json, "customer") if present(one) and one["hold"] and one["hold_since"]]
    cards = dict(announcing.CARDS)
    if held:
        time = span(min(one["hold_since"] for one in held), reader_of(user).now)
        cards["hold"] = say("cue.held", card=cards["hold"].rstrip("."), time=time)
    return list(cards.values())


# --- to everybody -----------------------------------------------------------------------------------------
def _ask(request: HttpRequest, target: Target, given: dict[str, str]) -> None:
    """Raises Denial `confirm` with what everybody will hear, until somebody has agreed to it."""
    if isinstance(target, Participant) or request.POST.get("confirm") == AGREED or not given:
        return
    access.check(signed_in(request), "announce", target)
    text, seconds = given.get("text", ""), announcing.seconds_of(given.get("text", ""))
    sound = next((one for one in announcing.sounds() if one["id"] == given.get("asset")), None)
    if sound:
        text, seconds = sound["name"], sound["seconds"]
    raise Denial("confirm", say("announce.all", text=text, seconds=str(round(seconds))), confirm=AGREED)


def _question(request: HttpRequest, target: Target, said: dict[str, str], denial: Denial) -> HttpResponse:
    """The same on a page of its own; what was written goes along."""
    return page(
        request,
        "console/ask.html",
        call=api.conference_of(target).pk,
        heading=say("announce.ask"),
        text=denial.detail,
        carried=[*said.items(), ("key", request.POST.get("key", ""))],
        options=[{"label": say("verb.announce_now"), "name": "confirm", "value": AGREED, "danger": True}],
    )
