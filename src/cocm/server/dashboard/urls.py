"""The addresses of the manager's figures."""

from django.urls import path

from cocm.server.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("", views.programme_page, name="programme"),
    path("payers/", views.payers_page, name="payers"),
    path("plan/", views.plan_page, name="plan"),
    path("plan/inputs/", views.inputs_page, name="inputs"),
    path("plan/check/", views.check_page, name="check"),
    path("what-if/", views.what_if_page, name="what_if"),
    path("return/", views.return_page, name="return"),
    path("file/", views.figures_file, name="file"),
]
