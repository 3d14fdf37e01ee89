"""Packs inherit and override by date, and remember what was known when."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from small_rulebook import WriteFiles

from cocm.basics.errors import RulebookError, UnknownPayer, UnknownRule
from cocm.rules import Confidence, Rulebook, Severity

DAY = date(2026, 3, 31)


def rows(*values: str) -> str:
    """An override of `limit.cap` with these rows."""
    return "id: limit.cap\nvalues:\n" + "".join(f"  - {{{value}, source: policy}}\n" for value in values)


def test_a_payer_answers_only_for_its_own_dates_and_the_root_for_the_rest(small: WriteFiles) -> None:
    own = rows("effective_from: 2025-01-01, observed: 2025-01-01, value: 2, confidence: stated")
    pack = Rulebook(base=small({"payers/acme/rules/limit.cap.yaml": own})).pack("acme")
    assert pack.on(date(2019, 12, 31)).value("limit.cap").state == "not-defined"
    assert pack.on(date(2024, 12, 31)).integer("limit.cap") == 4
    assert pack.on(date(2024, 12, 31)).value("limit.cap").payer_id == "cpt"
    assert pack.on(date(2025, 1, 1)).integer("limit.cap") == 2
    assert pack.on(date(2025, 1, 1)).value("limit.cap").payer_id == "acme"


def test_an_explicit_unknown_stops_the_search_and_yields_no_data(small: WriteFiles) -> None:
    own = rows("effective_from: 2025-01-01, observed: 2025-01-01, value: unknown, confidence: unknown")
    value = (
        Rulebook(base=small({"payers/acme/rules/limit.cap.yaml": own}))
        .pack("acme")
        .on(DAY)
        .value("limit.cap")
    )
    assert value.state == "unknown"
    assert (value.integer, value.is_known, value.may_block) == (None, False, False)
    assert "unknown" in value.cite


def test_none_is_an_answer_and_not_an_unknown(small: WriteFiles) -> None:
    own = rows("effective_from: 2025-01-01, observed: 2025-01-01, value: none, confidence: stated")
    value = (
        Rulebook(base=small({"payers/acme/rules/limit.cap.yaml": own}))
        .pack("acme")
        .on(DAY)
        .value("limit.cap")
    )
    assert (value.state, value.value, value.payer_id) == ("known", None, "acme")


def test_a_corrected_value_gives_the_old_answer_for_what_was_known_then(small: WriteFiles) -> None:
    own = rows(
        "effective_from: 2025-01-01, observed: 2025-01-01, value: 2, confidence: stated",
        "effective_from: 2025-01-01, observed: 2026-02-01, value: 3, confidence: stated",
    )
    rulebook = Rulebook(base=small({"payers/acme/rules/limit.cap.yaml": own}))
    assert rulebook.pack("acme").on(DAY).integer("limit.cap") == 3
    assert rulebook.pack("acme", known_on=date(2026, 2, 1)).on(DAY).integer("limit.cap") == 3
    assert rulebook.pack("acme", known_on=date(2026, 1, 31)).on(DAY).integer("limit.cap") == 2
    assert rulebook.pack("acme", known_on=date(2024, 12, 31)).on(DAY).integer("limit.cap") == 4
    assert (
        rulebook.pack("acme", known_on=date(2023, 12, 31)).on(DAY).value("limit.cap").state == "not-defined"
    )


def test_a_value_that_began_earlier_than_thought_is_inserted_without_touching_the_old_row(
    small: WriteFiles,
) -> None:
    own = rows(
        "effective_from: 2025-01-01, effective_to: 2026-01-01, observed: 2025-01-01, "
        "value: 2, confidence: stated",
        "effective_from: 2026-01-01, observed: 2025-01-01, value: 4, confidence: stated",
        "effective_from: 2025-07-01, observed: 2026-02-01, value: 3, confidence: stated",
    )
    rulebook = Rulebook(base=small({"payers/acme/rules/limit.cap.yaml": own}))
    august = date(2025, 8, 31)
    assert rulebook.pack("acme").on(august).integer("limit.cap") == 3
    assert rulebook.pack("acme", known_on=date(2025, 12, 31)).on(august).integer("limit.cap") == 2
    assert rulebook.pack("acme").on(DAY).integer("limit.cap") == 4


def test_a_row_ends_on_its_own_effective_to(small: WriteFiles) -> None:
    own = rows(
        "effective_from: 2025-01-01, effective_to: 2026-01-01, observed: 2025-01-01, "
        "value: 2, confidence: stated"
    )
    pack = Rulebook(base=small({"payers/acme/rules/limit.cap.yaml": own})).pack("acme")
    last = pack.on(date(2025, 12, 31)).value("limit.cap")
    assert (last.integer, last.effective_to) == (2, date(2026, 1, 1))
    assert pack.on(date(2026, 1, 1)).value("limit.cap").payer_id == "cpt"


def test_an_assumed_value_never_blocks(small: WriteFiles) -> None:
    own = rows(
        "effective_from: 2025-01-01, observed: 2025-01-01, value: 2, confidence: assumed, severity: review"
    )
    value = (
        Rulebook(base=small({"payers/acme/rules/limit.cap.yaml": own}))
        .pack("acme")
        .on(DAY)
        .value("limit.cap")
    )
    assert (value.confidence, value.severity, value.may_block) == (Confidence.ASSUMED, Severity.REVIEW, False)


def test_the_steps_name_every_pack_that_was_asked(small: WriteFiles) -> None:
    own = rows("effective_from: 2027-01-01, observed: 2025-01-01, value: 2, confidence: stated")
    steps = (
        Rulebook(base=small({"payers/acme/rules/limit.cap.yaml": own})).pack("acme").steps("limit.cap", DAY)
    )
    assert [(step.payer_id, step.has_file, step.answer is not None) for step in steps] == [
        ("acme", True, False),
        ("cpt", True, True),
    ]


CONTRACT = """
    id: acme-north
    label: Acme, our contract of 2026
    parent: acme
    line_of_business: commercial
    claim_filing_code: "CI"
