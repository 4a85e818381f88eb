"""What is answered when something fails outside of what answers for itself: Django's `handler500`."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.views.defaults import server_error

from participants.words import SENTENCES

RETRY_AFTER = "1"  # seconds


def failed(request: HttpRequest) -> HttpResponse:
    """503 where only the database was away, if only for the session: it may be asked again."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return server_error(request)
    headers = {"Retry-After": RETRY_AFTER}
    if request.path.startswith("/api/"):
        told = {"code": "unavailable", "detail": SENTENCES["unavailable"]}
        return JsonResponse(told, status=503, headers=headers)
    return HttpResponse(loader.render_to_string("500.html"), status=503, headers=headers)
