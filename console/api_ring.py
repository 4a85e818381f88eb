"""“Ring me now”: one's own phone, alone."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants.access import Denial
from participants.models import Outcome
from participants.serializers import intervention_json, recorded
from participants.services import ringing
from participants.services.command import Asked

from . import api_bodies as bodies
from .api import FAILURES, ending, fingerprint, idempotency_key, user_of
from .api_schema import TEXT, Described, answers, null, ref, whole

_RUNG = whole(intervention=ref("Intervention"), conference=null(TEXT))
OPEN = (Outcome.State.REQUESTED, Outcome.State.ACCEPTED)


class RingMe(APIView):
    """Rings one's own phone, alone: to know that listening will reach it. It is no call, and on no board."""

    http_method_names = ["post"]
    schema = Described()
    serializer_class = bodies.Body
    answers = answers(_RUNG, 403, 409, 415, 422, 429, 502, 504) | {202: _RUNG}

    def post(self, request: Request) -> Response:
        wanted = bodies.read(self.serializer_class, request.data)
        asked = Asked(
            by=user_of(request),
            reason=wanted.get("reason", ""),
            key=idempotency_key(request),
            fingerprint=fingerprint(request),
        )
        intervention = recorded(ringing.ring(asked).pk)
        end = ending(intervention)
        if end.state != Outcome.State.CONFIRMED and end.state not in OPEN:
            code, status, _ = FAILURES.get(end.detail, (end.state, 0, ""))
            told = {"code": end.code, "message": end.message} if end.code or end.message else None
            sentence = ringing.sentence(intervention)
            raise Denial(code, sentence, status=status, provider=told, intervention=intervention)
        body = {"intervention": intervention_json(intervention, numbers=True), "conference": None}
        return Response(body, status=200 if end.state == Outcome.State.CONFIRMED else 202)


ROUTES = [path("me/ring/", RingMe.as_view(), name="api-me-ring")]
