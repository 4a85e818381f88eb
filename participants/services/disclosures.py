"""Taking the story of a call away, and reading what a provider posted, are deeds on the record."""

from django.contrib.auth.models import User

from ..ledger import append_deed
from ..models import Callback, Conference


def record_export(user: User, conference: Conference, *, items: int, raw: bool) -> None:
    """The whole story left as a file; `raw`: with the forms behind it."""
    parameters = {"list": "timeline", "rows": items, "raw": raw}
    append_deed(user=user, verb="export", conference=conference, parameters=parameters)


def record_reading(user: User, conference: Conference, callback: Callback) -> None:
    """Somebody read the raw form of a callback."""
    append_deed(user=user, verb="read_callback", conference=conference, parameters={"callback": callback.pk})
