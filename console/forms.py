"""The forms of a person's own page."""

import re
from typing import Any

from django import forms
from django.contrib.auth.forms import PasswordChangeForm
from django.db.models import QuerySet

from participants import access
from participants.models import Agent, Supervisor
from participants.words import SENTENCES

from .display import say

SEPARATORS = re.compile(r"[\s()./-]+")


class ProfileForm(forms.ModelForm):
    """Which phone rings, how the pages look, and whether single keys act."""

    theme = forms.ChoiceField(choices=Supervisor.Theme.choices, widget=forms.RadioSelect)

    class Meta:
        model = Supervisor
        fields = ["address", "theme", "keys"]

    def clean_address(self) -> str:
        typed = str(self.cleaned_data["address"]).strip()
        address = SEPARATORS.sub("", typed) if typed.startswith("+") else typed
        if address and not access.phone_allowed(address):
            raise forms.ValidationError(SENTENCES["phone_not_allowed"].format(phone=typed))
        return address


class PasswordForm(PasswordChangeForm):
    """Stands below the profile, so that it must not take the focus when the page opens."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["old_password"].widget.attrs["autofocus"]


class IdentifyForm(forms.Form):
    """Who a person on a call is, said by somebody who knows."""

    role = forms.ChoiceField(
        choices=[(role, say(f"role.{role}")) for role in ("agent", "customer", "other")],
        widget=forms.RadioSelect,
    )
    agent = forms.ModelChoiceField(queryset=Agent.objects.none(), required=False, empty_label="–")

    def __init__(self, *args: Any, agents: QuerySet[Agent], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agent"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = agents

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if (said.get("role") == "agent") != bool(said.get("agent")):
            self.add_error("agent", "Needed for an agent, and for nobody else.")
        return said
