"""`cocm rules check` finds every fault of a rulebook at once, and none in the shipped one."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_rulebook import ACME, CAP, WriteFiles

from cocm.basics.errors import RulebookError
from cocm.rules import Rulebook, Severity
from cocm.rules.check import check_rulebook


def found(root: Path, *overlays: Path) -> list[str]:
    """The texts of the findings (what is only worth knowing left out), each with its file's name."""
    problems = check_rulebook(Rulebook(overlays, base=root))
    return [f"{problem.path.name}: {problem.text}" for problem in problems if problem.is_finding]


def one_row(*fields: str) -> str:
    """A row of values with these fields, the rest as usual."""
    usual = {"observed": "2024-01-01", "confidence": "stated", "source": "policy"}
    given = dict(field.split(": ") for field in fields)
    return "      - {" + ", ".join(f"{name}: {text}" for name, text in (usual | given).items()) + "}\n"


def cap_with(*rows: str) -> str:
    """The rule with these rows and without cases."""
    return CAP.split("    values:")[0] + "    values:\n" + "".join(one_row(*row.split(", ")) for row in rows)


def test_nothing_is_wrong_with_the_shipped_rulebook() -> None:
    assert check_rulebook(Rulebook()) == ()


def test_a_sound_small_rulebook_only_tells_which_sources_are_unused(small: WriteFiles) -> None:
    problems = check_rulebook(Rulebook(base=small({})))
    assert {problem.severity for problem in problems} == {Severity.INFORM}
    assert [problem.text.split()[1] for problem in problems] == ["blog", "bulletin", "memory"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (
            ["effective_from: 2020-01-01, value: 1", "effective_from: 2020-01-01, value: 2"],
            "two values overlap",
        ),
        (
            [
                "effective_from: 2020-01-01, effective_to: 2022-01-01, value: 1",
                "effective_from: 2021-01-01, value: 2",
            ],
            "the value from 2020-01-01 to 2022-01-01 overlaps the one from 2021-01-01",
        ),
        (
            [
                "effective_from: 2020-01-01, effective_to: 2021-01-01, value: 1",
                "effective_from: 2022-01-01, value: 2",
            ],
            "nothing holds from 2021-01-01 until 2022-01-01",
        ),
        (
            ["effective_from: 2020-01-01, effective_to: 2021-01-01, value: 1"],
            "nothing holds from 2021-01-01;",
        ),
        (["effective_from: 2020-01-01, effective_to: 2020-01-01, value: 1"], "is not after effective_from"),
    ],
)
def test_overlaps_and_gaps_are_found(small: WriteFiles, rows: list[str], message: str) -> None:
    (text,) = found(small({"rules/limit.cap.yaml": cap_with(*rows)}))
    assert message in text


def test_an_explicit_unknown_closes_a_gap(small: WriteFiles) -> None:
    unknown = one_row("effective_from: 2021-01-01", "value: unknown", "confidence: unknown", "source: memory")
    rule = cap_with("effective_from: 2020-01-01, effective_to: 2021-01-01, value: 1") + unknown
    assert found(small({"rules/limit.cap.yaml": rule})) == []


def test_a_correction_is_no_overlap(small: WriteFiles) -> None:
    corrected = one_row("effective_from: 2020-01-01", "value: 2", "observed: 2025-01-01")
    inserted = one_row("effective_from: 2020-07-01", "value: 3", "observed: 2025-01-01")
    rule = cap_with(
        "effective_from: 2020-01-01, effective_to: 2021-01-01, value: 1",
        "effective_from: 2021-01-01, value: 4",
    )
    assert found(small({"rules/limit.cap.yaml": rule + corrected})) == []
    assert found(small({"rules/limit.cap.yaml": rule + inserted})) == []


def test_an_assumed_value_that_blocks_is_refused(small: WriteFiles) -> None:
    assumed = CAP.replace("confidence: stated", "confidence: assumed")
    (text,) = found(small({"rules/limit.cap.yaml": assumed}))
    assert "limit.cap.yaml: the value from 2020-01-01 is assumed and would block" in text
    warns = assumed.replace("confidence: assumed", "confidence: assumed, severity: review")
    assert found(small({"rules/limit.cap.yaml": warns})) == []


