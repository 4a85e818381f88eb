"""The routes of /connect/."""

from django.urls import path

from . import accounts, people

ROUTES = [
    path("connect/", accounts.index, name="connect"),
    path("connect/new/<slug:provider>/", accounts.new, name="connect-new"),
    path("connect/accounts/<slug:key>/", accounts.account, name="connect-account"),
    path("connect/accounts/<slug:key>/test/", accounts.test, name="connect-test"),
    path("connect/accounts/<slug:key>/ring/", accounts.ring_me, name="connect-ring"),
    path("connect/accounts/<slug:key>/lights.json", accounts.lights_json, name="connect-lights"),
    path("connect/accounts/<slug:key>/credentials/", accounts.credentials, name="connect-credentials"),
    path("connect/agents/", people.agents, name="connect-agents"),
    path("connect/agents.csv", people.agents_csv, name="connect-agents-csv"),
    path("connect/addresses/", people.assign, name="connect-assign"),
]
