"""Static files: which are published, and under which name."""

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(StaticFilesConfig):
    # Of no use here, and most of the bytes: the API has no browsable pages and one schema viewer.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "rest_framework", "redoc"]


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """The hash of the content in each name.

    Imports between ES modules are hashed too: without it a new page would load an old module.
    """

    support_js_module_import_aggregation = True
