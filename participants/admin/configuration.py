"""Rows that administrators write, with forms that keep numbers from people who may not see them."""

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest

from .. import access
from .lists import Listed
from .recording import reader


class NumberForm(forms.ModelForm):
    """Shows numbers masked to people without `see_numbers`; what is left as it stands is kept."""

    in_full = False
    numbers: tuple[str, ...] = ("address",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self._masked():
            self.initial[name] = access.mask(self.initial[name])

    def _masked(self) -> list[str]:
        shown = [name for name in self.numbers if name in self.fields and self.initial.get(name)]
        return [] if self.in_full else shown

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.numbers:
            address = cleaned.get(name)
            if address and address == self.initial.get(name):
                cleaned[name] = getattr(self.instance, name)
            elif address and not self.allowed(address):
                self.add_error(name, f"{address} is no phone: write it as {self.allowed_text}.")
        return cleaned

    allowed_text = "+442079460102, client:… or sip:…"

    def allowed(self, address: str) -> bool:
        return access.phone_allowed(address)


class Configuration(Listed):
    """A list whose rows can be added, changed and removed by those with the right; others read them."""

    masked: ClassVar[dict[str, str]] = {}  # fields that hold a number -> the column that shows it to readers

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if issubclass(self.form, NumberForm):
            kwargs["form"] = for_reader(self.form, request)
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_fields(request, obj)
        if self.has_change_permission(request, obj) or obj is None:
            return fields
        return [self.masked.get(str(name), name) for name in fields]


def for_reader(form: type[NumberForm], request: HttpRequest) -> type[NumberForm]:
    """The form with numbers in full for those who may see them."""
    return type(form.__name__, (form,), {"in_full": access.sees_numbers(request.user)})


def of_teams(request: HttpRequest, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """The rows whose `path` is one of the teams of this person."""
    teams = access.teams_of(reader(request))
    return rows if teams is access.ALL else rows.filter(**{f"{path}__in": teams}).distinct()
