"""What the API tells: calls, their timelines, what supervisors did, the catalogue of reasons."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.urls import path, re_path
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants import access
from participants.models import Conference, Intervention
from participants.serializers import (
    conference_json,
    intervention_json,
    load,
    prefetched,
    with_outcomes,
)
from participants.services.searching import record_search
from participants.words import SENTENCES

from . import api_bodies as bodies
from .api import user_of, visible_conference
from .api_pages import paged
from .api_schema import Described, answers, page_of, ref, timeline_page, words
from .api_timeline import Place, before, timeline

Json = dict[str, Any]
LIVE = [Conference.Status.INIT, Conference.Status.IN_PROGRESS]


class Conferences(APIView):
    """The calls that one may see, newest first."""

    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.ConferenceQuery
    answers = answers(page_of("Conference"))

    def get(self, request: Request) -> Response:
        user = user_of(request)
        wanted = bodies.read_query(self.query, request.query_params)
        rows = _chosen(user, access.visible_to(user, Conference.objects.all()), wanted)
        numbers = access.sees_numbers(user)
        return paged(
            prefetched(rows),
            request,
            wanted,
            by=("first_seen_at", "id"),
            json=lambda row: conference_json(row, numbers=numbers),
        )


def _chosen(user: User, rows: QuerySet[Conference], wanted: Json) -> QuerySet[Conference]:
    statuses = {"live": LIVE, "all": None}.get(wanted["status"], [wanted["status"]])
    if statuses is not None:
        rows = rows.filter(status__in=statuses)
    columns = {"team": "team", "account": "account__key", "sid": "sid"}
    rows = rows.filter(**{column: wanted[key] for key, column in columns.items() if key in wanted})
    text = wanted.get("q", "").strip()
    if not text:
        return rows
    if access.is_number(text):
        record_search(user, text)
    return access.matching(rows, text, numbers=access.sees_numbers(user))


class OneConference(APIView):
    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.Nothing
    answers = answers(ref("Conference"))

    def get(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        bodies.read_query(self.query, request.query_params)
        found = visible_conference(user, pk)
        return Response(conference_json(load([found.pk])[0], numbers=access.sees_numbers(user)))


class Timeline(APIView):
    """What happened on a call, newest first, in plain words."""

    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.TimelineQuery
    answers = answers(timeline_page())

    def get(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        wanted = bodies.read_query(self.query, request.query_params)
        conference = load([visible_conference(user, pk).pk])[0]
        after = wanted.get("cursor") or (before(wanted["before"]) if "before" in wanted else None)
        items, last = timeline(
            conference, numbers=access.sees_numbers(user), page_size=wanted["page_size"], after=after
        )
        return Response({"next": _next(request, last), "results": items})


def _next(request: Request, last: Place | None) -> str | None:
    if last is None:
        return None
    query = request.query_params.copy()
    query["cursor"] = str(last)
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


class Interventions(APIView):
    """What supervisors did on the calls that one may see, and what one did oneself; newest first."""

    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.Page
    answers = answers(page_of("Intervention"))

    def get(self, request: Request) -> Response:
        user = user_of(request)
        wanted = bodies.read_query(self.query, request.query_params)
        numbers = access.sees_numbers(user)
        return paged(
            with_outcomes(_visible_interventions(user)),
            request,
            wanted,
            by=("position",),
            json=lambda row: intervention_json(row, numbers=numbers),
        )


class OneIntervention(APIView):
    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.Nothing
    answers = answers(ref("Intervention"))

    def get(self, request: Request, pk: UUID) -> Response:
        user = user_of(request)
        bodies.read_query(self.query, request.query_params)
        found = with_outcomes(_visible_interventions(user)).filter(pk=pk).first()
        if found is None:
            raise NotFound
        return Response(intervention_json(found, numbers=access.sees_numbers(user)))


def _visible_interventions(user: User) -> QuerySet[Intervention]:
    if access.teams_of(user) is access.ALL:
        return Intervention.objects.all()
    calls = access.visible_to(user, Conference.objects.order_by())
    return Intervention.objects.filter(Q(user=user) | Q(conference__in=calls))


class Words(APIView):
    """The catalogue of reasons: code to sentence. A name in braces is filled from the call."""

    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.Nothing
    answers = answers(words())

    def get(self, request: Request) -> Response:
        bodies.read_query(self.query, request.query_params)
        return Response(SENTENCES)


class Unknown(APIView):
    """Routes of later steps, and none: 404 in the API's own shape."""

    schema = None

    def get(self, _request: Request) -> Response:
        raise NotFound

    post = put = patch = delete = get


ROUTES = [
    path("conferences/", Conferences.as_view(), name="api-conferences"),
    path("conferences/<uuid:pk>/timeline/", Timeline.as_view(), name="api-timeline"),
    path("interventions/", Interventions.as_view(), name="api-interventions"),
    path("interventions/<uuid:pk>/", OneIntervention.as_view(), name="api-intervention"),
    path("words/", Words.as_view(), name="api-words"),
]
# Whatever the path holds: <path:…> would not match a line break.
UNKNOWN = re_path("^", Unknown.as_view(), name="api-unknown")
