"""Addresses of the API, version 1."""

from django.urls import path

from cocm.server.api import views
from cocm.server.api.v1 import urlpatterns as operations

app_name = "api"
urlpatterns = [
    path("openapi.json", views.openapi_json, name="openapi"),
    path("docs/", views.docs_page, name="docs"),
    *operations(),
]
