"""Breaks of what a supervisor's leg is asked to do."""

from .mutant import of

STAY = of(
    "participants/stay.py",
    "participants/test_modes.py",
    (
        "return self.muted is not True",
        "return self.muted is False",
        "a_flag_that_was_not_said_counts_as_its_less_safe_value",
        "a flag that nobody said would count as silence",
    ),
    (
        "if agent is not None and agent.connected else Audience.EVERYONE",
        "if agent is None or agent.connected else Audience.EVERYONE",
        "a_flag_that_was_not_said_counts_as_its_less_safe_value",
        "a coach whose agent has left would count as whispering",
    ),
    (
        'return [*said, *(r for r in self.asked if r.open and r.verb != "delete")]',
        "return said",
        "the_worst_is_combined_field_by_field",
        "a request under way would be forgotten",
    ),
    (
        "    if state.seen is not None and seen.began < state.seen.began:\n        return state\n",
        "",
        "an_older_fetch_that_arrives_later_is_dropped",
        "the slower of two fetches would win",
    ),
    (
        "now - self.seen.began <= TIMING.observation_valid",
        "True",
        "an_observation_is_worth_twenty_seconds",
        "old knowledge would be called safe",
    ),
    (
        "request.answered_at is not None and request.answered_at <= seen.began",
        "request.answered_at is not None",
        "silence_is_confirmed_only_by_a_fetch_that_started_after_the_answer",
        "a fetch from before an answer would confirm it",
    ),
    (
        'return self.outcome == "unknown" and self.relaxing',
        "return False",
        "a_tainted_leg_is_never_used_for_a_safer_mode",
        "an opening without an answer may still land on a silent line",
    ),
    (
        "return self.connected and not self.held and self.certain",
        "return self.connected and not self.held",
        "it_is_dialled_unarmed_where_the_agent_cannot_be_coached",
        "whoever forges an agent's number would be whispered to",
    ),
)

MODES = of(
    "participants/modes.py",
    "participants/test_modes.py",
    (
        "return Decision(act=Act.CREATE, muted=True, coaching=True, target=agent.call_sid)",
        "return Decision(act=Act.CREATE, muted=False, coaching=True, target=agent.call_sid)",
        "a_leg_is_dialled_muted_and_armed_to_the_agent_who_joined_last",
        "a supervisor would be heard as soon as they pick up",
    ),
    (
        'create.outcome == "refused" and bool(create.coaching) and create.code in codes',
        'create.outcome != "accepted"',
        "a_dial_without_an_answer_is_looked_up_and_never_repeated",
        "one phone would be rung twice",
    ),
    (
        "(r.id > last.id or (r.answered_at or 0.0) >= last.sent_at)",
        "(r.answered_at or 0.0) >= last.sent_at",
        "a_mute_is_sent_at_once_after_an_opening_that_follows_an_older_mute",
        "found by the simulation: the customer heard a second of it",
    ),
    (
        "(r.id > last.id or (r.answered_at or 0.0) >= last.sent_at)",
        "r.id > last.id",
        "a_mute_is_sent_again_after_an_older_opening_was_answered",
        "an opening applied after the mute would stay open",
    ),
    (
        "last.wish != state.wish or now - last.sent_at >= TIMING.mute_repeat",
        "last.wish != state.wish",
        "a_mute_is_repeated_each_second_without_waiting_for_the_one_before",
        "one lost mute would leave the line open",
    ),
    (
        '        return Decision(act=Act.LEAVE, why="tainted")\n',
        "        pass\n",
        "a_tainted_leg_is_never_used_for_a_safer_mode",
        "a line that may open at any time would be kept for listening",
    ),
    (
        '        return Decision(act=Act.LEAVE, why="not_silenced")\n',
        "        pass\n",
        "silence_that_is_not_confirmed_in_five_seconds_removes_the_leg",
        "a line that cannot be muted would stay",
    ),
    (
        "if LOUDNESS[worst] > LOUDNESS[wanted]:",
        "if LOUDNESS[worst] > LOUDNESS[wanted] + 1:",
        "each_wish_has_its_next_request",
        "a whisper would go on under a wish to listen",
    ),
    (
        "and state.possible_targets != {state.target}",
        "and False",
        "each_wish_has_its_next_request",
        "another agent would hear the whisper",
    ),
    (
        "    if armed and not arming_lost:\n",
        "    if seen.muted and not arming_lost:\n",
        "each_wish_has_its_next_request",
        "a whisper would open before its coaching was seen: half applied, the customer hears it",
    ),
    (
        "return Decision(act=Act.UPDATE, muted=False, coaching=False)",
        "return Decision(act=Act.UPDATE, muted=False)",
        "each_wish_has_its_next_request",
        "a barge would reach the agent alone",
    ),
    (
        'state.wanted not in {"whisper", "barge"} or state.opening is not None or seen is None',
        'state.wanted not in {"whisper", "barge"} or seen is None',
        "an_opening_is_sent_once_per_wish",
        "an opening would be repeated, and the second land after a mute",
    ),
    (
        'if agent is None or not agent.connected:\n        return "agent_left"',
        'if agent is not None and not agent.connected:\n        return "agent_left"',
        "a_whisper_ends_when_its_agent_is_not_there",
        "what a coach becomes when the agent leaves is not documented",
    ),
)

OPENINGS_OF_STAY = of(
    "participants/stay.py",
    "participants/test_openings.py",
    (
        "return self.coaching is not True",
        "return self.coaching is False",
        "a_coaching_that_was_not_said_is_none_whatever_is_under_way",
        "a coach that nobody confirmed would count as one",
    ),
)

OPENINGS = of(
    "participants/modes.py",
    "participants/test_openings.py",
    (
        "    arming_lost = any(r.open for r in state.arming)\n",
        "    arming_lost = False\n",
        "a_whisper_waits_until_no_arming_is_under_way",
        "an arming towards another agent would land on an open line",
    ),
    (
        "    if seen.began < max((r.answered_at or 0.0 for r in state.asked), default=0.0):",
        "    if False:",
        "a_line_is_opened_on_what_was_seen_after_the_last_answer_alone",
        "what was seen before an answer says nothing about after it",
    ),
)
