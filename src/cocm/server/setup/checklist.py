"""What is missing before a month can be closed: the core's own words about the tables, and tables that are empty."""

from __future__ import annotations

from dataclasses import dataclass

from cocm.basics.errors import TableError
from cocm.care.people import Role
from cocm.intake.reference import ReferenceLoader
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import Charge, PayerProduct, Site, StaffMember
from cocm.server.practice_port import PracticePort
from cocm.server.registry.models import Patient


@dataclass(frozen=True, slots=True)
class Step:
    """A part of set-up: how many rows it has, and what is missing in it."""

    section: str
    title: str
    rows: int
    missing: tuple[str, ...] = ()
    is_needed: bool = True

    @property
    def is_done(self) -> bool:
        return not self.missing


def steps(*, actor: Actor) -> list[Step]:
    """Each part of set-up with what is missing in it."""
    port = PracticePort(actor)
    told: dict[str, list[str]] = {}
    loader = ReferenceLoader([], [], set())
    try:
        loader.practice(*port.small_table("practice"))
    except TableError as problem:
        told["practice"] = [_without_place(part) for part in str(problem).split("; ")]
    else:
        for fault in port.reference.problems:
            told.setdefault(fault.table, []).append(_without_place(str(fault)))
    staff = StaffMember.objects.of(actor)
    doctors = staff.filter(role=Role.BILLING_PRACTITIONER)
    sites = Site.objects.of(actor).count()
    payers = PayerProduct.objects.of(actor).count()
    charges = Charge.objects.of(actor).count()
    if not sites:
        told.setdefault("sites", []).append("a site with its place of service")
    for role, words in (
        (Role.BILLING_PRACTITIONER, "a billing practitioner"),
        (Role.BHCM, "a care manager"),
        (Role.PSYCHIATRIC_CONSULTANT, "a psychiatric consultant"),
    ):
        if not staff.filter(role=role).exists():
            told.setdefault("staff", []).append(words)
    for doctor in doctors.filter(credentialed_sites=None):
        told.setdefault("staff", []).append(f"a site at which {doctor.full_name} is credentialed")
    for doctor in doctors.filter(npi=""):
        told.setdefault("staff", []).append(f"the NPI of {doctor.full_name}, whom claims name")
    if not payers:
        told.setdefault("payers", []).append("a payer product with its rulebook pack")
    if not charges:
        told.setdefault("charges", []).append("what you charge for each code")
    patients = Patient.objects.of(actor).count()
    if not patients:
        told["patients"] = ["the first patient"]
    counts = (
        ("practice", "Practice", 0 if "practice" in told else 1),
        ("sites", "Sites", sites),
        ("staff", "Staff", staff.count()),
        ("payers", "Payers", payers),
        ("charges", "Charges", charges),
        ("patients", "Patients", patients),
    )
    return [Step(name, title, rows, tuple(told.get(name, ()))) for name, title, rows in counts]


def _without_place(text: str) -> str:
    """The core's sentence without the file and row, which a form has none of."""
    where, _, rest = text.partition(": expected ")
    if not rest:
        return text
    column = where.rpartition("column ")[2].replace("_", " ") if "column " in where else ""
    return f"{column}: {rest.partition('; found ')[0]}" if column else rest
