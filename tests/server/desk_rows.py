"""Rows of denials, money and work for the tests: the world's books, closed once a process, and what stands beside."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from server_world import BOOKS_UNTIL, MONTH, MONTHS

_IMAGE: list[bytes] = []
"""The books' bytes, made once a process: the same practice gives the same books on both engines."""
_ARIANAS: list[str] = []
"""Ariana's claims in the order of their months."""


def with_books(world: Any) -> None:
    """Give the world's practice its books, where it has none."""
    from cocm.server.books.images import write_image
    from cocm.server.books.models import Books, BooksKind
    from cocm.server.books.port import practice_books
    from cocm.server.setup.demo_books import load_books, months_over

    actor = world.practice
    with world.inside(actor):
        if Books.objects.of(actor).filter(page_count__gt=0).exists():
            return
        if _IMAGE:
            books, _ = Books.objects.get_or_create(
                organization_id=actor.organization_id, kind=BooksKind.PRACTICE
            )
            write_image(actor, books, None, _IMAGE[0])
            return
        months = months_over(MONTH.plus(1 - MONTHS), MONTH, BOOKS_UNTIL)
        load_books(actor=actor, months=months, until=BOOKS_UNTIL)
        with practice_books(actor) as state:
            _IMAGE.append(state.image())


def arianas_claim(world: Any, place: int = -1) -> str:
    """Ariana's claim: her last (records are asked for), or her first (misrouted, won back)."""
    from cocm.server.books.port import practice_books

    with_books(world)
    if not _ARIANAS:
        with world.inside(world.practice), practice_books(world.practice) as state:
            _ARIANAS.extend(
                claim.claim_id
                for back in range(MONTHS)
                for claim in state.latest_claims_in_order(MONTH.plus(back + 1 - MONTHS))
                if claim.patient_id == "P000001"
            )
    return _ARIANAS[place]


def claim_arguments(world: Any, **more: Any) -> dict[str, Any]:
    """Ariana and her last claim."""
    return {"patient_id": world.ariana.pk, "claim_id": arianas_claim(world), **more}


def a_payment(world: Any) -> str:
    """A payment of the books."""
    from cocm.server.money.selectors import posting_review

    with_books(world)
    with world.inside(world.practice):
        return posting_review(actor=world.practice, today=BOOKS_UNTIL).payments[0].sums.payment.payment_id


def an_unmatched_decision(world: Any) -> str:
    """A decision under a number that is not ours."""
    from cocm.server.money.selectors import posting_review

    with_books(world)
    with world.inside(world.practice):
        return posting_review(actor=world.practice, today=BOOKS_UNTIL).unmatched[0].decision.decision_id


def an_agreement(world: Any, **terms: Any) -> Any:
    """The consultant of Ariana's team, paid by the review unless told otherwise."""
    from cocm.server.accounts.models import StaffMember
    from cocm.server.money.models import ConsultantAgreement
    from cocm.server.money.transfers import agreement_save

    with world.inside(world.practice):
        consultant = StaffMember.objects.of(world.practice).filter(role="psychiatric_consultant").first()
        given = {
            "agreement_id": "PSY-1",
            "model": "retainer",
            "amount_cents": 120_000,
            "effective_from": date(2025, 1, 1),
            **terms,
        }
        known = (
            ConsultantAgreement.objects.of(world.practice).filter(agreement_id=given["agreement_id"]).first()
        )
        return known or agreement_save(
            actor=world.practice, agreement=ConsultantAgreement(consultant=consultant, **given)
        )


def a_work_entry(world: Any) -> Any:
    """Minutes that billing recorded."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.work.services import work_recorded

    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        return work_recorded(actor=actor, task="find_out_why", minutes=12, claim_id="C-1")


def a_liaison_case(world: Any) -> Any:
    """A case with the first payer, opened by billing."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.accounts.models import PayerProduct
    from cocm.server.denials.liaison import case_open

    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        return case_open(
            actor=actor,
            payer=PayerProduct.objects.of(actor).order_by("payer_id")[0],
            title="Misrouted claims",
            happened_on=date(2026, 3, 2),
            once_key="case-1",
            kind="call",
            said="They will look at it.",
        )


def a_plan_contact(world: Any) -> Any:
    """Somebody at the first payer."""
    from cocm.server.accounts.models import PayerProduct
    from cocm.server.denials.liaison import contact_save
    from cocm.server.denials.models import PlanContact

    with world.inside(world.practice):
        payer = PayerProduct.objects.of(world.practice).order_by("payer_id")[0]
        return contact_save(actor=world.practice, contact=PlanContact(payer=payer, name="R. Ortiz"))


