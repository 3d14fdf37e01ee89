"""Addresses of the caseload review. A patient's stand below the patient's opaque id."""

from django.urls import path

from cocm.server.review.views import hours, recommendations, sessions

app_name = "review"
urlpatterns = [
    path("", sessions.start_page, name="start"),
    path("sessions/", sessions.sessions_page, name="sessions"),
    path("sessions/<uuid:session_id>/", sessions.session_page, name="session"),
    path("sessions/<uuid:session_id>/agenda/", sessions.agenda_page, name="agenda"),
    path("sessions/<uuid:session_id>/<uuid:patient_id>/", sessions.item_page, name="item"),
    path("patients/<uuid:patient_id>/now/", sessions.review_now, name="now"),
    path("recommendations/", recommendations.recommendations_page, name="recommendations"),
    path(
        "patients/<uuid:patient_id>/recommendations/<uuid:recommendation_id>/answer/",
        recommendations.answer_page,
        name="answer",
    ),
    path(
        "patients/<uuid:patient_id>/recommendations/<uuid:recommendation_id>/carried-out/",
        recommendations.follow_page,
        name="carried_out",
    ),
    path("hours/", hours.hours_page, name="hours"),
    path("hours/<str:month>/<slug:form>/", hours.hours_file, name="hours_file"),
]
