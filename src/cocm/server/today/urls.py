"""Addresses of My day; the page itself is the site's first."""

from django.urls import path

from cocm.server.today import views

app_name = "today"
urlpatterns = [path("reminders/", views.reminders_page, name="reminders")]
