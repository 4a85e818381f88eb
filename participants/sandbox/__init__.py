"""Their end of the wire: a provider in a box. Standard library and aiohttp only, nothing of ours.

It is written from the providers' documents and shares no code with `participants.providers`: a mistake
made on one side must not be forgiven by the other.
"""
