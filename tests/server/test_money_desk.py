"""Money on pages: matches by hand, patients' shares, statements held, transfers approved by a named person, ledger."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from desk_rows import an_agreement, an_unmatched_decision, arianas_claim
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from test_denials_desk import Decided, Line, books_of, post, remittance

from cocm.basics.months import Month
from cocm.receivables.transfers import TransferStatement
from cocm.server.access.permissions import MemberRole
from cocm.server.money.models import PatientStatement, TransferApproval
from cocm.server.money.selectors import account_of_patient, ledger, ledger_balances, posting_review
from cocm.server.money.transfers import agreement_save, approved_statement, month_transfers, transfer_approve
from cocm.server.money.views.transfers import journal_csv
from cocm.server.registry.models import Patient
from cocm.server.work.models import WorkEntry

NOW = "2026-05-21T17:00:00Z"
TODAY = date(2026, 5, 21)
MARCH = Month(2026, 3)


@pytest.fixture(autouse=True)
def moment():
    with time_machine.travel(NOW):
        yield


@pytest.fixture
def billing(client_of):
    return client_of(MemberRole.BILLING)


def with_share(world, group: str = "CO", reason: str = "109") -> str:
    """Ariana's last claim is denied, or paid in part, with three dollars put on her."""
    claim_id = arianas_claim(world)
    line = Line("99493", 20_000, ((group, reason, 17_000), ("PR", "3", 3_000)))
    status = "4" if reason != "45" else "1"
    post(
        world,
        remittance(Decided(claim_id, (line,), status=status, day=date(2026, 3, 31)), day=date(2026, 5, 20)),
    )
    return claim_id


def account(world):
    with world.inside(world.practice):
        return account_of_patient(actor=world.practice, today=TODAY, patient=world.ariana)


def settle(billing, world, claim_id, **changed):
    form = {
        "kind": "patient_payment",
        "amount": "10.00",
        "day": "2026-05-21",
        "reason": "check 12",
        "work_minutes": "2",
    }
    return billing.post(f"/money/patients/{world.ariana.pk}/{claim_id}/settle/", form | changed)


def test_a_decision_without_our_number_is_matched_by_hand_once(world_with_books, world, billing):
    decision_id = an_unmatched_decision(world)
    assert "Decisions without a claim" in billing.get("/money/").content.decode()
    with world.inside(world.practice):
        review = posting_review(actor=world.practice, today=TODAY)
    (one,) = review.unmatched
    meant = one.offered[0].claim_id
    assert meant.startswith(one.decision.claim_number)
    page = f"/money/decisions/{decision_id}/"
    assert billing.post(page, {"other": "C-NOSUCHCLAIM0"}).status_code == 422
    for _ in range(2):
        assert billing.post(page, {"offered": meant, "work_minutes": "6"}).status_code == 302
    with world.inside(world.practice):
        assert not posting_review(actor=world.practice, today=TODAY).unmatched
        assert WorkEntry.objects.of(world.practice).get().minutes == 6
    with books_of(world) as books:
        (found,) = books.accounts(meant)
    assert found[1].balance.paid_cents > 0


def test_a_payment_that_does_not_add_up_is_held_with_the_difference(world_with_books, world, billing):
    claim_id = arianas_claim(world)
    line = Line("99493", 20_000, (("CO", "45", 5_000),))
    post(
        world,
        remittance(Decided(claim_id, (line,), day=date(2026, 3, 31)), total_cents=20_000, trace="SHORT1"),
    )
    page = billing.get("/money/").content.decode()
    assert "SHORT1" in page and "Held: $50.00 unexplained" in page
    assert account(world).standings[-1].account.balance.paid_cents == 0


def test_a_statement_is_held_while_a_share_is_in_dispute(world_with_books, world, billing):
    claim_id = with_share(world)
    assert account(world).is_held
    statement = f"/money/patients/{world.ariana.pk}/statement/"
    assert "Held" in billing.get(statement).content.decode()
    assert billing.post(f"{statement}given/", {"given_on": "2026-05-21", "way": "mail"}).status_code == 422
    assert settle(billing, world, claim_id, kind="accept_patient_share", amount="30.00").status_code == 302
    after = account(world)
    assert not after.is_held and after.is_ready
    page = billing.get(statement).content.decode()
    assert "Please pay" in page and "Held" not in page
    with world.inside(world.practice):
        Patient.objects.of(world.practice).filter(pk=world.ariana.pk).update(language="es-US")
    page = billing.get(statement).content.decode()
    assert 'lang="es"' in page and "Por favor pague" in page and "marzo de 2026" in page
    assert "(530) 555-0142" in page and "96099-0142" in page
    assert "Please pay" in billing.get(f"{statement}?in=en").content.decode()
    for _ in range(2):
        assert (
            billing.post(f"{statement}given/", {"given_on": "2026-05-21", "way": "mail"}).status_code == 302
        )
    with world.inside(world.practice):
        assert PatientStatement.objects.of(world.practice).get().amount_cents == after.owes_cents


def test_a_payment_is_taken_once_and_more_than_there_is_is_refused(world_with_books, world, billing):
    claim_id = with_share(world, reason="45")
    before = account(world).owes_cents
    for _ in range(2):
        assert settle(billing, world, claim_id).status_code == 302
    assert account(world).owes_cents == before - 1_000
    refused = settle(billing, world, claim_id, kind="patient_refund", amount="99.00")
    assert refused.status_code == 422 and "$10.00" in refused.content.decode()
    assert settle(billing, world, claim_id, amount="-1").status_code == 422
    assert settle(billing, world, claim_id, day="2020-01-01", amount="1").status_code == 422
    with world.inside(world.practice):
        assert WorkEntry.objects.of(world.practice).filter(task="post_by_hand").count() == 1


