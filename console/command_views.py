"""Every command as a plain form: what the API does, for a page without scripts.

A confirmation is a page of its own with the sentence that the service computed.
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from participants import access
from participants.access import Denial
from participants.models import Agent, Conference, Intervention, Participant
from participants.serializers import conference_json, load
from participants.services import VERBS, verbs_at
from participants.services.command import Asked
from participants.words import SENTENCES

from . import announce_views, api
from .display import person_name, say, title
from .forms import IdentifyForm
from .sheets import answer_done, answer_wrong, for_script
from .shell import page, reader_of, signed_in

Target = Conference | Participant
CONFIRMED = 200
# Asked on a page of its own, with a sentence of the catalogue.
ASKED_FIRST = {"recording/stop": "stop_recording"}
YES = {"true": True}  # barge takes a yes, the others the token of their sentence


@require_http_methods(["GET", "HEAD", "POST"])
def conference_command(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """POST a verb at a call. GET, as after a reload of its answer, leads back to the call."""
    rows = Conference.objects.select_related("account", "team")
    found = access.visible_to(signed_in(request), rows).filter(pk=pk).first()
    if found is not None and verb == "dial":
        return redirect("conference-dial", pk)
    if found is not None and verb == "announce":
        return announce_views.announce(request, found)
    if found is None or verb not in verbs_at("conference"):
        raise Http404
    if request.method != "POST":
        return redirect("conference", pk)
    return _run(request, verb, found, participant=_chosen(request, found))


@require_http_methods(["GET", "HEAD", "POST"])
def participant_command(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """POST a verb at somebody on a call; some ask first, on a form of their own."""
    rows = Participant.objects.select_related("agent", "conference__account", "conference__team")
    found = access.visible_participants(signed_in(request), rows).filter(pk=pk).first()
    if found is None or verb not in verbs_at("participant"):
        raise Http404
    if verb in FORMS:
        return FORMS[verb](request, found)
    if request.method != "POST":
        return redirect("conference", found.conference_id)
    return _run(request, verb, found)


def _chosen(request: HttpRequest, conference: Conference) -> Participant | None:
    """Whom to whisper to, where the form named somebody."""
    named = request.POST.get("participant", "")
    return next((leg for leg in conference.participants.all() if str(leg.pk) == named), None)


def _identify(request: HttpRequest, participant: Participant) -> HttpResponse:
    user = signed_in(request)
    teams = access.teams_of(user)
    agents = Agent.objects.all() if teams is access.ALL else Agent.objects.filter(team__in=teams)
    form = IdentifyForm(request.POST if request.method == "POST" else None, agents=agents)
    if request.method == "POST" and for_script(request):
        return _identify_for_script(request, participant, form)
    if request.method == "POST" and form.is_valid():
        return _run(request, "identify", participant, **form.cleaned_data)
    json = conference_json(load([participant.conference_id])[0], numbers=access.sees_numbers(user))
    person = next((one for one in json["participants"] if one["id"] == str(participant.pk)), None)
    if person is None:
        return redirect("conference", participant.conference_id)
    name = person_name(json, person, reader_of(user))
    return page(request, "console/identify.html", form=form, name=name, call=json["id"], title=title(json))


def _identify_for_script(request: HttpRequest, participant: Participant, form: IdentifyForm) -> HttpResponse:
    try:
        if not form.is_valid():
            wrong = {name: [str(each) for each in said] for name, said in form.errors.items()}
            raise Denial("invalid", SENTENCES["invalid"].format(fields=", ".join(wrong)), fields=wrong)
        service, _ = VERBS["identify"]
        service(participant, Asked(by=signed_in(request)), **form.cleaned_data)
    except Denial as denial:
        return answer_wrong(request, denial, partial(redirect, "conference", participant.conference_id))
    return answer_done(request, say("identified"), back_to=participant.conference_id)


FORMS: dict[str, Callable[[HttpRequest, Participant], HttpResponse]] = {
    "identify": _identify,
    "announce": announce_views.announce,
    "cue": announce_views.cue,
}


def _run(request: HttpRequest, verb: str, target: Target, **arguments: Any) -> HttpResponse:
    """The same service as the API's; then back to the call with what became of it."""
    service, _ = VERBS[verb]
    confirm = request.POST.get("confirm")
    asked = Asked(by=signed_in(request), confirm=YES.get(confirm or "", confirm))
    given = {key: value for key, value in arguments.items() if value is not None}
    conference = api.conference_of(target)
    try:
        if verb in ASKED_FIRST and not confirm:
            raise Denial("confirm", SENTENCES[ASKED_FIRST[verb]], confirm=True)
        intervention = service(target, asked, **given)
        _say_what_became(request, verb, intervention, conference)
    except Denial as denial:
        question = _question(request, verb, conference, denial)
        if question is not None:
            return question
        messages.error(request, denial.detail)
    return redirect("conference", conference.pk)


def _say_what_became(
    request: HttpRequest, verb: str, intervention: Intervention, conference: Conference
) -> None:
    """Raises Denial with what stood in the way."""
    answer = api.answer(intervention, conference, numbers=False)
    done = "is confirmed" if answer.status_code == CONFIRMED else "was asked for, not confirmed yet"
    messages.success(request, f"{say(f'verb.{verb}', provider='again').rstrip('…')} {done}.")


def _question(request: HttpRequest, verb: str, conference: Conference, denial: Denial) -> HttpResponse | None:
    """The page that asks before it is done; None where there is nothing to ask."""
    if denial.code not in {"confirm", "choose_agent"}:
        return None
    heading, _, rest = denial.detail.partition("? ")
    return page(
        request,
        "console/ask.html",
        call=conference.pk,
        options=_agents(conference) if denial.code == "choose_agent" else [_yes(verb, denial)],
        heading=f"{heading}?" if rest else say(f"verb.{verb}"),
        text=rest or denial.detail,
    )


def _yes(verb: str, denial: Denial) -> dict[str, Any]:
    token = "true" if denial.confirm is True else denial.confirm
    return {
        "label": say(f"verb.{verb}").rstrip("…"),
        "name": "confirm",
        "value": token,
        "danger": verb != "barge",
    }


def _agents(conference: Conference) -> list[dict[str, Any]]:
    legs = conference.participants.filter(role=Participant.Role.AGENT, left_at=None).select_related("agent")
    return [
        {"label": leg.agent.name, "name": "participant", "value": str(leg.pk)} for leg in legs if leg.agent
    ]
