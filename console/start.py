"""The server's start: what is wrong stops it with a sentence, as `manage.py` does for every command."""

import sys

from django.core.asgi import get_asgi_application
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIHandler


def http_application() -> ASGIHandler:
    """Django, once its checks have passed: a server runs none by itself."""
    try:
        application = get_asgi_application()
    except ImproperlyConfigured as wrong:
        sys.exit(f"Earshot cannot start: {wrong}")
    wrongs = [str(message.msg) for message in run_checks() if message.is_serious()]
    if wrongs:
        sys.exit(f"Earshot cannot start: {' '.join(wrongs)}")
    return application
