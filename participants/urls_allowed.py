"""Which addresses may be given to a provider: Earshot's own, and those of hosts that the account names."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from .models import Account

ALLOWED = "an address of a host that this account allows, beginning with https:// or http://"
LONGEST = 2000  # characters: what the shorter of the providers' limits leaves
PORTS = {"https": {None, 443}, "http": {None, 80}}
# No quote, no backslash, nothing invisible, no name or password before the host: two programs that read the
# address read the same one.
_WRITTEN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+(?:[/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]*)?")
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# Names that never lead out of somebody's own network.
_INSIDE = re.compile(
    r"(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|arpa|test|invalid)$"
)


def allowed_url(account: Account, url: str) -> bool:
    """Whether a person may have this address given to the account's provider, which will ask for it.

    Earshot's own documents and the account's own callbacks always may.
    """
    if len(url) > LONGEST or not _WRITTEN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if _is_own(account, parts):
        return True
    return port in PORTS[parts.scheme] and _host_allowed(account, parts.hostname or "")


def _is_own(account: Account, parts: SplitResult) -> bool:
    own = urlsplit(settings.PUBLIC_URL)
    if (parts.scheme, parts.netloc.lower()) != (own.scheme, own.netloc.lower()):
        return False
    wanders = "%" in parts.path or ".." in parts.path or "//" in parts.path
    return not wanders and parts.path.startswith(("/documents/", f"/callbacks/{account.key}/"))


def _host_allowed(account: Account, host: str) -> bool:
    if not _NAME.fullmatch(host) or _INSIDE.search(host) or _is_literal(host):
        return False
    return any(_matches(host, line) for line in account.dial_urls.lower().split())


def _matches(host: str, line: str) -> bool:
    """`*.example.com` is everything below it, and not itself."""
    return host.endswith(line[1:]) if line.startswith("*.") and len(line) > 2 else host == line


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
