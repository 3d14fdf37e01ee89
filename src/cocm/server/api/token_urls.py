"""Addresses of one's API tokens."""

from django.urls import path

from cocm.server.api import views

app_name = "tokens"
urlpatterns = [
    path("", views.tokens_page, name="tokens"),
    path("new/", views.new_page, name="new"),
    path("<uuid:token_id>/revoke/", views.revoke_page, name="revoke"),
]
