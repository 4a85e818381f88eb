"""The sounds that providers may be given to play: added once, never changed."""

from django.core.files.base import ContentFile

from .models import Asset
from .sounds import Sound, examine


def add(name: str, content: bytes, *, kind: str = Asset.Kind.ANNOUNCEMENT) -> Asset:
    """A new sound of this name. Raises BadSound."""
    asset = Asset(name=name, kind=kind)
    fill(asset, content, examine(content, kind=kind))
    asset.save(force_insert=True)
    return asset


def fill(asset: Asset, content: bytes, sound: Sound) -> None:
    """What is known of the sound, and its file under a name of ours: the uploader's says nothing."""
    asset.content_type, asset.seconds, asset.sha256 = sound.content_type, sound.seconds, sound.sha256
    asset.sound.save(f"{asset.pk}.{sound.suffix}", ContentFile(content), save=False)
