"""The parts of a policy page: under which heading each rule and each check of the catalogue stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cocm.plan.mistakes import Mistake


@dataclass(frozen=True, slots=True)
class Part:
    """A heading with what stands under it. `rules` and `checks` are ids, or beginnings of ids that end in a dot."""

    anchor: str
    title: str
    intro: str
    rules: tuple[str, ...]
    checks: tuple[str, ...] = ()


PARTS: Final = (
    Part(
        "codes",
        "Codes",
        "The codes the plan takes on this date. A code that is not named here is not covered by this policy.",
        ("codes.", "coverage."),
        ("code.",),
    ),
    Part(
        "minutes",
        "Minutes and codes",
        "Minutes of one calendar month are added up and earn the lines below. Nothing is carried into another month.",
        ("time.", "limit.addon_units", "limit.addon_units_review_above", "limit.base_units"),
        ("minutes.", "units.", "addon."),
    ),
    Part(
        "what-counts",
        "What counts as minutes",
        "Time of service counts, not the time of writing it up, and none that is billed for another service.",
        ("minutes.",),
    ),
    Part(
        "first-and-later",
        "First month and later months",
        "The code of the first month opens an episode; every further month has the code of a later month.",
        ("episode.",),
        ("base.",),
    ),
    Part(
        "before-the-first-month",
        "Before the first month",
        "What must stand before a month can be billed. An 837P does not carry most of it: on a claim it is not known, "
        "and what is not known is no reason to deny.",
        ("consent.", "initiating_visit.", "patient.", "diagnosis.", "authorization.", "enrollment."),
        ("consent.", "initiating_visit.", "patient.", "diagnosis.", "authorization.", "enrollment."),
    ),
    Part(
        "who-bills",
        "Who bills, renders and supervises",
        "The claim names the medical group that bills and the person who renders as below.",
        ("claim.billing_entity", "claim.rendering_role", "claim.supervising_provider_required", "team."),
        ("billing.", "rendering.", "supervising."),
    ),
    Part(
        "claim-form",
        "How the claim is written",
        "Form, place, date, modifiers, and how a claim is corrected.",
        (
            "claim.bill_types",
            "claim.clinic_places",
            "claim.clinic_taxonomies",
            "claim.correction_method",
            "claim.format",
            "claim.modifiers_refused",
            "claim.modifiers_required",
            "claim.modifiers_separate_service",
            "claim.place_of_service_basis",
            "claim.places_refused",
            "claim.revenue_code",
            "claim.service_date_basis",
            "limit.charge_multiple_review_above",
        ),
        ("charge.", "claim.", "correction.", "date.", "modifier.", "place."),
    ),
    Part(
        "same-month",
        "In the same month: duplicate or allowed",
        "A duplicate is the same code, for the same member and month, from the same practice. Treatment outside the "
        "model is another service: its minutes are its own, and it takes nothing from the month's code.",
        ("concurrency.", "limit.ncci_applies", "routing.psychotherapy_codes"),
        ("duplicate.", "concurrency.", "ncci."),
    ),
    Part(
        "records",
        "Records",
        "When records go with a claim or are asked for, and what the month's record holds.",
        ("claim.paperwork", "evidence.", "records."),
        ("paperwork.", "records."),
    ),
    Part(
        "cost-share",
        "What the member pays",
        "The share is the medical benefit's, whichever system receives the claim.",
        (
            "payment.coinsurance_percent",
            "payment.consultant_rvu_hundredths",
            "payment.cost_share",
            "payment.deductible_cents",
            "payment.fee_schedule",
        ),
    ),
    Part(
        "routing",
        "Where the claim belongs",
        "A claim is routed by contract, date, procedure and biller, never by its diagnosis.",
        ("claim.benefit_side", "routing.psychotherapy_side"),
        ("payer.",),
    ),
    Part(
        "clocks",
        "Clocks",
        "Days to file, to forward, to pay, to dispute and to give back, and the interest on late payment.",
        (
            "clock.",
            "filing.",
            "appeal.",
            "overpayment.",
            "payment.interest_percent_hundredths",
            "payment.interest_year_days",
        ),
        ("filing.", "coverage."),
    ),
)


@dataclass(frozen=True, slots=True)
class Never:
    """A denial that plans make wrongly: what it is, what to do instead, and the rules that forbid it."""

    what: str
    instead: str
    rules: tuple[str, ...]


NEVER: Final = {
    Mistake.ROUTE_BY_DIAGNOSIS: Never(
        "Sending the claim to the behavioral administrator because it points to a behavioral diagnosis.",
        "Decide it under the medical benefit; where another entity answers by contract, forward it with its first day "
        "of receipt.",
        ("claim.benefit_side", "clock.misdirected_forward_days"),
    ),
    Mistake.DUPLICATE_OF_PSYCHOTHERAPY: Never(
        "Calling the month's code a duplicate of psychotherapy or of a psychiatrist's visit in the same month.",
        "Compare the lines of both claims: another code is another service. Only the same code of the same practice "
        "for the same month is a duplicate.",
        ("concurrency.allowed_codes", "routing.psychotherapy_codes"),
    ),
    Mistake.WRONG_COST_SHARE: Never(
        "Taking the behavioral benefit's copayment or deductible for the month's code.",
        "Take the medical benefit's share, or none where it is waived; recompute it when a denial was corrected.",
        ("claim.benefit_side", "payment.cost_share"),
    ),
    Mistake.DENY_FOR_RECORDS: Never(
        "Denying because minutes, consent or notes do not come with the claim.",
        "An 837P does not carry them. Ask only on a named trigger, and decide when the answer is there.",
        ("claim.paperwork", "records.trigger_edits"),
    ),
    Mistake.ASK_FOR_RECORDS: Never(
        "Asking for records of every claim.",
        "Ask on a named trigger, and sample paid months afterwards.",
        ("records.trigger_edits", "claim.paperwork"),
    ),
}
"""Every mistake that a rehearsal can make on purpose, as a reviewer is told of it."""


def rules_of(part: Part, rule_ids: Iterable[str]) -> tuple[str, ...]:
    """The rules that stand under a heading, in their own order."""
    return tuple(rule_id for rule_id in rule_ids if _is_among(rule_id, part.rules))


def checks_of(part: Part, edit_ids: Iterable[str]) -> tuple[str, ...]:
    """The checks that stand under a heading."""
    return tuple(edit_id for edit_id in edit_ids if _is_among(edit_id, part.checks))


def _is_among(name: str, listed: tuple[str, ...]) -> bool:
    return any(name == one or (one.endswith(".") and name.startswith(one)) for one in listed)
