"""The page "This leg is an agent…": all that the admin writes about a call, and through the service."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from .. import access
from ..models import Agent, Participant
from ..services import legs
from ..services.command import Asked
from .configuration import of_teams
from .recording import reader


class IdentifyForm(forms.Form):
    role = forms.ChoiceField(choices=Participant.Role.choices, initial=Participant.Role.AGENT)
    agent = forms.ModelChoiceField(
        Agent.objects.none(), required=False, help_text="Needed for the role agent."
    )
    reason = forms.CharField(max_length=200, required=False)

    def __init__(self, *args: Any, agents: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["agent"].queryset = agents  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        is_agent = cleaned.get("role") == Participant.Role.AGENT
        if is_agent != bool(cleaned.get("agent")):
            self.add_error("agent", "Choose the agent." if is_agent else "Only the role agent has an agent.")
        return cleaned


def identify(request: HttpRequest, leg: Participant, *, context: dict[str, Any], back: str) -> HttpResponse:
    """Asks who this leg is, and hands the answer to the service, which checks, records and applies it."""
    user = reader(request)
    access.check(user, "identify", leg)
    form = IdentifyForm(request.POST or None, agents=of_teams(request, Agent.objects.all(), "team"))
    if request.method != "POST" or not form.is_valid():
        return TemplateResponse(request, "admin/identify.html", {**context, "form": form, "back": back})
    said = form.cleaned_data
    legs.identify(leg, Asked(by=user, reason=said["reason"]), role=said["role"], agent=said["agent"])
    messages.success(
        request, "Recorded: this is " + (str(said["agent"]) if said["agent"] else said["role"]) + "."
    )
    return HttpResponseRedirect(back)