@pytest.mark.parametrize(
    ("confidence", "source", "is_refused"),
    [
        ("stated", "policy", False),
        ("stated", "bulletin", False),
        ("stated", "blog", True),
        ("stated", "memory", True),
        ("secondary", "blog", False),
        ("secondary", "memory", True),
    ],
)
def test_a_confidence_must_be_borne_by_its_source(
    small: WriteFiles, confidence: str, source: str, is_refused: bool
) -> None:
    rule = CAP.replace("confidence: stated", f"confidence: {confidence}").replace(
        "source: policy", f"source: {source}"
    )
    texts = found(small({"rules/limit.cap.yaml": rule}))
    assert bool(texts) is is_refused
    assert all(f"is {confidence}, but its source '{source}' has grade" in text for text in texts)


def test_a_case_that_fails_is_told_with_what_was_found(small: WriteFiles) -> None:
    rule = CAP.replace("{at: 2020-01-01, expect: 4}", "{at: 2020-01-01, payer: acme, expect: none}")
    assert found(small({"rules/limit.cap.yaml": rule})) == [
        "limit.cap.yaml: case 2: acme on 2020-01-01 is 4, expected none"
    ]


def test_a_case_may_ask_what_was_known_on_a_day(small: WriteFiles) -> None:
    rule = CAP + "      - {at: 2020-01-01, known: 2023-12-31, expect: not-defined}\n"
    assert found(small({"rules/limit.cap.yaml": rule})) == []
    assert found(small({"rules/limit.cap.yaml": rule.replace("2023-12-31", "2024-01-01")})) == [
        "limit.cap.yaml: case 3: cpt on 2020-01-01 is 4, expected not-defined"
    ]


def test_a_case_for_a_payer_that_does_not_exist(small: WriteFiles) -> None:
    rule = CAP + "      - {at: 2020-01-01, payer: nobody, expect: 4}\n"
    assert found(small({"rules/limit.cap.yaml": rule})) == [
        "limit.cap.yaml: case 3: there is no payer 'nobody'"
    ]


def test_parents_that_do_not_exist_or_go_round(small: WriteFiles) -> None:
    orphan = ACME.replace("acme", "orphan").replace("parent: cpt", "parent: gone")
    one = ACME.replace("acme", "one").replace("parent: cpt", "parent: two")
    two = ACME.replace("acme", "two").replace("parent: cpt", "parent: one")
    root = small(
        {
            "payers/orphan/profile.yaml": orphan,
            "payers/one/profile.yaml": one,
            "payers/two/profile.yaml": two,
        }
    )
    assert found(root) == [
        "profile.yaml: its parents go round in a circle: two > one",
        "profile.yaml: its parent 'gone' has no readable profile",
        "profile.yaml: its parents go round in a circle: one > two",
    ]


def test_overrides_must_name_a_rule_and_a_payer_that_exist(small: WriteFiles) -> None:
    override = "id: limit.cap\nvalues:\n" + one_row("effective_from: 2020-01-01", "value: 1").replace(
        "      -", "  -"
    )
    root = small(
        {
            "payers/acme/rules/limit.cop.yaml": override.replace("limit.cap", "limit.cop"),
            "payers/nobody/rules/limit.cap.yaml": override,
        }
    )
    assert found(root) == [
        "limit.cop.yaml: overrides the rule limit.cop, which does not exist",
        "limit.cap.yaml: payer nobody has no profile.yaml",
    ]


def test_files_that_nobody_reads_are_found(small: WriteFiles) -> None:
    root = small(
        {"rules/limit.cup.yml": CAP, "payers/acme/limit.cap.yaml": CAP, "rules/old/limit.cap.yaml": CAP}
    )
    assert [text.split(":")[0] for text in found(root)] == [
        "limit.cap.yaml",
        "limit.cup.yml",
        "limit.cap.yaml",
    ]
    assert all("is not read" in text for text in found(root))


def test_tables_name_sources_that_exist(small: WriteFiles) -> None:
    catalogue = """
        tables:
          rates:
            {path: fees/rates.csv, label: Rates, grain: One code., key: [hcpcs_code], editions: none,
             columns: {hcpcs_code: the code, source: where}}
    """
    rows = "hcpcs_code,source\nX,policy\nY,elsewhere\nZ,\n"
    root = small({"tables.yaml": catalogue, "fees/rates.csv": rows})
    assert found(root) == [
        "rates.csv: a row has no source",
        "rates.csv: source 'elsewhere' does not stand in sources.yaml",
    ]


