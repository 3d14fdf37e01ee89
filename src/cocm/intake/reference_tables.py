"""The contract of the small tables: practice, sites, staff, payers, charges and contract rates."""

from __future__ import annotations

from typing import Final

from cocm.care.people import Role
from cocm.intake.address_columns import address_columns
from cocm.intake.contract import Column, Kind, Table

PRACTICE: Final = Table(
    "practice",
    "One row: the organization whose claims are billed, as its payers know it.",
    (
        Column(
            "organization_id",
            Kind.IDENTIFIER,
            "Your own short id; part of every claim id.",
            "north-valley",
            required=True,
        ),
        Column(
            "name",
            Kind.TEXT,
            "The billing name its payers have on file.",
            "North Valley Medical Group",
            required=True,
        ),
        Column(
            "billing_npi",
            Kind.NPI,
            "The medical group's NPI (never a behavioral entity's).",
            "1093817462",
            required=True,
        ),
        Column("billing_tin", Kind.TIN, "The employer identification number.", "12-3456789", required=True),
        Column("taxonomy_code", Kind.TAXONOMY, "The group's taxonomy code.", "261QP2300X", required=True),
        *address_columns(required=True, identifying=False, is_billing=True),
        Column(
            "phone",
            Kind.PHONE,
            "Who answers questions about claims.",
            "530-555-0142",
            required=True,
            length_max=25,
        ),
        Column(
            "contact_name",
            Kind.TEXT,
            "The person or desk behind that number.",
            "Billing office",
            required=True,
        ),
        Column(
            "time_zone",
            Kind.TIME_ZONE,
            "The clock contacts are written by.",
            "America/Los_Angeles",
            required=True,
        ),
        Column(
            "submitter_id",
            Kind.IDENTIFIER,
            "Your electronic transmitter id.",
            "NVMG01",
            required=True,
            length_max=15,
        ),
        Column(
            "contacts_complete_from",
            Kind.DATE,
            "First day from which contacts holds every contact; before it, having none proves nothing.",
            "2025-10-01",
        ),
    ),
)

SITES: Final = Table(
    "sites",
    "One row per place where billing practitioners see patients.",
    (
        Column("site_id", Kind.IDENTIFIER, "Your id of the site.", "S01", required=True),
        Column("name", Kind.TEXT, "The name it is credentialed under.", "North Valley Clinic", required=True),
        Column("npi", Kind.NPI, "The site's own NPI, where it has one.", "1093817462"),
        Column(
            "place_of_service_code",
            Kind.PLACE_OF_SERVICE,
            "Place of service the practitioner is credentialed for there.",
            "11",
            required=True,
            length_max=2,
        ),
        *address_columns(required=True, identifying=False, is_billing=True),
        Column(
            "time_zone", Kind.TIME_ZONE, "The site's clock; empty is the practice's.", "America/Los_Angeles"
        ),
        Column("fee_locality", Kind.IDENTIFIER, "Medicare locality, where known.", "01112-75"),
    ),
    key=("site_id",),
)

STAFF: Final = Table(
    "staff",
    "One row per person on the care team.",
    (
        Column("staff_id", Kind.IDENTIFIER, "Your id of the person.", "BHCM-001", required=True),
        Column("last_name", Kind.TEXT, "Last name as credentialed.", "Reyes", required=True),
        Column("first_name", Kind.TEXT, "First name as credentialed.", "Elena", required=True, length_max=35),
        Column(
            "role",
            Kind.CHOICE,
            "What the person does in the model.",
            "bhcm",
            required=True,
            choices=tuple(Role),
        ),
        Column("npi", Kind.NPI, "Individual NPI; needed of anyone a claim names.", "1093817462"),
        Column("taxonomy_code", Kind.TAXONOMY, "Individual taxonomy code.", "1041C0700X"),
        Column("credential", Kind.TEXT, "Licence or degree.", "LCSW", length_max=35),
        Column(
            "site_ids",
            Kind.IDENTIFIERS,
            "Sites the practitioner is credentialed at.",
            "S01;S02",
            length_max=2000,
        ),
    ),
    key=("staff_id",),
)

PAYERS: Final = Table(
    "payers",
    "One row per payer product you have a contract with.",
    (
        Column("payer_id", Kind.IDENTIFIER, "Your id of the product.", "PLAN-A", required=True),
        Column(
            "name", Kind.TEXT, "The payer's name on the claim.", "Sierra Crest Health Plan", required=True
        ),
        Column(
            "pack_id",
            Kind.IDENTIFIER,
            "The rulebook pack whose rules hold (`cocm rules packs`).",
            "cpt",
            required=True,
        ),
        Column(
            "payer_identifier",
            Kind.IDENTIFIER,
            "Payer id of the medical plan on the claim.",
            "SCHP1",
            required=True,
        ),
        Column(
            "behavioral_payer_identifier",
            Kind.IDENTIFIER,
            "Payer id of the behavioral administrator, so that a claim addressed to it is caught.",
            "SBHA1",
        ),
        Column(
            "receiver_id",
            Kind.IDENTIFIER,
            "Receiver of the file; empty is the payer id.",
            "SCHP1",
            length_max=15,
        ),
        Column(
            "filing_limit_days",
            Kind.INTEGER,
            "Days to file after the service date, where your contract differs from the pack.",
            "180",
            minimum=1,
            maximum=3650,
        ),
        Column(
            "attested_from",
            Kind.DATE,
            "First day on which your attestation to the model (or site approval) stands, where the payer asks for one.",
            "2024-02-01",
        ),
        Column(
            "member_id_digits",
            Kind.INTEGER,
            "Length of the plan's member ids, where they are digits only: short ones get their zeros back.",
            "9",
            minimum=1,
            maximum=80,
        ),
    ),
    key=("payer_id",),
)

CHARGES: Final = Table(
    "charges",
    "One row per service code and the day from which its charge holds.",
    (
        Column("hcpcs_code", Kind.HCPCS, "The service code.", example="99492", required=True),
        Column("charge_amount", Kind.MONEY, "What you charge for one unit.", "250.00", required=True),
        Column(
            "effective_from", Kind.DATE, "First service date of this charge.", "2026-01-01", required=True
        ),
    ),
    key=("hcpcs_code", "effective_from"),
)

CONTRACT_RATES: Final = Table(
    "contract_rates",
    "One row per payer, service code and the day from which your contract's rate holds. May be left out.",
    (
        Column("payer_id", Kind.IDENTIFIER, "The payer product, as in payers.", "PLAN-A", required=True),
        Column("hcpcs_code", Kind.HCPCS, "The service code.", example="99492", required=True),
        Column("effective_from", Kind.DATE, "First service date of this rate.", "2026-01-01", required=True),
        Column(
            "effective_to",
            Kind.DATE,
            "First service date on which it holds no more; empty: until the code's next row.",
            "2027-01-01",
        ),
        Column(
            "rate_amount",
            Kind.MONEY,
            "What the contract allows for one unit; or else a percentage.",
            "165.00",
        ),
        Column(
            "percent_of_medicare",
            Kind.PERCENT,
            "What it allows as a percentage of Medicare's amount at the site, on the day; or else a rate.",
            "112.5",
        ),
    ),
    key=("hcpcs_code", "payer_id", "effective_from"),
    is_optional=True,
)

REFERENCE_TABLES: Final = (PRACTICE, SITES, STAFF, PAYERS, CHARGES, CONTRACT_RATES)
