"""Every address of the site. Each view declares what it needs (`access.needs`); one that does not is refused."""

from __future__ import annotations

from django.urls import include, path

from cocm.server import views
from cocm.server.today.views import my_day

urlpatterns = [
    path("", my_day, name="home"),
    path("my-day/", include("cocm.server.today.urls")),
    path("health/", views.health, name="health"),
    path("organizations/choose/", views.choose_organization, name="choose_organization"),
    path("session/extend/", views.session_extend, name="session_extend"),
    path("account/", include("allauth.urls")),
    path("", include("cocm.server.access.urls")),
    path("", include("cocm.server.accounts.urls")),
    path("trail/", include("cocm.server.audit.urls")),
    path("setup/", include("cocm.server.setup.urls")),
    path("look/", include("cocm.server.look.urls")),
    path("caseload/", include("cocm.server.registry.urls")),
    path("contacts/", include("cocm.server.contacts.urls")),
    path("", include("cocm.server.guardians.urls")),
    path("", include("cocm.server.measures.urls")),
    path("months/", include("cocm.server.months.urls")),
    path("runs/", include("cocm.server.runs.urls")),
    path("review/", include("cocm.server.review.urls")),
    path("patients/<uuid:patient_id>/care-plan/", include("cocm.server.careplans.urls")),
    path("quality/", include("cocm.server.quality.urls")),
    path("tokens/", include("cocm.server.api.token_urls")),
    path("api/v1/", include("cocm.server.api.urls")),
    path("figures/", include("cocm.server.dashboard.urls")),
    path("rules/", include("cocm.server.rulebook.urls")),
    path("plan/", include("cocm.server.plandesk.urls")),
    path("claims/", include("cocm.server.claims.urls")),
    path("denials/", include("cocm.server.denials.urls")),
    path("money/", include("cocm.server.money.urls")),
    path("work/", include("cocm.server.work.urls")),
]
handler400 = "cocm.server.views.bad_request"
handler403 = "cocm.server.views.forbidden"
handler404 = "cocm.server.views.not_found"
handler500 = "cocm.server.views.server_error"
