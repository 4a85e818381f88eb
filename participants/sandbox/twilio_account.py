"""The one account that this Twilio knows: the contract's."""

PROVIDER = "twilio"
ACCOUNT_SID = "AC00000000000000000000000000000001"
AUTH_TOKEN = "sandbox-twilio-token"  # noqa: S105 (it opens nothing but this sandbox)
CALLER_ID = "+12025550100"
