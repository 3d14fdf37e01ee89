"""Addresses of guardians, consent of minors and confidential records."""

from django.urls import path

from cocm.server.guardians import views

app_name = "guardians"
_PATIENT = "patients/<uuid:patient_id>/guardians/"
urlpatterns = [
    path("guardians/states/", views.states_page, name="states"),
    path(_PATIENT, views.guardians_page, name="page"),
    path(f"{_PATIENT}new/", views.guardian_new_page, name="new"),
    path(f"{_PATIENT}consent/", views.consent_page, name="consent"),
    path(f"{_PATIENT}confidential/", views.confidential_page, name="confidential"),
    path(f"{_PATIENT}contacts/<uuid:contact_id>/", views.contact_page, name="contact"),
    path(f"{_PATIENT}<uuid:guardian_id>/", views.guardian_page, name="guardian"),
    path(f"{_PATIENT}<uuid:guardian_id>/summary/", views.summary_page, name="summary"),
    path(f"{_PATIENT}<uuid:guardian_id>/summary.csv", views.summary_file, name="summary_file"),
]
