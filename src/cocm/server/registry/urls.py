"""Addresses of the registry. A patient's stand below the patient's opaque id; no address names a person."""

from django.urls import path

from cocm.server.registry.views import case_file, caseload

app_name = "registry"
urlpatterns = [
    path("", caseload.caseload_page, name="caseload"),
    path("export/", caseload.export_file, name="export"),
    path("views/keep/", caseload.view_keep, name="view_keep"),
    path("views/forget/", caseload.view_forget, name="view_forget"),
    path("find/", caseload.search_page, name="search"),
    path("new/", caseload.new_patient_page, name="new_patient"),
    path("<uuid:patient_id>/", case_file.chart_page, name="chart"),
    *(
        path(
            f"<uuid:patient_id>/{name.removesuffix('_row')}/<slug:part>/"
            + ("<uuid:row_id>/" if name.endswith("_row") else ""),
            view,
            name=name,
        )
        for name, view in case_file.PART_VIEWS.items()
    ),
]
