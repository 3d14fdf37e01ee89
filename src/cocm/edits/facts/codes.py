"""What the line's code is for, under the payer's rules on the date of service.

A code whose role the payer's pack leaves unknown is unknown only where some payer uses the code in that role.
"""

from __future__ import annotations

from cocm.edits.codes import ADDON
from cocm.edits.context import LineContext
from cocm.edits.fact import FactValue, Kind, Scope, fact
from cocm.edits.kleene import UNKNOWN


@fact(
    Scope.LINE,
    Kind.BOOLEAN,
    says="the line has the payer's add-on code",
    denies="the line does not have the payer's add-on code",
    sql="""
        case when p.addon_code is null and not l.is_addon_code then false
        else l.hcpcs_code = p.addon_code end
    """,
    clean=False,
    may_be_unknown=True,
    rules=(ADDON,),
)
def is_addon(line: LineContext) -> FactValue:
    """The line's code is the payer's add-on code on the date of service."""
    code = line.policy["addon_code"]
    if code is UNKNOWN and not line.role.is_addon:
        return False
    return line.line.hcpcs_code == code
