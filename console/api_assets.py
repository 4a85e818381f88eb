"""The library of sounds, for programs: what can be announced, and played to people on hold."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants.access import Denial
from participants.models import Asset
from participants.services.announcing import sounds

from . import api_bodies as bodies
from .api import user_of
from .api_schema import TEXT, Described, answers, many, whole, word
from .shell import may_enter

SOUND = whole(id=TEXT, name=TEXT, kind=word(*Asset.Kind.values), seconds={"type": "number"})


class Sounds(APIView):
    """Every sound of the library, by name."""

    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.Nothing
    answers = answers(whole(results=many(SOUND)))

    def get(self, request: Request) -> Response:
        bodies.read_query(self.query, request.query_params)
        if not may_enter(user_of(request)):
            raise Denial("not_found")
        return Response({"results": sounds()})


ROUTES = [path("assets/", Sounds.as_view(), name="api-assets")]
