"""Addresses of people who sign in."""

from django.urls import path

from cocm.server.accounts import views

app_name = "people"
urlpatterns = [
    path("people/", views.people_page, name="people"),
    path("people/invite/", views.invite_page, name="invite"),
    path("people/roles/", views.roles_page, name="roles"),
    path("people/<uuid:membership_id>/", views.person_page, name="person"),
    path("people/<uuid:membership_id>/role/", views.role_page, name="role"),
    path("people/<uuid:membership_id>/second-factor/", views.second_factor_page, name="second_factor"),
    path("people/<uuid:membership_id>/end/", views.end_page, name="end"),
    path("session/end-everywhere/", views.everywhere_page, name="everywhere"),
]
