from .calls import Account, Callback, Conference, Participant
from .history import Change
from .people import Agent, AgentAddress, Supervisor, Team
from .supervision import Intervention, LedgerHead, LegRequest, Mode, Outcome, Supervision

__all__ = [
    "Account",
    "Agent",
    "AgentAddress",
    "Callback",
    "Change",
    "Conference",
    "Intervention",
    "LedgerHead",
    "LegRequest",
    "Mode",
    "Outcome",
    "Participant",
    "Supervision",
    "Supervisor",
    "Team",
]
