"""Who signed a callback: held against Twilio's own validator, and against everything near a signature."""

import string
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from participants.providers.twilio import Twilio

TOKEN = "12345"
URL = "https://earshot.example/cb?x=1"
FORM = {"AccountSid": "ACinvented", "CallSid": "CAinvented", "Muted": "true"}
SIGNATURE = "9YKXoJLTfIE+geQOW1sv4lQOUQM="
HEADER = "X-Twilio-Signature"


def provider(token: str = TOKEN) -> Twilio:
    account = SimpleNamespace(
        key="twilio", sid="ACinvented", api_url="", caller_id="", application_sid="", public_key=""
    )
    return Twilio(account, token)


TWILIO = provider()


def is_genuine(
    signature: str | None, *, url: str = URL, body: str | None = None, method: str = "POST"
) -> bool:
    sent = urlencode(FORM) if body is None else body
    headers = {} if signature is None else {HEADER: signature}
    return TWILIO.verify(method, url, sent.encode("utf-8", "surrogateescape"), headers)


# Names and values as they come: any text, also empty, also the same name several times.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
forms = st.lists(st.tuples(texts.filter(bool), texts), max_size=6)
hosts = st.sampled_from(["earshot.example", "127.0.0.1", "localhost"])
ports = st.sampled_from(["", ":80", ":443", ":8000"])
queries = st.sampled_from(["", "?leg=earshot-1", "?a=1&b=%20+c", "?x"])
urls = st.builds(
    "{}://{}{}/callbacks/twilio/call/{}".format, st.sampled_from(["http", "https"]), hosts, ports, queries
)


class Multi(dict[str, list[str]]):
    """What Django hands to the validator."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def official(url: str, pairs: list[tuple[str, str]]) -> Multi:
    form = Multi()
    for name, value in pairs:
        form.setdefault(name, []).append(value)
    return form


def test_it_knows_the_signature_of_the_documents() -> None:
    assert is_genuine(SIGNATURE)


@given(url=urls, pairs=forms)
def test_it_accepts_what_the_provider_s_own_library_signs(url: str, pairs: list[tuple[str, str]]) -> None:
    signature = RequestValidator(TOKEN).compute_signature(url, official(url, pairs))
    assert is_genuine(signature, url=url, body=urlencode(pairs))


@given(signed=urls, posted=urls, pairs=forms)
def test_it_rules_on_ports_as_the_provider_s_own_library_does(
    signed: str, posted: str, pairs: list[tuple[str, str]]
) -> None:
    validator, form = RequestValidator(TOKEN), official(posted, pairs)
    signature = validator.compute_signature(signed, form)
    assert is_genuine(signature, url=posted, body=urlencode(pairs)) == validator.validate(
        posted, form, signature
    )


@given(pairs=forms, other=forms)
def test_another_form_needs_another_signature(
    pairs: list[tuple[str, str]], other: list[tuple[str, str]]
) -> None:
    def signed_text(form: list[tuple[str, str]]) -> str:
        return "".join(name + value for name, value in sorted(set(form)))

    assume(signed_text(pairs) != signed_text(other))
    signature = RequestValidator(TOKEN).compute_signature(URL, official(URL, pairs))
    assert not is_genuine(signature, body=urlencode(other))


@given(
    at=st.integers(0, len(SIGNATURE) - 1),
    letter=st.sampled_from(string.ascii_letters + string.digits + "+/="),
)
def test_no_letter_of_a_signature_may_change(at: int, letter: str) -> None:
    changed = SIGNATURE[:at] + letter + SIGNATURE[at + 1 :]
    assert is_genuine(changed) == (changed == SIGNATURE)


@given(st.text(max_size=64))
def test_any_other_text_is_no_signature(text: str) -> None:
    assert not is_genuine(text)


@pytest.mark.parametrize(
    "url",
    [
        "http://earshot.example/cb?x=1",
        "https://earshot.example/cb",
        "https://earshot.example/cb/?x=1",
        "https://earshot.example/cb?x=2",
        "https://earshot.example/cb?x=1&y=2",
        "https://evil.example/cb?x=1",
    ],
)
def test_a_signature_is_for_one_address(url: str) -> None:
    assert not is_genuine(SIGNATURE, url=url)


@pytest.mark.parametrize("url", ["https://earshot.example:443/cb?x=1", "https://earshot.example/cb?x=1"])
def test_the_standard_port_may_be_said_or_not(url: str) -> None:
    for signed in ("https://earshot.example:443/cb?x=1", "https://earshot.example/cb?x=1"):
        assert is_genuine(RequestValidator(TOKEN).compute_signature(signed, FORM), url=url)


def test_another_account_s_token_does_not_sign() -> None:
    body = urlencode(FORM).encode()
    assert provider("12345").verify("POST", URL, body, {HEADER: SIGNATURE})
    assert not provider("12346").verify("POST", URL, body, {HEADER: SIGNATURE})


def test_an_empty_token_signs_nothing() -> None:
    with pytest.raises(ValueError, match="empty"):
        provider("")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: ""},
        {"telnyx-signature-ed25519": SIGNATURE, "telnyx-timestamp": "1795255200"},
        {"X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA1"},
    ],
)
def test_a_header_of_the_wrong_kind_is_no_signature(headers: dict[str, str]) -> None:
    assert not TWILIO.verify("POST", URL, urlencode(FORM).encode(), headers)


def test_the_sender_does_not_choose_the_hash() -> None:
    signature = RequestValidator(TOKEN).compute_signature(URL, FORM, "HMAC_SHA256")
    headers = {HEADER: signature, "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=HMAC_SHA256"}
    assert not TWILIO.verify("POST", URL, urlencode(FORM).encode(), headers)


def test_of_a_get_the_address_alone_is_signed() -> None:
    url = f"https://earshot.example/cb?{urlencode(FORM)}"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    assert is_genuine(signature, url=url, method="GET", body="")
    assert not is_genuine(signature, url=url.replace("true", "false"), method="GET", body="")


@pytest.mark.parametrize("body", ["", "=", "&&", "%", "%zz=%", "a", "\udcff\udcfe", '{"Muted": true}'])
def test_a_body_that_is_no_form_is_not_genuine_either(body: str) -> None:
    assert not is_genuine(SIGNATURE, body=body)


def test_an_empty_value_counts() -> None:
    with_label = "ParticipantLabel=&Muted=true"
    signature = RequestValidator(TOKEN).compute_signature(
        URL, dict(parse_qsl(with_label, keep_blank_values=True))
    )
    assert is_genuine(signature, body=with_label)
    assert not is_genuine(signature, body="Muted=true")


def test_while_tokens_change_either_may_have_signed_and_the_first_is_sent() -> None:
    changing = provider(f"new-token {TOKEN}")
    headers = {HEADER: SIGNATURE}
    assert changing.verify("POST", URL, urlencode(FORM).encode(), headers)
    assert not provider("new-token").verify("POST", URL, urlencode(FORM).encode(), headers)
    assert changing.session.auth == ("ACinvented", "new-token")
