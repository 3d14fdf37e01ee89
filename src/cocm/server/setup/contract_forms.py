"""Forms of the practice's small tables, made from the table contract: the core's readers judge every field.

So what a form refuses is what an import refuses, in the same words, and no rule of a field is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from cocm.intake.cells import NOTE_NPI_CHECK, CellRefused, careful_reader
from cocm.intake.contract import Column, Kind, Table
from cocm.intake.reference import ReferenceLoader
from cocm.intake.rows import Layout, joined_cells
from cocm.intake.tables import TABLES
from cocm.rules.codes import places_of_service
from cocm.server.access.actor import Actor
from cocm.server.accounts.models import PayerProduct, Site
from cocm.server.practice_port import PracticePort
from cocm.server.rules_in_force import rulebook

ROLE_LABELS: Final = {
    "bhcm": "Care manager (BHCM)",
    "psychiatric_consultant": "Psychiatric consultant",
    "billing_practitioner": "Billing practitioner (PCP)",
}
COMMON_ZONES: Final = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """One of the small tables as set-up speaks of it. `shown` are the columns of its list."""

    name: str
    title: str
    one: str
    detail: str
    shown: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        return TABLES[self.name]


SECTIONS: Final = {
    section.name: section
    for section in (
        Section(
            "practice",
            "Practice",
            "Practice",
            "The organization whose claims are billed, as its payers know it.",
        ),
        Section(
            "sites",
            "Sites",
            "Site",
            "Where billing practitioners see patients, with the place of service they are credentialed for there.",
            ("name", "place_of_service_code", "city", "time_zone"),
        ),
        Section(
            "staff",
            "Staff",
            "Staff member",
            "The care team, with the sites at which each billing practitioner is credentialed.",
            ("last_name", "first_name", "role", "npi", "credential", "site_ids"),
        ),
        Section(
            "payers",
            "Payers",
            "Payer product",
            "Each product you have a contract with, bound to the rulebook pack whose rules hold for it.",
            ("name", "pack_id", "payer_identifier", "filing_limit_days"),
        ),
        Section(
            "charges",
            "Charges",
            "Charge",
            "What you charge for one unit, from a day on.",
            ("hcpcs_code", "charge_amount", "effective_from"),
        ),
        Section(
            "contract_rates",
            "Contract rates",
            "Contract rate",
            "What your own contracts allow, where you want payments compared with them.",
            ("payer_id", "hcpcs_code", "effective_from", "rate_amount", "percent_of_medicare"),
        ),
    )
}


_LABELS: Final = {
    "npi": "NPI",
    "billing_npi": "Billing NPI",
    "billing_tin": "Billing tax id",
    "hcpcs_code": "Service code",
    "pack_id": "Rulebook pack",
    "postal_code": "ZIP code",
    "site_ids": "Credentialed at",
}


def label_of(column_name: str) -> str:
    """A column's name for people."""
    return _LABELS.get(column_name) or column_name.replace("_", " ").capitalize()


