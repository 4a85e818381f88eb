"""Whose accounts somebody may dial with, when no call says which."""

from django.contrib.auth.models import User

from .. import access_dialling
from ..models import Account


def lacks_right(user: User) -> str:
    """Why this person may dial nobody, whatever the account; empty when they may."""
    return access_dialling.lacks_right(user)[1]


def accounts(user: User) -> list[tuple[Account, str]]:
    """Those that somebody can be dialled with, each with what is against it now: those that can at once
    come first.
    """
    able = [account for account in Account.objects.all() if access_dialling.dials(account)]
    judged = [(account, access_dialling.may_dial(user, account)[1]) for account in able]
    return sorted(judged, key=lambda each: bool(each[1]))
