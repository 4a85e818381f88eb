"""Which keys seal pasted secrets, as EARSHOT_ENCRYPTION_KEYS names them. Read before there are settings."""

import base64
import hashlib
import re

KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
HOW = 'python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())"'


def keys_of(text: str, *, otherwise: str) -> list[str]:
    """Each key, separated by spaces or commas. `otherwise`: what one is made from where none is named; empty:
    none is. Raises ValueError with a sentence.
    """
    keys = [key for key in re.split(r"[\s,]+", text) if key]
    for number, key in enumerate(keys, 1):
        if not KEY.fullmatch(key):
            raise ValueError(f"EARSHOT_ENCRYPTION_KEYS: key {number} is no key; make one with `{HOW}`.")
    if keys or not otherwise:
        return keys
    return [base64.urlsafe_b64encode(hashlib.sha256(otherwise.encode()).digest()).decode()]
