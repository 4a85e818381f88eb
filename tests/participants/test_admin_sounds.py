"""Sounds are added in the admin: taken by their content, refused with a reason, never changed."""

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from participants import library
from participants.models import Asset
from tests.admin_floor import list_of
from tests.factories import make_user
from tests.participants.tones import mp3, wav

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: LazySettings) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(make_user("administrator", group="Administrator", is_staff=True))
    return client


def upload(client: Client, content: bytes, *, name: str = "notice.wav", kind: str = "announcement") -> str:
    """The page that comes back; empty where it was taken."""
    form = {"name": f"Sound {name}", "kind": kind, "sound": SimpleUploadedFile(name, content)}
    answer = client.post(list_of("asset") + "add/", form)
    return "" if answer.status_code == 302 else answer.content.decode()


@pytest.mark.parametrize(
    ("content", "stored"), [(wav(seconds=2), "audio/wav"), (mp3(frames=100), "audio/mpeg")]
)
def test_a_sound_is_added_with_its_length_and_under_a_name_of_ours(
    administrator: Client, media: Path, content: bytes, stored: str
) -> None:
    assert not upload(administrator, content, name="../../etc/passwd;x.html")
    asset = Asset.objects.get()
    assert asset.content_type == stored and asset.seconds > 1
    assert Path(asset.sound.path).read_bytes() == content
    assert [path.stem for path in media.rglob("*.*")] == [str(asset.pk)]
    assert asset.name in administrator.get(list_of("asset")).content.decode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><script>alert(1)</script></html>" * 9, "neither a WAV nor an MP3"),
        (wav(seconds=2)[:5000], "cut off"),
        (wav(seconds=2, loudness=0), "silent"),
        (wav(seconds=0.05), "shorter than a fifth"),
    ],
)
def test_what_no_phone_can_play_is_refused_at_its_field(
    administrator: Client, media: Path, content: bytes, said: str
) -> None:
    page = upload(administrator, content)
    assert said in page and "errorlist" in page and 'name="sound"' in page
    assert not Asset.objects.exists() and not list(media.rglob("*.*"))


def test_a_name_is_used_once(administrator: Client) -> None:
    assert not upload(administrator, wav())
    assert "already exists" in upload(administrator, wav(seconds=3))


def test_of_a_sound_that_is_there_the_name_alone_changes(administrator: Client) -> None:
    asset = library.add("Closing", wav())
    page = f"{list_of('asset')}{asset.pk}/change/"
    shown = administrator.get(page).content.decode()
    assert "/documents/" in shown and 'type="file"' not in shown
    other = SimpleUploadedFile("other.wav", wav(seconds=9))
    assert (
        administrator.post(page, {"name": "Closing time", "kind": "music", "sound": other}).status_code == 302
    )
    asset.refresh_from_db()
    assert (asset.name, asset.kind, asset.seconds) == ("Closing time", "announcement", 1.0)


def test_an_auditor_sees_the_sounds_and_adds_none(client: Client) -> None:
    library.add("Closing", wav())
    client.force_login(make_user("auditor", group="Auditor", is_staff=True))
    assert "Closing" in client.get(list_of("asset")).content.decode()
    assert client.get(list_of("asset") + "add/").status_code == 403


def test_nobody_hears_a_sound_without_its_signed_address(client: Client, media: Path) -> None:
    asset = library.add("Closing", wav())
    for path in (f"/media/{asset.sound.name}", f"/{asset.sound.name}", f"/documents/{asset.pk}/"):
        assert client.get(path).status_code in {302, 404}
