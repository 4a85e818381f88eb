"""Breaks of what is believed, and of what is shown of it."""

from .mutant import of

MERGE = of(
    "participants/merge.py",
    "participants/test_merge.py",
    (
        "stamp.number > mark.numbers.get(stamp.stream, -1)",
        "stamp.number >= mark.numbers.get(stamp.stream, -1)",
        "the_same_callback_twice_counts_once",
        "a repetition would count as news",
    ),
    (
        "return stamp.number > mark.numbers.get(stamp.stream, -1)",
        "return True",
        "a_callback_with_a_lower_number_changes_nothing",
        "an overtaken callback would undo a newer one",
    ),
    (
        '        return "older"\n',
        '        return "newer"\n',
        "a_callback_from_before_the_last_read_changes_nothing",
        "a late callback would undo what was read",
    ),
    (
        "worse if worse in (value, mark.said) else value",
        "value",
        "where_a_callback_and_a_read_are_as_new_the_less_safe_value_stands_and_the_leg_is_asked_for",
        "a doubt would be shown as silence",
    ),
    (
        '"muted": False,',
        '"muted": True,',
        "where_a_callback_and_a_read_are_as_new_the_less_safe_value_stands_and_the_leg_is_asked_for",
        "a line in doubt would count as muted",
    ),
    (
        "CLOCK_GRAIN = 1.0",
        "CLOCK_GRAIN = 0.0",
        "where_a_callback_and_a_read_are_as_new_the_less_safe_value_stands_and_the_leg_is_asked_for",
        "whole seconds would be compared as if they were instants",
    ),
    (
        "if mark.began is not None and began < mark.began:",
        "if False:",
        "of_two_reads_of_one_second_the_one_that_began_later_stands",
        "the slower of two reads would win",
    ),
    (
        "if mark.raised is not None and mark.raised > began:",
        "if False:",
        "a_read_that_began_before_a_callback_came_is_skipped_where_they_disagree",
        "a read from before an unmute would show the line muted",
    ),
    (
        "(value != current or mark.doubt)",
        "value != current",
        "a_read_that_began_before_the_doubt_does_not_settle_it",
        "an old read would settle a doubt by chance",
    ),
    (
        "return max(known, said, key=CALL_STATUSES.index)",
        "return said",
        "a_call_only_moves_forward",
        "an ended call would ring again",
    ),
    (
        "max(known, event.status or known, key=CONFERENCE_STATUSES.index)",
        "event.status or known",
        "a_conference_that_has_completed_stays_so",
        "an ended call would come back to the board",
    ),
)

AUDIBILITY = of(
    "participants/audibility.py",
    "participants/test_audibility.py",
    (
        "_not(listener.hold), ",
        "",
        "a_held_listener_hears_nobody",
        "a customer on hold would be shown as hearing",
    ),
    (
        "return speaker.target == listener.call_sid if speaker.target in here else None",
        "return speaker.target == listener.call_sid",
        "a_coach_whose_target_has_left_may_be_heard_by_anybody",
        "a coach without an agent would be shown as silent",
    ),
    (
        "        return _not(speaker.coaching)\n",
        "        return True\n",
        "who_hears_a_supervisor",
        "what nobody said would be shown as known",
    ),
    (
        "return None if None in known else True",
        "return True",
        "who_hears_a_supervisor",
        "what nobody said would be shown as known",
    ),
    (
        "_heard(speaker, listener, here) if mixing else False",
        "_heard(speaker, listener, here)",
        "before_the_conference_starts_nobody_is_heard",
        "music would be shown as talk",
    ),
)
