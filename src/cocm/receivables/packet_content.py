"""What goes into a month packet: each thing a payer wants to see, found, missing or not recorded, and the documents.

Psychotherapy notes never go in; records of a substance use programme under 42 CFR part 2 go in only with their own
consent, by their source and not by a diagnosis. The packet does not tell that anything was withheld.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from cocm.basics.months import Month
from cocm.care.casefile import CaseFile
from cocm.care.minutes import MinutesLedger
from cocm.care.people import StaffMember
from cocm.care.records import Answer
from cocm.coding.records import Proposal
from cocm.intake.documents import Document
from cocm.receivables.words import exclusion_words, minutes_words
from cocm.rules.document_kinds import DocumentKind

MONTH_ITEMS: Final = frozenset({"contacts", "scales"})
"""Items whose documents count for their own month only; a consent or plan of an earlier day still holds."""


class Presence(StrEnum):
    """Whether something a payer wants to see is there."""

    FOUND = "found"
    MISSING = "missing"
    """Our records say that it does not exist."""
    NOT_RECORDED = "not recorded"
    """Our records do not say."""


@dataclass(frozen=True, slots=True)
class PacketItem:
    """One thing of the list, with its rows for print. `item` is its name in the table of document kinds."""

    item: str
    title: str
    presence: Presence
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    loinc_code: str


@dataclass(frozen=True, slots=True)
class PacketContent:
    """All that a packet shows of a patient-month. `withheld` is for the practice's eyes, never in the packet."""

    claim_id: str
    month: Month
    items: tuple[PacketItem, ...]
    documents: tuple[tuple[Document, DocumentKind], ...]
    withheld: tuple[tuple[str, str], ...]
    ledger_lines: tuple[str, ...]

    @property
    def ledger_hash(self) -> str:
        """SHA-256 of the ledger's lines, each ended by a line feed: whoever has the lines can check it."""
        return hashlib.sha256("".join(f"{line}\n" for line in self.ledger_lines).encode()).hexdigest()

    @property
    def completeness_percent(self) -> int:
        """Items found, in percent of all, rounded down."""
        return 100 * sum(item.presence is Presence.FOUND for item in self.items) // len(self.items)


def packet_content(
    claim_id: str,
    case: CaseFile,
    proposal: Proposal,
    codes: Sequence[str],
    staff: Mapping[str, StaffMember],
    documents: Sequence[Document],
    kinds: Mapping[str, DocumentKind],
    today: date,
) -> PacketContent:
    """The packet of a month from its case file and documents. `codes` are those of the claim, with units."""
    kept, withheld = _choose(documents, kinds, case.month, today)
    by_item = {kind.packet_item for _, kind in kept}
    items = tuple(_items(case, proposal, codes, staff, by_item))
    return PacketContent(
        claim_id, case.month, items, tuple(kept), tuple(withheld), tuple(ledger_lines(proposal.ledger))
    )


def ledger_lines(ledger: MinutesLedger) -> Iterator[str]:
    """The month's ledger in a form that anybody can hash: one line an entry, and the total."""
    for entry in ledger.entries:
        excluded = ",".join(f"{given.reason.value}={given.seconds}" for given in entry.exclusions)
        yield f"{entry.contact_id}|{entry.service_date}|{entry.logged_seconds}|{entry.counted_seconds}|{excluded}"
    yield f"total|{ledger.month}|{ledger.logged_seconds}|{ledger.counted_seconds}|minutes={ledger.minutes_counted}"


def _choose(
    documents: Sequence[Document], kinds: Mapping[str, DocumentKind], month: Month, today: date
) -> tuple[list[tuple[Document, DocumentKind]], list[tuple[str, str]]]:
    kept: list[tuple[Document, DocumentKind]] = []
    withheld: list[tuple[str, str]] = []
    for document in documents:
        kind = kinds[document.kind]
        of_month = document.service_date in month
        if document.service_date > month.last_day or (kind.packet_item in MONTH_ITEMS and not of_month):
            continue
        if kind.is_excluded:
            withheld.append((document.document_id, "a psychotherapy note never leaves the chart"))
        elif not document.may_leave(today):
            withheld.append((document.document_id, "from a part 2 programme, and its consent is not on file"))
        else:
            kept.append((document, kind))
    return kept, withheld


