"""I1 to I10: what must hold whatever goes wrong: the sandbox's truth against everything Earshot says.

Each function raises AssertionError with what it found. Times are seconds of the real clock; what is promised
in scaled seconds is multiplied with the site's time scale by the caller (`Floor.scale`).
"""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.site import Site

from . import site_rows
from .screen import Screen
from .site_rows import Wish

Json = dict[str, Any]
OURS = "earshot-"
LOUDNESS = {"nobody": 0, "agent": 1, "everyone": 2, "unknown": 2}
IN_FLIGHT_S = 0.3  # between the last look at the wish and the provider's door
AFTER_A_MUTE_S = 1.0
CLOCKS_S = 0.05
LATE = {"apply_late"}  # lands when it likes
NEVER = {"answer_not_apply", "html_200", "close", "timeout"}  # whatever was answered, nothing was done
SUITS = {"whisper": {"whisper", "barge"}, "barge": {"barge"}}


@dataclass
class Floor:
    """What the story made: `people`, by call sid, everybody who is not ours, as "agent" or "customer".

    `meddled`: when somebody else changed a flag, by call sid. `lag`: seconds until a screen shows what is so.
    """

    site: Site
    scale: float
    slack: float
    people: dict[str, str] = field(default_factory=dict)
    sids: dict[str, str] = field(default_factory=dict)  # conference -> provider
    meddled: list[tuple[float, str]] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)  # legs of people whom a command was about
    began: float = 0.0  # by the sandbox's clock

    def truth(self, sid: str) -> Json:
        return dict(self.site.sandbox.get(f"/_sandbox/conferences/{sid}"))

    def heard(self, sid: str) -> list[Json]:
        """Who heard one of ours, from when to when."""
        found, people = self.site.sandbox.get(f"/_sandbox/audibility/{sid}"), self.people
        return [row for row in found if row["speaker"] not in people and row["listener"] in people]

    def journal(self) -> list[Json]:
        """What the providers were asked about these conferences, oldest first."""
        asked = self.site.sandbox.get(f"/_sandbox/requests?since={self.began}")
        known = set(self.sids)
        return [row for row in asked if known & set(row["path"].split("/"))]

    def now(self) -> float:
        return float(self.site.sandbox.get("/_sandbox/time")["now"])

    def ours(self, sid: str) -> list[Json]:
        return [leg for leg in self.truth(sid)["legs"] if (leg["label"] or "").startswith(OURS)]


# --- I1 ---------------------------------------------------------------------------------------------------
def nobody_hears_by_mistake(floor: Floor) -> None:
    """I1: who heard one of ours was meant to at the time it was asked for, and not after a mute."""
    wishes, owners, journal = site_rows.wishes(floor.site), site_rows.owners(floor.site), floor.journal()
    wrong = []
    for sid in floor.sids:
        for row in floor.heard(sid):
            mine = [wish for wish in wishes if wish.user == owners.get(row["speaker"], wish.user)]
            about = [ask for ask in journal if leg_of(ask) == row["speaker"]]
            if not _was_opened(floor, sid, row, mine, about):
                wrong.append(f"heard without a wish: {_told(floor, sid, row, mine, about)}")
            if _went_on(floor, row, about):
                wrong.append(f"heard after a mute: {_told(floor, sid, row, mine, about)}")
    assert wrong == [], "\n".join(wrong)


def leg_of(ask: Json) -> str:
    """The call sid or label at the end of a request's path."""
    return unquote(ask["path"].rstrip("/").split("/")[-1]).removesuffix(".json")


def _was_opened(floor: Floor, sid: str, row: Json, wishes: list[Wish], about: list[Json]) -> bool:
    """By the newest request that changed whether this leg is muted, by one that landed late, or by others."""
    until = row["from"] + 0.05
    if any(leg == row["speaker"] and abs(at - row["from"]) < 0.5 for at, leg in floor.meddled):
        return True
    changing = [ask for ask in about if ask["at"] <= until and _says_muted(ask) is not None and _landed(ask)]
    openings = [ask for ask in changing[-1:] if _says_muted(ask) is False]
    openings += [ask for ask in about if ask["effect"] in LATE and _says_muted(ask) is False]
    return any(_meant(floor, sid, row, ask, wishes) for ask in openings)


def _says_muted(ask: Json) -> bool | None:
    said = ask["params"].get("Muted")
    return None if said is None or ask["method"] != "POST" else said == "true"


def _applied(ask: Json) -> bool:
    return not (ask["status"] and ask["status"] >= 400)


def _landed(ask: Json) -> bool:
    return _applied(ask) and ask["effect"] not in NEVER


def _meant(floor: Floor, sid: str, row: Json, ask: Json, wishes: list[Wish]) -> bool:
    """Whether a wish that was the newest when this was sent means this listener."""
    before = [wish for wish in wishes if wish.at <= ask["at"]]
    newest = before[-1:] + [wish for wish in before[:-1] if before[-1].at >= ask["at"] - IN_FLIGHT_S][-1:]
    return any(_means(floor, sid, row["listener"], wish) for wish in newest)


