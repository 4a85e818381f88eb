"""Whom a dial is meant for: read from one text, or refused."""

import pytest

from participants.targets import NoTarget, matcher, read

APP = "app:AP" + "0" * 32
READ = [
    ("+442079460102", "number", ()),
    ("client:agent-1", "client", ()),
    ("client:maria.l@example.com", "client", ()),
    ("client:agent-1?case=4711&mood=very%20cross", "client", (("case", "4711"), ("mood", "very%20cross"))),
    ("client:agent-1?empty=", "client", (("empty", ""),)),
    (APP, "app", ()),
    (APP + "?case=4711", "app", (("case", "4711"),)),
    ("sip:second@pbx.example.com", "sip", ()),
    ("sips:second.level@pbx.example.com:5061", "sip", ()),
    ("sip:1234@10.0.0.1.example.com;transport=tls", "sip", ()),
    ("sip:second@pbx.example.com;transport=tcp?X-Case=4711", "sip", (("X-Case", "4711"),)),
    ("sip:second@pbx.example.com?User-to-User=abc", "sip", (("User-to-User", "abc"),)),
]
NOBODY = [
    "",
    " ",
    "second level",
    "442079460102",
    "00442079460102",
    "+44 20 7946 0102",
    "+44-20-7946-0102",
    "+44(0)2079460102",
    "+0442079460102",
    "+12345",
    "+1234567890123456",
    "+442079460102x12",
    "+442079460102;ext=12",
    "+442079460102,,12",
    "+442079460102?case=1",
    "tel:+442079460102",
    "+٤٤٢٠٧٩٤٦٠١٠٢",
    "+४४२०७९४६०१०२",
    "＋442079460102",
    "+44207946010２",
    "+442079460102\n",
    "\u200b+442079460102",
    "+442079460102\u200b",
    "1-800-FLOWERS",
    "112",
    "911",
    "*31#+442079460102",
    "#31#",
    "client:",
    "client:agent 1",
    "client:agent-1/../2",
    "client:ag<script>",
    "client:agent-1&x=1",
    "client:agent-1?",
    "client:agent-1?=1",
    "client:agent-1?case",
    "client:agent-1?case=a b",
    "client:agent-1?case=a%0d%0ab",
    "client:agent-1?case=%00",
    "client:agent-1?case=a%7",
    "client:agent-1?case=1&case=2",
    "client:agent-1?case=1&Case=2",
    "client:agent-1?case=" + "x" * 900,
    "CLIENT:agent-1",
    "client:" + "x" * 122,
    "sip:second",
    "sip:@pbx.example.com",
    "sip:second@",
    "sip:second@localhost",
    "sip:a@b@pbx.example.com",
    "sip:second@pbx.example.com;transport=carrier-pigeon",
    "sip:second@pbx.example.com;maddr=evil.example.com",
    "sip:second@pbx.example.com?Via=evil",
    "sip:second@pbx.example.com?X-Case=a%0D%0AVia:evil",
    "sip:second@pbx.example.com?case=1",
    "sip:second@[::1]",
    "app:",
    "app:AP123",
    "app:CA" + "0" * 32,
    "http://example.com",
    "javascript:alert(1)",
]


@pytest.mark.parametrize(("text", "kind", "extra"), READ)
def test_it_knows_who_is_meant_and_what_they_are_told(
    text: str, kind: str, extra: tuple[tuple[str, str], ...]
) -> None:
    target = read(text)
    assert (target.kind, target.extra, target.text) == (kind, extra, text)
    assert target.address == text.partition("?")[0]


@pytest.mark.parametrize("text", NOBODY)
def test_what_could_mean_two_things_or_nobody_is_refused(text: str) -> None:
    with pytest.raises(NoTarget) as refused:
        read(text)
    assert "with its country code" in str(refused.value)
    assert len(text) < 13 or text not in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "address", "meant"),
    [
        ("", "client:lead", False),
        ("client:*", "client:lead", True),
        ("client:agent-*", "client:lead", False),
        ("sip:*@example.com", "sip:second@example.com", True),
        ("sip:*@example.com", "sip:second@example.com.evil.example", False),
        ("sip:*@example.com", "sip:second@pbx.example.com", False),
        ("sip:*@*.example.com", "sip:second@pbx.example.com", True),
        ("client:a\nclient:b", "client:b", True),
        ("client:a.b", "client:axb", False),
    ],
)
def test_an_account_lists_addresses_with_stars(lines: str, address: str, meant: bool) -> None:
    assert matcher(lines)(address) is meant
