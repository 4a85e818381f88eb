"""What a log line may say: never a whole phone number, never a secret."""

import logging
import re

_NUMBER = re.compile(r"(?:\+|%2B)\d{7,15}\b")
_SECRET = re.compile(
    r"(?i)\b(authorization|auth_?token|api_?key|password|secret(?:_key)?|sessionid|csrftoken)"
    r"(['\"]?\s*[=:]\s*['\"]?)(?:(?:basic|bearer|token)\s+)?[^\s'\",;&]+"
)
_USERINFO = re.compile(r"(\w+://[^\s:/@]*):[^\s/@]+@")


class RedactingFormatter(logging.Formatter):
    """Masks the finished line, so that arguments and tracebacks are covered as well."""

    def format(self, record: logging.LogRecord) -> str:
        line = _USERINFO.sub(r"\1:•••@", super().format(record))
        line = _SECRET.sub(r"\1\2•••", line)
        return _NUMBER.sub(_masked, line)


def _masked(found: re.Match[str]) -> str:
    digits = found[0].removeprefix("%2B").removeprefix("+")
    return f"+{digits[:2]} ••• •• {digits[-2:]}"
