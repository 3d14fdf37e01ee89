"""A colleague's role, a lost second factor, a cover that ends: who may, what it does, what the trail keeps."""

from datetime import date, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import TestCase
from people_rows import recently_proven

from cocm.server.access.charts import relation
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Membership, StaffMember, User
from cocm.server.accounts.services import member_add, membership_change, second_factor_reset
from cocm.server.audit.models import AuditEvent
from cocm.server.registry.models import Episode
from cocm.server.registry.services.episodes import cover_add, cover_end

TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-03-20T19:00:00Z", tick=False):
        yield


def membership(world, role, organization="north-valley"):
    return Membership.objects.get(pk=world.actor(role, organization).membership_id)


def with_an_app(user) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})


# -- roles ---------------------------------------------------------------------------------------------------------


def test_another_role_holds_from_the_next_page_on(client_of, world) -> None:
    bhcm = client_of(MemberRole.BHCM)
    assert bhcm.get("/caseload/").status_code == 200
    with world.inside(world.practice):
        pk = membership(world, MemberRole.BHCM).pk
        staff = membership(world, MemberRole.BHCM).staff_member_id
    client = client_of(MemberRole.ADMINISTRATOR)
    assert "Change the role" in client.get(f"/people/{pk}/").content.decode()
    assert "selected>Care manager" in client.get(f"/people/{pk}/role/").content.decode()
    body = {"role": "administrator", "staff_member": ""}
    assert client.post(f"/people/{pk}/role/", body)["Location"] == f"/people/{pk}/"
    assert bhcm.get("/caseload/").status_code == 403
    assert client.post(f"/people/{pk}/role/", {"role": "bhcm", "staff_member": str(staff)}).status_code == 302
    assert bhcm.get("/caseload/").status_code == 200
    with world.inside(world.practice):
        events = AuditEvent.objects.of(world.practice).filter(object_type="membership", verb="changed")
        assert [(event.details["before"], event.details["role"]) for event in events.order_by("number")] == [
            ("bhcm", "administrator"),
            ("administrator", "bhcm"),
        ]


def test_nobody_changes_a_role_of_their_own_or_takes_a_neighbours_staff_row(client_of, world) -> None:
    administrator = world.actor(MemberRole.ADMINISTRATOR)
    with world.inside(administrator):
        own = Membership.objects.get(pk=administrator.membership_id)
        with pytest.raises(ValidationError, match="of their own"):
            membership_change(actor=administrator, membership=own, role=MemberRole.MANAGER, staff_member=None)
    assert client_of(MemberRole.ADMINISTRATOR).get(f"/people/{own.pk}/role/").status_code == 302
    with world.inside(world.neighbour):
        theirs = StaffMember(
            organization_id=world.neighbour.organization_id,
            staff_id="X",
            last_name="X",
            first_name="X",
            role="bhcm",
        )
        theirs.save()
    with world.inside(administrator):
        bhcm = membership(world, MemberRole.BHCM)
        with pytest.raises(ValueError, match="another organization"):
            membership_change(actor=administrator, membership=bhcm, role=MemberRole.BHCM, staff_member=theirs)
        form = client_of(MemberRole.ADMINISTRATOR).post(
            f"/people/{bhcm.pk}/role/", {"role": "bhcm", "staff_member": str(theirs.pk)}
        )
        assert form.status_code == 422
    with world.inside(world.actor(MemberRole.PCP)), pytest.raises(PermissionDenied):
        membership_change(
            actor=world.actor(MemberRole.PCP), membership=bhcm, role=MemberRole.MANAGER, staff_member=None
        )


# -- a lost second factor ------------------------------------------------------------------------------------------


