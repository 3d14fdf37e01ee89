"""Pages over the whole of the plan's books: correction in bulk, the benefits check, the post-payment sample."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from cocm.basics.errors import CocmError
from cocm.basics.money import dollars
from cocm.edits.discovery import find_edit
from cocm.plan.mistakes import Mistake
from cocm.plandesk.benefits import check_benefits
from cocm.plandesk.member_file import root_of
from cocm.plandesk.sample import draw_sample
from cocm.rules import Rulebook
from cocm.rules.plan_decisions import edit_denials, plan_decisions
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.look.badges import badge
from cocm.server.look.tables import Column, Row, Table
from cocm.server.plandesk.deciding import claims_correct, correction_preview
from cocm.server.plandesk.desk import open_desk
from cocm.server.plandesk.forms import BulkForm, SampleForm, day_before
from cocm.server.plandesk.views import desk_tabs, in_page_words, of_a_plan

CHANGES_SHOWN_MAX: Final = 200
_REFUSING: Final = ("CO", "OA", "PI")


@needs(Permission.PLAN_DESK, methods=("GET", "POST"))
@of_a_plan
def bulk_page(request: HttpRequest) -> HttpResponse:
    """One wrongful rule's claims: what correcting them would do, and then doing it."""
    actor, today = request.actor, timezone.localdate()  # type: ignore[attr-defined]  # the guard has set it
    given: Any = (
        request.POST if request.method == "POST" else (request.GET if "rule" in request.GET else None)
    )
    with open_desk(actor) as desk:
        choices = rule_choices(desk.rulebook)
    first = {"from_date": day_before(today, 365), "to_date": today}
    form = BulkForm(given, initial=first, choices=choices)
    context: dict[str, Any] = {"tabs": desk_tabs(request), "form": form, "preview": None}
    status = 200
    if given is not None and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("rule", "from_date", "to_date")}
        try:
            if request.method == "POST":
                made = claims_correct(actor=actor, note=form.cleaned_data["note"], **asked)
                messages.success(request, _told(made.summary))
                return HttpResponseRedirect(reverse("plandesk:file", args=[_batch_of(actor)]))
            preview = correction_preview(actor=actor, **asked)
            context |= {"preview": preview.summary, "totals": _totals(preview.summary)}
            context["table"] = _changes(preview.changes)
        except CocmError as problem:
            form.add_error(None, in_page_words(str(problem)))
            status = 422
    elif given is not None:
        status = 422
    return TemplateResponse(request, "plandesk/bulk.html", context, status=status)


def _told(summary: Any) -> str:
    return (
        f"{summary['claims_changed']} claims corrected: {dollars(summary['payment_cents'])} to pay, of it "
        f"{dollars(summary['interest_cents'])} interest; {dollars(summary['refunds_cents'])} back to members; "
        f"{summary['letters']} letters."
    )


def _batch_of(actor: Any) -> str:
    """The run that was made last."""
    from cocm.server.plandesk.selectors import claim_files

    with open_desk(actor) as desk:
        return claim_files(desk)[0].sha256


def rule_choices(book: Rulebook) -> list[Any]:
    """What can have decided wrongly: mistakes that plans make, the plan's decisions, checks that refuse."""
    decisions = plan_decisions(book)
    mistakes = [
        (name, capfirst(one.note.removeprefix("a mistake: ")))
        for name, one in decisions.items()
        if name.startswith("mistake_")
    ]
    mistakes.append((str(Mistake.WRONG_COST_SHARE), "The cost share of the other side of the benefit"))
    own = [
        (name, name.replace("_", " ").capitalize())
        for name, one in decisions.items()
        if not name.startswith("mistake_") and one.codes.group_code in _REFUSING
    ]
    edits = [(name, _title(name)) for name in sorted(edit_denials(book))]
    return [("", ""), ("Mistakes", mistakes), ("The plan's decisions", own), ("Checks", edits)]


def _title(edit_id: str) -> str:
    found = find_edit(edit_id)
    return found.edit.title if found is not None else edit_id


def _totals(summary: Any) -> list[tuple[str, str]]:
    told = [
        ("Claims found", str(summary["claims_found"])),
        ("Would change", str(summary["claims_changed"])),
        ("Restated for the member's share", str(summary["claims_restated_for_share"])),
        ("Come out as they were", str(len(summary["claims_unchanged"]))),
        ("Still wait", str(len(summary["claims_waiting"]))),
        ("Members", str(summary["members"])),
        ("To pay", dollars(summary["payment_cents"])),
        ("of it interest", dollars(summary["interest_cents"])),
        ("Members' share before", dollars(summary["member_share_before_cents"])),
        ("Members' share after", dollars(summary["member_share_cents"])),
        ("To be given back to members", dollars(summary["refunds_cents"])),
    ]
    return [pair for pair in told if pair[1] not in ("0", "$0.00")] or told[:2]


