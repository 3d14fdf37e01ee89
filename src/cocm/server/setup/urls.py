"""Addresses of set-up: people, places, payers, and bringing tables in."""

from django.urls import path

from cocm.server.setup import import_views, views

app_name = "setup"
urlpatterns = [
    path("", views.start_page, name="start"),
    path("served/new/", views.served_new, name="served_new"),
    path("import/", import_views.import_page, name="import"),
    path("import/empty/", import_views.import_template, name="import_template"),
    path("import/<uuid:staged_id>/", import_views.import_preview, name="import_preview"),
    path("import/<uuid:staged_id>/rows/", import_views.import_faults, name="import_faults"),
    path("import/<uuid:staged_id>/discard/", import_views.import_discard, name="import_discard"),
    path("<slug:section>/", views.section_page, name="section"),
    path("<slug:section>/new/", views.row_page, name="row_new"),
    path("<slug:section>/row/<str:key>/", views.row_page, name="row"),
]
