"""The people of one call, as the sentences of its story name them."""

from functools import cached_property

from participants import access
from participants.models import Conference, Participant
from participants.serializers import leg_name, user_name


class People:
    """`conference` comes from `serializers.load`."""

    def __init__(self, conference: Conference) -> None:
        stays = conference.supervisions.all()
        self.conference = conference
        self.provider = access.provider_title(conference)
        self.legs = {leg.call_sid: leg for leg in conference.participants.all()}
        self.supervisors = {stay.call_sid: user_name(stay.user) for stay in stays if stay.call_sid}

    @cached_property
    def customers(self) -> list[Participant]:
        return [leg for leg in self.legs.values() if leg.role == Participant.Role.CUSTOMER]

    def id_of(self, call_sid: str) -> str | None:
        leg = self.legs.get(call_sid)
        return str(leg.pk) if leg else None

    def named(self, call_sid: str) -> str:
        """Inside a sentence."""
        leg = self.legs.get(call_sid)
        if leg is None:
            return "somebody"
        if leg.role == Participant.Role.CUSTOMER:
            return "the customer"
        return self.supervisors.get(call_sid) or leg_name(leg) or "somebody"


def begin(sentence: str) -> str:
    """With a capital."""
    return sentence[:1].upper() + sentence[1:]
