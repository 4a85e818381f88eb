"""Credentials that change while Earshot runs: every process goes on with what was pasted last."""

import re
from urllib.parse import urlencode

import pytest
import requests

from participants import signatures, sweep
from participants.management.demo.director import Visitor
from participants.models import Account
from participants.providers import ProviderError
from participants.sealing import seal
from tests.console.server import Server
from tests.factories import make_sandbox_account, make_supervisor, make_team
from tests.participants.callbacks.posting import fresh
from tests.participants.wire import FORM, Wire
from tests.patience import ANSWER_S, wait_for
from tests.sandbox.process import Sandbox


class Administrator:
    """Somebody at a browser, at the server that runs."""

    def __init__(self, server: Server) -> None:
        make_supervisor("admin", group="Administrator", teams=(make_team("Billing"),))
        self.visitor = Visitor(server.url, "admin")
        self.visitor.sign_in()

    def post(self, path: str, **form: str) -> str:
        http, url = self.visitor.http, self.visitor.url
        token = {"csrfmiddlewaretoken": http.cookies["csrftoken"]}
        return http.post(url + path, data=token | form, headers={"Referer": url}, timeout=ANSWER_S).text

    def test_says(self) -> str:
        found = re.search(r'id="found".*?</div>', self.post("/connect/accounts/main/test/"), re.DOTALL)
        assert found is not None
        return found[0]


@pytest.fixture
def account(provider: str, server: Server, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Account:
    """Connected at the sandbox with a secret that is wrong."""
    made = make_sandbox_account(provider, sandbox, monkeypatch)
    Account.objects.filter(pk=made.pk).update(key="main", secret="", secret_sealed=seal("a-wrong-secret"))
    return Account.objects.get(pk=made.pk)


def form_of(account: Account, secret: str, **more: str) -> dict[str, str]:
    names = ("sid", "caller_id", "application_sid", "public_key", "api_url")
    return (
        {name: getattr(account, name) for name in names}
        | {"secret": secret, "caller_id": "+12025550100"}
        | more
    )


SECRETS = {"twilio": "sandbox-twilio-token", "telnyx": "sandbox-telnyx-key"}


def test_a_wrong_secret_is_told_and_a_right_one_works_at_once_in_every_process(
    account: Account, provider: str, server: Server
) -> None:
    admin = Administrator(server)
    assert "one of the two is wrong." in admin.test_says()
    with pytest.raises(ProviderError, match="HTTP 401"):
        sweep.sweep(account)  # this process stands for the worker
    told = admin.visitor.http.get(f"{server.url}/connect/accounts/main/", timeout=ANSWER_S).text
    assert "rejects Earshot’s password for account “main”" in told
    page = admin.post("/connect/accounts/main/credentials/", **form_of(account, SECRETS[provider]))
    assert "Saved, and in use from now on." in page
    assert "answers, and knows this account: no live call." in admin.test_says()
    sweep.sweep(Account.objects.get())
    assert Account.objects.get().reachable is True


@pytest.mark.parametrize("provider", ["twilio"], indirect=True)
def test_callbacks_of_both_tokens_are_valid_while_it_changes(
    account: Account, provider: str, server: Server
) -> None:
    admin = Administrator(server)

    def posted(secret: str) -> int:
        wire = Wire(provider, None, key="main")  # type: ignore[arg-type]
        kind, form = fresh(wire, "participant-join")
        body, path = urlencode(form).encode(), f"/callbacks/main/{kind}/"
        headers = wire.dialect.sign(server.url + path, body, secret) | {"Content-Type": FORM}
        return requests.post(server.url + path, data=body, headers=headers, timeout=ANSWER_S).status_code

    assert (posted("a-wrong-secret"), posted(SECRETS[provider])) == (200, 403)
    admin.post("/connect/accounts/main/credentials/", **form_of(account, SECRETS[provider], keep_former="on"))
    assert (posted("a-wrong-secret"), posted(SECRETS[provider])) == (200, 200)
    admin.post("/connect/accounts/main/credentials/", **form_of(account, SECRETS[provider]))
    assert (posted("a-wrong-secret"), posted(SECRETS[provider])) == (403, 200)
    wait_for(lambda: Account.objects.get().forged >= 1)
    assert Account.objects.get().forged_why == signatures.OTHER
