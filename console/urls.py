"""Every route of the product on one screen."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import path

from participants import callbacks

from . import health, views

PAGES = [
    path("", views.board, name="board"),
    path("conferences/<uuid:pk>/", views.conference, name="conference"),
    path("conferences/<uuid:pk>/hears/", views.conference_hears, name="conference-hears"),
    path("me/", views.me, name="me"),
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("admin/", admin.site.urls),
]

API: list = []

CALLBACKS = callbacks.urlpatterns  # callbacks/<account key>/{conference|call}/

HEALTH = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]

urlpatterns = [*PAGES, *API, *CALLBACKS, *HEALTH]
