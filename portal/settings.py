"""Every setting, read from the environment. `.env.example` lists them all; a test holds the two together.

Where ``DATABASE_URL`` is not set, or ``PORTAL_VAR`` names a folder for it, what is missing is embedded: PostgreSQL and
a broker in that folder, with secrets made there.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote_plus

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal import embedded

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.smart_cast = False
environ.Env.read_env(BASE_DIR / ".env")
if "DATABASE_URL" not in env.ENVIRON or "PORTAL_VAR" in env.ENVIRON:
    for key, value in embedded.defaults().items():
        env.ENVIRON.setdefault(key, value)

SECRET_KEY = env.str("SECRET_KEY")
FIELD_KEYS = env.list("FIELD_KEYS")
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = env.str("BASE_URL", "http://127.0.0.1:8000")

SANDBOX = env.bool("SANDBOX", False)
OUTBOUND_CONNECT_TO = env.str("OUTBOUND_CONNECT_TO", "")

INSTALLED_APPS = [
    "leads",
    "portal",
    "connectors",
    "csp",
    "django_htmx",
    "ninja",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    "portal.api.middleware.problem_responses",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.ContentSecurityPolicy",
    "portal.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.middleware.Authentication",
    "portal.middleware.Messages",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.middleware.Htmx",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates", *sorted(BASE_DIR.glob("connectors/*/templates"))],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": {"OPTIONS": {}} | env.db_url("DATABASE_URL")}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host/name")
# Each thread keeps its connection: handing it through a pool costs a request as much again as its statements do.
DATABASES["default"] |= {"CONN_MAX_AGE": env.int("DATABASE_KEEP", 300), "CONN_HEALTH_CHECKS": True}
DATABASES["default"]["OPTIONS"]["prepare_threshold"] = env.int("DATABASE_PREPARE_AFTER", 2) or None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL")
# Celery has a spelling of its own for a socket's address.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)

# Without a mail server, mails are files to be looked at.
vars().update(env.email_url("EMAIL_URL", f"filemail:///{quote_plus(str(embedded.var() / 'mail'))}"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "Publisher Portal <portal@localhost>")

LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = embedded.var() / "static"
STATICFILES_DIRS = [BASE_DIR / "static", *sorted(BASE_DIR.glob("connectors/*/static"))]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

HTTPS_ONLY = env.bool("HTTPS_ONLY", not SANDBOX)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$"]
BEHIND_PROXY = env.bool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
# Other subdomains, and the browsers' own list, are for the operator to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

# Whoever names it may read /metrics; without it there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# Days that the text of what a target answered is kept.
ANSWERS_KEPT_DAYS = env.int("ANSWERS_KEPT_DAYS", 30)

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024 + 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
}
