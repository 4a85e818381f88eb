"""The operations of a provider as tests ask for them, and what the sandbox heard of it."""

from typing import Any
from urllib.parse import unquote

from tests.sandbox.process import Sandbox

DIALLED = {
    "to": "client:lead",
    "label": "earshot-1",
    "muted": True,
    "coaching": None,
    "target": None,
    "timeout": 15,
    "beep": False,
    "start_conference_on_enter": False,
    "end_conference_on_exit": False,
    "status_callback": "http://127.0.0.1:9/callbacks/main/call/",
}
WRITES = {
    "participant.create": lambda wire, call: dial(wire, call.sid),
    "participant.update": lambda wire, call: wire.update_participant(call.sid, call.agent, muted=True),
    "participant.delete": lambda wire, call: wire.delete_participant(call.sid, call.agent),
    "conference.update": lambda wire, call: wire.update_conference(call.sid, status="completed"),
}
READS = {
    "conference.list": lambda wire, call: wire.list_conferences("in-progress"),
    "conference.fetch": lambda wire, call: wire.fetch_conference(call.sid),
    "participant.list": lambda wire, call: wire.list_participants(call.sid),
    "participant.fetch": lambda wire, call: wire.fetch_participant(call.sid, call.agent),
    "call.fetch": lambda wire, call: wire.fetch_call(call.agent),
}


def dial(wire: Any, conference_sid: str, **changes: Any) -> Any:
    return wire.create_participant(conference_sid, **{**DIALLED, **changes})


def asked(sandbox: Sandbox, method: str, ending: str = "") -> list[dict[str, Any]]:
    """The requests of this method that the sandbox got, for paths whose last part is `ending`."""
    return [
        request
        for request in sandbox.get("/_sandbox/requests")
        if request["method"] == method
        and ending in ("", unquote(request["path"]).removesuffix(".json").rpartition("/")[2])
    ]


def next_fault(sandbox: Sandbox, effect: str, operation: str, **more: Any) -> None:
    sandbox.post("/_sandbox/faults/next", {"effect": effect, "operation": operation, **more})
