"""Addresses of work minutes."""

from django.urls import path

from cocm.server.work import views

app_name = "work"
urlpatterns = [
    path("", views.report_page, name="report"),
    path("file/", views.report_file, name="file"),
    path("entries/", views.entries_page, name="entries"),
    path("entries/new/", views.record_page, name="record"),
    path("entries/<uuid:entry_id>/correct/", views.correct_page, name="correct"),
]
