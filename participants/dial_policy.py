"""What an account lets people dial. Pure: the rows are read by who asks.

Money is lost by calls to numbers that somebody earns on: premium, satellite, shared cost, personal. So
a number is dialled only where the library of numbers knows what it is, and its country is allowed.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from .targets import Target

# What somebody other than the called person earns on, or what nobody picks up.
BLOCKED = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)
NOWHERE = "001"  # the region of codes that belong to no country: satellites, networks, worldwide premium
# Numbers that lead nowhere: those that regulators keep for plays and films, and the providers' for tests. The
# library rightly knows nobody behind them; demos and tests dial them.
RESERVED = (
    (re.compile(r"\+447700900[0-9]{3}"), "GB"),
    (re.compile(r"\+442079460[0-9]{3}"), "GB"),
    (re.compile(r"\+150055500[0-9]{2}"), "US"),
    (re.compile(r"\+1555[2-9][0-9]{6}"), "US"),  # no such area code: the examples of manuals
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`kinds`: of addresses that the provider documents. `known`: whether one is that of an agent or of a
    saved destination. `listed`: whether the account allows it.
    """

    countries: frozenset[str]
    kinds: frozenset[str]
    known: Callable[[str], bool]
    listed: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Refusal:
    """`why` is the catalogue's word; `country` is filled in where it is about one."""

    why: str
    country: str = ""


def countries(text: str, *, caller_id: str) -> frozenset[str]:
    """Of the account's field; empty: the country whose number the called person sees."""
    return frozenset(text.upper().replace(",", " ").split()) or frozenset({country_of(caller_id) or ""})


def country_of(number: str) -> str | None:
    """Two letters, or None where nobody knows: no number, no such number, or one of no country."""
    parsed = _parsed(number)
    return _country(number, parsed) if parsed is not None else None


def refusal(target: Target, policy: Policy) -> Refusal | None:
    """Why this must not be dialled; None when it may be."""
    if target.kind == "number":
        return number_refusal(target.address, policy.countries)
    if policy.known(target.address):
        return None
    if target.kind not in policy.kinds:
        return Refusal("dial_kind")
    return None if policy.listed(target.address) else Refusal("dial_address")


def number_refusal(number: str, allowed: frozenset[str]) -> Refusal | None:
    parsed = _parsed(number)
    if parsed is None:
        return Refusal("dial_incomplete")
    if phonenumbers.region_code_for_country_code(parsed.country_code or 0) == NOWHERE:
        return Refusal("dial_number")
    if not _is_reserved(number) and phonenumbers.number_type(parsed) in BLOCKED:
        return Refusal("dial_number")
    country = _country(number, parsed)
    if country is None:
        return Refusal("dial_incomplete")
    return None if country in allowed else Refusal("dial_country", country)


def _parsed(number: str) -> PhoneNumber | None:
    """None for what is not a whole number, or not written as it would be dialled."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    whole = phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    return parsed if whole and written else None


def _is_reserved(number: str) -> bool:
    return any(pattern.fullmatch(number) for pattern, _ in RESERVED)


def _country(number: str, parsed: PhoneNumber) -> str | None:
    reserved = next((country for pattern, country in RESERVED if pattern.fullmatch(number)), None)
    return reserved or phonenumbers.region_code_for_number(parsed)
