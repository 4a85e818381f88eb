"""What the API tells of an account: what its provider can be asked, what it reports and refuses."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from participants.access import Denial
from participants.capabilities import capabilities_json, kind_of
from participants.models import Account
from participants.words import SENTENCES

from . import api_bodies as bodies
from .api import user_of
from .api_schema import FLAG, NUMBER, TEXT, Described, answers, many, null, whole
from .shell import may_enter

PARAMETER = whole(
    name=TEXT,
    parameter=TEXT,
    type=TEXT,
    unit=null(TEXT),
    required=FLAG,
    default=null({"oneOf": [FLAG, NUMBER, TEXT, many(TEXT)]}),
    sure=FLAG,
    min=null(NUMBER),
    max=null(NUMBER),
    words=many(TEXT),
    pattern=null(TEXT),
    note=TEXT,
)
CAPABILITIES = whole(
    account=TEXT,
    provider=TEXT,
    title=TEXT,
    operations={"type": "object", "additionalProperties": many(PARAMETER)},
    reports={"type": "object", "additionalProperties": {"oneOf": [FLAG, many(TEXT)]}},
    refusals=many(whole(code=TEXT, reason=TEXT, sentence=TEXT)),
    speech=whole(voices={"type": "object", "additionalProperties": many(TEXT)}, named=TEXT, most=NUMBER),
)


class Capabilities(APIView):
    """What the provider of an account can be asked, what it reports by itself, and what its refusals mean."""

    http_method_names = ["get", "head"]
    schema = Described()
    query = bodies.Nothing
    answers = answers(CAPABILITIES)

    def get(self, request: Request, key: str) -> Response:
        bodies.read_query(self.query, request.query_params)
        account = Account.objects.filter(key=key).first() if may_enter(user_of(request)) else None
        kind = kind_of(account.provider) if account else None
        if account is None or kind is None:
            raise Denial("not_found", SENTENCES["no_account"])
        return Response(capabilities_json(account.key, kind))


ROUTES = [path("accounts/<slug:key>/capabilities/", Capabilities.as_view(), name="api-capabilities")]
