"""Looking for a person's number is recorded like every other deed."""

from django.contrib.auth.models import User

from .. import access
from ..ledger import append_deed


def record_search(user: User, text: str) -> None:
    """Keep who searched, and the last digits; never the whole number."""
    append_deed(user=user, verb="search", parameters={"q": access.mask_text(text)})
