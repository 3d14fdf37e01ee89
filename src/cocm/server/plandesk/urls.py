"""Addresses of a health plan's desk."""

from django.urls import path

from cocm.server.plandesk import case_views, check_views, report_views, table_views, views

app_name = "plandesk"
urlpatterns = [
    path("", views.queue_page, name="queue"),
    path("claims/", views.claims_page, name="claims"),
    path("claim/<str:claim_number>/", views.claim_page, name="claim"),
    path("claim/<str:claim_number>/decide/", views.decide, name="decide"),
    path("claim/<str:claim_number>/records/", views.records, name="records"),
    path("claim/<str:claim_number>/records/<str:sha256>/", views.document, name="document"),
    path("files/", views.files_page, name="files"),
    path("files/take-in/", views.take_in, name="take_in"),
    path("files/records/", views.attachment_take_in, name="attachment"),
    path("files/<str:sha256>/", views.file_page, name="file"),
    path("files/<str:sha256>/<str:name>/", views.answer, name="answer"),
    path("bulk/", check_views.bulk_page, name="bulk"),
    path("benefits/", check_views.benefits_page, name="benefits"),
    path("sample/", check_views.sample_page, name="sample"),
    path("cases/", case_views.cases_page, name="cases"),
    path("cases/new/", case_views.case_new, name="case_new"),
    path("cases/<uuid:case_id>/", case_views.case_page, name="case"),
    path("cases/<uuid:case_id>/log/", case_views.case_log, name="case_log"),
    path("reports/", report_views.reports_page, name="reports"),
    path("reports/new/", report_views.report_new, name="report_new"),
    path("reports/<uuid:report_id>/", report_views.report_page, name="report"),
    path("reports/<uuid:report_id>/<str:name>/", report_views.report_file, name="report_file"),
    path("tables/", table_views.tables_page, name="tables"),
    path("tables/empty/", table_views.template, name="template"),
    path("tables/<slug:name>/", table_views.table_page, name="table"),
]
