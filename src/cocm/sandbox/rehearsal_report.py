"""A rehearsal as text, JSON and a page, with the published figures beside it and what none of them says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cocm.basics.counted import counted
from cocm.basics.identity import Provenance
from cocm.basics.money import dollars
from cocm.edits.discovery import find_edit
from cocm.publish.page import Cell, Heading, Page, Paragraph, Section, Table, plain_table
from cocm.rules import Rulebook
from cocm.rules.denial_evidence import denial_evidence
from cocm.rules.plan_decisions import plan_decisions
from cocm.sandbox.label import LABEL
from cocm.sandbox.rehearsal import Lane, Rehearsal

_COUNTED: Final = (
    ("held by the check", "held", "held_cents"),
    ("sent", "sent", "sent_cents"),
    ("rejected before it was decided", "rejected", "rejected_cents"),
    ("denied", "denied", "denied_cents"),
    ("of these misrouted", "misrouted", "misrouted_cents"),
    ("waits (pended)", "pended", "pended_cents"),
    ("paid", "paid", "paid_amount_cents"),
    ("of these wrong member shares", "wrong_shares", "wrong_share_cents"),
)
_DECISION_OF_STEP: Final = {"add-on": "base_denied"}
_RATE: Final = "denied, of the claims taken in"
_DEFINITIONS: Final = (
    "A claim counts as denied where no line of it is paid or waits. The rate is denied claims of those that passed the "
    "acknowledgment (sent less rejected). Money is charges, except for what was paid and for wrong shares, which are "
    "the difference to the share by the rules. What the check held is for a person to mend; it is not counted as paid. "
    "A claim denied or held for several reasons stands under each of them."
)
_NO_EVIDENCE: Final = (
    "The rates of mistakes and faults are invented, and so is every claim: the rehearsal shows what a check and rules "
    "are worth under these rates. It says nothing about how often any payer errs."
)
_BESIDE: Final = (
    "The published figures count different things in different programmes and years, and they contradict each other: "
    "they are quoted together, and none of them is compared with the rehearsal."
)
_NUMBER: Final = True


def report_text(rehearsal: Rehearsal, rulebook: Rulebook) -> Iterator[str]:
    """The report in lines for people."""
    yield from _head(rehearsal)
    names = [lane.name for lane in rehearsal.lanes]
    for number, name in enumerate(names, 1):
        yield f"  ({number}) {name}{', by a plan that errs' if rehearsal.lanes[number - 1].errs else ''}"
    yield ""
    yield f"  {'':<39}" + "".join(f"{f'({number})':>17}" for number in range(1, len(names) + 1))
    for label, *cells in _rows(rehearsal):
        yield f"  {label:<39}" + "".join(f"{cell:>17}" for cell in cells)
    yield ""
    yield from _counts("What the check held", rehearsal.held_for, rulebook)
    for lane in rehearsal.lanes:
        yield from _counts(f"Denied for, {_column(lane)}", lane.denied_for, rulebook)
    yield "Beside it, as published"
    for figure in denial_evidence(rulebook):
        yield f"  {figure.text}: {figure.note} [{figure.source_title}]"
    yield ""
    yield _DEFINITIONS
    yield _BESIDE
    yield _NO_EVIDENCE
    yield LABEL


def report_json(rehearsal: Rehearsal, rulebook: Rulebook, provenance: Provenance) -> dict[str, Any]:
    """The report as plain values."""
    request = rehearsal.request
    return {
        "synthetic": LABEL,
        **provenance.as_json(),
        "month": str(request.month),
        "seed": request.seed,
        "practices": request.practices,
        "patients_each": request.patients,
        "mistake_rates_percent": {one.value: rate for one, rate in request.rates.items()},
        "coding_faults_percent": request.coding_percent,
        "formatting_faults_percent": request.formatting_percent,
        "claims": rehearsal.claims,
        "charge_cents": rehearsal.charge_cents,
        "coding_faults": {one.value: count for one, count in sorted(rehearsal.faults.items())},
        "repairs_of_form": rehearsal.repairs,
        "held_for": dict(sorted(rehearsal.held_for.items())),
        "lanes": [_lane_json(lane) for lane in rehearsal.lanes],
        "published": [
            {
                "percent": figure.percent,
                "of": figure.counted,
                "population": figure.population,
                "year": figure.year or None,
                "note": figure.note,
                "source": figure.source_title,
                "url": figure.source_url,
            }
            for figure in denial_evidence(rulebook)
        ],
        "definitions": [_DEFINITIONS, _BESIDE, _NO_EVIDENCE],
    }


def report_page(rehearsal: Rehearsal, rulebook: Rulebook, provenance: Provenance) -> Page:
    """The report as a page."""
    lanes = tuple(Heading(_column(lane), _NUMBER) for lane in rehearsal.lanes)
    reasons = (
        Heading("Reason"),
        Heading("Claims", _NUMBER),
    )
    sections = [
        Section(
            "month",
            "The month, four times",
            (
                Paragraph(_DEFINITIONS),
                plain_table("Claims and money", (Heading(""), *lanes), _rows(rehearsal)),
                Paragraph(_NO_EVIDENCE),
            ),
        ),
        Section(
            "held",
            "What the check held",
            (
                plain_table(
                    "A claim may be held for several reasons", reasons, _named(rehearsal.held_for, rulebook)
                ),
            ),
        ),
        Section(
            "denied",
            "What was denied, and why",
            tuple(
                plain_table(_column(lane), reasons, _named(lane.denied_for, rulebook))
                for lane in rehearsal.lanes
                if lane.denied_for
            ),
        ),
        Section("published", "Beside it, as published", (Paragraph(_BESIDE), _published(rulebook))),
    ]
    *_, rates, faults = _head(rehearsal)
    footer = (
        LABEL,
        rates.strip(),
        faults.strip(),
        f"Seed {rehearsal.request.seed}. Rulebook {provenance.rulebook_hash[:12]}, engine {provenance.engine_version}, "
        f"as of {provenance.as_of_date}.",
    )
    return Page(
        f"Rehearsal of {rehearsal.request.month}",
        f"{counted(rehearsal.claims, 'synthetic claim')} of {counted(rehearsal.request.practices, 'practice')}, "
        f"{dollars(rehearsal.charge_cents)} charged. {LABEL}",
        tuple(sections),
        footer,
    )


def _head(rehearsal: Rehearsal) -> Iterator[str]:
    request = rehearsal.request
    yield (
        f"Rehearsal of {request.month}, seed {request.seed}: "
        f"{counted(request.practices, 'synthetic practice')} of {counted(request.patients, 'patient')}, "
        f"{counted(rehearsal.claims, 'claim')}, {dollars(rehearsal.charge_cents)} charged"
    )
    rates = ", ".join(f"{mistake} {rate} %" for mistake, rate in request.rates.items()) or "none"
    yield f"  the plan's mistakes (invented rates, of the claims they can be made on): {rates}"
    yield (
        f"  the practices' faults (invented rates): {request.coding_percent} % of claims in coding, "
        f"{request.formatting_percent} % in form"
    )


def _column(lane: Lane) -> str:
    return f"{lane.name}, by a plan that errs" if lane.errs else lane.name


def _rows(rehearsal: Rehearsal) -> Iterator[tuple[str, ...]]:
    """A row of claims and one of money for each outcome, and the rate."""
    for label, count, cents in _COUNTED:
        yield label, *(f"{getattr(lane, count):,}" for lane in rehearsal.lanes)
        yield f"  {label}, money", *(dollars(getattr(lane, cents)) for lane in rehearsal.lanes)
        if count == "denied":
            yield _RATE, *(_percent(lane.denied_permille) for lane in rehearsal.lanes)


def _percent(permille: int) -> str:
    return f"{permille // 10}.{permille % 10} %"


def _counts(title: str, counts: Mapping[str, int], rulebook: Rulebook) -> Iterator[str]:
    if counts:
        yield title
        for name, count in _named(counts, rulebook):
            yield f"  {count:>6}  {name}"
        yield ""


def _named(counts: Mapping[str, int], rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """Each reason in words, the commonest first."""
    for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        yield _in_words(name, rulebook), f"{count:,}"


def _in_words(reason: str, rulebook: Rulebook) -> str:
    """An edit by its title, a mistake by what it is."""
    edit = find_edit(reason.removeprefix("edit "))
    if edit is not None:
        return f"{edit.edit.title} [{edit.id}]"
    decision = plan_decisions(rulebook).get(_DECISION_OF_STEP.get(reason, reason))
    return reason if decision is None else decision.note


def _published(rulebook: Rulebook) -> Table:
    rows = tuple(
        (
            Cell(f"{figure.percent} %"),
            Cell(figure.counted),
            Cell(figure.population),
            Cell(figure.year or "not said"),
            Cell(figure.note, figure.source_title, figure.source_url),
        )
        for figure in denial_evidence(rulebook)
    )
    headings = (
        Heading("Denied", _NUMBER), Heading("of"), Heading("Whose"), Heading("Year", _NUMBER),
        Heading("Note and source"),
    )  # fmt: skip
    return Table("Published figures", headings, rows)


def _lane_json(lane: Lane) -> dict[str, Any]:
    return {
        "name": lane.name,
        "plan_errs": lane.errs,
        **{name: getattr(lane, name) for _, count, cents in _COUNTED for name in (count, cents)},
        "denied_permille_of_taken_in": lane.denied_permille,
        "lines_denied_of_paid_claims": lane.lines_denied_of_paid_claims,
        "member_share_cents": lane.member_share_cents,
        "mistakes_made": {one.value: count for one, count in sorted(lane.mistakes.items())},
        "denied_for": dict(sorted(lane.denied_for.items())),
    }
