"""F1 to F7 and F26: what may become of callbacks on their way, and what else may be posted."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import requests

from tests.outside.provider import ANOTHER_KEY, FORM, PROVIDERS, Provider, sign_as_telnyx
from tests.patience import ANSWER_S

from . import invariants, site_rows
from .injections import Injection, none_standing, rated, standing
from .story import Story
from .times import SCALE

AT_ONCE = 8
Form = dict[str, str]


# --- what was posted --------------------------------------------------------------------------------------
def delivered(story: Story) -> list[tuple[Provider, str, Form]]:
    """Who posted it, where to, and the form: what the provider believes to have arrived."""
    return [
        (provider_of(row["url"]), row["url"].partition("#")[0], row["form"])
        for row in story.sandbox.get("/_sandbox/callbacks")
        if row["status"] == 200 and row["form"]
    ]


def provider_of(url: str) -> Provider:
    return PROVIDERS[url.partition("/callbacks/")[2].split("/")[0]]


def post(provider: Provider, url: str, form: Form) -> int:
    """The status with which the signed form is answered, however long that takes on a busy machine."""
    body = urlencode(form).encode()
    return _posted(url, body, provider.sign(url, body))


def again(story: Story, *, most: int) -> Iterator[tuple[Provider, str, Form]]:
    known = delivered(story)
    yield from story.rng.sample(known, min(most, len(known)))


# --- F1, F2, F6 -------------------------------------------------------------------------------------------
def many_at_one_instant(story: Story) -> None:
    for provider, url, form in again(story, most=1):
        copies = story.rng.choice((2, 5, 8 if story.brief else 50))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            statuses = set(pool.map(lambda _: post(provider, url, form), range(copies)))  # noqa: B023
        assert statuses == {200}, f"{copies} copies were answered {statuses}"


def once_each(story: Story) -> None:
    query = "SELECT form, count(*) FROM participants_callback WHERE sequence IS NOT NULL"
    assert site_rows.rows(story.site, f"{query} GROUP BY form HAVING count(*) > 1") == []


def shuffled_changes_nothing(story: Story) -> None:
    """Everything once more, in another order: not one row differs."""
    before = invariants.snapshot(story.floor)
    known = delivered(story)[-200:]
    story.rng.shuffle(known)
    assert {post(*one) for one in known} <= {200}
    assert invariants.snapshot(story.floor) == before


def replay(story: Story) -> None:
    for provider, url, form in again(story, most=3):
        assert post(provider, url, form) == 200
    for provider, url, form in again(story, most=2):
        moved_border(story, provider, url, form)


def moved_border(story: Story, provider: Provider, url: str, form: Form) -> None:
    """What signs `a=1` and `b=2` also signs `a=1b2`, where texts are signed without separators."""
    keys = sorted(form)
    place = story.rng.randrange(len(keys) - 1)
    moved = {key: value for key, value in form.items() if key != keys[place + 1]}
    moved[keys[place]] += keys[place + 1] + form[keys[place + 1]]
    signed = provider.sign(url, urlencode(form).encode())
    body = urlencode(moved).encode()
    before = invariants.snapshot(story.floor)
    answer = requests.post(url, data=body, headers={"Content-Type": FORM, **signed}, timeout=ANSWER_S)
    assert answer.status_code in {200, 403}
    story.figures["moved borders"] = story.figures.get("moved borders", 0) + 1
    if answer.status_code == 200:
        verdict = site_rows.stored_callbacks(story.site).get(site_rows.canonical(moved), "unknown")
        assert verdict != "applied" or invariants.snapshot(story.floor) == before


# --- F5 ---------------------------------------------------------------------------------------------------
def forge(story: Story) -> None:
    count = _callbacks(story)
    for provider, url, form in again(story, most=1):
        body = urlencode(form).encode()
        right = provider.sign(url, body)
        wrong: dict[str, tuple[bytes, dict[str, str]]] = {
            "no signature": (body, {}),
            "garbage": (body, dict.fromkeys(right, "ä€" * 20)),
            "too long": (body + b"&Reason=" + b"x" * 70_000, right),
            "another body": (body + b"&Muted=true", right),
            "not a form": (b"\xff\xfe\x00", right),
        }
        if provider.key == "telnyx":
            wrong["another key"] = (body, sign_as_telnyx(url, body, key=ANOTHER_KEY))
        for why, (sent, headers) in wrong.items():
            assert _posted(url, sent, headers) in {400, 403, 413}, why
    assert _callbacks_of_forgers(story) == [] and _callbacks(story) >= count


def _posted(url: str, body: bytes, headers: dict[str, str]) -> int:
    raw = {name: value.encode() for name, value in headers.items()} | {"Content-Type": FORM}
    return requests.post(url, data=body, headers=raw, timeout=ANSWER_S).status_code


def _callbacks(story: Story) -> int:
    return int(site_rows.rows(story.site, "SELECT count(*) FROM participants_callback")[0][0])


def _callbacks_of_forgers(story: Story) -> list[tuple[Any, ...]]:
    query = "SELECT id FROM participants_callback WHERE length(form) > 60000 OR form LIKE '%xxxxxxxxxx%'"
    return site_rows.rows(story.site, query)


# --- F7: the provider's clock -----------------------------------------------------------------------------
def clock_off(story: Story) -> None:
    """Its answers and its callbacks carry its own time."""
    off = story.rng.choice((-600.0, 600.0))
    story.sandbox.post("/_sandbox/faults", {"drop": 1.0})
    story.on.between.clock_off = off
    story.figures["seconds off"] = off


def relay(story: Story) -> None:
    """What it would have posted, with the time by its own clock."""
    off, seen = story.on.between.clock_off, story.figures.setdefault("relayed", 0)
    rows = story.sandbox.get("/_sandbox/callbacks")[seen:]
    story.figures["relayed"] = seen + len(rows)
    for row in rows:
        provider, url = provider_of(row["url"]), row["url"].partition("#")[0]
        if "Timestamp" not in row["form"]:
            continue
        form = row["form"] | {"Timestamp": provider.text(time.time() + off)}
        body = urlencode(form).encode()
        signed = provider.sign(url, body)
        if provider.key == "telnyx":
            signed = sign_as_telnyx(url, body, at=time.time() + off)
        assert _posted(url, body, signed) == (403 if provider.key == "telnyx" else 200)


def clock_right(story: Story) -> None:
    relay(story)
    story.on.between.clock_off = 0.0
    none_standing("drop")(story)


# --- F26 --------------------------------------------------------------------------------------------------
def strange(story: Story) -> None:
    known = [one for one in again(story, most=30) if "ConferenceSid" in one[2]]
    for provider, url, form in known[:1]:
        number = str(int(form.get("SequenceNumber", "0")) + 5_000_000)
        posts = {
            "an unknown event": form
            | {"StatusCallbackEvent": "participant-levitate", "SequenceNumber": number},
            "a new field": form | {"Aura": "blue"},
            "much": form | {"Aura": "b" * 50_000},
            "no event": {key: value for key, value in form.items() if key != "StatusCallbackEvent"},
            "an unknown status": form | {"CallStatus": "levitating", "StatusCallbackEvent": "sung"},
        }
        for why, strange_form in posts.items():
            assert post(provider, url, strange_form) == 200, why


def strange_changes_nothing(story: Story) -> None:
    before = invariants.snapshot(story.floor)
    strange(story)
    assert invariants.snapshot(story.floor) == before


INJECTIONS = {
    1: Injection(
        begin=standing(duplicate=1.0),
        each=many_at_one_instant,
        end=none_standing("duplicate"),
        after=once_each,
    ),
    2: Injection(begin=standing(reorder=1.0), end=none_standing("reorder"), after=shuffled_changes_nothing),
    3: rated(delay_ms=10_000),
    4: Injection(
        begin=lambda story: standing(drop=story.rng.choice((0.01, 0.1, 0.5, 1.0)))(story),
        end=none_standing("drop"),
    ),
    5: Injection(each=forge),
    6: Injection(each=replay, after=shuffled_changes_nothing),
    7: Injection(begin=clock_off, each=relay, end=clock_right),
    26: Injection(each=strange, after=strange_changes_nothing),
}
LATE_S = 10 * SCALE  # F3: what its delay is here