def _means(floor: Floor, sid: str, listener: str, wish: Wish) -> bool:
    if wish.sid != sid:
        return False
    if wish.mode == "whisper":
        return floor.people[listener] == "agent" and wish.target in (None, listener)
    return wish.mode == "barge"


def _went_on(floor: Floor, row: Json, about: list[Json]) -> bool:
    silencing = [ask["at"] for ask in about if _says_muted(ask) or ask["method"] == "DELETE"]
    first = next((at for at in silencing if at >= row["from"]), None)
    until = row["to"] if row["to"] is not None else floor.now()
    return first is not None and until - first > AFTER_A_MUTE_S


def _told(floor: Floor, sid: str, row: Json, wishes: list[Wish], about: list[Json]) -> str:
    """A short protocol for whoever has to find out why."""
    start = row["from"]
    lines = [(wish.at, f"wish {wish.mode} {wish.sid[-4:]}") for wish in wishes]
    for ask in about:
        lines.append((ask["at"], f"{ask['method']} {ask['params']} {ask['status']} {ask['effect']}"))
    near = [f"{at - start:+.2f} {text}" for at, text in sorted(lines) if abs(at - start) < 10]
    who = floor.people[row["listener"]]
    until = "now" if row["to"] is None else f"{row['to'] - start:+.2f}"
    return f"{who} on {sid[-4:]} heard {row['speaker'][-6:]} until {until}: " + "; ".join(near)


# --- I2 ---------------------------------------------------------------------------------------------------
def no_screen_was_calmer(floor: Floor, screen: Screen, *, lag: float, lag_of_others: float) -> None:
    """I2: what the person's screen said while somebody heard them; `lag`: until a frame has to be there.

    `lag_of_others`: until what somebody else changed at the provider has to be seen.
    """
    wrong = []
    for sid in floor.sids:
        for row in floor.heard(sid):
            others = any(leg == row["speaker"] and abs(at - row["from"]) < 0.5 for at, leg in floor.meddled)
            start = row["from"] + (lag_of_others if others else lag)
            until = row["to"] if row["to"] is not None else floor.now()
            needed = 1 if floor.people[row["listener"]] == "agent" else 2
            for began, ended, said in screen.said(start, until):
                if LOUDNESS[said["worst"]] < needed and ended - began > CLOCKS_S:
                    wrong.append(f"{said['code']} for {ended - began:.2f} s while a {row['listener']} heard")
    assert wrong == [], "\n".join(wrong)


