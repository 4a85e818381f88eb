"""The catalogue: every reason has a sentence, and every name in it is filled."""

import ast
from pathlib import Path
from string import Formatter

import pytest

from participants import access, access_facts, access_reasons, words
from participants.providers import PROVIDERS

ROOT = Path(access.__file__).parent
EVENTS = {"completed", "busy", "failed", "canceled"}
SPOKEN_BY_ACCESS = ("access.py", "access_facts.py")


def names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def returned_codes() -> set[str]:
    """What the checks answer with: the texts in every function that returns one, or a list of them."""
    checks = [
        node
        for file in SPOKEN_BY_ACCESS
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.FunctionDef) and ast.unparse(node.returns or node) in {"str", "list[str]"}
    ]
    texts = {
        node.value
        for check in checks
        for node in ast.walk(check)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier()
    }
    compared = {*access.RIGHT_FOR, "leave", "agent", "supervisor", "see_all", *EVENTS}
    return texts - compared


def test_every_code_that_access_returns_has_a_sentence() -> None:
    codes = returned_codes()
    assert {"gone", "no_agent", "choose_agent", "own_leg", "unresolved", "not_on_call"} <= codes
    assert codes <= set(words.BLOCKED), codes - set(words.BLOCKED)


@pytest.mark.parametrize("code", words.BLOCKED)
def test_every_name_in_a_reason_can_be_filled(code: str) -> None:
    assert names(words.BLOCKED[code]) <= set(access_reasons.FILL)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_refusal_that_a_provider_is_known_for_has_a_sentence_that_can_be_filled(name: str) -> None:
    assert PROVIDERS[name].refusals, "a third one starts with its codes"
    for code, reason in PROVIDERS[name].refusals.items():
        assert names(words.SENTENCES[reason]) <= set(access_reasons.FILL), f"{code} {reason}"


def test_every_sentence_of_a_refusal_is_some_provider_s_or_told_by_us() -> None:
    used = {reason for kind in PROVIDERS.values() for reason in kind.refusals.values()}
    assert set(words.REFUSALS) - used == {"left_first"}


@pytest.mark.parametrize("code", words.SENTENCES)
def test_a_sentence_is_one(code: str) -> None:
    sentence = words.SENTENCES[code]
    assert sentence[-1] in ".?" and (sentence[0].isupper() or sentence[0] == "{")


def test_a_code_has_one_sentence_only() -> None:
    parts = (words.BLOCKED, words.RING, words.ANSWERS, words.REFUSALS, words.DIALLING, words.ASKED)
    assert sum(map(len, parts)) == len(words.SENTENCES)


def test_every_verb_that_needs_a_right_says_which() -> None:
    for right in set(access.RIGHT_FOR.values()):
        button, deed = words.RIGHTS[right]
        assert button and deed


def test_every_verb_that_can_be_done_already_says_how() -> None:
    recording = ("recording/start", "recording/pause", "recording/resume")
    for verb in ("whisper", "barge", "mute", "unmute", "hold", "resume", *recording):
        assert words.say("already", state=words.ALREADY[verb]).startswith("Already ")


def test_the_checks_know_every_verb() -> None:
    # Of what is over no fact of the call forbids anything; and one right is for many verbs.
    unchecked = {"record", "recording/delete", "recording/play"}
    assert {*access_facts.CHECKS, *access_facts.LEG_CHECKS, *unchecked, "leave"} == {
        *access.RIGHT_FOR,
        "leave",
        "refresh",
        "update",
    }
