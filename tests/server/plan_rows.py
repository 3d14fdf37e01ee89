"""A health plan's own objects, by address: a waiting claim, its records, a file with its answers, a case, a report."""

from __future__ import annotations

import zlib
from datetime import date
from typing import Any

from server_world import BOOKS_UNTIL


def plan_examples(world: Any) -> dict[str, dict[str, Any]]:
    """By view name, the arguments that lead to an object of the plan (world with books); makes what is not there."""
    from cocm.plan.decision import Answer
    from cocm.plandesk.case_file import root_of
    from cocm.plandesk.desk_tables import kept_claims
    from cocm.server.plandesk.desk import open_desk
    from cocm.server.plandesk.models import ProviderCase

    with world.inside(world.plan):
        with open_desk(world.plan) as desk:
            waiting = next(one for one in kept_claims(desk.state) if one.answer is Answer.PENDED)
            claim = {"claim_number": root_of(waiting.claim_number)}
            file = {"sha256": waiting.batch_sha256}
            name = min(desk.state.batch_files(waiting.batch_sha256))
        case = {"case_id": ProviderCase.objects.of(world.plan).earliest("opened_at").pk}
        document = {"sha256": a_record_of(world, claim["claim_number"])}
        report = {"report_id": a_plans_report(world).pk}
    return {
        **dict.fromkeys(("plandesk:claim", "plandesk:decide", "plandesk:records"), claim),
        "plandesk:document": claim | document,
        "plandesk:file": file,
        "plandesk:answer": file | {"name": name},
        **dict.fromkeys(("plandesk:case", "plandesk:case_log"), case),
        "plandesk:report": report,
        "plandesk:report_file": report | {"name": "providers.csv"},
        "plandesk:table": {"name": "members"},
    }


def a_record_of(world: Any, claim: str) -> str:
    """A document that came in for a claim; its hash."""
    from cocm.server.plandesk.deciding import records_take_in
    from cocm.server.plandesk.desk import open_desk

    documents = {"notes.txt": b"80 minutes"}
    records_take_in(actor=world.plan, claim=claim, documents=documents, received_date=BOOKS_UNTIL)
    with open_desk(world.plan) as desk:
        return str(desk.file.documents[claim][0].sha256)


def a_plans_report(world: Any) -> Any:
    """Scorecards of one provider, as the making of reports leaves them."""
    from django.utils import timezone

    from cocm.server.plandesk.models import PlanReport, ReportFile, ReportKind

    ours = {"organization_id": world.plan.organization_id}
    report = PlanReport.objects.create(
        **ours,
        kind=ReportKind.SCORECARDS,
        asked={"history": ["claims at the desk"]},
        summary={"providers": ["1000000001"], "months": f"until {date(2026, 5, 20)}"},
        made_at=timezone.now(),
    )
    content = b"provider,lines\r\n"
    ReportFile.objects.create(
        **ours, report=report, name="providers.csv", content=zlib.compress(content), bytes_total=len(content)
    )
    return report
