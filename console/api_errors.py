"""Every refusal of the API in one shape: {"code", "detail", "fields"?, "provider"?, …}."""

from typing import Any

from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from participants import access
from participants.access import Denial
from participants.models import Conference, Intervention
from participants.serializers import conference_json, intervention_json, load, recorded
from participants.words import SENTENCES, say

Json = dict[str, Any]
NOT_SIGNED_IN = (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)
RETRY_AFTER = 1  # seconds


def answer(error: Exception, context: Json) -> Response | None:
    """DRF's exception handler. None: not ours, so it stays a 500 and is logged."""
    if isinstance(error, Denial):
        return _denied(error, context["request"].user)
    if isinstance(error, OperationalError | InterfaceError):
        return _response(503, "unavailable", headers={"Retry-After": str(RETRY_AFTER)})
    if isinstance(error, NOT_SIGNED_IN):
        return _response(401, "not_signed_in", headers={"WWW-Authenticate": "Session"})
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    if isinstance(error, exceptions.ParseError | exceptions.UnsupportedMediaType | exceptions.NotAcceptable):
        sentence = say("invalid", fields=str(error.detail).rstrip("."))
        return _response(error.status_code, "invalid", sentence)
    if isinstance(error, exceptions.NotFound | Http404):
        return _response(404, "not_found")
    if isinstance(error, exceptions.PermissionDenied) and error.get_codes() == "csrf":
        return _response(403, "csrf")
    if isinstance(error, exceptions.MethodNotAllowed):
        view = context["view"]
        allowed = ", ".join(view.allowed_methods)
        sentence = say("method", method=str(context["request"].method), allowed=allowed)
        return _response(405, "method", sentence, headers={"Allow": allowed})
    return None


def _response(status: int, code: str, detail: str = "", *, headers: dict[str, str] | None = None) -> Response:
    return Response({"code": code, "detail": detail or SENTENCES[code]}, status=status, headers=headers)


def _invalid(error: exceptions.ValidationError) -> Response:
    assert isinstance(error.detail, dict), "the API's own checks name the field"
    fields = {name: [str(why) for why in whys] for name, whys in error.detail.items()}
    told = "; ".join(f"{name}: {' '.join(whys)}" for name, whys in fields.items()).rstrip(".")
    return Response({"code": "invalid", "detail": say("invalid", fields=told), "fields": fields}, status=400)


def _denied(denial: Denial, user: Any) -> Response:
    numbers = isinstance(user, User) and access.sees_numbers(user)
    body: Json = {"code": denial.code, "detail": denial.detail}
    for name in ("fields", "provider"):
        if (value := getattr(denial, name)) is not None:
            body[name] = value
    if not numbers:
        body = access.masked(body)
    if denial.confirm is not None:
        body["confirm"] = denial.confirm
    headers = {"Retry-After": str(max(1, round(denial.retry_after)))} if denial.retry_after else None
    return Response(body | _rows(denial, numbers=numbers), status=denial.status, headers=headers)


def _rows(denial: Denial, *, numbers: bool) -> Json:
    """The intervention and the call that the refusal is about, as they stand now."""
    found: Json = {}
    if isinstance(denial.intervention, Intervention):
        found["intervention"] = intervention_json(recorded(denial.intervention.pk), numbers=numbers)
    if isinstance(denial.conference, Conference):
        found["conference"] = conference_json(load([denial.conference.pk])[0], numbers=numbers)
    return found
