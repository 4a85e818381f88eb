"""The sound of a recording, from the provider through Earshot to whoever may hear it."""

from collections.abc import AsyncIterator, Iterator
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from participants.access import Denial
from participants.services import recordings

from .api_recordings import visible_recording
from .shell import signed_in


@require_safe
def sound(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Never a redirect: an address of the provider's would need no right to hear it."""
    user = signed_in(request)
    row = visible_recording(user, pk)
    if row is None:
        raise Http404("There is no such recording, or it is not yours to hear.")
    try:
        found = recordings.play(user, row, wanted=request.headers.get("Range", ""))
    except Denial as denial:
        return HttpResponse(denial.detail, status=denial.status, content_type="text/plain; charset=utf-8")
    # Django collects a plain iterator whole before it sends one under ASGI.
    parts = _later(found.parts) if isinstance(request, ASGIRequest) else found.parts
    name = f"{row.sid}.{found.content_type.rpartition('/')[2].removeprefix('x-')}"
    return StreamingHttpResponse(
        parts,
        status=found.status,
        content_type=found.content_type,
        headers={
            **found.headers,
            "Cache-Control": "private, no-store",
            "Content-Disposition": f'inline; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _later(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each part read in a thread of its own time: nobody else waits for the provider."""
    read = sync_to_async(lambda: next(parts, None), thread_sensitive=False)
    try:
        while (part := await read()) is not None:
            yield part
    finally:
        await sync_to_async(parts.close, thread_sensitive=False)()  # type: ignore[attr-defined]
