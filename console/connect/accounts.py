"""The pages of accounts: the list, a new one, one with its lights and what to paste, its credentials."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console import account_states
from console.ring_views import ring
from console.shell import page, signed_in
from participants import access
from participants.models import Account
from participants.services import connecting
from participants.services.diagnosing import Diagnosis, diagnose

from .doors import for_administrators, for_the_lately_signed_in
from .forms import AccountForm, Credentials, NewAccount
from .lights import lights, troubles
from .people import unknown_count

NO_KEYS = (
    "Nothing can be pasted here: EARSHOT_ENCRYPTION_KEYS is not set, so no secret could be sealed. Set it and"
    " start Earshot again; or put the secret into an environment variable and name that in the admin."
)


@require_safe
@for_administrators
def index(request: HttpRequest) -> HttpResponse:
    """Every account with its lights."""
    user, states = signed_in(request), account_states.read()
    rows = [
        {
            "account": account,
            "provider": _words(connecting.kind_of(account)),
            "lights": lights(account, user),
            "text": states.get(account.key, {}).get("text"),
            "troubles": list(troubles(account)),
        }
        for account in Account.objects.all()
        if account.provider in {kind.name for kind in connecting.kinds()}
    ]
    return page(
        request,
        "console/connect.html",
        here="connect",
        rows=rows,
        kinds=[_words(kind) for kind in connecting.kinds()],
        sealed=connecting.available(),
        no_keys=NO_KEYS,
        unknown=unknown_count(),
    )


def _words(kind: Any) -> dict[str, str]:
    """Of a provider, for a page: a template would call the class."""
    return {"name": kind.name, "title": kind.title}


@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
@for_the_lately_signed_in
def new(request: HttpRequest, provider: str) -> HttpResponse:
    """Steps in words, then what is pasted."""
    kind = next((kind for kind in connecting.kinds() if kind.name == provider), None)
    if kind is None or not connecting.available():
        return redirect("connect")
    key = "" if Account.objects.filter(key=provider).exists() else provider
    posted = request.POST if request.method == "POST" else None
    form = NewAccount(posted, provider=provider, numbers=True, initial={"key": key})
    if posted is not None and form.is_valid():
        facts = dict(form.cleaned_data)
        try:
            account = connecting.connect(signed_in(request), provider, **facts)
        except IntegrityError as error:
            _add(form, connecting.taken(error, facts))
        else:
            messages.success(request, "Connected. Test the connection next.")
            return redirect("connect-account", account.key)
    steps = [step.replace("`", "") for step in kind.connecting.steps]
    return page(
        request, "console/connect_new.html", here="connect", form=form, kind=_words(kind), steps=steps
    )


def _add(form: AccountForm, faults: dict[str, list[str]]) -> None:
    for name, sentences in faults.items():
        for sentence in sentences:
            form.add_error(name, sentence)


@require_safe
@for_administrators
def account(request: HttpRequest, key: str) -> HttpResponse:
    return _shown(request, _found(key))


@require_POST
@for_administrators
def test(request: HttpRequest, key: str) -> HttpResponse:
    """A read, and what it found. Nothing is kept of it."""
    found = _found(key)
    return _shown(request, found, diagnosis=diagnose(found))


@require_POST
@for_administrators
def ring_me(request: HttpRequest, key: str) -> HttpResponse:
    """One's own phone, through this account."""
    ring(request, _found(key))
    return redirect("connect-account", key)


def _found(key: str) -> Account:
    known = [kind.name for kind in connecting.kinds()]
    return get_object_or_404(Account, key=key, provider__in=known)


def _shown(request: HttpRequest, found: Account, *, diagnosis: Diagnosis | None = None) -> HttpResponse:
    kind = connecting.kind_of(found)
    return page(
        request,
        "console/connect_account.html",
        here="connect",
        account=found,
        kind=_words(kind),
        lights=lights(found, signed_in(request)),
        troubles=list(troubles(found)),
        state=account_states.read().get(found.key, {}),
        diagnosis=diagnosis,
        addresses=connecting.addresses(found),
        snippet=connecting.snippet(found),
        fragment=kind.callback_fragment,
        sealed=connecting.available(),
    )


@require_safe
@for_administrators
def lights_json(request: HttpRequest, key: str) -> HttpResponse:
    """For the page that is open: its lights come on by themselves."""
    found = _found(key)
    told = {"lights": [light.json() for light in lights(found, signed_in(request))]}
    return JsonResponse(told | {"troubles": list(troubles(found))})


@sensitive_post_parameters()
@sensitive_variables()
@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
@for_the_lately_signed_in
def credentials(request: HttpRequest, key: str) -> HttpResponse:
    """New credentials for an account, used by every process from its next request on."""
    found = _found(key)
    if not connecting.available():
        messages.error(request, NO_KEYS)
        return redirect("connect-account", key)
    user = signed_in(request)
    posted = request.POST if request.method == "POST" else None
    form = Credentials(posted, account=found, numbers=access.sees_numbers(user))
    if posted is not None and form.is_valid() and _change(form, found, request):
        messages.success(request, "Saved, and in use from now on. Test the connection next.")
        return redirect("connect-account", found.key)
    kind = _words(connecting.kind_of(found))
    return page(
        request, "console/connect_credentials.html", here="connect", form=form, kind=kind, account=found
    )


@sensitive_variables()
def _change(form: Credentials, found: Account, request: HttpRequest) -> bool:
    facts: dict[str, Any] = dict(form.cleaned_data)
    try:
        connecting.change(signed_in(request), found, **facts)
    except IntegrityError as error:
        _add(form, connecting.taken(error, {"sid": facts.get("sid")}))
        return False
    return True
