"""The contract of a plan's folder: small CSV tables, one definition for reading them and for the empty template."""

from __future__ import annotations

from typing import Final

from cocm.intake.address_columns import address_columns
from cocm.intake.contract import Column, Kind, Table
from cocm.plan.records import BillerType, EntityKind, FeeBasis, ServiceClass, Side

ALL: Final = "all"
OWN_COLUMN: Final = "x_"
"""What the name of a column begins with that a plan keeps for itself in a table."""
_SERVICES: Final = (*(one.value for one in ServiceClass), ALL)
_BILLERS: Final = (*(one.value for one in BillerType), ALL)
_SIDES: Final = tuple(one.value for one in Side)
_AMOUNT_MAX: Final = 100

_FROM: Final = Column("effective_from", Kind.DATE, "The first day.", "2026-01-01", required=True)
_TO: Final = Column(
    "effective_to",
    Kind.DATE,
    "The last day; empty: until the next row for the same begins, else no end is known.",
    "",
)
_PRODUCT: Final = Column(
    "product", Kind.IDENTIFIER, "The product, as on members.", "HMO", required=True, length_max=50
)
_MEMBER: Final = (
    Column(
        "member_id", Kind.IDENTIFIER, "The member id on the card.", "GHP000000001", required=True,
        length_max=80, identifying=True,
    ),
    Column("birth_date", Kind.DATE, "Date of birth.", "1999-07-14", required=True, identifying=True),
)  # fmt: skip

PLAN: Final = Table(
    "plan",
    "One row: the plan that decides here.",
    (
        Column("plan_id", Kind.IDENTIFIER, "Your id of the plan.", "GHP", required=True),
        Column("plan_name", Kind.TEXT, "Its name on remittances.", "GOLDEN HEALTH PLAN", required=True),
        Column("pack_id", Kind.IDENTIFIER, "Its rules (`cocm rules`).", "ca-commercial-carveout", required=True),
        Column("entity_id", Kind.IDENTIFIER, "The entity that decides here.", "MEDICAL", required=True),
        Column("payer_identifier", Kind.IDENTIFIER, "Its X12 payer id.", "GHP01", required=True),
        Column(
            "other_payer_identifiers", Kind.IDENTIFIERS,
            "Further payer ids that mean this plan (a clearinghouse's own, say); empty: none.", "94000;GHPCA",
        ),
        Column("tin", Kind.TIN, "Its tax id.", "941234567", required=True),
        *address_columns(required=True, identifying=False),
        Column("phone", Kind.PHONE, "Whom a provider may ask.", "8005550111", required=True),
        Column(
            "fee_basis", Kind.CHOICE, "Where a fee comes from that is not in fees.", "medicare_national",
            choices=tuple(one.value for one in FeeBasis), default=FeeBasis.FEE_TABLE.value,
        ),
    ),
    key=("plan_id",),
)  # fmt: skip

ENTITIES: Final = Table(
    "entities",
    "One row per entity that may be responsible for a claim.",
    (
        Column("entity_id", Kind.IDENTIFIER, "Your id of the entity.", "MEDICAL", required=True),
        Column("entity_name", Kind.TEXT, "Its name.", "Golden Health Plan", required=True),
        Column(
            "kind", Kind.CHOICE, "What it is to the plan.", "medical", required=True,
            choices=tuple(one.value for one in EntityKind),
        ),
        Column("payer_identifier", Kind.IDENTIFIER, "Its X12 payer id.", "GHP01"),
    ),
    key=("entity_id",),
)  # fmt: skip

DELEGATIONS: Final = Table(
    "delegations",
    "One row per contract by which an entity answers for a side of the benefit (a carve-out, say).",
    (
        Column("entity_id", Kind.IDENTIFIER, "The entity, as in entities.", "BHA", required=True),
        Column("side", Kind.CHOICE, "The side of the benefit.", "behavioral", required=True, choices=_SIDES),
        Column("product", Kind.IDENTIFIER, "The product; empty: every one.", "", length_max=50),
        Column("delegated_group_id", Kind.IDENTIFIER, "The members' group; empty: every one.", "", length_max=50),
        Column(
            "service", Kind.CHOICE, "Which procedures, in the rulebook's words.", "all", choices=_SERVICES,
            default=ALL,
        ),
        Column("biller", Kind.CHOICE, "Which billing providers.", "all", choices=_BILLERS, default=ALL),
        _FROM,
        _TO,
        Column("source", Kind.TEXT, "The contract it stands in.", "MBHO agreement 2026", required=True),
    ),
)  # fmt: skip

