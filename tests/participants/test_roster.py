"""Agents as CSV: mistakes by line and column, all or nothing, and no formula for a spreadsheet."""

from typing import Any

import pytest

from participants.models import Agent, AgentAddress
from participants.services import roster
from participants.services.enrolling import enrol
from tests.factories import make_agent, make_call, make_supervisor, make_team

pytestmark = pytest.mark.django_db
HEAD = "name,team,label,addresses\n"


def faults(text: str | bytes) -> list[str]:
    read = roster.read(text if isinstance(text, bytes) else text.encode())
    return [f"{fault.line} {fault.column}: {fault.text}".replace(" :", ":") for fault in read.faults]


@pytest.fixture(autouse=True)
def teams(db: None) -> None:
    make_team("Billing")
    make_team("Returns")


def test_every_mistake_is_named_with_line_and_column() -> None:
    owner = make_agent("Ben Archer", addresses=("client:ben",))
    told = faults(
        HEAD
        + ",Billing,a,\n"  # 2
        + "Ann,Biling,b,\n"
        + "Cy,Billing,c/d,\n"
        + "Di,Billing,e,12 | client:ben\n"  # 5
        + "Ed,Billing,f,client:x | client:x\n"
        + "Flo,Billing,f,client:x\n"
    )
    assert told == [
        "2 name: A name has 1 to 120 characters.",
        "3 team: “Biling” is no team. The teams are: Billing, Returns.",
        "4 label: A label has at most 128 characters, and no slash.",
        "5 addresses: “12” is no phone: write it as +442079460102, client:… or sip:….",
        f"5 addresses: “client:ben” belongs to {owner.name} already.",
        "6 addresses: “client:x” stands in line 6 already.",
        "7 label: “f” stands in line 6 already.",
        "7 addresses: “client:x” stands in line 6 already.",
    ]


@pytest.mark.parametrize(
    "text, told",
    [
        ("", "1: The first line must name the columns name, team, label, addresses."),
        ("name,team\n", "1: The first line must name the columns name, team, label, addresses."),
        (HEAD + "Ann,Billing\n", "2: It has 2 cells, not 4."),
        (HEAD + 'Ann,Billing,"a\n', "2: It is no CSV: unexpected end of data."),
        (b"\xff\xfe", "1: The file is not UTF-8. Save it as “CSV UTF-8”."),
        (b"x" * (roster.LIMIT + 1), "1: The file has more than 1 MB."),
    ],
)
def test_what_is_no_table_is_told(text: str | bytes, told: str) -> None:
    assert faults(text) == [told]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + HEAD + "Ann,Billing,a,client:ann\n",
        HEAD.replace(",", ";") + "Ann;Billing;a;client:ann\r\n\r\n",
    ],
)
def test_spreadsheets_write_it_in_their_own_ways(text: str) -> None:
    [row] = roster.read(text.encode()).rows
    assert (row.name, row.team.name, row.label, row.addresses) == ("Ann", "Billing", "a", ["client:ann"])


def test_what_is_written_can_be_read_again_and_changes_nothing() -> None:
    make_agent("=cmd|' /C calc'!A0", label="-agent", addresses=("+442079460102", "client:ann"))
    make_agent("Ben Archer", addresses=("sip:ben@example.com",))
    agents = Agent.objects.prefetch_related("addresses").select_related("team")
    for numbers in (True, False):
        text = roster.written(agents, numbers=numbers)
        assert "\"'=cmd" in text and '"\'-agent"' in text
        assert ("+442079460102" in text) == numbers
        read = roster.read(text.encode())
        assert (read.faults, read.new, read.changed, read.same) == ([], [], [], 2)


def test_a_person_is_known_by_the_label_else_by_the_name() -> None:
    ann = make_agent("Ann Okafor", label="agent-1", team=make_team("Billing"), addresses=("client:a",))
    ben = make_agent("Ben Archer", team=make_team("Billing"))
    read = roster.read(
        (HEAD + "Ann Lindqvist,Returns,agent-1,client:b\nBen Archer,Billing,,\nNew,Billing,,\n").encode()
    )
    assert [row.agent for row in read.rows] == [ann, ben, None]
    assert read.changed[0].changes == [
        "name: Ann Okafor → Ann Lindqvist",
        "team: Billing → Returns",
        "addresses: 1 more, 1 fewer",
    ]


def test_all_is_saved_or_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    admin = make_supervisor("admin", group="Administrator")
    read = roster.read((HEAD + "Ann,Billing,a,client:a\nBen,Billing,b,client:b\n").encode())
    AgentAddress.objects.create(agent=make_agent("Thief"), address="client:b")  # since the file was read
    with pytest.raises(Exception):  # noqa: B017 (each database has its own)
        enrol(admin, read)
    assert not Agent.objects.filter(name="Ann").exists()


@pytest.mark.parametrize("header", ["label", "address"])
def test_calls_that_go_on_follow_what_was_entered(
    header: str, django_capture_on_commit_callbacks: Any
) -> None:
    admin = make_supervisor("admin", group="Administrator")
    _, _, customer = make_call(agent=make_agent("Ben Archer"))
    customer.label, customer.address = ("agent-9", None) if header == "label" else (None, "client:nine")
    customer.save()
    with django_capture_on_commit_callbacks(execute=True):
        enrol(admin, roster.read((HEAD + "Nine,Billing,agent-9,client:nine\n").encode()))
    customer.refresh_from_db()
    assert (customer.role, customer.agent.name) == ("agent", "Nine")
    assert customer.conference.version == 2


def test_a_new_name_shows_on_the_calls_that_go_on(django_capture_on_commit_callbacks: Any) -> None:
    agent = make_agent("Ann Okafor", team=make_team("Billing"), label="agent-1", addresses=("client:a",))
    conference, _, _ = make_call(agent=agent)
    with django_capture_on_commit_callbacks(execute=True):
        text = HEAD + "Ann Lindqvist,Billing,agent-1,client:a\n"
        enrol(make_supervisor("admin", group="Administrator"), roster.read(text.encode()))
    before = conference.version
    conference.refresh_from_db()
    assert conference.version > before
