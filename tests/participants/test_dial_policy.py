"""Two hundred numbers, and which of them an account dials: what is not known to be harmless is refused."""

import re

import pytest

from participants import targets
from participants.dial_policy import Policy, countries, number_refusal, refusal
from participants.targets import NoTarget, matcher

HERE = frozenset({"GB", "US"})


def numbers(text: str) -> list[str]:
    return re.findall(r"\S+", text)


ALLOWED = numbers("""
+442079460102 +442079460000 +442079460999 +447700900000 +447700900131 +447700900999 +12025550100
+12025550143 +12025550199 +15005550001 +15005550010 +15005550013 +441612345678 +441312345678 +442012345678
+447400123456 +15558675310 +448001111111 +443331234567 +12125551234 +14155552671 +18005551234 +18885551234
""")
SATELLITES_AND_NETWORKS = numbers("""
+870773123456 +870776123456 +881612345678 +881712345678 +881812345678 +881912345678 +882161234567
+88213123456 +882341234567 +882991234567 +8835100012345 +883510012345678 +883130123456 +878101234567890
+888123456789 +991123456789 +979123456789 +979912345678 +8001234567890 +80012345678 +80812345678
+80898765432
""")
PREMIUM_AND_THEIR_LIKE = numbers("""
+449098765432 +449011234567 +449111234567 +449811234567 +448712345678 +448731234567 +448431234567
+448441234567 +448451234567 +448701234567 +447012345678 +447070123456 +447640123456 +447699123456
+19005551234 +19002345678 +19765551234 +15002345678 +15212345678 +15332345678 +15442345678 +15662345678
+15772345678 +15882345678 +15005560010 +33899123456 +33892123456 +33810123456 +491805123456 +49137123456
+499001123456 +49700123456 +39899123456 +39892123 +34803123456 +34806123456 +34807123456 +34905123456
+34901123456 +41900123456 +41901123456 +41906123456 +41840123456 +43900123456 +43930123456 +43810123456
+31900123456 +3290012345 +3590012345 +35370012345 +3531520123456 +3531590123456 +611900123456 +61190123456
+6190123456 +64900123456 +81990123456 +12684641234 +4790012 +46900123456 +4690012345 +48701234567
+48703123456 +48801234567 +420900123456 +420906123456 +36901234567 +3690123456 +40900123456 +7809123456
+78091234567 +5590012345 +5530012345678 +27862123456 +91186012345678 +8520012345 +82060123456
+972190012345 +90900123456 +902161234567 +905551234567
""")
ELSEWHERE = numbers("""
+5312345678 +5352123456 +37060112345 +37125912345 +3725123456 +35568123456 +38761123456 +38344123456
+21612345678 +213551234567 +212612345678 +2203012345 +22177123456 +23222123456 +231770123456
+2252123456789 +23561234567 +22790123456 +243812345678 +252612345678 +25377831234 +26134123456 +2692812345
+2637123456789 +960771234567 +67071234567 +6755123456 +6765123456 +67715512 +678591234 +6797012345
+685721234 +687751234 +68878012 +6902345 +6743456789 +6839123456 +68663012345 +692456789 +6919212345
+24991123456 +963931234567 +9647912345678 +989121234567 +93701234567 +855912345678 +95921234567
+8562012345678 +5926091234 +5097412345 +18762345678 +18092345678 +18292345678 +12842345678 +12642345678
+16492345678 +14734061234 +17672345678 +17582345678 +17842345678 +18682345678 +18692345678 +16642345678
+14412345678 +13452345678 +12682345678 +12462345678 +12422345678 +17212345678 +14162345678 +447624123456
+447781123456 +447797123456 +49301234567 +4915112345678 +33123456789 +390612345678 +34912345678
+41441234567 +436641234567
""")
NOT_WHOLE = numbers("""
+1911 +44999 +44112 +112 +49110 +33112 +1411 +1611 +44118118 +118500 +4411 +1202555 +120255501000
+44207946010 +4420794601020 +4402079460102 +447700 +44770090 +499 +1 +44 +390123 +19115551234 +12015550
+10005551234 +11234567890 +44207946
""")
REFUSED = [*SATELLITES_AND_NETWORKS, *PREMIUM_AND_THEIR_LIKE, *ELSEWHERE, *NOT_WHOLE]


