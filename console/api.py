"""The commands of the API: one table of verbs, one view, the services do the rest."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import URLPattern, path
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants import access
from participants.access import Denial
from participants.models import Agent, Conference, Intervention, Outcome, Participant
from participants.serializers import conference_json, intervention_json, load, recorded
from participants.services import VERBS, verbs_at
from participants.services.command import Asked
from participants.timing import TIMING

from . import api_bodies as bodies
from .api_schema import COMMANDED, Described

Target = Conference | Participant
# Verbs that take more than a reason.
BODIES: dict[str, type[bodies.Body]] = {
    "whisper": bodies.Whisper,
    "barge": bodies.Barge,
    "end": bodies.Confirmed,
    "remove": bodies.Confirmed,
    "identify": bodies.Identify,
    "recording/start": bodies.StartRecording,
    "recording/pause": bodies.PauseRecording,
    "announce": bodies.Announce,
    "cue": bodies.Cue,
}
# What of a body goes to the service as it stands.
AS_GIVEN = ("text", "language", "voice", "asset", "stop", *bodies.StartRecording().fields.keys() - {"reason"})
# What became of a command that did not come about: the error's code, its status, its sentence.
FAILURES = {
    "unreachable": ("unreachable", 502, "unreachable"),
    "gone": ("gone", 409, "too_late"),
    "conference_ended": ("gone", 409, "too_late"),
    "not_found": ("not_called", 409, "not_called"),
    "not_started": ("not_started", 409, "not_started"),
    "not_fetched": ("not_fetched", 409, "not_fetched"),
    **{code: (code, 409, code) for code in ("no_answer", "busy", "dropped", "not_silenced")},
    **{code: (code, 409, code) for code in ("replaced", "lapsed")},
}


class Commands(APIView):
    """POST a verb at a call or at somebody on it."""

    http_method_names = ["post"]
    schema = Described()
    verb = ""
    kind = ""
    serializer_class: type[bodies.Body] = bodies.Body
    answers = COMMANDED

    def post(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        service, _ = VERBS[self.verb]
        of_call = self.kind == "conference"
        target = visible_conference(user, pk) if of_call else visible_participant(user, pk)
        wanted = bodies.read(self.serializer_class, request.data)
        asked = Asked(
            by=user,
            reason=wanted.get("reason", ""),
            key=idempotency_key(request),
            fingerprint=fingerprint(request),
            confirm=wanted.get("confirm"),
        )
        try:
            intervention = service(target, asked, **_arguments(user, target, wanted))
        except Denial as denial:
            denial.conference = conference_of(target)
            raise
        return answer(intervention, conference_of(target), numbers=access.sees_numbers(user))


def user_of(request: Request) -> User:
    assert isinstance(request.user, User), "every route of the API asks for a session"
    return request.user


def visible_conference(user: User, pk: UUID) -> Conference:
    rows = access.visible_to(user, Conference.objects.select_related("account", "team"))
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def visible_participant(user: User, pk: UUID) -> Participant:
    rows = Participant.objects.select_related("agent", "conference__account", "conference__team")
    found = access.visible_participants(user, rows).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def conference_of(target: Target) -> Conference:
    return target.conference if isinstance(target, Participant) else target


def idempotency_key(request: Request) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch(r"[\x21-\x7e]{1,200}", key):
        raise ValidationError({"Idempotency-Key": ["Must be 1 to 200 visible ASCII characters."]})
    return key


def fingerprint(request: Request) -> str:
    """Tells whether a repetition is the same request: its method, its path and its body."""
    body = json.dumps(request.data, sort_keys=True)
    return hashlib.sha256(f"{request.method} {request.path} {body}".encode()).hexdigest()


def _arguments(user: User, target: Target, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the service is told beside who asks: rows in the place of ids."""
    arguments: dict[str, Any] = {name: wanted[name] for name in AS_GIVEN if name in wanted}
    if wanted.get("participant"):
        arguments["participant"] = _person_on(conference_of(target), wanted["participant"])
    if "role" in wanted:
        arguments["role"] = wanted["role"]
        arguments["agent"] = _agent(user, wanted["agent"]) if wanted.get("agent") else None
    return arguments


