"""Who may sit at a socket: sessions, teams and verbs of many people in four queries, however many they are.

`access` answers the same for one person; a test holds the two together.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import TypeVar

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import Permission, User
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from participants.models import Conference, Supervisor

from .frames import Person
from .outbox import NOT_ALLOWED, NOT_SIGNED_IN

T = TypeVar("T")


def people(session_keys: Collection[str]) -> dict[str, Person | int]:
    """Each session's person, or the code to close its socket with."""
    users = _signed_in(session_keys)
    ids = {user.pk for user in users.values()}
    verbs, teams = _verbs(ids), _teams(ids)
    return {
        key: _person(users[key], verbs[users[key].pk], teams[users[key].pk])
        if key in users
        else NOT_SIGNED_IN
        for key in session_keys
    }


def _person(user: User, verbs: set[str], teams: set[int]) -> Person | int:
    everything = user.is_superuser or "see_all" in verbs
    if not (everything or teams or verbs):
        return NOT_ALLOWED
    return Person(
        user_id=user.pk,
        teams=frozenset(teams),
        everything=everything,
        numbers=user.is_superuser or "see_numbers" in verbs,
    )


def _signed_in(session_keys: Collection[str]) -> dict[str, User]:
    """The active user of each session that lives and was made with the user's present password."""
    sessions = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    claims = {session.session_key: session.get_decoded() for session in sessions}
    ids = {claim[SESSION_KEY] for claim in claims.values() if SESSION_KEY in claim}
    users = {str(user.pk): user for user in User.objects.filter(pk__in=ids, is_active=True)}
    found = {key: (users.get(claim.get(SESSION_KEY, "")), claim) for key, claim in claims.items()}
    return {
        key: user
        for key, (user, claim) in found.items()
        if user and _made_with_password_of(user, claim.get(HASH_SESSION_KEY, ""))
    }


def _made_with_password_of(user: User, claimed: str) -> bool:
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    return any(constant_time_compare(claimed, each) for each in hashes)


def _verbs(user_ids: Collection[int]) -> dict[int, set[str]]:
    names = dict(Conference._meta.permissions)
    ours = Permission.objects.filter(content_type__app_label="participants", codename__in=names).order_by()
    granted = ours.filter(user__in=user_ids).values_list("user", "codename")
    by_group = ours.filter(group__user__in=user_ids).values_list("group__user", "codename")
    return _gathered(granted.union(by_group))


def _teams(user_ids: Collection[int]) -> dict[int, set[int]]:
    rows = Supervisor.objects.filter(user__in=user_ids, teams__isnull=False).order_by()
    return _gathered(rows.values_list("user", "teams"))


def _gathered(pairs: Iterable[tuple[int, T]]) -> dict[int, set[T]]:
    sets: dict[int, set[T]] = defaultdict(set)
    for user, value in pairs:
        sets[user].add(value)
    return sets
