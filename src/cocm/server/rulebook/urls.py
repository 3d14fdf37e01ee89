"""Addresses of the rulebook's pages. Those of a rule and of an edit last: findings link to them."""

from django.urls import path

from cocm.server.rulebook import views

app_name = "rulebook"
urlpatterns = [
    path("", views.rules_page, name="rules"),
    path("rule/<str:rule_id>/", views.rule_page, name="rule"),
    path("edits/", views.edits_page, name="edits"),
    path("edit/<str:edit_id>/", views.edit_page, name="edit"),
    path("instruments/", views.instruments_page, name="instruments"),
    path("payers/", views.payers_page, name="payers"),
    path("due/", views.due_page, name="due"),
]
