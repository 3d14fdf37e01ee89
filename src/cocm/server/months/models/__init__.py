"""The models of the area, one module a noun."""

from cocm.server.months.models.answers import MonthItem, PatientMonth
from cocm.server.months.models.runs import ACTIVE, MonthRun, RunKind, RunReport, RunState
from cocm.server.months.models.sign_offs import SignOff

__all__ = (
    "ACTIVE",
    "MonthItem",
    "MonthRun",
    "PatientMonth",
    "RunKind",
    "RunReport",
    "RunState",
    "SignOff",
)
