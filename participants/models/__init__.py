from .accounts import Account
from .calls import Callback, Conference, Participant
from .dialling import Dial
from .history import Change
from .people import Agent, AgentAddress, Destination, Supervisor, Team
from .recordings import Asset, Recording
from .ringing import Ring
from .supervision import Intervention, LedgerHead, LegRequest, Mode, Outcome, Supervision

__all__ = [
    "Account",
    "Agent",
    "AgentAddress",
    "Asset",
    "Callback",
    "Change",
    "Conference",
    "Destination",
    "Dial",
    "Intervention",
    "LedgerHead",
    "LegRequest",
    "Mode",
    "Outcome",
    "Participant",
    "Recording",
    "Ring",
    "Supervision",
    "Supervisor",
    "Team",
]
