"""The sound of a recording, handed on as it arrives: never whole in memory, never from anybody's host.

Our credentials go to the provider's own address alone. A link that it signed is asked for without any.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from ..timing import TIMING
from .errors import Gone, NotSent, Refused, Unknown

CHUNK = 64 * 1024
MOST_BYTES = 2 * 1024**3  # days of telephone sound
MOST_HOPS = 3
HANDED_ON = ("Content-Length", "Content-Range", "Accept-Ranges")
RANGE = re.compile(r"bytes=(\d{1,12}-\d{0,12}|-\d{1,12})")
# Stores that do not know what they keep say this of everything.
OF_ANYTHING = frozenset({"application/octet-stream", "binary/octet-stream"})
BY_ENDING = {".wav": "audio/wav", ".mp3": "audio/mpeg"}


@dataclass(frozen=True, slots=True)
class Sound:
    """`status` is 200, or 206 for a part; `parts` has to be read to its end, or closed."""

    status: int
    content_type: str
    headers: dict[str, str]
    parts: Iterator[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where sounds may come from: `home` is the provider's own address, `hosts` what else it names."""

    title: str
    home: str
    auth: AuthBase | tuple[str, str] | None = field(repr=False)
    hosts: re.Pattern[str]

    def is_home(self, url: str) -> bool:
        return urlsplit(url)[:2] == urlsplit(self.home)[:2]

    def allows(self, url: str) -> bool:
        parts = urlsplit(url)
        if self.is_home(url):
            return True
        named = self.hosts.fullmatch(parts.hostname or "") is not None
        return named and parts.scheme == "https" and parts.port in (None, 443) and "@" not in parts.netloc

    def open(self, url: str, *, signed: bool = False, wanted: str = "") -> Sound:
        """`signed`: the link is its own proof, so no credentials go with it, not even to the provider."""
        for _ in range(MOST_HOPS):
            if not self.allows(url):
                raise Unknown(f"{self.title} named an address for the sound that is none of its own.")
            answer = self._get(url, signed=signed, wanted=wanted)
            if not answer.is_redirect:
                return self._sound(answer, url)
            answer.close()
            url, signed = urljoin(url, answer.headers["Location"]), True
        raise Unknown(f"{self.title} sent us from address to address for the sound.")

    def _get(self, url: str, *, signed: bool, wanted: str) -> requests.Response:
        session = requests.Session()
        session.trust_env = False  # a ~/.netrc would send a password of its own
        try:
            return session.get(
                url,
                auth=self.auth if self.is_home(url) and not signed else None,
                headers={"Range": wanted} if RANGE.fullmatch(wanted) else {},
                timeout=(TIMING.connect, TIMING.request),
                allow_redirects=False,
                stream=True,
            )
        except requests.ConnectionError as failed:
            raise NotSent(f"{self.title} could not be reached for the sound.") from failed
        except requests.RequestException as failed:
            raise Unknown(f"{self.title} was asked for the sound, but did not answer.") from failed

    def _sound(self, answer: requests.Response, url: str) -> Sound:
        if answer.status_code not in (200, 206):
            answer.close()
            kind = Gone if answer.status_code in (404, 410) else Refused
            raise kind(self.title, status=answer.status_code, code="", message="no sound")
        kind_of = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind_of in OF_ANYTHING:
            kind_of = BY_ENDING.get(urlsplit(url).path[-4:].lower(), "")
        if not re.fullmatch(r"audio/[a-z0-9.+-]{1,40}", kind_of) or "Content-Encoding" in answer.headers:
            answer.close()
            raise Unknown(f"{self.title} answered with something that is no sound.")
        headers = {name: answer.headers[name] for name in HANDED_ON if name in answer.headers}
        return Sound(answer.status_code, kind_of, headers, _parts(answer))


def _parts(answer: requests.Response) -> Iterator[bytes]:
    """What breaks off breaks off: whoever listens has the length, and may ask for the rest."""
    size = 0
    try:
        for part in answer.iter_content(CHUNK):
            size += len(part)
            if size > MOST_BYTES:
                return
            yield part
    except (requests.RequestException, OSError):
        return
    finally:
        answer.close()
