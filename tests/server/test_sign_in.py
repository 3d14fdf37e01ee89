"""The ways in and out: single sign-on, second factors, invitations, tries that fail, sessions that end."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase
from django.utils import timezone
from oidc_provider import Provider
from people_rows import PASSWORD, recently_proven

from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Membership, User
from cocm.server.audit.models import AuditEvent
from cocm.server.audit.verbs import Verb
from cocm.server.environment import SettingsError, read_environment
from cocm.server.look.content_security import content_security_policy

BHCM = "bhcm@demo.example"


@pytest.fixture(autouse=True)
def nothing_counted_yet():
    cache.clear()
    yield
    cache.clear()


def sign_in(client: Client, email: str = BHCM, password: str = PASSWORD, **more):
    return client.post("/account/login/", {"login": email, "password": password}, **more)


def is_in(client: Client) -> bool:
    return client.get("/session/extend/").status_code == 204


# -- single sign-on ------------------------------------------------------------------------------------------------


@pytest.fixture
def provider(settings, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    started = Provider()
    settings.SOCIALACCOUNT_PROVIDERS = started.settings()
    yield started
    started.close()


def through_the_provider(client: Client, provider: Provider, **claims):
    """The round trip of a browser: our button, the provider, our callback."""
    provider.claims = {"sub": "s-1", "email": BHCM, "email_verified": True} | claims
    away = client.post("/account/oidc/sso/login/")
    assert away.status_code == 302 and away["Location"].startswith(f"{provider.issuer}/authorize?")
    asked = parse_qs(urlsplit(away["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    return client.get("/account/oidc/sso/login/callback/", {"code": "c", "state": asked["state"][0]})


def test_a_known_person_comes_in_by_an_address_the_provider_verified(world, provider) -> None:
    assert "Clinic account" in Client().get("/account/login/").content.decode()
    client = Client()
    assert through_the_provider(client, provider).status_code == 302
    assert is_in(client)
    with world.inside(world.practice):
        assert AuditEvent.objects.of(world.practice).filter(verb=Verb.SIGNED_IN).exists()
    # from now on by the provider's own subject, whatever the address becomes there
    other = Client()
    through_the_provider(other, provider, email="renamed@clinic.example")
    assert is_in(other)


@pytest.mark.parametrize(
    "claims",
    [
        {"email": "nobody@clinic.example"},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": None},
        {"email": ""},
    ],
)
def test_whom_the_provider_cannot_vouch_for_or_we_do_not_know_stays_out(world, provider, claims) -> None:
    people = User.objects.count()
    client = Client()
    answer = through_the_provider(client, provider, **claims)
    assert not is_in(client)
    assert answer.status_code in (200, 302) and User.objects.count() == people
    if answer.status_code == 200:
        assert "Clinic" not in answer.content.decode() or "closed" in answer.content.decode().lower()


def test_a_callback_that_nobody_began_is_refused(world, provider) -> None:
    provider.claims = {"sub": "s-1", "email": BHCM, "email_verified": True}
    client = Client()
    client.get("/account/oidc/sso/login/callback/", {"code": "c", "state": "guessed"})
    assert not is_in(client) and provider.token_requests == []


def test_the_provider_is_where_forms_may_lead() -> None:
    read = read_environment(
        {
            "COCM_DEMO": "1",
            "COCM_SSO_ISSUER": "https://login.example.org/realms/clinic",
            "COCM_SSO_CLIENT_ID": "a",
            "COCM_SSO_CLIENT_SECRET": "b",
        }
    )
    policy = content_security_policy(sign_in_addresses=[read.sso_origin])
    assert policy["DIRECTIVES"]["form-action"] == ["'self'", "https://login.example.org"]


@pytest.mark.parametrize(
    "changed",
    [
        {"COCM_SSO_ISSUER": "http://login.example.org"},
        {"COCM_SSO_ISSUER": "https://user:secret@login.example.org"},
        {"COCM_SSO_ISSUER": "https://x.example;script-src *"},
        {"COCM_SSO_ISSUER": "https://login.example.org"},
    ],
)
def test_a_provider_that_cannot_be_trusted_is_refused_at_the_start(changed) -> None:
    with pytest.raises(SettingsError, match="COCM_SSO_ISSUER") as refused:
        read_environment({"COCM_DEMO": "1"} | changed)
    assert "secret@" not in str(refused.value)


# -- second factors ------------------------------------------------------------------------------------------------


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def set_up_totp(client: Client) -> tuple[str, list[str]]:
    """An authenticator app, set up on the site's own pages; its secret and the recovery codes."""
    recently_proven(client)
    page = client.get("/account/2fa/totp/activate/").content.decode()
    secret = re.search(r'value="([A-Z2-7]{32})"', page).group(1)
    assert client.post("/account/2fa/totp/activate/", {"code": code_of(secret)}).status_code == 302
    codes = client.get("/account/2fa/recovery-codes/").content.decode()
    return secret, re.findall(r"\b[0-9a-f]{8}\b", codes)


