"""Every route of the API on one screen. What is not here answers 404, also what a later step brings."""

from django.urls import include, path

from . import (
    api,
    api_accounts,
    api_assets,
    api_dials,
    api_me,
    api_reads,
    api_recordings,
    api_ring,
    api_schema,
    api_update,
)

_ALL = [
    *api_me.ROUTES,
    *api_ring.ROUTES,
    *api_reads.ROUTES,
    *api_accounts.ROUTES,
    *api.ROUTES,
    *api_dials.ROUTES,
    *api_recordings.ROUTES,
    *api_update.ROUTES,
    *api_assets.ROUTES,
    api_reads.UNKNOWN,
]
urlpatterns = [
    path("v1/", include(_ALL)),
    path("schema/", api_schema.Schema.as_view(), name="api-schema"),
    path("docs/", api_schema.Docs.as_view(url_name="api-schema"), name="api-docs"),
]
