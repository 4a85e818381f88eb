"""What somebody wants dialled, read and completed: each parameter is checked before the provider is asked.

What is refused by a rule (the account's policy, a supervisor's phone) is kept as a refused attempt; what
cannot be read is nobody's attempt at anything.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import access_dialling, dial_policy, targets
from ..access import Denial
from ..identity import OWN_LABEL
from ..models import Account, Agent, AgentAddress, Conference, Dial, Participant
from ..providers import Provider, Unsupported, callback_url, provider_for
from ..providers.capabilities import Operation
from ..providers.parameters import BadParameter
from ..targets import NoTarget, Target
from ..urls_allowed import ALLOWED, allowed_url
from ..words import SENTENCES, say

OPERATION = "participant.create"
PASSWORD = "sip_auth_password"  # noqa: S105 (its name: the only parameter that is never stored)
# Who hears whom of a supervisor's line Earshot alone decides.
COACHING = frozenset({"coaching", "call_sid_to_coach"})
ROLES = ("agent", "customer", "other")
ON = {True, "true", "record-from-start"}
LONGEST_ANNOUNCEMENT = 2000
LONGEST_NAME = 128  # characters, of a call
# A feature that is asked for -> the callback that tells of it, and our kind of that.
TOLD = {
    "machine_detection": ("amd_status_callback", "amd"),
    "record": ("recording_status_callback", "recording"),
    "conference_record": ("conference_recording_status_callback", "recording"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`parameters` are as they are sent, without the password: where there is one, its name stands alone."""

    target: Target
    label: str
    parameters: dict[str, Any]
    password: str | None


class Forbidden(Exception):
    """A rule is against it. `word`: what it is called in the catalogue; `sentence`: of this attempt."""

    def __init__(self, word: str, sentence: str) -> None:
        super().__init__(word)
        self.word, self.sentence = word, sentence


def read(account: Account, user: Any, room: Conference | str, given: Mapping[str, Any]) -> Wish:
    """Raises Denial `invalid` with each wrong field, or Forbidden. `room`: the call, or a new one's name."""
    provider = provider_for(account)
    if COACHING & given.keys():
        raise Forbidden("use_modes", SENTENCES["use_modes"])
    wrong = _wrong(account, provider, room, given)
    if wrong:
        raise invalid(wrong)
    target = targets.read(given["to"])
    _check_policy(account, user, target)
    values = completed(account, provider, room, given)
    name = room if isinstance(room, str) else room.sid
    try:
        provider.check_dial(name, **values)
    except BadParameter as bad:
        raise invalid({bad.field: [_must(bad.allowed)]}) from bad
    except Unsupported as cannot:
        raise Denial("unsupported", str(cannot)) from cannot
    password = values.get(PASSWORD)
    stored = values | ({PASSWORD: None} if password is not None else {})
    return Wish(target=target, label=values["label"], parameters=stored, password=password)


def invalid(wrong: Mapping[str, list[str]]) -> Denial:
    told = "; ".join(f"{name}: {' '.join(whys)}" for name, whys in wrong.items()).rstrip(".")
    return Denial("invalid", say("invalid", fields=told), fields=dict(wrong))


def _must(allowed: str) -> str:
    return f"Must be {allowed}."


def _wrong(
    account: Account, provider: Provider, room: Conference | str, given: Mapping[str, Any]
) -> dict[str, list[str]]:
    """Every field that cannot be sent as it is, with what is possible."""
    parameters = provider.operations().get(OPERATION, {})
    wrong = {key: why for key, value in given.items() if (why := _why_not(parameters, key, value))}
    wrong |= {
        key: [_must(ALLOWED)]
        for key in _urls(parameters, given) - wrong.keys()
        if not _ours(account, given[key])
    }
    if "to" not in wrong and (nobody := _no_target(given.get("to"))):
        wrong["to"] = [nobody]
    if "label" in given and "label" not in wrong and (taken := _label_taken(account, room, given)):
        wrong["label"] = [taken]
    if isinstance(room, str) and not is_name(provider, room):
        wrong["friendly_name"] = ["Must be a name of 1 to 128 characters that does not look like a sid."]
    return wrong


