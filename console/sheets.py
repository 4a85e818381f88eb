"""Forms that are pages without scripts, and open over the page with them: what each is answered.

A script posts the same form and asks for JSON: `detail` is what to say, `fields` what is wrong where.
"""

import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from participants.access import Denial
from participants.services.command import Asked

from .shell import signed_in

# In a form, and no part of what is asked; of a password nothing is kept.
NOT_MEANT = {"csrfmiddlewaretoken", "key", "confirm", "sip_auth_password"}


def asked_by(request: HttpRequest, **more: str) -> Asked:
    """Each form brings a key of its own, so that a second click does not ask twice."""
    pairs = [(name, values) for name, values in sorted(request.POST.lists()) if name not in NOT_MEANT]
    return Asked(
        by=signed_in(request),
        key=request.POST.get("key") or None,
        fingerprint=hashlib.sha256(f"{request.path} {pairs}".encode()).hexdigest(),
        **more,
    )


def for_script(request: HttpRequest) -> bool:
    return not request.accepts("text/html")


def answer_done(request: HttpRequest, text: str, *, back_to: UUID) -> HttpResponse:
    if for_script(request):
        return JsonResponse({"detail": text})
    messages.success(request, text)
    return redirect("conference", back_to)


def answer_wrong(request: HttpRequest, denial: Denial, again: Callable[[], HttpResponse]) -> HttpResponse:
    """`again` shows the form once more, with what was written and what is wrong."""
    if not for_script(request):
        answer = again()
        answer.status_code = denial.status
        return answer
    told: dict[str, Any] = {"code": denial.code, "detail": denial.detail, "fields": denial.fields or {}}
    if denial.confirm is not None:
        told["confirm"] = denial.confirm
    return JsonResponse(told, status=denial.status)
