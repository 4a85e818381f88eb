"""An OpenAPI document of Telnyx's TeXML conferences, of the project's own making.

Telnyx's document has no licence, so none of it is here: what can be asked comes from the table that Earshot
ships (participants/providers/parameters.csv), what is answered was written down from their documentation.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from openapi_core import OpenAPI

TABLE = Path(__file__).parents[2] / "participants" / "providers" / "parameters.csv"
Json = dict[str, Any]

ROOM = "/v2/texml/Accounts/{account_sid}/Conferences"
LEG = f"{ROOM}/{{conference_sid}}/Participants/{{call_sid_or_participant_label}}"
CALLS = "/v2/texml/Accounts/{account_sid}/Calls"
RECORDINGS = "/v2/texml/Accounts/{account_sid}/Recordings"
# Operation -> its path, its method, the name of what it answers.
OPERATIONS = {
    "conference.list": (ROOM, "get", "ConferenceIndex"),
    "conference.fetch": (f"{ROOM}/{{conference_sid}}", "get", "Conference"),
    "conference.update": (f"{ROOM}/{{conference_sid}}", "post", "Conference"),
    "participant.list": (f"{ROOM}/{{conference_sid}}/Participants", "get", "ParticipantIndex"),
    "participant.create": (f"{ROOM}/{{conference_sid}}/Participants", "post", "NewParticipant"),
    "participant.fetch": (LEG, "get", "Participant"),
    "participant.update": (LEG, "post", "Participant"),
    "participant.delete": (LEG, "delete", None),
    "call.list": (CALLS, "get", "CallIndex"),
    "call.fetch": (f"{CALLS}/{{call_sid}}", "get", "Call"),
    "call.update": (f"{CALLS}/{{call_sid}}", "post", "Call"),
    "conference_recording.list": (f"{ROOM}/{{conference_sid}}/Recordings.json", "get", "RecordingIndex"),
    "recording.list": (f"{RECORDINGS}.json", "get", "RecordingIndex"),
    "recording.fetch": (f"{RECORDINGS}/{{recording_sid}}.json", "get", "Recording"),
    "recording.delete": (f"{RECORDINGS}/{{recording_sid}}.json", "delete", None),
    "call_recording.start": (f"{CALLS}/{{call_sid}}/Recordings.json", "post", "NewRecording"),
    "call_recording.update": (
        f"{CALLS}/{{call_sid}}/Recordings/{{recording_sid}}.json",
        "post",
        "NewRecording",
    ),
}
TEXT, FLAG, NUMBER = {"type": "string"}, {"type": "boolean"}, {"type": "integer", "minimum": 0}
UUID = {"type": "string", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
CALL_SID = {"type": "string", "pattern": "^v3:[A-Za-z0-9_-]{54}$"}
DATE = {"type": "string", "pattern": r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$"}
URI = {"type": "string", "pattern": r"^/v2/texml/Accounts/[^?]+\.json(\?.+)?$"}
NEW_PARTICIPANT: Json = {
    "account_sid": UUID,
    "call_sid": CALL_SID,
    "coaching": FLAG,
    "conference_sid": UUID,
    "end_conference_on_exit": FLAG,
    "hold": FLAG,
    "muted": FLAG,
    "status": {"enum": ["connecting", "connected", "completed"]},
    "uri": URI,
}
RECORDING: Json = {
    "account_sid": UUID,
    "channels": {"enum": [1, 2]},
    "conference_sid": UUID,
    "date_created": DATE,
    "date_updated": DATE,
    "sid": UUID,
    "source": {"enum": ["StartCallRecordingAPI", "StartConferenceRecordingAPI", "OutboundAPI", "Conference"]},
    "start_time": DATE,
    "uri": URI,
}
# Name -> (keys that are always there, keys that may be left out).
RESOURCES: dict[str, tuple[Json, Json]] = {
    "Conference": (
        {
            "account_sid": UUID,
            "api_version": TEXT,
            "date_created": DATE,
            "date_updated": DATE,
            "friendly_name": TEXT,
            "region": TEXT,
            "sid": UUID,
            "status": {"enum": ["init", "in-progress", "completed"]},
            "subresource_uris": {"type": "object"},
            "uri": URI,
        },
        {
            "call_sid_ending_conference": CALL_SID,
            "reason_conference_ended": {
                "enum": [
                    "participant-with-end-conference-on-exit-left",
                    "last-participant-left",
                    "conference-ended-via-api",
                    "time-exceeded",
                ]
            },
        },
    ),
    "NewParticipant": (NEW_PARTICIPANT, {"coaching_call_sid": CALL_SID}),
    "Participant": (
        {
            **NEW_PARTICIPANT,
            "api_version": TEXT,
            "call_sid_legacy": CALL_SID,
            "date_created": DATE,
            "date_updated": DATE,
        },
        {"coaching_call_sid": CALL_SID, "coaching_call_sid_legacy": CALL_SID},
    ),
    # The answer to a start or a change does not tell the state.
    "NewRecording": (
        {**RECORDING, "track": {"enum": ["inbound", "outbound", "both"]}},
        {"call_sid": CALL_SID},
    ),
    "Recording": (
        {**RECORDING, "status": {"enum": ["in-progress", "completed", "paused", "stopped"]}},
        {"call_sid": CALL_SID, "duration": TEXT, "media_url": TEXT},
    ),
    "Call": (
        {
            "account_sid": UUID,
            "date_created": DATE,
            "date_updated": DATE,
            "direction": {"enum": ["inbound", "outbound"]},
            "from": TEXT,
            "from_formatted": TEXT,
            "sid": CALL_SID,
            "status": {
                "enum": ["ringing", "in-progress", "canceled", "completed", "failed", "busy", "no-answer"]
            },
            "to": TEXT,
            "to_formatted": TEXT,
            "uri": URI,
        },
        {
            "answered_by": {"enum": ["human", "machine", "not_sure"]},
            "caller_name": TEXT,
            "duration": TEXT,
            "end_time": DATE,
            "price": TEXT,
            "price_unit": TEXT,
            "start_time": DATE,
        },
    ),
}


LISTED = ("Conference", "Participant", "Call", "Recording")


def specification(url: str) -> OpenAPI:
    """As if Telnyx were served at `url`."""
    return OpenAPI.from_dict(document(url))


def document(url: str) -> Json:
    asked = _rows()
    paths: Json = defaultdict(dict)
    for name, (path, method, answer) in OPERATIONS.items():
        paths[path][method] = _operation(name, asked[name], path, answer)
    return {
        "openapi": "3.1.0",
        "info": {"title": "TeXML conferences as Earshot knows them", "version": "1"},
        "servers": [{"url": url}],
        "paths": dict(paths),
        "components": {
            "schemas": {
                **{name: _object(*keys) for name, keys in RESOURCES.items()},
                **{f"{name}Index": _index(name) for name in LISTED},
            },
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }


def _rows() -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with TABLE.open(newline="") as table:
        for row in csv.DictReader(table):
            if row["provider"] == "telnyx":
                rows[row["operation"]].append(row)
    return rows


def _operation(name: str, rows: list[dict[str, str]], path: str, answer: str | None) -> Json:
    form = [row for row in rows if row["in"] == "form"]
    operation: Json = {
        "operationId": name,
        "parameters": [
            {"in": row["in"], "name": row["name"], "required": row["in"] == "path", "schema": _schema(row)}
            for row in _addressed(rows, path)
        ],
        "responses": _answers(answer),
    }
    if form:
        body = {"schema": _object({}, {row["name"]: _schema(row) for row in form})}
        kinds = ("application/x-www-form-urlencoded", "application/json")
        operation["requestBody"] = {"content": dict.fromkeys(kinds, body)}
    return operation


def _addressed(rows: list[dict[str, str]], path: str) -> list[dict[str, str]]:
    """Its path and query; the table leaves out what a path of leg recordings names."""
    known = [row for row in rows if row["in"] in ("path", "query")]
    named = {row["name"] for row in known}
    more = [name for name in re.findall(r"\{(\w+)\}", path) if name not in named]
    return known + [{"in": "path", "name": name, "type": "string", "enum": ""} for name in more]


def _schema(row: dict[str, str]) -> Json:
    kind, words = row["type"], row["enum"].split("|")
    if kind == "boolean":
        return FLAG
    if kind.startswith("integer"):
        limits = {"minimum": row["min"], "maximum": row["max"]}
        return {"type": "integer", **{name: int(value) for name, value in limits.items() if value}}
    if kind.startswith("array"):
        return {"type": "array", "items": _object({"name": TEXT, "value": TEXT}, {})}
    if "words" in kind:
        word = f"({row['enum']})"
        return {"type": "string", "pattern": f"^{word}( {word})*$"}
    if row["enum"].startswith("^"):
        return {"type": "string", "pattern": row["enum"]}
    return {"type": "string", **({"enum": words} if row["enum"] else {})}


def _answers(name: str | None) -> Json:
    if name is None:
        good: Json = {"204": {"description": "done"}}
    else:
        good = {"200": _json({"$ref": f"#/components/schemas/{name}"})}
    detail_alone = _object({"detail": TEXT}, {})
    return {**good, "404": _json(_errors(detail_alone)), "default": _json(_errors(_error()))}


def _error() -> Json:
    return _object(
        {"code": {"type": "string", "pattern": "^\\d{5}$"}, "title": TEXT, "detail": TEXT},
        {
            "source": _object({"pointer": {"type": "string", "pattern": "^/"}}, {}),
            "meta": _object({"url": TEXT}, {}),
        },
    )


def _errors(error: Json) -> Json:
    return _object({"errors": {"type": "array", "minItems": 1, "items": error}}, {})


def _index(name: str) -> Json:
    rows = {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}}
    paging = {
        "page": NUMBER,
        "page_size": NUMBER,
        "start": NUMBER,
        "end": NUMBER,
        "uri": URI,
        "first_page_uri": URI,
    }
    return _object({f"{name.lower()}s": rows, **paging}, {"next_page_uri": URI})


def _json(schema: Json) -> Json:
    return {"description": "", "content": {"application/json": {"schema": schema}}}


def _object(always: Json, maybe: Json) -> Json:
    """Nothing but these keys."""
    return {
        "type": "object",
        "properties": {**always, **maybe},
        "required": list(always),
        "additionalProperties": False,
    }
