"""Saving a plan."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from cocm.basics.months import Month
from cocm.insight.given import OWN
from cocm.server.access.actor import Actor
from cocm.server.access.permissions import Permission
from cocm.server.audit.trail import record
from cocm.server.audit.verbs import Verb
from cocm.server.dashboard.models import FinancialPlan
from cocm.server.dashboard.selectors import plan_in_force, plan_of


@transaction.atomic
def plan_save(*, actor: Actor, first_month: Month, values: Mapping[str, str], today: date) -> FinancialPlan:
    """Save the plan that holds from now on; the one in force where nothing changed.

    `values` may hold every input: those that are the rulebook's defaults are left out.
    Raises `UnusableInput` naming the input that cannot be planned with.
    """
    actor.require(Permission.FIGURES_VIEW)
    plan = plan_of(dict(values), first_month)
    own = {one.name: one.value for one in plan.given.inputs if one.basis == OWN}
    before = plan_in_force(actor=actor, today=today)
    if before.saved is not None and (before.saved.inputs, before.first_month) == (own, first_month):
        return before.saved
    saved = FinancialPlan(
        organization_id=actor.organization_id,
        first_month_index=first_month.index,
        inputs=own,
        saved_by_id=actor.user_id,
    )
    saved.full_clean()
    saved.save(force_insert=True)
    changed = {name for name in {*own, *(before.saved.inputs if before.saved else {})}
               if own.get(name) != (before.saved.inputs if before.saved else {}).get(name)}  # fmt: skip
    record(
        actor,
        Verb.ADDED,
        object_type="financial_plan",
        object_id=saved.pk,
        details={"inputs": sorted(changed)},
    )
    return saved
