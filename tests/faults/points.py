"""Where a process is killed: before and after each commit, each send, each answer. Data for sitecustomize."""

from dataclasses import asdict, dataclass

COMMIT = "django.db.backends.base.base:BaseDatabaseWrapper._commit"
SENT = "participants.providers.exchange:_whole"  # the request is at the provider, its answer was not read
CREATE = "participants.providers.classic:ClassicApi.create_participant"
UPDATE = "participants.providers.classic:ClassicApi.update_participant"
DELETE = "participants.providers.classic:ClassicApi.delete_participant"


@dataclass(frozen=True)
class Point:
    """`where`: module:function. `inside`: only while the thread is in this one. `act`: what leads there."""

    name: str
    act: str
    where: str
    when: str = "after"
    inside: str = ""


POINTS = (
    # A callback
    Point("callback received", "callback", "participants.callbacks:_take", "before"),
    Point("callback verified", "callback", "participants.callbacks:_store", "before"),
    Point("callback written", "callback", "participants.callbacks:_effect", "before"),
    Point("callback applied", "callback", "participants.callbacks:_effect"),
    Point("callback before its commit", "callback", COMMIT, "before", "participants.callbacks:_store"),
    Point("callback committed", "callback", COMMIT, "after", "participants.callbacks:_store"),
    Point("callback told on", "callback", "participants.callbacks:_tell"),
    # A command about somebody on the call
    Point("command asked", "mute", "participants.ledger:open_intervention", "before"),
    Point("command committed", "mute", "participants.ledger:open_intervention"),
    Point("command about to be sent", "mute", UPDATE, "before"),
    Point("command sent", "mute", SENT, "before", UPDATE),
    Point("command answered", "mute", UPDATE),
    Point("outcome appended", "mute", "participants.services.command:conclude"),
    Point(
        "answer mirrored", "mute", "participants.mirror:apply", "after", "participants.services.command:_send"
    ),
    Point("fact read", "mute", "participants.reading:leg", "after", "participants.services.command:_watch"),
    # A removal of somebody else
    Point("removal sent", "remove", SENT, "before", DELETE),
    Point("removal answered", "remove", DELETE),
    # A supervisor's phone
    Point("stay to begin", "listen", "participants.supervising:begin", "before"),
    Point("dial written", "listen", "participants.leg_requests:prepare"),
    Point("dial committed", "listen", "participants.leg_requests:send", "before"),
    Point("dial sent", "listen", SENT, "before", CREATE),
    Point("dial answered", "listen", CREATE),
    Point("dial recorded", "listen", "participants.leg_requests:_record"),
    Point("leg seen", "listen", "participants.supervising:_take_in"),
    Point("opening sent", "whisper", SENT, "before", UPDATE),
    Point("opening answered", "whisper", UPDATE),
    Point("leave sent", "leave", SENT, "before", DELETE),
    Point("stay over", "leave", "participants.stay_outcomes:end"),
    # The worker
    Point("sweep begun", "sweep", "participants.sweep:sweep", "before"),
    Point("sweep has adopted", "sweep", "participants.sweep:_adopt"),
    Point("roster mirrored", "sweep", "participants.mirror:apply", "after", "participants.reading:roster"),
    Point("lease taken", "sweep", "participants.sweep:take_lease"),
)


def as_json() -> list[dict[str, str]]:
    return [asdict(point) for point in POINTS]
