"""What providers come to ask for: spoken texts, sounds and music, each at a signed address that expires.

The address names a row and nothing of what stands in it. Whoever has it may hear it, without a session: it is
given to one provider, and to people who are signed in to the admin.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.common import no_append_slash
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from . import mirror
from .ledger import append_outcome_unless
from .models import Asset, Conference, Intervention, Outcome, Ring
from .providers import PROVIDERS, speech
from .timing import TIMING
from .words import SENTENCES

SALT = "participants.documents"
XML = "text/xml; charset=utf-8"
_RANGE = re.compile(r"bytes=([0-9]{0,12})-([0-9]{0,12})")


@dataclass(frozen=True, slots=True)
class Document:
    """`sha256`: what of it is its own and never changes. Empty: it may not be kept by anybody."""

    content: bytes
    content_type: str
    sha256: str = ""


# --- where they are ---------------------------------------------------------------------------------------
def announcement_url(intervention: Intervention) -> str:
    """What this announcement or cue plays: a text, a sound, or a silence that ends another one.

    Each has an address of its own: in a callback it tells which of them is over.
    """
    kind = next((kind for kind in ("asset", "stop") if kind in intervention.parameters), "text")
    return _url(kind, intervention.pk)


def sound_url(asset: Asset) -> str:
    return _url("sound", asset.pk)


def music_url(asset: Asset) -> str:
    """The sound, played again and again without a gap."""
    return _url("music", asset.pk)


def ring_url(ring: Ring) -> str:
    """What a phone that is only tried is told."""
    return _url("ring", ring.pk)


def row_of(url: str) -> UUID | None:
    """The row that one of our addresses names, also when it has expired; None for every other address."""
    begins = f"{settings.PUBLIC_URL}/documents/"
    if not url.startswith(begins):
        return None
    try:
        _, pk = signing.loads(url.removeprefix(begins).rstrip("/"), salt=SALT)
        return UUID(pk)
    except (signing.BadSignature, ValueError, TypeError):
        return None


def _url(kind: str, pk: UUID) -> str:
    return f"{settings.PUBLIC_URL}/documents/{signing.dumps([kind, str(pk)], salt=SALT)}/"


# --- what they say ----------------------------------------------------------------------------------------
def _spoken(pk: str) -> Document | None:
    found = Intervention.objects.select_related("conference__account").filter(pk=pk).first()
    if found is None or found.conference is None or "text" not in found.parameters:
        return None
    kind = PROVIDERS[found.conference.account.provider]
    words = kind.speech.words(found.parameters.get("voice", ""), found.parameters.get("language", ""))
    return Document(speech.say(found.parameters["text"], words), XML)


def _ringing(pk: str) -> Document | None:
    found = Ring.objects.select_related("account").filter(pk=pk).first()
    if found is None:
        return None
    words = PROVIDERS[found.account.provider].speech.words("", "")
    return Document(speech.say(SENTENCES["ring_words"], words), XML)


def _silence(_pk: str) -> Document:
    return Document(speech.silence(), XML)


def _announced(pk: str) -> Document | None:
    found = Intervention.objects.filter(pk=pk).first()
    return _sound(found.parameters["asset"]) if found and "asset" in found.parameters else None


def _sound(pk: str) -> Document | None:
    asset = Asset.objects.filter(pk=pk).first()
    if asset is None:
        return None
    try:
        with asset.sound.open() as file:
            return Document(file.read(), asset.content_type, asset.sha256)
    except FileNotFoundError:
        return None


def _music(pk: str) -> Document | None:
    asset = Asset.objects.filter(pk=pk).first()
    return Document(speech.play_again_and_again(sound_url(asset)), XML) if asset else None


# kind -> what it is, and how many seconds its address is good for
KINDS: dict[str, tuple[Callable[[str], Document | None], float]] = {
    "text": (_spoken, TIMING.document),
    "stop": (_silence, TIMING.document),
    "ring": (_ringing, TIMING.document),
    "asset": (_announced, TIMING.document),
    "sound": (_sound, TIMING.music_document),  # music names it, and is played as long as a call can last
    "music": (_music, TIMING.music_document),
}


OF_AN_INTERVENTION = frozenset({"text", "stop", "asset"})


# --- giving them ------------------------------------------------------------------------------------------
@csrf_exempt
@login_not_required
@no_append_slash
@require_http_methods(["GET", "HEAD", "POST"])
def give(request: HttpRequest, token: str) -> HttpResponse:
    """404: nobody signed this. 410: it has expired, or what it names is no more."""
    try:
        kind, pk = signing.loads(token, salt=SALT)
        make, seconds = KINDS[kind]
    except (signing.BadSignature, ValueError, TypeError, KeyError):
        return _plain(404, "There is no such document.")
    try:
        signing.loads(token, salt=SALT, max_age=timedelta(seconds=seconds))
    except signing.SignatureExpired:
        return _plain(410, "This document's address has expired.")
    document = make(pk)
    if document is None:
        return _plain(410, "What this document says is no longer kept.")
    if kind in OF_AN_INTERVENTION and request.method != "HEAD":
        _note_fetched(pk, request.method or "")
    return _with_headers(_part(document, request), document)


def _note_fetched(pk: str, method: str) -> None:
    """That the provider came for it, once. Where nobody tells of its end, that is the last that is known."""
    intervention = Intervention.objects.select_related("conference__account").get(pk=pk)
    conference = intervention.conference
    if conference is None or was_fetched(intervention):
        return
    detail = "" if tells_end(conference) else Outcome.NOT_REPORTED
    evidence = {"fetched": method}
    if append_outcome_unless(
        Outcome.FINAL, intervention, Outcome.State.ACCEPTED, detail=detail, evidence=evidence
    ):
        mirror.touch(conference.pk)


def was_fetched(intervention: Intervention) -> bool:
    return intervention.outcomes.filter(evidence__has_key="fetched").exists()


def tells_end(conference: Conference) -> bool:
    """Whether a callback will tell an announcement's end: of this provider, and of a call that sends any."""
    kind = PROVIDERS[conference.account.provider]
    return kind.reports.announcements and conference.callbacks_seen_at is not None


