"""F18 to F25: what happens on the call itself meanwhile, and what reads may show of it."""

import json
import time
from typing import Any

from tests.outside.provider import PROVIDERS, post
from tests.outside.provider import Story as Told

from . import site_rows
from .between import Exchange
from .floor import leg_of
from .injections import Injection, listening
from .injections_answers import calm
from .story import Story
from .times import LAG_OF_OTHERS_S, LAG_WITHOUT_CALLBACKS_S, SCALE, SLACK_S, SUPERVISED_S, kept

STALE_S = 30.0 * SCALE
SILENT_AFTER_S = 0.3
ENDS_S = SUPERVISED_S + SLACK_S


# --- F18, F19 ---------------------------------------------------------------------------------------------
def agent_goes(story: Story) -> None:
    """While somebody whispers to them."""
    room = listening(story)
    agent, (ours, *_) = room.agents[0], story.ours(room)
    began = story.floor.now()
    how = story.rng.choice(("hold", "leave", "replace"))
    if how == "hold":
        story.act(agent, "set", {"hold": True})
    else:
        story.act(agent, "hangup")
    if how == "replace":
        story.join(room, "agent")
    mute = story.site.wait_for(lambda: _mute_of(story, ours["call_sid"], began), within_s=ENDS_S)
    story.figures["mute after ms"] = round((mute["at"] - began) * 1000)
    told = _told_of(story, agent, began)
    if told is not None:
        kept(mute["at"] - told, SILENT_AFTER_S, "from the callback to the mute on the wire")


def _told_of(story: Story, call_sid: str, since: float) -> float | None:
    """When the provider posted that this leg had gone or was held, if it says such a thing at all."""
    posted = story.sandbox.get("/_sandbox/callbacks")
    about = [row["at"] for row in posted if row["at"] >= since and row["form"].get("CallSid") == call_sid]
    return min(about, default=None)


def _mute_of(story: Story, call_sid: str, since: float) -> dict[str, Any] | None:
    asked = [ask for ask in story.floor.journal() if ask["at"] >= since and leg_of(ask) == call_sid]
    silencing = [ask for ask in asked if ask["params"].get("Muted") == "true" or ask["method"] == "DELETE"]
    return silencing[0] if silencing else None


def unmuted_from_outside(story: Story) -> None:
    if story.rng.random() < 0.5:
        story.sandbox.post("/_sandbox/faults", {"drop": 1.0})
        story.lag_of_others = LAG_WITHOUT_CALLBACKS_S
    else:
        story.lag_of_others = LAG_OF_OTHERS_S
    room = listening(story, "listen")
    # Not every provider tells of it: then reading alone does.
    if not PROVIDERS[room.provider].unsaid.isdisjoint({"Muted"}):
        story.lag_of_others = LAG_WITHOUT_CALLBACKS_S
    began = story.floor.now()
    story.meddle(room, muted=False, coaching=False)
    story.site.wait_for(lambda: not _heard_now(story, room.sid), within_s=ENDS_S)
    story.figures["silent again after ms"] = round((story.floor.now() - began) * 1000)


def _heard_now(story: Story, sid: str) -> bool:
    return any(row["to"] is None for row in story.floor.heard(sid))


def told_again(story: Story) -> None:
    story.sandbox.post("/_sandbox/faults", {"drop": None})


# --- F20, F21 ---------------------------------------------------------------------------------------------
def swap(story: Story) -> None:
    room = story.rng.choice(story.live)
    agent = story.rng.choice(room.agents)
    for verb in story.rng.sample(("listen", "whisper", "barge"), 2):
        story.ask(room, verb)
        story.act(agent, "set", {"hold": story.rng.random() < 0.5})
        time.sleep(story.rng.uniform(0, 0.1))
    story.ask_leg(agent, story.rng.choice(("hold", "resume")))
    if story.rng.random() < 0.5:
        story.act(agent, "hangup")
        story.join(room, "agent")


def end_in_the_middle(story: Story) -> None:
    room = story.rng.choice(story.live)
    story.ask(room, story.rng.choice(("listen", "whisper", "barge")))
    time.sleep(story.rng.uniform(0, 0.5))
    story.ask_leg(story.rng.choice(room.customers + room.agents), "hold")
    if story.rng.random() < 0.5:
        story.act(story.rng.choice(room.customers + room.agents), "hangup")
    else:
        story.end(room)
        story.open_room(room.provider)


