"""F8 to F17: what a provider may make of a request, and of its answer."""

import json
import time

from .between import Exchange
from .injections import Act, Injection, next_requests, none_standing, standing
from .story import SHOWN, Story
from .times import SCALE, kept

SILENT_WITHIN_S = 1.0
ANSWERED_S = 3.0 * SCALE  # a phone rings 1.5 s
UPDATES = ("participant.update", "participant.delete", "participant.create")


def refuse_connections(story: Story) -> None:
    story.on.between.close()


def accept_again(story: Story) -> None:
    story.on.between.listen()


def after_applying(story: Story) -> None:
    """Half of the 5xx come before the request is applied (the sandbox's), half after it (here)."""

    def break_it(exchange: Exchange) -> None:
        if exchange.method != "GET" and exchange.status < 400 and story.rng.random() < 0.3:
            exchange.say({"message": "bad gateway"}, status=story.rng.choice((500, 502, 503)))

    story.on.between.after = break_it
    standing(api_error_rate=0.3)(story)


def calm(*names: str) -> Act:
    """Everything is passed on as it is again."""

    def act(story: Story) -> None:
        story.on.between.calm()
        if names:
            none_standing(*names)(story)

    return act


def silent_or_trickling(story: Story) -> None:
    """A byte every 0.3 s of the product's time: each within the read's time-out, the whole is not."""

    def slow(exchange: Exchange) -> None:
        if story.rng.random() < 0.4:
            exchange.every_s = 0.3 * SCALE

    story.on.between.after = slow
    standing(api_timeout_rate=0.2)(story)


def nonsense(story: Story) -> None:
    def spoil(exchange: Exchange) -> None:
        if exchange.status // 100 == 2 and story.rng.random() < 0.4:
            story.rng.choice((_half, _html, _empty, _another_sid, _opposite))(exchange)

    story.on.between.after = spoil


def _half(exchange: Exchange) -> None:
    exchange.cut = exchange.status != 204


def _html(exchange: Exchange) -> None:
    exchange.status, exchange.body = 200, b"<!doctype html><title>Sign in</title>"
    exchange.headers["Content-Type"] = "text/html"


def _empty(exchange: Exchange) -> None:
    exchange.status, exchange.body = 200, b""


def _another_sid(exchange: Exchange) -> None:
    body = json.loads(exchange.body or b"{}")
    if "call_sid" in body:
        body["call_sid"] = body["call_sid"][:-3] + "abc"
        exchange.say(body, status=exchange.status)


def _opposite(exchange: Exchange) -> None:
    """Of a change only: a fetch is the only truth that there is."""
    body = json.loads(exchange.body or b"{}")
    if exchange.method == "POST" and isinstance(body.get("muted"), bool):
        exchange.say(body | {"muted": not body["muted"]}, status=exchange.status)


def applied_late(story: Story) -> None:
    after_ms = story.rng.uniform(1_000, 10_000 if story.brief else 60_000)
    next_requests(story, "apply_late", "participant.update", after_ms=after_ms)
    if story.rng.random() < 0.3:
        next_requests(story, "apply_late", "participant.delete", after_ms=after_ms)


def never_applied(story: Story) -> None:
    next_requests(story, "answer_not_apply", *story.rng.sample(UPDATES[:2], 1))


def event_first(story: Story) -> None:
    next_requests(story, "slow", "participant.update", "participant.create", after_ms=2_000)


def ghost(story: Story) -> None:
    """The phone is rung long after the dial was given up; nobody wants it any more."""
    room = story.mine
    story.get_off()
    after_ms = story.rng.uniform(9_000, 15_000 if story.brief else 45_000)
    next_requests(story, "apply_late", "participant.create", after_ms=after_ms)
    story.ask(room, "listen")
    story.figures |= {
        "dialled after s": round(after_ms / 1000),
        "rings": time.monotonic() + after_ms / 1000 * SCALE,
    }
    story.until("S2d")
    story.ask(room, "leave")


def nobody_answers(story: Story) -> None:
    """First a dial is lost, of which no callback tells: it is looked for. Then half of what is asked."""
    room = story.mine
    story.get_off()
    standing(drop=1.0)(story)
    next_requests(story, "apply_no_answer", "participant.create")
    asked = len(story.asking)
    story.ask(room, "listen")
    story.asking[asked].join()
    story.until("S0", *SHOWN["listen"])
    none_standing("drop")(story)
    standing(apply_but_no_answer_rate=0.5)(story)


def has_rung(story: Story) -> None:
    """Not before it rang, and was answered, is the story over."""
    time.sleep(max(0.0, story.figures.pop("rings") - time.monotonic()) + ANSWERED_S)


def too_many(story: Story) -> None:
    """Half of all requests, with and without a word about when to come again."""

    def refuse(exchange: Exchange) -> bool:
        story.figures.setdefault("asked", []).append((time.time(), exchange.method, exchange.path))
        if story.rng.random() < 0.5:
            return False
        exchange.say({"code": 20429, "message": "Too Many Requests"}, status=429)
        if story.rng.random() < 0.5:
            exchange.headers["Retry-After"] = "1"
        return True

    story.on.between.before = refuse


def silence_goes_out(story: Story) -> None:
    """A wish for silence is on the wire at once, whatever becomes of it there."""
    room, asked = story.mine, time.time()
    if story.strip()["code"] in {*SHOWN["whisper"], *SHOWN["barge"]} and story.ours(room):
        story.ask(room, "listen")
        at = story.site.wait_for(lambda: _silencing(story, room.sid, asked), within_s=SILENT_WITHIN_S)
        story.figures["silence on the wire after ms"] = round((at - asked) * 1000)
        kept(at - asked, SILENT_WITHIN_S, "from the click to the mute on the wire")
    story.figures.pop("asked")
    story.on.between.calm()


def _silencing(story: Story, sid: str, since: float) -> float | None:
    asked = [(at, path) for at, method, path in story.figures["asked"] if method != "GET"]
    return next((at for at, path in asked if at >= since and sid in path), None)


INJECTIONS = {
    8: Injection(begin=too_many, end=silence_goes_out),
    9: Injection(begin=after_applying, end=calm("api_error_rate")),
    10: Injection(begin=refuse_connections, end=accept_again),
    11: Injection(begin=silent_or_trickling, end=calm("api_timeout_rate")),
    12: Injection(begin=nonsense, end=calm()),
    13: Injection(begin=nobody_answers, end=none_standing("apply_but_no_answer_rate")),
    14: Injection(each=applied_late),
    15: Injection(each=never_applied),
    16: Injection(each=event_first),
    17: Injection(begin=ghost, end=has_rung, steps=0),
}
