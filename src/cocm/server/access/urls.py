"""Addresses of breaking the glass and its review."""

from django.urls import path

from cocm.server.access import views

urlpatterns = [
    path("charts/<uuid:patient_id>/open/", views.break_glass_page, name="break_glass"),
    path("openings/", views.openings_page, name="openings"),
    path("openings/<uuid:opening_id>/", views.opening_page, name="opening_review"),
]
