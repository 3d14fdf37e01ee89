"""Makes a sandbox plan: a plan folder whose members, billers and codes are those of the claims it is to decide."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from cocm.basics.files import atomic_write, safe_cell
from cocm.basics.money import plain_dollars
from cocm.intake.template import prepare_folder
from cocm.plan.records import BillerType, EntityKind, FeeBasis, Side
from cocm.plandesk.tables import PLAN_TABLES
from cocm.rules import Rulebook
from cocm.rules.fees import allowed_amount_cents
from cocm.rules.profile import ROOT_PAYER
from cocm.sandbox.gathered import Gathered, gather
from cocm.sandbox.label import LABEL, LABEL_FILE, PRIVATE, SANDBOX, labelled
from cocm.sandbox.practice_members import MemberSpan, PracticeMembers, practice_members
from cocm.scrub.payers import PackChoice

MEDICAL_ENTITY: Final = "MEDICAL"
ADMINISTRATOR: Final = "ADMINISTRATOR"
PRODUCT: Final = "SANDBOX"
_BEGINNING: Final = date(2017, 1, 1)
_INVENTED_TIN: Final = "990000999"
_INVENTED_ADDRESS: Final = {
    "address_line": "1 SANDBOX WAY",
    "city": "SACRAMENTO",
    "state": "CA",
    "postal_code": "958140001",
    "phone": "8005550199",
}
_ADMINISTRATOR_ID: Final = "SBXBH"
_ADMINISTRATOR_SOURCE: Final = "invented carve-out of the sandbox"


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """What the invented plan pays and what its members owe, in cents. The behavioral copayment is what a plan that
    errs takes; `allowed_percent` of the lowest charge is allowed for a code that has neither a fee here nor Medicare's.
    """

    copayment_cents: int = 2_000
    behavioral_copayment_cents: int = 5_000
    deductible_cents: int = 0
    coinsurance_percent: int = 0
    allowed_percent: int = 70
    fees: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Where the plan goes, whose claims it is to decide, by which pack. `practice`: members come from its tables."""

    folder: Path
    files: tuple[Path, ...]
    practice: Path | None = None
    pack_id: str | None = None
    payer_identifier: str | None = None
    administrator_name: str = ""
    terms: PlanTerms = PlanTerms()


@dataclass(frozen=True, slots=True)
class PlanMade:
    """What was made. `pack_doubt` tells why the general rules are taken; empty where it is known whose rules hold."""

    plan_name: str
    pack_id: str
    pack_doubt: str
    payer_identifier: str
    administrator_identifier: str
    members: int
    claims: int
    claims_unreadable: int
    fees: Mapping[str, int]
    files: tuple[str, ...]


def write_sandbox_plan(request: PlanRequest, rulebook: Rulebook) -> PlanMade:
    """Write the plan's tables into a new folder.

    Raises `UnusableInput` where the folder is not empty, or the claims or the practice cannot be used.
    """
    practice = None
    pack_id, payer_identifier = request.pack_id, request.payer_identifier
    if request.practice is not None:
        payer_identifier = (
            payer_identifier
            or gather(request.files, rulebook, pack_id=pack_id, payer_identifier=None).payer_identifier
        )
        practice = practice_members(request.practice, payer_identifier)
        pack_id = pack_id or practice.payer.pack_id
    gathered = gather(request.files, rulebook, pack_id=pack_id, payer_identifier=payer_identifier)
    doubt = ""
    if pack_id is None:
        chosen = gathered.pack or PackChoice(
            ROOT_PAYER, False, f"no code of the model tells the rules: {ROOT_PAYER}'s"
        )
        pack_id, doubt = chosen.pack_id, "" if chosen.is_certain else chosen.why
    rulebook.pack(pack_id)
    administrator = _ADMINISTRATOR_ID
    if practice is not None and practice.payer.behavioral_payer_identifier:
        administrator = practice.payer.behavioral_payer_identifier
    fees = _fees(gathered, request.terms, rulebook)
    plan_name = labelled(gathered.payer_name or gathered.payer_identifier)
    tables: dict[str, list[dict[str, str]]] = {
        "plan": [_plan_row(plan_name, pack_id, gathered.payer_identifier)],
        "entities": _entity_rows(
            plan_name, gathered.payer_identifier, request.administrator_name, administrator
        ),
        "delegations": [
            {
                "entity_id": ADMINISTRATOR,
                "side": Side.BEHAVIORAL.value,
                "effective_from": str(_BEGINNING),
                "source": _ADMINISTRATOR_SOURCE,
            }
        ],
        "members": [_member_row(span) for span in _spans(gathered, practice)],
        "benefits": _benefit_rows(request.terms),
        "fees": [
            {
                "hcpcs_code": code,
                "effective_from": str(_BEGINNING),
                "amount": plain_dollars(cents),
            }
            for code, cents in sorted(fees.items())
        ],
        "providers": _provider_rows(gathered, practice),
    }
    prepare_folder(request.folder)
    for name, rows in tables.items():
        with atomic_write(request.folder / f"{name}.csv") as out:
            out.write(_csv(name, rows))
    with atomic_write(request.folder / LABEL_FILE) as out:
        out.write(f"{LABEL}\n{PRIVATE}\n".encode())
    return PlanMade(
        plan_name=plan_name,
        pack_id=pack_id,
        pack_doubt=doubt,
        payer_identifier=gathered.payer_identifier,
        administrator_identifier=administrator,
        members=len({(row["member_id"], row["birth_date"]) for row in tables["members"]}),
        claims=gathered.claims,
        claims_unreadable=gathered.unreadable,
        fees=fees,
        files=(*(f"{name}.csv" for name in tables), LABEL_FILE),
    )


