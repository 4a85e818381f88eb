"""One HTTP exchange with a provider: sent once, and over within its time whatever the other side does.

`requests` bounds the wait for each packet, not for the whole answer: an answer that trickles in
could take minutes. Here every read from the socket, headers included, gets what is left.
"""

import io
import json
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.client import HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from ..timing import TIMING
from .errors import NotSent, Unknown

ANSWER_LIMIT = 8 * 1024 * 1024  # bytes; a page of 1,000 rows has less than one megabyte
POOL = 32

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`began`: our clock before sending; `occurred`: the provider's clock, its Date header. Unix seconds."""

    status: int
    body: Any  # what the JSON says; None where there is none
    headers: Mapping[str, str]
    began: float
    occurred: float | None


class _BoundedReader(io.RawIOBase):
    """Reads a socket until a deadline. At the start the socket's time-out is all that is left."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._deadline = time.monotonic() + (sock.gettimeout() or TIMING.request)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the whole answer took too long")
        self._sock.settimeout(min(left, TIMING.read))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_BoundedReader(sock))


class _Connection(HTTPConnection):
    response_class = _BoundedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _BoundedResponse

    def connect(self) -> None:
        """A failed handshake is a connection that was never made: say so, as for TCP."""
        try:
            super().connect()
        except OSError as failed:
            raise NewConnectionError(self, str(failed)) from failed


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


def new_session() -> requests.Session:
    """A pool of connections that sends every request exactly once."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=2, pool_maxsize=POOL, max_retries=0))
    return session


def exchange(
    session: requests.Session,
    method: str,
    url: str,
    *,
    title: str,
    query: Fields = (),
    form: Fields = (),
    deadline: float,
) -> Answer:
    """Send one request and read its answer before `deadline` (monotonic seconds).

    Raises NotSent when no connection was made, Unknown when it was and no whole answer came back.
    """
    began = time.time()
    left = max(deadline - time.monotonic(), 0.001)
    # The stubs of requests do not know that it takes urllib3's own, the only one with a total.
    bounded: Any = Timeout(connect=min(TIMING.connect, left), read=None, total=left)
    try:
        with session.request(
            method,
            url,
            params=list(query),
            data=list(form),
            timeout=bounded,
            allow_redirects=False,
            stream=True,
        ) as response:
            raw = _whole(response, title)
    except (requests.RequestException, OSError) as failed:
        if _never_connected(failed):
            raise NotSent(f"{title} could not be reached, nothing was sent.") from failed
        raise Unknown(f"{title} was asked, but its answer did not arrive.") from failed
    return Answer(
        status=response.status_code,
        body=_json(raw),
        headers=response.headers,
        began=began,
        occurred=_date(response.headers.get("Date")),
    )


def _whole(response: requests.Response, title: str) -> bytes:
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(64 * 1024):
        parts.append(part)
        size += len(part)
        if size > ANSWER_LIMIT:
            raise Unknown(f"{title} answered with more than {ANSWER_LIMIT} bytes.")
    return b"".join(parts)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps; requests and urllib3 keep theirs in `args` and `reason`."""
    yield error
    for inner in (*error.args, getattr(error, "reason", None)):
        if isinstance(inner, BaseException):
            yield from _causes(inner)


def _never_connected(error: BaseException) -> bool:
    return any(isinstance(cause, NewConnectionError | ConnectTimeoutError) for cause in _causes(error))


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _date(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp() if text else None
    except ValueError:
        return None
