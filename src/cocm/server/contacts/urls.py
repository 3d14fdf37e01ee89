"""Addresses of contacts and minutes."""

from django.urls import path, register_converter

from cocm.server.contacts import views
from cocm.server.contacts.converters import MonthConverter

register_converter(MonthConverter, "month")

app_name = "contacts"
urlpatterns = [
    path("", views.start_page, name="start"),
    path("timer/", views.timer_sign_partial, name="timer_sign"),
    path("templates/", views.templates_page, name="templates"),
    path("templates/<uuid:template_id>/remove/", views.template_remove_page, name="template_remove"),
    path("<uuid:patient_id>/entry/", views.entry_page, name="entry"),
    path("<uuid:patient_id>/entry/<uuid:entry_id>/correct/", views.correct_page, name="correct"),
    path("<uuid:patient_id>/draft/", views.draft_partial, name="draft"),
    path("<uuid:patient_id>/draft/<uuid:draft_id>/discard/", views.draft_discard_page, name="draft_discard"),
    path("<uuid:patient_id>/consent/", views.consent_page, name="consent"),
    path("<uuid:patient_id>/hand-off/", views.hand_off_page, name="hand_off"),
    path("<uuid:patient_id>/<month:month>/", views.month_page, name="month"),
    path("<uuid:patient_id>/<month:month>/freeze/", views.freeze_page, name="freeze"),
    path("<uuid:patient_id>/<month:month>/reopen/", views.reopen_page, name="reopen"),
]
