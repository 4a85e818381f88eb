"""Secrets at rest: sealed with the first of EARSHOT_ENCRYPTION_KEYS, opened with any of them.

To change keys, put the new one first, restart, run `manage.py reseal`, and remove the old one.
"""

from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.views.decorators.debug import sensitive_variables


class Unsealable(Exception):
    """No key, or none that opens this. The sentence is fit for the screen and holds no secret."""


def available() -> bool:
    """Whether anything can be sealed: without keys nobody may paste a secret."""
    return bool(settings.EARSHOT_ENCRYPTION_KEYS)


@sensitive_variables()
def seal(secret: str) -> str:
    return _keys().encrypt(secret.encode()).decode()


@sensitive_variables()
def unseal(sealed: str) -> str:
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unsealable(
            "it was sealed with a key that is not among EARSHOT_ENCRYPTION_KEYS any more"
        ) from None


@sensitive_variables()
def resealed(sealed: str) -> str:
    """The same secret under the first key."""
    return seal(unseal(sealed))


def new_key() -> str:
    return Fernet.generate_key().decode()


def _keys() -> MultiFernet:
    if not available():
        raise Unsealable("EARSHOT_ENCRYPTION_KEYS is empty")
    return _made(tuple(settings.EARSHOT_ENCRYPTION_KEYS))


@lru_cache(maxsize=4)
def _made(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
