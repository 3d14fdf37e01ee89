"""What a decision says is kept as one text; a state written before that says the same after its migration."""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest

from cocm.remits.decision import AdjustmentAmount, ClaimDecision, DecidedLine, DecisionStatus, content_of
from cocm.store.decision_content import NO_CONTENT, TEXTS_MAX, ContentTexts, read_content
from cocm.store.remittances import Remittances
from cocm.store.state import PracticeState

ADJUSTMENTS = (AdjustmentAmount("CO", "45", 3000), AdjustmentAmount("OA", "23", -1))
LINES = (
    DecidedLine("99493", Decimal(1), 18000, 14000, 15000, (AdjustmentAmount("PR", "3", 1000),), ()),
    DecidedLine("99494", None, 6000, 0, None, (), ("N418", "N706")),
)
OLD_ROWS = """
INSERT INTO practice VALUES ('ORG');
INSERT INTO received_file VALUES ('f', '835', 'a.835', 1, '2026-05-04');
INSERT INTO payment VALUES ('R-1', '1', 'PLAN', '', 'EFT1', '2026-04-20', NULL, 'ACH', 'I', 14000, '', 'f');
INSERT INTO decision VALUES ('D-1', 'R-1', 1, 'C-1', 'ICN1', '1', '2026-03-31', NULL, NULL, 'MA01', 24000, 14000,
    3000, 0, 0, 0, 1000, 0, 6000, 0, 'f', 10, 90);
INSERT INTO decision VALUES ('D-2', 'R-1', 0, '', '', '1', NULL, NULL, NULL, '', 100, 100, 0, 0, 0, 0, 0, 0, 0, 0,
    'f', 90, 99);
INSERT INTO decision VALUES ('D-3', 'R-1', 1, 'lost', 'ICN1', '22', NULL, NULL, NULL, '', -24000, -14000, -3000, 0,
    0, 0, -1000, 0, -6000, 0, 'f', 99, 120);
INSERT INTO interchange VALUES (1, 'PLAN', 24314, '2026-04-02', 'a', '', 0, 1, 24000);
INSERT INTO claim VALUES ('C-1', 'P1', 24314, 'PLAN', 1, '', '1', 24000, 1, '2026-04-02', '1', '1', '');
INSERT INTO decision_match VALUES ('D-1', 'C-1', 'control_number', '2026-05-04');
INSERT INTO decision_match VALUES ('D-3', 'C-1', 'payer_number', '2026-05-04');
INSERT INTO decision_line VALUES ('D-1', 1, '99493', '1', 18000, 14000, 15000, '');
INSERT INTO decision_line VALUES ('D-1', 2, '99494', NULL, 6000, 0, NULL, 'N418 N706');
INSERT INTO decision_adjustment VALUES ('D-1', 0, 0, 'CO', '45', 3000);
INSERT INTO decision_adjustment VALUES ('D-1', 0, 1, 'OA', '23', -1);
INSERT INTO decision_adjustment VALUES ('D-1', 1, 0, 'PR', '3', 1000);
"""


def decision(lines: tuple[DecidedLine, ...] = LINES) -> ClaimDecision:
    return ClaimDecision(
        "D-1", "R-1", "C-1", "ICN1", DecisionStatus("1"), 24000, 14000, 1000, date(2026, 3, 31), None, None, "",
        ADJUSTMENTS, ("MA01",), lines, 10, 90, content_of(ADJUSTMENTS, lines),
    )  # fmt: skip


def test_a_decision_reads_back_as_it_was_written() -> None:
    assert read_content(ContentTexts().of(decision())) == (ADJUSTMENTS, LINES)


def test_nothing_said_is_the_text_of_no_content() -> None:
    nothing = decision(())._replace(adjustments=(), content="")
    assert ContentTexts().of(nothing) == NO_CONTENT and read_content(NO_CONTENT) == ((), ())


def test_only_so_many_texts_are_remembered() -> None:
    texts = ContentTexts()
    for cents in range(TEXTS_MAX + 5):
        texts.of(decision((LINES[0]._replace(charge_amount_cents=cents),)))
        assert len(texts) <= TEXTS_MAX


@pytest.fixture
def old_state(tmp_path: Path) -> Path:
    path = tmp_path / "state.sqlite"
    folder = resources.files("cocm.store") / "migrations"
    with sqlite3.connect(path) as connection:
        for name in ("0001_initial.sql", "0002_after_the_claim.sql"):
            connection.executescript((folder / name).read_text(encoding="utf-8"))
        connection.executescript(OLD_ROWS)
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    return path


def test_an_older_state_says_the_same_after_its_migration(old_state: Path) -> None:
    with PracticeState(old_state, "ORG") as state:
        remittances = Remittances(state)
        assert remittances.decision("D-1") == decision()
        assert remittances.lines("D-2") == ()
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            state.connection.execute("UPDATE decision SET content_json = '[]'")


def test_an_older_states_decisions_stay_with_their_claims(old_state: Path) -> None:
    with PracticeState(old_state, "ORG") as state:
        remittances = Remittances(state)
        (rows,) = remittances.accounts("C-1")
        assert rows.claim_of_decision == {"D-1": "C-1", "D-3": "C-1"}
        assert remittances.claims_by_payer_number() == {"ICN1": {"C-1"}}
        assert list(remittances.unmatched()) == []
        (sums,) = remittances.payments()
        assert (sums.claim_count, sums.other_claim_count, sums.other_claims_paid_cents) == (3, 1, 100)
