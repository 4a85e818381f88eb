"""Who is who on a call. Caller id gives a role on the screen, never a right: it can be forged."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from .models import Account, Agent, AgentAddress, Destination, Dial, Participant, Supervision

OWN_LABEL = "earshot-"  # what the labels of the legs that Earshot dials begin with
Role, Certainty = Participant.Role, Participant.Certainty


def identify(participant: Participant, account: Account) -> bool:
    """Give the leg its role where its label, call sid or address tells. False: its call must be looked up."""
    settled = participant.role is not None and participant.certainty != Certainty.PROBABLE
    if settled and not _was_mistaken(participant):
        return True
    if _is_supervisor(participant, account):
        return _assign(participant, Role.SUPERVISOR, Certainty.CERTAIN)
    if _is_dialled(participant, account):
        return True
    agent = Agent.objects.filter(label=participant.label).first() if participant.label else None
    if agent is not None:
        return _assign(participant, Role.AGENT, Certainty.CERTAIN, agent)
    if participant.address is None:
        return False
    return _by_address(participant, participant.address)


def _is_supervisor(participant: Participant, account: Account) -> bool:
    ours = Q(call_sid=participant.call_sid)
    if participant.label:
        ours |= Q(label=participant.label)
    return Supervision.objects.filter(ours, conference__account=account).exists()


def _is_dialled(participant: Participant, account: Account) -> bool:
    """A leg that somebody had dialled in: whom they meant is known before it is answered."""
    known = Q(call_sid=participant.call_sid)
    if participant.label:
        known |= Q(label=participant.label, call_sid="")
    dials = Dial.objects.filter(known, account=account).exclude(call_sid="", state=Dial.State.WAITING)
    dial = dials.select_related("intervention").first()
    if dial is None:
        return False
    address = dial.to.partition("?")[0]
    participant.address = participant.address or address
    participant.direction = participant.direction or "outbound"
    role = dial.intervention.parameters.get("role")
    if role is not None:
        known_agent = AgentAddress.objects.select_related("agent").filter(address=address).first()
        agent = known_agent.agent if known_agent and role == Role.AGENT else None
        return _assign(participant, role, Certainty.PERSON, agent)
    saved = Destination.objects.filter(address=address).exists()
    if saved and not AgentAddress.objects.filter(address=address).exists():
        return _assign(participant, Role.OTHER, Certainty.CERTAIN)
    return _by_address(participant, address)


def _was_mistaken(participant: Participant) -> bool:
    """A leg of ours, whose label came after its address: not every list of a provider tells labels."""
    ours = (participant.label or "").startswith(OWN_LABEL)
    return ours and participant.role != Role.SUPERVISOR and participant.certainty != Certainty.PERSON


def _by_address(participant: Participant, address: str) -> bool:
    known = AgentAddress.objects.select_related("agent").filter(address=address).first()
    if known is None:
        return _assign(participant, Role.CUSTOMER, Certainty.CERTAIN)
    forgeable = participant.direction == "inbound" and address.startswith("+")
    certainty = Certainty.PROBABLE if forgeable else Certainty.CERTAIN
    return _assign(participant, Role.AGENT, certainty, known.agent)


def _assign(participant: Participant, role: str, certainty: str, agent: Agent | None = None) -> bool:
    participant.role, participant.certainty, participant.agent = role, certainty, agent
    return True


def team_of(legs: Iterable[Participant]) -> int | None:
    """Of the agent who joined last and is in; else of who was. None: no agent was ever on the call."""
    agents = [(_place_of_agent(leg), leg.agent.team_id) for leg in legs if leg.agent]
    return max(agents)[1] if agents else None


def _place_of_agent(leg: Participant) -> tuple[bool, bool, int, datetime, str]:
    """The greatest of these is whose call it is. The provider's numbers come before the order of arrival."""
    first = leg.marks.get("presence", {}).get("first") or 0
    return leg.is_in, leg.left_at is None, first, leg.joined_at or leg.first_seen_at, leg.call_sid
