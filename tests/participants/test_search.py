"""Calls are found by name or number; a number is never told to those who may not see it."""

import pytest

from participants.access import is_number, matching
from participants.models import Conference
from tests.factories import make_agent, make_call, make_participant

pytestmark = pytest.mark.django_db


def found(text: str, *, numbers: bool = False) -> list[str | None]:
    rows = matching(Conference.objects.all(), text, numbers=numbers)
    return sorted(rows.values_list("friendly_name", flat=True))


@pytest.fixture(autouse=True)
def calls() -> None:
    make_call("billing-1041", agent=make_agent("Ann Okafor"))[2].delete()
    make_participant(Conference.objects.get(friendly_name="billing-1041"), address="+442079460102")
    make_call("From +44 7700 900044")


@pytest.mark.parametrize("text", ["billing", "BILLING-1041", "1041", "okafor"])
def test_a_call_is_found_by_its_name_and_its_agent(text: str) -> None:
    assert found(text) == ["billing-1041"]


def test_a_call_is_found_by_its_sid_and_by_a_persons() -> None:
    conference = Conference.objects.get(friendly_name="billing-1041")
    assert found(conference.sid) == found(conference.participants.all()[0].call_sid) == ["billing-1041"]
    assert found(conference.sid[:-1]) == []


@pytest.mark.parametrize("text", ["+442079460102", "020 7946 0102", "0044 20 7946 0102"])
@pytest.mark.parametrize("numbers", [True, False])
def test_a_whole_number_finds_its_call_however_it_is_written(text: str, numbers: bool) -> None:
    assert "billing-1041" in found(text, numbers=numbers)


def test_the_last_four_digits_find_a_call() -> None:
    assert "billing-1041" in found("0102")


@pytest.mark.parametrize("text", ["7946", "79460", "46010", "2079460", "+4420", "44207946"])
def test_other_digits_find_it_only_for_those_who_see_numbers(text: str) -> None:
    assert "billing-1041" not in found(text)
    assert "billing-1041" in found(text, numbers=True)


@pytest.mark.parametrize("text", ["7700", "+44 77", "9000", "from +44"])
def test_a_number_in_a_name_cannot_be_guessed_digit_by_digit(text: str) -> None:
    assert "From +44 7700 900044" not in found(text)
    assert "From +44 7700 900044" in found(text, numbers=True)


def test_four_digits_are_a_number_and_a_name_with_digits_is_not() -> None:
    assert is_number("0102") and is_number("+44 (20) 7946-0102")
    assert not is_number("102") and not is_number("billing-1041")
