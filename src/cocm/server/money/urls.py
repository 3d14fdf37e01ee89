"""Addresses of money."""

from django.urls import path

import cocm.server.contacts.urls  # noqa: F401  # it registers the converter of months
from cocm.server.money import views

app_name = "money"
urlpatterns = [
    path("", views.posting_page, name="posting"),
    path("payments/<str:payment_id>/", views.payment_page, name="payment"),
    path("decisions/<str:decision_id>/", views.match_page, name="match"),
    path("balances/", views.balances_page, name="balances"),
    path("patients/<uuid:patient_id>/", views.account_page, name="account"),
    path("patients/<uuid:patient_id>/statement/", views.statement_page, name="statement"),
    path("patients/<uuid:patient_id>/statement/given/", views.given_page, name="given"),
    path("patients/<uuid:patient_id>/<str:claim_id>/settle/", views.settle_page, name="settle"),
    path("patients/<uuid:patient_id>/<str:claim_id>/returned/", views.returned_page, name="returned"),
    path("refunds/", views.refunds_page, name="refunds"),
    path("refunds/score/", views.score_page, name="score"),
    path("transfers/", views.transfers_page, name="transfers"),
    path("transfers/<month:month>/approve/", views.approve_page, name="approve"),
    path("transfers/<month:month>/journal/<str:kind>/", views.journal_file, name="journal"),
    path("agreements/new/", views.agreement_page, name="agreement_new"),
    path("agreements/<uuid:agreement_id>/", views.agreement_page, name="agreement"),
    path("ledger/", views.ledger_page, name="ledger"),
    path("ledger/<str:kind>/", views.ledger_file, name="ledger_file"),
]
