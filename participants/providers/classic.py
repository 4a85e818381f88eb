"""The conference API that the oldest provider made and others took over: forms in, JSON out, lists in pages.

A subclass says in tables and patterns where its provider differs.
"""

from collections.abc import Mapping
from typing import Any

from ..events import CallEvent, ConferenceEvent, LegEvent, Source
from .base import Parsed
from .callback_forms import LABEL, parse_form, without_people
from .classic_recordings import ClassicRecordings
from .exchange import Fields
from .parameters import BadParameter

PROGRESS = ("initiated", "ringing", "answered", "completed")
PARENTS = frozenset({".", ".."})  # what these would make of a path


class ClassicApi(ClassicRecordings):
    """Every operation, once; see `Provider` for what each of them promises."""

    def dials_with(self) -> Mapping[str, object]:
        """What else a dial says here."""
        return {}

    # --- conferences --------------------------------------------------------------------------------------
    def list_conferences(self, status: str, *, friendly_name: str | None = None) -> list[ConferenceEvent]:
        pages = self.read_pages(
            self._path("Conferences"),
            query=self._paged("conference.list", status=status, friendly_name=friendly_name),
            items="conferences",
            following="next_page_uri",
        )
        events = [
            self._conference(row, page, Source.READ) for page in pages for row in page.body["conferences"]
        ]
        # The list shifts while it is read: a row may come twice.
        return list({event.conference_sid: event for event in events}.values())

    def fetch_conference(self, conference_sid: str) -> ConferenceEvent:
        answer = self.read(self._path("Conferences", conference_sid))
        return self._conference(answer.body, answer, Source.READ, sid=conference_sid)

    def update_conference(self, conference_sid: str, **changes: object) -> ConferenceEvent:
        form = self.form("conference.update", **changes)
        answer = self.write("POST", self._path("Conferences", conference_sid), form=form)
        return self._conference(answer.body, answer, Source.ANSWER, sid=conference_sid)

    # --- participants -------------------------------------------------------------------------------------
    def list_participants(self, conference_sid: str) -> list[LegEvent]:
        pages = self.read_pages(
            self._path("Conferences", conference_sid, "Participants"),
            query=self._paged("participant.list"),
            items="participants",
            following="next_page_uri",
        )
        events = [
            self._leg(row, page, Source.READ, conference_sid)
            for page in pages
            for row in page.body["participants"]
        ]
        return list({event.call_sid: event for event in events}.values())

    def fetch_participant(self, conference_sid: str, call_sid_or_label: str) -> LegEvent:
        answer = self.read(self._path("Conferences", conference_sid, "Participants", call_sid_or_label))
        return self._leg(answer.body, answer, Source.READ, conference_sid, of=call_sid_or_label)

    def create_participant(
        self,
        conference_sid: str,
        *,
        to: str,
        label: str,
        muted: bool,
        coaching: bool | None,
        target: str | None,
        timeout: int,
        beep: bool,
        start_conference_on_enter: bool,
        end_conference_on_exit: bool,
        status_callback: str,
    ) -> LegEvent:
        self._check_coaching(coaching, target)
        return self.dial(
            conference_sid,
            to=to,
            label=label,
            timeout=timeout,
            beep=beep,
            early_media=False,  # true would let the room hear this phone ring, or its network's announcements
            muted=muted,
            start_conference_on_enter=start_conference_on_enter,
            end_conference_on_exit=end_conference_on_exit,
            coaching=coaching,
            call_sid_to_coach=target,
            status_callback=status_callback,
            status_callback_event=PROGRESS,
        )

    def dial(self, conference: str, *, named: bool = False, **values: Any) -> LegEvent:
        path, form = self._path("Conferences", conference, "Participants"), self._dial(conference, values)
        answer = self.write("POST", path, form=form)
        sid = None if named else conference
        return self._leg(answer.body, answer, Source.ANSWER, sid, of=values["label"])

    def check_dial(self, conference: str, **values: Any) -> None:
        self._dial(conference, values)

    def _dial(self, conference: str, values: dict[str, Any]) -> Fields:
        """The form of a dial; what is not given and must be said, the account says."""
        # Both are segments of paths: neither may step out of its place, nor the label name another's leg.
        label = values.get("label")
        if not isinstance(label, str) or not LABEL.fullmatch(label) or self.call_sid.fullmatch(label):
            raise BadParameter("label", "1 to 128 characters, no slash, and not shaped like a call sid")
        if label in PARENTS:
            raise BadParameter("label", "more than dots")
        if not LABEL.fullmatch(conference) or conference in PARENTS:
            raise BadParameter("friendly_name", "1 to 128 characters, no slash, and more than dots")
        said = {"from_": self.account.caller_id, **self.dials_with()}
        given = {("from_" if key == "from" else key): value for key, value in values.items()}
        return self.form("participant.create", **said | given)

    def update_participant(
        self,
        conference_sid: str,
        call_sid: str,
        *,
        muted: bool | None = None,
        hold: bool | None = None,
        coaching: bool | None = None,
        target: str | None = None,
        **changes: object,
    ) -> LegEvent:
        self._check_coaching(coaching, target)
        form = self.form(
            "participant.update",
            muted=muted,
            hold=hold,
            coaching=coaching,
            call_sid_to_coach=target,
            **changes,
        )
        if not form:
            raise ValueError("An update of a participant needs at least one field.")
        path = self._path("Conferences", conference_sid, "Participants", call_sid)
        answer = self.write("POST", path, form=form)
        return self._leg(answer.body, answer, Source.ANSWER, conference_sid, of=call_sid)

    def delete_participant(self, conference_sid: str, call_sid_or_label: str) -> None:
        path = self._path("Conferences", conference_sid, "Participants", call_sid_or_label)
        if self.write("DELETE", path).status != 204:
            raise self.unreadable("something where nothing was to be said")

    # --- calls and callbacks ------------------------------------------------------------------------------
    def fetch_call(self, call_sid: str) -> CallEvent:
        answer = self.read(self._path("Calls", call_sid), absent_again=self.calls_lag)
        return self._call(answer, call_sid)

    def parse(self, kind: str, pairs: Fields) -> Parsed:
        return parse_form(self.words, kind, pairs, account_sid=self.account.sid)

    @classmethod
    def without_people(cls, kind: str, pairs: Fields, *, own_label: str) -> Fields:
        return without_people(cls.words, kind, pairs, own_label=own_label)

    # --- paths, queries and forms -------------------------------------------------------------------------
    def _paged(self, operation: str, **query: object) -> Fields:
        return self.form(operation, **query, page_size=self.page_sizes.get(operation))

    def _check_coaching(self, coaching: bool | None, target: str | None) -> None:
        """Coaching without a target is refused, and a target may turn coaching on: say both or none."""
        if bool(coaching) != (target is not None):
            raise ValueError(f"coaching is {coaching}: coaching needs a target, and back.")
        if target is not None and not self.call_sid.fullmatch(target):
            raise BadParameter("call_sid_to_coach", "a call sid")
