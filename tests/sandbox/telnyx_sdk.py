"""Telnyx's official SDK, pointed at the sandbox; every exchange is held against our specification of it."""

from __future__ import annotations

import httpx
import requests
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from telnyx import Telnyx

from tests.patience import ANSWER_S
from tests.sandbox.sides import TELNYX_KEY
from tests.sandbox.telnyx_specification import specification


class TelnyxWire:
    """Keeps what went over the wire."""

    def __init__(self, url: str) -> None:
        self.specification = specification(url)
        self.exchanges: list[tuple[requests.PreparedRequest, requests.Response]] = []
        self.http = httpx.Client(event_hooks={"response": [self._seen]})
        self.client = Telnyx(
            api_key=TELNYX_KEY, base_url=f"{url}/v2", http_client=self.http, max_retries=0, timeout=ANSWER_S
        )

    def _seen(self, answer: httpx.Response) -> None:
        answer.read()
        request, got = _of_requests(answer)
        self.exchanges.append((request, got))
        asked = RequestsOpenAPIRequest(request)
        if got.ok:
            self.specification.validate_request(asked)
        if got.content:
            self.specification.validate_response(asked, RequestsOpenAPIResponse(got))


def _of_requests(answer: httpx.Response) -> tuple[requests.PreparedRequest, requests.Response]:
    """The same exchange as openapi-core can read it."""
    sent = answer.request
    kept = {name: sent.headers[name] for name in ("authorization", "content-type") if name in sent.headers}
    request = requests.Request(sent.method, str(sent.url), headers=kept, data=sent.content).prepare()
    got = requests.Response()
    got.status_code, got.headers["Content-Type"] = answer.status_code, answer.headers.get("Content-Type", "")
    got._content = answer.content
    return request, got
