"""What the search boxes find: people and calls by words, phones by their number, rows by their exact id."""

import re
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.db.models import Model, Q

NUMBER = re.compile(r"[+\d\s()./-]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The columns of a list, as paths from its model: `words` by any part, `numbers`, and `exact` ids."""

    words: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()

    def condition(self, model: type[Model], term: str, *, in_full: bool) -> Q:
        """The rows that match. Without `in_full` no number can be guessed digit by digit.

        Every path is a query of its own: joined in one they would multiply the rows.
        """
        term = term.strip()
        found = [_rows(model, Q(**{f"{path}__iexact": term})) for path in self.exact]
        digits = number_in(term)
        if digits:
            found += [_rows(model, _number(path, digits, in_full=in_full)) for path in self.numbers]
        if self.words:
            every_word = [
                reduce(or_, (_rows(model, _word(path, word, in_full=in_full)) for path in self.words))
                for word in term.split()
            ]
            found.append(reduce(and_, every_word, Q()))
        return reduce(or_, found)


def number_in(term: str) -> str:
    """The digits of a text that is nothing but a phone number or its end, without 00 for +; else empty."""
    if not NUMBER.fullmatch(term.strip()):
        return ""
    digits = re.sub(r"\D", "", term).removeprefix("00")
    return digits if len(digits) >= 4 else ""


def _rows(model: type[Model], condition: Q) -> Q:
    return Q(pk__in=model._default_manager.filter(condition).order_by().values("pk"))


def _number(path: str, digits: str, *, in_full: bool) -> Q:
    if in_full or len(digits) == 4:
        return Q(**{f"{path}__endswith": digits})
    return Q(**{f"{path}__in": [digits, f"+{digits}"]})


def _word(path: str, word: str, *, in_full: bool) -> Q:
    digits = len(re.findall(r"\d", word))
    if in_full or not digits:
        return Q(**{f"{path}__icontains": word})
    return Q(**{f"{path}__iendswith" if digits <= 4 else f"{path}__iexact": word})
