"""The forms of a person's own page."""

import re

from django import forms

from participants import access
from participants.models import Supervisor
from participants.words import SENTENCES

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