def _fees(gathered: Gathered, terms: PlanTerms, rulebook: Rulebook) -> dict[str, int]:
    """A fee for each code that the terms name or Medicare has none for; for the others Medicare's own speaks."""
    found = dict(terms.fees)
    day = max(gathered.members.values(), default=_BEGINNING)
    for code, charge in gathered.unit_charges.items():
        if code in found:
            continue
        national = allowed_amount_cents(rulebook, code, day, is_facility=False)
        if national.amount_cents is None:
            found[code] = charge * terms.allowed_percent // 100
    return found


def _spans(gathered: Gathered, practice: PracticeMembers | None) -> Iterable[MemberSpan]:
    if practice is not None:
        return practice.spans
    return [
        MemberSpan(member_id, birth_date, max(birth_date, _BEGINNING), None)
        for member_id, birth_date in sorted(gathered.members)
    ]


def _plan_row(plan_name: str, pack_id: str, payer_identifier: str) -> dict[str, str]:
    return {
        "plan_id": f"{SANDBOX}-{payer_identifier}",
        "plan_name": plan_name,
        "pack_id": pack_id,
        "entity_id": MEDICAL_ENTITY,
        "payer_identifier": payer_identifier,
        "tin": _INVENTED_TIN,
        **_INVENTED_ADDRESS,
        "fee_basis": FeeBasis.MEDICARE_NATIONAL.value,
    }


def _entity_rows(
    plan_name: str, payer_identifier: str, administrator_name: str, administrator: str
) -> list[dict[str, str]]:
    behavioral = labelled(administrator_name or f"{plan_name} behavioral")
    return [
        {
            "entity_id": MEDICAL_ENTITY,
            "entity_name": plan_name,
            "kind": EntityKind.MEDICAL.value,
            "payer_identifier": payer_identifier,
        },
        {
            "entity_id": ADMINISTRATOR,
            "entity_name": behavioral,
            "kind": EntityKind.BEHAVIORAL_ADMINISTRATOR.value,
            "payer_identifier": administrator,
        },
    ]


def _member_row(span: MemberSpan) -> dict[str, str]:
    return {
        "member_id": span.member_id,
        "birth_date": str(span.birth_date),
        "product": PRODUCT,
        "coverage_from": str(span.coverage_from),
        "coverage_to": "" if span.coverage_to is None else str(span.coverage_to),
    }


def _benefit_rows(terms: PlanTerms) -> list[dict[str, str]]:
    common = {"product": PRODUCT, "effective_from": str(_BEGINNING)}
    medical = {
        "side": Side.MEDICAL.value,
        "deductible": _amount(terms.deductible_cents),
        "copayment": _amount(terms.copayment_cents),
        "coinsurance_percent": str(terms.coinsurance_percent),
    }
    behavioral = {
        "side": Side.BEHAVIORAL.value,
        "copayment": _amount(terms.behavioral_copayment_cents),
    }
    return [common | medical, common | behavioral]


def _amount(cents: int) -> str:
    """Dollars of a cell; an amount of nothing is an empty one."""
    return plain_dollars(cents) if cents else ""


def _provider_rows(gathered: Gathered, practice: PracticeMembers | None) -> list[dict[str, str]]:
    """Who bills the model is enrolled as a medical group, whatever its taxonomy; the others bill by theirs."""
    rows = []
    for npi, biller in sorted(gathered.billers.items()):
        if not npi:
            continue
        own = practice is not None and practice.billing_npi == npi
        rows.append(
            {
                "npi": npi,
                "taxonomy_code": biller.taxonomy_code,
                "biller": BillerType.MEDICAL.value if biller.bills_cocm else "",
                "places": ";".join(sorted(practice.places)) if own and practice is not None else "",
            }
        )
    return rows


def _csv(name: str, rows: Iterable[Mapping[str, str]]) -> bytes:
    out = io.StringIO(newline="")
    columns = tuple(PLAN_TABLES[name].positions)
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({column: safe_cell(cell) for column, cell in row.items()} for row in rows)
    return out.getvalue().encode()