def test_another_patients_claim_is_not_found(world_with_books, world, billing):
    with books_of(world) as books:
        other = next(
            claim for claim in books.state.latest_claims_in_order(MARCH) if claim.patient_id != "P000001"
        )
    assert billing.get(f"/money/patients/{world.ariana.pk}/{other.claim_id}/settle/").status_code == 404
    assert billing.get(f"/denials/{world.ariana.pk}/{other.claim_id}/").status_code == 404


def test_a_statement_is_approved_by_a_named_person_once(world_with_books, world, billing, client_of):
    an_agreement(world)
    manager = client_of(MemberRole.MANAGER)
    assert "$1,200.00" in billing.get("/money/transfers/?month=2026-03").content.decode()
    page = "/money/transfers/2026-03/approve/"
    assert billing.get(page).status_code == 403
    with world.inside(world.practice):
        digest = manager.get(page).context["digest"]
    assert manager.post(page, {"digest": "x" * 64}).status_code == 422
    for _ in range(2):
        assert manager.post(page, {"digest": digest, "note": "as agreed"}).status_code == 302
    with world.inside(world.practice):
        approval = TransferApproval.objects.of(world.practice).get()
        assert (approval.total_cents, approval.approver_name) == (120_000, "Demo Manager")
        with pytest.raises(DatabaseError), transaction.atomic():
            TransferApproval.objects.of(world.practice).update(total_cents=1)
        agreement = an_agreement(world)
        agreement.amount_cents = 130_000
        agreement_save(actor=world.practice, agreement=agreement)
        stands = month_transfers(actor=world.practice, month=MARCH, today=TODAY)
        assert not stands.is_approved and stands.difference_cents == 10_000
        kept = approved_statement(approval)
        assert isinstance(kept, TransferStatement) and kept.total_cents == 120_000
        journal = journal_csv(kept).decode("utf-8-sig").splitlines()
        assert len(journal) == 3 and journal[1].endswith(",1200.00,") and journal[2].endswith(",,1200.00")
    shown = billing.get("/money/transfers/?month=2026-03").content.decode()
    assert "approved by Demo Manager" in shown and "$100.00 to settle" in shown


def test_the_journal_asks_who_it_is_once_more(world_with_books, world, billing):
    answer = billing.get("/money/transfers/2026-03/journal/csv/")
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]


def test_nobody_approves_what_pays_them_or_a_month_that_is_not_over(world_with_books, world):
    from dataclasses import replace

    agreement = an_agreement(world)
    manager = world.actor(MemberRole.MANAGER)
    with world.inside(manager):
        from cocm.server.money.transfers import digest_of

        lines = month_transfers(actor=manager, month=MARCH, today=TODAY).statement.lines
        paid = replace(manager, staff_member_id=agreement.consultant_id)
        with pytest.raises(ValidationError, match="pays you"):
            transfer_approve(actor=paid, month=MARCH, today=TODAY, digest=digest_of(MARCH, lines))
        may = Month.of(TODAY)
        lines = month_transfers(actor=manager, month=may, today=TODAY).statement.lines
        with pytest.raises(ValidationError, match="not over"):
            transfer_approve(actor=manager, month=may, today=TODAY, digest=digest_of(may, lines))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"model": "per_review", "amount": ""}, "this model needs it"),
        ({"agreement_id": "a b"}, "letters, digits"),
        ({"percent": "101"}, "from 0 to 100"),
        ({"effective_to": "2024-01-01"}, "a day after"),
    ],
)
def test_an_agreement_that_cannot_be_is_refused(world, client_of, changed, words):
    consultant = an_agreement(world).consultant_id
    form = {
        "agreement_id": "PSY-2", "consultant": str(consultant), "model": "retainer", "amount": "100",
        "effective_from": "2026-01-01",
    }  # fmt: skip
    answer = client_of(MemberRole.MANAGER).post("/money/agreements/new/", form | changed)
    assert answer.status_code == 422 and words in answer.content.decode()


def test_the_ledger_balances(world_with_books, world, billing):
    with world.inside(world.practice):
        entries = ledger(actor=world.practice, today=TODAY)
    assert entries and sum(ledger_balances(entries).values()) == 0
    assert "Debits and credits do not balance" not in billing.get("/money/ledger/").content.decode()


def test_scored_months_open_a_refund_case_once(world_with_books, world, billing):
    """Ariana's paid month loses its minutes: what was paid above the rest goes back, found once."""
    from cocm.server.contacts.models import Contact
    from cocm.server.contacts.services import contact_correct

    february = arianas_claim(world, 0)
    with books_of(world) as books:
        month = Month.from_index(books.state.find_claim(february).month_index)
    with world.inside(world.practice):
        entries = Contact.objects.of(world.practice).filter(
            patient=world.ariana,
            started_at__year=month.first_day.year,
            started_at__month=month.first_day.month,
        )
        for entry in list(entries):
            contact_correct(actor=world.practice, contact=entry, reason="wrong", service_seconds=60)
    for _ in range(2):
        assert billing.post("/money/refunds/score/").status_code == 302
    page = billing.get("/money/refunds/").content.decode()
    assert page.count(f">{february}<") == 1
    form = {"day": "2026-05-21", "note": "check 77", "work_minutes": ""}
    returned = f"/money/patients/{world.ariana.pk}/{february}/returned/"
    for _ in range(2):
        assert billing.post(returned, form).status_code == 302
    assert f">{february}<" not in billing.get("/money/refunds/").content.decode()
