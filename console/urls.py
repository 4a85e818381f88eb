"""Every route of the product on one screen."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import include, path

from participants import callbacks, documents

from . import (
    call_page_story,
    command_views,
    command_views_rows,
    dial_views,
    dial_views_named,
    health,
    recording_views,
    ring_views,
    views,
)
from .connect import addresses as connect

PAGES = [
    path("", views.board, name="board"),
    path("conferences/<uuid:pk>/", views.conference, name="conference"),
    path("conferences/<uuid:pk>/hears/", views.conference_hears, name="conference-hears"),
    path("conferences/<uuid:pk>/story.json", call_page_story.download, name="conference-story"),
    path(
        "conferences/<uuid:pk>/evidence/<slug:name>/",
        call_page_story.evidence,
        name="conference-evidence",
    ),
    path("conferences/<uuid:pk>/dial/", dial_views.dial, name="conference-dial"),
    path("dial/", dial_views_named.new_call, name="dial"),
    path("dials/<uuid:pk>/", dial_views_named.dialled, name="dialled"),
    path(
        "conferences/<uuid:pk>/commands/<path:verb>/",
        command_views.conference_command,
        name="conference-command",
    ),
    path(
        "participants/<uuid:pk>/commands/<path:verb>/",
        command_views.participant_command,
        name="participant-command",
    ),
    path("dials/<uuid:pk>/commands/<slug:verb>/", command_views_rows.dial_command, name="dial-command"),
    path(
        "recordings/<uuid:pk>/commands/<slug:verb>/",
        command_views_rows.recording_command,
        name="recording-command",
    ),
    path("recordings/<uuid:pk>/sound/", recording_views.sound, name="recording-sound"),
    path("me/", views.me, name="me"),
    path("me/ring/", ring_views.ring_me, name="me-ring"),
    *connect.ROUTES,
    path("login/", account.login, name="account_login"),
    path("login/again/", account.reauthenticate, name="account_reauthenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("admin/", admin.site.urls),
]

API = [path("api/", include("console.api_routes"))]

CALLBACKS = callbacks.urlpatterns  # callbacks/<account key>/{conference|call|recording|amd}/
DOCUMENTS = documents.urlpatterns  # documents/<signed token>/

HEALTH = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]

urlpatterns = [*PAGES, *API, *CALLBACKS, *DOCUMENTS, *HEALTH]
handler500 = "console.failing.failed"
