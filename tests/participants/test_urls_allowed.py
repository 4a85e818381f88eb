"""What may be given to a provider as an address: 150 of them, most of which somebody has tried somewhere."""

# ruff: noqa: SIM905 (one address a line is what there is to read)

import pytest
from django.conf import LazySettings

from participants.models import Account
from participants.urls_allowed import allowed_url

ACCOUNT = Account(key="twilio", dial_urls="cdn.example.com\n*.sounds.example.com\n Audio.Example.ORG \n*.\n*")
OWN = "https://earshot.example.com"

ALLOWED = """
https://cdn.example.com
https://cdn.example.com/
https://cdn.example.com/a.mp3
https://cdn.example.com:443/a.mp3
http://cdn.example.com/a.mp3
http://cdn.example.com:80/a.mp3
https://CDN.EXAMPLE.COM/a.mp3
https://cdn.example.com/a%20b.mp3
https://cdn.example.com/a.mp3?x=1&y=2
https://cdn.example.com/a.mp3#rc=3&rp=all
https://cdn.example.com?x=1
https://cdn.example.com/a,b;c=(1)/d~e_f-g.wav
https://a.sounds.example.com/x
https://a.b.sounds.example.com/x
https://audio.example.org/x
https://audio.example.org/http://127.0.0.1/
https://earshot.example.com/documents/abc:def/
https://earshot.example.com/documents/abc-_:1tx:def-_/
https://EARSHOT.example.com/documents/abc/
https://earshot.example.com/callbacks/twilio/call/
https://earshot.example.com/callbacks/twilio/call/?leg=x#rc=3&rp=all&ct=2000&rt=4000
""".split()

