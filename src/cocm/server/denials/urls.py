"""Addresses of denials."""

from django.urls import path

from cocm.server.denials import views

app_name = "denials"
CLAIM = "<uuid:patient_id>/<str:claim_id>"
urlpatterns = [
    path("", views.worklist_page, name="worklist"),
    path("requests/", views.requests_page, name="requests"),
    path("liaison/", views.liaison_page, name="liaison"),
    path("liaison/new/", views.case_new_page, name="case_new"),
    path("liaison/cases/<uuid:case_id>/", views.case_page, name="case"),
    path("liaison/contacts/new/", views.contact_page, name="contact_new"),
    path("liaison/contacts/<uuid:contact_id>/", views.contact_page, name="contact"),
    path("candidates/", views.candidates_page, name="candidates"),
    path("candidates/try/", views.try_page, name="candidates_try"),
    path("candidates/<str:candidate_id>/", views.candidate_page, name="candidate"),
    path(f"{CLAIM}/", views.claim_page, name="claim"),
    path(f"{CLAIM}/owner/", views.owner_post, name="owner"),
    path(f"{CLAIM}/done/", views.done_page, name="done"),
    path(f"{CLAIM}/packet/", views.packet_page, name="packet"),
    path(f"{CLAIM}/packet/documents/", views.packet_choose_post, name="packet_choose"),
    path(f"{CLAIM}/packet/file/<str:kind>/", views.packet_file, name="packet_file"),
    path(f"{CLAIM}/documents/new/", views.document_new_page, name="document_new"),
    path(f"{CLAIM}/documents/<uuid:document_id>/remove/", views.document_remove_page, name="document_remove"),
    path(f"{CLAIM}/letters/<slug:letter_id>/", views.letter_page, name="letter"),
    path(f"{CLAIM}/letters/<slug:letter_id>/send/", views.letter_send_page, name="letter_send"),
    path(f"{CLAIM}/letters/<slug:letter_id>/file/<str:kind>/", views.letter_file, name="letter_file"),
    path("<uuid:patient_id>/sent/<uuid:sending_id>/", views.sending_file, name="sending"),
]
