"""Looking for a person's number is recorded like every other deed."""

from django.contrib.auth.models import User

from .. import access
from ..ledger import append_outcome, open_intervention
from ..models import Outcome


def record_search(user: User, text: str) -> None:
    """Keep who searched, and the last digits; never the whole number."""
    row, _ = open_intervention(user=user, verb="search", parameters={"q": access.mask_text(text)})
    append_outcome(row, Outcome.State.CONFIRMED)
