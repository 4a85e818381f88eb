"""A story that a seed tells: calls come and go, people come, go, hold and mute, and a supervisor has wishes.

A fault happens on the way (`injections.py`), then ends. Whatever it was, the invariants hold.
"""

import contextlib
import random
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from tests.outside.person import Person
from tests.site import Site, running_site

from . import invariants, site_rows
from .between import Between, between
from .invariants import Floor, Json
from .screen import Screen

SCALE = 0.2
SLACK_S = 5.0  # what two busy cores take on top of every promise
SUPERVISED_S, OTHERS_S = 12.0 * SCALE, 75.0 * SCALE
LAG_S = 1.0  # until a frame is there: L6
LAG_OF_OTHERS_S = 2.0 + LAG_S  # somebody else's change, told by a callback
LAG_WITHOUT_CALLBACKS_S = SUPERVISED_S + LAG_S
PAUSE_S = 0.25
PATIENT, PATIENCE_S = 0.7, 1.5  # how often, and how long, a person waits for what a click does
ANSWERED = {200, 202, 400, 403, 404, 409, 422, 429, 502, 503, 504}
SHOWN = {"listen": ("S5", "S5a", "S5h"), "whisper": ("S6",), "barge": ("S7",)}  # codes of the strip
RETURNS = range(9, 15)  # agents whose calls another team never sees


@dataclass
class Ground:
    """One Earshot for all stories of a module, with somebody on the wire to its providers."""

    site: Site
    between: Between
    lead: Person
    screen: Screen
    other: Screen  # that of another team


@contextlib.contextmanager
def ground(folder: Path) -> Iterator[Ground]:
    with running_site(folder, time_scale=SCALE) as site, between(site.sandbox.url) as wire:
        _change(site, "UPDATE participants_account SET api_url = ?", wire.url)
        # Who has no agent yet is nobody's of those two teams.
        team = "(SELECT id FROM participants_team WHERE name = ?)"
        _change(site, f"UPDATE participants_account SET default_team_id = {team}", "Technical")
        lead = Person(site, "lead")
        screens = [Screen(lead), Screen(Person(site, "supervisor"))]
        try:
            yield Ground(site, wire, lead, *screens)
        finally:
            for screen in screens:
                screen.close()


def _change(site: Site, query: str, *values: Any) -> None:
    path = site.processes.environment["DATABASE_URL"].removeprefix("sqlite:///")
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database, database:
        database.execute(query, values)


@dataclass
class Room:
    provider: str
    sid: str
    name: str
    agents: list[str]
    customers: list[str]
    ended: bool = False


