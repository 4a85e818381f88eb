"""PATCH a call or somebody on it: every parameter with which the provider can change them."""

from typing import Any
from uuid import UUID

from django.urls import path
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants import access
from participants.access import Denial
from participants.services import updating
from participants.services.command import Asked

from . import api_bodies as bodies
from .api import (
    Target,
    answer,
    conference_of,
    fingerprint,
    idempotency_key,
    user_of,
    visible_conference,
    visible_participant,
)
from .api_bodies import Flag, Text, Word
from .api_reads import OneConference
from .api_schema import COMMANDED, Described

METHODS = ("GET", "POST")


class CallChanges(bodies.Body):
    announce_url = Text(required=False, max_length=2000, help_text="Played once to everybody.")
    announce_method = Word(METHODS, required=False)
    status = Text(required=False, max_length=40, help_text="Not here: POST end/, which asks first.")

    def validate_status(self, _value: str) -> str:
        raise ValidationError("Must be left out: a call is ended with end/, which asks first.")


class PersonChanges(bodies.Body):
    muted = Flag(required=False)
    hold = Flag(required=False)
    hold_url = Text(required=False, max_length=2000, help_text="What is heard on hold.")
    hold_method = Word(METHODS, required=False)
    hold_music = Text(required=False, max_length=64, help_text="In its place the id of music of the library.")
    announce_url = Text(required=False, max_length=2000, help_text="Played once to this person.")
    announce_method = Word(METHODS, required=False)
    wait_url = Text(required=False, allow_blank=True, max_length=2000)
    wait_method = Word(METHODS, required=False)
    beep_on_exit = Flag(required=False)
    end_conference_on_exit = Flag(required=False)
    coaching = Flag(required=False, help_text="Not here: whispering has verbs of its own.")
    call_sid_to_coach = Text(required=False, max_length=128, help_text="Not here either.")


def change(request: Request, target: Target, shape: type[bodies.Body]) -> Response:
    user = user_of(request)
    wanted: dict[str, Any] = bodies.read(shape, request.data)
    asked = Asked(
        by=user,
        reason=wanted.pop("reason", ""),
        key=idempotency_key(request),
        fingerprint=fingerprint(request),
    )
    try:
        intervention = updating.update(target, asked, **wanted)
    except Denial as denial:
        denial.conference = conference_of(target)
        raise
    return answer(intervention, conference_of(target), numbers=access.sees_numbers(user))


class OneCall(OneConference):
    """Read a call, or change what can be changed of it as a whole."""

    http_method_names = ["get", "head", "patch"]
    serializer_class = CallChanges
    answers_of = {"PATCH": COMMANDED}

    def patch(self, request: Request, pk: UUID) -> Response:
        return change(request, visible_conference(user_of(request), pk), CallChanges)


class OnePerson(APIView):
    """Change somebody on a call with every parameter that the provider takes."""

    http_method_names = ["patch"]
    schema = Described()
    serializer_class = PersonChanges
    answers = COMMANDED

    def patch(self, request: Request, pk: UUID) -> Response:
        return change(request, visible_participant(user_of(request), pk), PersonChanges)


ROUTES = [
    path("conferences/<uuid:pk>/", OneCall.as_view(), name="api-conference"),
    path("participants/<uuid:pk>/", OnePerson.as_view(), name="api-participant"),
]
