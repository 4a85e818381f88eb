"""Breaks of who may what, and of what is sent for them."""

from .mutant import Mutant, of

ACCESS = of(
    "participants/access.py",
    "participants/test_access.py",
    (
        'return conferences.filter(Q(team__in=teams) | Q(pk__in=own.values("conference")) | Q(pk__in=begun))',
        "return conferences",
        "a_supervisor_sees_the_calls_of_their_teams_only",
        "one team would see another's calls",
    ),
    (
        '| Q(pk__in=own.values("conference"))',
        "",
        "somebody_on_a_call_keeps_sight_of_it_until_their_leg_is_gone",
        "who speaks on a call could not silence themselves",
    ),
    (
        'if right is None or user.has_perm(f"participants.{right}"):',
        "if True:",
        "an_auditor_acts_on_nothing",
        "everybody could do everything",
    ),
    (
        "if _is_silence(verb, conference, stay):",
        "if False:",
        "leave_and_listen_on_ones_own_call_are_never_refused",
        "nothing may ever refuse silence",
    ),
    (
        "return opened.exclude(coaching=False).exists()",
        "return False",
        "after_an_unanswered_whisper_only_a_whisper_to_that_agent_may_be_repeated",
        "a lost whisper would land on a barge",
    ),
    (
        "        same &= Q(target=leg.call_sid)\n",
        "        pass\n",
        "after_an_unanswered_whisper_only_a_whisper_to_that_agent_may_be_repeated",
        "a lost whisper to one agent would land in another's ear",
    ),
    (
        "agent is not None and any(leg.agent_id == agent.pk for leg in call.legs)",
        "False",
        "the_agent_of_a_call_does_not_supervise_it",
        "an agent would supervise their own call",
    ),
)

ROWS = [
    Mutant(
        "participants/access.py",
        'if not user.is_active or not user.has_perm(f"participants.{stay.wanted}"):',
        "if not user.is_active:",
        "participants/test_supervising.py::test_who_loses_the_right_is_taken_off",
        "a right that was taken away would go on",
    ),
    Mutant(
        "participants/access_facts.py",
        " or leg.certainty == Participant.Certainty.PROBABLE",
        "",
        "participants/test_access.py::test_the_facts_of_a_leg_block_its_verbs",
        "whoever forges an agent's number would be whispered to",
    ),
    Mutant(
        "participants/leg_requests.py",
        "return newest == request.wish",
        "return True",
        "participants/test_supervising.py::test_an_opening_of_an_older_wish_is_not_sent_any_more",
        "an opening would be sent after the person wished for silence",
    ),
    Mutant(
        "participants/supervising.py",
        "elif decision.urgent or decision.act is Act.END:",
        "elif decision.act is Act.END:",
        "participants/test_supervising.py::test_somebody_else_s_lease_is_waited_for_but_not_by_a_mute",
        "silence would wait for somebody else's request",
    ),
    Mutant(
        "participants/stay_rows.py",
        "    if locked is not None:\n        expire(locked)\n",
        "",
        "participants/test_supervising.py::test_a_runner_that_died_leaves_an_unknown_request_which_taints_the_line",
        "an opening of a process that died would be forgotten",
    ),
    Mutant(
        "participants/services/confirming.py",
        "{asked.by.pk}|{verb}|{pk}|{sentence}",
        "{verb}|{pk}|{sentence}",
        "participants/test_services.py::test_a_token_belongs_to_its_person",
        "one person's yes would be another's",
    ),
    Mutant(
        "participants/services/confirming.py",
        "{asked.by.pk}|{verb}|{pk}|{sentence}",
        "{asked.by.pk}|{verb}|{pk}",
        "participants/test_services.py::test_it_asks_anew_when_the_outcome_has_changed",
        "a yes would stand for what was never asked",
    ),
    Mutant(
        "participants/services/confirming.py",
        "if not isinstance(asked.confirm, str) or not constant_time_compare(asked.confirm, token):",
        "if not asked.confirm:",
        "participants/test_services.py::test_no_other_token_is_a_confirmation",
        "any word would be a yes",
    ),
    Mutant(
        "participants/services/confirming.py",
        "    if asked.confirm is True:\n        return\n",
        "    if asked.confirm is not False:\n        return\n",
        "participants/test_services.py::test_barge_asks_who_will_hear",
        "one click would speak to everyone",
    ),
]
