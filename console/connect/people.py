"""Agents on /connect/: a file of them, and addresses that nobody knows yet."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from console.shell import page, signed_in
from participants import access
from participants.models import Agent, Participant, Team
from participants.services import enrolling, roster

from .doors import for_administrators


class AssignForm(forms.Form):
    """Whose the chosen addresses are: an agent who is there, or a new one."""

    leg = forms.ModelMultipleChoiceField(
        queryset=Participant.objects.exclude(address=None),
        error_messages={"required": "Choose at least one address."},
    )
    agent = forms.ModelChoiceField(
        queryset=Agent.objects.select_related("team"), required=False, empty_label="A new agent"
    )
    name = forms.CharField(required=False, max_length=120)
    team = forms.ModelChoiceField(queryset=Team.objects.all(), required=False, empty_label="–")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if not said.get("agent"):
            for name in ("name", "team"):
                if not said.get(name):
                    self.add_error(name, "Needed for a new agent.")
        return said


def unknown_count() -> int:
    return enrolling.unknown_addresses().count()


def unknown(request: HttpRequest) -> list[dict[str, Any]]:
    """Each with the newest of its legs, by which a form names it: the number itself may be masked."""
    numbers = access.sees_numbers(signed_in(request))
    found = []
    for row in enrolling.unknown_addresses()[: enrolling.MOST_SHOWN]:
        address = str(row["address"])
        leg = Participant.objects.filter(address=address).order_by("-first_seen_at").first()
        shown = address if numbers else access.mask(address)
        found.append({"leg": leg, "address": shown, "calls": row["calls"], "last": row["last"]})
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@for_administrators
def agents(request: HttpRequest) -> HttpResponse:
    """Upload, look at what would change, save. The file travels in the page meanwhile, and is read again."""
    if request.method != "POST":
        return _shown(request)
    upload = request.FILES.get("file")
    if upload is None and "text" not in request.POST:
        return _shown(request, faults=[roster.Fault(1, "", "Choose a file first.")])
    raw = upload.read(roster.LIMIT + 1) if upload else request.POST["text"].encode()
    read = roster.read(raw)
    if read.faults:
        return _shown(request, faults=read.faults)
    if request.POST.get("save") != "yes":
        text = raw.decode("utf-8-sig")
        return page(request, "console/connect_preview.html", here="connect", roster=read, text=text)
    try:
        enrolling.enrol(signed_in(request), read)
    except IntegrityError:
        return _shown(request, faults=[roster.Fault(1, "", "Somebody else changed agents meanwhile.")])
    messages.success(request, f"Saved: {len(read.new)} new, {len(read.changed)} changed.")
    return redirect("connect-agents")


def _shown(
    request: HttpRequest,
    *,
    faults: list[roster.Fault] | None = None,
    form: AssignForm | None = None,
    status: int = 200,
) -> HttpResponse:
    return page(
        request,
        "console/connect_agents.html",
        here="connect",
        status=status,
        faults=faults or [],
        form=form or AssignForm(),
        unknown=unknown(request),
        unknown_count=unknown_count(),
        agent_count=Agent.objects.count(),
        teams=Team.objects.all(),
    )


@require_safe
@for_administrators
def agents_csv(request: HttpRequest) -> HttpResponse:
    """The present agents, with numbers as this person may see them."""
    user = signed_in(request)
    rows = Agent.objects.select_related("team").prefetch_related("addresses").order_by("name", "pk")
    numbers = access.sees_numbers(user)
    enrolling.record_export(user, rows=rows.count(), numbers=numbers)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="agents.csv"'
    answer.write("\ufeff")  # spreadsheets take it for something else than UTF-8 without this
    answer.write(roster.written(rows, numbers=numbers))
    return answer


@require_POST
@for_administrators
def assign(request: HttpRequest) -> HttpResponse:
    """Addresses that were seen become an agent's, also on the calls that go on."""
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _shown(request, form=form)
    said = form.cleaned_data
    addresses = {leg.address for leg in said["leg"]}
    agent = enrolling.assign(
        signed_in(request), addresses, agent=said["agent"], name=said["name"], team=said["team"]
    )
    many = "1 address belongs" if len(addresses) == 1 else f"{len(addresses)} addresses belong"
    messages.success(request, f"{many} to {agent.name} now.")
    return redirect("connect-agents")
