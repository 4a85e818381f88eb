"""Phone numbers never show to people who may not see them, however they are written."""

import pytest

from participants.access import mask, mask_text, masked, phone_allowed

WRITTEN = [
    "+442079460102",
    "+44 20 7946 0102",
    "+44 (0)20 7946-0102",
    "00442079460102",
    "020 7946 0102",
    "020.7946.0102",
    "(020) 7946/0102",
    "44_2079_460102",
    "+44\u00a020\u00a07946\u00a00102",
    "+44\u200b2079\u200b460102",
    "+44‑20‑7946‑0102",
    "＋442079460102",
    "tel:+442079460102",
    "sip:+442079460102@sip.example.com",
    "%2B442079460102",
    "٠٢٠٧٩٤٦٠١٠٢",
    "room442079460102x",
    "7946 0102",
]


@pytest.mark.parametrize("number", WRITTEN)
@pytest.mark.parametrize("around", ["{}", "Call with {} on Monday", "queue-{}", "<{}>", "{},{}"])
def test_it_masks_a_number_in_any_text(number: str, around: str) -> None:
    hidden = mask_text(around.replace("{}", number))
    digits = "".join(str(int(sign)) for sign in hidden if sign.isdigit())
    assert "79460" not in digits and "7946" not in digits
    assert "••• •• 02" in hidden


@pytest.mark.parametrize(
    "number, shown",
    [
        ("+442079460102", "+44 ••• •• 02"),
        ("+12025550143", "+1 ••• •• 43"),
        ("+447700900044", "+44 ••• •• 44"),
        ("sip:+12025550143@example.com", "sip:+1 ••• •• 43@example.com"),
        ("12345", "•••••"),
        ("client:agent-1", "client:agent-1"),
        ("client:442079460102", "client:442079460102"),
        ("sip:maria@example.com", "sip:maria@example.com"),
        ("anonymous", "anonymous"),
    ],
)
def test_it_shows_the_country_and_the_last_two_digits_of_an_address(number: str, shown: str) -> None:
    assert mask(number) == shown


@pytest.mark.parametrize(
    "text",
    [
        "billing-1041",
        "CA5ef8732a3c49700934481addd5ce1659",
        "WT00000000000000000000000000000001",
        "2f5c1e4a-9b7d-4e21-8c3f-1234567890ab",
        "2026-11-21T10:15:04.123Z",
        "This call ended at 14:32:10.",
        "Joost was on hold for 3:40",
        "agent-24",
    ],
)
def test_it_leaves_what_is_no_number(text: str) -> None:
    assert mask_text(text) == text


def test_it_masks_every_field_of_an_answer_but_its_ids() -> None:
    number = "+442079460102"
    answer = {
        "id": "442079460102",
        "call_sid": "v3:442079460102",
        "name": number,
        "version": 442079460102,
        "agent": {"id": "1", "name": number},
        "participants": [
            {"label": number, "address": "12345", "muted": None, "as_of": "2026-11-21T10:15:04.123Z"}
        ],
    }
    assert masked(answer) == {
        "id": "442079460102",
        "call_sid": "v3:442079460102",
        "name": "+44 ••• •• 02",
        "version": 442079460102,
        "agent": {"id": "1", "name": "+44 ••• •• 02"},
        "participants": [
            {"label": "+44 ••• •• 02", "address": "•••••", "muted": None, "as_of": "2026-11-21T10:15:04.123Z"}
        ],
    }


@pytest.mark.parametrize(
    "address", ["+442079460102", "+12025550100", "+447700900044", "client:lead", "sip:maria@example.com"]
)
def test_a_full_number_and_a_named_phone_may_be_rung(address: str) -> None:
    assert phone_allowed(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "+44",
        "12345",
        "02079460102",
        "+44 20 7946 0102",
        "+4420794601020000",
        "+٤٤٢٠٧٩٤٦٠١٠٢",
        "+999123456789",
        "client:",
        "client:a b",
        "client:a&b=c",
        "sip:",
        "sip:a@b;c=d",
        "app:anything",
        "https://example.com",
        "+442079460102\n",
    ],
)
def test_anything_else_may_not_be_rung(address: str) -> None:
    assert not phone_allowed(address)
