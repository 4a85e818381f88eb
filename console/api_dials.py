"""Dialling somebody in: into a call, or one that begins with them; where each stands; cancel, dial again."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.urls import path
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants import access
from participants.access import Denial
from participants.models import Account, Conference, Dial, Intervention, Outcome
from participants.serializers import conference_json, intervention_json, load, recorded
from participants.serializers_dials import dials_json, why_not
from participants.services import dialling
from participants.services.command import Asked
from participants.words import SENTENCES

from . import api_bodies as bodies
from .api import FAILURES, Ending, answer, ending, idempotency_key, user_of, visible_conference
from .api_schema import COMMANDED_OR_BEGUN, FLAG, TEXT, TIME, Described, answers, many, null, whole
from .shell import may_enter

Json = dict[str, Any]
State = Outcome.State
OPEN = {State.REQUESTED, State.ACCEPTED}
# What the catalogue calls it, where that is not the word of a supervisor's own phone.
OWN_CODES = {word: word for word in ("cancelled", "no_password", "not_allowed", "dial_number")}
SECRET = "sip_auth_password"  # noqa: S105 (its name)
DIAL = whole(
    id=TEXT,
    intervention=TEXT,
    participant=null(TEXT),
    name=TEXT,
    to=TEXT,
    label=TEXT,
    state=TEXT,
    ended_how=TEXT,
    text=TEXT,
    queue_s=null({"type": "number"}),
    asked_at=TIME,
    ended_at=null(TIME),
    can_again=FLAG,
    can_cancel=FLAG,
    by=whole(id=TEXT, name=TEXT),
)


class DialBody(serializers.Serializer[Any]):
    """Every parameter of the provider's `participant.create`, by its name in the account's capabilities."""

    to = bodies.Text(help_text="A number with its country code, client:…, sip:… or app:….")
    role = bodies.Word(["agent", "customer", "other"], required=False, help_text="Who they are.")
    announcement = bodies.Text(required=False, help_text="Said to them first, when they answer.")
    reason = bodies.Text(
        required=False, allow_blank=True, max_length=200, help_text="Why, in your own words."
    )


class NamedDialBody(DialBody):
    friendly_name = bodies.Text(help_text="Of the call that begins with this dial, or that lives already.")


class Dials(APIView):
    """POST dials somebody into the call; every parameter of its provider can be given."""

    http_method_names = ["post"]
    schema = Described()
    verb = "dial"
    serializer_class = DialBody
    answers = COMMANDED_OR_BEGUN

    def post(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        conference = visible_conference(user, pk)
        values, asked = _read(request, user)
        try:
            intervention = dialling.dial(conference, asked, **values)
        except Denial as denial:
            denial.conference = conference
            raise
        return answered(intervention, user)


class DialsByName(APIView):
    """POST dials somebody into the call of this name, which begins with it where none lives."""

    http_method_names = ["post"]
    schema = Described()
    verb = "dial_by_name"
    serializer_class = NamedDialBody
    answers = COMMANDED_OR_BEGUN

    def post(self, request: Request, key: str) -> Response:
        user = user_of(request)
        account = Account.objects.filter(key=key).first() if may_enter(user) else None
        if account is None:
            raise Denial("not_found", SENTENCES["no_account"])
        values, asked = _read(request, user)
        name = values.pop("friendly_name", None)
        if not isinstance(name, str):
            raise ValidationError({"friendly_name": ["Must be given: the name of the call, a text."]})
        return answered(dialling.dial_by_name(account, asked, friendly_name=name, **values), user)


class DialsOfACall(APIView):
    """Who was dialled into the call, and where each of them stands; newest first."""

    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.Nothing
    answers = answers(many(DIAL))

    def get(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        bodies.read_query(self.query, request.query_params)
        rows = _with_rows(Dial.objects.filter(conference=visible_conference(user, pk)))
        return Response(dials_json(rows[:100], numbers=access.sees_numbers(user)))


class OfOneDial(APIView):
    """POST `cancel` or `again` at a dial."""

    http_method_names = ["post"]
    schema = Described()
    verb = ""
    serializer_class = bodies.Body
    answers = COMMANDED_OR_BEGUN

    def post(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        found = _with_rows(visible_dials(user)).filter(pk=pk).first()
        if found is None:
            raise NotFound
        wanted = bodies.read(self.serializer_class, request.data)
        asked = _asked(request, user, wanted.get("reason", ""), wanted)
        service = {"cancel": dialling.cancel, "again": dialling.again}[self.verb.removesuffix("_dial")]
        try:
            intervention = service(found, asked)
        except Denial as denial:
            denial.conference = found.conference
            raise
        return answered(intervention, user)


def visible_dials(user: User) -> QuerySet[Dial]:
    """Those of the calls that the user may see, and one's own into calls that do not exist yet."""
    calls = access.visible_to(user, Conference.objects.order_by())
    return Dial.objects.filter(Q(conference__in=calls) | Q(conference=None, intervention__user=user))


