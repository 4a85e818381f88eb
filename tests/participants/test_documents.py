"""Documents: signed, expiring, without a session, and nothing of anybody in their address."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.conf import LazySettings
from django.core import signing
from django.test import Client

from participants import documents, library
from participants.ledger import open_intervention
from participants.models import Asset, Conference, Intervention
from participants.providers import PROVIDERS
from participants.timing import TIMING
from tests.factories import make_account, make_conference, make_supervisor
from tests.participants.tones import mp3, wav

pytestmark = pytest.mark.django_db
TEXTS = [
    "The building closes at six. Please finish your calls.",
    "<Hangup/>",
    '</Say><Hangup/><Say voice="man">',
    "]]><Redirect>https://evil.example.com</Redirect><![CDATA[",
    "Tom & Jerry's “5 < 6 > 4” 'quoted' \"twice\"",
    "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "&lt;Hangup/&gt; &amp; &#60;Hangup/&#62;",
    "<?xml version='1.0'?><Response><Dial>+12025550199</Dial></Response>",
    "<!-- --><speak><break time='99s'/></speak>",
    "${7*7} {{ 7*7 }} {% include 'x' %} %(x)s",
    "Straße, naïve, 你好, مرحبا, 👋🏽",
    "two\nlines\tand a tab",
]


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: LazySettings) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    yield tmp_path


@pytest.fixture
def conference(provider: str) -> Conference:
    return make_conference(account=make_account(provider, provider=provider))


def asked(conference: Conference, **parameters: Any) -> Intervention:
    user = make_supervisor(f"supervisor-{uuid4().hex[:6]}")
    return open_intervention(user=user, verb="announce", conference=conference, parameters=parameters)[0]


def path_of(url: str) -> str:
    return "/documents/" + url.partition("/documents/")[2]


def xml_of(answer: Any) -> ElementTree.Element:
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_text_is_said_whatever_stands_in_it(
    client: Client, conference: Conference, text: str, method: str
) -> None:
    url = documents.announcement_url(asked(conference, text=text))
    root = xml_of(getattr(client, method)(path_of(url)))
    assert root.tag == "Response" and [child.tag for child in root] == ["Say"]
    assert root[0].text == " ".join(text.split()) and len(root[0]) == 0


def test_voice_and_language_are_said_as_the_provider_knows_them(
    client: Client, conference: Conference
) -> None:
    for given, expected in (
        ({}, {"voice": "alice", "language": "en-GB"}),
        ({"voice": "alice", "language": "fr-CA"}, {"voice": "alice", "language": "fr-CA"}),
        ({"voice": "Polly.Amy-Neural"}, {"voice": "Polly.Amy-Neural"}),
    ):
        url = documents.announcement_url(asked(conference, text="Hello", **given))
        assert xml_of(client.get(path_of(url)))[0].attrib == expected


def test_no_word_of_the_text_stands_in_the_address(conference: Conference) -> None:
    url = documents.announcement_url(asked(conference, text="Mr Whitfield owes 400 pounds"))
    token = url.partition("/documents/")[2]
    inside = signing.loads(token.rstrip("/"), salt=documents.SALT)
    assert inside[0] == "text" and len(inside) == 2
    assert "Whitfield" not in token and "Whitfield" not in str(inside)


def test_neither_a_session_nor_a_token_of_a_form_is_needed(conference: Conference) -> None:
    url = documents.announcement_url(asked(conference, text="Hello"))
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path_of(url), {"CallSid": "CA1"}).status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_no_other_method_is_answered(client: Client, conference: Conference, method: str) -> None:
    url = documents.announcement_url(asked(conference, text="Hello"))
    assert getattr(client, method)(path_of(url)).status_code == 405


def test_what_nobody_signed_is_not_there(client: Client, conference: Conference) -> None:
    token = path_of(documents.announcement_url(asked(conference, text="Hello"))).split("/")[2]
    changed = "A" + token[1:] if token[0] != "A" else "B" + token[1:]
    foreign = signing.dumps(["text", str(uuid4())], salt="another")
    for wrong in (changed, token[:-1], token + "A", "x", foreign, "a:b:c", "\u00e4", signing.dumps("x")):
        answer = client.get(f"/documents/{wrong}/")
        assert answer.status_code == 404, wrong
        assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "inside", ["x", ["text"], ["nothing", "1"], [1, 2, 3], {"text": "x"}, ["text", 5], None]
)
def test_what_we_signed_for_something_else_is_not_there(client: Client, inside: Any) -> None:
    token = signing.dumps(inside, salt=documents.SALT)
    assert client.get(f"/documents/{token}/").status_code in {404, 410}


def test_an_address_expires(client: Client, conference: Conference, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(documents.announcement_url(asked(conference, text="Hello")))
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + TIMING.document - 2)
    assert client.get(path).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: now + TIMING.document + 2)
    answer = client.get(path)
    assert answer.status_code == 410 and b"expired" in answer.content


def test_what_is_no_longer_kept_is_gone(client: Client) -> None:
    asset = library.add("Notice", wav())
    url = documents.sound_url(asset)
    asset.delete()
    assert client.get(path_of(url)).status_code == 410
    lost = library.add("Lost", wav())
    Path(lost.sound.path).unlink()
    assert client.get(path_of(documents.sound_url(lost))).status_code == 410


def test_it_never_redirects(client: Client, conference: Conference) -> None:
    path = path_of(documents.announcement_url(asked(conference, text="Hello")))
    assert client.get(path.rstrip("/")).status_code == 404
    assert client.post(path.rstrip("/")).status_code == 404


def test_a_text_is_kept_by_nobody_and_a_sound_may_be(client: Client, conference: Conference) -> None:
    text = client.get(path_of(documents.announcement_url(asked(conference, text="Hello"))))
    assert text["Cache-Control"] == "no-store" and "Set-Cookie" not in text
    sound = client.get(path_of(documents.sound_url(library.add("Notice", wav()))))
    assert "immutable" in sound["Cache-Control"] and sound["ETag"] and sound["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(("content", "kind"), [(wav(), "audio/wav"), (mp3(frames=30), "audio/mpeg")])
def test_a_sound_is_given_as_it_is(client: Client, content: bytes, kind: str) -> None:
    path = path_of(documents.sound_url(library.add("Notice", content)))
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, kind, content)
    head = client.head(path)
    assert head.status_code == 200 and head["Content-Length"] == str(len(content)) and not head.content


CONTENT = wav(seconds=0.3)
WHOLE = len(CONTENT)


@pytest.mark.parametrize(
    ("asked_for", "status", "part", "said"),
    [
        ("bytes=0-99", 206, CONTENT[:100], f"bytes 0-99/{WHOLE}"),
        ("bytes=100-", 206, CONTENT[100:], f"bytes 100-{WHOLE - 1}/{WHOLE}"),
        ("bytes=-50", 206, CONTENT[-50:], f"bytes {WHOLE - 50}-{WHOLE - 1}/{WHOLE}"),
        ("bytes=0-999999", 206, CONTENT, f"bytes 0-{WHOLE - 1}/{WHOLE}"),
        ("bytes=-999999", 206, CONTENT, f"bytes 0-{WHOLE - 1}/{WHOLE}"),
        (f"bytes={WHOLE}-", 416, None, f"bytes */{WHOLE}"),
        ("bytes=-0", 416, None, f"bytes */{WHOLE}"),
        ("bytes=9-3", 416, None, f"bytes */{WHOLE}"),
        ("bytes=0-1,5-6", 200, CONTENT, None),
        ("bytes=-", 200, CONTENT, None),
        ("pages=1-2", 200, CONTENT, None),
        ("bytes=a-b", 200, CONTENT, None),
        ("", 200, CONTENT, None),
    ],
)
def test_a_part_of_a_sound_is_given(
    client: Client, asked_for: str, status: int, part: bytes | None, said: str | None
) -> None:
    path = path_of(documents.sound_url(library.add("Notice", CONTENT)))
    answer = client.get(path, headers={"Range": asked_for})
    assert (answer.status_code, answer.get("Content-Range")) == (status, said)
    assert part is None or answer.content == part


def test_a_part_of_what_has_changed_is_the_whole(client: Client) -> None:
    path = path_of(documents.sound_url(library.add("Notice", CONTENT)))
    tag = client.get(path)["ETag"]
    assert client.get(path, headers={"Range": "bytes=0-9", "If-Range": tag}).status_code == 206
    assert client.get(path, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).status_code == 200


def test_music_is_played_again_and_again_from_an_address_that_lasts_as_long(client: Client) -> None:
    music = library.add("Waltz", mp3(frames=60), kind=Asset.Kind.MUSIC)
    root = xml_of(client.get(path_of(documents.music_url(music))))
    assert [child.tag for child in root] == ["Play"] and root[0].attrib == {"loop": "0"}
    assert client.get(path_of(root[0].text or "")).content == mp3(frames=60)


def test_each_announcement_of_a_sound_has_an_address_of_its_own(
    client: Client, conference: Conference
) -> None:
    asset = library.add("Notice", wav())
    first, second = (documents.announcement_url(asked(conference, asset=str(asset.pk))) for _ in range(2))
    assert first != second
    assert client.get(path_of(first)).content == client.get(path_of(second)).content == wav()


def test_the_silent_document_takes_a_second(client: Client, conference: Conference) -> None:
    root = xml_of(client.get(path_of(documents.announcement_url(asked(conference, stop=True)))))
    assert [(child.tag, child.attrib) for child in root] == [("Pause", {"length": "1"})]


def test_an_address_tells_us_the_row_that_it_names(conference: Conference) -> None:
    intervention = asked(conference, text="Hello")
    assert documents.row_of(documents.announcement_url(intervention)) == intervention.pk
    for foreign in ("https://example.com/documents/x/", "", f"{documents.announcement_url(intervention)}x/"):
        assert documents.row_of(foreign) is None


def test_every_provider_has_words_for_speaking(provider: str) -> None:
    spoken = PROVIDERS[provider].speech
    assert spoken.words("", "")["voice"] in spoken.voices
    for voice, languages in spoken.voices.items():
        assert len(set(languages)) == len(languages) > 0, voice
        for language in languages:
            spoken.check("Hello", voice, language)
