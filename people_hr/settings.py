"""Settings of one installation, read from the environment.

Secure by default: without ``DEBUG`` or ``PEOPLE_HR_DEMO``, a missing secret key, host
list or encryption key stops start-up with a sentence. Every name stands in
``docs/settings.md``.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from people_hr import embedded
from people_hr.env import (
    env_bool,
    env_choice,
    env_float,
    env_int,
    env_list,
    env_path,
    env_rate,
    env_str,
    missing,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = env_path("PEOPLE_HR_VAR", default=BASE_DIR / "var")

DEBUG = env_bool("DEBUG", default=False)
# Demo mode: an installation to try, on this machine alone. It makes its own keys.
DEMO = env_bool("PEOPLE_HR_DEMO", default=False)
RELAXED = DEBUG or DEMO


# --- Keys and hosts -----------------------------------------------------------------

SECRET_KEY = env_str("SECRET_KEY")
# Fernet keys for secrets at rest; the first encrypts, all decrypt (for rotation).
ENCRYPTION_KEYS = env_list("ENCRYPTION_KEYS")
# Secrets that API keys are tagged under; the first makes tags, all verify them.
API_KEY_PEPPERS = env_list("API_KEY_PEPPERS")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS")
if RELAXED:
    SECRET_KEY = SECRET_KEY or embedded.generated_key(VAR, "secret-key")
    ENCRYPTION_KEYS = ENCRYPTION_KEYS or [embedded.generated_key(VAR, "encryption-key")]
    API_KEY_PEPPERS = API_KEY_PEPPERS or [embedded.generated_key(VAR, "api-key-pepper")]
    ALLOWED_HOSTS = ALLOWED_HOSTS or ["localhost", "127.0.0.1", "[::1]"]
if not SECRET_KEY:
    raise missing("SECRET_KEY", "it signs sessions and tokens; 50 random characters.")
if not ENCRYPTION_KEYS:
    raise missing("ENCRYPTION_KEYS", "they encrypt secrets at rest; Fernet keys.")
if not API_KEY_PEPPERS:
    raise missing("API_KEY_PEPPERS", "API keys are tagged under them; 32 random bytes.")
if not ALLOWED_HOSTS:
    raise missing("ALLOWED_HOSTS", "the host names that this installation answers to.")

# The address people and integrators reach us at; absolute links are built from it.
PUBLIC_URL = env_str(
    "PUBLIC_URL", default="" if not RELAXED else "http://127.0.0.1:8000"
)
PUBLIC_URL = PUBLIC_URL.rstrip("/") or f"https://{ALLOWED_HOSTS[0].lstrip('.*')}"
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")


# --- Apps ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "people_hr",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "people_hr.apps.HRAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "rest_framework",
    "corsheaders",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "lucide",
    "organizations",
    "employees",
    "leave",
    "django_ratelimit",
    "integrations.webhooks",
    "integrations.monitoring",
    "integrations.audit",
    "integrations.rate_limits",
    "integrations.api_keys",
    "integrations.oauth",
    "oauth2_provider",
    "integrations.gateway",
    # Below what stores events: a punch is told before the day that it changes.
    "attendance",
]

MIDDLEWARE = [
    "organizations.tracing.RequestIdMiddleware",
    "integrations.gateway.middleware.CallLogMiddleware",
    # Outside of the door, so that pages may also read why they were refused.
    "corsheaders.middleware.CorsMiddleware",
    "integrations.gateway.middleware.GatewayMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "organizations.middleware.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "organizations.middleware.SessionActivity",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "organizations.middleware.OrganizationMiddleware",
]

ROOT_URLCONF = "people_hr.urls"
WSGI_APPLICATION = "people_hr.wsgi.application"
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
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []


# --- The engines --------------------------------------------------------------------

DATABASE_URL = env_str("DATABASE_URL", default=embedded.database_url(VAR))
DATABASES: dict[str, Any] = {
    "default": {
        **dj_database_url.parse(
            DATABASE_URL,
            conn_max_age=env_int("DATABASE_CONNECTION_MAX_AGE_SECONDS", default=600),
            conn_health_checks=True,
        ),
    }
}
# An unreachable database is an error soon, not a request that hangs.
DATABASES["default"].setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
if not DATABASES["default"]["ENGINE"].endswith("postgresql"):
    raise ImproperlyConfigured(
        "DATABASE_URL must start with postgresql://: no other database will do."
    )

REDIS_URL = env_str("REDIS_URL", default=embedded.redis_url(VAR))
CACHES: dict[str, dict[str, Any]] = {
    # For what must know whether it answers; the others are below, with the limits.
    "store": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "people-hr",
        # A Valkey that hangs is an error soon, not a process that hangs.
        "OPTIONS": {"socket_timeout": 1.0, "socket_connect_timeout": 1.0},
    }
}
SESSION_ENGINE = "organizations.sessions"


# --- Celery: rows remember when to try again, so tasks are short and hold no ETA -----

CELERY_BROKER_URL = env_str("CELERY_BROKER_URL", default=embedded.broker_url(REDIS_URL))
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_SEND_TASK_EVENTS = True  # flower shows tasks only if workers say so
CELERY_WORKER_PREFETCH_MULTIPLIER = 1  # a drainer runs long: hold nothing behind it
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Celery closes Django's connections around every task unless told to keep them.
CELERY_DB_REUSE_MAX = 1000
# A save must not wait for a broker that is away: the sweep makes up for it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 0,  # of a connection; a worker's main loop has its own patience
    "interval_start": 0,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
    "visibility_timeout": 3600,
}
CELERY_BEAT_SCHEDULE: dict[str, Any] = {
    "sweep-due-deliveries": {
        "task": "integrations.webhooks.tasks.drain_deliveries",
        "schedule": timedelta(seconds=1),
        "options": {"expires": 1},
    },
    "beat-heartbeat": {
        "task": "integrations.monitoring.tasks.record_beat",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 10},
    },
    "end-due-employments": {
        "task": "employees.tasks.end_due_employments",
        "schedule": timedelta(hours=1),
    },
    "mark-absences": {
        "task": "attendance.tasks.mark_absences",
        "schedule": timedelta(minutes=5),
        "options": {"expires": 300},
    },
    "recompute-stale-days": {
        "task": "attendance.tasks.recompute_stale_days",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "watch-api-keys": {
        "task": "integrations.api_keys.tasks.watch_keys",
        "schedule": timedelta(minutes=1),
        "options": {"expires": 60},
    },
    "prune-grants": {
        "task": "integrations.oauth.tasks.prune_grants",
        "schedule": timedelta(hours=1),
    },
    "seal-audit-events": {
        "task": "integrations.audit.tasks.seal_events",
        "schedule": timedelta(seconds=5),
        "options": {"expires": 5},
    },
    "roll-up-usage": {
        "task": "integrations.audit.tasks.roll_up_usage",
        "schedule": timedelta(seconds=30),
        "options": {"expires": 30},
    },
    "keep-call-log": {
        "task": "integrations.audit.tasks.keep_call_log",
        "schedule": timedelta(hours=1),
    },
    "prune-event-log": {
        "task": "integrations.webhooks.tasks.prune_event_log",
        "schedule": timedelta(hours=1),
    },
    "prune-kept-answers": {
        "task": "integrations.gateway.tasks.prune_kept_answers",
        "schedule": timedelta(hours=1),
    },
    "rotate-signing-keys": {
        "task": "organizations.tasks.rotate_signing_keys",
        "schedule": timedelta(hours=12),
    },
    "forget-expired-sessions": {
        "task": "organizations.tasks.forget_expired_sessions",
        "schedule": timedelta(hours=1),
    },
}


# --- Webhooks -----------------------------------------------------------------------

WEBHOOK_ALLOW_PRIVATE_NETWORKS = env_bool(
    "WEBHOOK_ALLOW_PRIVATE_NETWORKS", default=DEMO
)
WEBHOOK_CONNECT_TIMEOUT_SECONDS = env_float(
    "WEBHOOK_CONNECT_TIMEOUT_SECONDS", default=5.0
)
WEBHOOK_TIMEOUT_SECONDS = env_float("WEBHOOK_TIMEOUT_SECONDS", default=15.0)
# Whom receivers' TLS certificates must be signed by; a file of PEM certificates. Empty:
# the public authorities that Mozilla trusts (the package certifi).
WEBHOOK_CA_FILE = env_str("WEBHOOK_CA_FILE")
WEBHOOK_DRAINERS = env_int("WEBHOOK_DRAINERS", default=2)
WEBHOOK_DRAINER_IDLE_SECONDS = env_float("WEBHOOK_DRAINER_IDLE_SECONDS", default=10.0)
WEBHOOK_EVENT_LOG_DAYS = env_int("WEBHOOK_EVENT_LOG_DAYS", default=30)
# Where the demo endpoint points and the demo receiver listens.
WEBHOOK_RECEIVER_URL = env_str("WEBHOOK_RECEIVER_URL", default="http://127.0.0.1:9000/")


# --- API keys -----------------------------------------------------------------------

# Rounds of bcrypt, as a power of two; a key that is used is hashed anew when it rises.
API_KEY_BCRYPT_COST = env_int("API_KEY_BCRYPT_COST", default=10)
# How many keys one process verifies by bcrypt at a time; more are asked to come again.
API_KEY_BCRYPT_SLOTS = env_int("API_KEY_BCRYPT_SLOTS", default=4)


# --- Logs: how many days each is kept -----------------------------------------------

CALL_LOG_DAYS = env_int("CALL_LOG_DAYS", default=30)
USAGE_MINUTES_DAYS = env_int("USAGE_MINUTES_DAYS", default=3)
USAGE_HOURS_DAYS = env_int("USAGE_HOURS_DAYS", default=90)
USAGE_DAYS_DAYS = env_int("USAGE_DAYS_DAYS", default=730)
SECURITY_LOG_DAYS = env_int("SECURITY_LOG_DAYS", default=400)
# Who may read /health/metrics from another machine; empty: nobody.
METRICS_TOKEN = env_str("METRICS_TOKEN")


# --- People and passwords -----------------------------------------------------------

AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "CommonPasswordValidator",
    )
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "organizations.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # people are invited, nobody signs up
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[People HR] "
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password is told to its owner
# Brute force: five wrong passwords for one address in five minutes, ten a minute
# from one network address, wait. How often an address may try at all, see RATE_LIMITS.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/300s/key",
    "login": False,
    "reset_password": "5/m/key",
}
TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
USERSESSIONS_TRACK_ACTIVITY = True

EMAIL_HOST = env_str("EMAIL_HOST")
EMAIL_PORT = env_int("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env_str("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env_str("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env_str("DEFAULT_FROM_EMAIL", default="People HR <hr@localhost>")
# Without a mail server, mail is kept as files where it can be read.
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = VAR / "mail"


# --- API ----------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "integrations.gateway.authentication.GatewayAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["organizations.permissions.HasScope"],
    "DEFAULT_PAGINATION_CLASS": "organizations.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "organizations.pagination.ParameterFilter",
        "rest_framework.filters.SearchFilter",
        "organizations.pagination.OrderingFilter",
    ],
    "DEFAULT_RENDERER_CLASSES": [
        "organizations.http.JSONRenderer",
        "organizations.http.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["organizations.http.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "organizations.openapi.OrganizationSchema",
    "EXCEPTION_HANDLER": "organizations.problems.problem_details",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 50,
    "UNAUTHENTICATED_USER": None,
}
# How long the answer to a POST with an Idempotency-Key is kept for who sends it again.
IDEMPOTENCY_HOURS = env_int("IDEMPOTENCY_HOURS", default=24)
# Which pages of other origins may call: integrations/gateway/cors.py answers, by what
# organizations list. Nothing is allowed here, and cookies never.
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOWED_ORIGINS: list[str] = []
CORS_ALLOW_CREDENTIALS = False
CORS_PREFLIGHT_MAX_AGE = 600
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
CORS_ALLOW_HEADERS = [
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "x-api-key",
    "x-request-id",
]
CORS_EXPOSE_HEADERS = [
    "Allow",
    "Content-Language",
    "Deprecation",
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-ID",
]
# What our tokens say and hold for. Keys and algorithm are not simplejwt's: they come
# from the ring of organizations/tokens/.
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(
        minutes=env_int("ACCESS_TOKEN_MINUTES", default=10)
    ),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env_int("REFRESH_TOKEN_DAYS", default=7)),
    "ISSUER": PUBLIC_URL,
    "AUDIENCE": "people-hr-api",
    "LEEWAY": 5,  # seconds that the clocks of several machines may differ
    "UPDATE_LAST_LOGIN": False,
}
SIGNING_KEY_DAYS = env_int("SIGNING_KEY_DAYS", default=90)
SPECTACULAR_SETTINGS = {
    "TITLE": "People HR API",
    "DESCRIPTION": (
        "Employees and the events that their changes become. Errors are RFC 9457 "
        "problem documents; lists are paged by cursor; writes take `If-Match`."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "DeliveryStatus": "integrations.webhooks.models.Delivery.Status",
        "EmployeeStatus": "employees.models.Employee.Status",
        "EmploymentType": "employees.models.Employee.EmploymentType",
        "Gender": "employees.models.Employee.Gender",
        "DayPortion": "leave.models.calendars.Portion",
        "AttendanceDayStatus": "attendance.models.AttendanceDay.Status",
        "CorrectionStatus": "attendance.models.Correction.Status",
        "PunchDirection": "attendance.models.Punch.Direction",
        "PunchSource": "attendance.models.Punch.Source",
        "Role": "organizations.roles.Role",
        "ApplicationKind": "integrations.oauth.redirects.ApplicationKind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "organizations.openapi.describe_problems",
    ],
    # A key or token that is typed in goes alone: with the session's cookie there were
    # two credentials, which are refused. The page's own interceptor adds CSRF's token.
    "SWAGGER_UI_SETTINGS": """{
        deepLinking: true,
        docExpansion: "list",
        filter: true,
        requestInterceptor: (request) => {
            const names = Object.keys(request.headers).join().toLowerCase();
            if (/authorization|x-api-key/.test(names)) {
                request.credentials = "omit";
            }
            return requestInterceptor(request);
        },
    }""",
}


# --- Limits: docs/limits.md says what each of them guarantees -------------------------

RATE_LIMIT_STORE = env_choice(
    "RATE_LIMIT_STORE", ("valkey", "memory"), default="valkey"
)
# Of connecting and of answering, each: a request waits for both at worst.
RATE_LIMIT_TIMEOUT_SECONDS = env_float("RATE_LIMIT_TIMEOUT_SECONDS", default=0.04)
# Where the pages' limits (django-ratelimit) count.
RATELIMIT_USE_CACHE = "limits"
#: The same for what a request waits for: not for long.
_IMPATIENT = {
    **CACHES["store"],
    "OPTIONS": {
        "socket_timeout": RATE_LIMIT_TIMEOUT_SECONDS,
        "socket_connect_timeout": RATE_LIMIT_TIMEOUT_SECONDS,
    },
}
CACHES["limits"] = (
    {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    if RATE_LIMIT_STORE == "memory"
    else _IMPATIENT
)
CACHES["default"] = {
    **_IMPATIENT,
    "BACKEND": "organizations.caching.OwnMemoryMeanwhile",
}
# W001: it knows another package's Redis backend, not Django's, whose INCR is as atomic.
SILENCED_SYSTEM_CHECKS.append("django_ratelimit.W001")
if RATE_LIMIT_STORE == "memory":  # E003: each process counts by itself, as was asked
    SILENCED_SYSTEM_CHECKS.append("django_ratelimit.E003")
# How many processes answer requests; each takes its share when the store is away.
WEB_CONCURRENCY = env_int("WEB_CONCURRENCY", default=2)
# Exactly this much: every attempt is remembered.
SECURITY_LIMITS = {
    "bad-keys": env_rate("RATE_LIMIT_BAD_KEYS", default="20/minute"),
    "token": env_rate("RATE_LIMIT_TOKEN", default="20/minute"),
    "login": env_rate("RATE_LIMIT_LOGIN", default="60/minute"),
    "password-reset": env_rate("RATE_LIMIT_PASSWORD_RESET", default="20/minute"),
}
RATE_LIMITS = {
    "global": env_rate("RATE_LIMIT_GLOBAL", default="60000/minute"),
    "address": env_rate("RATE_LIMIT_ADDRESS", default="1200/minute"),
    "key": env_rate("RATE_LIMIT_KEY", default="1000/hour"),
    "key-burst": env_rate("RATE_LIMIT_KEY_BURST", default="600/minute"),
    "user": env_rate("RATE_LIMIT_USER", default="1000/hour"),
    "user-burst": env_rate("RATE_LIMIT_USER_BURST", default="600/minute"),
    "organization": env_rate("RATE_LIMIT_ORGANIZATION", default="20000/hour"),
    **SECURITY_LIMITS,
}
# The most that an organization may set for itself, if it was not allowed more.
RATE_LIMIT_MOST = {
    "key": env_rate("RATE_LIMIT_KEY_MOST", default="20000/hour"),
    "user": env_rate("RATE_LIMIT_USER_MOST", default="20000/hour"),
    "endpoint": env_rate("RATE_LIMIT_ENDPOINT_MOST", default="20000/hour"),
    "organization": RATE_LIMITS["organization"],
}


# --- Apps: OAuth 2 and OpenID Connect (integrations/oauth) ---------------------------

# RSA keys of ID tokens in PEM; the first signs, all are published (for rotation).
# Without one, apps may call the API but nobody logs in to them with us.
OIDC_RSA_PRIVATE_KEYS = [
    pem.replace("\\n", "\n") for pem in env_list("OIDC_RSA_PRIVATE_KEYS")
]
if RELAXED and not OIDC_RSA_PRIVATE_KEYS:
    OIDC_RSA_PRIVATE_KEYS = [embedded.generated_rsa_key(VAR, "oidc-key")]
OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth.Application"
OAUTH2_PROVIDER_GRANT_MODEL = "oauth.Grant"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth.AccessToken"  # noqa: S105 (a model)
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauth.RefreshToken"  # noqa: S105 (a model)
# Of a grant, from the consent on, however often it is refreshed.
OAUTH_GRANT_DAYS = env_int("OAUTH_GRANT_DAYS", default=30)
OAUTH_ACCESS_TOKEN_MINUTES = env_int("OAUTH_ACCESS_TOKEN_MINUTES", default=10)
OAUTH2_PROVIDER: dict[str, Any] = {
    "OAUTH2_SERVER_CLASS": "integrations.oauth.server.Server",
    "OAUTH2_VALIDATOR_CLASS": "integrations.oauth.validation.Validator",
    "SCOPES_BACKEND_CLASS": "integrations.oauth.scopes.ScopeTable",
    "ACCESS_TOKEN_GENERATOR": "integrations.oauth.issuing.new_access_token",
    "REFRESH_TOKEN_GENERATOR": "integrations.oauth.issuing.next_refresh_token",
    "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
    "ACCESS_TOKEN_EXPIRE_SECONDS": 60 * OAUTH_ACCESS_TOKEN_MINUTES,
    "ID_TOKEN_EXPIRE_SECONDS": 600,
    "REFRESH_TOKEN_EXPIRE_SECONDS": OAUTH_GRANT_DAYS * 86_400,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "OAUTH_PRE_TOKEN_VALIDATION": [],
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "OIDC_ENABLED": bool(OIDC_RSA_PRIVATE_KEYS),
    "OIDC_ISS_ENDPOINT": PUBLIC_URL,
    "OIDC_RSA_PRIVATE_KEY": next(iter(OIDC_RSA_PRIVATE_KEYS), ""),
    "OIDC_RSA_PRIVATE_KEYS_INACTIVE": OIDC_RSA_PRIVATE_KEYS[1:],
    "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
    "OAUTH2_GRANT_TYPES_SUPPORTED": [
        "authorization_code",
        "client_credentials",
        "refresh_token",
    ],
    **dict.fromkeys(
        (
            "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT",
            "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT",
            "COMPLIANT_BCP_RFC9700_PKCE_METHOD",
            "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT",
            "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS",
            "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE",
            "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN",
            "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME",
            "COMPLIANT_BCP_RFC9700_REDIRECT_URI_MATCHING",
            "COMPLIANT_BCP_RFC9700_PKCE_REQUIRED",
        ),
        True,
    ),
}


# --- Pages --------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", _("English"))]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env_path("STATIC_ROOT", default=BASE_DIR / "staticfiles")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if RELAXED
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
# Without a build step, demo and development serve the files where they lie.
WHITENOISE_USE_FINDERS = RELAXED
WHITENOISE_AUTOREFRESH = DEBUG

# The admin wears the pages' colours: static/people_hr/tokens.css.
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "People HR",
    "SITE_HEADER": "People HR",
    "SITE_URL": "/",
    "SITE_SYMBOL": "diversity_3",
    "SITE_FAVICONS": [{"rel": "icon", "href": "people_hr.navigation.favicon"}],
    "STYLES": ["people_hr.navigation.stylesheet"],
    "SCRIPTS": ["people_hr.navigation.script"],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "BORDER_RADIUS": "8px",
    "DASHBOARD_CALLBACK": "people_hr.dashboard.dashboard",
    "SIDEBAR": {
        "show_search": True,
        "navigation": "people_hr.navigation.sidebar",
    },
    "COLORS": {
        "base": {
            "50": "oklch(98.2% .005 90)",
            "100": "oklch(95.5% .007 90)",
            "200": "oklch(89.8% .009 90)",
            "300": "oklch(83% .01 90)",
            "400": "oklch(70% .014 200)",
            "500": "oklch(50% .02 235)",
            "600": "oklch(42% .02 235)",
            "700": "oklch(35% .018 235)",
            "800": "oklch(26% .014 235)",
            "900": "oklch(20.5% .011 235)",
            "950": "oklch(16.3% .01 235)",
        },
        "primary": {
            "50": "oklch(97.5% .012 210)",
            "100": "oklch(95.2% .021 210)",
            "200": "oklch(90% .04 211)",
            "300": "oklch(84% .07 207)",
            "400": "oklch(79% .095 205)",
            "500": "oklch(72% .095 209)",
            "600": "oklch(44.5% .085 220)",
            "700": "oklch(37.5% .075 222)",
            "800": "oklch(31% .06 223)",
            "900": "oklch(26% .05 224)",
            "950": "oklch(20% .035 225)",
        },
    },
}


# --- Security -----------------------------------------------------------------------

# Our pages: nothing inline, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", default=not RELAXED)
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = env_int(
    "SECURE_HSTS_SECONDS", default=0 if RELAXED else 31_536_000
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = not RELAXED
SECURE_HSTS_PRELOAD = not RELAXED
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = not RELAXED
CSRF_COOKIE_SECURE = not RELAXED
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
X_FRAME_OPTIONS = "DENY"
if env_bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOG_LEVEL = env_choice(
    "LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), default="INFO"
)
# A line a second for each task that beat sends and a worker runs; failures are others.
QUIET_LOGGERS = ("celery.beat", "celery.worker.strategy", "celery.app.trace")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "filters": {"routes": {"()": "organizations.tracing.RoutesForAddresses"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        **{
            name: {"level": "DEBUG" if LOG_LEVEL == "DEBUG" else "WARNING"}
            for name in QUIET_LOGGERS
        },
        **{
            name: {"filters": ["routes"]}
            for name in ("django.request", "django.security.csrf")
        },
        # Its lines for debugging hold codes and tokens.
        "oauthlib": {"level": "WARNING"},
    },
}
