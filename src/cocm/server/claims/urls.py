"""Addresses of claims."""

from django.urls import path

import cocm.server.contacts.urls  # noqa: F401  # it registers the converter of months
from cocm.server.claims import views

app_name = "claims"
urlpatterns = [
    path("", views.list_page, name="list"),
    path("batches/", views.batches_page, name="batches"),
    path("batches/<int:control_number>/file/", views.batch_file, name="batch_file"),
    path("batches/<int:control_number>/put/", views.batch_put, name="batch_put"),
    path("files/", views.files_page, name="files"),
    path("files/<uuid:file_id>/", views.file_page, name="file"),
    path("files/<uuid:file_id>/looked/", views.looked_page, name="looked"),
    path("eligibility/", views.eligibility_page, name="eligibility"),
    path("eligibility/<month:month>/ask/", views.ask_page, name="ask"),
    path("eligibility/requests/<uuid:request_id>/", views.request_file, name="request_file"),
    path("<uuid:patient_id>/cost-share/<month:month>/", views.cost_share_page, name="cost_share"),
    path("<uuid:patient_id>/cost-share/<month:month>/letter/", views.cost_share_letter, name="letter"),
    path("<uuid:patient_id>/<str:claim_id>/", views.claim_page, name="claim"),
    path("<uuid:patient_id>/<str:claim_id>/edits/", views.edits_page, name="edits"),
    path("<uuid:patient_id>/<str:claim_id>/x12/", views.wire_page, name="wire"),
    path("<uuid:patient_id>/<str:claim_id>/again/", views.again_page, name="again"),
    path("<uuid:patient_id>/<str:claim_id>/void/", views.void_page, name="void"),
]
