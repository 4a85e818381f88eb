"""CSV of what a list shows, and the line that says whether the chain is unbroken."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse

from participants import ledger, ledger_triggers
from participants.admin import exporting
from participants.models import Conference, Intervention, LedgerHead
from tests.admin_floor import CONFIGURATION, RECORDS, Floor, list_of, make_auditor, make_floor
from tests.factories import make_conference, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def floor() -> Floor:
    return make_floor()


@pytest.fixture
def auditor(client: Client) -> User:
    user = make_auditor()
    client.force_login(user)
    return user


def exported(client: Client, model: str, query: str = "") -> list[list[str]]:
    answer = client.post(f"{list_of(model)}export/{query}")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize("model", [*RECORDS, *CONFIGURATION])
def test_every_list_can_be_exported(client: Client, auditor: User, floor: Floor, model: str) -> None:
    heading, *rows = exported(client, model)
    assert rows
    assert all(len(row) == len(heading) for row in rows)
    assert not any("<" in cell for row in rows for cell in row)


def test_an_export_holds_the_filtered_list_masked(client: Client, auditor: User, floor: Floor) -> None:
    make_conference("returns-2011", team=floor.team)
    _, *rows = exported(client, "conference", "?q=billing")
    assert len(rows) == 1
    assert "Ann Okafor" in rows[0]
    assert "'+44 ••• •• 02" in rows[0]
    assert "Rosa Haas: listened, whispered" in rows[0]


def test_an_export_is_recorded(client: Client, auditor: User, floor: Floor) -> None:
    exported(client, "conference", "?q=billing")
    done = Intervention.objects.get(verb="export")
    assert (done.user, done.parameters) == (auditor, {"list": "calls", "query": "q=billing", "rows": 1})
    assert done.outcomes.last().state == "confirmed"


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(client: Client, auditor: User, floor: Floor, formula: str) -> None:
    Conference.objects.update(friendly_name=formula)
    answer = client.post(f"{list_of('conference')}export/").content.decode()
    assert f'"\'{formula}"' in answer.replace("\r\n", "\n")


def test_a_list_that_is_too_long_is_not_exported(
    client: Client, auditor: User, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "MOST_ROWS", 1)
    answer = client.post(f"{list_of('participant')}export/", follow=True)
    assert "rows are too many for one file" in answer.content.decode()
    assert not Intervention.objects.filter(verb="export").exists()


def test_an_export_is_a_post_by_somebody_who_may_read(client: Client, auditor: User, floor: Floor) -> None:
    assert client.get(list_of("conference") + "export/").status_code == 405
    client.force_login(make_user("staff", is_staff=True))
    assert client.post(list_of("conference") + "export/").status_code == 403


@pytest.mark.parametrize("model", ["conference", "intervention"])
def test_the_line_on_top_says_that_the_chain_is_unbroken(
    client: Client, auditor: User, floor: Floor, model: str
) -> None:
    page = client.get(list_of(model)).content.decode()
    assert "Chain checked" in page
    assert "3 rows, unbroken" in page


def test_the_line_on_top_says_where_the_chain_is_broken(client: Client, auditor: User, floor: Floor) -> None:
    with ledger_triggers.lifted(connection):
        Intervention.objects.update(reason="nothing")
    page = client.get(list_of("intervention")).content.decode()
    assert "Broken at row 1 (" in page
    assert "Rosa Haas, whisper): the row was changed" in page
    assert "CHANGED" in page


def test_a_long_chain_is_checked_when_somebody_asks(
    client: Client, auditor: User, floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "SHORT", 1)
    assert "Chain checked" not in client.get(list_of("intervention")).content.decode()
    answer = client.post(reverse("admin:participants_check_the_chain"), follow=True)
    assert "The chain was checked: 3 rows, unbroken." in answer.content.decode()
    assert LedgerHead.objects.get().checked_rows == 3
    assert client.get(reverse("admin:participants_check_the_chain")).status_code == 405
