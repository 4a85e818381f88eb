"""Posts one body with a valid signature and judges what the endpoint makes of it."""

from __future__ import annotations

import logging
import time
from collections import Counter

from participants.models import Callback, Conference, Participant, Recording
from tests.participants.callbacks.posting import Told
from tests.participants.wire import FORM, Wire

# Of this thread alone, so that a busy machine does not fail it; a usual callback takes a hundredth.
MOST_CPU_S = 1.0
ANSWERS = {200, 400, 403, 413}
ROWS = (Callback, Conference, Participant, Recording)


class Judge(logging.Handler):
    """`answers` counts the statuses: a fuzz whose every body is declined at the door finds nothing."""

    def __init__(self, wire: Wire, told: Told) -> None:
        super().__init__(logging.WARNING)
        self.wire, self.told = wire, told
        self.answers: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.rows = self._rows()

    def __enter__(self) -> Judge:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info or record.levelno >= logging.ERROR:
            self.wrong.append(record.getMessage())

    def post(self, kind: str, body: bytes, *, query: str = "", content_type: str = FORM) -> int:
        """No 5xx, no exception, a 2xx for what is stored alone, a row at most, and soon."""
        self.told.clear()
        self.wrong.clear()
        status, took = self._timed(kind, body, query=query, content_type=content_type)
        self.answers[status] += 1
        # First of all, for after a body that fails the smaller ones are judged as well.
        before, self.rows = self.rows, self._rows()
        assert status in ANSWERS and not self.wrong, (status, self.wrong)
        new = {name: self.rows[name] - before[name] for name in before}
        assert new["Callback"] == self._to_keep(status), f"{status}: {new}"
        assert all(0 <= new[name] <= 1 for name in ("Conference", "Participant", "Recording")), new
        assert status == 200 or not any(new.values()), f"{status}: {new}"
        if took > MOST_CPU_S:
            # Once may be a collection of garbage; what is slow because of the body is slow again.
            _, again = self._timed(kind, body, query=query, content_type=content_type)
            assert again < MOST_CPU_S, f"{took:.1f} s, and again {again:.1f} s"
            self.rows = self._rows()
        return status

    def _timed(self, kind: str, body: bytes, **how: str) -> tuple[int, float]:
        began = time.thread_time()
        status = self.wire.post(kind, body, **how)
        return status, time.thread_time() - began

    def _to_keep(self, status: int) -> int:
        """How many rows this answer promises: a known callback has its row already."""
        if status != 200:
            return 0
        return 0 if self.told[-1].verdict == Callback.Verdict.DUPLICATE else 1

    def _rows(self) -> dict[str, int]:
        return {model.__name__: model.objects.count() for model in ROWS}
