"""Twilio's official SDK, pointed at the sandbox; every exchange is held against Twilio's specification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import requests
from openapi_core import OpenAPI
from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.patience import ANSWER_S

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "sandbox-twilio-token"
CALLER_ID = "+12025550100"
SPECIFICATION = json.loads(Path(__file__).with_name("twilio-openapi.json").read_text())


def specification(url: str) -> OpenAPI:
    """Twilio's, as if it were served at `url`."""
    own = json.loads(json.dumps(SPECIFICATION))
    for holder in (own, *own["paths"].values()):
        holder["servers"] = [{"url": url}]
    # Its examples and the guide say null until the conference has completed; its schema forgot to.
    reason = own["components"]["schemas"]["conference_enum_reason_conference_ended"]
    reason.update(nullable=True, enum=[*reason["enum"], None])
    return OpenAPI.from_dict(own)


class Wire(HttpClient):
    """Sends what the SDK would send to Twilio to the sandbox instead; keeps what went over the wire."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.specification = specification(url)
        self.exchanges: list[tuple[requests.PreparedRequest, requests.Response]] = []

    def request(  # the SDK's own signature
        self,
        method: str,
        url: str,
        params: Any = None,
        data: Any = None,
        headers: Any = None,
        auth: Any = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
        is_oauth: bool = False,
    ) -> Response:
        request = requests.Request(
            method.upper(),
            url.replace("https://api.twilio.com", self.url),
            params=params,
            data=data,
            headers=headers,
            auth=auth,
        ).prepare()
        with requests.Session() as session:
            answer = session.send(request, timeout=ANSWER_S)
        self.exchanges.append((request, answer))
        if answer.ok:
            self._hold_against_the_specification(request, answer)
        return Response(answer.status_code, answer.text, answer.headers)

    def _hold_against_the_specification(
        self, request: requests.PreparedRequest, answer: requests.Response
    ) -> None:
        asked = RequestsOpenAPIRequest(request)
        self.specification.validate_request(asked)
        if answer.content:
            self.specification.validate_response(asked, RequestsOpenAPIResponse(answer))


def client(wire: Wire) -> Client:
    return Client(ACCOUNT, TOKEN, http_client=wire)
