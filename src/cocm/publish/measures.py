"""The measures of a data request: what each counts, in which unit, and the table of the marts that it comes from.

One list makes the tables, the explanations beside them and the tests: a measure that is not here is not published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Unit:
    """What is counted: rows of a mart. `month_column` is the month that they belong to."""

    title: str
    unit: str
    mart: str
    definition: str
    where: str = ""
    month_column: str = "month_index"


@dataclass(frozen=True, slots=True)
class Division:
    """Counts of a unit, divided into classes that exclude each other and add up to all of it.

    `expression` is SQL over a row of the unit's mart.
    """

    name: str
    title: str
    unit: str
    expression: str
    definition: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Persons:
    """Different persons. They are not added up: a person of two months is one person of the year."""

    name: str
    title: str
    mart: str
    definition: str
    where: str = ""
    is_of_model: bool = False


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of cents over lines of the model."""

    name: str
    title: str
    expression: str
    definition: str


@dataclass(frozen=True, slots=True)
class Share:
    """A percentage: some classes of a division of some others. It is shown where everything in it is."""

    name: str
    title: str
    division: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]
    definition: str


_MODEL: Final = "is_cocm"
LINES: Final = "lines"
MEMBER_MONTHS: Final = "member_months"
EPISODES: Final = "episodes"
CLAIMS: Final = "claims"


def _flag(name: str, title: str, column: str, definition: str) -> Division:
    expression = f"case when {column} then 'yes' else 'no' end"
    return Division(name, title, LINES, expression, definition)


UNITS: Final = {
    LINES: Unit("Service lines", "lines", "cocm_service_line", "Lines of the model; voids are left out.", _MODEL),
    CLAIMS: Unit("Claims", "claims", "cocm_claim", "Claims with a line of the model."),
    MEMBER_MONTHS: Unit(
        "Member months", "member months", "cocm_member_month",
        "Persons with the model in a month, on a claim that was not rejected and not taken back.",
    ),
    EPISODES: Unit(
        "Episodes", "episodes", "cocm_episode",
        "Courses of the model, in the month in which they began; the payer's own number of empty months ends one.",
        month_column="first_month_index",
    ),
}  # fmt: skip
"""What is counted, by name. The name is the measure of all of it."""

DIVISIONS: Final = (
    Division(
        "claims_by_first_answer", "Claims by first answer", CLAIMS, "first_answer",
        "Claims with a line of the model; paid where a line of the model was paid at first, else denied where one was, "
        "else forwarded, rejected (before adjudication), pended or open.",
    ),
    Division(
        "lines_by_first_answer", "Lines by first answer", LINES, "first_answer",
        "Service lines of the model by the first answer that is not pended; pended and open have none yet.",
    ),
    Division(
        "lines_by_answer", "Lines by last answer", LINES, "answer",
        "Service lines of the model by the last decision: paid, denied, pended, rejected, forwarded, reversed, open.",
    ),
    Division(
        "lines_by_code", "Lines by code", LINES, "hcpcs_code",
        "Service lines of the model by code.",
    ),
    _flag(
        "lines_routed_to_administrator", "Routed to the behavioral administrator", "was_routed_to_administrator",
        "Lines that the behavioral administrator decided, or that were refused with a reason code that alone speaks "
        "for a misroute.",
    ),
    _flag(
        "lines_called_duplicate", "Called a duplicate", "was_called_duplicate",
        "Lines refused with a reason code that alone speaks for a duplicate.",
    ),
    _flag("lines_pended", "Pended", "was_pended", "Lines that some decision let wait."),
    _flag(
        "lines_with_records_requested", "Records requested", "were_records_requested",
        "Lines of claims of which records were asked for.",
    ),
    Division(
        "lines_by_appeal", "Appeals and their outcome", LINES,
        "case when was_appeal_granted then 'granted' when was_appeal_refused then 'refused' "
        "when was_appealed then 'open' else 'none' end",
        "Lines of claims that were appealed, by outcome.",
    ),
    Division(
        "lines_with_share_corrected", "Member share corrected", LINES,
        "case when first_member_share_cents <> member_share_cents and answer = 'paid' then 'yes' else 'no' end",
        "Lines whose member share by the last decision is another one than by the first answer.",
    ),
    Division(
        "member_months_by_tier", "Member months by tier", MEMBER_MONTHS,
        "case when base_tier = '' then 'add-on alone' else base_tier end",
        "Persons with the model in a month, by the base code billed.",
    ),
    Division(
        "member_months_with_addon", "Member months with an add-on", MEMBER_MONTHS,
        "case when addon_units > 0 then 'yes' else 'no' end",
        "Persons with the model in a month for whom further time was billed.",
    ),
    Division(
        "episodes_by_months", "Episodes by months served", EPISODES,
        "case when months_served = 1 then '1 month' when months_served = 2 then '2 months' "
        "when months_served <= 5 then '3 to 5 months' else '6 and more months' end",
        "Episodes by the months with a claim, in the month in which they began; those that may go on are among them.",
    ),
)  # fmt: skip

