"""Claims that are at hand as bytes are checked as the same bytes in a file are."""

from pathlib import Path

import pytest
from scrub_samples import AS_OF, claim_file, medicare

from cocm.basics.errors import UnusableInput
from cocm.rules.rulebook import shipped_rulebook
from cocm.scrub.report import ClaimReport
from cocm.scrub.scrub import Scrub, ScrubRequest


def claims(request: ScrubRequest) -> list[ClaimReport]:
    scrub = Scrub(request, shipped_rulebook())
    scrub.prepare()
    return [report for report in scrub.reports() if isinstance(report, ClaimReport)]


def test_bytes_say_what_their_file_says(tmp_path: Path) -> None:
    path = claim_file(tmp_path, "march.837", medicare(1), medicare(2))
    of_file = claims(ScrubRequest((path,), AS_OF, "medicare"))
    of_bytes = claims(ScrubRequest((), AS_OF, "medicare", texts=(("march.837", path.read_bytes()),)))
    assert of_bytes == of_file and len(of_file) == 2


def test_bytes_that_are_no_claims_are_refused_by_name() -> None:
    scrub = Scrub(ScrubRequest((), AS_OF, texts=(("body", b"no claims at all"),)), shipped_rulebook())
    with pytest.raises(UnusableInput, match="body"):
        scrub.prepare()
