"""Oneself: name, teams, rights, own phone, and who hears one now."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants import access, live
from participants.models import Supervisor, Team
from participants.serializers import user_json

from . import api_bodies as bodies
from .api import user_of
from .api_schema import Described, answers, me
from .strip import strip

Json = dict[str, Any]


class Me(APIView):
    http_method_names = ["get", "head", "patch"]
    schema = Described()
    query = bodies.Nothing
    serializer_class = bodies.Profile
    answers = answers(me(), 403, 415)

    def get(self, request: Request) -> Response:
        bodies.read_query(self.query, request.query_params)
        return Response(_me(user_of(request)))

    def patch(self, request: Request) -> Response:
        user = user_of(request)
        _change(user, bodies.read(self.serializer_class, request.data))
        return Response(_me(User.objects.get(pk=user.pk)))


def _change(user: User, wanted: Json) -> None:
    with transaction.atomic():
        profile, _ = Supervisor.objects.get_or_create(user=user)
        for name, value in wanted.items():
            setattr(profile, name, value)
        profile.save(update_fields=list(wanted))
        transaction.on_commit(lambda: live.publish_user(user.pk))


def _me(user: User) -> Json:
    profile = Supervisor.objects.filter(user=user).first() or Supervisor(user=user)
    stay = access.stay_of(user)
    return {
        **user_json(user),
        "teams": [{"id": str(team.pk), "name": team.name} for team in _teams(user)],
        "verbs": access.verbs_of(user),
        "address": profile.address,
        "theme": profile.theme,
        "keys": profile.keys,
        "supervision": {"id": str(stay.pk), "conference": str(stay.conference_id)} if stay else None,
        "strip": strip(user),
    }


def _teams(user: User) -> list[Team]:
    teams = access.teams_of(user)
    return list(Team.objects.all() if teams is access.ALL else Team.objects.filter(pk__in=teams))


ROUTES = [path("me/", Me.as_view(), name="api-me")]