def is_name(provider: Provider, text: str) -> bool:
    """Of a call. What is shaped like a sid the provider reads as one."""
    return bool(text.strip()) and len(text) <= LONGEST_NAME and not provider.is_sid(text)


def _why_not(parameters: Operation, key: str, value: Any) -> list[str]:
    sent = {name: each for name, each in parameters.items() if each.place != "path"}
    if key not in sent:
        return [f"Unknown; possible here: {', '.join(sorted(sent.keys() - COACHING))}."]
    try:
        sent[key].sent(value)
    except BadParameter as bad:
        return [_must(bad.allowed)]
    return []


def _urls(parameters: Operation, given: Mapping[str, Any]) -> set[str]:
    """An empty one asks for nothing."""
    return {
        key for key, value in given.items() if key in parameters and parameters[key].kind == "uri" and value
    }


def _ours(account: Account, url: Any) -> bool:
    return isinstance(url, str) and allowed_url(account, url)


def _no_target(text: Any) -> str:
    try:
        targets.read(text if isinstance(text, str) else "")
    except NoTarget as nobody:
        return _must(str(nobody))
    return ""


def _label_taken(account: Account, room: Conference | str, given: Mapping[str, Any]) -> str:
    """Labels tell legs apart, also long after: no two dials of an account share one. Nor may one claim to be
    somebody else's: an agent's label makes that leg the agent's.
    """
    label, address = given["label"], str(given.get("to", "")).partition("?")[0]
    if label.startswith(OWN_LABEL):
        return f"Must not begin with {OWN_LABEL}: so do the labels of supervisors’ own phones."
    agent = Agent.objects.filter(label=label).first()
    if agent is not None and not AgentAddress.objects.filter(agent=agent, address=address).exists():
        return "Must not be the label of an agent whose phone this is not."
    used = Dial.objects.filter(account=account, label=label).exists()
    here = isinstance(room, Conference) and Participant.objects.filter(
        conference=room, label=label, left_at=None
    )
    return SENTENCES["label_taken"] if used or here else ""


def _check_policy(account: Account, user: Any, target: Target) -> None:
    if access_dialling.is_supervisors(target.address):
        raise Forbidden("use_modes", SENTENCES["use_modes"])
    refused = dial_policy.refusal(target, access_dialling.policy_of(account, user))
    if refused is not None:
        sentence = access_dialling.sentence(refused, account, number=target.address)
        raise Forbidden("dial_number", sentence)


def completed(
    account: Account, provider: Provider, room: Conference | str, given: Mapping[str, Any]
) -> dict[str, Any]:
    """With what Earshot adds: a label, and its own callbacks for what nobody else is to be told of."""
    values = {"label": str(uuid.uuid4()), **given}
    if "status_callback" not in values:
        values["status_callback"] = callback_url(account, "call", leg=values["label"])
        values.setdefault("status_callback_event", list(provider.reports.call_events))
    taken = provider.operations()[OPERATION]
    for feature, (callback, kind) in TOLD.items():
        asked = values.get(feature) in ON if feature != "machine_detection" else values.get(feature)
        if asked and callback in taken:
            values.setdefault(callback, callback_url(account, kind, leg=values["label"]))
    if isinstance(room, str) and "conference_status_callback" not in values:
        # Of a room that this dial makes nobody else decides whom it tells.
        values["conference_status_callback"] = callback_url(account, "conference")
        values.setdefault("conference_status_callback_event", list(provider.reports.conference_events))
    return values


def without_ours(account: Account, values: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, of what was sent: to be dialled again with a label and callbacks of its own."""
    added = {callback: callback_url(account, kind, leg=values["label"]) for callback, kind in TOLD.values()}
    added["status_callback"] = callback_url(account, "call", leg=values["label"])
    added["conference_status_callback"] = callback_url(account, "conference")
    ours = {key for key, url in added.items() if values.get(key) == url}
    ours |= {f"{key}_event" for key in ours & {"status_callback", "conference_status_callback"}}
    return {key: value for key, value in values.items() if key not in ours | {"label"}}