class ContractField(forms.CharField):
    """A cell of the contract. Its value stays text: the core reads it again with its row."""

    def __init__(self, column: Column, **kwargs: Any) -> None:
        self.column = column
        self.read = careful_reader(column)
        super().__init__(
            required=column.required and not column.default,
            label=label_of(column.name),
            help_text=column.meaning.replace(" (`cocm rules`)", ""),
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        text = ";".join(value) if isinstance(value, list | tuple) else super().clean(value)
        try:
            reading = self.read(text)
        except CellRefused as refusal:
            raise ValidationError(f"Expected {refusal}.") from None
        if reading.note == NOTE_NPI_CHECK:  # an import only notes it; a person who types can look again
            raise ValidationError("Expected an NPI whose check digit holds; one digit is mistyped.")
        return text


class SeveralField(ContractField):
    """Ids of several rows, as a list of boxes."""

    def clean(self, value: Any) -> Any:
        return super().clean(value or [])


def contract_form(section: Section, actor: Actor) -> type[forms.Form]:
    """The form of one row of a table."""
    made = {column.name: _field(column, section, actor) for column in section.table.columns}
    return type(f"{section.name.title()}Form", (RowForm,), {**made, "section": section})


def _field(column: Column, section: Section, actor: Actor) -> ContractField:
    choices = _choices(column, section, actor)
    if column.kind is Kind.IDENTIFIERS:
        return SeveralField(column, widget=forms.CheckboxSelectMultiple(choices=choices))
    if choices:
        empty = [] if column.required and column.name != "pack_id" else [("", "")]
        return ContractField(column, widget=forms.Select(choices=empty + choices))
    if column.kind is Kind.DATE:
        return ContractField(column, widget=forms.DateInput(attrs={"type": "date"}))
    return ContractField(column)


def _choices(column: Column, section: Section, actor: Actor) -> list[tuple[Any, Any]]:
    book = rulebook()
    if column.kind is Kind.CHOICE:
        return [(choice, ROLE_LABELS.get(choice, str(choice).replace("_", " "))) for choice in column.choices]
    if column.kind is Kind.PLACE_OF_SERVICE:
        places = places_of_service(book).values()
        return [(one.place_of_service_code, f"{one.place_of_service_code} {one.label}") for one in places]
    if column.kind is Kind.TIME_ZONE:
        others = sorted(zone for zone in available_timezones() if "/" in zone and zone not in COMMON_ZONES)
        return [
            ("Common", [(zone, zone) for zone in COMMON_ZONES]),
            ("All", [(zone, zone) for zone in others]),
        ]
    if column.name == "pack_id":
        return [(pack, f"{book.profile(pack).label} ({pack})") for pack in book.payer_ids]
    if column.name == "site_ids":
        return list(Site.objects.of(actor).order_by("name").values_list("site_id", "name"))
    if column.name == "payer_id" and section.name != "payers":
        return list(PayerProduct.objects.of(actor).order_by("name").values_list("payer_id", "name"))
    return []


class RowForm(forms.Form):
    """One row of a small table. Fields of its key stand still once the row is there."""

    section: Section
    use_required_attribute = True

    def __init__(self, *args: Any, actor: Actor, row: dict[str, str] | None, **kwargs: Any) -> None:
        self.actor, self.row = actor, row
        super().__init__(*args, initial=_initial(self.section, row), **kwargs)
        fixed = (
            ("organization_id",) if self.section.name == "practice" else self.section.table.key if row else ()
        )
        for name in fixed:
            self.fields[name].disabled = True

    def clean(self) -> dict[str, Any]:
        """The row as a whole, by the core's own reader."""
        cells: dict[str, Any] = super().clean() or {}
        if not self.errors:
            table = self.section.table
            raw = (2, joined_cells([cells.get(column.name, "") for column in table.columns]))
            width = len(table.columns)
            layout = Layout("the form", table.name, tuple(range(width)), width)
            for column, expectation in _objections(self.actor, layout, raw):
                self.add_error(column or None, f"Expected {expectation}.")
            key = tuple(cells[name] for name in table.key)
            if (
                self.row is None
                and table.key
                and any(
                    tuple(row[name] for name in table.key) == key for row in own_rows(self.actor, table.name)
                )
            ):
                self.add_error(table.key[0], "There is one already; open it to change it.")
        return cells


def _initial(section: Section, row: dict[str, str] | None) -> dict[str, Any]:
    if row is None:
        return {column.name: column.default for column in section.table.columns if column.default}
    several = {column.name for column in section.table.columns if column.kind is Kind.IDENTIFIERS}
    return {
        name: (cell.split(";") if cell else []) if name in several else cell for name, cell in row.items()
    }


def _objections(actor: Actor, layout: Layout, raw: tuple[int, str]) -> list[tuple[str, str]]:
    """What the core says of a row beside the organization's other rows: column and what it expected."""
    loader = ReferenceLoader([], [], set())
    port = PracticePort(actor)
    match layout.table_name:
        case "staff":
            ids = dict.fromkeys(Site.objects.of(actor).values_list("site_id", flat=True))
            loader.staff(layout, [raw], ids)  # type: ignore[arg-type]  # only their ids are asked for
        case "contract_rates":
            payers, _ = ReferenceLoader([], [], set()).payers(*port.small_table("payers"))
            loader.contract_rates(layout, [raw], payers)
    return [(problem.column, problem.expectation) for problem in loader.problems]


def own_rows(actor: Actor, table_name: str) -> list[dict[str, str]]:
    """The organization's rows of a small table, each as cells by column."""
    layout, rows = PracticePort(actor).small_table(table_name)
    names = [column.name for column in TABLES[table_name].columns]
    return [dict(zip(names, layout.cells(row), strict=True)) for row in rows]


def shown(column_name: str, cell: str) -> object:
    """A cell as a list shows it."""
    return (
        ROLE_LABELS.get(cell, cell.replace(";", ", ")) if column_name != "rate_amount" or not cell else cell
    )


def typed_values(section: Section, cells: dict[str, Any]) -> tuple[Any, ...]:
    """The values that the core reads in the cells, in the contract's order."""
    return tuple(careful_reader(column)(cells.get(column.name, "")).value for column in section.table.columns)
