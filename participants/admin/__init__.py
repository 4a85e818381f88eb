"""/admin/: who listened to which call, what supervisors did, and the configuration. Records are read only."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin

from . import (  # noqa: F401  (they register)
    accounts,
    callbacks,
    calls,
    destinations,
    legs,
    people,
    sounds,
    supervision,
    users,
)

admin.site.site_header = admin.site.site_title = "Earshot"
admin.site.index_title = "Set-up and audit"
# One sign-in for all pages, with its rate limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
