"""The double-entry ledger: balances and entries, and the journal as a file."""

from __future__ import annotations

import io
import re
from typing import Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst

from cocm.basics.money import dollars
from cocm.receivables.ledger import write_beancount, write_csv
from cocm.remits.journal import Entry
from cocm.server.access.needs import needs
from cocm.server.access.permissions import Permission
from cocm.server.accounts.selectors import organization_of
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.files import CSV, attachment
from cocm.server.look.parts import Pages
from cocm.server.look.tables import Column, Row, Table, table_query
from cocm.server.money.selectors import ledger, ledger_balances
from cocm.server.money.tabs import money_tabs
from cocm.server.set_up_first import set_up_first

ENTRIES_PER_PAGE: Final = 50
_INNER_CAPITAL: Final = re.compile(r"(?<=[a-z])[A-Z]")


def account_words(account: str) -> str:
    """`Assets:Clearing:OtherServices` as people read it."""
    spaced = (_INNER_CAPITAL.sub(lambda found: f" {found[0].lower()}", part) for part in account.split(":"))
    return " › ".join(spaced)


def _what(entry: Entry) -> str:
    """Why the entry was made: the charge, a payment, what a person did, or the payer's decision by its id."""
    if entry.what == entry.subject_id:
        return "Charge"
    return f"Decision {entry.what}" if entry.what.startswith("D-") else capfirst(entry.what)


@needs(Permission.BILLING_VIEW)
@set_up_first
def ledger_page(request: HttpRequest) -> HttpResponse:
    """Each account's balance, and the entries, the last first."""
    entries = ledger(actor=request.actor, today=timezone.localdate())
    balances = ledger_balances(entries)
    pages = Paginator(entries[::-1], ENTRIES_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "tabs": money_tabs("money:ledger"),
        "entries_total": len(entries),
        "difference": sum(balances.values()),
        "balances": Table(
            "Balances",
            (Column("Account"), Column("Debit less credit", "number")),
            [Row((account_words(account), dollars(cents))) for account, cents in balances.items()],
            key="balances",
            foot=("All together", dollars(sum(balances.values()))) if balances else (),
            empty="Nothing was posted yet.",
        ),
        "entries": Table(
            f"Entries, {len(entries)}",
            (
                Column("Date", "date"),
                Column("About"),
                Column("What"),
                Column("Account"),
                Column("Debit", "number"),
                Column("Credit", "number"),
            ),
            [
                Row(
                    (
                        entry.day,
                        entry.subject_id,
                        _what(entry),
                        account_words(account),
                        dollars(cents) if cents > 0 else "",
                        dollars(-cents) if cents < 0 else "",
                    )
                )
                for entry in page.object_list
                for account, cents in entry.amounts
            ],
            key="entries",
            layout="cards",
            empty="Nothing was posted yet.",
        ),
        "pages": Pages(page.number, pages.num_pages, pages.count, table_query(request.GET)),
    }
    return TemplateResponse(request, "money/ledger.html", context)


@needs(Permission.BILLING_VIEW, is_guarded_anew=True)
@set_up_first
def ledger_file(request: HttpRequest, kind: str) -> HttpResponse:
    """The journal as CSV or beancount text; claims stand in it by their ids, no patient does."""
    if kind not in ("csv", "beancount"):
        raise Http404
    today = timezone.localdate()
    entries = ledger(actor=request.actor, today=today)
    out = io.BytesIO()
    if kind == "csv":
        write_csv(entries, out)
    else:
        write_beancount(entries, out, organization_of(actor=request.actor).key)
    record(
        request.actor,
        Verb.EXPORTED,
        object_type="ledger",
        object_id=str(today),
        details={"entries": len(entries), "format": kind},
    )
    content_type = CSV if kind == "csv" else "text/plain; charset=utf-8"
    return attachment(out.getvalue(), name=f"ledger-{today}.{kind}", content_type=content_type)
