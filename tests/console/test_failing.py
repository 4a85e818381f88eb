"""A database that is away is told as 503, wherever it was asked."""

import pytest
from django.db import OperationalError
from django.test import Client

PLACES = {"/api/v1/conferences/": "application/json", "/": "text/html; charset=utf-8"}


@pytest.mark.parametrize(("path", "kind"), PLACES.items())
def test_a_database_that_is_away_is_503_also_when_it_is_asked_who_somebody_is(
    path: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("the connection was ended")

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", away)
    client = Client(raise_request_exception=False)
    answer = client.get(path)
    assert (answer.status_code, answer["Retry-After"], answer["Content-Type"]) == (503, "1", kind)


def test_what_else_fails_stays_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", broken)
    assert Client(raise_request_exception=False).get("/").status_code == 500