def test_a_lost_second_factor_is_taken_away_after_proof_and_everybody_concerned_knows(
    client_of, world, settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    user = world.user(MemberRole.BHCM)
    with_an_app(user)
    lost = client_of(MemberRole.BHCM)
    assert lost.get("/session/extend/").status_code == 204
    with world.inside(world.practice):
        pk = membership(world, MemberRole.BHCM).pk
    client = client_of(MemberRole.ADMINISTRATOR)
    asked = client.post(f"/people/{pk}/second-factor/")
    assert asked.status_code == 302 and "reauthenticate" in asked["Location"]
    assert Authenticator.objects.filter(user=user).count() == 2
    recently_proven(client)
    assert "Lost: take it away" in client.get(f"/people/{pk}/").content.decode()
    assert client.get(f"/people/{pk}/second-factor/").status_code == 200
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert client.post(f"/people/{pk}/second-factor/").status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
    assert lost.get("/session/extend/").status_code == 302
    assert [letter.to for letter in mail.outbox] == [[user.email]]
    with world.inside(world.practice):
        event = AuditEvent.objects.of(world.practice).get(object_type="second factor")
        assert event.verb == "removed" and event.user_id == world.user(MemberRole.ADMINISTRATOR).pk
    again = client.post(f"/people/{pk}/second-factor/", follow=True).content.decode()
    assert "has no second factor" in again


def test_who_also_acts_elsewhere_keeps_theirs_unless_one_has_a_say_there_too(world) -> None:
    administrator = world.actor(MemberRole.ADMINISTRATOR)
    user = world.user(MemberRole.BHCM)
    with_an_app(user)
    with world.inside(world.neighbour):
        member_add(actor=world.neighbour, user=user, role=MemberRole.BHCM)
    with world.inside(administrator), pytest.raises(ValidationError, match="another organization"):
        second_factor_reset(actor=administrator, membership=membership(world, MemberRole.BHCM))
    with world.inside(world.neighbour):
        member_add(
            actor=world.neighbour, user=world.user(MemberRole.ADMINISTRATOR), role=MemberRole.ADMINISTRATOR
        )
    with world.inside(administrator):
        assert second_factor_reset(actor=administrator, membership=membership(world, MemberRole.BHCM)) == 1
        own = Membership.objects.get(pk=administrator.membership_id)
        with pytest.raises(ValidationError, match="Second factor"):
            second_factor_reset(actor=administrator, membership=own)


# -- a cover that ends ---------------------------------------------------------------------------------------------


def test_a_cover_is_ended_early_and_the_chart_closes(client_of, world) -> None:
    colleague = User.objects.get(email="not-on-the-team@demo.example")
    with world.inside(world.practice):
        other = Membership.objects.get(user=colleague)
        episode = Episode.objects.of(world.practice).get(patient=world.ariana)
        member = cover_add(
            actor=world.practice,
            patient=world.ariana,
            episode=episode,
            staff_member=other.staff_member,
            from_date=TODAY - timedelta(days=3),
            to_date=TODAY + timedelta(days=30),
        )
        assert relation(other.as_actor(), world.ariana.pk) == "care_team"
    client = client_of(MemberRole.BHCM)
    address = f"/caseload/{world.ariana.pk}/write/cover_end/{member.pk}/"
    assert address in client.get(f"/caseload/{world.ariana.pk}/").content.decode()
    assert client.get(address).status_code == 200
    assert client.post(address, {"to_date": "2026-01-01"}).status_code == 422
    assert client.post(address, {"to_date": "2026-12-01"}).status_code == 422
    assert client.post(address, {"to_date": str(TODAY - timedelta(days=1))}).status_code == 302
    with world.inside(world.practice):
        assert relation(other.as_actor(), world.ariana.pk) == ""
        assert (
            AuditEvent.objects.of(world.practice)
            .filter(object_type="careteammember", verb="changed")
            .exists()
        )


def test_the_team_that_claims_name_does_not_end_as_a_cover(world) -> None:
    bhcm = world.actor(MemberRole.BHCM)
    with world.inside(bhcm):
        member = Episode.objects.of(bhcm).get(patient=world.ariana).team.exclude(part="covering").first()
        with pytest.raises(ValidationError, match="changed under Team"):
            cover_end(actor=bhcm, patient=world.ariana, member=member, to_date=TODAY)
