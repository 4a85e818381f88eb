"""The address book: whom supervisors may dial by name."""

import re

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from .. import access
from ..models import Destination
from . import showing
from .configuration import Configuration, NumberForm
from .recording import reader
from .searching import Search

APPLICATION = re.compile(r"app:[A-Za-z0-9]{1,64}(\?\S*)?")


class DestinationForm(NumberForm):
    allowed_text = "+442079460102, client:…, sip:… or app:…"

    def allowed(self, address: str) -> bool:
        """Also an application of the provider; client: and sip: may carry parameters."""
        plain = address.partition("?")[0]
        return bool(APPLICATION.fullmatch(address)) or access.phone_allowed(plain)


@admin.register(Destination)
class DestinationAdmin(Configuration):
    form = DestinationForm
    masked = {"address": "phone"}
    list_display = ("name", "phone", "whose")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("team",)
    search = Search(words=("name", "team__name"), numbers=("address",))
    search_help_text = "Name, team, or number (in full or its last four digits)"

    def scoped(self, request: HttpRequest, rows: QuerySet[Destination]) -> QuerySet[Destination]:
        teams = access.teams_of(reader(request))
        return rows if teams is access.ALL else rows.filter(Q(team=None) | Q(team__in=teams))

    @admin.display(description="address", ordering="address")
    def phone(self, destination: Destination) -> str:
        return showing.number(destination, destination.address)

    @admin.display(description="who may dial it", ordering="team__name")
    def whose(self, destination: Destination) -> str:
        return showing.text(destination, destination.team.name) if destination.team else "everybody"
