"""One file; every knob from the environment; a wrong value stops the start with a sentence.

Bare, it is for development on this machine. `DEBUG=0` is production and asks for SECRET_KEY,
ALLOWED_HOSTS and PUBLIC_URL. Any variable X may also be given as X_FILE, the path of a secret file.
`.env.example` lists every variable.
"""

import re
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
env = environ.FileAwareEnv()
if (BASE_DIR / ".env").exists():
    env.read_env(BASE_DIR / ".env")  # what the environment says goes before it


def _stop(sentence: str) -> NoReturn:
    raise ImproperlyConfigured(sentence)


def _switch(name: str, *, default: bool) -> bool:
    word = env.str(name, str(default)).strip().lower()
    if word not in {"1", "true", "yes", "on", "0", "false", "no", "off"}:
        _stop(f"{name} is {word!r}; it must be 1 (on) or 0 (off).")
    return word in {"1", "true", "yes", "on"}


def _needed(name: str, why: str) -> str:
    return env.str(name, "") or _stop(
        f"{name} is missing: {why}. For development on this machine set DEBUG=1."
    )


def _public_url(url: str) -> tuple[str, str]:
    """The address without its last slash, and its host."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and parts.path in {"", "/"} and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not parts.hostname or parts.query or parts.fragment or parts.username:
        _stop(f"PUBLIC_URL is {url!r}; it must be a scheme and a host, like https://earshot.example.com.")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        _stop(f"PUBLIC_URL is {url!r}; outside this machine it must begin with https://.")
    return url.rstrip("/"), parts.hostname


DEBUG = _switch("DEBUG", default=True)
if DEBUG:
    SECRET_KEY = env.str("SECRET_KEY", "") or "development-only-" + "0123456789" * 4
    ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=sorted(LOOPBACK))
    PUBLIC_URL, _host = _public_url(env.str("PUBLIC_URL", "") or "http://127.0.0.1:8000")
    if not {_host, *ALLOWED_HOSTS} <= LOOPBACK:
        _stop(
            "DEBUG is on, so ALLOWED_HOSTS and PUBLIC_URL may name this machine only (production: DEBUG=0)."
        )
else:
    SECRET_KEY = _needed("SECRET_KEY", "it signs the sessions and needs 50 characters that nobody can guess")
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5:
        _stop("SECRET_KEY is too weak; it needs 50 characters or more that nobody can guess.")
    _needed("ALLOWED_HOSTS", "it names the hosts that people ask for, for example earshot.example.com")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    PUBLIC_URL, _host = _public_url(
        _needed("PUBLIC_URL", "callbacks are verified for it, for example https://earshot.example.com")
    )
HTTPS = PUBLIC_URL.startswith("https://")

if env.str("REDIS_URL", ""):
    _stop("REDIS_URL is set, but this version runs one server process only. Remove it.")

try:
    from participants import timing  # noqa: F401  (reads its scale from the environment)
    from participants.sealing_keys import keys_of

    EARSHOT_ENCRYPTION_KEYS = keys_of(
        env.str("EARSHOT_ENCRYPTION_KEYS", ""), otherwise=SECRET_KEY if DEBUG else ""
    )
except ValueError as wrong:
    _stop(str(wrong))

# --- parts -----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "daphne",  # before staticfiles: it replaces runserver
    "participants",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "console.static_files.StaticFiles",
    "channels",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "console.urls"
ASGI_APPLICATION = "console.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]


# --- database --------------------------------------------------------------------------------------------
def _database() -> dict[str, Any]:
    url = env.str("DATABASE_URL", "") or f"sqlite:///{VAR_DIR / 'earshot.sqlite3'}"
    if not url.startswith(("sqlite:", "postgres:", "postgresql:")):
        _stop("DATABASE_URL cannot be read; it must begin with sqlite:/// or postgres://.")
    try:
        database: dict[str, Any] = environ.FileAwareEnv.db_url_config(url)
    except ValueError:  # its text would show the password
        _stop("DATABASE_URL cannot be read; it looks like postgres://user:password@host:5432/name.")
    if database["ENGINE"] == "django.db.backends.sqlite3":
        if database["NAME"] != ":memory:":
            Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        # WAL without IMMEDIATE makes "database is locked" more frequent, not less.
        database["OPTIONS"] = {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    else:
        database["CONN_MAX_AGE"] = 0  # the pool keeps the connections
        database["OPTIONS"] = {
            **database.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": 10, "timeout": 5},
        }
    return database


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people ----------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
if not _switch("EARSHOT_LOGIN_RATE_LIMITS", default=True):
    ACCOUNT_RATE_LIMITS = False

# --- API -------------------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["console.api_auth.SignedIn"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["console.api_auth.StrictJSON"],
    "EXCEPTION_HANDLER": "console.api_errors.answer",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Earshot",
    "DESCRIPTION": "Live conferences, and what a supervisor may do on them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["console.api_schema.with_shapes"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- static files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "console.static_files.HashedStaticFiles"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG  # else every test client would list all files
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]

# --- sounds that people add ------------------------------------------------------------------------------
# Never under a public address: they leave as signed documents.
MEDIA_ROOT = Path(env.str("EARSHOT_MEDIA_ROOT", "") or VAR_DIR / "media")

# --- safety ----------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
EARSHOT_METRICS_TOKEN = env.str("EARSHOT_METRICS_TOKEN", "")


def _days(name: str, text: str, *, default: int) -> int | None:
    """How long something is kept; None: for good."""
    if text in {"", "forever"}:
        return None if text else default
    # A call lasts up to a day, and until it is over all of its callbacks are needed.
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) < 2:
        _stop(f"{name} is {text!r}; it must be a number of days from 2 to 99999, or the word forever.")
    return int(text)


KEEP_CALLBACKS_DAYS = _days(
    "EARSHOT_KEEP_CALLBACKS_DAYS", env.str("EARSHOT_KEEP_CALLBACKS_DAYS", ""), default=30
)
KEEP_CONFERENCES_DAYS = _days(
    "EARSHOT_KEEP_CONFERENCES_DAYS", env.str("EARSHOT_KEEP_CONFERENCES_DAYS", ""), default=365
)
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_SSL_REDIRECT = HTTPS
# A provider never follows a redirect, and a health check comes from inside.
SECURE_REDIRECT_EXEMPT = [r"^callbacks/", r"^documents/", r"^healthz$", r"^readyz$", r"^metrics$"]
if HTTPS:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # Daphne itself speaks no TLS

# --- language, time, log ---------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "console.logs.RedactingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "level": "INFO", "propagate": True},
        "daphne": {"level": "WARNING"},
    },
}
