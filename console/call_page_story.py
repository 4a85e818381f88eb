"""What a call's page hands out beside itself: its story as a file, and the raw form behind one item of it."""

import json
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from participants import access
from participants.models import Callback
from participants.services.disclosures import record_export, record_reading

from . import api_timeline
from .shell import page, signed_in
from .views import visible_call


@never_cache
@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The whole story as JSON. Recorded as an export before it leaves."""
    user = signed_in(request)
    found = visible_call(user, pk)
    if found is None:
        return page(request, "console/gone.html", status=404)
    with_raw = access.reads_raw(user)
    story = api_timeline.story(found, numbers=access.sees_numbers(user), with_raw=with_raw)
    record_export(user, found, items=len(story["items"]), raw=with_raw)
    answer = JsonResponse(story, json_dumps_params={"indent": 1, "ensure_ascii": False})
    answer["Content-Disposition"] = f'attachment; filename="call-{found.pk}.json"'
    return answer


@never_cache
@require_GET
def evidence(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """The raw form behind one item, for those who may read it in the admin; for scripts as JSON."""
    user = signed_in(request)
    call = visible_call(user, pk)
    if call is None:
        raise Http404("There is no such call, or it is not yours to see.")
    if not access.reads_raw(user):
        raise PermissionDenied
    found = api_timeline.evidence(call, name, numbers=access.sees_numbers(user))
    if found is None:
        raise Http404("The story of this call has no such item.")
    row, raw = found
    if isinstance(row, Callback):
        record_reading(user, call, row)
    if request.accepts("text/html"):
        text = json.dumps(raw, indent=1, ensure_ascii=False)
        return page(request, "console/evidence.html", call=call, raw=text)
    return JsonResponse(raw)
