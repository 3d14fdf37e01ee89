"""Settings come from the environment, and a server that would run insecurely does not start."""

import pytest

from cocm.basics.errors import UnusableInput
from cocm.server.database_url import database_settings
from cocm.server.email_url import email_settings
from cocm.server.environment import VARIABLES, SettingsError, read_environment

SAFE = {
    "COCM_SECRET_KEY": "k7Qz-" * 3 + "wE9_rT2yU8iO4pA1sD6fG3hJ5kL0zX7cV8bN",
    "DATABASE_URL": "sqlite:////srv/cocm/cocm.sqlite",
    "COCM_HOSTS": "cocm.example.org",
}


def test_a_safe_environment_starts_in_production() -> None:
    environment = read_environment(SAFE)
    assert environment.is_production
    assert environment.hosts == ("cocm.example.org",)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"COCM_SECRET_KEY": ""}, "COCM_SECRET_KEY"),
        ({"COCM_SECRET_KEY": "short"}, "COCM_SECRET_KEY"),
        ({"COCM_SECRET_KEY": "a" * 80}, "COCM_SECRET_KEY"),
        ({"COCM_HOSTS": ""}, "COCM_HOSTS"),
        ({"COCM_HOSTS": "*"}, "COCM_HOSTS"),
        ({"COCM_HOSTS": "*.example.org"}, "COCM_HOSTS"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"COCM_HSTS_SECONDS": "0"}, "COCM_HSTS_SECONDS"),
        ({"COCM_DEMO": "1"}, "COCM_DEMO"),
        ({"COCM_DEBUG": "1"}, "COCM_DEBUG"),
        ({"COCM_DEBUG": "maybe"}, "COCM_DEBUG"),
        ({"COCM_SESSION_MINUTES": "0"}, "COCM_SESSION_MINUTES"),
        ({"COCM_SESSION_MINUTES": "half an hour"}, "COCM_SESSION_MINUTES"),
        ({"COCM_LOG_LEVEL": "LOUD"}, "COCM_LOG_LEVEL"),
    ],
)
def test_an_unsafe_or_unreadable_environment_is_refused_by_name(changed, told) -> None:
    with pytest.raises(SettingsError, match=told) as refused:
        read_environment(SAFE | changed)
    assert SAFE["COCM_SECRET_KEY"] not in str(refused.value)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_environment({})
    for name in ("COCM_SECRET_KEY", "COCM_HOSTS", "DATABASE_URL"):
        assert name in str(refused.value)


def test_sqlite_begins_with_a_write_lock_and_keeps_a_journal_beside() -> None:
    settings = database_settings(SAFE["DATABASE_URL"], busy_timeout_seconds=7, pool=0, is_local=False)
    assert settings["NAME"] == "/srv/cocm/cocm.sqlite"
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in settings["OPTIONS"]["init_command"]
    assert settings["OPTIONS"]["timeout"] == 7


def test_postgresql_is_read_from_its_address() -> None:
    settings = database_settings(
        "postgresql://cocm_app:p%40ss@db.internal:5433/cocm?sslmode=verify-full",
        busy_timeout_seconds=20,
        pool=0,
        is_local=False,
    )
    assert (settings["USER"], settings["PASSWORD"], settings["HOST"], settings["PORT"], settings["NAME"]) == (
        "cocm_app",
        "p@ss",
        "db.internal",
        "5433",
        "cocm",
    )
    assert settings["OPTIONS"]["sslmode"] == "verify-full"
    assert settings["CONN_MAX_AGE"] == 60


@pytest.mark.parametrize("is_installed", [True, False])
def test_a_pool_needs_its_package(monkeypatch, is_installed) -> None:
    monkeypatch.setattr("cocm.server.database_url.find_spec", lambda name: name if is_installed else None)
    url = "postgresql://cocm_app@db.internal/cocm"
    if is_installed:
        settings = database_settings(url, busy_timeout_seconds=20, pool=8, is_local=False)
        assert settings["OPTIONS"]["pool"]["max_size"] == 8
        assert settings["CONN_MAX_AGE"] == 0
    else:
        with pytest.raises(SettingsError, match="psycopg-pool"):
            database_settings(url, busy_timeout_seconds=20, pool=8, is_local=False)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///relative.sqlite",
        "sqlite://",
        "sqlite://host/file",
        "mysql://user@host/cocm",
        "postgresql://user@host",
        "postgresql://user@host:port/cocm",
        "postgresql://user:secret@host/cocm?options=-c%20role%3Dpostgres",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(url) -> None:
    with pytest.raises(SettingsError) as refused:
        database_settings(url, busy_timeout_seconds=20, pool=0, is_local=False)
    assert "secret" not in str(refused.value)


def test_every_variable_says_what_it_means() -> None:
    assert len({variable.name for variable in VARIABLES}) == len(VARIABLES)
    assert all(variable.meaning.endswith(".") for variable in VARIABLES)


def test_a_mail_server_is_reached_by_tls_unless_it_is_this_machine() -> None:
    settings = email_settings("smtp://us%40er:p%2Fw@mail.example.org")
    assert settings["EMAIL_USE_TLS"] and not settings["EMAIL_USE_SSL"] and settings["EMAIL_PORT"] == 587
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("us@er", "p/w")
    assert email_settings("smtps://mail.example.org:1465")["EMAIL_PORT"] == 1465
    assert not email_settings("smtp+plain://localhost")["EMAIL_USE_TLS"]
    assert email_settings("")["EMAIL_BACKEND"].endswith("dummy.EmailBackend")


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "smtp://",
        "smtp://host:port-secret",
        "http://secret@host",
        "smtp+plain://far.example",
    ],
)
def test_a_mail_server_that_cannot_be_used_is_refused_without_its_password(url) -> None:
    with pytest.raises(UnusableInput, match="COCM_EMAIL_URL") as refused:
        read_environment(SAFE | {"COCM_EMAIL_URL": url})
    assert "secret" not in str(refused.value)