@dataclass
class Story:
    """`reachable`: whether a request of ours reaches the provider at once; `lag_of_others`: see the floor."""

    on: Ground
    seed: int
    rooms: list[Room] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    lag_of_others: float = LAG_OF_OTHERS_S

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.sandbox, self.site, self.lead = self.on.site.sandbox, self.on.site, self.on.lead
        self.sandbox.post("/_sandbox/reset")
        self.on.between.calm()
        self.floor = Floor(self.site, SCALE, SLACK_S)
        self.floor.began = self.floor.now()
        self.asking: list[threading.Thread] = []
        self.answers: list[tuple[str, int]] = []
        self.sandbox.post("/_sandbox/faults", {"seed": self.seed})

    # --- what happens on the floor ------------------------------------------------------------------------
    def open_room(self, provider: str, *, name: str | None = None, agents: int = 1) -> Room:
        name = name or f"canary-{uuid.uuid4().hex[:10]}"
        legs = [_agent(number) for number in self.rng.sample(RETURNS, agents)] + [_customer(self.rng)]
        asked = {"provider": provider, "friendly_name": name, "callbacks": True, "legs": legs}
        made = self.sandbox.post("/_sandbox/conferences", asked)
        call_sids = [leg["call_sid"] for leg in made["legs"]]
        room = Room(provider, made["sid"], name, call_sids[:agents], call_sids[agents:])
        self.floor.people |= dict.fromkeys(room.agents, "agent") | dict.fromkeys(room.customers, "customer")
        self.floor.sids[room.sid] = provider
        self.rooms.append(room)
        return room

    def join(self, room: Room, role: str) -> str:
        leg = _customer(self.rng) if role == "customer" else _agent(self.rng.choice(RETURNS), again=True)
        call_sid = str(self.sandbox.post(f"/_sandbox/conferences/{room.sid}/legs", leg)["call_sid"])
        (room.customers if role == "customer" else room.agents).append(call_sid)
        self.floor.people[call_sid] = role
        return call_sid

    def act(self, call_sid: str, act: str, body: Json | None = None) -> None:
        """What a person, or other software, does to a leg; one that is gone is let be."""
        with contextlib.suppress(AssertionError):
            self.sandbox.post(f"/_sandbox/legs/{call_sid}/{act}", body or {})

    def end(self, room: Room) -> None:
        room.ended = True
        with contextlib.suppress(AssertionError):
            self.sandbox.post(f"/_sandbox/conferences/{room.sid}/end")

    def meddle(self, room: Room, **flags: Any) -> None:
        """Somebody else changes flags of our leg."""
        for leg in self.ours(room):
            self.floor.meddled.append((self.floor.now(), leg["call_sid"]))
            self.act(leg["call_sid"], "set", flags)

    def ours(self, room: Room) -> list[Json]:
        return [leg for leg in self.floor.ours(room.sid) if leg["status"] in {"connected", "in-progress"}]

    # --- what a supervisor does ---------------------------------------------------------------------------
    def ask(self, room: Room, verb: str, **body: Any) -> None:
        """Without waiting for the answer: it may never come."""
        row = site_rows.conference(self.site, room.sid, room.provider)
        if row is not None:
            confirm = {"confirm": True} if verb == "barge" else {}
            self._post(f"conferences/{uuid.UUID(row.id)}/{verb}/", verb, confirm | body)

    def ask_leg(self, call_sid: str, verb: str) -> None:
        query = "SELECT id FROM participants_participant WHERE call_sid = ?"
        for (pk,) in site_rows.rows(self.site, query, call_sid)[:1]:
            self.floor.touched.append(call_sid)
            self._post(f"participants/{uuid.UUID(pk)}/{verb}/", verb, {})

    def _post(self, path: str, verb: str, body: Json) -> None:
        def post() -> None:
            # requests' sessions are not for several threads at once.
            http = requests.Session()
            http.cookies.update(self.lead.http.cookies)
            url = f"{self.site.url}/api/v1/{path}"
            answer = http.post(url, json=body, headers=self.lead.headers, timeout=30)
            self.answers.append((verb, answer.status_code))

        thread = threading.Thread(target=post, daemon=True)
        self.asking.append(thread)
        thread.start()

    def strip(self) -> Json:
        return self.lead.strip()

    def until(self, *codes: str, within_s: float = SUPERVISED_S + SLACK_S) -> None:
        try:
            self.site.wait_for(lambda: self.strip()["code"] in codes, within_s=within_s)
        except AssertionError:
            raise AssertionError(f"not {codes} but {self.strip()}; answered: {self.answers}") from None

    def insist(self, room: Room, verb: str) -> None:
        """Until it is so; asks again when a busy machine let the wish lapse."""
        for last in (False, False, True):
            self.ask(room, verb)
            try:
                return self.until(*SHOWN[verb], within_s=SLACK_S)
            except AssertionError:
                if last:
                    raise

    # --- the story ----------------------------------------------------------------------------------------
    @property
    def heard(self) -> int:
        """How often one of ours was heard by somebody: a story without that proves little."""
        return sum(len(self.floor.heard(room.sid)) for room in self.rooms)

    def is_heard_now(self) -> bool:
        return any(row["to"] is None for room in self.rooms for row in self.floor.heard(room.sid))

    @property
    def live(self) -> list[Room]:
        return [room for room in self.rooms if not room.ended]

    def begin(self) -> None:
        for number, provider in enumerate(("telnyx", "twilio")):
            # The call that is listened to has one agent to whisper to.
            self.open_room(provider, agents=1 if number == self.seed % 2 else self.rng.choice((1, 2)))
        self.converges(within_s=OTHERS_S)
        mine = self.rooms[self.seed % 2]
        self.insist(mine, "listen")
        # The fault finds somebody speaking: it may open nothing more, and must not keep open what is closed.
        self.insist(mine, ("whisper", "barge")[self.seed // 2 % 2])
        time.sleep(1.5 * LAG_S)

    def step(self) -> None:
        room, asked = self.rng.choice(self.live), len(self.asking)
        self.rng.choice(STEPS)(self, room)
        patient = self.rng.random() < PATIENT
        if len(self.asking) > asked and patient:
            self.asking[-1].join(timeout=PATIENCE_S)
            if self.is_heard_now():
                time.sleep(1.5 * LAG_S)  # long enough for every screen to have to say so
        time.sleep(self.rng.uniform(0.2, 1.0) * PAUSE_S)

    def leave(self) -> None:
        """Again until it is so: a wish to leave may meet whatever is wrong."""
        for thread in self.asking:
            thread.join(timeout=30)
        deadline = time.monotonic() + OTHERS_S + SLACK_S
        while (me := self.lead.get("me/"))["supervision"]:
            if me["strip"]["wanted"] != "leave":
                self.lead.post(f"conferences/{me['supervision']['conference']}/leave/")
            assert time.monotonic() < deadline, f"still on the call: {me['strip']}"
            time.sleep(0.1)
        invariants.no_ghost_stays(self.floor, within_s=OTHERS_S + SLACK_S)

    def converges(self, *, within_s: float) -> float:
        return invariants.converges(self.floor, within_s=within_s + SLACK_S, screens=[self.on.screen])

    def close(self) -> None:
        """The calls end too, and the rows with them."""
        for room in self.live:
            self.end(room)
        self.converges(within_s=OTHERS_S)

    def check(self) -> None:
        floor = self.floor
        wrong = [(verb, status) for verb, status in self.answers if status not in ANSWERED]
        assert wrong == [], "answers that the contract does not know"
        invariants.nobody_hears_by_mistake(floor)
        invariants.no_screen_was_calmer(floor, self.on.screen, lag=LAG_S, lag_of_others=self.lag_of_others)
        invariants.nothing_acknowledged_is_lost(floor)
        invariants.nobody_is_dialled_twice(floor)
        invariants.every_opening_has_its_wish(floor)
        invariants.nothing_of_others_arrived(self.on.other, [room.name for room in self.rooms])


Step = Callable[[Story, Room], None]


def _agent(number: int, *, again: bool = False) -> Json:
    label = f"agent-{number}" if not again else None
    return {
        "label": label,
        "from": "+12025550100",
        "to": f"client:agent-{number}",
        "direction": "outbound",
        "role": "agent",
    }


def _customer(rng: random.Random) -> Json:
    number = f"+4420794{rng.randrange(60000, 69999)}"
    return {"from": number, "to": "+12025550100", "direction": "inbound", "role": "customer"}


def _wish(verb: str) -> Step:
    """On the call that the person is on, if on any; to listen may also move to another."""

    def wish(story: Story, room: Room) -> None:
        mine = [one for one in story.live if story.ours(one)]
        elsewhere = verb == "listen" and story.rng.random() < 0.3
        story.ask(room if elsewhere or not mine else mine[0], verb)

    return wish


def _command(verb: str) -> Step:
    return lambda story, room: story.ask_leg(story.rng.choice(room.customers + room.agents), verb)


def _set(**flags: bool) -> Step:
    return lambda story, room: story.act(story.rng.choice(room.customers + room.agents), "set", flags)


def _guest(story: Story, room: Room) -> None:
    guest = story.join(room, "customer")
    if story.rng.random() < 0.5:
        time.sleep(PAUSE_S)
        story.act(guest, "hangup")


def _another_call(story: Story, room: Room) -> None:
    if len(story.live) < 4:
        story.open_room(room.provider)
    elif len([one for one in story.live if one.provider == room.provider]) > 1:
        story.end(room)


STEPS: tuple[Step, ...] = (
    *[
        _wish(verb)
        for verb in ("listen", "listen", "whisper", "whisper", "whisper", "barge", "barge", "leave")
    ],
    *[_command(verb) for verb in ("mute", "unmute", "hold", "resume")],
    _set(hold=True),
    _set(hold=False),
    _set(muted=True),
    _guest,
    _guest,
    _another_call,
)
