"""Addresses of the rulebook's pages. Those of a rule and of an edit last: findings link to them."""

from django.urls import path

from cocm.server.rulebook import own_views, views

app_name = "rulebook"
urlpatterns = [
    path("", views.rules_page, name="rules"),
    path("rule/<str:rule_id>/", views.rule_page, name="rule"),
    path("edits/", views.edits_page, name="edits"),
    path("edit/<str:edit_id>/", views.edit_page, name="edit"),
    path("instruments/", views.instruments_page, name="instruments"),
    path("payers/", views.payers_page, name="payers"),
    path("due/", views.due_page, name="due"),
    path("own/", own_views.own_page, name="own"),
    path("own/term/", own_views.own_term, name="own_term"),
    path("own/term/remove/", own_views.own_term_remove, name="own_term_remove"),
    path("own/case/", own_views.own_case, name="own_case"),
    path("own/preview/", own_views.own_preview, name="own_preview"),
    path("own/put-in-force/", own_views.own_put_in_force, name="own_put_in_force"),
    path("own/discard/", own_views.own_discard, name="own_discard"),
    path("own/version/<int:number>/", own_views.own_version, name="own_version"),
]