MEMBERS: Final = Table(
    "members",
    "One row per span of a member's coverage.",
    (
        *_MEMBER,
        _PRODUCT,
        Column("coverage_from", Kind.DATE, "The first day.", "2026-01-01", required=True),
        Column("coverage_to", Kind.DATE, "The last day; empty: goes on."),
        Column("delegated_group_id", Kind.IDENTIFIER, "The group or IPA; empty: none.", "", length_max=50),
        Column("death_date", Kind.DATE, "The day of death, where known.", identifying=True),
    ),
)

BENEFITS: Final = Table(
    "benefits",
    "One row per product, side, service and period: what the member pays.",
    (
        _PRODUCT,
        Column("side", Kind.CHOICE, "The side of the benefit.", "medical", required=True, choices=_SIDES),
        Column("service", Kind.CHOICE, "Which procedures.", "all", choices=_SERVICES, default=ALL),
        _FROM,
        _TO,
        Column("is_covered", Kind.CHOICE, "Whether the product pays.", "yes", choices=("yes", "no"), default="yes"),
        Column("is_waived", Kind.FLAG, "Whether the member pays nothing at all.", "no"),
        Column(
            "deductible", Kind.MONEY, "The year's deductible that applies; empty: none.", "500.00", may_be_zero=True
        ),
        Column("copayment", Kind.MONEY, "Owed once a claim; empty: none.", "20.00", may_be_zero=True),
        Column(
            "coinsurance_percent", Kind.INTEGER, "Share of what is left.", "20", default="0", maximum=_AMOUNT_MAX
        ),
        Column("out_of_pocket_max", Kind.MONEY, "The year's limit; empty: none.", "5000.00"),
    ),
    key=("product", "side", "service", "effective_from"),
)  # fmt: skip

ACCUMULATORS: Final = Table(
    "accumulators",
    "One row per member and year: what was met before this system decided.",
    (
        *_MEMBER,
        Column("year", Kind.INTEGER, "The calendar year.", "2026", required=True, minimum=2000, maximum=2199),
        Column("deductible_met", Kind.MONEY, "Of the deductible.", "120.00", may_be_zero=True),
        Column("out_of_pocket_met", Kind.MONEY, "Of the out-of-pocket limit.", "180.00", may_be_zero=True),
    ),
    key=("member_id", "birth_date", "year"),
)

FEES: Final = Table(
    "fees",
    "One row per code, place and period: what is allowed for one unit.",
    (
        Column("hcpcs_code", Kind.HCPCS, "The code.", "", required=True),
        Column(
            "place", Kind.CHOICE, "In which places.", "all", choices=("facility", "nonfacility", ALL), default=ALL
        ),
        _FROM,
        _TO,
        Column("amount", Kind.MONEY, "For one unit.", "150.00", required=True),
    ),
    key=("hcpcs_code", "place", "effective_from"),
)  # fmt: skip

PROVIDERS: Final = Table(
    "providers",
    "One row per provider enrolled with the plan.",
    (
        Column("npi", Kind.NPI, "The provider.", "1234567893", required=True),
        Column("taxonomy_code", Kind.TAXONOMY, "As enrolled.", "207Q00000X"),
        Column(
            "biller", Kind.CHOICE, "What it bills as; empty: by its taxonomy.", "medical",
            choices=tuple(one.value for one in BillerType),
        ),
        Column("places", Kind.IDENTIFIERS, "Enrolled places of service; empty: not known.", "11;22"),
    ),
    key=("npi",),
)  # fmt: skip

PLAN_TABLES: Final = {
    table.name: table
    for table in (PLAN, ENTITIES, DELEGATIONS, MEMBERS, BENEFITS, ACCUMULATORS, FEES, PROVIDERS)
}
OPTIONAL: Final = frozenset({"delegations", "accumulators", "fees", "providers"})
"""Tables that may be left out."""