# --- I3 ---------------------------------------------------------------------------------------------------
def nothing_acknowledged_is_lost(floor: Floor) -> None:
    """I3: each callback that was answered 2xx is stored with a verdict, and waits for nobody who is here."""
    posted = floor.site.sandbox.get("/_sandbox/callbacks")
    stored = site_rows.stored_callbacks(floor.site)  # after it: what comes meanwhile is not lost
    acknowledged = [one for one in posted if (one["status"] or 0) // 100 == 2 and one["form"]]
    lost = [one["form"] for one in acknowledged if not stored.get(site_rows.canonical(one["form"]))]
    assert lost == [], f"acknowledged and not stored: {lost}"
    waiting = site_rows.rows(
        floor.site,
        """SELECT c.call_sid, c.event FROM participants_callback c JOIN participants_participant p
        ON p.call_sid = c.call_sid WHERE c.verdict = 'waiting'""",
    )
    assert waiting == [], "they wait for legs that are known"


# --- I4 ---------------------------------------------------------------------------------------------------
def differences(floor: Floor, sid: str) -> list[str]:
    """Between the provider's truth and the rows: one line for each."""
    truth, row = floor.truth(sid), site_rows.conference(floor.site, sid, floor.sids[sid])
    over = truth["status"] == "completed"
    if row is None:
        return [] if over else [f"{sid}: no row"]
    if over or row.status == "completed":
        return [] if over and row.status == "completed" else [f"{sid}: {row.status}, not {truth['status']}"]
    if row.status != truth["status"]:
        return [f"{sid}: {row.status}, not {truth['status']}"]
    here = [leg for leg in truth["legs"] if leg["status"] in {"connected", "in-progress"}]
    so = {leg["call_sid"]: _flags(leg) for leg in here}
    return [
        f"{call_sid[-8:]}: {row.legs.get(call_sid)}, not {so.get(call_sid)}"
        for call_sid in sorted(so.keys() | row.legs.keys())
        if row.legs.get(call_sid) != so.get(call_sid)
    ]


def _flags(leg: Json) -> tuple[bool, ...]:
    return bool(leg["muted"]), bool(leg["hold"]), bool(leg["coaching"])


def converges(floor: Floor, *, within_s: float, screens: Iterable[Screen] = ()) -> float:
    """I4: rows equal the truth, and screens the rows 2 s later. Returns the seconds that it took."""
    began, found = time.monotonic(), ["not looked yet"]
    while found and time.monotonic() - began < within_s:
        found = [line for sid in floor.sids for line in differences(floor, sid)]
        time.sleep(0.02 if not found else 0.1)
    assert found == [], f"after {within_s:.1f} s: {found}"
    took = time.monotonic() - began
    for screen in screens:
        _shows_the_rows(floor, screen)
    return took


def _shows_the_rows(floor: Floor, screen: Screen) -> None:
    def differs() -> list[str]:
        return [sid for sid in floor.sids if screen.shown(sid) != _row_shown(floor, sid)]

    try:
        floor.site.wait_for(lambda: not differs(), within_s=2.0 * floor.scale + floor.slack)
    except AssertionError:
        sid = differs()[0]
        raise AssertionError(f"the screen says {screen.shown(sid)}, not {_row_shown(floor, sid)}") from None


def _row_shown(floor: Floor, sid: str) -> dict[str, tuple[Any, ...]] | None:
    row = site_rows.conference(floor.site, sid, floor.sids[sid])
    return row.legs if row is not None and row.status != "completed" else None


# --- I5, I6 -----------------------------------------------------------------------------------------------
def nobody_is_dialled_twice(floor: Floor) -> None:
    """I5: dials that the provider may have carried out, against the stays that people asked for."""
    for sid in floor.sids:
        dials = [ask for ask in floor.journal() if _is_dial(ask, sid) and _applied(ask)]
        asked = site_rows.stays(floor.site, sid)
        assert len(dials) <= asked, f"{len(dials)} dials for {asked} stays"


def _is_dial(ask: Json, sid: str) -> bool:
    place = ask["path"].rstrip("/").split("/")
    return ask["method"] == "POST" and place[-1].removesuffix(".json") == "Participants" and sid in place


def no_ghost_stays(floor: Floor, *, within_s: float) -> None:
    """I6: once everybody has left, nothing of ours is on any call."""
    try:
        floor.site.wait_for(lambda: not _ghosts(floor), within_s=within_s)
    except AssertionError:
        raise AssertionError(f"still there after {within_s:.1f} s: {_ghosts(floor)}") from None


def _ghosts(floor: Floor) -> list[Json]:
    return [leg for sid in floor.sids for leg in floor.ours(sid)]


# --- I7 to I10 --------------------------------------------------------------------------------------------
def snapshot(floor: Floor) -> dict[str, Any]:
    """Everything of these calls that must not depend on the order or the number of callbacks (I7)."""
    return {sid: site_rows.conference(floor.site, sid, floor.sids[sid]) for sid in floor.sids}


def nothing_of_others_arrived(screen: Screen, canaries: Iterable[str]) -> None:
    """I8: no byte of another team's calls in any frame of this screen."""
    text = screen.everything()
    assert [canary for canary in canaries if canary in text] == []


def every_opening_has_its_wish(floor: Floor) -> None:
    """I9: each leg was opened at most once for each wish to speak, and nobody's leg without a command."""
    wishes, owners = site_rows.wishes(floor.site), site_rows.owners(floor.site)
    for ask in floor.journal():
        leg = leg_of(ask)
        if leg in floor.people and ask["method"] in {"POST", "DELETE"}:
            assert leg in floor.touched, f"{ask['method']} {ask['params']} about a person nobody commanded"
    for leg, user in owners.items():
        openings = [ask for ask in floor.journal() if leg_of(ask) == leg and _says_muted(ask) is False]
        speaking = [wish for wish in wishes if wish.user == user and wish.mode in SUITS]
        assert len(openings) <= len(speaking), f"{len(openings)} openings for {len(speaking)} wishes"


def the_chain_verifies(site: Site) -> None:
    """I9: raises CommandError when it is broken."""
    site.processes.run("verify", "manage.py", "verify_ledger")


@dataclass(frozen=True)
class Size:
    """`memory` in bytes."""

    memory: int
    files: int
    threads: int


def sizes(site: Site) -> dict[str, Size]:
    """What each process of the product holds now."""
    return {name: _size(Path(f"/proc/{process.pid}")) for name, process in site.processes.running}


def _size(process: Path) -> Size:
    status = (process / "status").read_text()
    numbers = {key: int(re.search(rf"{key}:\s+(\d+)", status)[1]) for key in ("VmRSS", "Threads")}  # type: ignore[index]
    return Size(numbers["VmRSS"] * 1024, len(list((process / "fd").iterdir())), numbers["Threads"])


def bounded(before: dict[str, Size], after: dict[str, Size], *, most: float = 0.1) -> None:
    """I10: within this part of the start again, and ten files or threads more at most."""
    for name, was in before.items():
        now = after[name]
        assert now.memory <= was.memory * (1 + most), f"{name}: {was} -> {now}"
        assert now.files <= was.files * (1 + most) + 10, f"{name}: {was} -> {now}"
        assert now.threads <= was.threads * (1 + most) + 10, f"{name}: {was} -> {now}"