"""


def test_an_overlay_adds_a_payer_with_a_parent_and_restates_one_value(
    small: WriteFiles, overlay: WriteFiles
) -> None:
    ours = overlay(
        {
            "sources.yaml": 'contract: {title: Our contract, url: "contracts/acme-2026.pdf", grade: B}\n',
            "payers/acme-north/profile.yaml": CONTRACT,
            "payers/acme-north/rules/limit.cap.yaml": rows(
                "effective_from: 2026-01-01, observed: 2026-01-05, value: 6, confidence: stated"
            ).replace("policy", "contract"),
        }
    )
    base = small({})
    rulebook = Rulebook([ours], base=base)
    assert rulebook.payer_ids == ("acme", "acme-north", "cpt")
    assert rulebook.chain("acme-north") == ("acme-north", "acme", "cpt")
    assert rulebook.pack("acme-north").on(DAY).integer("limit.cap") == 6
    assert rulebook.pack("acme-north").on(DAY).value("limit.cap").source.title == "Our contract"  # type: ignore[union-attr]
    assert rulebook.pack("acme").on(DAY).integer("limit.cap") == 4
    assert rulebook.content_hash != Rulebook(base=base).content_hash


def test_an_overlay_restates_a_shipped_payer(small: WriteFiles, overlay: WriteFiles) -> None:
    ours = overlay(
        {
            "payers/acme/rules/limit.cap.yaml": rows(
                "effective_from: 2025-01-01, observed: 2025-01-01, value: 1, confidence: stated"
            )
        }
    )
    assert Rulebook([ours], base=small({})).pack("acme").on(DAY).integer("limit.cap") == 1


def test_a_folder_that_does_not_exist_is_refused() -> None:
    with pytest.raises(RulebookError, match="no such folder of rules"):
        Rulebook([Path("nowhere")])


def test_unknown_names_are_refused_with_the_nearest_ones(small: WriteFiles) -> None:
    rulebook = Rulebook(base=small({}))
    with pytest.raises(UnknownRule, match=r"did you mean limit\.cap"):
        rulebook.rule("limits.cap")
    with pytest.raises(UnknownRule):
        rulebook.rule("../sources")
    with pytest.raises(UnknownPayer, match="there are acme, cpt"):
        rulebook.pack("acne")


def test_the_same_files_have_the_same_hash(small: WriteFiles) -> None:
    base = small({})
    assert Rulebook(base=base).content_hash == Rulebook(base=base).content_hash
    (base / "rules" / "limit.cap.yaml").touch()
    assert Rulebook(base=base).content_hash == Rulebook(base=base).content_hash