def every_command_has_an_end(story: Story) -> None:
    def open_ones() -> list[tuple[Any, ...]]:
        newest = """SELECT i.verb, o.state FROM participants_intervention i JOIN participants_outcome o
            ON o.intervention_id = i.id AND o.position =
            (SELECT max(position) FROM participants_outcome WHERE intervention_id = i.id)
            WHERE o.state IN ('requested', 'accepted')"""
        return site_rows.rows(story.site, newest)

    story.site.wait_for(lambda: not open_ones(), within_s=15 * SCALE + SLACK_S)


# --- F22 --------------------------------------------------------------------------------------------------
def same_names(story: Story) -> None:
    room = story.rng.choice(story.live)
    story.end(room)
    twin = story.open_room(room.provider, name=room.name)
    other = next(one for key, one in PROVIDERS.items() if key != twin.provider)
    told = Told(other)
    told.sid = twin.sid
    told.tell("participant-join", other.call_sid(), "agent-9")
    url = f"{story.site.url}/callbacks/{other.key}/conference/"
    assert post(other, url, told.told[0][1]) in {200, 403}
    story.figures["twins"] = story.figures.get("twins", 0) + 1


def separate_rows(story: Story) -> None:
    """A sid of the other provider's is a conference of its own account, or none."""
    query = """SELECT c.sid, a.provider FROM participants_conference c
        JOIN participants_account a ON a.id = c.account_id WHERE c.sid = ?"""
    for sid, provider in story.floor.sids.items():
        rows = site_rows.rows(story.site, query, sid)
        assert [one for _, one in rows].count(provider) == 1, rows


# --- F23, F24, F25: lists ---------------------------------------------------------------------------------
def stale_lists(story: Story) -> None:
    kept: dict[str, tuple[float, bytes]] = {}

    def age(exchange: Exchange) -> None:
        if not exchange.is_list or exchange.status != 200:
            return
        at, body = kept.setdefault(exchange.path, (time.monotonic(), exchange.body))
        if time.monotonic() - at > STALE_S:
            kept[exchange.path] = (time.monotonic(), exchange.body)
        exchange.body = body

    story.on.between.after = age


def torn_pages(story: Story) -> None:
    """A row is missing in one list of two, another is there twice; the next page may be gone."""
    turns: dict[str, int] = {}

    def tear(exchange: Exchange) -> None:
        if not exchange.is_list or exchange.status != 200:
            return
        body = exchange.json
        rows = body.get("conferences") or body.get("participants")
        turns[exchange.path] = turn = turns.get(exchange.path, 0) + 1
        if rows and turn % 2:
            del rows[story.rng.randrange(len(rows))]
        elif rows:
            rows.append(story.rng.choice(rows))
        exchange.body = json.dumps(body).encode()

    story.on.between.after = tear


def nobody_was_removed(story: Story) -> None:
    """Who is on a call at the provider has not left in any row."""
    query = "SELECT left_at FROM participants_participant WHERE call_sid = ?"
    here = {leg["call_sid"] for room in story.live for leg in story.floor.truth(room.sid)["legs"]}
    gone = [one for one in here if any(left for (left,) in site_rows.rows(story.site, query, one))]
    assert gone == [], "removed by a list"


def no_lists(story: Story) -> None:
    kind = story.rng.choice(("empty", "404", "403"))
    story.figures["lists"] = kind

    def instead(exchange: Exchange) -> bool:
        if not exchange.is_list:
            return False
        if kind == "empty":
            exchange.say({"conferences": [], "participants": [], "next_page_uri": None})
        else:
            exchange.say({"code": 20404, "message": "not found"}, status=int(kind))
        return True

    story.on.between.before = instead


def rows_are_kept(story: Story) -> None:
    for room in story.live:
        row = site_rows.conference(story.site, room.sid, room.provider)
        assert row is None or row.status != "completed", "an empty floor"


INJECTIONS = {
    18: Injection(begin=agent_goes, steps=2),
    19: Injection(begin=unmuted_from_outside, end=told_again, steps=0),
    20: Injection(each=swap, after=every_command_has_an_end, steps=3),
    21: Injection(each=end_in_the_middle, after=every_command_has_an_end, steps=3),
    22: Injection(each=same_names, after=separate_rows, steps=3),
    23: Injection(begin=stale_lists, end=calm()),
    24: Injection(begin=torn_pages, each=nobody_was_removed, end=calm()),
    25: Injection(begin=no_lists, each=rows_are_kept, end=calm()),
}