def _part(document: Document, request: HttpRequest) -> HttpResponse:
    """All of it, or the range that was asked for."""
    whole = len(document.content)
    asked = _RANGE.fullmatch(request.headers.get("Range", "")) if document.sha256 else None
    changed = request.headers.get("If-Range", _tag(document)) != _tag(document)
    if asked is None or changed or not any(asked.groups()):
        return HttpResponse(document.content, content_type=document.content_type)
    first, last = _bounds(*asked.groups(), whole=whole)
    if first > last:
        answer = _plain(416, "There is no such part.")
        answer["Content-Range"] = f"bytes */{whole}"
        return answer
    part = document.content[first : last + 1]
    answer = HttpResponse(part, status=206, content_type=document.content_type)
    answer["Content-Range"] = f"bytes {first}-{last}/{whole}"
    return answer


def _bounds(first: str, last: str, *, whole: int) -> tuple[int, int]:
    """Of `bytes=first-last`; without a first the last so many bytes."""
    if not first:
        return max(0, whole - int(last)), whole - 1 if int(last) else -1
    return int(first), min(int(last), whole - 1) if last else whole - 1


def _with_headers(answer: HttpResponse, document: Document) -> HttpResponse:
    if document.sha256:
        # It never changes, and the provider that plays it over and over need not come back.
        answer["Cache-Control"] = f"private, max-age={int(TIMING.music_document)}, immutable"
        answer["ETag"] = _tag(document)
        answer["Accept-Ranges"] = "bytes"
    else:
        answer["Cache-Control"] = "no-store"
    return answer


def _tag(document: Document) -> str:
    return f'"{document.sha256}"'


def _plain(status: int, sentence: str) -> HttpResponse:
    answer = HttpResponse(sentence + "\n", status=status, content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "no-store"
    return answer


urlpatterns: list[Any] = [path("documents/<str:token>/", give, name="document")]
