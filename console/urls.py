"""Every route of the product on one screen."""

from allauth.account import views as account
from django.contrib import admin
from django.urls import path

PAGES = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("admin/", admin.site.urls),
]

API: list = []

CALLBACKS: list = []

HEALTH: list = []

urlpatterns = [*PAGES, *API, *CALLBACKS, *HEALTH]
