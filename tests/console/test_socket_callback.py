"""From the provider's post to the screen within one process, without waiting for the comparison."""

from datetime import UTC, datetime
from urllib.parse import urlencode

import requests

from participants.models import Account
from tests.console.server import Screen, Server, signed_in
from tests.factories import make_account, make_supervisor, make_team
from tests.participants.wire import DIALECTS, FORM
from tests.patience import ANSWER_S

WIRE = DIALECTS["twilio"]


def post(server: Server, account: Account, *, number: int, muted: bool) -> None:
    form = {
        "AccountSid": account.sid,
        "ConferenceSid": "CF" + "1" * 32,
        "FriendlyName": "floor-7",
        "SequenceNumber": str(number),
        "StatusCallbackEvent": "participant-mute" if muted else "participant-unmute",
        "Timestamp": WIRE.stamp(datetime.now(UTC)),
        "CallSid": "CA" + "2" * 32,
        "Muted": str(muted).lower(),
        "Hold": "false",
        "Coaching": "false",
    }
    url, body = f"{server.url}/callbacks/{account.key}/conference/", urlencode(form).encode()
    headers = {"Content-Type": FORM, **WIRE.sign(url, body, WIRE.secret)}
    assert requests.post(url, body, headers=headers, timeout=ANSWER_S).status_code == 200


def test_a_callback_is_on_the_screen_without_a_comparison_that_finds_it(transactional_db: None) -> None:
    team = make_team()
    account = make_account(sid=WIRE.account_sid, default_team=team)
    client = signed_in(make_supervisor(teams=(team,)))
    server = Server("tests.console.uncompared", EARSHOT_TEST_TOKEN=WIRE.secret)
    server.start()
    try:
        with Screen(server, client) as screen:
            screen.until(lambda screen: screen.of("me"))
            for number, muted in enumerate((True, False, True), start=1):
                post(server, account, number=number, muted=muted)
                screen.until(
                    lambda screen, muted=muted: any(
                        leg["muted"] is muted
                        for call in screen.conferences.values()
                        for leg in call["participants"]
                    )
                )
    finally:
        server.stop()
