"""The addresses of background runs."""

from django.urls import path

from cocm.server.runs import views

app_name = "runs"
urlpatterns = [path("<uuid:run_id>/progress/", views.progress_partial, name="progress")]
