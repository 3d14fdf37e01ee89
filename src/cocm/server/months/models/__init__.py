"""The models of the area, one module a noun."""

from cocm.server.months.models.answers import MonthItem, PatientMonth
from cocm.server.months.models.runs import MonthRun, RunKind, RunReport
from cocm.server.months.models.sign_offs import SignOff

__all__ = (
    "MonthItem",
    "MonthRun",
    "PatientMonth",
    "RunKind",
    "RunReport",
    "SignOff",
)