def _items(
    case: CaseFile,
    proposal: Proposal,
    codes: Sequence[str],
    staff: Mapping[str, StaffMember],
    documented: set[str],
) -> Iterator[PacketItem]:
    people = (
        ("Billing practitioner", case.billing_practitioner),
        ("Behavioral health care manager", case.bhcm),
        ("Psychiatric consultant", case.psychiatric_consultant),
    )
    yield PacketItem(
        "team",
        "Patient, month and care team",
        Presence.FOUND if all(person for _, person in people) else Presence.MISSING,
        ("Role", "Name", "Credential", "NPI"),
        tuple((role, *_person(person)) for role, person in people),
        "34133-9",
    )
    consent = case.episode.consent
    yield PacketItem(
        "consent",
        "Consent",
        _answered(consent.given),
        ("Given", "Date", "Form", "Recorded by", "Cost share explained"),
        ((consent.given, _day(consent.consent_date), consent.form.replace("_", " "), consent.recorded_by,
          consent.cost_share_explained),),
        "59284-0",
    )  # fmt: skip
    visit = case.episode.initiating_visit
    yield PacketItem(
        "visit",
        "Initiating visit",
        _visit_presence(case, "visit" in documented),
        ("Visit", "Code", "New patient", "Last seen before"),
        ((_day(visit.visit_date), visit.hcpcs_code, visit.is_new_patient, _day(visit.last_seen_date)),),
        "11506-3",
    )  # fmt: skip
    scores = [score for score in case.measures if score.taken_on <= case.month.last_day]
    in_month = [score for score in scores if score.taken_on in case.month]
    yield PacketItem(
        "scales",
        "Diagnosis and validated scales",
        Presence.FOUND if case.episode.diagnosis_codes and in_month else Presence.MISSING,
        ("Scale", "Date", "Score"),
        (("Diagnoses", "", ", ".join(case.episode.diagnosis_codes)),
         *((score.instrument.upper(), str(score.taken_on), str(score.score)) for score in scores)),
        "44249-1",
    )  # fmt: skip
    for item, title, loinc in (
        ("assessment", "Initial assessment", "51848-0"),
        ("care_plan", "Care plan", "18776-5"),
    ):
        presence = Presence.FOUND if item in documented else Presence.NOT_RECORDED
        yield PacketItem(item, title, presence, (), (), loinc)
    entries = {entry.contact_id: entry for entry in proposal.ledger.entries}
    contacts = [contact for contact in case.contacts if contact.contact_id in entries]
    yield PacketItem(
        "contacts",
        "Contact log",
        Presence.FOUND if contacts else Presence.MISSING,
        ("Date", "Who", "Activity", "How", "Minutes", "Counted", "Why not counted"),
        tuple(
            (
                str(contact.service_date),
                _short_name(staff.get(contact.staff_id)),
                contact.activity.replace("_", " ")
                + (" (attempt)" if entries[contact.contact_id].is_attempt else ""),
                contact.modality.replace("_", " "),
                minutes_words(entries[contact.contact_id].logged_seconds),
                minutes_words(entries[contact.contact_id].counted_seconds),
                ", ".join(map(exclusion_words, entries[contact.contact_id].exclusions)),
            )
            for contact in contacts
        ),
        "11506-3",
    )
    ledger = proposal.ledger
    yield PacketItem(
        "minutes",
        "Minutes of the month",
        Presence.FOUND if ledger.entries else Presence.MISSING,
        ("Logged", "Excluded", "Counted, whole minutes", "Codes"),
        ((minutes_words(ledger.logged_seconds), minutes_words(ledger.excluded_seconds), str(ledger.minutes_counted),
          ", ".join(codes)),),
        "34133-9",
    )  # fmt: skip
    yield PacketItem(
        "registry",
        "Registry",
        Presence.FOUND,
        ("Episode", "Began", "Ended", "Months with contacts"),
        ((case.episode.episode_id, str(case.episode.start_date), _day(case.episode.end_date),
          str(len({Month.of(contact.service_date) for contact in case.contacts}))),),
        "34133-9",
    )  # fmt: skip
    reviews = [review for review in case.reviews if review.reviewed_on in case.month]
    of_patient = [review for review in reviews if review.patient_id]
    yield PacketItem(
        "review",
        "Psychiatric consultation",
        Presence.FOUND if of_patient or "review" in documented else Presence.MISSING,
        ("Date", "About", "Care manager", "Psychiatric consultant"),
        tuple(
            (
                str(review.reviewed_on),
                "this patient" if review.patient_id else "the caseload",
                _short_name(staff.get(review.bhcm_id)),
                _short_name(staff.get(review.psychiatric_consultant_id)),
            )
            for review in reviews
        ),
        "11488-4",
    )
    others = sorted(
        {service.hcpcs_code for service in case.other_services if service.service_date in case.month}
    )
    yield PacketItem(
        "exclusions",
        "Supervision and other services of the month",
        Presence.FOUND if case.billing_practitioner is not None else Presence.MISSING,
        ("Directed by", "Other services on record in the month"),
        ((_short_name(case.billing_practitioner), ", ".join(filter(None, others)) or "none on record"),),
        "34133-9",
    )


def _answered(answer: Answer) -> Presence:
    if answer is Answer.UNKNOWN:
        return Presence.NOT_RECORDED
    return Presence.FOUND if answer is Answer.YES else Presence.MISSING


def _visit_presence(case: CaseFile, is_documented: bool) -> Presence:
    """A visit is there, or was not needed because the patient is known and was seen; unknown stays unknown."""
    visit = case.episode.initiating_visit
    if visit.visit_date or is_documented or visit.is_new_patient is Answer.NO:
        return Presence.FOUND
    return Presence.NOT_RECORDED if visit.is_new_patient is Answer.UNKNOWN else Presence.MISSING


def _person(person: StaffMember | None) -> tuple[str, str, str]:
    if person is None:
        return "not on record", "", ""
    return f"{person.first_name} {person.last_name}", person.credential, person.npi


def _short_name(person: StaffMember | None) -> str:
    return "" if person is None else f"{person.first_name} {person.last_name}".strip()


def _day(day: date | None) -> str:
    return "" if day is None else str(day)
