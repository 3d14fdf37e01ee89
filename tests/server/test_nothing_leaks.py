"""What somebody typed or a record holds leaves by no side door: not by log, error page, header or address."""

import logging

import pytest
from addresses import OURS_EVERYWHERE, our_addresses
from asking import faults_in_headers
from databases import ONE_ENGINE
from django.test import Client

from cocm.server.access.permissions import MemberRole
from cocm.server.logs import LineFormatter, Scrub

NAME, BORN, MEMBER_ID, MAIL = "Quillfeather", "1961-02-03", "MEMB77", "quill@private.example"
PLANTED = {
    "q": NAME,
    "last_name": NAME,
    "birth_date": BORN,
    "member_id": MEMBER_ID,
    "email": MAIL,
    "reason": NAME,
}
HEADERS = {"Referer": f"https://elsewhere.example/{NAME}?born={BORN}", "User-Agent": NAME}


@pytest.fixture
def told(caplog):
    """All that the log would hold, as the console's handler writes it."""
    caplog.set_level(logging.DEBUG)
    lines: list[str] = []

    class Written(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(LineFormatter().format(record))

    handler = Written()
    handler.addFilter(Scrub())
    root = logging.getLogger()
    root.addHandler(handler)
    # statements are not logged on the site (settings.LOGGING)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    yield lines
    root.removeHandler(handler)


def assert_nothing_planted(*texts: str) -> None:
    for text in texts:
        for word in (NAME, BORN, MEMBER_ID, MAIL):
            assert word not in text


@ONE_ENGINE
def test_an_error_at_any_address_tells_nothing(client_of, world, monkeypatch, told) -> None:
    """The error stands before a row is looked for, so the addresses need not lead to any."""

    def breaks(*args, **kwargs):
        raise ValueError(f"{NAME}, born {BORN}, {MEMBER_ID}, {MAIL}")

    client = client_of(MemberRole.BHCM)
    client.raise_request_exception = False
    paths = [(address.path_to_nothing(), address.view.needs.methods) for address in our_addresses()]
    monkeypatch.setattr("cocm.server.access.needs._permitted", breaks)
    for path, methods in paths:
        for method in methods:
            answer = getattr(client, method.lower())(path, PLANTED, headers=HEADERS)
            assert answer.status_code == 500, path
            assert_nothing_planted(answer.content.decode(), str(answer.headers))
    assert sum("ValueError at" in line for line in told) >= len(paths)
    assert_nothing_planted(*told)


def test_what_is_typed_into_forms_and_addresses_is_not_logged(client_of, world, told) -> None:
    for client in (client_of(MemberRole.BHCM), Client()):
        client.raise_request_exception = False
        for path in OURS_EVERYWHERE:
            for ask in (client.get, client.post):
                ask(path, PLANTED | {"login": MAIL, "password": NAME}, headers=HEADERS)
        client.get(f"/caseload/{NAME}/{BORN}/", headers=HEADERS)
        client.get("/", headers={"host": f"{NAME}.example"})
        Client(enforce_csrf_checks=True).post("/account/login/", PLANTED, headers=HEADERS)
    assert any("Not Found" in line for line in told)
    assert_nothing_planted(*told)


@ONE_ENGINE
def test_every_answer_has_its_safety_headers(client_of, world) -> None:
    """Those of every page are looked at where every page is opened: test_who_may_see.py."""
    paths = [address.path_to_nothing() for address in our_addresses()]
    for client, asked in ((client_of(MemberRole.BHCM), ()), (Client(), paths)):
        for path in (*asked, *OURS_EVERYWHERE, "/nothing-here/"):
            assert not list(faults_in_headers(client.get(path))), path
    answer = client.get("/static/look/look.css")
    assert answer["X-Content-Type-Options"] == "nosniff" and "Access-Control-Allow-Origin" not in answer
    # `answer.close()` would close the test's database as well
    for close_file in answer._resource_closers:
        close_file()


def test_cookies_are_kept_from_scripts(world) -> None:
    client = Client()
    client.post("/account/login/", {"login": "bhcm@demo.example", "password": "cocm-demo-password"})
    for name in ("sessionid", "device"):
        assert client.cookies[name]["httponly"] and client.cookies[name]["samesite"] == "Lax"
        assert "bhcm" not in client.cookies[name].value
