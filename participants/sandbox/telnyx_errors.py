"""Telnyx's error answers: a list of errors, each with a code, a title, a sentence, and what it is about."""

from __future__ import annotations

from dataclasses import dataclass

from participants.sandbox.wire import Answer, Refusal

TITLES = {
    "10003": "Invalid URL",
    "10004": "Missing required parameter",
    "10007": "Unexpected error",
    "10008": "Request timeout",
    "10009": "Authentication failed",
    "10010": "Authorization failed",
    "10011": "Too many requests",
    "10015": "Bad Request",
    "10016": "Phone number must be in +E.164 format",
    "10026": "Invalid parameter type",
    "10032": "Invalid enumerated value",
    "10033": "Parameter value out of range",
    "90015": "Invalid Call Control ID",
    "90018": "Call has already ended",
    "90019": "Conference has already ended",
    "90032": "Conference is full",
    "90034": "Call has not been answered yet",
}
ERROR_PAGES = "https://developers.telnyx.com/docs/overview/errors/"
# Their windows are fixed; the figures are ours.
NO_MORE_REQUESTS = {"x-ratelimit-limit": "50", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"}
FAULT_CODES = {400: "10015", 401: "10009", 403: "10010", 429: "10011", 500: "10007", 503: "10007"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of the list; `about` is the parameter that its pointer names, if it is about one."""

    code: str
    detail: str
    about: str = ""

    def body(self) -> dict[str, object]:
        source = {"source": {"pointer": f"/{self.about}"}} if self.about else {}
        return {"code": self.code, "title": TITLES[self.code], "detail": self.detail, **source}


class Refused(Exception):
    """What was asked cannot be done; `problems` says why, one for each thing that is wrong."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = problems


def refusal(status: int, *problems: Problem) -> Refusal:
    headers = NO_MORE_REQUESTS if status == 429 else {}
    return Refusal(Answer(status, {"errors": [problem.body() for problem in problems]}, dict(headers)))


def not_found() -> Refusal:
    """The one body that Telnyx writes without a code."""
    return Refusal(Answer(404, {"errors": [{"detail": "Resource not found"}]}))


def not_signed_in() -> Refusal:
    error = Problem("10009", "The API key looks malformed. Check that you copied it correctly.").body()
    return Refusal(Answer(401, {"errors": [error | {"meta": {"url": f"{ERROR_PAGES}10009"}}]}))


def of_status(status: int) -> Answer:
    """For faults: an error answer of this status."""
    if status == 401:
        return not_signed_in().answer
    if status == 404:
        return not_found().answer
    code = FAULT_CODES[status]
    return refusal(status, Problem(code, TITLES[code])).answer
