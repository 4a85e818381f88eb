"""The page for dialling somebody into a call. Scripts open its form over the board and post it from there."""

from functools import partial
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods

from participants import access
from participants.access import Denial
from participants.capabilities import kind_of, operation_json
from participants.models import AgentAddress, Conference
from participants.serializers import conference_json, provider_name
from participants.services import dialling
from participants.words import SENTENCES

from . import address_book, dial_form
from .display import Json, say, title
from .sheets import answer_done, answer_wrong, asked_by
from .shell import page, signed_in
from .views import visible_call

NOT_THEM = "dial_number"
NOBODY = "Write a number or an address, or choose from the address book."
BOTH = "Write somebody or choose from the address book, not both."
SEVERAL = "Several people have this name. Choose one from the address book."


@require_http_methods(["GET", "HEAD", "POST"])
def dial(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET shows the form, POST dials; what is wrong is said at its field."""
    user = signed_in(request)
    found = visible_call(user, pk)
    if found is None:
        return page(request, "console/gone.html", status=404)
    form = DialForm(found, user)
    if request.method != "POST":
        return form.shown(request, access.may(user, "dial", found).detail)
    try:
        dialling.dial(found, asked_by(request), **form.read(request.POST))
    except Denial as denial:
        if denial.code == NOT_THEM:
            denial.fields = {"to": [denial.detail]}
        return answer_wrong(request, denial, partial(form.shown_again, request, denial))
    return answer_done(request, say("dial.asked", who=form.whom), back_to=found.pk)


class DialForm:
    """The form for one call: its provider's parameters, and whom this person may dial by name."""

    def __init__(self, conference: Conference, user: User) -> None:
        kind = kind_of(conference.account.provider)
        parameters = operation_json(kind.operations().get(dial_form.OPERATION, {})) if kind else []
        self.conference, self.user = conference, user
        self.fields = dial_form.fields_of(parameters) | {each.name: each for each in dial_form.own_fields()}
        self.book = address_book.entries(user)
        self.chosen = ""
        self.whom = ""

    def read(self, posted: QueryDict) -> Json:
        """What was asked for; raises Denial `invalid` that names each field that is wrong."""
        values = dial_form.read(self.fields, posted)
        self.chosen = posted.get("book", "")
        to = self._address(str(values.pop("to", "")))
        wrong = {name: each.errors for name, each in self.fields.items() if each.errors}
        if wrong:
            for each in self.fields.values():
                each.errors = []
            names = ", ".join(self.fields[name].label for name in wrong)
            raise Denial("invalid", SENTENCES["invalid"].format(fields=names), fields=wrong)
        return {"role": self._role(to)} | values | {"to": to}

    def _role(self, to: str) -> str | None:
        """Of an agent Earshot knows it; anybody else is dialled in beside the customer."""
        return None if AgentAddress.objects.filter(address=to).exists() else "other"

    def _address(self, typed: str) -> str:
        entry = address_book.chosen(self.book, self.chosen)
        named = address_book.named(self.book, typed) if typed else []
        if entry and typed and entry not in named:
            self.fields["to"].errors.append(BOTH)
        elif not entry and len(named) > 1:
            self.fields["to"].errors.append(SEVERAL)
        elif not entry and not typed:
            self.fields["to"].errors.append(NOBODY)
        entry = entry or next(iter(named), None)
        self.whom = entry.name if entry else typed
        return entry.address if entry else dial_form.plain_number(typed)

    def shown_again(self, request: HttpRequest, denial: Denial) -> HttpResponse:
        """What is wrong stands beside its field, the rest above the form."""
        elsewhere = dial_form.note(self.fields, denial.fields or {})
        above = [denial.detail, *elsewhere] if elsewhere or not denial.fields else []
        return self.shown(request, " ".join(above))

    def shown(self, request: HttpRequest, error: str = "") -> HttpResponse:
        own = dict(self.fields)
        to = own.pop("to", None)
        json = conference_json(self.conference, numbers=access.sees_numbers(self.user))
        return page(
            request,
            "console/dial.html",
            call=self.conference.pk,
            title=title(json),
            provider=provider_name(self.conference.account.provider).title,
            key=uuid4(),
            error=error,
            to=to,
            book=self.book,
            chosen=self.chosen,
            common=dial_form.common(own.values()),
            groups=dial_form.groups_of(own.values()),
        )