def test_an_app_is_set_up_and_asked_for_and_its_secret_is_not_readable(client_of, world) -> None:
    secret, recovery = set_up_totp(client_of(MemberRole.BHCM))
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    assert secret not in str(kept.data)
    client = Client()
    asked = sign_in(client)
    assert asked.status_code == 302 and "2fa/authenticate" in asked["Location"] and not is_in(client)
    assert client.post(asked["Location"], {"code": "000000"}).status_code == 200 and not is_in(client)
    assert recovery
    assert client.post(asked["Location"], {"code": recovery[0]}).status_code == 302 and is_in(client)
    again = Client()
    asked = sign_in(again)
    again.post(asked["Location"], {"code": recovery[0]})
    assert not is_in(again)  # a recovery code holds once


@pytest.fixture
def production(settings):
    settings.MFA_IS_REQUIRED_FOR_PATIENTS = True


def joined_days_ago(world, role: MemberRole, days: int) -> None:
    User.objects.filter(pk=world.user(role).pk).update(created_at=timezone.now() - timedelta(days=days))


def test_in_production_whoever_sees_patients_sets_up_a_second_factor(client_of, world, production) -> None:
    client = client_of(MemberRole.BHCM)
    joined_days_ago(world, MemberRole.BHCM, 6)
    assert client.get("/caseload/").status_code == 200  # days of grace
    joined_days_ago(world, MemberRole.BHCM, 8)
    for address in ("/", "/caseload/", f"/caseload/{world.ariana.pk}/", "/session/extend/"):
        answer = client.get(address)
        assert answer.status_code == 302 and answer["Location"] == "/account/2fa/"
    assert client.get("/caseload/", headers={"HX-Request": "true"})["HX-Redirect"] == "/account/2fa/"
    assert client.get("/caseload/", headers={"Accept": "application/json"}).status_code == 403
    assert client.get("/account/2fa/").status_code == 200
    set_up_totp(client)
    assert client.get("/caseload/").status_code == 200


def test_an_organization_asks_everybody_for_one(client_of, world, settings) -> None:
    settings.MFA_GRACE_DAYS = 0
    administrator = client_of(MemberRole.ADMINISTRATOR)
    billing = client_of(MemberRole.BILLING)
    assert billing.get("/caseload/").status_code == 200
    assert administrator.post("/people/roles/", {"is_required": "1"}).status_code == 302
    assert billing.get("/caseload/")["Location"] == "/account/2fa/"
    assert client_of(MemberRole.BHCM, "far-creek").get("/caseload/").status_code == 200
    assert administrator.get("/people/roles/")["Location"] == "/account/2fa/"


def test_a_provider_that_asks_for_a_second_factor_is_enough(world, provider, production, settings) -> None:
    joined_days_ago(world, MemberRole.BHCM, 8)
    client = Client()
    through_the_provider(client, provider)
    assert client.get("/caseload/").status_code == 302
    settings.SSO_HAS_SECOND_FACTOR = True
    assert client.get("/caseload/").status_code == 200


# -- people come and go --------------------------------------------------------------------------------------------

NEW = {"email": "New.Person@clinic.example", "full_name": "Noa Person", "role": "bhcm", "staff_member": ""}


