"""Addresses of the trail."""

from django.urls import path

from cocm.server.audit import views

app_name = "audit"
urlpatterns = [
    path("", views.trail_page, name="trail"),
    path("export/", views.export_file, name="export"),
    path("verify/", views.verification_page, name="verification"),
]
