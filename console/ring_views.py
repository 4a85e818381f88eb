"""“Ring me now” as a plain form, on one's own page and beside the lights of an account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from participants import access
from participants.access import Denial
from participants.models import Account, Outcome, Supervisor
from participants.services import ringing
from participants.services.command import Asked, state_of

from .shell import signed_in

BAD = {Outcome.State.FAILED, Outcome.State.REFUSED, Outcome.State.UNKNOWN}
BACK = {"board", "me"}


def first_of_the_day(request: HttpRequest) -> dict[str, str] | None:
    """Once in a session and day: whose phone rings, for those whom it concerns."""
    today, user = timezone.localdate().isoformat(), signed_in(request)
    if request.session.get("board_of") == today or not ringing.may_ring(user):
        return None
    request.session["board_of"] = today
    address = Supervisor.objects.filter(user=user).values_list("address", flat=True).first()
    name = user.first_name or user.get_username()
    return {"name": name, "phone": access.mask(address)} if address else None


@require_POST
def ring_me(request: HttpRequest) -> HttpResponse:
    """Then back to the page that asked."""
    ring(request)
    back = request.POST.get("back", "")
    return redirect(back if back in BACK else "me")


def ring(request: HttpRequest, account: Account | None = None) -> None:
    """Rings, and says what became of it by now."""
    try:
        intervention = ringing.ring(Asked(by=signed_in(request)), account)
    except Denial as denial:
        messages.error(request, denial.detail)
        return
    tell = messages.error if state_of(intervention) in BAD else messages.success
    tell(request, ringing.sentence(intervention))
