"""The columns of a postal address, alike in every table."""

from __future__ import annotations

from cocm.intake.contract import Column, Kind


def address_columns(
    prefix: str = "", *, required: bool, identifying: bool, is_billing: bool = False
) -> tuple[Column, ...]:
    """`is_billing`: the address is one of those that a claim gives with the ZIP code's four added digits."""
    whose = "The policy holder's" if prefix else "The"

    def column(name: str, kind: Kind, meaning: str, example: str, length_max: int) -> Column:
        return Column(
            prefix + name,
            kind,
            meaning,
            example,
            required=required,
            length_max=length_max,
            identifying=identifying,
        )

    example, advice = ("96001", "keep its leading zeros")
    if is_billing:
        example, advice = ("960010142", "a claim asks for all nine digits (ZIP+4)")
    return (
        column("address_line", Kind.TEXT, f"{whose} street address.", "100 Example Street", 55),
        column("city", Kind.TEXT, f"{whose} city.", "Redding", 30),
        column("state", Kind.STATE, f"{whose} state or territory.", "CA", 2),
        column("postal_code", Kind.POSTAL_CODE, f"{whose} ZIP code; {advice}.", example, 10),
    )
