"""Addresses of the registry."""

from django.urls import path

from cocm.server.registry import views

app_name = "registry"
urlpatterns = [
    path("", views.caseload_page, name="caseload"),
    path("<uuid:patient_id>/", views.chart_page, name="chart"),
]
