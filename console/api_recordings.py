"""The recordings of a call: what there is, and deleting one. Pausing and the like are commands: see `api`."""

from uuid import UUID

from django.contrib.auth.models import User
from django.urls import path
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants import access
from participants.access import Denial
from participants.models import Recording
from participants.serializers import recording_json
from participants.services import recording, recordings
from participants.services.command import Asked

from . import api_bodies as bodies
from .api import answer, fingerprint, idempotency_key, user_of, visible_conference
from .api_schema import COMMANDED, NUMBER, TEXT, TIME, Described, answers, many, null, whole, word

RECORDING = whole(
    id=TEXT,
    sid=TEXT,
    status=word(*(status for status in Recording.Status.values if status != Recording.Status.DELETED)),
    channels=null(NUMBER),
    seconds=null(NUMBER),
    started_at=null(TIME),
    participant=null(TEXT),
    sound=null(TEXT),
    can=many(word("pause", "resume", "stop", "delete")),
    asks={"type": "object", "additionalProperties": TEXT, "description": "What the page asks before it."},
)


def visible_recording(user: User, pk: UUID) -> Recording | None:
    """None: there is none, or it is of a call that the user does not see."""
    rows = Recording.objects.select_related("account", "conference__account", "participant")
    row = rows.filter(pk=pk).exclude(conference=None).exclude(status=Recording.Status.DELETED).first()
    return row if row and row.conference and access.may_see(user, row.conference) else None


class Recordings(APIView):
    """What was or is recorded of a call, oldest first; `refresh=true` asks the provider first."""

    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.RecordingsQuery
    answers = answers(whole(results=many(RECORDING)))

    def get(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        wanted = bodies.read_query(self.query, request.query_params)
        conference = visible_conference(user, pk)
        rows = recordings.of(conference, fresh=wanted["refresh"] == "true")
        heard = user.has_perm("participants.record")
        found = [recording_json(row, can=recordings.possible(user, row), heard=heard) for row in rows]
        return Response({"results": found})


class DeleteRecording(APIView):
    """Delete a recording at the provider, for good."""

    http_method_names = ["post"]
    schema = Described()
    verb = "recording/delete"
    serializer_class = bodies.Confirmed
    answers = COMMANDED

    def post(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        row = visible_recording(user, pk)
        if row is None or row.conference is None:
            raise NotFound
        wanted = bodies.read(self.serializer_class, request.data)
        asked = Asked(
            by=user,
            reason=wanted.get("reason", ""),
            key=idempotency_key(request),
            fingerprint=fingerprint(request),
            confirm=wanted.get("confirm"),
        )
        try:
            intervention = recording.delete(row, asked)
        except Denial as denial:
            denial.conference = row.conference
            raise
        return answer(intervention, row.conference, numbers=access.sees_numbers(user))


ROUTES = [
    path("conferences/<uuid:pk>/recordings/", Recordings.as_view(), name="api-recordings"),
    path("recordings/<uuid:pk>/delete/", DeleteRecording.as_view(), name="api-recording-delete"),
]
