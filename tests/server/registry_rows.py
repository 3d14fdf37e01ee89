"""Rows of Ariana's that a test needs where the demonstration has none."""

from __future__ import annotations

from datetime import date
from typing import Any


def row_of_ariana(world: Any, model: Any) -> Any:
    """A row of a model that is Ariana's, made where there is none."""
    with world.inside(world.practice):
        path = "episode__patient" if hasattr(model, "episode") else "patient"
        found = model.objects.of(world.practice).filter(**{path: world.ariana}).order_by("pk").first()
        if found is not None:
            return found
        given = {
            "alert": {"kind": "discuss", "reason": "asks for a change", "raised_on": date(2026, 3, 2)},
            "socialneed": {"diagnosis_code": "Z59.0", "noted_on": date(2026, 3, 2)},
            "worknote": {"text": "Call the pharmacy", "due_on": date(2026, 3, 9)},
        }[model._meta.model_name]
        row = model(organization_id=world.practice.organization_id, patient=world.ariana, **given)
        row.save(force_insert=True)
        return row
