"""Who comes in: administrators; and for credentials, who has said their password lately."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from console.shell import signed_in
from participants import access

View = Callable[..., HttpResponse]
RECENT_S = 300
TO_FILL_IN_S = 900  # what was asked for in time may take a while to be found and pasted


def for_administrators(view: View) -> View:
    """Nobody else learns that there is such a page."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not access.configures(signed_in(request)):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


def for_the_lately_signed_in(view: View) -> View:
    """Asks for the password again. What was pasted too late is thrown away, and kept nowhere meanwhile."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        posted = request.method == "POST"
        records = get_authentication_records(request, signed_in(request))
        newest = max((float(record["at"]) for record in records), default=0.0)
        if time.time() - newest < (TO_FILL_IN_S if posted else RECENT_S):
            return view(request, *args, **kwargs)
        if posted:
            messages.error(
                request, "Nothing was saved: your sign-in is too old for that. Please paste it again."
            )
        return redirect(f"{reverse('account_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")

    return guarded