REFUSED = [
    # Other hosts, and hosts that only look alike
    *"""
https://example.com/a.mp3
https://evil.com/a.mp3
https://cdn.example.com.evil.com/a.mp3
https://evilcdn.example.com/a.mp3
https://cdn-example.com/a.mp3
https://xcdn.example.com/
https://cdn.example.co/
https://cdn.example.comm/
https://sounds.example.com/x
https://evilsounds.example.com/x
https://a.sounds.example.com.evil.com/x
https://sounds.example.com.evil.com/
https://audio.example.com/x
https://example.org/x
https://cdn.example.com./a.mp3
https://.cdn.example.com/a.mp3
https://cdn..example.com/a.mp3
https://a..sounds.example.com/x
https://-.sounds.example.com/x
https://a-.sounds.example.com/x
https://.sounds.example.com/x
https://cdn.example.com%2eevil.com/
https://cdn.example.com%00.evil.com/
https://evil.com/cdn.example.com
https://evil.com?cdn.example.com
https://evil.com#cdn.example.com
https://evil.com/?https://cdn.example.com/
https://com/
https://*/
https://*.sounds.example.com/
""".split(),
    # Names and passwords in the address, and what some programs read as such
    *"""
https://user@cdn.example.com/
https://user:pass@cdn.example.com/
https://:@cdn.example.com/
https://@cdn.example.com/
https://cdn.example.com@evil.com/
https://cdn.example.com:443@evil.com/
https://cdn.example.com:80@127.0.0.1/
https://evil.com@cdn.example.com/
https://cdn.example.com\\@evil.com/
https://evil.com\\.cdn.example.com/
https://evil.com%40cdn.example.com/
https://cdn.example.com%40evil.com/
https://user@earshot.example.com/documents/x/
https://earshot.example.com@evil.com/documents/x/
""".split(),
    # Ports
    *"""
https://cdn.example.com:80/
http://cdn.example.com:443/
https://cdn.example.com:8443/
http://cdn.example.com:8080/
https://cdn.example.com:22/
https://cdn.example.com:0/
https://cdn.example.com:65536/
https://cdn.example.com:-1/
https://cdn.example.com:abc/
https://cdn.example.com:4430/
http://cdn.example.com:25/
https://earshot.example.com:8000/documents/x/
""".split(),
    # Addresses of machines, however they are written
    *"""
http://127.0.0.1/
http://127.1/
http://127.0.1/
http://0/
http://0.0.0.0/
http://2130706433/
http://0x7f000001/
http://0x7f.0.0.1/
http://0177.0.0.1/
http://017700000001/
http://127.0.0.1.nip.io/
http://10.0.0.1/
http://172.16.0.1/
http://192.168.1.1/
http://169.254.169.254/latest/meta-data/
http://100.100.100.200/
http://8.8.8.8/
http://[::1]/
http://[::]/
http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/
http://[fe80::1]/
http://[fe80::1%25eth0]/
http://[fd00::1]/
http://[2001:db8::1]/
http://[0:0:0:0:0:0:0:1]/
http://[64:ff9b::127.0.0.1]/
http://[::1
http://]/
""".split(),
    # Names inside of somebody's network
    *"""
http://localhost/
https://localhost/
http://LOCALHOST/
http://localhost.localdomain/
http://foo.localhost/
http://metadata.google.internal/
http://metadata/
http://printer.local/
http://intranet/
http://router.lan/
http://kubernetes.default.svc/
http://db.corp/
http://redis:6379/
""".split(),
    # Other schemes
    *"""
ftp://cdn.example.com/
file:///etc/passwd
file://cdn.example.com/etc/passwd
gopher://cdn.example.com/
data:text/xml,<Response/>
javascript:alert(1)
//cdn.example.com/a.mp3
cdn.example.com/a.mp3
/documents/x/
https:cdn.example.com/
https:/cdn.example.com/
https:///cdn.example.com/
https:////cdn.example.com/
https//cdn.example.com/
HTTPS://cdn.example.com/
hTTp://cdn.example.com/
wss://cdn.example.com/
sip:someone@cdn.example.com
client:agent-1
dict://cdn.example.com:11211/
ldap://cdn.example.com/
jar:https://cdn.example.com/
view-source:https://cdn.example.com/
http+unix://cdn.example.com/
""".split(),
    # Signs that two programs may read in two ways
    "",
    " ",
    "https://",
    "https://?",
    "https://cdn.example.com /",
    " https://cdn.example.com/",
    "https://cdn.example.com/ ",
    "https://cdn.example.com/\n",
    "https://cdn.example.com/\r\nHost: evil.com",
    "https://cdn.example.com/a b",
    "https://cdn.example.com\t/",
    "ht\ntps://cdn.example.com/",
    "https://cdn.example.com/\x00",
    "https://cdn.example.com/\u202e3pm.a",
    'https://cdn.example.com/"><Say/>',
    "https://cdn.example.com/<Play>",
    "https://cdn.example.com\\a.mp3",
    "https:\\\\cdn.example.com\\a.mp3",
    "https://cdn\u3002example\u3002com/",
    "https://\uff43dn.example.com/",
    "https://cdn.example\u200b.com/",
    "https://cdñ.example.com/",
    "https://\u0441dn.example.com/",
    "https://cdn.example.com/ä.mp3",
    "https://cdn.example.com/`id`",
    "https://cdn.example.com/{x}",
    "https://cdn.example.com/|x",
    "https://cdn.example.com/^x",
    "https://cdn.example.com/" + "a" * 2000,
    # Our own address: nothing but documents, and callbacks of this account
    *"""
https://earshot.example.com/
https://earshot.example.com/admin/
https://earshot.example.com/api/v1/me/
https://earshot.example.com/documents
https://earshot.example.com/documentsx/
https://earshot.example.com/documents/../admin/
https://earshot.example.com/documents/%2e%2e/admin/
https://earshot.example.com/documents//admin/
https://earshot.example.com//documents/x/
https://earshot.example.com/callbacks/telnyx/call/
https://earshot.example.com/callbacks/twilio
https://earshot.example.com/callbacks/twilio/../telnyx/call/
http://earshot.example.com/documents/x/
https://www.earshot.example.com/documents/x/
https://earshot.example.com.evil.com/documents/x/
""".split(),
]


@pytest.fixture(autouse=True)
def own_address(settings: LazySettings) -> None:
    settings.PUBLIC_URL = OWN


def test_there_are_a_hundred_and_fifty() -> None:
    assert len(set(ALLOWED)) + len(set(REFUSED)) >= 150


@pytest.mark.parametrize("url", ALLOWED)
def test_a_host_that_the_account_names_is_allowed(url: str) -> None:
    assert allowed_url(ACCOUNT, url)


@pytest.mark.parametrize("url", REFUSED)
def test_every_other_address_is_refused(url: str) -> None:
    assert not allowed_url(ACCOUNT, url)


def test_an_account_that_names_no_host_allows_earshots_own_alone() -> None:
    account = Account(key="twilio")
    assert not allowed_url(account, ALLOWED[0])
    assert allowed_url(account, f"{OWN}/documents/x/")


def test_a_host_on_this_machine_is_refused_even_where_the_account_names_it() -> None:
    account = Account(key="twilio", dial_urls="localhost 127.0.0.1 metadata.google.internal [::1] *.internal")
    for host in ("localhost", "127.0.0.1", "metadata.google.internal", "[::1]", "a.internal"):
        assert not allowed_url(account, f"http://{host}/")
