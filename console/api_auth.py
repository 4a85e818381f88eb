"""Who calls the API, and what a body may be."""

import json
from typing import IO, Any, NoReturn

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError, PermissionDenied
from rest_framework.parsers import JSONParser
from rest_framework.request import Request

LIMIT = 16 * 1024  # bytes; the largest body of the contract is a fraction of it


class SignedIn(SessionAuthentication):
    """The session of the pages. With a challenge, so that strangers are told 401 and not 403."""

    def authenticate_header(self, _request: Request) -> str:
        return "Session"

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise PermissionDenied(code="csrf") from None


class StrictJSON(JSONParser):
    """One JSON object, no key twice, no NaN, not endless."""

    def parse(
        self, stream: IO[Any], _media_type: str | None = None, _parser_context: Any = None
    ) -> dict[str, Any]:
        body = stream.read(LIMIT + 1)
        if len(body) > LIMIT:
            raise ParseError(f"the body is longer than {LIMIT} bytes")
        if not body.strip():
            return {}
        try:
            data = json.loads(body, parse_constant=_refuse, object_pairs_hook=_once)
        except (ValueError, RecursionError) as error:
            raise ParseError(f"the body is not JSON: {str(error)[:100]}") from None
        if not isinstance(data, dict):
            raise ParseError("the body must be a JSON object")
        return data


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ValueError("a key stands twice")
    return data
