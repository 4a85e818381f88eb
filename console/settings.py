"""One file; every knob from the environment; a wrong value stops the start with a sentence.

Bare, it is for development on this machine. `DEBUG=0` is production and asks for SECRET_KEY,
ALLOWED_HOSTS and PUBLIC_URL. Any variable X may also be given as X_FILE, the path of a secret file.
`.env.example` lists every variable.
"""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
env = environ.FileAwareEnv()


def _switch(name: str, *, default: bool) -> bool:
    word = env.str(name, str(default)).strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {word!r}, which is neither 1 (on) nor 0 (off).")


def _needed(name: str, why: str) -> str:
    value = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(
            f"{name} is missing: {why} (DEBUG=1 runs without it, on this machine only.)"
        )
    return value


DEBUG = _switch("DEBUG", default=True)

if DEBUG:
    SECRET_KEY = env.str("SECRET_KEY", "") or "development-only-" + "0123456789" * 4
    ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=sorted(LOOPBACK))
    PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000")
else:
    SECRET_KEY = _needed(
        "SECRET_KEY", f"it signs the sessions. Take for example {secrets.token_urlsafe(8)}… of 50 characters."
    )
    if len(SECRET_KEY) < 50:
        raise ImproperlyConfigured("SECRET_KEY is too short: it needs 50 characters or more.")
    _needed("ALLOWED_HOSTS", "it names the hosts that people may ask for, for example earshot.example.com.")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
    PUBLIC_URL = _needed(
        "PUBLIC_URL", "the provider's callbacks are signed for it, for example https://earshot.example.com."
    )

PUBLIC_URL = PUBLIC_URL.rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname or _public.path or _public.query:
    raise ImproperlyConfigured(
        f"PUBLIC_URL is {PUBLIC_URL!r}, it must be a scheme and a host, like https://earshot.example.com."
    )
if _public.scheme == "http" and _public.hostname not in LOOPBACK:
    raise ImproperlyConfigured(
        f"PUBLIC_URL is {PUBLIC_URL!r}: outside this machine it must begin with https://."
    )
if DEBUG and not {_public.hostname, *ALLOWED_HOSTS} <= LOOPBACK | {"testserver"}:
    raise ImproperlyConfigured(
        "DEBUG is on, so ALLOWED_HOSTS and PUBLIC_URL may name this machine only. Set DEBUG=0."
    )
HTTPS = _public.scheme == "https"

if env.str("REDIS_URL", ""):
    raise ImproperlyConfigured("REDIS_URL is set, but this version runs one server process only. Remove it.")

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
    "django.contrib.staticfiles",
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
    try:
        database: dict[str, Any] = env.db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'earshot.sqlite3'}")
    except Exception as wrong:
        raise ImproperlyConfigured(f"DATABASE_URL is not readable: {wrong}") from wrong
    if database["ENGINE"] == "django.db.backends.sqlite3":
        if database["NAME"] != ":memory:":
            Path(database["NAME"]).parent.mkdir(parents=True, exist_ok=True)
        # WAL without IMMEDIATE makes "database is locked" more frequent, not less.
        database["OPTIONS"] = {
            "timeout": 5,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
    elif database["ENGINE"] == "django.db.backends.postgresql":
        database["CONN_MAX_AGE"] = 0  # the pool keeps the connections
        database["OPTIONS"] = {
            **database.get("OPTIONS", {}),
            "pool": {"min_size": 1, "max_size": 10, "timeout": 5},
        }
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")
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
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Earshot",
    "DESCRIPTION": "Live conferences, and what a supervisor may do on them.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- static files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "console.static_storage.HashedStaticFiles"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

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
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_SSL_REDIRECT = HTTPS
# A provider never follows a redirect, and a health check comes from inside.
SECURE_REDIRECT_EXEMPT = [r"^callbacks/", r"^healthz$", r"^readyz$", r"^metrics$"]
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
