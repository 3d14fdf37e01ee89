"""Whatever a file has become, the scrub ends in a report or in a named error."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scrub_samples import RULEBOOK, claim_file, medicare, person, scrubbed

from cocm.basics.errors import CocmError
from cocm.scrub.document import json_end, json_parts
from cocm.scrub.text import report_lines, totals_lines

PIECES = (
    b"",
    b" ",
    b"*",
    b":",
    b"~",
    b"~~",
    b"99999999999999999999",
    b"-5",
    b"NaN",
    b"1e9",
    b"\xe9",
    b"\x00",
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_ends_in_a_report_or_a_named_error(tmp_path: Path, data: st.DataObject) -> None:
    sound = claim_file(tmp_path, "sound.837", person(1), person(1, claim_number=2), medicare(3))
    content = bytearray(sound.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.sampled_from(PIECES))
        if not content:
            return
    damaged = tmp_path / "damaged.837"
    damaged.write_bytes(bytes(content))

    with suppress(CocmError):
        scrub, reports = scrubbed(damaged, history=sound)
        lines = [line for report in reports for line in report_lines(report)]
        assert lines and list(totals_lines(scrub.totals, scrub.history, "2026-04-02"))
        parts = "".join(json_parts(iter(reports), RULEBOOK, "2026-04-02", None))
        assert json.loads(parts + json_end(scrub.totals, scrub.history))["totals"]["claims_read"] >= 0
