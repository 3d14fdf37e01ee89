"""Pages of money."""

from cocm.server.money.views.balances import (
    account_page,
    balances_page,
    given_page,
    settle_page,
    statement_page,
)
from cocm.server.money.views.books import ledger_file, ledger_page
from cocm.server.money.views.posting import match_page, payment_page, posting_page
from cocm.server.money.views.refunds import refunds_page, returned_page, score_page
from cocm.server.money.views.transfers import agreement_page, approve_page, journal_file, transfers_page

__all__ = [
    "account_page",
    "agreement_page",
    "approve_page",
    "balances_page",
    "given_page",
    "journal_file",
    "ledger_file",
    "ledger_page",
    "match_page",
    "payment_page",
    "posting_page",
    "refunds_page",
    "returned_page",
    "score_page",
    "settle_page",
    "statement_page",
    "transfers_page",
]
