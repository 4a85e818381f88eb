"""Teams, agents with their phones, and supervisors."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery, Value
from django.http import HttpRequest
from django.utils import timezone

from .. import access
from ..models import Agent, AgentAddress, Conference, Supervision, Supervisor, Team
from . import showing
from .configuration import Configuration, NumberForm, for_reader, of_teams
from .filters import Phone, Seen
from .searching import Search


@admin.register(Team)
class TeamAdmin(Configuration):
    list_display = ("name", "agents", "supervisor_names", "calls")
    search = Search(words=("name", "agents__name"))
    search_help_text = "Name of the team or of an agent"

    def scoped(self, request: HttpRequest, rows: QuerySet[Team]) -> QuerySet[Team]:
        return of_teams(request, rows, "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        counted = Count("agents", distinct=True)
        return super().get_queryset(request).annotate(size=counted).prefetch_related("supervisors__user")

    @admin.display(description="agents", ordering="size")
    def agents(self, team: Any) -> str:
        return showing.list_link(Agent, f"{team.size} agents", f"team__id__exact={team.pk}")

    @admin.display(description="supervisors")
    def supervisor_names(self, team: Team) -> str:
        return ", ".join(showing.user(team, each.user) for each in team.supervisors.all()) or showing.NOTHING

    @admin.display(description="calls")
    def calls(self, team: Team) -> str:
        return showing.list_link(Conference, "Calls", f"team__id__exact={team.pk}")


class AddressLines(admin.TabularInline):
    model = AgentAddress
    form = NumberForm
    extra = 1

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgentAddress]:
        return super().get_queryset(request).annotate(numbers=Value(access.sees_numbers(request.user)))

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, form=for_reader(NumberForm, request), **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("address",) if self.has_change_permission(request, obj) else ("phone",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if self.has_change_permission(request, obj) else ("phone",)

    @admin.display(description="address")
    def phone(self, address: AgentAddress) -> str:
        return showing.number(address, address.address)


@admin.register(Agent)
class AgentAdmin(Configuration):
    list_display = ("name", "team", "phones", "label_text", "last_call", "supervised", "more")
    list_filter = (("team", admin.RelatedOnlyFieldListFilter), Phone, Seen)
    list_select_related = ("team",)
    search = Search(
        words=("name", "label", "user__username"), numbers=("addresses__address",), exact=("label",)
    )
    search_help_text = "Name, label, or number (in full or its last four digits)"
    inlines = (AddressLines,)

    def scoped(self, request: HttpRequest, rows: QuerySet[Agent]) -> QuerySet[Agent]:
        return of_teams(request, rows, "team")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        month = timezone.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        stays = Supervision.objects.filter(conference__participants__agent=OuterRef("pk"), since__gte=month)
        counted = (
            stays.order_by().values("conference__participants__agent").annotate(n=Count("pk", distinct=True))
        )
        legs = Agent.objects.filter(pk=OuterRef("pk")).annotate(last=Max("participants__joined_at"))
        rows = super().get_queryset(request).prefetch_related("addresses")
        return rows.annotate(
            stays_this_month=Subquery(counted.values("n")[:1]), last_joined=Subquery(legs.values("last")[:1])
        )

    @admin.display(description="addresses")
    def phones(self, agent: Agent) -> str:
        return (
            ", ".join(showing.number(agent, each.address) for each in agent.addresses.all())
            or showing.NOTHING
        )

    @admin.display(description="label", ordering="label")
    def label_text(self, agent: Agent) -> str:
        return showing.text(agent, agent.label)

    @admin.display(description="last call", ordering="last_joined")
    def last_call(self, agent: Any) -> str:
        return showing.moment(agent.last_joined)

    @admin.display(description="supervised this month", ordering="stays_this_month")
    def supervised(self, agent: Any) -> str:
        return str(agent.stays_this_month or 0)

    @admin.display(description="more")
    def more(self, agent: Agent) -> str:
        return showing.searches(agent.name)


@admin.register(Supervisor)
class SupervisorAdmin(Configuration):
    form = NumberForm
    masked = {"address": "phone"}
    list_display = ("name", "team_names", "phone", "last_stay", "supervised")
    list_filter = (("teams", admin.RelatedOnlyFieldListFilter),)
    search = Search(words=("user__first_name", "user__last_name", "user__username"), numbers=("address",))
    search_help_text = "Name, or number (in full or its last four digits)"
    filter_horizontal = ("teams",)

    def scoped(self, request: HttpRequest, rows: QuerySet[Supervisor]) -> QuerySet[Supervisor]:
        return of_teams(request, rows, "teams")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Supervisor]:
        rows = super().get_queryset(request).select_related("user").prefetch_related("teams")
        stays = Supervision.objects.filter(user=OuterRef("user")).order_by("-since")
        return rows.annotate(last_since=Subquery(stays.values("since")[:1]))

    @admin.display(description="name", ordering="user__last_name")
    def name(self, supervisor: Supervisor) -> str:
        return showing.user(supervisor, supervisor.user)

    @admin.display(description="teams")
    def team_names(self, supervisor: Supervisor) -> str:
        return ", ".join(team.name for team in supervisor.teams.all()) or showing.NOTHING

    @admin.display(description="phone")
    def phone(self, supervisor: Supervisor) -> str:
        return showing.number(supervisor, supervisor.address)

    @admin.display(description="last on a call", ordering="last_since")
    def last_stay(self, supervisor: Any) -> str:
        return showing.moment(supervisor.last_since)

    @admin.display(description="supervisions")
    def supervised(self, supervisor: Supervisor) -> str:
        return showing.list_link(Supervision, "Supervisions", f"user__id__exact={supervisor.user_id}")
