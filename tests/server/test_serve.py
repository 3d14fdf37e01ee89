"""`cocm serve` and `cocm manage` as a person runs them: real processes, real migrations, a real database."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "COCM_SECRET_KEY": "k7Qz-" * 3 + "wE9_rT2yU8iO4pA1sD6fG3hJ5kL0zX7cV8bN",
    "COCM_HOSTS": "cocm.example.org",
}


def environment(**given: str) -> dict[str, str]:
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("COCM_", "DJANGO_", "DATABASE"))
    }
    return plain | given


def cocm(*arguments: str, **given: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "cocm.cli", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=environment(**given),
    )


@pytest.fixture(scope="module")
def demo_url(tmp_path_factory) -> str:
    """A database of the demonstration, made by the commands."""
    url = f"sqlite:///{tmp_path_factory.mktemp('site') / 'cocm.sqlite'}"
    refused = cocm("serve", "--port", str(free_port()), COCM_DEMO="1", DATABASE_URL=url)
    assert refused.returncode == 2 and "cocm manage migrate" in refused.stderr
    migrated = cocm("manage", "migrate", "--verbosity", "0", COCM_DEMO="1", DATABASE_URL=url)
    assert migrated.returncode == 0, migrated.stderr
    loaded = cocm("manage", "load_demo", "--patients", "5", "--months", "2", COCM_DEMO="1", DATABASE_URL=url)
    assert loaded.returncode == 0, loaded.stderr
    lines = loaded.stdout.splitlines()
    assert len(lines) == 10 and all("@demo.example / " in line for line in lines)  # sign-ins, and no letter
    return url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.once
def test_the_demonstration_answers_stops_when_told_and_leaves_a_sound_trail(demo_url) -> None:
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "cocm.cli", "serve", "--port", str(port)],
        env=environment(COCM_DEMO="1", DATABASE_URL=demo_url),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        page = first_answer(f"http://127.0.0.1:{port}/account/login/")
        assert "csrfmiddlewaretoken" in page
        style = re.search(r'href="(/static/[^"]+look\.css)"', page)
        assert style is not None
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{style[1]}") as answer:
            assert answer.status == 200
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/") as answer:
            assert answer.read() == b"ok\n"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=120)
    answer = cocm("audit", "verify", "--json", COCM_DEMO="1", DATABASE_URL=demo_url)
    assert answer.returncode == 0, answer.stderr
    trails = json.loads(answer.stdout)["trails"]
    assert [trail["organization"] for trail in trails] == ["north-valley", "sierra-crest"]
    assert all(trail["is_sound"] and trail["events"] for trail in trails)


def first_answer(address: str) -> str:
    deadline = time.monotonic() + 180
    while True:
        try:
            with urllib.request.urlopen(address) as answer:
                return answer.read().decode()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.mark.once
def test_models_and_migrations_agree(tmp_path) -> None:
    url = f"sqlite:///{tmp_path / 'cocm.sqlite'}"
    answer = cocm("manage", "makemigrations", "--check", "--dry-run", COCM_DEMO="1", DATABASE_URL=url)
    assert answer.returncode == 0, answer.stdout


@pytest.mark.once
def test_the_demonstration_is_not_loaded_where_data_are_real(tmp_path) -> None:
    url = f"sqlite:////{tmp_path / 'cocm.sqlite'}"
    refused = cocm("manage", "load_demo", DATABASE_URL=url, **PRODUCTION)
    assert refused.returncode == 2
    assert "known passwords" in refused.stderr


@pytest.mark.once
def test_an_unsafe_server_says_everything_that_is_missing() -> None:
    refused = cocm("serve")
    assert refused.returncode == 2
    for name in ("COCM_SECRET_KEY", "COCM_HOSTS", "DATABASE_URL"):
        assert name in refused.stderr


@pytest.mark.once
def test_djangos_own_checks_for_production_find_nothing(tmp_path) -> None:
    url = f"sqlite:////{tmp_path / 'cocm.sqlite'}"
    checked = cocm("manage", "check", "--deploy", DATABASE_URL=url, **PRODUCTION)
    assert checked.returncode == 0
    kept = (
        "security.W005",
        "security.W021",
    )  # whether subdomains and browsers' lists are included is the host's word
    found = set(re.findall(r"\(([a-z_0-9]+\.[WE]\d+)\)", checked.stderr)) - set(kept)
    assert found == set()


@pytest.mark.once
def test_on_postgresql_the_owner_migrates_and_the_application_only_works(postgresql_uri) -> None:
    parts = urlsplit(postgresql_uri)
    with psycopg.connect(postgresql_uri, autocommit=True) as connection:
        for statement in (
            "CREATE ROLE site_owner LOGIN",
            "CREATE ROLE site_app LOGIN",
            "CREATE DATABASE site OWNER site_owner",
        ):
            connection.execute(statement)

    def url(role: str) -> str:
        return urlunsplit(
            (parts.scheme, f"{role}@{parts.netloc.rpartition('@')[2]}", "/site", parts.query, "")
        )

    both = PRODUCTION | {"DATABASE_URL": url("site_app"), "COCM_OWNER_DATABASE_URL": url("site_owner")}
    migrated = cocm("manage", "migrate", "--verbosity", "0", **both)
    assert migrated.returncode == 0, migrated.stderr
    assert cocm("audit", "verify", **both).returncode == 0
    with psycopg.connect(url("site_app")) as connection:
        assert connection.execute("SELECT count(*) FROM registry_patient").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE audit_auditevent SET reason = 'x'")
    superuser = cocm(
        "serve",
        "--port",
        str(free_port()),
        **PRODUCTION,
        DATABASE_URL=url(unquote(parts.username or "postgres")),
    )
    assert superuser.returncode == 2 and "row-level security" in superuser.stderr
