"""Who may see and do what, with the reason. The first reason of the catalogue wins."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.utils import timezone

from participants import access
from participants.access import Denial, may
from participants.models import Account, Conference, LegRequest, Participant
from tests.factories import (
    make_agent,
    make_call,
    make_conference,
    make_participant,
    make_supervision,
    make_supervisor,
    make_team,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def sam() -> User:
    return make_supervisor("sam", teams=(make_team("Billing"),), full_name="Sam Whitfield")


@pytest.fixture
def call() -> tuple[Conference, Participant, Participant]:
    team = make_team("Billing")
    return make_call(team=team, agent=make_agent("Ann Okafor", team=team, label="agent-1"))


Call = tuple[Conference, Participant, Participant]


def change(row: Conference | Participant | Account, **fields: object) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**fields)
    row.refresh_from_db()


def code(user: User, verb: str, target: Conference | Participant) -> str | None:
    return may(user, verb, type(target)._default_manager.get(pk=target.pk)).code


# --- sight ------------------------------------------------------------------------------------------------
def test_a_supervisor_sees_the_calls_of_their_teams_only(sam: User, call: Call) -> None:
    make_call("returns-2011", team=make_team("Returns"))
    make_conference("nobody's")
    assert list(access.visible_to(sam, Conference.objects.all())) == [call[0]]
    assert set(access.visible_participants(sam, Participant.objects.all())) == {*call[1:]}


def test_an_auditor_an_administrator_and_a_superuser_see_everything(call: Call) -> None:
    make_conference("nobody's")
    for user in (
        make_user("auditor", group="Auditor"),
        make_user("boss", group="Administrator"),
        make_user("root", is_superuser=True),
    ):
        assert access.visible_to(user, Conference.objects.all()).count() == 2
        assert None in access.teams_of(user) and 17 in access.teams_of(user)


def test_agents_nobodies_strangers_and_the_deactivated_see_nothing(call: Call) -> None:
    ann = make_user("ann", group="Agent")
    call[1].agent.user = ann
    call[1].agent.save()
    left = make_supervisor("left", teams=(make_team("Billing"),), is_active=False)
    for user in (ann, make_user("nobody"), AnonymousUser(), left):
        assert not access.visible_to(user, Conference.objects.all()).exists()
    assert not access.teams_of(left)


def test_somebody_on_a_call_keeps_sight_of_it_until_their_leg_is_gone(sam: User, call: Call) -> None:
    stay = make_supervision(sam, call[0])
    change(call[0], team=make_team("Returns"))
    assert access.may_see(sam, call[0])
    change(stay, ended_at=timezone.now())
    assert not access.may_see(sam, call[0])


def test_numbers_are_for_those_who_have_the_right(sam: User) -> None:
    assert not access.sees_numbers(sam)
    assert access.sees_numbers(make_supervisor("maria", group="Lead"))


def test_the_verbs_of_a_person_are_those_of_their_groups(sam: User) -> None:
    mine = "announce barge cue dial end hold identify listen mute record remove whisper"
    assert " ".join(access.verbs_of(sam)) == mine
    assert access.verbs_of(make_user("auditor", group="Auditor")) == []
    assert "see_all" not in access.verbs_of(make_user("root", is_superuser=True))


# --- rights -----------------------------------------------------------------------------------------------
ACTING = ["listen", "whisper", "barge", "end"]


@pytest.mark.parametrize("verb", ACTING)
def test_an_auditor_acts_on_nothing(verb: str, call: Call) -> None:
    verdict = may(make_user("auditor", group="Auditor"), verb, call[0])
    assert verdict.code == "auditor" and verdict.detail == "Auditors read; they do not act on calls."


def test_somebody_without_the_right_is_told_which(call: Call) -> None:
    user = make_supervisor("new", group=None, teams=(make_team("Billing"),))
    user.user_permissions.add(Permission.objects.get(codename="listen"))
    assert may(user, "listen", call[0]).allowed
    verdict = may(user, "unmute", call[1])
    assert verdict.code == "not_allowed"
    assert verdict.detail == (
        "You may not mute or unmute people. Ask an administrator for the right “Mute and unmute”."
    )


def test_a_superuser_has_every_verb(call: Call) -> None:
    root = make_supervisor("root", group=None, is_superuser=True)
    assert may(root, "barge", call[0]).allowed


def test_everybody_who_sees_a_call_may_ask_the_provider(call: Call) -> None:
    assert may(make_user("auditor", group="Auditor"), "refresh", call[0]).allowed


def test_a_denial_carries_the_status_of_its_code(call: Call, sam: User) -> None:
    with pytest.raises(Denial) as denied:
        access.check(make_user("auditor", group="Auditor"), "barge", call[0])
    assert (denied.value.status, denied.value.code) == (403, "auditor")
    change(call[0], status="completed", ended_at=timezone.now())
    with pytest.raises(Denial) as denied:
        access.check(sam, "barge", call[0])
    assert (denied.value.status, denied.value.code) == (409, "gone")


# --- facts of the call ------------------------------------------------------------------------------------
def test_a_talking_call_forbids_nothing(sam: User, call: Call) -> None:
    conference, agent, customer = call
    legs = list(conference.participants.all())
    assert access.blocked(conference, legs) == {}
    for verb in ("listen", "whisper", "barge", "end", "refresh"):
        assert may(sam, verb, conference).allowed, verb
    for verb in ("mute", "hold", "remove", "identify"):
        assert may(sam, verb, agent).allowed and may(sam, verb, customer).allowed, verb


Change = Callable[[Conference, Participant, Participant], object]
FACTS: list[tuple[str, str, str, Change]] = [
    ("gone", "listen whisper barge end refresh", "ended", lambda c, a, k: change(c, status="completed")),
    (
        "provider_down",
        "listen whisper barge end refresh",
        "down",
        lambda c, a, k: change(c.account, reachable=False),
    ),
    ("stale", "whisper barge end", "in doubt", lambda c, a, k: change(c, stale_since=timezone.now())),
    ("no_agent", "whisper", "no agent", lambda c, a, k: a.delete()),
    ("agent_unknown", "whisper", "two customers", lambda c, a, k: change(a, role="customer", agent=None)),
    ("agent_unknown", "whisper", "forgeable", lambda c, a, k: change(a, certainty="probable")),
    ("agent_ringing", "whisper", "rings", lambda c, a, k: change(a, status="ringing")),
    ("agent_on_hold", "whisper", "held", lambda c, a, k: change(a, hold=True)),
    (
        "choose_agent",
        "whisper",
        "two agents",
        lambda c, a, k: make_participant(c, agent=make_agent("Ben Archer")),
    ),
    ("not_started", "listen barge", "init", lambda c, a, k: change(c, status="init")),
    (
        "not_started",
        "listen barge",
        "all ring",
        lambda c, a, k: [change(leg, status="ringing") for leg in (a, k)],
    ),
]


@pytest.mark.parametrize(
    "expected, verbs, why, happens", FACTS, ids=[f"{fact[0]}: {fact[2]}" for fact in FACTS]
)
def test_the_facts_of_a_call_block_its_verbs(
    expected: str, verbs: str, why: str, happens: Change, sam: User, call: Call
) -> None:
    happens(*call)
    conference = Conference.objects.get(pk=call[0].pk)
    blocked = access.blocked(conference, conference.participants.all())
    for verb in verbs.split():
        assert blocked[verb] == expected == code(sam, verb, conference)


LEG_FACTS: list[tuple[str, str, str, Change]] = [
    ("already", "mute", "muted", lambda c, a, k: change(k, muted=True)),
    ("already", "unmute", "not muted", lambda c, a, k: change(k, muted=False)),
    ("already", "hold", "held", lambda c, a, k: change(k, hold=True)),
    ("already", "resume", "not held", lambda c, a, k: change(k, hold=False)),
    ("leg_leaving", "mute hold remove", "call over", lambda c, a, k: change(k, call_status="completed")),
    ("not_started", "hold resume", "rings", lambda c, a, k: change(k, status="ringing")),
    ("last_party", "remove", "alone", lambda c, a, k: a.delete()),
    ("use_modes", "unmute hold resume identify", "supervisor", lambda c, a, k: change(k, role="supervisor")),
    ("stale", "unmute remove", "in doubt", lambda c, a, k: change(c, stale_since=timezone.now())),
    ("agent_unknown", "whisper", "customer", lambda c, a, k: None),
    (
        "agent_unknown",
        "whisper",
        "by caller id",
        lambda c, a, k: change(k, role="agent", certainty="probable"),
    ),
]


@pytest.mark.parametrize(
    "expected, verbs, why, happens", LEG_FACTS, ids=[f"{fact[0]}: {fact[2]}" for fact in LEG_FACTS]
)
def test_the_facts_of_a_leg_block_its_verbs(
    expected: str, verbs: str, why: str, happens: Change, sam: User, call: Call
) -> None:
    happens(*call)
    leg = Participant.objects.get(pk=call[2].pk)
    blocked = access.blocked_leg(leg, leg.conference, leg.conference.participants.all())
    for verb in verbs.split():
        assert blocked[verb] == expected == code(sam, verb, leg)


def test_a_leg_that_left_is_gone_and_its_sentence_names_it(sam: User, call: Call) -> None:
    change(call[1], status="complete", left_at=timezone.now().replace(hour=14, minute=32, second=10))
    verdict = may(sam, "hold", call[1])
    assert verdict.code == "gone" and verdict.detail == "Ann Okafor left the call at 14:32:10."


def test_what_is_in_doubt_is_no_reason_not_to_ask_for_it(sam: User, call: Call) -> None:
    change(call[2], muted=True)
    change(call[0], stale_since=timezone.now())
    assert code(sam, "mute", call[2]) is None


def test_a_supervisors_line_is_muted_and_removed_and_nothing_else(sam: User, call: Call) -> None:
    rosa = make_supervisor("rosa", teams=(make_team("Billing"),))
    make_supervision(rosa, call[0], "barge")
    line = call[0].participants.get(role="supervisor")
    assert code(sam, "mute", line) is None and code(sam, "remove", line) is None
    assert code(sam, "hold", line) == code(sam, "unmute", line) == "use_modes"


def test_a_named_agent_is_judged_alone(sam: User, call: Call) -> None:
    ben = make_participant(call[0], agent=make_agent("Ben Archer"), hold=True)
    assert code(sam, "whisper", call[0]) == "choose_agent"
    assert code(sam, "whisper", call[1]) is None
    verdict = may(sam, "whisper", ben)
    assert verdict.detail == "Ben Archer is on hold; Twilio cannot whisper to a held phone."


def test_the_first_reason_of_the_catalogue_wins(sam: User, call: Call) -> None:
    change(call[1], hold=True)
    change(call[0], stale_since=timezone.now())
    assert code(sam, "whisper", call[0]) == "stale"
    change(
        call[0].account, reachable=False, reachable_since=timezone.now().replace(hour=14, minute=30, second=0)
    )
    verdict = may(sam, "whisper", Conference.objects.get(pk=call[0].pk))
    assert verdict.detail == "Twilio does not answer since 14:30:00. Earshot keeps trying."


# --- the person -------------------------------------------------------------------------------------------
def test_without_a_phone_nobody_can_be_put_on_a_call(call: Call) -> None:
    user = make_supervisor("new", teams=(make_team("Billing"),), address="")
    for verb in ("listen", "whisper", "barge"):
        assert code(user, verb, call[0]) == "no_phone"
    assert code(user, "end", call[0]) is None


def test_a_phone_has_to_be_one_that_may_be_rung(call: Call) -> None:
    user = make_supervisor("new", teams=(make_team("Billing"),), address="12345")
    verdict = may(user, "listen", call[0])
    assert verdict.code == "phone_not_allowed" and "12345" not in verdict.detail


def test_on_another_call_one_moves_by_listening_first(sam: User, call: Call) -> None:
    other = make_call("billing-1042", agent=make_agent("Joost de Vries"))
    make_supervision(sam, other[0])
    assert code(sam, "listen", call[0]) is None
    verdict = may(sam, "whisper", call[0])
    assert verdict.code == "on_other_call"
    assert verdict.detail == "You are on Joost de Vries’s call. Press L to move here first."
    assert code(sam, "barge", call[0]) == "on_other_call"


def test_leave_and_listen_on_ones_own_call_are_never_refused(sam: User, call: Call) -> None:
    make_supervision(sam, call[0])
    change(call[0], status="completed", stale_since=timezone.now())
    change(call[0].account, reachable=False)
    sam.groups.clear()
    for verb in ("leave", "listen"):
        assert code(User.objects.get(pk=sam.pk), verb, call[0]) is None


def test_one_leaves_only_a_call_that_one_is_on_or_moves_to(sam: User, call: Call) -> None:
    assert may(sam, "leave", call[0]).detail == "You are not on this call."
    make_supervision(sam, make_call("billing-1042")[0], then_conference=call[0])
    assert code(sam, "leave", call[0]) is None


def test_the_agent_of_a_call_does_not_supervise_it(sam: User, call: Call) -> None:
    call[1].agent.user = sam
    call[1].agent.save()
    sam = User.objects.get(pk=sam.pk)
    for verb in ("listen", "whisper", "barge"):
        assert code(sam, verb, call[0]) == "yourself"
    assert Denial("yourself").status == 403


def test_ones_own_leg_is_left_and_not_removed(sam: User, call: Call) -> None:
    make_supervision(sam, call[0], "barge")
    line = call[0].participants.get(role="supervisor")
    assert code(sam, "remove", line) == "own_leg" == code(sam, "mute", line)


def test_a_mode_that_is_confirmed_is_not_asked_for_twice(sam: User, call: Call) -> None:
    ben = make_participant(call[0], agent=make_agent("Ben Archer"))
    make_supervision(sam, call[0], "whisper", target=call[1])
    assert may(sam, "whisper", call[1]).detail == "Already whispering."
    assert code(sam, "whisper", ben) is None
    assert code(sam, "barge", call[0]) is None


def unanswered(sam: User, call: Call, **fields: object) -> None:
    stay = make_supervision(sam, call[0], target=call[1])
    LegRequest.objects.create(
        supervision=stay, verb="update", wish=1, sent_at=timezone.now(), outcome="unknown", **fields
    )


def test_after_an_unanswered_barge_only_barge_may_be_repeated(sam: User, call: Call) -> None:
    unanswered(sam, call, muted=False, coaching=False)
    assert code(sam, "whisper", call[0]) == "unresolved"
    assert code(sam, "barge", call[0]) is None


def test_after_an_unanswered_whisper_only_a_whisper_to_that_agent_may_be_repeated(
    sam: User, call: Call
) -> None:
    ben = make_participant(call[0], agent=make_agent("Ben Archer"))
    unanswered(sam, call, muted=False, coaching=True, target=call[1].call_sid)
    assert code(sam, "whisper", call[1]) is None
    assert code(sam, "whisper", ben) == "unresolved" == code(sam, "barge", call[0])


def test_an_unanswered_mute_or_an_answered_opening_leaves_a_line_to_be_trusted(sam: User, call: Call) -> None:
    unanswered(sam, call, muted=True)
    LegRequest.objects.create(
        supervision=access.stay_of(sam),
        verb="update",
        wish=1,
        sent_at=timezone.now(),
        muted=False,
        outcome="accepted",
    )
    assert code(sam, "whisper", call[0]) is None


# --- sentences --------------------------------------------------------------------------------------------
def test_no_sentence_has_an_empty_place(sam: User, call: Call) -> None:
    change(call[0], stale_since=timezone.now() - timedelta(seconds=40))
    assert may(sam, "end", call[0]).detail == "Not checked for 40 s. Press R to ask Twilio first."
    change(call[0], stale_since=None)
    call[1].delete()
    assert may(sam, "remove", call[2]).detail == "The customer is the last one: use End call."
