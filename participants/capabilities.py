"""What the provider of an account can be asked, what it reports and what its refusals mean, as JSON."""

from dataclasses import asdict
from typing import Any

from .providers import PROVIDERS, Provider
from .providers.capabilities import Operation
from .words import SENTENCES

Json = dict[str, Any]


class _Later(dict[str, str]):
    """Names that only a call can fill stay in their braces."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def capabilities_json(key: str, kind: type[Provider]) -> Json:
    """Of the account with this key at this kind of provider. A name in braces is filled from the call."""
    return {
        "account": key,
        "provider": kind.name,
        "title": kind.title,
        "operations": {name: operation_json(taken) for name, taken in kind.operations().items()},
        "reports": asdict(kind.reports),
        "refusals": refusals_json(kind, account=key),
        "speech": speech_json(kind),
    }


def speech_json(kind: type[Provider]) -> Json:
    """How texts are spoken: each voice with its languages, its own first."""
    speech = kind.speech
    return {"voices": dict(speech.voices), "named": speech.named_example, "most": speech.most}


def operation_json(taken: Operation) -> list[Json]:
    """What can be given; what stands in the path is ours to fill. Null: not said, or without a bound.

    `default` can be given as it stands. `sure` is about it: false where no document settles what holds when
    nothing is given.
    """
    return [
        {
            "name": key,
            "parameter": parameter.name,
            "type": parameter.kind,
            "unit": parameter.unit or None,
            "required": parameter.required,
            "default": parameter.default,
            "sure": parameter.sure,
            "min": parameter.low,
            "max": parameter.high,
            "words": parameter.words,
            "pattern": parameter.pattern or None,
            "note": parameter.note,
        }
        for key, parameter in taken.items()
        if parameter.place != "path"
    ]


def refusals_json(kind: type[Provider], **facts: str) -> list[Json]:
    known = _Later(provider=kind.title, **facts)
    return [
        {"code": code, "reason": reason, "sentence": SENTENCES[reason].format_map(known)}
        for code, reason in kind.refusals.items()
    ]


def kind_of(provider: str) -> type[Provider] | None:
    """None for a provider that Earshot does not know."""
    return PROVIDERS.get(provider)
