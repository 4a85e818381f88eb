"""Whatever a provider signs: no error of ours, and kept once or not at all."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.participants.callbacks.posting import fresh
from tests.participants.wire import FORM, recordings

from .bodies import CONTENT_TYPES, KINDS, QUERIES, encoded, flipped, forms
from .judge import Judge

# For each of two providers: 1,000 bodies in every run, 5,000 in a night.
FORMS, RAW = 350, 150
ALL_NIGHT = 5


def examples(count: int) -> Any:
    """In every run the same, so that it fails for a change alone; in a night always others."""
    return settings(
        max_examples=count,
        derandomize=count in {FORMS, RAW},
        database=None,
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )


def post_forms(judge: Judge, count: int) -> None:
    @examples(count)
    @given(data=st.data())
    def post(data: st.DataObject) -> None:
        kind, pairs = data.draw(forms(judge.wire))
        body = data.draw(encoded(pairs))
        content_type = data.draw(st.sampled_from([FORM] * 9 + CONTENT_TYPES))
        query = data.draw(st.sampled_from([""] * 9 + QUERIES))
        judge.post(kind, body, query=query, content_type=content_type)

    post()
    assert judge.answers[200] > count / 4, f"most of it is never read: {judge.answers}"
    assert judge.rows["Participant"] > 2, "none of it is about anybody"


def post_raw(judge: Judge, count: int) -> None:
    wire = judge.wire
    recorded = [urlencode(fresh(wire, event)[1]).encode() for event in recordings(wire.name)]
    bent = st.builds(flipped, st.sampled_from(recorded), st.integers(0, 1 << 30))

    @examples(count)
    @given(body=st.one_of(st.binary(max_size=400), bent), kind=st.sampled_from(KINDS))
    def post(body: bytes, kind: str) -> None:
        judge.post(kind, body)

    post()
    assert len(judge.answers) > 1, judge.answers


def test_no_form_however_bent_is_an_error_of_ours(judge: Judge) -> None:
    post_forms(judge, FORMS)


def test_no_bytes_however_signed_are_an_error_of_ours(judge: Judge) -> None:
    post_raw(judge, RAW)


@pytest.mark.nightly
def test_no_form_all_night(judge: Judge) -> None:
    post_forms(judge, FORMS * ALL_NIGHT)


@pytest.mark.nightly
def test_no_bytes_all_night(judge: Judge) -> None:
    post_raw(judge, RAW * ALL_NIGHT)
