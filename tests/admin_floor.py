"""A small floor with every kind of row, for tests of the admin's pages."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from participants import ledger
from participants.models import Agent, Callback, Conference, LegRequest, Participant, Supervision, Team
from tests.factories import (
    make_agent,
    make_call,
    make_intervention,
    make_supervision,
    make_supervisor,
    make_team,
    make_user,
)

RECORDS = ("conference", "participant", "callback", "supervision", "intervention")
CONFIGURATION = ("team", "agent", "supervisor", "account")
NUMBER = "+442079460102"
AGENTS_NUMBER = "+447700900131"


@dataclass
class Floor:
    team: Team
    agent: Agent
    rosa: User
    conference: Conference
    agents_leg: Participant
    customer: Participant
    stay: Supervision
    intervention: Any
    callback: Callback

    def row(self, name: str) -> Any:
        return {
            "conference": self.conference,
            "participant": self.customer,
            "callback": self.callback,
            "supervision": self.stay,
            "intervention": self.intervention,
            "team": self.team,
            "agent": self.agent,
            "supervisor": self.rosa.supervisor,
            "account": self.conference.account,
        }[name]


def make_floor(
    team: str = "Billing", *, tag: str = "", number: str = NUMBER, call: str = "billing-1041"
) -> Floor:
    """A finished stay of Rosa on Ann's call: listened 60 s, whispered 30 s. `tag` stands in every name."""
    billing = make_team(team + tag)
    ann = make_agent(f"Ann Okafor{tag}", team=billing, addresses=(AGENTS_NUMBER + tag,), label=f"ann{tag}")
    rosa = make_supervisor(
        f"rosa{tag}", teams=(billing,), full_name=f"Rosa Haas{tag}", address="+447700900199"
    )
    conference, agents_leg, customer = make_call(call + tag, team=billing, agent=ann)
    Participant.objects.filter(pk=customer.pk).update(address=number)
    customer.refresh_from_db()
    done = make_intervention(
        rosa, conference, "whisper", "confirmed", participant=agents_leg, reason=f"Coaching{tag}", key="key-1"
    )
    stay = make_stay(rosa, conference, agents_leg)
    return Floor(billing, ann, rosa, conference, agents_leg, customer, stay, done, make_callback(customer))


def make_stay(user: User, conference: Conference, target: Participant) -> Supervision:
    begin = timezone.now() - timedelta(seconds=90)
    stay = make_supervision(
        *(user, conference, "whisper"),
        target=target,
        since=begin,
        dialled_at=begin,
        ended_at=begin + timedelta(seconds=90),
        ended_why="left",
        team=conference.team,
    )
    for second, muted in ((60, False), (90, True)):
        at = begin + timedelta(seconds=second)
        LegRequest.objects.create(
            supervision=stay,
            verb="update",
            wish=2,
            muted=muted,
            coaching=True,
            target=target.call_sid,
            sent_at=at,
            answered_at=at,
            outcome="accepted",
        )
    return stay


def make_callback(leg: Participant) -> Callback:
    return Callback.objects.create(
        account=leg.conference.account,
        kind="conference",
        key=f"key of {leg.call_sid}",
        event="participant-join",
        conference_sid=leg.conference.sid,
        call_sid=leg.call_sid,
        sequence=2,
        occurred_at=timezone.now() - timedelta(seconds=1),
        form=[
            ["StatusCallbackEvent", "participant-join"],
            ["From", leg.address or ""],
            ["CallSid", leg.call_sid],
        ],
        verdict="applied",
    )


def make_auditor(name: str = "auditor") -> User:
    return make_user(name, group="Auditor", is_staff=True)


def make_team_reader(name: str, team: Team) -> User:
    """A member of staff who is no superuser: reads everything in /admin/, but of their own team."""
    user = make_supervisor(name, teams=(team,), is_staff=True)
    models = [*RECORDS, *CONFIGURATION, "legrequest", "outcome", "agentaddress"]
    user.user_permissions.set(Permission.objects.filter(codename__in=[f"view_{model}" for model in models]))
    return user


def list_of(model: str) -> str:
    return reverse(f"admin:participants_{model}_changelist")


def page_of(row: Any, page: str = "change") -> str:
    return reverse(f"admin:participants_{row._meta.model_name}_{page}", args=[row.pk])


def unbroken() -> bool:
    return ledger.verify().broken_at is None
