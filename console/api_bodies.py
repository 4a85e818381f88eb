"""What the API takes: bodies and query strings, each key checked strictly and unknown ones refused."""

import re
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from participants import access
from participants.models import Participant, Supervisor

from .api_timeline import Place

NAMEABLE = [
    role for role in Participant.Role.values if role != Participant.Role.SUPERVISOR
]  # a supervisor's leg is known by the call that Earshot made


class Text(serializers.CharField):
    """A text and nothing that could be made one."""

    default_error_messages = {
        "invalid": "Must be a text.",
        "required": "Must be given.",
        "null": "Must be a text.",
        "blank": "Must not be empty.",
        "max_length": "Must have at most {max_length} characters.",
    }

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class Flag(serializers.BooleanField):
    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class Whole(serializers.IntegerField):
    """A whole number in a query string."""

    default_error_messages = {"invalid": "Must be a whole number."}

    def to_internal_value(self, data: Any) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", str(data), re.ASCII):
            self.fail("invalid")
        return super().to_internal_value(data)


class Word(serializers.ChoiceField):
    def __init__(self, choices: Any, **kwargs: Any) -> None:
        super().__init__(choices, **kwargs)
        allowed = ", ".join(str(choice) for choice in self.choices)
        self.error_messages["invalid_choice"] = f"Must be one of: {allowed}."


class Strict(serializers.Serializer[Any]):
    """An unknown key is an error that names the keys there are."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            allowed = ", ".join(self.fields) or "none"
            raise ValidationError({name: [f"Unknown; possible here: {allowed}."] for name in unknown})
        return dict(super().to_internal_value(data))


def read(shape: type[Strict], data: Any) -> dict[str, Any]:
    """The checked values; raises ValidationError that names each wrong field."""
    checked = shape(data=data)
    checked.is_valid(raise_exception=True)
    return dict(checked.validated_data)


def read_query(shape: type[Strict], query: QueryDict) -> dict[str, Any]:
    twice = [name for name, values in query.lists() if len(values) > 1]
    if twice:
        raise ValidationError({name: ["Stands twice; give it once."] for name in twice})
    return read(shape, query.dict())


# --- commands ---------------------------------------------------------------------------------------------
class Body(Strict):
    reason = Text(required=False, allow_blank=True, max_length=200, help_text="Why, in your own words.")


class Whisper(Body):
    participant = Text(required=False, allow_null=True, max_length=64, help_text="Id of the agent’s person.")


class Barge(Body):
    confirm = Flag(required=False, help_text="true: everyone shall hear you.")


class Confirmed(Body):
    confirm = Text(required=False, max_length=128, help_text="The token of the 409 that said what happens.")


class Identify(Body):
    role = Word(NAMEABLE)
    agent = Text(
        required=False, allow_null=True, max_length=20, help_text="Id of the agent, where it is known."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("agent") and attrs["role"] != Participant.Role.AGENT:
            raise ValidationError({"agent": ["Possible for the role agent alone."]})
        return attrs


class Announce(Body):
    """Exactly one of text, asset and stop; which voices and languages there are, the capabilities say."""

    text = Text(required=False, max_length=4000, help_text="What is said, once.")
    language = Text(required=False, max_length=20, help_text="As in en-GB.")
    voice = Text(required=False, max_length=60)
    asset = Text(required=False, max_length=64, help_text="Id of an announcement of the library.")
    stop = Flag(required=False, help_text="true: end what is being played.")


class Cue(Body):
    text = Text(max_length=120, help_text="What the agent alone hears.")


class PauseRecording(Body):
    pause_behavior = Text(
        required=False, max_length=20, help_text="skip or silence, where the provider asks."
    )


class StartRecording(Body):
    """What the provider's operation call_recording.start takes; callbacks come to Earshot."""

    play_beep = Flag(required=False)
    recording_channels = Text(required=False, max_length=20, trim_whitespace=False)
    recording_track = Text(required=False, max_length=20, trim_whitespace=False)
    send_recording_url = Flag(required=False)
    recording_status_callback = Text(required=False, max_length=2000)
    recording_status_callback_method = Text(required=False, max_length=8, trim_whitespace=False)
    recording_status_callback_event = serializers.ListField(child=Text(max_length=20), required=False)


# --- oneself ----------------------------------------------------------------------------------------------
class Profile(Strict):
    address = Text(required=False, allow_blank=True, max_length=255, help_text="E.164, client:… or sip:…")
    theme = Word(Supervisor.Theme.values, required=False)
    keys = Flag(required=False)

    def validate_address(self, value: str) -> str:
        if value and not access.phone_allowed(value):
            raise ValidationError(
                "Must be a number with its country code as in +442079460102, client:… or sip:name@host."
            )
        return value


# --- lists ------------------------------------------------------------------------------------------------
class Page(Strict):
    cursor = Text(required=False, max_length=400)
    page_size = Whole(required=False, min_value=1, max_value=500, default=50)


class ConferenceQuery(Page):
    status = Word(["live", "init", "in-progress", "completed", "all"], required=False, default="live")
    team = Whole(required=False, help_text="Id of a team.")
    account = Text(required=False, max_length=40, help_text="Key of an account.")
    sid = Text(required=False, max_length=64, help_text="The provider’s id, whole.")
    q = Text(
        required=False, allow_blank=True, max_length=100, help_text="A name, a number or its last digits."
    )


class TimelineQuery(Strict):
    before = Text(required=False, max_length=40, help_text="Only what was earlier than this time.")
    cursor = Text(required=False, max_length=100, help_text="That of a next address.")
    page_size = Whole(required=False, min_value=1, max_value=500, default=50)

    def validate_before(self, value: str) -> datetime:
        try:
            at = datetime.fromisoformat(value)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise ValidationError("Must be a time as in 2026-11-21T10:15:04.123Z.") from None

    def validate_cursor(self, value: str) -> Place:
        try:
            return Place.read(value)
        except (ValueError, OverflowError):
            raise ValidationError("Must be that of a next address.") from None


class RecordingsQuery(Strict):
    refresh = Word(["true", "false"], required=False, default="false", help_text="true: ask the provider.")


class Nothing(Strict):
    """A route without a query."""