def _changes(content: bytes) -> Table:
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    shown = [
        Row(
            (
                one["earlier_claim_number"],
                one["why_changed"].replace("_", " ").capitalize(),
                f"{one['answer_before']} to {one['answer']}",
                one["paid_before"],
                one["paid"],
                one["member_share_before"],
                one["member_share"],
                one["refund_due"],
                one["interest"],
            ),
            href=reverse("plandesk:claim", args=[root_of(one["earlier_claim_number"])]),
        )
        for one in rows[:CHANGES_SHOWN_MAX]
    ]
    more = f", the first {len(shown)} shown" if len(rows) > len(shown) else ""
    return Table(
        f"{len(rows)} claims that would come out otherwise{more}",
        (
            Column("Claim"),
            Column("Why"),
            Column("Answer"),
            Column("Paid before", "number"),
            Column("Paid", "number"),
            Column("Member before", "number"),
            Column("Member", "number"),
            Column("Refund", "number"),
            Column("Interest", "number"),
        ),
        shown,
        key="changes",
        layout="cards",
        empty="No claim would come out otherwise.",
    )


@needs(Permission.PLAN_CASES)
@of_a_plan
def benefits_page(request: HttpRequest) -> HttpResponse:
    """Whether every code of the model has one cost share, whichever system receives the claim."""
    with open_desk(request.actor) as desk:  # type: ignore[attr-defined]  # as above
        found = [one.as_json() for one in check_benefits(desk.book, desk.rulebook, desk.state)]
    rows = [
        Row(
            (
                one["product"],
                ", ".join(one["hcpcs_codes"]),
                one["period"],
                _terms(one.get("medical")),
                _terms(one.get("behavioral")),
                one["members_covered"],
                one["members_with_claims"],
                dollars(one["charged_above_medical_cents"]),
            )
        )
        for one in found
    ]
    table = Table(
        f"{len(rows)} difference{'s' if len(rows) != 1 else ''}",
        (
            Column("Product"),
            Column("Codes"),
            Column("Days"),
            Column("Medical side"),
            Column("Behavioral side"),
            Column("Members", "number"),
            Column("with claims", "number"),
            Column("Charged above medical", "number"),
        ),
        rows,
        key="benefits",
        layout="cards",
        empty="Every code has one cost share on both sides.",
    )
    return TemplateResponse(
        request, "plandesk/benefits.html", {"tabs": desk_tabs(request), "table": table, "found": found}
    )


def _terms(benefit: Any) -> str:
    """A side's terms in words."""
    if benefit is None:
        return "no benefit"
    if not benefit.get("is_covered", True):
        return "not covered"
    if benefit.get("is_waived"):
        return "nothing to pay"
    parts = [
        ("deductible_cents", "{} deductible", dollars),
        ("copayment_cents", "{} copayment", dollars),
        ("coinsurance_percent", "{} % coinsurance", str),
    ]
    told = [words.format(show(benefit[name])) for name, words, show in parts if benefit.get(name)]
    return ", ".join(told) or "nothing to pay"


@needs(Permission.PLAN_DESK)
@of_a_plan
def sample_page(request: HttpRequest) -> HttpResponse:
    """Paid months whose evidence is asked for afterwards, drawn so that the same seed draws the same."""
    today = timezone.localdate()
    last = today.replace(day=1) - timedelta(days=1)
    seed = last.toordinal() % 1000
    first: dict[str, Any] = {"from_date": _year_before(last), "to_date": last, "size": 10, "seed": seed}
    given = request.GET if "size" in request.GET else None
    form = SampleForm(given, initial=first)
    context: dict[str, Any] = {"tabs": desk_tabs(request), "form": form, "sample": None}
    if given is not None and form.is_valid():
        with open_desk(request.actor) as desk:  # type: ignore[attr-defined]  # as above
            sample = draw_sample(desk.state, desk.book, desk.rulebook, **form.cleaned_data)
            told = sample.as_json()
        context |= {"sample": told, "table": _drawn(told), "documents": sample.documents}
    return TemplateResponse(
        request, "plandesk/sample.html", context, status=200 if given is None or form.is_valid() else 422
    )


def _year_before(day: date) -> date:
    return day.replace(day=1) - timedelta(days=330)


def _drawn(told: Any) -> Table:
    rows = [
        Row(
            (
                ", ".join(one["claim_numbers"]),
                one["month"],
                one["billing_npi"],
                dollars(one["paid_amount_cents"]),
                badge(one["drawn"], "attention" if one["why"] else "neutral"),
                "; ".join(one["why"]),
            ),
            href=reverse("plandesk:claim", args=[root_of(one["claim_numbers"][0])]),
        )
        for one in told["drawn"]
    ]
    return Table(
        f"{len(rows)} of {told['paid_months']} paid months",
        (
            Column("Claims"),
            Column("Month"),
            Column("Billing NPI"),
            Column("Paid", "number"),
            Column("Drawn"),
            Column("Why"),
        ),
        rows,
        key="sample",
        layout="cards",
        empty="No paid month lies in these days.",
    )
