"""Commands at somebody who was dialled and at a recording, as plain forms."""

from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from participants.access import Denial
from participants.services import dialling, recording
from participants.services.command import Asked

from .api_dials import visible_dials
from .api_recordings import visible_recording
from .display import say
from .shell import page, signed_in

OF_A_DIAL = {"again": dialling.again, "cancel": dialling.cancel}


@require_http_methods(["GET", "HEAD", "POST"])
def dial_command(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Dial again, or cancel. GET, as after a reload of its answer, leads back."""
    rows = visible_dials(signed_in(request)).select_related("account", "conference__account", "intervention")
    found = rows.filter(pk=pk).first()
    if found is None or verb not in OF_A_DIAL:
        raise Http404
    if request.method == "POST":
        try:
            intervention = OF_A_DIAL[verb](found, Asked(by=signed_in(request)))
            found = rows.filter(intervention=intervention).first() or found  # the new one, dialled again
            messages.success(request, f"{say(f'dial.{verb}')}.")
        except Denial as denial:
            messages.error(request, denial.detail)
    if found.conference_id is None:
        return redirect("dialled", found.pk)
    return redirect("conference", found.conference_id)


@require_http_methods(["GET", "HEAD", "POST"])
def recording_command(request: HttpRequest, pk: UUID, verb: str) -> HttpResponse:
    """Delete a recording, after a question on a page of its own."""
    found = visible_recording(signed_in(request), pk)
    if found is None or verb != "delete":
        raise Http404
    back = partial(redirect, "conference", found.conference_id)
    if request.method != "POST":
        return back()
    try:
        recording.delete(found, Asked(by=signed_in(request), confirm=request.POST.get("confirm")))
        messages.success(request, "Deleting the recording was asked for.")
    except Denial as denial:
        if denial.code == "confirm":
            return _question(request, found.conference_id, denial)
        messages.error(request, denial.detail)
    return back()


def _question(request: HttpRequest, call: UUID | None, denial: Denial) -> HttpResponse:
    heading, _, text = denial.detail.partition("? ")
    yes = {"label": "Delete", "name": "confirm", "value": denial.confirm, "danger": True}
    return page(request, "console/ask.html", call=call, heading=f"{heading}?", text=text, options=[yes])