def invite(client: Client, **changed) -> str:
    """Invite a person and take the link out of the letter."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        assert client.post("/people/invite/", NEW | changed).status_code == 302
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", mail.outbox[-1].body)
    return link.group(1) if link else ""


def test_an_invited_person_sets_a_password_once(client_of, world) -> None:
    link = invite(client_of(MemberRole.ADMINISTRATOR))
    assert mail.outbox[-1].to == ["new.person@clinic.example"]
    client = Client()
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    for weak in ("short", "password1234", "123456789012345"):
        assert client.post(address, {"password1": weak, "password2": weak}).status_code == 200
    fresh = "a long sentence of my own"
    assert client.post(address, {"password1": fresh, "password2": fresh}).status_code == 302
    assert not is_in(client)
    assert sign_in(client, "new.person@clinic.example", fresh).status_code == 302 and is_in(client)
    assert "password1" not in Client().get(link, follow=True).content.decode()  # the link has been used
    set_up_totp_page = recently_proven_with(client, fresh).get("/account/2fa/totp/activate/")
    assert set_up_totp_page.status_code == 200


def recently_proven_with(client: Client, password: str) -> Client:
    assert client.post("/account/reauthenticate/", {"password": password}).status_code == 302
    return client


def test_an_invitation_ends_by_itself(client_of, world, settings) -> None:
    link = invite(client_of(MemberRole.ADMINISTRATOR))
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "password1" not in Client().get(link, follow=True).content.decode()


def test_somebody_with_a_sign_in_elsewhere_keeps_it(client_of, world) -> None:
    far = world.user(MemberRole.BHCM)
    assert invite(client_of(MemberRole.ADMINISTRATOR, "far-creek"), email=far.email, full_name="Other") == ""
    far.refresh_from_db()
    assert far.check_password(PASSWORD) and far.full_name != "Other"


def test_nobody_is_invited_twice_or_with_another_practices_staff_row(client_of, world) -> None:
    administrator = client_of(MemberRole.ADMINISTRATOR)
    assert administrator.post("/people/invite/", NEW | {"email": BHCM}).status_code == 422
    staff = world.actor(MemberRole.BHCM).staff_member_id
    far = client_of(MemberRole.ADMINISTRATOR, "far-creek")
    assert far.post("/people/invite/", NEW | {"staff_member": str(staff)}).status_code == 422


@pytest.mark.parametrize("role", [MemberRole.BHCM, MemberRole.BILLING])
def test_only_who_sets_up_people_invites(client_of, role) -> None:
    assert client_of(role).post("/people/invite/", NEW).status_code == 403


def test_whoever_leaves_is_out_at_once(client_of, world) -> None:
    nurse = client_of(MemberRole.BHCM)
    assert nurse.get("/caseload/").status_code == 200
    membership = world.actor(MemberRole.BHCM).membership_id
    far = client_of(MemberRole.ADMINISTRATOR, "far-creek")
    assert far.post(f"/people/{membership}/end/").status_code == 404
    administrator = client_of(MemberRole.ADMINISTRATOR)
    assert administrator.post(f"/people/{membership}/end/").status_code == 302
    assert nurse.get("/caseload/")["Location"].startswith("/account/login/")
    sign_in(nurse)
    assert nurse.get("/caseload/").status_code == 403
    with world.inside(world.practice):
        assert not Membership.objects.of(world.practice).get(pk=membership).is_active


def test_nobody_ends_a_membership_of_their_own(client_of, world) -> None:
    client = client_of(MemberRole.ADMINISTRATOR)
    client.post(f"/people/{world.actor(MemberRole.ADMINISTRATOR).membership_id}/end/")
    assert is_in(client)


def test_signing_out_everywhere_ends_every_session(client_of) -> None:
    here, there, colleague = client_of(MemberRole.BHCM), client_of(MemberRole.BHCM), client_of(MemberRole.PCP)
    assert here.post("/session/end-everywhere/").status_code == 302
    assert not is_in(here) and not is_in(there) and is_in(colleague)


# -- tries ---------------------------------------------------------------------------------------------------------


def test_tries_lock_the_one_who_tries_and_not_the_colleague(world) -> None:
    own = Client(REMOTE_ADDR="10.0.0.5")
    sign_in(own)
    own.post("/account/logout/")
    stranger = Client(REMOTE_ADDR="10.0.0.5")  # in the same house, behind the same address
    for _ in range(6):
        sign_in(stranger, password="guess")
    assert "Too many" in sign_in(stranger).content.decode() and not is_in(stranger)
    sign_in(own)
    assert is_in(own)  # the person's own browser
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    sign_in(elsewhere)
    assert is_in(elsewhere)


def test_another_persons_device_opens_nothing_more(world) -> None:
    colleague = Client(REMOTE_ADDR="10.0.0.5")
    sign_in(colleague, "pcp@demo.example")
    colleague.post("/account/logout/")
    for _ in range(6):
        sign_in(colleague, password="guess")
    sign_in(colleague)
    assert not is_in(colleague)


def test_a_session_gets_a_new_key_when_somebody_signs_in(world) -> None:
    client = Client()
    client.get("/account/login/")
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["sessionid"] = session.session_key
    sign_in(client)
    assert is_in(client) and client.session.session_key != session.session_key


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"]
)
def test_signing_in_leads_nowhere_else(world, elsewhere) -> None:
    answer = Client().post("/account/login/", {"login": BHCM, "password": PASSWORD, "next": elsewhere})
    assert answer.status_code == 302 and answer["Location"] == "/"


def test_another_hosts_name_is_not_answered(world) -> None:
    assert Client().get("/account/login/", headers={"host": "evil.example"}).status_code == 400


def test_every_form_needs_its_token(client_of, world) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert sign_in(strict).status_code == 403
    strict.cookies = client_of(MemberRole.ADMINISTRATOR).cookies
    for address in (
        "/people/invite/",
        "/session/end-everywhere/",
        "/people/roles/",
        "/organizations/choose/",
    ):
        assert strict.post(address, {}).status_code == 403
    assert is_in(strict)
