"""The library of sounds: what is uploaded is listened to by the program before anybody else has to."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from .. import documents, library
from ..models import Asset
from ..sounds import BadSound, Sound, examine
from .configuration import Configuration
from .searching import Search


class SoundForm(forms.ModelForm):
    """Takes a file for a new sound; of one that is there the name alone can change."""

    examined: Sound | None = None
    content = b""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        uploaded = cleaned.get("sound")
        if uploaded is not None and "sound" in self.fields:
            self.content = uploaded.read()
            try:
                kind = cleaned.get("kind", Asset.Kind.ANNOUNCEMENT)
                self.examined = examine(self.content, kind=kind)
            except BadSound as bad:
                self.add_error("sound", str(bad))
        return cleaned


@admin.register(Asset)
class AssetAdmin(Configuration):
    form = SoundForm
    list_display = ("name", "kind", "length", "content_type", "added_at", "listen")
    list_filter = ("kind",)
    search = Search(words=("name",))
    search_help_text = "Name of the sound"

    def scoped(self, request: HttpRequest, rows: QuerySet[Asset]) -> QuerySet[Asset]:
        """Sounds are no team's."""
        return rows

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ["name", "kind", "sound"]
        return ["name", "kind", "length", "content_type", "added_at", "listen"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A provider may be playing it: another sound is another row."""
        return [] if obj is None else ["kind", "length", "content_type", "added_at", "listen"]

    def save_model(self, request: HttpRequest, obj: Asset, form: Any, change: bool) -> None:
        if form.examined is not None:
            library.fill(obj, form.content, form.examined)
        super().save_model(request, obj, form, change)

    @admin.display(description="length", ordering="seconds")
    def length(self, asset: Asset) -> str:
        minutes, seconds = divmod(round(asset.seconds, 1), 60)
        return f"{int(minutes)}:{seconds:04.1f}"

    @admin.display(description="listen")
    def listen(self, asset: Asset) -> SafeString:
        return format_html('<a href="{}">Listen</a>', documents.sound_url(asset))
