"""Set-up: the checklist in the core's words, forms that refuse what an import refuses, and served practices."""

import pytest
from setup_rows import practice_files, upload, with_cell

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Membership, Organization, PayerProduct, Site, StaffMember, User
from cocm.server.accounts.services import member_add, organization_add
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import Patient
from cocm.server.setup.checklist import steps
from cocm.server.setup.models import ContractRate, StagedImport


@pytest.fixture
def administrator(client_of):
    return client_of(MemberRole.ADMINISTRATOR)


def test_a_practice_that_is_set_up_misses_nothing_and_an_empty_one_hears_the_core(world) -> None:
    with world.inside(world.practice):
        assert [step.section for step in steps(actor=world.practice) if not step.is_done] == []
    with world.inside(world.neighbour):
        found = {step.section: step.missing for step in steps(actor=world.neighbour)}
        assert any("billing npi" in part for part in found["practice"])
        assert "a care manager" in found["staff"] and found["sites"] and found["payers"]


def test_a_form_says_what_the_core_expects_and_saves_what_it_reads(administrator, world) -> None:
    page = "/setup/staff/new/"
    person = {"staff_id": "PCP-77", "last_name": "Ng", "first_name": "Ann", "role": "billing_practitioner"}
    answer = administrator.post(page, person | {"npi": "1234567890"})
    assert answer.status_code == 422 and b"check digit" in answer.content
    answer = administrator.post(page, person | {"npi": "1234567893", "taxonomy_code": "x"})
    assert answer.status_code == 422 and b"Expected a taxonomy code" in answer.content
    answer = administrator.post(page, person | {"npi": "1234567893", "site_ids": ["S001"]})
    assert answer.status_code == 302
    with world.inside(world.practice):
        member = StaffMember.objects.of(world.practice).get(staff_id="PCP-77")
        assert [site.site_id for site in member.sites.all()] == ["S001"]
        assert PracticePort(world.practice).reference.staff["PCP-77"].site_ids == ("S001",)
    assert administrator.post(page, person).status_code == 422  # there is one already
    answer = administrator.post("/setup/staff/row/PCP-77/", person | {"last_name": "Nguyen", "staff_id": "X"})
    assert answer.status_code == 302
    with world.inside(world.practice):
        assert StaffMember.objects.of(world.practice).get(staff_id="PCP-77").last_name == "Nguyen"


def test_a_payer_is_bound_to_a_pack_that_shows_its_confidence_and_sources(administrator, world) -> None:
    page = administrator.get("/setup/payers/new/").content.decode()
    assert "stated" in page and "(medicare)" in page and 'rel="noreferrer"' in page
    payer = {"payer_id": "P9", "name": "Nine Health", "payer_identifier": "NINE9"}
    assert administrator.post("/setup/payers/new/", payer | {"pack_id": "cpt"}).status_code == 302
    rate = {"payer_id": "P9", "hcpcs_code": "99492", "effective_from": "2026-01-01"}
    both = rate | {"rate_amount": "150.00", "percent_of_medicare": "110"}
    answer = administrator.post("/setup/contract_rates/new/", both)
    assert answer.status_code == 422 and b"and not both" in answer.content
    assert (
        administrator.post("/setup/contract_rates/new/", rate | {"rate_amount": "150.00"}).status_code == 302
    )
    with world.inside(world.practice):
        assert ContractRate.objects.of(world.practice).get().rate_amount_cents == 15000
        assert PracticePort(world.practice).reference.contract_rates[0].payer_id == "P9"
        assert PayerProduct.objects.of(world.practice).get(payer_id="P9").pack_id == "cpt"


def test_an_upload_is_looked_at_mended_and_brought_in(administrator, world, tmp_path) -> None:
    files = practice_files(tmp_path / "tables")
    bad = with_cell(files["sites"], 2, "place_of_service_code", "office")
    answer = administrator.post("/setup/import/", {"files": [upload("sites.csv", bad)]})
    preview = administrator.get(answer["Location"])
    assert b"place_of_service_code" in preview.content and b"Bring in" not in preview.content.split(b"<h1")[1]
    assert administrator.post(answer["Location"]).status_code == 422
    rows = administrator.get(answer["Location"] + "rows/").content.decode("utf-8-sig").splitlines()
    assert rows[1].startswith("sites.csv,2,place_of_service_code")
    mended = with_cell(files["sites"], 2, "name", "Alder Creek Health")
    answer = administrator.post("/setup/import/", {"files": [upload("sites.csv", mended)]})
    assert b"0 new and 1 changed row" in administrator.get(answer["Location"]).content
    assert administrator.post(answer["Location"])["Location"] == "/setup/"
    with world.inside(world.practice):
        assert Site.objects.of(world.practice).filter(name="Alder Creek Health").exists()
        assert StagedImport.objects.of(world.practice).count() == 1  # the one that was not mended waits
    assert administrator.get(answer["Location"]).status_code == 404


def test_a_service_organization_serves_practices_and_never_mixes_their_rows(world, client_of) -> None:
    from django.test import Client

    service = organization_add(key="serve", kind="service", name="Serving Co", time_zone="America/New_York")
    with world.inside(service):
        user = User.objects.create_user("sam@serve.example", full_name="Sam Serve")
        member_add(actor=service, user=user, role=MemberRole.ADMINISTRATOR)
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    assert b"Practices served" in client.get("/setup/").content
    for key in ("first-served", "second-served"):
        session = client.session
        session["organization_id"] = str(service.organization_id)
        session.save()
        form = {"name": f"Practice {key}", "key": key, "time_zone": "America/Chicago"}
        assert client.post("/setup/served/new/", form).status_code == 302
    made = {found.key: found for found in Organization.objects.filter(served_by_id=service.organization_id)}
    first, second = (Actor.system(made[key].pk) for key in ("first-served", "second-served"))
    for actor, name in ((first, "Firstborn"), (second, "Secondborn")):
        with world.inside(actor):
            Site.objects.create(
                organization_id=actor.organization_id, site_id="S1", name=name, place_of_service_code="11"
            )
    for actor, mine, other in ((first, b"Firstborn", b"Secondborn"), (second, b"Secondborn", b"Firstborn")):
        switched = client.post("/organizations/choose/", {"organization_id": str(actor.organization_id)})
        assert switched.status_code == 302
        page = client.get("/setup/sites/").content
        assert mine in page and other not in page
    choice = {"organization_id": str(world.practice.organization_id)}
    assert client.post("/organizations/choose/", choice).status_code == 403
    with world.inside(world.practice):
        assert not Membership.objects.of(world.practice).filter(user=user).exists()
        assert Patient.objects.of(first).count() == 0
    assert client_of(MemberRole.ADMINISTRATOR).get("/setup/served/new/").status_code == 302


def test_the_first_administrator_gets_a_link_once(world) -> None:
    from io import StringIO

    from django.core.management import CommandError, call_command

    arguments = ["--email", "ida@first.example", "--name", "Ida", "--organization", "First", "--key", "first"]
    with pytest.raises(CommandError, match="already"):
        call_command("first_administrator", *arguments)
    out = StringIO()
    call_command("first_administrator", *arguments, "--another", stdout=out)
    assert "/account/password/reset/key/" in out.getvalue()
