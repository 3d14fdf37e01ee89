"""Lines with the same code for the same person and month, on this claim and on the practice's earlier ones."""

from __future__ import annotations

from cocm.care.records import ClaimStatus
from cocm.claims.submission import ORIGINAL, REPLACEMENT, VOID
from cocm.edits.context import STANDING_STATUSES, LineContext
from cocm.edits.fact import FactValue, Kind, Scope, fact


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of lines of this claim and month with the same code",
    sql="count(*) filter (where k.is_this_claim and k.is_same_code)",
    clean=1,
    is_aggregate=True,
)
def same_code_lines_claim(line: LineContext) -> FactValue:
    """Lines of the claim in the same month with the same code, this one included."""
    code = line.line.hcpcs_code
    return sum([other.hcpcs_code == code for other in line.month.on_claim])


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of earlier originals with the same code for the month",
    sql="""
        count(*) filter (where k.is_same_service and k.frequency_code = '1'
            and k.status in ('sent', 'accepted', 'paid', 'voided'))
    """,
    clean=0,
    is_aggregate=True,
)
def same_code_originals_month(line: LineContext) -> FactValue:
    """Originals that this practice sent before with the code for the month, neither rejected nor denied."""
    return sum(
        [
            other.frequency_code == ORIGINAL
            and (other.status in STANDING_STATUSES or other.status is ClaimStatus.VOIDED)
            for other in line.earlier_same_code
        ]
    )


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of earlier replacements with the same code for the month",
    sql="""
        count(*) filter (where k.is_same_service and k.frequency_code = '7' and k.stands)
    """,
    clean=0,
    is_aggregate=True,
)
def same_code_replacements_month(line: LineContext) -> FactValue:
    """Replacements that this practice sent before with the code for the month and that stand."""
    return sum([other.frequency_code == REPLACEMENT and other.stands for other in line.earlier_same_code])


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of earlier claims with the same code for the month that were voided",
    sql="""
        case when count(*) filter (where k.is_same_service and k.frequency_code = '8'
            and k.status in ('sent', 'accepted', 'paid'))
            > count(*) filter (where k.is_same_service and k.frequency_code <> '8' and k.status = 'voided')
        then count(*) filter (where k.is_same_service and k.frequency_code = '8'
            and k.status in ('sent', 'accepted', 'paid'))
        else count(*) filter (where k.is_same_service and k.frequency_code <> '8' and k.status = 'voided')
        end
    """,
    clean=0,
    is_aggregate=True,
)
def same_code_voids_month(line: LineContext) -> FactValue:
    """Voids for the code and month, told by a void claim or by the status of what was voided, whichever are more."""
    earlier = line.earlier_same_code
    void_claims = sum(
        [other.frequency_code == VOID and other.status in STANDING_STATUSES for other in earlier]
    )
    voided = sum([other.frequency_code != VOID and other.status is ClaimStatus.VOIDED for other in earlier])
    return max(void_claims, voided)


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of earlier void claims with the same code for the month",
    sql="""
        count(*) filter (where k.is_same_service and k.frequency_code = '8'
            and k.status in ('sent', 'accepted', 'paid'))
    """,
    clean=0,
    is_aggregate=True,
)
def same_code_void_claims_month(line: LineContext) -> FactValue:
    """Void claims that this practice sent before for the code and month, neither rejected nor denied."""
    return sum(
        [
            other.frequency_code == VOID and other.status in STANDING_STATUSES
            for other in line.earlier_same_code
        ]
    )


@fact(
    Scope.LINE,
    Kind.INTEGER,
    says="the number of earlier claims with the same code for the month that were denied",
    sql="""
        count(*) filter (where k.is_same_service and k.frequency_code <> '8' and k.status = 'denied')
    """,
    clean=0,
    is_aggregate=True,
)
def same_code_denials_month(line: LineContext) -> FactValue:
    """Claims that this practice sent before with the code for the month and that the payer denied."""
    return sum(
        [
            other.frequency_code != VOID and other.status is ClaimStatus.DENIED
            for other in line.earlier_same_code
        ]
    )
