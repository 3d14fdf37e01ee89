"""Addresses of a patient's plans, below the patient's own."""

from django.urls import path

from cocm.server.careplans import views

app_name = "careplans"
urlpatterns = [
    path("", views.plan_page, name="plan"),
    path("write/", views.plan_write_page, name="plan_write"),
    path("compare/", views.compare_page, name="compare"),
    path("relapse/", views.relapse_page, name="relapse"),
    path("relapse/write/", views.relapse_write_page, name="relapse_write"),
    path("relapse/<uuid:plan_id>/print/", views.relapse_print_page, name="relapse_print"),
    path("graduation/", views.graduation_page, name="graduation"),
    path("graduation/end/", views.graduate_page, name="graduate"),
]
