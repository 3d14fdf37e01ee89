"""The marts: what one row is, what each column means, and the SQL that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from cocm.warehouse.tables import Column, ColumnType

_I, _B, _T = ColumnType.INTEGER, ColumnType.BOOLEAN, ColumnType.TEXT


@dataclass(frozen=True, slots=True)
class Mart:
    """A table for analysis. `use` says which question it answers."""

    name: str
    grain: str
    use: str
    columns: tuple[Column, ...]

    @property
    def sql(self) -> str:
        """The SELECT that makes it, the same text on every engine."""
        return _text(self.name)


PRIMARY_CARE_DIAGNOSIS: Final = "primary_care_diagnosis"
"""What `behavioral_member_month` reads: the diagnoses of primary care by person and month, from the whole history."""


def diagnoses_sql() -> str:
    """The SELECT that makes it from the contract's tables."""
    return _text(PRIMARY_CARE_DIAGNOSIS)


@cache
def _text(name: str) -> str:
    return (resources.files("cocm.marts") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


_PAYER: Final = Column("payer_id", _T, "the payer")
_PACK: Final = Column("pack_id", _T, "the payer's rules in the rulebook")
_PERSON: Final = Column("person_id", _T, "the person treated")
_PRODUCT: Final = Column("product", _T, "the product on the date of service; empty where it is not known")
_REGION: Final = Column("region", _T, "the region on the date of service; empty where it is not known")
_MONTH: Final = Column("month_index", _I, "the month of service, months since year 0")
_LINES: Final = Column("lines", _I, "service lines")


def _line(name: str, what: str) -> Column:
    return Column(name, _B, what)


SERVICE_LINE: Final = Mart(
    "cocm_service_line",
    "one row a service line of Collaborative Care or of a service that stands for it; voids are left out",
    "Every other mart and every figure of a report begins here.",
    (
        Column("claim_id", _T, "the claim; with the line number, the key"),
        Column("claim_line_number", _I, "the line's number on the claim"),
        _PERSON,
        _PAYER,
        _PACK,
        _PRODUCT,
        _REGION,
        _MONTH,
        Column("service_day_number", _I, "the date of service, days since 2000-01-01"),
        Column("hcpcs_code", _T, "the code"),
        Column("family", _T, "cocm, general_bhi or apcm"),
        _line("is_cocm", "it reports a month of the model, or further time in it"),
        _line("is_addon", "it reports further time"),
        Column("tier", _T, "first, later, short or clinic; empty where it reports no month"),
        Column("service_unit_quantity", _I, "units"),
        Column("billing_npi", _T, "who bills"),
        Column("billing_tin", _T, "the biller's tax id; empty where it is not known"),
        Column("rendering_npi", _T, "who renders"),
        Column("charge_amount_cents", _I, "the charge"),
        Column("received_day_number", _I, "the day of receipt; null where it is not known", may_be_null=True),
        Column(
            "first_decided_day_number", _I, "the day of the first answer; null: none yet", may_be_null=True
        ),
        Column("paid_day_number", _I, "the day of the first payment; null: none", may_be_null=True),
        Column("first_answer", _T, "the first answer that is not pended; pended or open where there is none"),
        Column("answer", _T, "the last decision's answer; open where there is none"),
        Column("allowed_amount_cents", _I, "allowed by the last decision"),
        Column("paid_amount_cents", _I, "paid by all decisions together"),
        Column("first_member_share_cents", _I, "the member's share by the first answer"),
        Column("member_share_cents", _I, "the member's share by the last decision"),
        _line("was_refused", "some decision denied or rejected it"),
        _line("was_pended", "some decision let it wait"),
        _line("was_forwarded", "some decision passed it on"),
        _line(
            "was_routed_to_administrator",
            "the behavioral administrator decided, or a reason code that alone speaks for a misroute was given",
        ),
        _line("was_called_duplicate", "a reason code that alone speaks for a duplicate was given"),
        _line("were_records_requested", "records of its claim were asked for"),
        _line("was_appealed", "its claim was appealed"),
        _line("was_appeal_granted", "an appeal of its claim was granted"),
        _line("was_appeal_refused", "an appeal of its claim was refused"),
    ),
)
CLAIM: Final = Mart(
    "cocm_claim",
    "one row a claim with a line of Collaborative Care",
    "The claim as the unit: paid where a line of the model is, else denied where one is, and so on.",
    (
        Column("claim_id", _T, "the claim"),
        _PERSON,
        _PAYER,
        _PRODUCT,
        _REGION,
        _MONTH,
        Column("billing_npi", _T, "who bills"),
        Column("first_answer", _T, "its lines' first answers together"),
        Column("answer", _T, "its lines' last answers together"),
        Column("days_to_pay", _I, "days from receipt to the first payment; null: none", may_be_null=True),
        Column("charge_amount_cents", _I, "charged on its lines of the model"),
        Column("paid_amount_cents", _I, "paid on them"),
    ),
)
DENIAL_REASON: Final = Mart(
    "cocm_denial_reason",
    "one row a refusal of a service line (denied, rejected or forwarded) and a reason code that it names",
    "Which codes refuse claims, for how much, and what of it was paid in the end.",
    (
        Column("claim_id", _T, "the claim"),
        Column("claim_line_number", _I, "the line's number"),
        Column("decision_number", _I, "the decision"),
        _PERSON,
        _PAYER,
        _PRODUCT,
        _REGION,
        _MONTH,
        Column("hcpcs_code", _T, "the code"),
        _line("is_cocm", "a line of the model"),
        Column("answer", _T, "denied, rejected or forwarded"),
        Column("entity_kind", _T, "who decided; empty where it is not known"),
        Column("group_code", _T, "the group; empty where no reason was given"),
        Column("reason_code", _T, "the CARC; empty where none was given"),
        Column("amount_cents", _I, "the amount refused for it"),
        _line("is_paid_now", "the line's last decision paid it"),
    ),
)
MEMBER_MONTH: Final = Mart(
    "cocm_member_month",
    "one row a person, payer and month with Collaborative Care that was not rejected and not taken back",
    "Who was served and at which tier. A claim sent again counts once: the tier is that of the fullest claim.",
    (
        _PAYER,
        _PACK,
        _PERSON,
        _MONTH,
        _PRODUCT,
        _REGION,
        Column(
            "tier", _T, "the base with its add-on units, as first+2; add-on alone where no base was billed"
        ),
        Column("base_tier", _T, "first, later, short, clinic or empty"),
        Column("addon_units", _I, "add-on units"),
        Column("claims", _I, "claims of the month"),
        _line("is_paid", "a line that reports the month was paid"),
        Column("charge_amount_cents", _I, "charged on all its claims"),
        Column("allowed_amount_cents", _I, "allowed"),
        Column("paid_amount_cents", _I, "paid"),
        Column("member_share_cents", _I, "the member's share"),
    ),
)
EPISODE: Final = Mart(
    "cocm_episode",
    "one row a person's course of Collaborative Care with a payer",
    "One definition of an episode: it ends when the payer's own number of empty months has passed.",
    (
        _PAYER,
        _PACK,
        _PERSON,
        Column("episode_number", _I, "the person's first, second, … with the payer"),
        _PRODUCT,
        _REGION,
        Column("first_month_index", _I, "the first month with a claim"),
        Column("last_month_index", _I, "the last month with a claim"),
        Column("months_served", _I, "months with a claim"),
        Column("months_spanned", _I, "months from the first to the last"),
        Column("months_with_addon", _I, "months with an add-on"),
        Column("months_short", _I, "months cut short"),
        Column("months_paid", _I, "months paid"),
        _line("has_first_month_code", "the code of a first month was billed"),
        _line("may_go_on", "the history ends before the gap that would end it (or the gap is not known)"),
    ),
)
TIER_MONTH: Final = Mart(
    "cocm_tier_month",
    "one row a payer, product, region, month and tier",
    "Which tiers are billed and paid, and the share of months with an add-on.",
    (
        _PAYER,
        _PRODUCT,
        _REGION,
        _MONTH,
        Column("tier", _T, "as in cocm_member_month"),
        Column("base_tier", _T, "as in cocm_member_month"),
        Column("addon_units", _I, "add-on units"),
        Column("member_months", _I, "persons with the tier in the month"),
        Column("member_months_paid", _I, "of them paid"),
        Column("charge_amount_cents", _I, "charged"),
        Column("allowed_amount_cents", _I, "allowed"),
        Column("paid_amount_cents", _I, "paid"),
    ),
)
PERSISTENCE: Final = Mart(
    "cocm_persistence",
    "one row a payer, product, month in which episodes began, and months since then that the history reaches",
    "Who stays. Only episodes are counted whose month the history reaches, so that a young episode is no drop-out.",
    (
        _PAYER,
        _PRODUCT,
        Column("first_month_index", _I, "the month in which the episodes began"),
        Column("months_since_start", _I, "0 is that month itself"),
        Column("episodes", _I, "episodes that began then"),
        Column(
            "episodes_still_served",
            _I,
            "of them with a claim in that month since the start, or in a later one",
        ),
    ),
)
ROUTING: Final = Mart(
    "cocm_routing",
    "one row a payer, product, region, month, whether lines went to the behavioral administrator, and first answer",
    "What becomes of lines that were sent to the wrong side, and of the others.",
    (
        _PAYER,
        _PRODUCT,
        _REGION,
        _MONTH,
        _line("was_routed_to_administrator", "as in cocm_service_line"),
        Column("first_answer", _T, "the first decision's answer"),
        _LINES,
        Column("charge_amount_cents", _I, "charged"),
        Column("lines_forwarded", _I, "passed on"),
        Column("lines_refused", _I, "denied or rejected by some decision"),
        Column("lines_paid_now", _I, "paid by the last decision"),
    ),
)
DAYS_TO_PAY: Final = Mart(
    "cocm_days_to_pay",
    "one row a payer, product, region, month and number of days from receipt to payment",
    "A histogram: medians and percentiles from it are exact, and parts of it can be added up.",
    (
        _PAYER,
        _PRODUCT,
        _REGION,
        _MONTH,
        Column("days", _I, "days from receipt to the first payment"),
        _LINES,
    ),
)
PROVIDER_MONTH: Final = Mart(
    "cocm_provider_month",
    "one row a payer, billing provider, rendering provider and month",
    "Who bills, and where a provider's claims fail.",
    (
        _PAYER,
        Column("billing_npi", _T, "who bills"),
        Column("billing_tin", _T, "the biller's tax id"),
        Column("rendering_npi", _T, "who renders"),
        _MONTH,
        _LINES,
        Column("persons", _I, "persons"),
        Column("lines_paid_first", _I, "paid by the first decision"),
        Column("lines_paid_now", _I, "paid by the last decision"),
        Column("lines_refused", _I, "denied or rejected by some decision"),
        Column("lines_routed_to_administrator", _I, "as in cocm_service_line"),
        Column("lines_called_duplicate", _I, "as in cocm_service_line"),
        Column("lines_with_records_requested", _I, "as in cocm_service_line"),
        Column("charge_amount_cents", _I, "charged"),
        Column("paid_amount_cents", _I, "paid"),
    ),
)
BEHAVIORAL_MEMBER_MONTH: Final = Mart(
    "behavioral_member_month",
    "one row a person, payer and month with a behavioral diagnosis on a claim of primary care",
    "Who could be served: the denominator of the model's reach. Behavioral is what the payer's diagnosis rules take.",
    (_PERSON, _PAYER, _PRODUCT, _REGION, _MONTH),
)

MARTS: Final = (
    SERVICE_LINE,
    CLAIM,
    DENIAL_REASON,
    MEMBER_MONTH,
    EPISODE,
    TIER_MONTH,
    PERSISTENCE,
    ROUTING,
    DAYS_TO_PAY,
    PROVIDER_MONTH,
    BEHAVIORAL_MEMBER_MONTH,
)
"""Every mart, in an order in which they can be made."""
