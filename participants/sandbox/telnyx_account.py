"""The one account that this Telnyx knows: the contract's, and the key pair that signs its callbacks."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

PROVIDER = "telnyx"
ACCOUNT_SID = "00000000-0000-4000-8000-000000000002"
API_KEY = "sandbox-telnyx-key"
APPLICATION_SID = "1900000000000000001"
CALLER_ID = "+12025550100"

# From fixed seeds, so that a restart changes nothing: neither key opens more than this sandbox.
SIGNING_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"earshot sandbox").digest())
FOREIGN_KEY = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"somebody else").digest())
PUBLIC_KEY = base64.b64encode(SIGNING_KEY.public_key().public_bytes_raw()).decode()
