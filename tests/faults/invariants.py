"""I3 to I9: what must hold whatever goes wrong: the sandbox's truth against everything Earshot says.

I1 and I2 are in `audience.py`, I10 in `sizes.py`. Each function raises AssertionError with what it found.
Times are seconds of the real clock, at the site's time scale; waits are patient.
"""

import time
from collections.abc import Iterable
from typing import Any

from tests.patience import patient
from tests.site import Site

from . import site_rows
from .floor import Floor, Json, applied, leg_of, says_muted
from .screen import Screen
from .times import SCALE, SLACK_S, kept

SUITS = {"whisper": {"whisper", "barge"}, "barge": {"barge"}}


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


def converges(
    floor: Floor,
    *,
    within_s: float,
    sids: Iterable[str] | None = None,
    screens: Iterable[Screen] = (),
) -> float:
    """I4: rows equal the truth, and screens the rows 2 s later. Returns the seconds that it took."""
    sids = list(floor.sids if sids is None else sids)
    began, found = time.monotonic(), ["not looked yet"]
    while found and time.monotonic() - began < patient(within_s):
        found = [line for sid in sids for line in differences(floor, sid)]
        time.sleep(0.02 if not found else 0.1)
    assert found == [], f"after {patient(within_s):.1f} s: {found}"
    took = time.monotonic() - began
    kept(took, within_s, "until the rows equal the truth")
    for screen in screens:
        _shows_the_rows(floor, screen)
    return took


def _shows_the_rows(floor: Floor, screen: Screen) -> None:
    def differs() -> list[str]:
        return [sid for sid in floor.sids if screen.shown(sid) != _row_shown(floor, sid)]

    try:
        floor.site.wait_for(lambda: not differs(), within_s=2.0 * SCALE + SLACK_S)
    except AssertionError:
        sid = differs()[0]
        raise AssertionError(f"the screen says {screen.shown(sid)}, not {_row_shown(floor, sid)}") from None


def _row_shown(floor: Floor, sid: str) -> dict[str, tuple[Any, ...]] | None:
    row = site_rows.conference(floor.site, sid, floor.sids[sid])
    return row.legs if row is not None and row.status != "completed" else None


# --- I5, I6 -----------------------------------------------------------------------------------------------
def nobody_is_dialled_twice(floor: Floor) -> None:
    """I5: dials that the provider may have carried out, against the stays that people asked for."""
    stays = site_rows.dialled(floor.site)
    for sid in floor.sids:
        dials = [ask for ask in floor.journal() if _is_dial(ask, sid) and applied(ask)]
        dialled = [stays.get(dial["params"]["Label"]) for dial in dials]
        assert None not in dialled, f"nobody asked for {dials}"
        assert len(set(dialled)) == len(dialled), f"one stay was dialled more than once: {dials}"


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
        openings = [ask for ask in floor.journal() if leg_of(ask) == leg and says_muted(ask) is False]
        speaking = [wish for wish in wishes if wish.user == user and wish.mode in SUITS]
        assert len(openings) <= len(speaking), f"{len(openings)} openings for {len(speaking)} wishes"


def the_chain_verifies(site: Site) -> None:
    """I9: raises CommandError when it is broken."""
    site.processes.run("verify", "manage.py", "verify_ledger")
