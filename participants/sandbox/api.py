"""The providers' side of HTTP: one handler for every dialect, and what a fault makes of a request."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from participants.sandbox import sounds
from participants.sandbox.engine import DIALECTS, Engine, Entry
from participants.sandbox.faults import NextFault, Subject
from participants.sandbox.wire import Answer, Dialect, Operation, Refusal, Request, pairs_as_dict, pairs_of

SLOW_MS, LATE_MS, TIMEOUT_MS = 3_000, 5_000, 20_000
# A 2xx that comes before its effect: only where the answer does not name anything new.
MAY_BE_LATE = ("participant.update", "participant.delete", "conference.update")


@dataclass(frozen=True, slots=True)
class Job:
    """A request that meets a fault."""

    dialect: Dialect
    operation: Operation
    fault: NextFault


class ProviderApi:
    """One handler per dialect; `engine` holds what they act on."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", f"{dialect.prefix}{{rest:.*}}", self.serve(dialect))
            for dialect in DIALECTS.values()
        ]

    def serve(self, dialect: Dialect) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(http: web.Request) -> web.StreamResponse:
            request = await _read(http)
            entry = Entry(
                self.engine.clock(),
                dialect.name,
                request.method,
                request.path,
                pairs_as_dict([*request.query, *request.form, *pairs_of(request.json)]),
            )
            self.engine.journal.append(entry)
            answer = await self._answer(dialect, request, entry)
            self.engine.changed()
            if answer is None:
                return _hang_up(http)
            entry.status = answer.status
            if isinstance(answer.body, bytes):
                return sounds.in_parts(http, answer.body, kind="audio/x-wav")
            return self._response(answer)

        return handle

    async def _answer(self, dialect: Dialect, request: Request, entry: Entry) -> Answer | None:
        """What goes back; None: the connection closes without an answer."""
        self.engine.changed()
        try:
            operation = dialect.recognise(request, self.engine.world)
            fault = self.engine.faults.for_request(self._subject(dialect, operation, entry))
            if fault is None:
                return self._honest(dialect, operation)
            entry.effect = fault.effect
            return await EFFECTS[fault.effect](self, Job(dialect, operation, fault))
        except Refusal as refusal:
            return refusal.answer

    def _subject(self, dialect: Dialect, operation: Operation, entry: Entry) -> Subject:
        """The conference goes by its sid and its name, the leg by its call sid and its label."""
        world = self.engine.world
        room = world.floor.conferences.get(operation.conference) or world.floor.live_named(
            dialect.name, operation.conference
        )
        leg = room.leg(operation.call) if room else world.floor.calls.get(operation.call)
        return Subject(
            dialect.name,
            frozenset({room.sid, room.friendly_name} if room else {operation.conference}),
            operation.name,
            {name: str(value) for name, value in entry.params.items()},
            frozenset({leg.call_sid, leg.label or leg.call_sid} if leg else {operation.call}),
        )

    def _honest(self, dialect: Dialect, operation: Operation) -> Answer:
        late_s = self.engine.world.switches.late_2xx_ms / 1000 * self.engine.time_scale
        if late_s and operation.name in MAY_BE_LATE:
            answer = self._pretend(dialect, operation)
            self._apply_later(dialect, operation, late_s)
            return answer
        return self._apply(dialect, operation)

    def _apply(self, dialect: Dialect, operation: Operation) -> Answer:
        answer = dialect.perform(self.engine.world, operation, self.engine.clock())
        self.engine.changed()
        return answer

    def _pretend(self, dialect: Dialect, operation: Operation) -> Answer:
        """The answer that there would be, with nothing done: it happens to a copy of the world."""
        return dialect.perform(copy.deepcopy(self.engine.world), operation, self.engine.clock())

    def _apply_later(self, dialect: Dialect, operation: Operation, after_s: float) -> None:
        def apply(now: float) -> None:
            try:
                dialect.perform(self.engine.world, operation, now)
            except Refusal:
                return

        self.engine.later(after_s, apply)

    async def _pause(self, fault: NextFault, default_ms: float) -> None:
        await asyncio.sleep(self._seconds(fault, default_ms))

    def _seconds(self, fault: NextFault, default_ms: float) -> float:
        return (default_ms if fault.after_ms is None else fault.after_ms) / 1000 * self.engine.time_scale

    def _response(self, answer: Answer) -> web.Response:
        headers = {
            "Date": formatdate(self.engine.clock(), usegmt=True),
            **answer.headers,
        }
        if answer.body is None:
            return web.Response(status=answer.status, headers=headers)
        if isinstance(answer.body, str):
            return web.Response(
                status=answer.status, text=answer.body, content_type="text/html", headers=headers
            )
        return web.Response(
            status=answer.status,
            body=json.dumps(answer.body).encode(),
            content_type="application/json",
            headers=headers,
        )

    # Effects of a fault, in place of `_honest`

    async def refuse(self, job: Job) -> Answer:
        await self._pause(job.fault, 0)
        return job.dialect.refusal(400)

    async def too_many(self, job: Job) -> Answer:
        await self._pause(job.fault, 0)
        return job.dialect.refusal(429)

    async def error(self, job: Job) -> Answer:
        await self._pause(job.fault, 0)
        return job.dialect.refusal(500)

    async def close(self, job: Job) -> None:
        await self._pause(job.fault, 0)

    async def time_out(self, job: Job) -> None:
        await self._pause(job.fault, TIMEOUT_MS)

    async def slow(self, job: Job) -> Answer:
        """Applied at once, answered late."""
        answer = self._apply(job.dialect, job.operation)
        await self._pause(job.fault, SLOW_MS)
        return answer

    async def apply_no_answer(self, job: Job) -> None:
        self._apply(job.dialect, job.operation)
        await self._pause(job.fault, 0)

    async def answer_not_apply(self, job: Job) -> Answer:
        await self._pause(job.fault, 0)
        return self._pretend(job.dialect, job.operation)

    async def apply_late(self, job: Job) -> None:
        """Closed without an answer, applied later."""
        self._apply_later(job.dialect, job.operation, self._seconds(job.fault, LATE_MS))

    async def html_200(self, job: Job) -> Answer:
        """What a proxy in between answers; nothing is applied."""
        await self._pause(job.fault, 0)
        return Answer(200, "<!doctype html><title>Welcome</title><p>Please sign in to the network.</p>")


