"""What the demonstration's billing keeps beside the books: an agreement, Ariana's documents, a case with the plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from cocm.server.access.actor import Actor
from cocm.server.access.permissions import MemberRole
from cocm.server.accounts.models import Membership, StaffMember
from cocm.server.denials.liaison import case_open, contact_save, entry_add
from cocm.server.denials.models import EntryKind, PlanContact
from cocm.server.denials.services import document_add
from cocm.server.money.models import ConsultantAgreement
from cocm.server.money.transfers import agreement_save
from cocm.server.registry.models import Coverage, Episode, Patient

CONSULTANT_HOUR_CENTS: Final = 18_000
DOCUMENTS: Final = (
    (
        "consent",
        "Consent to Collaborative Care",
        0,
        "Synthetic. Verbal consent, recorded by the care manager.",
    ),
    ("assessment", "Initial assessment", 1, "Synthetic. Depression and anxiety, mild; type 2 diabetes."),
    ("care_plan", "Care plan", 2, "Synthetic. Goals, medication, follow-up every two weeks."),
)
"""Kind, title, days after the episode's start, text."""


def add_desk(*, actor: Actor, today: date) -> None:
    """Add it; nothing where the practice has no biller or no patient."""
    biller = Membership.objects.of(actor).filter(role=MemberRole.BILLING).first()
    ariana = Patient.objects.of(actor).order_by("patient_id").first()
    episode = Episode.objects.of(actor).filter(patient=ariana).order_by("start_date").first()
    if biller is None or ariana is None or episode is None:
        return
    as_biller = biller.as_actor()
    for consultant in (
        StaffMember.objects.of(actor).filter(role="psychiatric_consultant").order_by("staff_id")
    ):
        agreement_save(
            actor=actor,
            agreement=ConsultantAgreement(
                agreement_id=f"PSY-{consultant.staff_id}",
                consultant=consultant,
                model="logged_hours",
                amount_cents=CONSULTANT_HOUR_CENTS,
                effective_from=date(today.year - 1, 1, 1),
            ),
        )
    for kind, title, days, text in DOCUMENTS:
        document_add(
            actor=as_biller,
            patient=ariana,
            service_date=episode.start_date + timedelta(days=days),
            kind=kind,
            title=title,
            content=text.encode(),
        )
    cover = Coverage.objects.of(actor).filter(patient=ariana).order_by("rank").select_related("payer").first()
    if cover is None:
        return
    contact = contact_save(
        actor=as_biller,
        contact=PlanContact(
            payer=cover.payer, name="R. Ortiz", part="Provider relations", phone="800 555 0111"
        ),
    )
    case = case_open(
        actor=as_biller,
        payer=cover.payer,
        title="Claims sent to the behavioral administrator",
        happened_on=today - timedelta(days=9),
        once_key="demonstration",
        kind=EntryKind.CALL,
        contact=contact,
        said="The routing table goes by the diagnosis. She passes it on to the claims systems team.",
    )
    entry_add(
        actor=as_biller,
        case_id=case.pk,
        happened_on=today - timedelta(days=3),
        kind=EntryKind.MESSAGE,
        contact=contact,
        said="A fix for the codes of the model is scheduled; open claims are to be processed again.",
        promised_on=today + timedelta(days=4),
        reference="PR-20418",
        once_key="demonstration-2",
    )
