"""The pages: complete without scripts, which then keep them live."""

from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from participants import access
from participants.models import Conference, Supervisor, Team
from participants.serializers import conference_json, load, prefetched
from participants.services.dial_accounts import lacks_right
from participants.services.ringing import may_ring
from participants.services.searching import record_search

from . import call_page
from .connect.lights import for_administrators
from .display import Json, row, say
from .forms import PasswordForm, ProfileForm
from .hearing import hears_json
from .ring_views import first_of_the_day
from .shell import may_enter, page, reader_of, signed_in, with_lines

FIRST_ROWS = 100


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The live calls that this person may see; scripts take the rows over."""
    user = signed_in(request)
    if not may_enter(user):
        return page(request, "console/denied.html", here="board", status=403)
    live = access.visible_to(user, Conference.objects.exclude(status=Conference.Status.COMPLETED))
    team, query = request.GET.get("team", ""), request.GET.get("q", "").strip()
    chosen = _matching(user, _of_team(live, team), query)
    rows = list(prefetched(chosen.order_by("started_at", "pk"))[:FIRST_ROWS])
    numbers, reader = access.sees_numbers(user), with_lines(reader_of(user))
    total = chosen.count()
    return page(
        request,
        "console/board.html",
        here="board",
        reader=reader,
        rows=[row(conference_json(one, numbers=numbers), reader) for one in rows],
        total=total,
        hidden_rows=total - len(rows),
        tabs=_tabs(user, live, team=team, query=query),
        team=team,
        q=query,
        no_new_call=lacks_right(user),
        phone_card=first_of_the_day(request),
        warnings=for_administrators(user),
        empty_title=say("empty.search" if query else "empty.title"),
        empty_text=say("empty.search_text" if query else "empty.text"),
    )


def _of_team(conferences: QuerySet[Conference], team: str) -> QuerySet[Conference]:
    if not team:
        return conferences
    return conferences.filter(team=int(team)) if team.isdecimal() else conferences.none()


def _matching(user: User, conferences: QuerySet[Conference], query: str) -> QuerySet[Conference]:
    if not query:
        return conferences
    if access.is_number(query):
        record_search(user, query)
    return access.matching(conferences, query, numbers=access.sees_numbers(user))


def _tabs(user: User, live: QuerySet[Conference], *, team: str, query: str) -> list[Json]:
    """One for each team, with its calls; none where there is nothing to choose from."""
    teams = access.teams_of(user)
    rows = Team.objects.all() if teams is access.ALL else Team.objects.filter(pk__in=teams)
    if len(rows) < 2:
        return []
    counts = dict(live.order_by().values_list("team").annotate(Count("pk")))
    tabs = [("", "All calls", sum(counts.values()))]
    tabs += [(str(one.pk), one.name, counts.get(one.pk, 0)) for one in rows]
    return [
        {"id": id_, "name": name, "count": count, "current": id_ == team, "url": _board_url(id_, query)}
        for id_, name, count in tabs
    ]


def _board_url(team: str, query: str) -> str:
    asked = {key: value for key, value in (("team", team), ("q", query)) if value}
    return reverse("board") + (f"?{urlencode(asked)}" if asked else "")


def visible_call(user: User, pk: UUID) -> Conference | None:
    """The conference with all that its JSON needs; None when it is not this person's to see."""
    seen = access.visible_to(user, Conference.objects.filter(pk=pk)).exists()
    return load([pk])[0] if seen else None


@require_safe
def conference(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One call in full, each command a plain form."""
    user = signed_in(request)
    found = visible_call(user, pk)
    if found is None:
        return page(request, "console/gone.html", status=404)
    reader = with_lines(reader_of(user))
    call = call_page.call(found, user=user, reader=reader)
    return page(request, "console/conference.html", reader=reader, call=call)


@require_safe
def conference_hears(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who hears whom, for the panel."""
    user = signed_in(request)
    found = visible_call(user, pk)
    if found is None:
        raise Http404("There is no such call, or it is not yours to see.")
    json = conference_json(found, numbers=access.sees_numbers(user))
    return JsonResponse(hears_json(json, reader_of(user)))


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """One's own phone, theme, keys and password."""
    user = signed_in(request)
    profile = Supervisor.objects.filter(user=user).first() or Supervisor(user=user)
    changing_password = request.POST.get("form") == "password"
    posted = request.POST if request.method == "POST" else None
    settings = ProfileForm(None if changing_password else posted, instance=profile)
    password = PasswordForm(user, posted if changing_password else None)
    if changing_password and password.is_valid():
        update_session_auth_hash(request, password.save())
        messages.success(request, "Your password was changed.")
        return redirect("me")
    if posted and not changing_password and settings.is_valid():
        settings.save()
        messages.success(request, "Saved.")
        return redirect("me")
    teams = access.teams_of(user)
    names = "All teams" if teams is access.ALL else ", ".join(_names(teams))
    return page(
        request,
        "console/me.html",
        here="me",
        settings=settings,
        password=password,
        teams=names,
        may_ring=bool(profile.address) and may_ring(user),
    )


def _names(teams: frozenset[int]) -> list[str]:
    return list(Team.objects.filter(pk__in=teams).values_list("name", flat=True))
