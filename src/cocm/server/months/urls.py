"""Addresses of the months."""

from django.urls import path

from cocm.server.contacts import urls as _contacts  # noqa: F401  # it registers the converter `month`
from cocm.server.months.views import answers, board, runs, signing

app_name = "months"
urlpatterns = [
    path("", board.months_page, name="list"),
    path("runs/<uuid:run_id>/", runs.run_page, name="run"),
    path("runs/<uuid:run_id>/progress/", runs.progress_partial, name="progress"),
    path("runs/<uuid:run_id>/files/<str:name>", runs.report_file, name="report"),
    path("<month:month>/", board.board_page, name="board"),
    path("<month:month>/freeze/", board.freeze_page, name="freeze"),
    path("<month:month>/forecast/", runs.forecast_page, name="forecast"),
    path("<month:month>/close/", runs.close_page, name="close"),
    path("<month:month>/sign/", signing.sign_page, name="sign"),
    path("<month:month>/at-risk/", answers.at_risk_page, name="at_risk"),
    path("<month:month>/exceptions/", answers.exceptions_page, name="exceptions"),
    path("<month:month>/patients/", answers.patients_page, name="patients"),
    path("<month:month>/eligibility/", answers.eligibility_page, name="eligibility"),
    path("<month:month>/patients/<uuid:patient_id>/", answers.patient_page, name="patient"),
    path("<month:month>/patients/<uuid:patient_id>/decide/", answers.decide_page, name="decide"),
]
