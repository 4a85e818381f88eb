"""The page for dialling somebody into a call. Scripts open its form over the board and post it from there."""

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods

from participants import access
from participants.access import Denial
from participants.capabilities import kind_of, operation_json
from participants.models import Account, AgentAddress, Conference, Intervention
from participants.serializers import conference_json, provider_name
from participants.services import dialling
from participants.words import SENTENCES

from . import address_book, dial_form
from .display import Json, say, title
from .sheets import answer_done, answer_wrong, asked_by
from .shell import page, signed_in
from .views import visible_call

# What is wrong with it belongs to one field, where the form has that.
AT_FIELD = {"dial_number": "to", "name_taken": dial_form.NAME}
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
    form = DialForm(found.account, user, found)
    if request.method != "POST":
        return form.shown(request, access.may(user, "dial", found).detail)

    def done(_: Intervention) -> HttpResponse:
        return answer_done(request, say("dial.asked", who=form.whom), back_to=found.pk)

    return form.posted(request, partial(dialling.dial, found), done)


class DialForm:
    """The form for one call, or for the one of this account whose name is written in it: the provider's
    parameters, and whom this person may dial by name. `accounts`: to choose from.
    """

    def __init__(
        self,
        account: Account,
        user: User,
        conference: Conference | None = None,
        accounts: Sequence[Account] = (),
    ) -> None:
        kind = kind_of(account.provider)
        parameters = operation_json(kind.operations().get(dial_form.OPERATION, {})) if kind else []
        self.account, self.user, self.conference, self.accounts = account, user, conference, accounts
        own = [*dial_form.own_fields(), *([] if conference else [dial_form.name_field()])]
        self.fields = dial_form.fields_of(parameters) | {each.name: each for each in own}
        self.book = address_book.entries(user)
        self.chosen = ""
        self.whom = ""

    def posted(
        self,
        request: HttpRequest,
        service: Callable[..., Intervention],
        done: Callable[[Intervention], HttpResponse],
    ) -> HttpResponse:
        """`service` is asked with what was written; else the form is shown with what is wrong."""
        try:
            return done(service(asked_by(request), **self.read(request.POST)))
        except Denial as denial:
            if denial.code in AT_FIELD:
                denial.fields = {AT_FIELD[denial.code]: [denial.detail]}
            return answer_wrong(request, denial, partial(self.shown_again, request, denial))

    def keep(self, posted: QueryDict) -> None:
        """What was written stands in the fields again; whether it is right is not said yet."""
        dial_form.read(self.fields, posted)
        self.chosen = posted.get("book", "")
        for each in self.fields.values():
            each.errors = []

    def read(self, posted: QueryDict) -> Json:
        """What was asked for; raises Denial `invalid` that names each field that is wrong."""
        values = dial_form.read(self.fields, posted)
        self.chosen = posted.get("book", "")
        to = self._address(str(values.pop("to", "")))
        if dial_form.NAME in self.fields:
            self._check_name(values.get(dial_form.NAME, ""))
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

    def _check_name(self, typed: str) -> None:
        if not dial_form.SENDABLE_NAME.fullmatch(typed):
            self.fields[dial_form.NAME].errors.append(dial_form.NO_NAME)

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

    def shown(self, request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
        own = dict(self.fields)
        to, name = own.pop("to", None), own.pop(dial_form.NAME, None)
        return page(
            request,
            "console/dial.html",
            status=status,
            call=self.conference.pk if self.conference else None,
            title=self._title(),
            action=request.path,
            account=self.account.key,
            accounts=[(each.key, provider_name(each.provider).title) for each in self.accounts],
            provider=provider_name(self.account.provider).title,
            key=uuid4(),
            error=error,
            to=to,
            name=name,
            book=self.book,
            chosen=self.chosen,
            common=dial_form.common(own.values()),
            groups=dial_form.groups_of(own.values()),
        )

    def _title(self) -> str:
        if self.conference is None:
            return ""
        return title(conference_json(self.conference, numbers=access.sees_numbers(self.user)))
