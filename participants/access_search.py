"""Finding calls by a name or a number, without telling numbers to those who may not see them."""

import re

from django.db.models import Exists, OuterRef, Q, QuerySet

from .models import Conference, Participant

WHOLE_NUMBER = 9  # digits; a number without its country code has at least as many
LAST_DIGITS = 4
_LOOKS_LIKE_A_NUMBER = re.compile(r"[+\d\s()./-]+")
_HOLDS_A_NUMBER = r"([0-9][^0-9]{0,3}){6}[0-9]"


def is_number(text: str) -> bool:
    """Whether somebody who types this is looking for a phone number."""
    return len(_digits(text)) >= LAST_DIGITS and bool(_LOOKS_LIKE_A_NUMBER.fullmatch(text))


def matching(conferences: QuerySet[Conference], text: str, *, numbers: bool) -> QuerySet[Conference]:
    """Those with this name, agent or sid, or with this number on them.

    Without `numbers` only a whole number or its last four digits match, and names that hold a number are not
    searched: else typing digit by digit would tell it.
    """
    names, agents = Q(friendly_name__icontains=text), Q(agent__name__icontains=text)
    if not numbers and any(sign.isdigit() for sign in text):
        names &= ~Q(friendly_name__regex=_HOLDS_A_NUMBER)
        agents &= ~Q(agent__name__regex=_HOLDS_A_NUMBER)
    people = agents | Q(call_sid=text)
    if is_number(text):
        people |= _number(_digits(text), numbers=numbers)
    legs = Participant.objects.filter(people, conference=OuterRef("pk"))
    return conferences.filter(names | Q(sid=text) | Exists(legs))


def _number(digits: str, *, numbers: bool) -> Q:
    if numbers:
        return Q(address__contains=digits)
    if len(digits) == LAST_DIGITS or len(digits) >= WHOLE_NUMBER:
        return Q(address__endswith=digits, address__startswith="+")
    return Q(pk__in=[])


def _digits(text: str) -> str:
    """As the number is stored: without the zeros that are dialled before it."""
    digits = re.sub(r"\D", "", text)
    return digits.lstrip("0") if len(digits) > LAST_DIGITS else digits
