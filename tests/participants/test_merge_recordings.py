"""A recording's state: forward alone, and the less safe word where nobody can tell."""

from itertools import permutations

import pytest

from participants.events import RECORDING_STATUSES, Source, Stamp
from participants.merge_recordings import RANK, RUNNING, WORDS, merge_recording_status, recording_word

NOW = 1_800_000_000.0
CALLBACK = Stamp(source=Source.CALLBACK)


def read(began: float) -> Stamp:
    return Stamp(source=Source.READ, began=began)


def merged(known: str | None, said: str, stamp: Stamp = CALLBACK, *, as_of: float = NOW) -> str:
    return merge_recording_status(known, said, stamp, as_of=as_of, now=NOW).status


def test_every_order_of_callbacks_ends_in_the_same_word() -> None:
    for words in permutations(RECORDING_STATUSES, 3):
        known = None
        for word in words:
            known = merged(known, word)
        other = None
        for word in sorted(words):
            other = merged(other, word)
        assert known == other, words


def test_it_never_goes_back() -> None:
    for known in RECORDING_STATUSES:
        for said in RECORDING_STATUSES:
            for stamp in (CALLBACK, read(NOW + 5)):
                assert RANK[merged(known, said, stamp)] >= RANK[known]


def test_the_newest_read_says_whether_it_is_paused() -> None:
    assert merged("in-progress", "paused", read(NOW + 1)) == "paused"
    assert merged("paused", "in-progress", read(NOW + 1)) == "in-progress"
    late = merge_recording_status("paused", "in-progress", read(NOW - 1), as_of=NOW, now=NOW)
    assert (late.status, late.counted, late.doubt) == ("paused", False, True)


@pytest.mark.parametrize("known, said", [("in-progress", "paused"), ("paused", "in-progress")])
def test_a_callback_without_a_time_leaves_the_less_safe_word_and_a_doubt(known: str, said: str) -> None:
    ruling = merge_recording_status(known, said, CALLBACK, as_of=NOW, now=NOW)
    assert (ruling.status, ruling.doubt) == ("in-progress", True)


def test_a_moment_that_lies_ahead_was_noted_before_our_clock_was_set_back() -> None:
    assert merged("paused", "in-progress", read(NOW), as_of=NOW + 3600) == "in-progress"


def test_of_several_recordings_the_one_that_goes_on_is_the_call_s_word() -> None:
    assert recording_word(["completed", "in-progress", "paused"], over=False) == "in-progress"
    assert recording_word(["deleted"], over=False) is None
    assert recording_word([], over=False) is None


def test_the_end_of_a_call_and_the_word_of_its_recordings_may_come_in_any_order() -> None:
    for words in permutations(RECORDING_STATUSES, 2):
        live = recording_word(words, over=False)
        then_over = recording_word([live] if live else [], over=True)
        assert then_over == recording_word(words, over=True)
        assert then_over not in RUNNING and then_over in (*WORDS, None)
