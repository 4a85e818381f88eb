"""A story that a seed tells: calls come and go, people come, go, hold and mute, and a supervisor has wishes.

A fault happens on the way (`injections.py`), then ends. Whatever it was, the invariants hold.
"""

import contextlib
import random
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.patience import ANSWER_S, patient

from . import audience, invariants, site_rows
from .floor import Floor, Json
from .ground import Ground
from .rooms import RETURNS, Room, agent, customer
from .times import LAG_OF_OTHERS_S, LAG_S, OTHERS_S, SLACK_S, STRICT, SUPERVISED_S

HERE_S = 5.0  # then a person asks again
SAID_S = 1.5 * LAG_S if STRICT else 0.3  # so long a story lets somebody be heard, for the screen to say so
ANSWERED = {200, 202, 400, 403, 404, 409, 422, 429, 502, 503, 504}
SHOWN = {"listen": ("S5", "S5a", "S5h"), "whisper": ("S6",), "barge": ("S7",)}  # codes of the strip


@dataclass
class Story:
    """`brief`: a fault that may last for minutes takes seconds. `lag_of_others`: until a change is shown."""

    on: Ground
    seed: int
    brief: bool = False
    rooms: list[Room] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    lag_of_others: float = LAG_OF_OTHERS_S

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.sandbox, self.site, self.lead = self.on.site.sandbox, self.on.site, self.on.lead
        self.sandbox.post("/_sandbox/reset")
        self.on.between.calm()
        self.provider = ("telnyx", "twilio")[self.seed % 2]  # of the calls that are listened to
        self.floor = Floor(self.site)
        self.floor.began = self.floor.now()
        self.asking: list[threading.Thread] = []
        self.answers: list[tuple[str, int]] = []
        self.sandbox.post("/_sandbox/faults", {"seed": self.seed})

    # --- what happens on the floor ------------------------------------------------------------------------
    def open_room(self, provider: str, *, name: str | None = None, agents: int = 1) -> Room:
        name = name or f"canary-{uuid.uuid4().hex[:10]}"
        legs = [agent(number) for number in self.rng.sample(RETURNS, agents)] + [customer(self.rng)]
        asked = {"provider": provider, "friendly_name": name, "callbacks": True, "legs": legs}
        made = self.sandbox.post("/_sandbox/conferences", asked)
        call_sids = [leg["call_sid"] for leg in made["legs"]]
        room = Room(provider, made["sid"], name, call_sids[:agents], call_sids[agents:])
        self.floor.people |= dict.fromkeys(room.agents, "agent") | dict.fromkeys(room.customers, "customer")
        self.floor.sids[room.sid] = provider
        self.rooms.append(room)
        return room

    def join(self, room: Room, role: str) -> str:
        leg = customer(self.rng) if role == "customer" else agent(self.rng.choice(RETURNS), again=True)
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
            answer = http.post(url, json=body, headers=self.lead.headers, timeout=ANSWER_S)
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
        """Until it is so, as a person who asks again, or leaves a line that is not trusted and joins anew."""
        until = time.monotonic() + patient(3 * HERE_S)
        while time.monotonic() < until:
            said = len(self.answers)
            self.ask(room, verb)
            asked = time.monotonic()
            while time.monotonic() - asked < HERE_S and (verb, 409) not in self.answers[said:]:
                if self.strip()["code"] in SHOWN[verb] and self.ours(room):
                    return
                time.sleep(0.05)
            self.ask(room, "leave")
            self.asking[-1].join(timeout=HERE_S)
        raise AssertionError(f"no {verb} but {self.strip()}; answered: {self.answers}")

    def speak(self) -> None:
        """Somebody is heard on a call where everybody is as they came; what comes next is the fault's."""
        if not self._as_it_came(self.mine):
            old = self.mine
            self.open_room(self.provider)
            self.end(old)
            self.converges(within_s=OTHERS_S, rooms=[self.mine])
        if not self.ours(self.mine):
            self.insist(self.mine, "listen")
        # The fault finds somebody speaking: it may open nothing more, and must not keep open what is closed.
        self.insist(self.mine, ("whisper", "barge")[self.seed // 2 % 2])
        time.sleep(SAID_S)

    def _as_it_came(self, room: Room) -> bool:
        legs = [leg for leg in self.floor.truth(room.sid)["legs"] if leg["call_sid"] in self.floor.people]
        roles = sorted(self.floor.people[leg["call_sid"]] for leg in legs if leg["status"] == "connected")
        return roles.count("agent") == 1 and "customer" in roles and not any(leg["hold"] for leg in legs)

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

    @property
    def mine(self) -> Room:
        """The call that is listened to, or will be."""
        there = [room for room in self.live if room.provider == self.provider]
        return next((room for room in there if self.ours(room)), there[0])

    def begin(self) -> None:
        for provider in ("telnyx", "twilio"):
            # The call that is listened to has one agent to whisper to.
            self.open_room(provider, agents=1 if provider == self.provider else self.rng.choice((1, 2)))
        self.converges(within_s=OTHERS_S)
        self.speak()

    def leave(self) -> None:
        self.get_off()
        invariants.no_ghost_stays(self.floor, within_s=OTHERS_S + SLACK_S)

    def get_off(self) -> None:
        """Asks again until nobody is on a call: a wish to leave may meet whatever is wrong."""
        for thread in self.asking:
            thread.join(timeout=ANSWER_S)
        deadline = time.monotonic() + patient(OTHERS_S + SLACK_S)
        while (me := self.lead.get("me/"))["supervision"]:
            if me["strip"]["wanted"] != "leave":
                self.lead.post(f"conferences/{me['supervision']['conference']}/leave/")
            assert time.monotonic() < deadline, f"still on the call: {me['strip']}"
            time.sleep(0.1)

    def converges(self, *, within_s: float, rooms: list[Room] | None = None) -> float:
        """Those rooms, or all; seconds until it was so."""
        sids = None if rooms is None else [room.sid for room in rooms]
        screens = [self.on.screen] if rooms is None else []
        return invariants.converges(self.floor, within_s=within_s + SLACK_S, sids=sids, screens=screens)

    def supervised_converges(self) -> float:
        mine = [room for room in self.live if self.ours(room)]
        return self.converges(within_s=SUPERVISED_S, rooms=mine)

    def close(self) -> None:
        """The calls end too, and the rows with them."""
        for room in self.live:
            self.end(room)
        self.converges(within_s=OTHERS_S)

    def check(self) -> None:
        floor = self.floor
        wrong = [(verb, status) for verb, status in self.answers if status not in ANSWERED]
        assert wrong == [], "answers that the contract does not know"
        audience.nobody_hears_by_mistake(floor)
        audience.no_screen_was_calmer(floor, self.on.screen, lag=LAG_S, lag_of_others=self.lag_of_others)
        invariants.nothing_acknowledged_is_lost(floor)
        invariants.nobody_is_dialled_twice(floor)
        invariants.every_opening_has_its_wish(floor)
        invariants.nothing_of_others_arrived(self.on.other, [room.name for room in self.rooms])
