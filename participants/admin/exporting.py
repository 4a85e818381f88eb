"""The filtered list as CSV. Every export is an intervention."""

import csv
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.admin.utils import label_for_field, lookup_field
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from .recording import record

if TYPE_CHECKING:
    from .lists import Listed

MOST_ROWS = 50_000
BATCH = 500
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(listed: "Listed", request: HttpRequest) -> HttpResponse:
    """Exactly the columns and rows of the list, masked like it; too long a one is refused with a sentence."""
    page = listed.get_changelist_instance(request)
    if page.result_count > MOST_ROWS:
        sentence = f"{page.result_count:,} rows are too many for one file; narrow the list to {MOST_ROWS:,}."
        messages.error(request, sentence)
        return HttpResponseRedirect(f"../?{request.META['QUERY_STRING']}")
    columns = [str(name) for name in page.list_display if name != "action_checkbox"]
    name = str(listed.opts.verbose_name_plural)
    query = request.META["QUERY_STRING"]
    record(request, "export", parameters={"list": name, "query": query, "rows": page.result_count})
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name.replace(" ", "-")}.csv"'
    answer.write("\ufeff")  # spreadsheets take it for something else than UTF-8 without this
    writer = csv.writer(answer, quoting=csv.QUOTE_ALL)
    writer.writerow([label_for_field(column, listed.model, listed) for column in columns])
    writer.writerows(_rows(listed, page.queryset, columns))
    return answer


def _rows(listed: "Listed", rows: Any, columns: list[str]) -> Iterator[list[str]]:
    for row in rows.iterator(chunk_size=BATCH):
        yield [_cell(lookup_field(column, row, listed)[2]) for column in columns]


def _cell(value: Any) -> str:
    """Plain text that no spreadsheet takes for a formula."""
    if isinstance(value, SafeString):
        value = unescape(strip_tags(value.replace("<br>", "; ")))
    written = "" if value is None else str(value)
    return f"'{written}" if written.startswith(FORMULA) else written
