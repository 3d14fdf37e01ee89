"""Addresses of the quality figures."""

from django.urls import path

from cocm.server.quality import views

app_name = "quality"
urlpatterns = [
    path("", views.metrics_page, name="metrics"),
    path("file/<slug:form>/", views.metrics_file, name="file"),
    path("<slug:metric>/", views.metric_page, name="metric"),
]
