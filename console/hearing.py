"""Who hears whom on one call, computed here and only printed by the page."""

from collections.abc import Iterable, Sequence

from participants.audibility import Voice, hears

from .display import Json, Reader, own_stay, person_name, say

MOST_IN_A_TABLE = 4
LOOKS = {True: ("yes", "ear"), False: ("no", "ear-off"), None: ("unknown", "circle-question-mark")}


def hears_json(conference: Json, reader: Reader) -> Json:
    """{"people": [{"id", "name"}], "hears": {speaker's id: {listener's id: true, false or null}}}."""
    people = [person for person in conference["participants"] if person["status"] == "connected"]
    ids = {person["call_sid"]: person["id"] for person in people}
    heard = hears([_voice(person) for person in people], mixing=conference["status"] == "in-progress")
    return {
        "people": [{"id": one["id"], "name": person_name(conference, one, reader)} for one in people],
        "hears": {
            ids[speaker]: {ids[listener]: value for listener, value in listeners.items()}
            for speaker, listeners in heard.items()
        },
    }


def _voice(person: Json) -> Voice:
    return Voice(
        call_sid=person["call_sid"],
        connected=True,
        muted=person["muted"],
        hold=person["hold"],
        coaching=person["coaching"],
        target=person["coaching_call_sid"],
        role=person["role"],
    )


def matrix(conference: Json, reader: Reader) -> Json:
    """Who hears whom: a table for up to four people, sentences for more."""
    facts = hears_json(conference, reader)
    people, heard = facts["people"], facts["hears"]
    stay = own_stay(conference, reader)
    mine = stay["participant"] if stay else None
    if not people:
        return {"nobody": say("nobody_here")}
    if len(people) > MOST_IN_A_TABLE:
        return {"sentences": [_heard_by(one, people, heard[one["id"]]) for one in people]}
    return {
        "names": [_short(conference, one) for one in people],
        "table": [
            {
                "name": _short(conference, speaker),
                "cells": [_cell(speaker, listener, heard, mine) for listener in people],
            }
            for speaker in people
        ],
    }


def _short(conference: Json, named_: Json) -> str:
    person = next(one for one in conference["participants"] if one["id"] == named_["id"])
    return say("role.customer") if person["role"] == "customer" else named_["name"].split(" ")[0]


def _cell(speaker: Json, listener: Json, heard: Json, mine: str | None) -> Json | None:
    if speaker["id"] == listener["id"]:
        return None
    value = heard[speaker["id"]][listener["id"]]
    look, icon = LOOKS[value]
    side = {speaker["id"]: ".you_speak", listener["id"]: ".you_listen"}.get(mine or "", "")
    text = say(f"hears.{look}{side}", speaker=speaker["name"], listener=listener["name"])
    every = all(one is True for one in heard[speaker["id"]].values())
    loud = ("all" if every else "agent") if speaker["id"] == mine and value else ""
    return {"hears": look, "icon": icon, "text": text, "mine": loud}


def _heard_by(speaker: Json, people: Sequence[Json], heard: Json) -> str:
    others = [one for one in people if one["id"] != speaker["id"]]
    sure = _names((one for one in others if heard[one["id"]] is True), len(others))
    unsure = ", ".join(one["name"] for one in others if heard[one["id"]] is None)
    text = say("heard_by" if sure else "heard_by_nobody", speaker=speaker["name"], listeners=sure)
    return f"{text} {say('heard_perhaps', listeners=unsure)}" if unsure else text


def _names(people: Iterable[Json], everybody: int) -> str:
    names = [one["name"] for one in people]
    return say("everyone") if names and len(names) == everybody else ", ".join(names)
