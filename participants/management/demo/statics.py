"""The published static files, made once and again only after a change."""

import fcntl
import hashlib
from pathlib import Path

from django.conf import settings

from .processes import Processes


def collect(processes: Processes) -> None:
    stamp = settings.VAR_DIR / "static-made-from"
    wanted = _fingerprint()
    with (settings.VAR_DIR / "static.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests in parallel, or a demo beside them
        if stamp.exists() and stamp.read_text() == wanted:
            return
        processes.run("collectstatic", "manage.py", "collectstatic", "--noinput", "--skip-checks")
        stamp.write_text(wanted)


def _fingerprint() -> str:
    digest = hashlib.sha256((settings.BASE_DIR / "requirements.lock").read_bytes())
    for folder in settings.STATICFILES_DIRS:
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()
