"""The worked example of docs/api.md against a live site, and the pages of tokens and of the API."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from accessibility import assert_accessible
from api_rows import token_of
from databases import ONE_ENGINE
from playwright.sync_api import expect

from cocm.server.access.permissions import MemberRole
from cocm.server.contacts.models import Contact

ON_ONE = ONE_ENGINE
PAGE = Path(__file__).parents[3] / "docs" / "api.md"


@ON_ONE
@pytest.mark.skipif(shutil.which("curl") is None, reason="the example is written for curl")
def test_the_worked_example_of_the_documentation_works(world, live_site, tmp_path) -> None:
    steps = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.S)
    with world.inside(world.practice):
        before = Contact.objects.of(world.practice).count()
    script = "\n".join(["set -e -o pipefail", *(f"{step}\necho\n" for step in steps)])
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "SITE": live_site, "TOKEN": token_of(world, MemberRole.BHCM)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    for said in ('"role":"bhcm"', '"hcpcs_code":"99494","units":1', '"verdict":"fail"', '"side":"medical"'):
        assert said in done.stdout
    assert len(set(re.findall(r'\{"id":"([0-9a-f-]{36})"', done.stdout))) == 1
    with world.inside(world.practice):
        assert Contact.objects.of(world.practice).count() == before + 1


def test_the_documentation_names_every_operation_and_scope() -> None:
    from cocm.server.api.scopes import Scope
    from cocm.server.api.v1 import openapi

    text = PAGE.read_text()
    for path in openapi()["paths"]:
        plain = path.removeprefix("/api/v1").replace("{contact}", "{id}").replace("{measure}", "{id}")
        assert plain.replace("{review}", "{id}") in text, path
    assert all(f"`{scope}`" in text for scope in Scope)
    assert all(f"| {status} |" in text for status in (400, 401, 403, 404, 405, 409, 413, 422, 429))


@ON_ONE
def test_a_token_is_made_on_the_page_and_used(open_page, world) -> None:
    page = open_page("/tokens/new/", sign_in=world.user(MemberRole.BHCM), width=390)
    page.get_by_label("Password").fill("cocm-demo-password")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("New API token")
    page.get_by_label("Name").fill("Registry")
    page.get_by_label("Read entries of time").check()
    assert_accessible(page)
    page.get_by_role("button", name="Make token").click()
    token = page.locator(".token-text code").inner_text()
    answer = page.request.get("/api/v1/contacts?limit=1", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 200 and json.loads(answer.text())["items"]
    assert_accessible(page)
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text(f"…{token[-4:]}")).to_be_visible()
    page.goto(page.url.replace("/tokens/", "/api/v1/docs/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("API, version 1")
    assert_accessible(page)
