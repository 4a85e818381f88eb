"""The forms of an account: its fields are what its provider needs."""

import re
from typing import Any

from django import forms

from participants import access
from participants.models import Account, Team
from participants.services import connecting

LONGEST = {"sid": 64, "caller_id": 64, "application_sid": 64, "public_key": 200, "secret": 400}
KEY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class AccountForm(forms.Form):
    """What is pasted. The secret is never shown again, not even to who pasted it a moment ago."""

    def __init__(
        self, *args: Any, provider: str, account: Account | None = None, numbers: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.provider, self.account, self.numbers = provider, account, numbers
        for name, entry in connecting.entries(provider).items():
            secret = name == "secret"
            self.fields[name] = forms.CharField(
                label=entry.label,
                help_text=entry.hint,
                max_length=LONGEST[name],
                required=not (secret and account),
                widget=forms.PasswordInput(attrs={"autocomplete": "off"})
                if secret
                else forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )
            if account and not secret:
                self.initial[name] = self._shown(name)

    def _shown(self, name: str) -> str:
        value: str = getattr(self.account, name)
        return value if self.numbers or name != "caller_id" else access.mask(value)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        kept = {name for name in cleaned if self.account and cleaned[name] == self.initial.get(name)}
        for name in kept:
            cleaned[name] = getattr(self.account, name)
        given = {
            name: value for name, value in cleaned.items() if isinstance(value, str) and name not in kept
        }
        if self.account and not given.get("secret"):
            given.pop("secret", None)
        for name, faults in connecting.faults(self.provider, given).items():
            for fault in faults:
                self.add_error(name, fault)
        return cleaned

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The fields in the order of the provider, with their words."""
        return [
            {"field": self[name], "hint": entry.hint, "label": entry.label}
            for name, entry in connecting.entries(self.provider).items()
        ]


class NewAccount(AccountForm):
    key = forms.CharField(max_length=40)
    default_team = forms.ModelChoiceField(queryset=Team.objects.all(), required=False, empty_label="No team")
    api_url = forms.CharField(required=False, max_length=200)

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if not KEY.fullmatch(key):
            raise forms.ValidationError("Small letters, digits and single hyphens, as in main-line.")
        if Account.objects.filter(key=key).exists():
            raise forms.ValidationError("Another account has this key.")
        return key


class Credentials(AccountForm):
    api_url = forms.CharField(required=False, max_length=200)
    keep_former = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, provider=account.provider, account=account, **kwargs)
        self.initial["api_url"] = account.api_url

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        assert self.account is not None
        moved = any(cleaned.get(name, "") != getattr(self.account, name) for name in connecting.BOUND)
        if moved and not cleaned.get("secret") and not self.errors:
            self.add_error("secret", "Paste it again: it was pasted for another sid or address.")
        return cleaned
