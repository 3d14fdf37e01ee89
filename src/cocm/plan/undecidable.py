"""What keeps a claim from being decided at all, before its lines are looked at.

Some of it the plan mends in its own tables; the rest only the sender can mend: for that a person may deny the claim.
"""

from __future__ import annotations

from typing import Final

from cocm.claims.submission import REPLACEMENT, VOID
from cocm.plan.claim_case import ClaimCase, Hindrance
from cocm.plan.records import Member, PlanBook
from cocm.rules.review_reasons import ReasonNeeds
from cocm.x12.claim_record import ClaimRecord

_PRIMARY: Final = "P"


def why_undecidable(book: PlanBook, case: ClaimCase, member: Member | None) -> Hindrance | None:
    """What holds it up, in words for the person who settles it; None where the claim can be decided."""
    record = case.record
    if record.patient.birth_date is None:
        why = "the patient's birth date is not on the claim, so the member cannot be told"
        return Hindrance(why, ReasonNeeds.NO_BIRTH_DATE)
    if member is None and not book.has_all_members:
        return Hindrance("the member was not found, and rows of the members' table could not be read")
    if book.has_doubts and member is not None and (why := _why_in_doubt(book, record, member)):
        return Hindrance(why)
    if record.payer_sequence != _PRIMARY:
        why = "another payer comes first; claims are decided here as the first payer's only"
        return Hindrance(why, ReasonNeeds.OTHER_PAYER_FIRST)
    if record.frequency_code in (REPLACEMENT, VOID) and (why := _why_corrects_nothing(case)):
        return Hindrance(why, ReasonNeeds.CORRECTS_NOTHING)
    return None


def _why_corrects_nothing(case: ClaimCase) -> str:
    """Why a replacement or void has no claim to take back; empty where it has, or needs none."""
    record, original = case.record, case.original
    if case.took_nothing_back:
        return "when it was decided it took no claim back; a correction has to be sent anew"
    if original is None and record.payer_claim_control_number:
        return "no decided claim of the member is on file under the control number that it replaces or voids"
    if original is None:
        is_void = record.frequency_code == VOID
        return "a void without the control number of the claim that it takes back" if is_void else ""
    if original.is_reversed:
        return f"claim {original.claim_number} was taken back already"
    if original.billing_npi != record.billing.identifier:
        return f"claim {original.claim_number} was billed by another provider"
    if original.lines and original.lines[0].billing_tin != record.billing.tin:
        return f"claim {original.claim_number} was billed under another tax number"
    return ""


def _why_in_doubt(book: PlanBook, record: ClaimRecord, member: Member) -> str:
    """What the plan's tables do not tell of a member for want of rows that could be read; empty where they do."""
    if record.frequency_code == VOID:
        return ""
    key = (member.member_id, member.birth_date)
    if key in book.members_in_doubt:
        return "a row of the plan's tables about the member could not be read"
    if not book.has_all_members and any(
        member.span_on(line.service_to_date) is None for line in record.lines
    ):
        return "no coverage was found for the day, and rows of the members' table could not be read"
    if book.has_all_accumulators:
        return ""
    year = min(line.service_to_date for line in record.lines).year
    if (key, year) in book.accumulators:
        return ""
    return "what the member has met was not found, and rows of the accumulators' table could not be read"