def _with_rows(rows: QuerySet[Dial]) -> QuerySet[Dial]:
    return rows.select_related("account", "conference__account", "participant", "intervention__user")


def _read(request: Request, user: User) -> tuple[Json, Asked]:
    """What was given, and who asks. What the values may be says the provider's class."""
    if not isinstance(request.data, Mapping):
        raise ValidationError({"non_field_errors": ["Must be an object."]})
    values = dict(request.data)
    reason = values.pop("reason", "")
    if not isinstance(reason, str) or len(reason) > 200:
        raise ValidationError({"reason": ["Must be a text of at most 200 characters."]})
    return values, _asked(request, user, reason, values)


def _asked(request: Request, user: User, reason: str, body: Mapping[str, Any]) -> Asked:
    """A repetition is known by its body without the password, of which nothing is kept."""
    told = json.dumps({key: key == SECRET or value for key, value in body.items()}, sort_keys=True)
    digest = hashlib.sha256(f"{request.method} {request.path} {told}".encode()).hexdigest()
    return Asked(by=user, reason=reason, key=idempotency_key(request), fingerprint=digest)


def answered(intervention: Intervention, user: User) -> Response:
    """As any command is answered; a call that does not exist yet is null."""
    numbers = access.sees_numbers(user)
    dial = _with_rows(Dial.objects.filter(intervention=intervention)).first()
    if dial is None and intervention.conference is not None:
        return answer(intervention, intervention.conference, numbers=numbers)
    conference = dial.conference if dial is not None else None
    intervention = recorded(intervention.pk)
    end = ending(intervention)
    if end.state not in OPEN | {State.CONFIRMED}:
        raise _denial(end, intervention, dial)
    shown = conference_json(load([conference.pk])[0], numbers=numbers) if conference is not None else None
    body = {"intervention": intervention_json(intervention, numbers=numbers), "conference": shown}
    return Response(body, status=200 if end.state == State.CONFIRMED else 202)


def _denial(end: Ending, intervention: Intervention, dial: Dial | None) -> Denial:
    """What stood in the way, said of the person who was dialled."""
    failed = end.state == State.FAILED
    code, status, word = FAILURES.get(end.detail, ("failed", 409, "failed")) if failed else (end.state, 0, "")
    told = end.code or end.message
    return Denial(
        OWN_CODES.get(end.detail, code) if failed else code,
        why_not(dial, word=word or end.state, detail=end.detail, code=end.code) if dial else "",
        status=status,
        provider={"code": end.code, "message": end.message} if told else None,
        intervention=intervention,
        conference=dial.conference if dial else None,
    )


ROUTES = [
    path("conferences/<uuid:pk>/participants/", Dials.as_view(), name="api-dial"),
    path("conferences/<uuid:pk>/dials/", DialsOfACall.as_view(), name="api-dials"),
    path("accounts/<slug:key>/conferences/", DialsByName.as_view(), name="api-dial-by-name"),
    path("dials/<uuid:pk>/cancel/", OfOneDial.as_view(verb="cancel_dial"), name="api-dial-cancel"),
    path("dials/<uuid:pk>/again/", OfOneDial.as_view(verb="again_dial"), name="api-dial-again"),
]
