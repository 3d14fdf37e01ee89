"""Good files to start from: those of the tests, written by hand and by our own writer."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "x12"))

from claim_samples import make_claim, make_dependent, written
from wire_breaks import CLAIMS, REMITTANCE, SECONDARY


def seeds() -> dict[str, bytes]:
    """Each seed by its name."""
    claims = [make_claim(1), make_dependent(2)]
    return {
        "claims-by-hand": CLAIMS.encode(),
        "secondary-by-hand": SECONDARY.encode(),
        "remittance-by-hand": REMITTANCE.encode(),
        "claims-written": written(claims),
        "claims-in-lines": CLAIMS.replace("~", "~\r\n").encode(),
        "claims-of-two-transactions": written(claims, claims_per_transaction=1),
        "two-interchanges": CLAIMS.encode() + REMITTANCE.encode(),
    }
