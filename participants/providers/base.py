"""What every provider can do for us, and what a subclass has to write for it."""

# ruff: noqa: ARG002, ARG003 (an operation that a provider does not have looks at none of its arguments)

import random
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from ..events import CallEvent, ConferenceEvent, LegEvent, Source, Stamp
from ..timing import TIMING
from .budget import Budget
from .capabilities import Operations, Reported, fields, operations_of
from .connecting import Connecting
from .errors import (
    Forged,
    Gone,
    Malformed,
    NotSent,
    ProviderError,
    Refused,
    Unknown,
    Unsupported,
)
from .exchange import Answer, Fields, exchange, new_session
from .facts import AccountLike, Parsed
from .recordings import Recordings
from .speech import PLAIN, Speech

__all__ = [
    "AccountLike",
    "Forged",
    "Gone",
    "Malformed",
    "NotSent",
    "Parsed",
    "Provider",
    "ProviderError",
    "Refused",
    "Unknown",
    "Unsupported",
]

READ_TRIES = 4  # one, and three more
MOST_PAGES = 100


class Provider(Recordings):
    """One account's conversation with its provider. Safe to share between threads.

    Reads return events stamped READ and are tried again within their time; writes send one request,
    never two, and return what the answer says, stamped ANSWER. Both raise `ProviderError`:
    NotSent, Refused (Gone), Unknown, or Unsupported for an operation that a subclass does not write.
    """

    # --- what a subclass writes -------------------------------------------------------------------
    name: str
    title: str  # as the screen says it
    short: str  # two letters
    url: str  # of the API, where the account names no other
    connecting: Connecting  # the steps that connect an account, and what is pasted of it
    needs: tuple[str, ...] = ()  # fields of an account that it cannot do without, beside sid and secret
    # Codes with which a dial is refused because of its coaching: it may be tried without.
    refused_for_coaching: frozenset[str] = frozenset()
    gone_codes: frozenset[str] = frozenset()  # with which it says that something has ended, beside 404
    targets: frozenset[str] = frozenset({"number"})  # kinds of addresses that it documents for a dial
    calls_per_second: float | None = (
        None  # how fast it places calls, where an account does not say; None: at once
    )
    reports: Reported
    speech: Speech = PLAIN
    refusals: Mapping[str, str]  # the provider's code -> our reason for it, a word of the catalogue
    # What every callback URL ends in; never sent over the wire by the provider.
    callback_fragment: str = ""

    def authenticate(self, secret: str) -> None:
        """Give `self.session` what proves who we are. Of several secrets (rotation) the first is sent."""
        raise NotImplementedError

    def refusal(self, body: Any) -> tuple[str, str] | None:
        """Code and message of a well-formed error body, or None when it is none."""
        raise NotImplementedError

    def list_conferences(self, status: str, *, friendly_name: str | None = None) -> list[ConferenceEvent]:
        """All in a status (`init`, `in-progress`, `completed`), or those of one name, every page."""
        raise self.unsupported("list conferences")

    def fetch_conference(self, conference_sid: str) -> ConferenceEvent:
        raise self.unsupported("fetch a conference")

    def list_participants(self, conference_sid: str) -> list[LegEvent]:
        """All legs that are in a conference, every page. An ended one is not listed."""
        raise self.unsupported("list participants")

    def fetch_participant(self, conference_sid: str, call_sid_or_label: str) -> LegEvent:
        """One leg; Gone when it has ended or never was."""
        raise self.unsupported("fetch a participant")

    def fetch_call(self, call_sid: str) -> CallEvent:
        raise self.unsupported("fetch a call")

    def update_conference(self, conference_sid: str, **changes: object) -> ConferenceEvent:
        """Change what is given, by our names of the operation's parameters. `status="completed"` ends the
        conference and every leg in it. Raises BadParameter before anything is sent.
        """
        raise self.unsupported("update a conference")

    def create_participant(
        self,
        conference_sid: str,
        *,
        to: str,
        label: str,
        muted: bool,
        coaching: bool | None,
        target: str | None,
        timeout: int,
        beep: bool,
        start_conference_on_enter: bool,
        end_conference_on_exit: bool,
        status_callback: str,
    ) -> LegEvent:
        """Dial a supervisor's phone into a conference. `timeout`: seconds, `target`: the coached leg."""
        raise self.unsupported("create a participant")

    def dial(self, conference: str, *, named: bool = False, **values: object) -> LegEvent:
        """Dial somebody into a conference, by its sid or (`named`) by its name: with every parameter of
        `participant.create` that is given. Raises BadParameter before anything is sent.
        """
        raise self.unsupported("dial somebody into a conference")

    def is_sid(self, text: str) -> bool:
        """Whether the provider would read this as the sid of a conference, and not as a name."""
        return False

    def check_dial(self, conference: str, **values: object) -> None:
        """Raises what `dial` would raise without asking anybody: BadParameter, Unsupported."""
        raise self.unsupported("dial somebody into a conference")

    def update_participant(
        self,
        conference_sid: str,
        call_sid: str,
        *,
        muted: bool | None = None,
        hold: bool | None = None,
        coaching: bool | None = None,
        target: str | None = None,
        **changes: object,
    ) -> LegEvent:
        """Change what is given, in one request; what is None stays as it is. `changes`: the operation's other
        parameters by our names. Raises BadParameter before anything is sent.
        """
        raise self.unsupported("update a participant")

    def delete_participant(self, conference_sid: str, call_sid_or_label: str) -> None:
        """Take a leg off the conference; its call ends."""
        raise self.unsupported("delete a participant")

    def verify(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        """Whether the account's provider signed this request: for exactly this URL (query included), where it
        signs URLs. Raises Forged where the signature is right and its time is not.
        """
        raise NotImplementedError

    def parse(self, kind: str, pairs: Fields) -> Parsed:
        """Read a callback of `kind` (`conference`, `call`); an unknown event word has no events.

        Raises Forged for a known parameter that stands twice or a foreign account,
        Malformed where a known parameter breaks its pattern.
        """
        raise NotImplementedError

    @classmethod
    def without_people(cls, kind: str, pairs: Fields, *, own_label: str) -> Fields:
        """A callback without personal data: what happened, not to whom. Who cannot tell keeps nothing."""
        return []

    # --- what a subclass need not override --------------------------------------------------------
    def __init__(self, account: AccountLike, secret: str) -> None:
        if not secret.split():
            raise ValueError(f"The secret of account {account.key} is empty.")
        self.account = account
        self.session = new_session()
        self.budget = Budget()
        self.authenticate(secret)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.account.key}>"

    @classmethod
    def operations(cls) -> Operations:
        """What can be asked: operation -> our name of a parameter -> how it is spelled."""
        return operations_of(cls.name)

    def form(self, operation: str, **values: object) -> Fields:
        """The query or form of a request, by our names (`from_` is From); what is None is left out.

        Raises BadParameter for what this provider does not have or cannot take, Unsupported for an
        operation that it does not have.
        """
        parameters = self.operations().get(operation)
        if parameters is None:
            raise self.unsupported(f"do {operation}")
        return fields(operation, parameters, values)

    def unsupported(self, what: str) -> Unsupported:
        return Unsupported(f"{self.title} cannot {what}.")

    def read(self, path: str, *, query: Fields = (), absent_again: bool = False) -> Answer:
        """GET, up to four times within one request's time; with `absent_again` after a 404 too."""
        deadline = time.monotonic() + TIMING.request
        for attempt in range(READ_TRIES):
            try:
                return self._send("GET", path, query=query, deadline=deadline)
            except (NotSent, Unknown, Refused) as failed:
                pause = _pause(failed, attempt, absent_again=absent_again)
                if attempt + 1 == READ_TRIES or pause is None or time.monotonic() + pause >= deadline:
                    raise
                time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def read_pages(self, path: str, *, query: Fields, items: str, following: str) -> Iterator[Answer]:
        """Each page of a list as an answer; `items` and `following` are the keys in its body."""
        seen = {path}
        answer = self.read(path, query=query)
        while True:
            if not isinstance(answer.body.get(items), list):
                raise self.unreadable(f"a list without {items}")
            yield answer
            path = answer.body.get(following)
            if path is None:
                return
            # Never rebuilt, and never followed to another host: our credentials go with the request.
            if not isinstance(path, str) or not path.startswith("/") or path.startswith("//"):
                raise self.unreadable("a list whose next page is not on its host")
            if path in seen or len(seen) > MOST_PAGES:
                raise self.unreadable("a list that does not end")
            seen.add(path)
            answer = self.read(path)

    def write(self, method: str, path: str, *, form: Fields = ()) -> Answer:
        """One request, never repeated here."""
        return self._send(method, path, form=form, deadline=time.monotonic() + TIMING.request)

    def unreadable(self, what: str) -> Unknown:
        """Something came back that nobody can believe: the outcome is unknown."""
        return Unknown(f"{self.title} answered with {what}, so it is not known what happened.")

    def _send(
        self, method: str, path: str, *, query: Fields = (), form: Fields = (), deadline: float
    ) -> Answer:
        if method == "GET":
            self.budget.spend()
        answer = exchange(
            self.session,
            method,
            urljoin(self.account.api_url or self.url, path),
            title=self.title,
            query=query,
            form=form,
            deadline=deadline,
        )
        if answer.status == 204 or (200 <= answer.status < 300 and isinstance(answer.body, dict)):
            return answer
        # 408: whoever ran out of time there does not know what was done either.
        said_no = 400 <= answer.status < 500 and answer.status != 408
        refusal = self.refusal(answer.body) if said_no else None
        if refusal is None:
            raise self.unreadable(f"HTTP {answer.status} and nothing to go by")
        if answer.status == 429:
            self.budget.exceeded(_retry_after(answer))
        code, message = refusal
        gone = answer.status == 404 or code in self.gone_codes
        raise (Gone if gone else Refused)(
            self.title, status=answer.status, code=code, message=message, retry_after=_retry_after(answer)
        )


def stamp(answer: Answer, source: Source) -> Stamp:
    return Stamp(source=source, began=answer.began, occurred=answer.occurred)


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() else None


def _pause(failed: ProviderError, attempt: int, *, absent_again: bool) -> float | None:
    """Seconds until a read may be tried again; None when another try would be no better."""
    if isinstance(failed, Refused) and not (absent_again and failed.status == 404):
        if failed.status != 429:
            return None
        if failed.retry_after is not None:
            return failed.retry_after
    return random.uniform(0.5, 1.0) * TIMING.retry * 2**attempt
