"""Static files with the hash of their content in the name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Hashes the imports between ES modules too: without it a new page would load an old module."""

    support_js_module_import_aggregation = True
