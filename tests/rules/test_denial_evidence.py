"""The published denial rates stand together, each with what it counts, whose, when and from where."""

from __future__ import annotations

from pathlib import Path

from cocm.rules import Rulebook
from cocm.rules.check import check_rulebook
from cocm.rules.denial_evidence import DENIAL_EVIDENCE, denial_evidence


def test_the_headline_never_stands_without_its_counter_evidence() -> None:
    figures = denial_evidence(Rulebook())
    assert {(one.percent, one.counted, one.year) for one in figures} == {
        (20, "claims", "2018"),
        (8, "claims", ""),
        (5, "services", "2017"),
        (32, "services", "2018"),
    }
    assert all(one.population and one.note and one.source_title for one in figures)
    assert all(one.source_url.startswith("https://") for one in figures if one.counted == "services")
    assert "32 % of services (Collaborative Care and general" in next(
        one.text for one in figures if one.percent == 32
    )


def test_a_figure_without_a_known_source_is_told(tmp_path: Path) -> None:
    (tmp_path / "denials").mkdir()
    head = "figure,year,percent,counted,population,note,source\n"
    (tmp_path / DENIAL_EVIDENCE).write_text(f"{head}mine,2026,1,claims,ours,none,hearsay\n")
    told = [str(problem) for problem in check_rulebook(Rulebook((tmp_path,)))]
    assert any("source 'hearsay' does not stand in sources.yaml" in text for text in told)
