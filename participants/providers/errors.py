"""What can go wrong between us and a provider. Every sentence is fit for the screen and holds no secret."""


class ProviderError(Exception):
    """A request to a provider did not end well."""


class NotSent(ProviderError):
    """The connection was never made: nothing happened, the request may be repeated."""


class NoSecret(NotSent):
    """We have no credentials for the account: nobody was asked."""


class Unknown(ProviderError):
    """Sent, but no answer that can be believed: it may have happened, or may happen yet."""


class Unsupported(NotSent):
    """This provider has no such operation: nobody was asked."""


class Refused(ProviderError):
    """The provider said no, in its own words. `retry_after`: seconds it asked us to wait."""

    def __init__(
        self, title: str, *, status: int, code: str, message: str, retry_after: float | None = None
    ) -> None:
        super().__init__(title, status, code, message)
        self.title = title
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def __str__(self) -> str:
        return f"{self.title} refused: {self.message} (code {self.code or 'not given'}, HTTP {self.status})."


class Gone(Refused):
    """What the request named does not exist, or has ended (404, or a code that says so)."""


class Malformed(Exception):
    """A callback with a valid signature says something that this provider never says.

    `conference_sid` and `call_sid` are whom it is about, where those are readable.
    """

    conference_sid = ""
    call_sid = ""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field} {why}.")


class Forged(Malformed):
    """A callback that this account's provider cannot have meant: it is refused and not kept."""