def test_a_table_has_the_columns_of_the_catalogue_and_a_stray_one_is_named(overlay: WriteFiles) -> None:
    ours = overlay(
        {
            "ncci/mue.csv": "hcpcs_code,units\n",
            "fees/our_rates.csv": "hcpcs_code,source\n",
        }
    )
    texts = [problem.text for problem in check_rulebook(Rulebook([ours])) if problem.is_finding]
    assert texts == [
        "is not read; the tables are those that tables.yaml lists",
        "its columns are not setting, hcpcs_code, effective_from, effective_to, units_max, "
        "adjudication_indicator, source",
    ]


def test_every_fault_is_told_at_once(small: WriteFiles) -> None:
    bad = """
        id: limit.cap
        label: Units payable
        kind: integer
        severity: stop
        meaning: The most units payable.
        contradiction: seven
        colour: red
        values:
          - {effective_from: soon, observed: 2024-01-01, value: four, confidence: sure, source: pollicy}
          - {effective_from: 2021-01-01, value: 4, confidence: stated}
        cases:
          - {at: never, expect: 4}
          - {expect: 4}
    """
    root = small(
        {
            "rules/limit.cap.yaml": bad,
            "rules/broken.yaml": "a: [",
            "sources.yaml": "policy: {title: P, url: u, grade: Z}\nnote: {title: N}\n",
            "payers/acme/profile.yaml": "id: acme\n",
            "payers/acme/rules/limit.cap.yaml": "id: limit.cup\nvalues: []\n",
        }
    )
    texts = "\n".join(found(root))
    for expected in (
        "severity 'stop'",
        "contradiction 'seven'",
        "unknown field colour",
        "value 1: effective_from is 'soon'",
        "value 1: 'four' is not a whole number",
        "value 1: confidence 'sure'",
        "value 1: source 'pollicy'",
        "value 2: observed is None",
        "value 2: source is missing",
        "case 1: at is 'never'",
        "case 2: at is None",
        "broken.yaml: not readable",
        "source policy has grade 'Z'",
        "source note needs a url",
        "profile.yaml: line_of_business is missing",
        "id is 'limit.cup', expected 'limit.cap'",
        "values must be a list",
    ):
        assert expected in texts, f"not told: {expected}\n{texts}"


def test_an_overlay_that_restates_a_value_leaves_the_shipped_cases_alone(
    small: WriteFiles, overlay: WriteFiles
) -> None:
    ours = overlay(
        {
            "rules/limit.cap.yaml": CAP.replace("value: 4", "value: 9").replace("expect: 4", "expect: 9"),
        }
    )
    assert found(small({}), ours) == []


def test_an_overlay_is_checked_too(small: WriteFiles, overlay: WriteFiles) -> None:
    ours = overlay({"rules/limit.cap.yaml": CAP.replace("value: 4", "value: 9")})
    assert found(small({}), ours) == ["limit.cap.yaml: case 2: cpt on 2020-01-01 is 9, expected 4"]


@pytest.mark.parametrize("files", [{}, {"notes.txt": "x"}, {"deeper/payers/acme/profile.yaml": ACME}])
def test_a_folder_without_rules_is_no_overlay(
    small: WriteFiles, overlay: WriteFiles, files: dict[str, str]
) -> None:
    folder = overlay(files)
    folder.mkdir(exist_ok=True)
    with pytest.raises(
        RulebookError, match="overlay: holds no rules; expected at least one of the folders rules/"
    ):
        Rulebook([folder], base=small({}))


def test_files_at_the_wrong_level_are_told(small: WriteFiles, overlay: WriteFiles) -> None:
    folder = overlay(
        {
            "limit.cap.yaml": CAP,
            "payers/acme/limit.cap.yaml": CAP,
            "rule/limit.cap.yaml": CAP,
            "codes/limit.cap.yml": CAP,
            ".github/build.yaml": "on: push",
            "sources.yaml": "own: {title: A contract, url: here, grade: B}",
        }
    )
    told = [text.split(";")[0] for text in found(small({}), folder)]
    assert told == ["limit.cap.yml: is not read"] + 3 * ["limit.cap.yaml: is not read"]
