"""The server's settings as a person gives them: environment variables, read once, typed, each with its meaning.

`VARIABLES` is the one list; docs/operate.md is generated from it. Reading is a plain function of a mapping, so that
tests need no environment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cocm.basics.errors import UnusableInput
from cocm.server.email_url import email_settings

SECRET_KEY_LENGTH_MIN: Final = 50
_TRUE: Final = ("1", "true", "yes", "on")
_FALSE: Final = ("", "0", "false", "no", "off")


class SettingsError(UnusableInput):
    """An environment variable that cannot be used, or a server that would start insecurely."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: its name, meaning, default as written, and an example."""

    name: str
    meaning: str
    default: str = ""
    example: str = ""
    is_secret: bool = False


VARIABLES: Final = (
    Variable(
        "COCM_SECRET_KEY",
        f"Signs sessions and links; at least {SECRET_KEY_LENGTH_MIN} characters (`cocm manage new_secret_key`).",
        is_secret=True,
    ),
    Variable(
        "DATABASE_URL",
        "Where the data are: sqlite:////absolute/path/cocm.sqlite or postgresql://user:password@host:5432/name. "
        "Required outside the demonstration; SQLite needs its path written out.",
        example="postgresql://cocm_app@db.internal/cocm",
        is_secret=True,
    ),
    Variable(
        "COCM_OWNER_DATABASE_URL",
        "PostgreSQL: the tables' owner, used by `cocm manage migrate` only; empty: DATABASE_URL's own role.",
        example="postgresql://cocm_owner@db.internal/cocm",
        is_secret=True,
    ),
    Variable(
        "COCM_DATABASE_POOL",
        "PostgreSQL: connections each process keeps open at most; 0 opens one a thread.",
        "0",
        "10",
    ),
    Variable("COCM_BUSY_TIMEOUT_SECONDS", "SQLite: how long a write waits for another's.", "20"),
    Variable(
        "COCM_HOSTS", "The names the site answers to, with commas between them.", example="cocm.example.org"
    ),
    Variable(
        "COCM_BEHIND_PROXY",
        "1: a proxy that you trust ends TLS, removes what clients send as X-Forwarded-Proto and sets it itself.",
        "0",
        "1",
    ),
    Variable("COCM_HSTS_SECONDS", "How long browsers insist on TLS.", "31536000"),
    Variable("COCM_SESSION_MINUTES", "Minutes without a request after which a session ends.", "30"),
    Variable(
        "COCM_MFA_GRACE_DAYS",
        "Days a new person has to set up a second factor where one is required: in production for every role that "
        "sees patients, and for everybody at an organization that says so.",
        "7",
    ),
    Variable("COCM_LINK_HOURS", "How long the link of an invitation or a forgotten password holds.", "24"),
    Variable(
        "COCM_SSO_ISSUER",
        "Single sign-on by OpenID Connect: the provider's address; empty: none. Register "
        "https://<host>/account/oidc/sso/login/callback/ there.",
        example="https://login.example.org/realms/clinic",
    ),
    Variable("COCM_SSO_CLIENT_ID", "Our name at the provider.", example="opencocm"),
    Variable("COCM_SSO_CLIENT_SECRET", "Our secret at the provider.", is_secret=True),
    Variable("COCM_SSO_NAME", "What its button says.", "Single sign-on", "Clinic account"),
    Variable(
        "COCM_SSO_SECOND_FACTOR",
        "1: the provider itself asks for a second factor, so that we need not.",
        "0",
        "1",
    ),
    Variable(
        "COCM_EMAIL_URL",
        "The mail server: smtp://user:password@host:587 (STARTTLS), smtps://... (TLS) or smtp+plain://localhost. "
        "Empty: no e-mail is sent, so no invitation, no forgotten password and no alert but the page's own.",
        example="smtp://cocm@mail.example.org:587",
        is_secret=True,
    ),
    Variable("COCM_EMAIL_FROM", "Who our e-mails are from.", "OpenCoCM <no-reply@localhost>"),
    Variable(
        "COCM_GLASS_MINUTES",
        "How long a chart stays open to somebody outside its care team who gave a reason (break-glass).",
        "240",
    ),
    Variable("COCM_RULES", "Folders of your own rules laid over the rulebook, with : between them."),
    Variable(
        "COCM_UPLOAD_MEGABYTES", "How large one file of a payer may be (uploads and folders).", "20", "100"
    ),
    Variable(
        "COCM_EXCHANGE_FOLDERS",
        "Folders shared with payers or clearinghouses (SFTP), with ; between them: practice=folder for all its payers, "
        "practice/PAYER=folder for one. Batches are put into out/, payers' files are looked for in in/ "
        "(`cocm manage watch_files`).",
        example="north-valley=/srv/exchange/clearinghouse;north-valley/MEDICARE=/srv/exchange/medicare",
    ),
    Variable("COCM_STATIC_ROOT", "Folder for hashed static files; empty: served from the package."),
    Variable("COCM_LOG_LEVEL", "How much the log tells: DEBUG, INFO, WARNING or ERROR.", "INFO"),
    Variable("COCM_DEBUG", "1: for developers only; pages show tracebacks, and nothing is required.", "0"),
    Variable(
        "COCM_DEMO",
        "1: the demonstration on this machine: synthetic people, known passwords, no TLS, this machine's names only.",
        "0",
    ),
)
_BY_NAME: Final = {variable.name: variable for variable in VARIABLES}
LOCAL_HOSTS: Final = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings, typed. `is_production` is everything that is neither for developers nor the demonstration."""

    secret_key: str
    database_url: str
    owner_database_url: str
    database_pool: int
    busy_timeout_seconds: int
    hosts: tuple[str, ...]
    is_behind_proxy: bool
    hsts_seconds: int
    session_minutes: int
    glass_minutes: int
    mfa_grace_days: int
    link_hours: int
    sso_issuer: str
    sso_client_id: str
    sso_client_secret: str
    sso_name: str
    sso_has_second_factor: bool
    email_url: str
    email_from: str
    rule_folders: tuple[Path, ...]
    static_root: str
    upload_megabytes: int
    exchange_folders: Mapping[str, Path]
    log_level: str
    is_debug: bool
    is_demo: bool

    @property
    def is_production(self) -> bool:
        return not (self.is_debug or self.is_demo)

    @property
    def sso_origin(self) -> str:
        """Scheme, host and port of the single sign-on; empty without one."""
        parts = urlsplit(self.sso_issuer)
        return f"{parts.scheme}://{parts.netloc}" if self.sso_issuer else ""


def read_environment(given: Mapping[str, str]) -> Environment:
    """The settings from a mapping such as `os.environ`. Raises `SettingsError` naming the variable and what to do.

    A server that would run insecurely is refused here, before anything is loaded: every fault is named at once.
    """
    is_debug, is_demo = _flag(given, "COCM_DEBUG"), _flag(given, "COCM_DEMO")
    environment = Environment(
        secret_key=_text(given, "COCM_SECRET_KEY"),
        database_url=_text(given, "DATABASE_URL"),
        owner_database_url=_text(given, "COCM_OWNER_DATABASE_URL"),
        database_pool=_number(given, "COCM_DATABASE_POOL", 0, 1000),
        busy_timeout_seconds=_number(given, "COCM_BUSY_TIMEOUT_SECONDS", 1, 600),
        hosts=tuple(host.strip() for host in _text(given, "COCM_HOSTS").split(",") if host.strip()),
        is_behind_proxy=_flag(given, "COCM_BEHIND_PROXY"),
        hsts_seconds=_number(given, "COCM_HSTS_SECONDS", 0, 10 * 31_536_000),
        session_minutes=_number(given, "COCM_SESSION_MINUTES", 1, 24 * 60),
        glass_minutes=_number(given, "COCM_GLASS_MINUTES", 5, 7 * 24 * 60),
        mfa_grace_days=_number(given, "COCM_MFA_GRACE_DAYS", 0, 90),
        link_hours=_number(given, "COCM_LINK_HOURS", 1, 7 * 24),
        sso_issuer=_text(given, "COCM_SSO_ISSUER").rstrip("/"),
        sso_client_id=_text(given, "COCM_SSO_CLIENT_ID"),
        sso_client_secret=_text(given, "COCM_SSO_CLIENT_SECRET"),
        sso_name=_text(given, "COCM_SSO_NAME"),
        sso_has_second_factor=_flag(given, "COCM_SSO_SECOND_FACTOR"),
        email_url=_text(given, "COCM_EMAIL_URL"),
        email_from=_text(given, "COCM_EMAIL_FROM"),
        rule_folders=tuple(Path(part) for part in _text(given, "COCM_RULES").split(":") if part),
        static_root=_text(given, "COCM_STATIC_ROOT"),
        upload_megabytes=_number(given, "COCM_UPLOAD_MEGABYTES", 1, 1_024),
        exchange_folders=_folders(given, "COCM_EXCHANGE_FOLDERS"),
        log_level=_choice(given, "COCM_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR")),
        is_debug=is_debug,
        is_demo=is_demo,
    )
    faults = _faults_of(environment)
    if faults:
        raise SettingsError("the server does not start: " + "; ".join(faults))
    return environment


def _faults_of(environment: Environment) -> list[str]:
    faults = []
    if environment.is_demo and set(environment.hosts) - set(LOCAL_HOSTS):
        faults.append(
            "COCM_DEMO=1 has known passwords and answers this machine only; take it or COCM_HOSTS away"
        )
    if environment.is_debug and set(environment.hosts) - set(LOCAL_HOSTS):
        faults.append(
            "COCM_DEBUG=1 shows what is in memory and answers this machine only; take it or COCM_HOSTS away"
        )
    faults += _sign_in_faults(environment)
    email_settings(environment.email_url)  # raises where it cannot be used
    if not environment.is_production:
        return faults
    if len(environment.secret_key) < SECRET_KEY_LENGTH_MIN or len(set(environment.secret_key)) < 10:
        faults.append(
            f"COCM_SECRET_KEY must have at least {SECRET_KEY_LENGTH_MIN} random characters "
            "(`cocm manage new_secret_key` prints one)"
        )
    if not environment.hosts or any("*" in host for host in environment.hosts):
        faults.append("COCM_HOSTS must name the site's hosts, without *")
    if not environment.database_url:
        faults.append("DATABASE_URL must say where the data are")
    if environment.hsts_seconds == 0:
        faults.append("COCM_HSTS_SECONDS must not be 0: browsers would take the site without TLS")
    return faults


def _sign_in_faults(environment: Environment) -> list[str]:
    faults = []
    parts = urlsplit(environment.sso_issuer)
    is_local = not environment.is_production and parts.hostname in ("127.0.0.1", "localhost")
    if environment.sso_issuer:
        if parts.scheme != "https" and not (parts.scheme == "http" and is_local):
            faults.append("COCM_SSO_ISSUER must begin with https://")
        if parts.username or parts.password or any(sign in parts.netloc for sign in " ;,'\""):
            faults.append("COCM_SSO_ISSUER must be a plain address, without user or password")
        if not (environment.sso_client_id and environment.sso_client_secret):
            faults.append("COCM_SSO_ISSUER needs COCM_SSO_CLIENT_ID and COCM_SSO_CLIENT_SECRET")
    if any(sign in environment.email_from for sign in "\r\n"):
        faults.append("COCM_EMAIL_FROM must be one line")
    return faults


def _text(given: Mapping[str, str], name: str) -> str:
    return given.get(name, _BY_NAME[name].default).strip()


def _flag(given: Mapping[str, str], name: str) -> bool:
    text = _text(given, name).lower()
    if text not in _TRUE + _FALSE:
        raise SettingsError(f"{name}: expected 1 or 0")
    return text in _TRUE


def _number(given: Mapping[str, str], name: str, minimum: int, maximum: int) -> int:
    text = _text(given, name)
    if not text.isascii() or not text.isdigit() or not minimum <= int(text) <= maximum:
        raise SettingsError(f"{name}: expected a whole number from {minimum} to {maximum}")
    return int(text)


def _folders(given: Mapping[str, str], name: str) -> dict[str, Path]:
    """Folders by practice, or practice and payer: `practice=folder;practice/PAYER=folder`."""
    found: dict[str, Path] = {}
    for part in filter(None, (part.strip() for part in _text(given, name).split(";"))):
        key, equals, folder = (piece.strip() for piece in part.partition("="))
        if not (key and equals and Path(folder).is_absolute()) or key in found:
            raise SettingsError(
                f"{name}: expected practice=/folder or practice/PAYER=/folder, each once, with ; between them"
            )
        found[key] = Path(folder)
    return found


def _choice(given: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str:
    text = _text(given, name).upper()
    if text not in choices:
        raise SettingsError(f"{name}: expected one of {', '.join(choices)}")
    return text
