"""The API described for programs: the contract's shapes, and how each route's answers are found."""

from typing import Any

from csp.decorators import csp_update
from django.conf import settings
from django.utils.decorators import method_decorator
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer

from participants.models import Conference, Mode, Outcome, Participant, Supervisor
from participants.services import VERBS

Json = dict[str, Any]


def null(shape: Json) -> Json:
    """The shape, or null. In OpenAPI 3.0 an enumeration has to list it too."""
    listed = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return shape | {"nullable": True} | listed


def whole(**properties: Json) -> Json:
    """An object with exactly these keys, all of them always there."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def word(*choices: str) -> Json:
    return {"type": "string", "enum": list(choices)}


def many(shape: Json) -> Json:
    return {"type": "array", "items": shape}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def page_of(name: str) -> Json:
    return whole(next=null(TEXT), previous=null(TEXT), results=many(ref(name)))


TEXT: Json = {"type": "string"}
FLAG: Json = {"type": "boolean"}
NUMBER: Json = {"type": "integer"}
TIME: Json = {"type": "string", "format": "date-time"}
NAMED = whole(id=TEXT, name=TEXT)
BLOCKED: Json = {"type": "object", "additionalProperties": TEXT, "description": "Verb to reason code."}
PROVIDER = null(whole(code=TEXT, message=TEXT))
MODE = word(*Mode.values)
STRIP: Json = {"type": "object", "description": "As in the socket’s frame `me`."}

PARTICIPANT = whole(
    id=TEXT,
    call_sid=TEXT,
    label=null(TEXT),
    role=null(word(*Participant.Role.values)),
    agent=null(NAMED),
    name=null(TEXT),
    address=null(TEXT),
    direction=null(TEXT),
    status=TEXT,
    muted=null(FLAG),
    hold=null(FLAG),
    hold_since=null(TIME),
    coaching=null(FLAG),
    coaching_call_sid=null(TEXT),
    start_conference_on_enter=null(FLAG),
    end_conference_on_exit=null(FLAG),
    joined_at=null(TIME),
    left_at=null(TIME),
    left_reason=null(TEXT),
    answered_by=null(TEXT),
    queue_time=null(NUMBER),
    source=TEXT,
    as_of=TIME,
    blocked=BLOCKED,
)
SUPERVISION = whole(
    id=TEXT,
    user=NAMED,
    participant=null(TEXT),
    target=null(TEXT),
    wanted=MODE,
    confirmed=null(word("listen", "whisper", "barge")),
    armed=FLAG,
    state=word("dialling", "confirmed", "switching", "checking", "failed"),
    audience=word("nobody", "agent", "everyone", "unknown"),
    since=TIME,
)
PENDING = whole(intervention=TEXT, verb=TEXT, participant=null(TEXT), state=word("requested", "accepted"))
CONFERENCE = whole(
    id=TEXT,
    account=TEXT,
    provider=TEXT,
    sid=TEXT,
    friendly_name=null(TEXT),
    status=word(*Conference.Status.values),
    state=TEXT,
    state_since=TIME,
    team=null(NAMED),
    region=null(TEXT),
    started_at=null(TIME),
    ended_at=null(TIME),
    reason_ended=null(TEXT),
    recording=null(TEXT),
    version=NUMBER,
    verified_at=null(TIME),
    stale=FLAG,
    stale_reason=null(TEXT),
    hand=null({"type": "object"}),
    blocked=BLOCKED,
    supervisions=many(ref("Supervision")),
    pending=many(PENDING),
    participants=many(ref("Participant")),
)
INTERVENTION = whole(
    id=TEXT,
    verb=TEXT,
    state=word(*Outcome.State.values),
    by=NAMED,
    conference=null(TEXT),
    participant=null(TEXT),
    reason=TEXT,
    requested_at=TIME,
    accepted_at=null(TIME),
    confirmed_at=null(TIME),
    detail=TEXT,
    provider=PROVIDER,
)
ERROR: Json = whole(code=TEXT, detail=TEXT)
ERROR["properties"] |= {
    "fields": {"type": "object", "additionalProperties": many(TEXT)},
    "provider": whole(code=TEXT, message=TEXT),
    "intervention": ref("Intervention"),
    "conference": ref("Conference"),
    "confirm": {"oneOf": [TEXT, FLAG]},
}
COMPONENTS = {
    "Participant": PARTICIPANT,
    "Supervision": SUPERVISION,
    "Conference": CONFERENCE,
    "Intervention": INTERVENTION,
    "Error": ERROR,
}


def timeline_page() -> Json:
    return whole(
        next=null(TEXT),
        results=many(
            whole(
                at=TIME,
                kind=word("callback", "read", "command", "outcome", "correction"),
                text=TEXT,
                participant=null(TEXT),
                by=null(NAMED),
                evidence=null(TEXT),
            )
        ),
    )


def words() -> Json:
    return {"type": "object", "additionalProperties": TEXT}


def me() -> Json:
    return whole(
        id=TEXT,
        name=TEXT,
        teams=many(NAMED),
        verbs=many(TEXT),
        address=TEXT,
        theme=word(*Supervisor.Theme.values),
        keys=FLAG,
        supervision=null(whole(id=TEXT, conference=TEXT)),
        strip=STRIP,
    )


def answers(shape: Json, *failures: int) -> dict[int, Json]:
    """200 with this shape; errors that every route has, and these."""
    return {200: shape} | {status: ref("Error") for status in (400, 401, 404, 406, 503, *failures)}


_COMMANDED = whole(intervention=ref("Intervention"), conference=ref("Conference"))
COMMANDED = answers(_COMMANDED, 403, 409, 415, 422, 429, 502, 504) | {202: _COMMANDED}
_OR_BEGUN = whole(intervention=ref("Intervention"), conference=null({"allOf": [ref("Conference")]}))
COMMANDED_OR_BEGUN = COMMANDED | {200: _OR_BEGUN, 202: _OR_BEGUN}


def with_shapes(result: Json, **_about: Any) -> Json:
    """drf-spectacular's last hook: the shapes that the routes refer to by name."""
    result["components"].setdefault("schemas", {}).update(COMPONENTS)
    return result


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "console.api_auth.SignedIn"
    name = "session"

    def get_security_definition(self, _auto_schema: Any) -> Json:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class Described(AutoSchema):
    """A view says its answers in `answers`, its query in `query`, its body in `serializer_class`."""

    def get_operation_id(self) -> str:
        verb = getattr(self.view, "verb", "").replace("/", "_")
        if not verb:
            return f"{self.method.lower()}_{type(self.view).__name__}"
        kinds = {kind for name, (_, kind) in VERBS.items() if name == self.view.verb}  # type: ignore[attr-defined]
        return f"{verb}_{self.view.kind}" if "either" in kinds else verb  # type: ignore[attr-defined]

    def get_tags(self) -> list[str]:
        return ["commands" if getattr(self.view, "verb", "") in VERBS else "reads"]

    def get_response_serializers(self) -> Any:
        of_method = getattr(self.view, "answers_of", {}).get(self.method)
        shapes = of_method or self.view.answers  # type: ignore[attr-defined]
        return {str(status): shape for status, shape in shapes.items()}

    def get_request_serializer(self) -> Any:
        return getattr(self.view, "serializer_class", None)

    def get_override_parameters(self) -> list[Any]:
        if getattr(self.view, "verb", ""):
            return [
                OpenApiParameter(
                    "Idempotency-Key",
                    str,
                    OpenApiParameter.HEADER,
                    description="Makes a repetition harmless.",
                )
            ]
        query = getattr(self.view, "query", None)
        return [query] if query is not None and self.method == "GET" and query().fields else []


class Schema(SpectacularAPIView):
    """Readable without signing in: it says no more than the published documentation."""

    permission_classes = [AllowAny]
    authentication_classes = []


# The vendored page styles itself inline; scripts stay the site's own.
@method_decorator(csp_update({"style-src": ["'self'", "'unsafe-inline'"]}), name="dispatch")
class Docs(SpectacularSwaggerSplitView):
    permission_classes = [AllowAny]
    authentication_classes = []
    renderer_classes = [*SpectacularSwaggerSplitView.renderer_classes, JSONRenderer]
