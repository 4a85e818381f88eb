"""What was asked cannot be: the field, and what it may be, before anybody is asked."""

from ..access import Denial
from ..words import say


def invalid(field: str, allowed: str) -> Denial:
    """The API's 400: `allowed` ends the sentence that begins with "Must be"."""
    sentence = f"Must be {allowed}."
    told = f"{field}: {sentence}".rstrip(".")
    return Denial("invalid", say("invalid", fields=told), fields={field: [sentence]})
