"""Dialling somebody into a call by its name: the live one is joined, else it begins with them.

Until it is known which call that is, a page of the dial's own says how far it is.
"""

from functools import partial
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from participants import access
from participants.models import Dial, Intervention
from participants.serializers_dials import dials_json
from participants.services import dial_accounts, dialling
from participants.words import SENTENCES

from .api_dials import visible_dials
from .dial_views import DialForm
from .display import say
from .sheets import answer_done, for_script
from .shell import may_enter, page, signed_in

LOOK_AGAIN_S = 2


@require_http_methods(["GET", "HEAD", "POST"])
def new_call(request: HttpRequest) -> HttpResponse:
    """GET shows the form, POST dials; another account's fields are shown before anything is dialled."""
    user = signed_in(request)
    if not may_enter(user):
        return page(request, "console/denied.html", status=403)
    able = dial_accounts.accounts(user)
    if not able:
        return page(request, "console/dial_nowhere.html", status=200 if request.method != "POST" else 409)
    asked = request.POST.get("account") or request.GET.get("account") or ""
    account, why = next((each for each in able if each[0].key == asked), able[0])
    form = DialForm(account, user, accounts=[each for each, _ in able] if len(able) > 1 else ())
    if asked not in {"", account.key}:
        form.keep(request.POST)
        return form.shown(request, SENTENCES["no_account"], status=404)
    if request.method != "POST":
        return form.shown(request, why)
    if "choose" in request.POST or not _fits(request, form):
        form.keep(request.POST)
        return form.shown(request, why)
    return form.posted(request, partial(dialling.dial_by_name, account), partial(_begun, request, form))


def _fits(request: HttpRequest, form: DialForm) -> bool:
    """Whether the fields that were filled in are this account's: of another they may mean something else."""
    filled = request.POST.get("fields_of", "" if form.accounts else form.account.key)
    return filled == form.account.key


def _begun(request: HttpRequest, form: DialForm, intervention: Intervention) -> HttpResponse:
    row = Dial.objects.get(intervention=intervention)
    if row.conference_id is None and not for_script(request):
        return redirect("dialled", row.pk)
    return answer_done(request, say("dial.asked", who=form.whom), back_to=row.conference_id or row.pk)


@require_safe
def dialled(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is, looked at again until the call is known; then that call."""
    user = signed_in(request)
    rows = visible_dials(user).select_related("account", "conference", "participant", "intervention__user")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    if found.conference_id is not None:
        return redirect("conference", found.conference_id)
    told = dials_json([found], numbers=access.sees_numbers(user))[0]
    answer = page(request, "console/dialling.html", dial=told, name=found.friendly_name)
    if found.state != Dial.State.ENDED:
        answer["Refresh"] = str(LOOK_AGAIN_S)
    return answer
