"""What the story's people do in Earshot: each part once in a telling, at its time, whatever goes wrong."""

from types import SimpleNamespace
from typing import Any

import pytest
import requests

from participants.management.demo import director
from participants.management.demo.director import PARTS, Director


class Fake:
    """A visitor who notes what was asked; `fails`: how often it goes wrong first."""

    def __init__(self, *, fails: int = 0) -> None:
        self.http, self.asked, self.fails, self.telling = SimpleNamespace(cookies={}), [], fails, 1

    def sign_in(self) -> None:
        self.http.cookies["sessionid"] = "1"

    def call_named(self, name: str) -> dict[str, Any]:
        return {"id": f"{name} of telling {self.telling}"}

    def command(self, call: str, verb: str, body: dict[str, Any], *, key: str) -> bool:
        self.asked.append((call, verb, body, key))
        if self.fails:
            self.fails -= 1
            raise requests.ConnectionError("not now")
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    now = SimpleNamespace(s=1000.0)
    monkeypatch.setattr(director, "time", SimpleNamespace(monotonic=lambda: now.s))
    return now


def told(people: dict[str, Fake], clock: SimpleNamespace, *, seconds: int, speed: float = 1.0) -> None:
    directing = Director(people, speed=speed)  # type: ignore[arg-type]
    directing.begin()
    for _ in range(seconds):
        clock.s += 1
        directing.look()


def people(**more: Any) -> dict[str, Fake]:
    return {part.who: Fake(**more) for part in PARTS}


def test_each_part_is_played_once(clock: SimpleNamespace) -> None:
    cast = people()
    told(cast, clock, seconds=290)
    assert [(verb, body) for _, verb, body, _ in cast["rosa"].asked] == [("listen", {}), ("whisper", {})]
    [(call, verb, body, _)] = cast["lead"].asked
    assert (call, verb) == ("technical-3007 of telling 1", "participants")
    assert body == {"to": "+447700900199", "timeout": 15}


def test_nobody_is_dialled_before_their_time(clock: SimpleNamespace) -> None:
    cast = people()
    told(cast, clock, seconds=94)
    assert cast["lead"].asked == [] and "sessionid" not in cast["lead"].http.cookies
    told(cast, clock, seconds=48, speed=2.0)
    assert len(cast["lead"].asked) == 1


def test_a_dial_whose_answer_was_lost_is_asked_with_the_same_key(clock: SimpleNamespace) -> None:
    cast = people(fails=1)
    told(cast, clock, seconds=110)
    keys = {key for *_, key in cast["lead"].asked}
    assert len(cast["lead"].asked) == 2 and len(keys) == 1


def test_the_next_telling_has_calls_of_its_own(clock: SimpleNamespace) -> None:
    cast = people()
    directing = Director(cast)  # type: ignore[arg-type]
    directing.begin()
    for second in range(450):
        clock.s += 1
        if second == 300:
            cast["lead"].telling = cast["rosa"].telling = 2
        directing.look()
    assert [call for call, *_ in cast["lead"].asked] == [
        "technical-3007 of telling 1",
        "technical-3007 of telling 2",
    ]