PERSONS: Final = (
    Persons(
        "members_with_behavioral_diagnosis", "Members with a behavioral diagnosis in primary care",
        "behavioral_member_month",
        "Persons with a diagnosis that the payer's rules take as behavioral on a claim that a provider of primary care "
        "billed or rendered.",
    ),
    Persons(
        "members_with_model", "Members with Collaborative Care", "cocm_service_line",
        "Persons with a line of the model.", _MODEL, True,
    ),
    Persons(
        "members_with_general_bhi", "Members with general behavioral health integration", "cocm_service_line",
        "Persons with a line of general behavioral health integration.", "family = 'general_bhi'",
    ),
    Persons(
        "members_with_primary_care_addon", "Members with a behavioral add-on of advanced primary care",
        "cocm_service_line", "Persons with a behavioral add-on of advanced primary care management.",
        "family = 'apcm'",
    ),
)  # fmt: skip

AMOUNTS: Final = (
    Amount("charge_amount", "Charged", "charge_amount_cents", "Charged on lines of the model."),
    Amount("allowed_amount", "Allowed", "allowed_amount_cents",
           "Allowed by the last decision."),
    Amount("paid_amount", "Paid", "paid_amount_cents",
           "Paid by all decisions together, what was taken back taken off."),
    Amount("member_share_first", "Member share charged at first", "first_member_share_cents",
           "Deductible, copayment and coinsurance by the first answer."),
    Amount("member_share", "Member share now", "member_share_cents",
           "Deductible, copayment and coinsurance by the last decision."),
)  # fmt: skip

TOLD_BY_AMOUNTS: Final = (
    "lines_by_first_answer", "lines_by_answer", "lines_by_code", "lines_with_share_corrected",
)  # fmt: skip
"""Divisions of lines that a sum of money tells: whoever knows the fee, the charge or the copayment divides by it."""

SHARES: Final = (
    Share("claim_approval_rate", "Approval rate (claims)", "claims_by_first_answer", ("paid",), ("paid", "denied"),
          "Claims paid at first, of those paid or denied at first."),
    Share("claim_denial_rate", "Denial rate (claims)", "claims_by_first_answer", ("denied",), ("paid", "denied"),
          "Claims denied at first, of those paid or denied at first. A claim is the unit."),
    Share("claim_rejection_rate", "Rejection rate (claims)", "claims_by_first_answer", ("rejected",),
          ("paid", "denied", "forwarded", "rejected", "pended", "open"),
          "Claims refused before adjudication, of all claims sent."),
    Share("line_denial_rate", "Denial rate (lines)", "lines_by_first_answer", ("denied",), ("paid", "denied"),
          "Lines denied at first, of those paid or denied at first. A service line is the unit."),
    Share("line_final_denial_rate", "Denial rate in the end (lines)", "lines_by_answer", ("denied",),
          ("paid", "denied"), "Lines denied by the last decision, of those paid or denied by it."),
    Share("routed_rate", "Share routed to the behavioral administrator", "lines_routed_to_administrator", ("yes",),
          ("yes", "no"), "Of all lines of the model."),
    Share("duplicate_rate", "Share called a duplicate", "lines_called_duplicate", ("yes",), ("yes", "no"),
          "Of all lines of the model."),
    Share("records_request_rate", "Share with records requested", "lines_with_records_requested", ("yes",),
          ("yes", "no"), "Of all lines of the model."),
    Share("addon_share", "Share of months with an add-on", "member_months_with_addon", ("yes",), ("yes", "no"),
          "Of all member months with the model."),
    Share("one_or_two_months_share", "Share of episodes with one or two months", "episodes_by_months",
          ("1 month", "2 months"), ("1 month", "2 months", "3 to 5 months", "6 and more months"),
          "Of all episodes, those that may go on among them."),
)  # fmt: skip

PERCENTILES: Final = (50, 75, 90, 95)
"""Percentiles of days to pay: the smallest number of days within which so many percent of paid lines were paid."""

MEDIAN_DAYS: Final = "days_to_pay_median"
COST: Final = "paid_per_member_month"
OTHER_DEFINITIONS: Final = {
    MEDIAN_DAYS: (
        "Days to pay, median",
        "Days from the payer's receipt of the claim to the first payment of a line; exact, of an even count the mean "
        "of the two in the middle.",
    ),
    **{
        f"days_to_pay_{percent}th_percentile": (
            f"Days to pay, {percent}th percentile",
            f"The number of days within which {percent} percent of the paid lines were paid (nearest rank).",
        )
        for percent in PERCENTILES
    },
    COST: (
        "Paid per member month",
        "Paid on lines of the model, divided by the member months with the model.",
    ),
    "billing_providers": ("Billing providers", "Different billing NPIs on lines of the model."),
    "billing_groups": ("Billing groups", "Different tax ids of billers, where they are known."),
    "rendering_providers": ("Rendering providers", "Different rendering NPIs on lines of the model."),
}
"""Title and definition of what no list above holds."""


def definitions() -> dict[str, tuple[str, str]]:
    """Title and definition of every measure, in the order of a report."""
    found = {name: (unit.title, unit.definition) for name, unit in UNITS.items()}
    for one in (*PERSONS, *DIVISIONS, *AMOUNTS, *SHARES):
        found[one.name] = (one.title, one.definition)
    return found | OTHER_DEFINITIONS