def _person_on(conference: Conference, text: str) -> Participant:
    found = next((leg for leg in conference.participants.all() if str(leg.pk) == text.lower()), None)
    if found is None:
        raise ValidationError({"participant": ["Must be the id of somebody on this call."]})
    found.conference = conference
    return found


def _agent(user: User, text: str) -> Agent:
    teams = access.teams_of(user)
    agents = Agent.objects.all() if teams is access.ALL else Agent.objects.filter(team__in=teams)
    found = agents.filter(pk=int(text)).first() if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else None
    if found is None:
        raise ValidationError({"agent": ["Must be the id of an agent of your teams."]})
    return found


# --- what became of it ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Ending:
    state: str
    detail: str
    code: str
    message: str


def ending(intervention: Intervention) -> Ending:
    """What was known when the first answer was due, so that a repetition gets the first status again."""
    due = intervention.requested_at + timedelta(seconds=TIMING.command_wait * 1.2)
    outcomes = sorted(intervention.outcomes.all(), key=lambda outcome: outcome.position)
    known = [outcome for outcome in outcomes if outcome.at <= due]
    newest = known[-1] if known else outcomes[0]
    return Ending(newest.state, newest.detail, newest.code, newest.message)


def answer(intervention: Intervention, conference: Conference, *, numbers: bool) -> Response:
    """200 confirmed, 202 still open; raises Denial with what stood in the way."""
    intervention = recorded(intervention.pk)
    end = ending(intervention)
    states = Outcome.State
    open_ = end.state in (states.REQUESTED, states.ACCEPTED) or _goes_on(intervention, end)
    if end.state != states.CONFIRMED and not open_:
        raise failure(end, intervention, conference)
    body = {
        "intervention": intervention_json(intervention, numbers=numbers),
        "conference": conference_json(load([conference.pk])[0], numbers=numbers),
    }
    return Response(body, status=200 if end.state == states.CONFIRMED else 202)


def _goes_on(intervention: Intervention, end: Ending) -> bool:
    """Silence is never refused: a line that cannot be trusted is muted and taken off the call instead."""
    lost = end.state == Outcome.State.FAILED and end.detail in {"lapsed", "replaced"}
    return (intervention.verb == "listen" and lost) or (
        intervention.verb == "leave" and end.state == Outcome.State.UNKNOWN
    )


def failure(end: Ending, intervention: Intervention, conference: Conference) -> Denial:
    if end.state == Outcome.State.FAILED:
        code, status, word = FAILURES.get(end.detail, ("failed", 409, "failed"))
    else:  # refused, unknown and contradicted are codes themselves
        code, status, word = end.state, 0, end.state
    told = end.code or end.message
    return Denial(
        code,
        _why(word, end, access.about_intervention(intervention, conference)),
        status=status,
        provider={"code": end.code, "message": end.message} if told else None,
        intervention=intervention,
        conference=conference,
    )


def _why(word: str, end: Ending, about: access.About) -> str:
    """What it means, as exactly as is known; the provider's own words stand beside it."""
    if word == "refused":
        return access.refusal(end.code, about) or access.sentence(word, about)
    if word == "too_late" and about.leg is not None and about.leg.left_at is not None:
        word = "left_first"
    return access.sentence(word, about)


KINDS: tuple[Literal["conference", "participant"], ...] = ("conference", "participant")
ROUTES: list[URLPattern] = [
    path(
        f"{kind}s/<uuid:pk>/{verb}/",
        Commands.as_view(verb=verb, kind=kind, serializer_class=BODIES.get(verb, bodies.Body)),
        name=f"api-{kind}-{verb}",
    )
    for kind in KINDS
    for verb in verbs_at(kind)
]