Effect = Callable[[ProviderApi, Job], Awaitable[Answer | None]]
EFFECTS: dict[str, Effect] = {
    "refuse": ProviderApi.refuse,
    "429": ProviderApi.too_many,
    "500": ProviderApi.error,
    "close": ProviderApi.close,
    "timeout": ProviderApi.time_out,
    "slow": ProviderApi.slow,
    "apply_no_answer": ProviderApi.apply_no_answer,
    "answer_not_apply": ProviderApi.answer_not_apply,
    "apply_late": ProviderApi.apply_late,
    "html_200": ProviderApi.html_200,
}


async def _read(http: web.Request) -> Request:
    """A form and JSON are told apart: not every provider takes both."""
    path, _, query = http.raw_path.partition("?")
    form, body, unreadable = [], None, False
    raw = (await http.read()).decode("utf-8", "replace")
    if http.content_type == "application/x-www-form-urlencoded":
        form = parse_qsl(raw, keep_blank_values=True)
    elif http.content_type == "application/json" and raw:
        body = _json_object(raw)
        unreadable = body is None
    return Request(
        http.method,
        path,
        parse_qsl(query, keep_blank_values=True),
        form,
        http.headers.get("Authorization", ""),
        body,
        unreadable,
        str(http.url.origin()),
    )


def _json_object(raw: str) -> dict[str, Any] | None:
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _hang_up(http: web.Request) -> web.StreamResponse:
    if http.transport:
        http.transport.abort()
    return web.Response()
