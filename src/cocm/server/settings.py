"""Django's settings, from the environment (`cocm.server.environment` names and checks every variable)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from cocm.server.database_url import database_settings
from cocm.server.email_url import email_settings
from cocm.server.environment import LOCAL_HOSTS, SECRET_KEY_LENGTH_MIN, read_environment
from cocm.server.look.content_security import content_security_policy

ENVIRONMENT = read_environment(os.environ)
HERE = Path(__file__).resolve().parent

DEBUG = ENVIRONMENT.is_debug
IS_DEMO = ENVIRONMENT.is_demo
# Without a key of its own a demonstration or a developer's server has one that is worth nothing elsewhere.
SECRET_KEY = ENVIRONMENT.secret_key or "not-a-secret-" * SECRET_KEY_LENGTH_MIN
ALLOWED_HOSTS = list(ENVIRONMENT.hosts if ENVIRONMENT.is_production else LOCAL_HOSTS)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",  # allauth's pages of passkeys ask for it
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks",
    "django_tasks_db",
    "cocm.server.look",
    "cocm.server.accounts",
    "cocm.server.access",
    "cocm.server.audit",
    "cocm.server.registry",
    "cocm.server.contacts",
    "cocm.server.guardians",
    "cocm.server.measures",
    "cocm.server.books",
    "cocm.server.dashboard",
    "cocm.server.runs",
    "cocm.server.months",
    "cocm.server.claims",
    "cocm.server.setup",
    "cocm.server.api",
    "cocm.server.today",
    "cocm.server.review",
    "cocm.server.careplans",
    "cocm.server.quality",
    "cocm.server.rulebook",
    "cocm.server.plandesk",
    "cocm.server.work",
    "cocm.server.money",
    "cocm.server.denials",
]

MIDDLEWARE = [
    "cocm.server.requests.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cocm.server.sessions.SessionsInUse",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cocm.server.requests.DeclaredNeedsMiddleware",
    "cocm.server.requests.PrivatePagesMiddleware",
]

FORM_RENDERER = "cocm.server.look.form_renderer.QuickWidgets"
ROOT_URLCONF = "cocm.server.urls"
WSGI_APPLICATION = "cocm.server.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "cocm.server.access.context.actor",
                "cocm.server.look.shell.shell",
            ],
        },
    }
]

# -- data ----------------------------------------------------------------------------------------------------------

_DATABASE_URL = ENVIRONMENT.database_url
if not _DATABASE_URL:  # the demonstration's; production has refused to start without one
    Path("demo/site").mkdir(parents=True, exist_ok=True)
    _DATABASE_URL = "sqlite:///demo/site/cocm.sqlite"
if os.environ.get("COCM_AS_OWNER") and ENVIRONMENT.owner_database_url:
    _DATABASE_URL = ENVIRONMENT.owner_database_url  # `cocm manage migrate` only
DATABASES = {
    "default": database_settings(
        _DATABASE_URL,
        busy_timeout_seconds=ENVIRONMENT.busy_timeout_seconds,
        pool=ENVIRONMENT.database_pool,
        is_local=not ENVIRONMENT.is_production,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
RULE_FOLDERS = ENVIRONMENT.rule_folders
UPLOAD_MEGABYTES = ENVIRONMENT.upload_megabytes
EXCHANGE_FOLDERS = dict(ENVIRONMENT.exchange_folders)

# -- signing in ----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "cocm.server.accounts.adapters.ClosedDoor"
SOCIALACCOUNT_ADAPTER = "cocm.server.accounts.adapters.KnownPeopleOnly"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "OpenCoCM: "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if ENVIRONMENT.is_production else "http"
# failed tries count by address and device, see `accounts.adapters`
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if ENVIRONMENT.is_behind_proxy else 0
PASSWORD_RESET_TIMEOUT = ENVIRONMENT.link_hours * 3600
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": [
            {
                "provider_id": "sso",
                "name": ENVIRONMENT.sso_name,
                "client_id": ENVIRONMENT.sso_client_id,
                "secret": ENVIRONMENT.sso_client_secret,
                "settings": {"server_url": ENVIRONMENT.sso_issuer, "oauth_pkce_enabled": True},
            }
        ]
        if ENVIRONMENT.sso_issuer
        else []
    }
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # by an address that the provider has verified: `KnownPeopleOnly`
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_STORE_TOKENS = False
SSO_HAS_SECOND_FACTOR = ENVIRONMENT.sso_has_second_factor
MFA_ADAPTER = "cocm.server.accounts.adapters.SecretsEncrypted"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an administrator invited the address
MFA_TOTP_ISSUER = "OpenCoCM"
MFA_IS_REQUIRED_FOR_PATIENTS = ENVIRONMENT.is_production
MFA_GRACE_DAYS = ENVIRONMENT.mfa_grace_days
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENVIRONMENT.is_production

GLASS_MINUTES = ENVIRONMENT.glass_minutes

SESSION_COOKIE_AGE = ENVIRONMENT.session_minutes * 60
SESSION_ENGINE = "cocm.server.sessions"  # they last on with their use
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# -- transport -----------------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENVIRONMENT.is_production
SECURE_SSL_REDIRECT = ENVIRONMENT.is_production and not ENVIRONMENT.is_behind_proxy
SECURE_HSTS_SECONDS = ENVIRONMENT.hsts_seconds if ENVIRONMENT.is_production else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if ENVIRONMENT.is_behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CONTENT_SECURITY_POLICY = content_security_policy(
    sign_in_addresses=[ENVIRONMENT.sso_origin] if ENVIRONMENT.sso_issuer else []
)
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ENVIRONMENT.hosts] if ENVIRONMENT.is_production else []

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# -- pages ---------------------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False  # the site speaks English; patients' pages have their own words (`measures.words`)
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
if ENVIRONMENT.static_root:
    STATIC_ROOT = ENVIRONMENT.static_root
    WHITENOISE_USE_FINDERS = False
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
_EMAIL = email_settings(ENVIRONMENT.email_url)
if not ENVIRONMENT.email_url and not ENVIRONMENT.is_production:
    _EMAIL = {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
globals().update(_EMAIL)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENVIRONMENT.email_from

LOOK_SHELL = "cocm.server.navigation.shell_for"
LOOK_GUIDE = not ENVIRONMENT.is_production  # the style guide at /look/

# -- log: ids only, never what a person typed ----------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"scrub": {"()": "cocm.server.logs.Scrub"}},
    "formatters": {"line": {"()": "cocm.server.logs.LineFormatter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["scrub"], "formatter": "line"},
    },
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
    "loggers": {
        "django": {"handlers": [], "level": ENVIRONMENT.log_level, "propagate": True},
        # its debug lines hold statements with their values
        "django.db.backends": {"level": "INFO"},
    },
}
