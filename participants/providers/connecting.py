"""What connects an account: the steps in words, and what is pasted of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that is pasted. `wrong` says what it should look like; `several`: words between spaces."""

    label: str
    hint: str
    pattern: str
    wrong: str
    several: bool = False

    def fault(self, text: str) -> str:
        """Empty when it has the shape of what is asked for."""
        words = text.split() if self.several else [text]
        right = bool(words) and all(re.fullmatch(self.pattern, word, re.ASCII) for word in words)
        return "" if right else self.wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Connecting:
    """`entries`: field of the account -> what is pasted there, in the order of the form."""

    steps: tuple[str, ...]
    entries: Mapping[str, Entry]


# No provider says how its secrets look, so that it may change them: one word that can be sent.
ONE_WORD = r"[!-~]{8,200}"
CALLER = r"(\+[1-9][0-9]{6,14}|client:[!-~]{1,200}|sip:[!-~]{1,200})"
CALLER_ID = Entry(
    label="Caller id",
    hint="What people see when Earshot calls: one of the account’s numbers, as in +12025550100.",
    pattern=CALLER,
    wrong="Write it with country code and without spaces, as in +12025550100.",
)
