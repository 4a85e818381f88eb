"""Scenes in the pure world, with an invented clock: the floor at t=0, the story, and the life around it."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from participants.sandbox.rooms import CALL_WORDS, CONFERENCE_WORDS, News, Subscription
from participants.sandbox.scenes import AGENTS, LOOP_S, SCENES, TELNYX, TWILIO
from participants.sandbox.story import Story
from participants.sandbox.world import World

BEGAN = 1_000_000.0
STEP_S = 0.25
TEAMS = {
    "Billing": {*range(1, 9), 21, 22},
    "Returns": {*range(9, 15), 23, 24},
    "Technical": set(range(15, 21)),
}


STORY = {
    "billing-1041": TWILIO,
    "billing-1042": TWILIO,
    "billing-1043": TELNYX,
    "billing-1044": TWILIO,
    "billing-1045": TWILIO,
    "returns-2011": TWILIO,
    "technical-3007": TELNYX,
}
ARRIVING = {"returns-2016": TWILIO, "technical-3013": TWILIO, "billing-1049": TELNYX}


def subscription(provider: str, kind: str) -> Subscription:
    words = CONFERENCE_WORDS if kind == "conference" else CALL_WORDS
    return Subscription(f"http://earshot.example/{provider}/{kind}/", "POST", words)


class Floor:
    def __init__(self, scene: str, *, seed: int = 1, speed: float = 1) -> None:
        self.world = World(rng=random.Random(seed))
        self.story = Story(
            scene,
            world=self.world,
            now=BEGAN,
            subscription=subscription,
            speed=speed,
            rng=random.Random(seed),
        )
        self.now, self.news = BEGAN, list[tuple[float, News]]()

    def until(self, at: float) -> Floor:
        while self.now < BEGAN + at:
            self.now += STEP_S
            self.story.tick(self.now)
            self.world.tick(self.now)
            self.news += [(self.now - BEGAN, news) for news in self.world.take()]
        return self

    def live(self) -> list[Any]:
        return [room for room in self.world.floor.conferences.values() if room.status != "completed"]

    def room(self, name: str) -> Any:
        return next((room for room in self.live() if room.friendly_name == name), None)

    def roles(self, name: str) -> dict[str, Any]:
        return {leg.role: leg for leg in self.room(name).legs.values()}

    def told(self, name: str) -> list[tuple[float, str, str]]:
        """(about when, what, its fate) of a conference."""
        return [
            (round(at), news.event, news.fate)
            for at, news in self.news
            if news.kind == "conference" and news.facts["friendly_name"] == name
        ]


def test_every_agent_of_the_contract_has_a_name_and_a_team() -> None:
    assert set(AGENTS) == set(range(1, 25))
    assert len({name for name, _ in AGENTS.values()}) == 24
    for team, numbers in TEAMS.items():
        assert {number for number, (_, own) in AGENTS.items() if own == team} == numbers
    assert AGENTS[1] == ("Ann Okafor", "Billing")


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("seed", range(5))
def test_a_scene_runs_through_its_loop_and_further(scene: str, seed: int) -> None:
    floor = Floor(scene, seed=seed).until(LOOP_S * 2 + 20)
    assert len(floor.live()) == {"empty": 0, "one": 1}.get(scene, len(floor.live()))


def test_busy_opens_with_twenty_calls_of_certain_ages_and_tells_nobody() -> None:
    floor = Floor("busy")
    assert floor.world.take() == []
    assert len(floor.live()) == 20
    teams = Counter(room.friendly_name.partition("-")[0] for room in floor.live())
    assert teams == {"billing": 8, "returns": 6, "technical": 6}
    assert BEGAN - floor.roles("billing-1041")["agent"].created == 372
    held = floor.roles("billing-1042")["customer"]
    assert (held.hold, BEGAN - held.updated) == (True, 220)
    waiting = floor.room("billing-1044")
    assert (waiting.status, BEGAN - waiting.created, list(floor.roles("billing-1044"))) == (
        "init",
        35,
        ["customer"],
    )


def test_the_floor_is_of_two_providers() -> None:
    floor = Floor("busy")
    providers = {room.friendly_name: room.provider for room in floor.live()}
    assert {name: providers.pop(name) for name in STORY} == STORY
    assert Counter(providers.values()) == {TWILIO: 8, TELNYX: 5}
    floor.until(190)
    assert {name: floor.room(name).provider for name in ARRIVING} == ARRIVING
    for leg in floor.world.floor.calls.values():
        assert leg.provider == floor.world.floor.room_of(leg).provider
    for _, news in floor.news:
        assert news.provider == floor.world.floor.conference(news.conference_sid).provider


def test_callbacks_are_asked_for_at_the_provider_of_the_call() -> None:
    floor = Floor("busy").until(LOOP_S)
    for _, news in floor.news:
        assert news.subscription.url == f"http://earshot.example/{news.provider}/{news.kind}/"


def test_agents_and_customers_are_who_they_should_be() -> None:
    floor = Floor("busy").until(LOOP_S)
    for leg in floor.world.floor.calls.values():
        if leg.role == "agent":
            assert leg.label
            assert leg.direction == "outbound-api"
            assert leg.to_address == f"client:{leg.label}"
            team = AGENTS[int(leg.label.removeprefix("agent-"))][1]
            room = floor.world.floor.conference(leg.conference_sid)
            assert room.friendly_name.startswith(team.lower())
        else:
            assert (leg.direction, leg.label) == ("inbound", None)
            assert leg.from_address.startswith(("+442079460", "+447700900", "+120255501"))


def test_no_agent_is_on_two_calls() -> None:
    floor = Floor("busy")
    for second in range(int(LOOP_S) + 30):
        floor.until(second)
        labels = [leg.label for room in floor.live() for leg in room.legs.values() if leg.role == "agent"]
        assert len(labels) == len(set(labels)), f"at {second}"


def test_the_story_of_the_world() -> None:
    floor = Floor("busy").until(LOOP_S - 1)
    assert floor.told("returns-2016")[:2] == [(6, "join", ""), (11, "join", "")]
    assert (80, "join", "") in floor.told("billing-1044")
    assert floor.told("billing-1045") == [(142, "leave", ""), (165, "join", "")]
    assert floor.told("billing-1042") == [(205, "mute", ""), (207, "unmute", ""), (220, "unhold", "lost")]
    assert floor.told("technical-3013") == [(178, "join", ""), (250, "leave", ""), (250, "end", "")]
    assert floor.told("billing-1041") == [(270, "leave", "forged")]
    assert floor.told("technical-3010") == [(240, "mute", ""), (295, "unmute", "")]
    assert floor.told("billing-1049") == [
        (180, "join", ""),
        (186, "join", ""),
        (186, "start", ""),
        (215, "leave", ""),
        (215, "end", ""),
        (215, "leave", ""),
    ]
    assert floor.told("returns-2011") == floor.told("technical-3007") == []


@pytest.mark.parametrize("speed", [1, 10])
def test_one_provider_is_twelve_seconds_late_for_a_while_and_the_other_is_not(speed: float) -> None:
    floor = Floor("busy", speed=speed).until(LOOP_S / speed)
    begun, over = 180 / speed, 200 / speed
    seen = set()
    for at, news in floor.news:
        held_back = news.provider == TELNYX and begun <= at < over
        assert news.late_by == (12 / speed if held_back else 0), f"{news.event} at {at}"
        seen.add((news.provider, begun <= at < over))
    assert seen == {(provider, inside) for provider in (TWILIO, TELNYX) for inside in (True, False)}


def test_a_scene_that_is_broken_off_leaves_nobody_late() -> None:
    floor = Floor("busy").until(190)
    floor.story.stop(floor.now)
    assert {news.late_by for news in floor.world.take()} == {0}


def test_the_loop_brings_the_story_calls_back_with_new_sids() -> None:
    floor = Floor("busy").until(LOOP_S - 1)
    before = {room.friendly_name: room.sid for room in floor.live()}
    floor.until(LOOP_S + 1)
    after = {room.friendly_name: room.sid for room in floor.live()}
    assert all(before[name] != after[name] for name in STORY)
    others = set(before) & set(after) - set(STORY)
    assert others
    assert all(before[name] == after[name] for name in others)
    assert floor.roles("billing-1042")["customer"].hold


def test_an_agents_phone_drops_when_somebody_whispers_on_the_watched_call() -> None:
    floor = Floor("busy").until(20)
    sid = floor.room("billing-1043").sid
    agent = floor.roles("billing-1043")["agent"].call_sid
    floor.world.seat(sid, now=floor.now, label="supervisor", muted=True, target=agent)
    floor.until(60)
    assert floor.room("billing-1043").leg(agent), "listening does nothing"
    floor.world.update(sid, "supervisor", now=floor.now, muted=False)
    floor.until(71)
    assert floor.room("billing-1043").leg(agent)
    floor.until(73)
    assert floor.room("billing-1043").leg(agent) is None
    floor.until(105)
    back = floor.room("billing-1043").leg("agent-3")
    assert back.connected
    assert back.call_sid != agent


@pytest.mark.parametrize("seed", range(8))
def test_the_life_around_the_story_never_needs_anybody(seed: int) -> None:
    floor = Floor("busy", seed=seed)
    story = {*STORY, *ARRIVING}
    for second in range(1, int(LOOP_S)):
        floor.until(second)
        for room in floor.live():
            if room.friendly_name in story:
                continue
            legs = list(room.legs.values())
            customers = [leg for leg in legs if leg.role == "customer"]
            assert customers, "an agent is never left alone"
            alone = not any(leg.role == "agent" for leg in legs)
            assert not alone or floor.now - customers[0].created < 58, (
                f"{room.friendly_name} waits at {second}"
            )
            assert not customers[0].hold or floor.now - customers[0].updated < 170
            assert second >= 240 or not any(leg.muted for leg in legs)
    changes = {round(at) for at, news in floor.news if news.facts.get("friendly_name") not in story}
    assert len(changes) > LOOP_S / 9


def test_the_life_is_of_two_providers_and_shows_only_what_is_told() -> None:
    arrived, held = Counter[str](), set()
    for seed in range(4):
        floor = Floor("busy", seed=seed).until(LOOP_S)
        known = {position.name for position in SCENES["busy"].positions} | set(ARRIVING)
        rooms = floor.world.floor.conferences.values()
        arrived += Counter(room.provider for room in rooms if room.friendly_name not in known)
        held |= {news.provider for _, news in floor.news if news.event == "hold"}
    assert min(arrived[TWILIO], arrived[TELNYX]) >= 3, arrived
    assert held == {TWILIO}, "nobody would see a hold that is not told, until somebody asks"


def test_the_same_seed_tells_the_same_story_with_other_sids() -> None:
    def told(floor: Floor) -> list[Any]:
        return [
            (at, news.kind, news.event, news.sequence, news.facts.get("friendly_name"))
            for at, news in floor.news
        ]

    one, two, other = (Floor("busy", seed=seed).until(LOOP_S) for seed in (4, 4, 5))
    assert told(one) == told(two) != told(other)
    assert not set(one.world.floor.conferences) & set(two.world.floor.conferences)


def test_speed_scales_the_story() -> None:
    assert Floor("busy", speed=10).until(1.25).told("returns-2016")[:2] == [(1, "join", ""), (1, "join", "")]


def test_a_standing_scene_waits_until_it_is_set_going() -> None:
    floor = Floor("busy", speed=0).until(400)
    assert (floor.news, len(floor.live())) == ([], 20)
    floor.story.set_going(floor.now, speed=1)
    assert floor.until(412).told("returns-2016") == [(406, "join", ""), (411, "join", ""), (411, "start", "")]


def test_people_may_interfere_with_every_call() -> None:
    floor = Floor("busy")
    for at in range(5, 320, 5):
        floor.until(at)
        for room in floor.live()[::3]:
            for leg in list(room.legs.values())[:1]:
                if leg.ended_at is None:
                    floor.world.hang_up(leg.call_sid, now=floor.now)
    floor.story.stop(floor.now)
    assert floor.live() == []