def a_decided_candidate(world: Any) -> str:
    """A candidate that was declined."""
    from django.utils import timezone

    from cocm.server.access.permissions import MemberRole
    from cocm.server.denials.models import CandidateDecision

    actor = world.actor(MemberRole.MANAGER)
    with world.inside(actor):
        counts = {"claims": 3, "held": 1, "held_denied": 0, "held_paid": 1, "freed": 0}
        CandidateDecision.objects.get_or_create(
            organization_id=actor.organization_id,
            candidate_id="medicare:limit.addon_units",
            value="1",
            effective_from=date(2026, 1, 1),
            defaults={
                "verdict": "declined",
                "decided_at": timezone.now(),
                "decided_by_id": actor.user_id,
                **counts,
            },
        )
    return "medicare:limit.addon_units"


def a_document(world: Any) -> Any:
    """A consent of Ariana's."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.denials.services import document_add

    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        document, _ = document_add(
            actor=actor,
            patient=world.ariana,
            service_date=date(2026, 2, 1),
            kind="consent",
            title="Consent",
            content=b"Consent to Collaborative Care.",
        )
        return document


def a_sending(world: Any) -> Any:
    """A letter that went out about Ariana's last claim."""
    from cocm.server.access.permissions import MemberRole
    from cocm.server.denials.letters import letter_send

    claim_id = arianas_claim(world)
    actor = world.actor(MemberRole.BILLING)
    with world.inside(actor):
        sending, _ = letter_send(
            actor=actor,
            patient=world.ariana,
            claim_id=claim_id,
            letter_id="sb1320_inquiry",
            way="fax",
            sent_on=BOOKS_UNTIL,
            reference="",
            confirmation="",
            once_key="sent-1",
        )
        return sending


def a_search_for_candidates(world: Any) -> Any:
    """A run in the background that is over and found nothing."""
    from django.utils import timezone

    from cocm.server.denials.background import RUN_KIND
    from cocm.server.runs.models import BackgroundRun, RunState

    with world.inside(world.practice):
        now = timezone.now()
        return BackgroundRun.objects.create(
            organization_id=world.practice.organization_id,
            kind=RUN_KIND,
            state=RunState.DONE,
            asked_at=now,
            finished_at=now,
            result={"basis": [], "candidates": []},
        )


@cache
def examples() -> dict[str, Any]:
    """The arguments of every address that names an object."""
    return {
        "denials:claim": claim_arguments,
        "denials:owner": claim_arguments,
        "denials:done": claim_arguments,
        "denials:packet": claim_arguments,
        "denials:packet_choose": claim_arguments,
        "denials:packet_file": lambda world: claim_arguments(world, kind="pdf"),
        "denials:document_new": claim_arguments,
        "denials:document_remove": lambda world: claim_arguments(world, document_id=a_document(world).pk),
        "denials:letter": lambda world: claim_arguments(world, letter_id="appeal"),
        "denials:letter_send": lambda world: claim_arguments(world, letter_id="appeal"),
        "denials:letter_file": lambda world: claim_arguments(world, letter_id="appeal", kind="pdf"),
        "denials:sending": lambda world: {
            "sending_id": a_sending(world).pk,
            "patient_id": world.ariana.pk,
        },
        "denials:case": lambda world: {"case_id": a_liaison_case(world).pk},
        "denials:contact": lambda world: {"contact_id": a_plan_contact(world).pk},
        "denials:candidate": lambda world: {"candidate_id": a_decided_candidate(world)},
        "money:payment": lambda world: {"payment_id": a_payment(world)},
        "money:match": lambda world: {"decision_id": an_unmatched_decision(world)},
        "money:account": lambda world: {"patient_id": world.ariana.pk},
        "money:statement": lambda world: {"patient_id": world.ariana.pk},
        "money:given": lambda world: {"patient_id": world.ariana.pk},
        "money:settle": claim_arguments,
        "money:returned": claim_arguments,
        "money:approve": lambda world: {"month": "2026-03"},
        "money:journal": lambda world: {"month": "2026-03", "kind": "csv"},
        "money:agreement": lambda world: {"agreement_id": an_agreement(world).pk},
        "money:ledger_file": lambda world: {"kind": "csv"},
        "runs:progress": lambda world: {"run_id": a_search_for_candidates(world).pk},
        "work:correct": lambda world: {"entry_id": a_work_entry(world).pk},
    }
