"""The plan's letters about a corrected decision: to the member in English and Spanish, to the provider in English.

They state only what is on file: the claim as it came in, the earlier decision, the new one, the plan's own tables. What
is not on file is marked in the text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cocm.basics.money import dollars
from cocm.basics.months import Month
from cocm.care.people import Address
from cocm.letters.files import letter_docx, letter_pdf
from cocm.letters.sheet import LetterDraft, cited_policy, missing_in, pieces
from cocm.letters.words import SPANISH, day_words, month_words, phone_text, postal_text
from cocm.plan.decision import Answer
from cocm.plan.interest import Interest
from cocm.plandesk.case_file import CaseFile
from cocm.plandesk.restate import Made
from cocm.rules import PackOn
from cocm.rules.letters import PLAN_ADDRESSEES, LetterTemplate, plan_letter_templates

MEMBER_LETTER = "member_correction"
PROVIDER_LETTER = "provider_correction"
ENGLISH = "en"


class LetterForm(StrEnum):
    """As what letters are written."""

    PDF = "pdf"
    DOCX = "docx"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PlanLetter:
    """A letter with the name of its file, without ending."""

    name: str
    draft: LetterDraft

    def content(self, form: LetterForm) -> bytes:
        """The letter as a file."""
        return letter_pdf(self.draft) if form is LetterForm.PDF else letter_docx(self.draft)


def correction_letters(file: CaseFile, made: Made, interest: Interest, why: str) -> Iterator[PlanLetter]:
    """The letters of a correction that pays; none where the claim was never decided before, or is refused now.

    A refusal needs a notice with the rights of the member, which the plan's own office writes.
    """
    if not made.is_correction or made.decision.answer is not Answer.PAID:
        return
    templates = plan_letter_templates(file.rulebook)
    number = made.decision.claim_number
    for language in (ENGLISH, SPANISH):
        draft = _draft(file, made, interest, why, templates[MEMBER_LETTER], language)
        yield PlanLetter(f"letter-{number}-member-{language}", draft)
    draft = _draft(file, made, interest, why, templates[PROVIDER_LETTER], ENGLISH)
    yield PlanLetter(f"letter-{number}-provider", draft)


def _draft(
    file: CaseFile, made: Made, interest: Interest, why: str, template: LetterTemplate, language: str
) -> LetterDraft:
    facts = {**_facts(file, made, interest, language), "why": why}
    facts |= {f"{name}_words": text for name, text in _worded(template, made, interest, facts, language)}
    is_spanish = language == SPANISH
    paragraphs = tuple(
        pieces(text, facts) for text in (template.paragraphs_es if is_spanish else template.paragraphs)
    )
    policy, unknown = cited_policy(_policy(file, made), template.cites)
    profile, record = file.book.profile, made.decision.record
    to_member = template.to == "member"
    addressed = record.patient.address or (record.subscriber.address if to_member else None)
    billing = record.billing
    addressee = (
        (facts.get("patient_name", ""), *_address(addressed))
        if to_member
        else (
            billing.last_or_organization_name,
            PLAN_ADDRESSEES[template.to],
            *_address(billing.address),
            f"NPI {billing.identifier}" if billing.identifier else "",
        )
    )
    return LetterDraft(
        letter_id=template.letter_id,
        title=template.title_es if is_spanish and template.title_es else template.title,
        day=file.as_of_date,
        sender=(profile.name, *_address(profile.address), phone_text(profile.phone)),
        addressee=tuple(line for line in addressee if line),
        paragraphs=paragraphs,
        ledger=(),
        policy=policy,
        enclosures=template.enclosures,
        signer="",
        missing=(*missing_in(paragraphs), *unknown),
        event=template.event,
        language=language,
    )


def _policy(file: CaseFile, made: Made) -> PackOn:
    pack = file.rulebook.pack(file.book.profile.pack_id)
    return pack.on(made.decision.record.lines[0].service_to_date)


def _facts(file: CaseFile, made: Made, interest: Interest, language: str) -> dict[str, str]:
    decision, record = made.decision, made.decision.record
    paid_change = decision.paid_amount_cents - made.paid_before_cents
    month = Month.of(max(line.service_to_date for line in record.lines))
    billing = record.billing
    parts = [line.share for line in decision.lines]
    facts = {
        "patient_name": f"{record.patient.first_name} {record.patient.last_or_organization_name}".strip(),
        "billing_provider": billing.last_or_organization_name,
        "service_month": month_words(month, language),
        "claim_id": record.claim_id,
        "claim_number": decision.claim_number,
        "old_claim_number": made.claim.claim_number,
        "codes": ", ".join(dict.fromkeys(line.hcpcs_code for line in record.lines)),
        "received_date": day_words(decision.received_date, language),
        "old_decision_date": day_words(file.decided_date(made.claim), language),
        "decision_date": day_words(file.as_of_date, language),
        "old_outcome": _old_outcome(made),
        "new_outcome": _new_outcome(made),
        "old_share": dollars(made.share_before_cents),
        "new_share": dollars(decision.member_share_cents),
        "share_change": _change(decision.member_share_cents - made.share_before_cents, language),
        "refund": dollars(made.refund_cents),
        "deductible": dollars(sum(part.deductible_cents for part in parts)),
        "copayment": dollars(sum(part.copayment_cents for part in parts)),
        "coinsurance": dollars(sum(part.coinsurance_cents for part in parts)),
        "paid": dollars(decision.paid_amount_cents),
        "paid_change": _change(paid_change, language),
        "interest": dollars(interest.paid_cents),
        "interest_days": str(interest.days),
        "due_date": "" if interest.due_date is None else day_words(interest.due_date, language),
        "no_interest_why": interest.why,
        "plan_phone": phone_text(file.book.profile.phone),
    }
    return {name: text for name, text in facts.items() if text}


def _worded(
    template: LetterTemplate, made: Made, interest: Interest, facts: Mapping[str, str], language: str
) -> Iterator[tuple[str, str]]:
    """The sentences that the facts choose, filled in."""
    chosen = {
        "cause": "restated" if made.is_restated else "mistake",
        "refund": "refund" if made.refund_cents else "no_refund",
        "interest": "interest" if interest.paid_cents else "no_interest",
    }
    for name, case in chosen.items():
        wording = template.wordings.get(case)
        if wording is not None:
            text = wording.text_es if language == SPANISH else wording.text
            yield name, "".join(piece.text for piece in pieces(text, facts))


def _old_outcome(made: Made) -> str:
    codes = dict.fromkeys(
        f"{one.group_code}-{one.reason_code}" for line in made.earlier_lines for one in line.adjustments
    )
    remarks = dict.fromkeys(code for line in made.earlier_lines for code in line.remark_codes)
    said = " ".join([*codes, *remarks])
    paid = made.paid_before_cents
    if made.claim.answer is Answer.PAID:
        return f"{dollars(paid)} paid ({said})"
    return f"denied ({said})" if said else "denied"


def _new_outcome(made: Made) -> str:
    decision = made.decision
    allowed = sum(line.allowed_amount_cents for line in decision.lines)
    return f"{dollars(allowed)} allowed, {dollars(decision.paid_amount_cents)} paid"


def _change(cents: int, language: str) -> str:
    words = ("nada", "más", "menos") if language == SPANISH else ("none", "more", "less")
    if not cents:
        return words[0]
    return f"{dollars(abs(cents))} {words[1] if cents > 0 else words[2]}"


def _address(address: Address | None) -> tuple[str, ...]:
    if address is None:
        return ()
    town = f"{address.city}, {address.state} {postal_text(address.postal_code)}".strip(", ")
    return tuple(line for line in (address.line, town) if line)