def policy(**changes: object) -> Policy:
    given = {"countries": HERE, "kinds": frozenset({"number", "client", "sip", "app"})}
    return Policy(**{**given, "known": matcher("client:agent-1"), "listed": matcher(""), **changes})  # type: ignore[arg-type]


def why(text: str, **changes: object) -> str:
    """What keeps this from being dialled; empty: nothing."""
    try:
        target = targets.read(text)
    except NoTarget:
        return "unreadable"
    refused = refusal(target, policy(**changes))
    return refused.why if refused else ""


def test_it_is_two_hundred_numbers() -> None:
    assert len({*ALLOWED, *REFUSED}) == len([*ALLOWED, *REFUSED]) >= 200


@pytest.mark.parametrize("number", ALLOWED)
def test_a_number_of_an_allowed_country_is_dialled(number: str) -> None:
    assert why(number) == ""
    assert why(number, countries=frozenset({"DE"})) == "dial_country"


@pytest.mark.parametrize("number", REFUSED)
def test_every_other_number_is_refused(number: str) -> None:
    assert why(number)


@pytest.mark.parametrize("number", [*SATELLITES_AND_NETWORKS, *PREMIUM_AND_THEIR_LIKE])
def test_where_somebody_earns_on_it_no_country_helps(number: str) -> None:
    everywhere = frozenset({"GB", "US", "FR", "CU", "001", "ZZ", ""})
    assert why(number, countries=everywhere)


@pytest.mark.parametrize(
    ("number", "country"), [("+5352123456", "CU"), ("+18762345678", "JM"), ("+4915112345678", "DE")]
)
def test_a_refused_country_is_named_and_can_be_allowed(number: str, country: str) -> None:
    refused = number_refusal(number, HERE)
    assert refused is not None and (refused.why, refused.country) == ("dial_country", country)
    assert number_refusal(number, HERE | {country}) is None


@pytest.mark.parametrize(
    ("field", "caller_id", "meant"),
    [
        ("GB US", "+12025550100", {"GB", "US"}),
        ("gb, us", "+12025550100", {"GB", "US"}),
        ("", "+12025550100", {"US"}),
        ("", "+442079460100", {"GB"}),
        ("", "client:somebody", {""}),
    ],
)
def test_without_a_list_the_caller_id_says_the_country(field: str, caller_id: str, meant: set[str]) -> None:
    assert countries(field, caller_id=caller_id) == meant


@pytest.mark.parametrize(
    ("text", "changes", "refused"),
    [
        ("client:agent-1", {}, ""),
        ("client:agent-1?case=1", {}, ""),
        ("client:agent-1", {"kinds": frozenset({"number"})}, ""),
        ("client:stranger", {}, "dial_address"),
        ("client:stranger", {"listed": matcher("client:*")}, ""),
        ("client:stranger", {"listed": matcher("client:*"), "kinds": frozenset({"number"})}, "dial_kind"),
        ("sip:+8821612345@carrier.example.com", {}, "dial_address"),
        ("sip:+8821612345@carrier.example.com", {"listed": matcher("sip:*@pbx.example.com")}, "dial_address"),
        ("sip:second@pbx.example.com", {"listed": matcher("sip:*@pbx.example.com")}, ""),
        ("app:AP" + "0" * 32, {}, "dial_address"),
        # A number that is saved somewhere, or listed, is still a number.
        ("+882161234567", {"known": lambda _: True, "listed": lambda _: True}, "dial_number"),
    ],
)
def test_what_is_no_number_has_to_be_known_or_listed(
    text: str, changes: dict[str, object], refused: str
) -> None:
    assert why(text, **changes) == refused
