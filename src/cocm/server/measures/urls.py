"""Addresses of measures and alerts. A patient's stand below the patient's opaque id; a link's token names nobody."""

from django.urls import path

from cocm.server.measures import views_alerts, views_patient, views_staff

app_name = "measures"
_PATIENT = "patients/<uuid:patient_id>/measures/"
urlpatterns = [
    path("measures/", views_alerts.alerts_page, name="alerts"),
    path("measures/due/", views_staff.due_page, name="due"),
    path("measures/links/", views_staff.links_page, name="links"),
    path("measures/q/<str:token>/", views_patient.questions_page, name="questions"),
    path("measures/locked/", views_patient.locked_page, name="locked"),
    path(_PATIENT, views_staff.patient_page, name="patient"),
    path(f"{_PATIENT}new/<slug:instrument>/", views_staff.entry_page, name="entry"),
    path(f"{_PATIENT}total/<slug:instrument>/", views_staff.total_page, name="total"),
    path(f"{_PATIENT}link/", views_staff.link_page, name="link"),
    path(f"{_PATIENT}link/<uuid:link_id>/withdraw/", views_staff.link_withdraw_page, name="link_withdraw"),
    path(f"{_PATIENT}tablet/", views_staff.kiosk_page, name="kiosk"),
    path(f"{_PATIENT}alerts/<uuid:alert_id>/", views_alerts.alert_page, name="alert"),
    path(f"{_PATIENT}alerts/<uuid:alert_id>/step/", views_alerts.step_page, name="step"),
    path(f"{_PATIENT}<uuid:response_id>/", views_staff.response_page, name="response"),
    path(f"{_PATIENT}<uuid:response_id>/correct/", views_staff.correct_page, name="correct"),
]
