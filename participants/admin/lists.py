"""What all lists of the admin have in common. Records, mirrored and audit rows, are never changed here."""

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.options import ShowFacets
from django.db.models import Model, QuerySet, Value
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from .. import access, ledger
from ..services.searching import record_search
from .exporting import export
from .recording import reader
from .searching import Search, number_in
from .showing import NOTHING


class Listed(admin.ModelAdmin):
    """A list: 50 rows, scoped, searched as `search` says, numbers as the reader may see them, and as CSV.

    A subclass writes `scoped` and `search`. Its columns read `row.numbers`.
    """

    search: ClassVar[Search]
    search_fields = ("pk",)  # shows the box; `search` decides what it finds
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    empty_value_display = NOTHING
    change_list_template = "admin/list.html"
    shows_the_chain = False

    def scoped(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Only the rows that this person may see."""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = self.scoped(request, super().get_queryset(request))
        return rows.annotate(numbers=Value(access.sees_numbers(request.user)))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        if number_in(search_term) and "p" not in request.GET:  # further pages are the same search
            record_search(reader(request), search_term)
        in_full = access.sees_numbers(request.user)
        return queryset.filter(self.search.condition(self.model, search_term, in_full=in_full)), False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Filters of the list only: any other column in the address could be guessed letter by letter."""
        allowed = {f"{self.date_hierarchy}{end}" for end in DATE_ENDS}
        filters: Any = self.get_list_filter(request)
        for each in filters:
            if isinstance(each, type) and issubclass(each, SimpleListFilter):
                allowed.add(str(each.parameter_name))
            else:
                name = each if isinstance(each, str) else each[0]
                allowed |= {f"{name}{end}" for end in FILTER_ENDS}
        return lookup in allowed

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export), name=name), *super().get_urls()]

    def export(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not self.has_view_permission(request):
            return HttpResponse(status=405 if request.method != "POST" else 403)
        return export(self, request)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = dict(extra_context or {})
        if self.shows_the_chain:
            context["chain"] = ledger.recent_check()
            context["chain_rows"] = f"{context['chain'].checked_rows:,}"
        return super().changelist_view(request, context)


FILTER_ENDS = ("", "__exact", "__isnull", "__id__exact")
DATE_ENDS = ("__year", "__month", "__day")


class Records(Listed):
    """Rows that only providers or the ledger write: the buttons are absent, and a forged post is refused."""

    change_form_template = "admin/record.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def tools(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        """Addresses and words of what else can be opened for this row."""
        return []

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id) if request.method == "GET" else None
        tools = self.tools(request, row) if row is not None else []
        return super().change_view(request, object_id, form_url, {"tools": tools, **(extra_context or {})})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        row = super().get_object(request, object_id, from_field)
        if row is not None and not row.numbers:
            self.mask(row)
        return row

    def mask(self, row: Any) -> None:
        """Masks what stands in the title of the row's page. The row is never saved."""


class RecordLines(admin.TabularInline):
    """Records of a call on its page: every column is a method, nothing can be written."""

    template = "admin/record_lines.html"
    extra = max_num = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(numbers=Value(access.sees_numbers(request.user)))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
