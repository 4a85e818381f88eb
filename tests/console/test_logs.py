"""What a log line may say."""

import logging

import pytest

from console.logs import RedactingFormatter


def line(message: str, *arguments: object, error: BaseException | None = None) -> str:
    information = (type(error), error, None) if error else None
    record = logging.LogRecord("earshot", logging.INFO, "file", 1, message, arguments, information)
    return RedactingFormatter("%(message)s").format(record)


def test_a_number_keeps_its_country_and_its_end() -> None:
    assert line("from %s to %s", "+442079460102", "client:ann") == "from +44 ••• •• 02 to client:ann"


def test_a_number_in_a_query_is_masked_too() -> None:
    assert "7946010" not in line("GET /api/v1/conferences/?q=%2B442079460102")


def test_a_number_in_a_traceback_is_masked_too() -> None:
    assert "7946010" not in line("failed", error=ValueError("+442079460102 does not answer"))


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic QUM6hidden",
        "{'AuthToken': 'hidden'}",
        "password=hidden&login=lead",
        "Cookie: sessionid=hidden; csrftoken=hidden",
        "postgres://earshot:hidden@db/earshot",
    ],
)
def test_a_secret_is_not_said(text: str) -> None:
    assert "hidden" not in line(text)


def test_ids_and_times_stay_readable() -> None:
    text = "CF5d7461516f38903267e067e5c6c4acff at 2026-11-21T12:15:48.123Z took 1234567 ns"
    assert line(text) == text
