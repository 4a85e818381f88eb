"""I1 and I2: who heard a supervisor, against what was wished and what the screen said."""

from . import site_rows
from .floor import Floor, Json, applied, leg_of, says_muted
from .screen import Screen
from .site_rows import Wish
from .times import AFTER_A_MUTE_S, IN_FLIGHT_S, SAME_S

LOUDNESS = {"nobody": 0, "agent": 1, "everyone": 2, "unknown": 2}
CLOCKS_S = 0.05
LATE = {"apply_late"}  # lands when it likes
NEVER = {"answer_not_apply", "html_200", "close", "timeout"}  # whatever was answered, nothing was done


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


def _was_opened(floor: Floor, sid: str, row: Json, wishes: list[Wish], about: list[Json]) -> bool:
    """By the newest request that changed whether this leg is muted, by one that landed late, or by others."""
    until = row["from"] + 0.05
    if _by_others(floor, row):
        return True
    changing = [ask for ask in about if ask["at"] <= until and says_muted(ask) is not None and _landed(ask)]
    openings = [ask for ask in changing[-1:] if says_muted(ask) is False]
    openings += [ask for ask in about if ask["effect"] in LATE and says_muted(ask) is False]
    return any(_meant(floor, sid, row, ask, wishes) for ask in openings)


def _by_others(floor: Floor, row: Json) -> bool:
    return any(leg == row["speaker"] and abs(at - row["from"]) < SAME_S for at, leg in floor.meddled)


def _landed(ask: Json) -> bool:
    return applied(ask) and ask["effect"] not in NEVER


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
    silencing = [ask["at"] for ask in about if says_muted(ask) or ask["method"] == "DELETE"]
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
            others = _by_others(floor, row)
            start = row["from"] + (lag_of_others if others else lag)
            until = row["to"] if row["to"] is not None else floor.now()
            needed = 1 if floor.people[row["listener"]] == "agent" else 2
            for began, ended, said in screen.said(start, until):
                if LOUDNESS[said["worst"]] < needed and ended - began > CLOCKS_S:
                    wrong.append(f"{said['code']} for {ended - began:.2f} s while a {row['listener']} heard")
    assert wrong == [], "\n".join(wrong)
